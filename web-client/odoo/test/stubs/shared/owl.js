// Components are never drawn here: see drawing.test.js for that.
export class Component {
  constructor(props, env) {
    Object.assign(this, { props, env });
    this.setup();
  }

  setup() {}
}

export const useState = (state) => state;
export const onWillUnmount = () => {};
export const onMounted = () => {};

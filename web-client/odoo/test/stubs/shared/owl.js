// Odoo's own OWL where it decides what works: state is seen through proxies, a class with private fields is not.
// Components are never drawn here: see drawing.test.js for that.
import { markRaw, reactive, toRaw } from '../../../node_modules/@odoo/owl/dist/owl.es.js';

export { markRaw, reactive, toRaw };

export class Component {
  constructor(props, env) {
    Object.assign(this, { props, env });
    this.setup();
  }

  setup() {}
}

/** A component's own proxy: never the same object as the store's. */
export const useState = (state) => reactive(state, () => {});
export const onWillUnmount = () => {};
export const onMounted = () => {};

// Odoo 16.0's popup: it ends with an answer or without.
export default class AbstractAwaitablePopup {
  constructor(props) {
    this.props = props;
    this.setup();
  }

  setup() {}

  async confirm() {
    this.props.resolve({ confirmed: true, payload: await this.getPayload() });
  }

  cancel() {
    this.props.resolve({ confirmed: false, payload: null });
  }
}

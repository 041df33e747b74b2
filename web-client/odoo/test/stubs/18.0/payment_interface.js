// The contract of Odoo 18.0, written from its description in the addon's README.
export class PaymentInterface {
  constructor(pos, paymentMethod) {
    this.setup(pos, paymentMethod);
  }

  setup(pos, paymentMethod) {
    this.env = pos.env;
    this.pos = pos;
    this.payment_method_id = paymentMethod;
    this.supports_reversals = false;
  }

  get fast_payments() {
    return true;
  }

  send_payment_request() {}
  send_payment_cancel() {}
}

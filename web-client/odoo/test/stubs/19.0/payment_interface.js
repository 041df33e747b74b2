// The contract of Odoo 19.0, written from its description in the addon's README.
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

  get fastPayments() {
    return true;
  }

  sendPaymentRequest() {}
  sendPaymentCancel() {}
}

export class PaymentInterface {
  constructor(pos, payment_method) {
    Object.assign(this, { pos, env: pos.env, payment_method, supports_reversals: false });
  }

  send_payment_request() {}
  send_payment_cancel() {}
}

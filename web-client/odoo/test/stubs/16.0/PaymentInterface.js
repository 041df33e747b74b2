// Odoo 16.0's class before classes: `extend`, and `_super` in each method.
function extend(methods) {
  const Parent = this;
  class Child extends Parent {}
  for (const [name, method] of Object.entries(methods)) {
    Child.prototype[name] = function (...given) {
      const before = this._super;
      this._super = Parent.prototype[name];
      try {
        return method.apply(this, given);
      } finally {
        this._super = before;
      }
    };
  }
  return Child;
}

export default class PaymentInterface {
  static extend = extend;

  constructor(pos, payment_method) {
    Object.assign(this, { pos, payment_method, supports_reversals: false });
  }

  send_payment_request() {}
  send_payment_cancel() {}
}

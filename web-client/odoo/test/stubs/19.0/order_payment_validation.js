// Odoo 19.0's end of a sale: from the payment screen, and from the product screen's buttons of one press.

export default class OrderPaymentValidation {
  constructor({ pos, orderUuid, fastPaymentMethod = null }) {
    Object.assign(this, { pos, orderUuid });
    if (fastPaymentMethod) this.order.addPaymentline(fastPaymentMethod);
  }

  get order() {
    return this.pos.models['pos.order'].find(({ uuid }) => uuid === this.orderUuid);
  }

  get paymentLines() {
    return this.order.payment_ids;
  }

  async validateOrder() {
    if (!(await this.isOrderValid())) return false;
    this.paymentLines.filter((line) => !line.isDone() || line.amount === 0).forEach((line) => this.order.removePaymentline(line));
    this.order.finalized = true;
    await this.pos.syncAllOrders({ throw: true }).catch(() => {});
    return true;
  }

  async isOrderValid() {
    return !this.order.isRefundInProcess() && this.order.isPaid();
  }
}

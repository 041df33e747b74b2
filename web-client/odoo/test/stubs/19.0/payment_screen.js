// Odoo 19.0's payment screen as a cashier uses it.

export class PaymentScreen {
  constructor(pos, order) {
    Object.assign(this, { pos, currentOrder: order });
  }

  get paymentLines() {
    return this.currentOrder.payment_ids;
  }

  get isRefundOrder() {
    return this.currentOrder.total < 0;
  }

  async addNewPaymentLine(method) {
    if (this.pos.paymentTerminalInProgress && method.use_payment_terminal) return 'in progress';
    const line = this.currentOrder.addPaymentline(method);
    if (!line) return 'in progress';
    if (method.use_payment_terminal && !this.isRefundOrder && method.payment_terminal.fastPayments) this.sendPaymentRequest(line);
    return line;
  }

  async sendPaymentRequest(line) {
    this.pos.paymentTerminalInProgress = true;
    const paid = await line.pay();
    // No `finally`: what rejects above leaves the till blocked.
    this.pos.paymentTerminalInProgress = false;
    const order = line.pos_order_id;
    if (paid && order.isPaid() && order.getDue() === 0) await this.validateOrder();
  }

  async sendPaymentCancel(line) {
    line.setPaymentStatus('waitingCancel');
    const cancelled = await line.payment_method_id.payment_terminal.sendPaymentCancel(this.currentOrder, line.uuid);
    line.setPaymentStatus(cancelled ? 'retry' : 'waitingCard');
    if (cancelled) this.pos.paymentTerminalInProgress = false;
  }

  deletePaymentLine(uuid) {
    const line = this.paymentLines.find((other) => other.uuid === uuid);
    if (['waiting', 'waitingCard', 'timeout'].includes(line.getPaymentStatus())) {
      line.setPaymentStatus('waitingCancel');
      line.payment_method_id.payment_terminal.sendPaymentCancel(this.currentOrder, uuid).then(() => this.currentOrder.removePaymentline(line));
    } else if (line.getPaymentStatus() !== 'waitingCancel') {
      this.currentOrder.removePaymentline(line);
    }
  }

  async sendForceDone(line) {
    line.setPaymentStatus('done');
  }

  async validateOrder() {
    if (!this.currentOrder.isPaid()) return;
    this.paymentLines.filter((line) => !line.isDone() || line.amount === 0).forEach((line) => this.currentOrder.removePaymentline(line));
    this.currentOrder.finalized = true;
    await this.pos.syncAllOrders().catch(() => {});
  }
}

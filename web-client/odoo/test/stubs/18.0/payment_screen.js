// Odoo 18.0's payment screen as a cashier uses it.

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
    const line = this.currentOrder.add_paymentline(method);
    if (!line) return 'in progress';
    if (method.use_payment_terminal && !this.isRefundOrder && method.payment_terminal.fast_payments) this.sendPaymentRequest(line);
    return line;
  }

  async sendPaymentRequest(line) {
    this.pos.paymentTerminalInProgress = true;
    const paid = await line.pay();
    // No `finally`: what rejects above leaves the till blocked.
    this.pos.paymentTerminalInProgress = false;
    const order = line.pos_order_id;
    if (paid && order.is_paid() && order.get_due() === 0) await this.validateOrder();
  }

  async sendPaymentCancel(line) {
    line.set_payment_status('waitingCancel');
    const cancelled = await line.payment_method_id.payment_terminal.send_payment_cancel(this.currentOrder, line.uuid);
    line.set_payment_status(cancelled ? 'retry' : 'waitingCard');
    if (cancelled) this.pos.paymentTerminalInProgress = false;
  }

  deletePaymentLine(uuid) {
    const line = this.paymentLines.find((other) => other.uuid === uuid);
    if (['waiting', 'waitingCard', 'timeout'].includes(line.get_payment_status())) {
      line.set_payment_status('waitingCancel');
      line.payment_method_id.payment_terminal.send_payment_cancel(this.currentOrder, uuid).then(() => this.currentOrder.remove_paymentline(line));
    } else if (line.get_payment_status() !== 'waitingCancel') {
      this.currentOrder.remove_paymentline(line);
    }
  }

  async sendForceDone(line) {
    line.set_payment_status('done');
  }

  async validateOrder() {
    if (!this.currentOrder.is_paid()) return;
    this.paymentLines.filter((line) => !line.is_done() || line.amount === 0).forEach((line) => this.currentOrder.remove_paymentline(line));
    this.currentOrder.finalized = true;
    await this.pos.syncAllOrders().catch(() => {});
  }
}

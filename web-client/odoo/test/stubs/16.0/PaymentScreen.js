// Odoo 16.0's payment screen as a cashier uses it: its methods take events.

export default class PaymentScreen {
  /** @param {any} env whose `pos` is a proxy of the page's own @param {string} uid of the order */
  constructor(env, uid) {
    Object.assign(this, { env, uid });
  }

  get currentOrder() {
    return this.env.pos.orders.find(({ uid }) => uid === this.uid);
  }

  get paymentLines() {
    return this.currentOrder.paymentlines;
  }

  addNewPaymentLine({ detail: method }) {
    return !!this.currentOrder.add_paymentline(method);
  }

  async _sendPaymentRequest({ detail: line }) {
    line.set_payment_status('waiting');
    const paid = await line.payment_method.payment_terminal.send_payment_request(line.cid);
    line.set_payment_status(paid ? 'done' : 'retry');
    if (paid && line.order.is_paid() && line.order.get_due() === 0) await this.validateOrder();
  }

  async _sendPaymentCancel({ detail: line }) {
    line.set_payment_status('waitingCancel');
    const cancelled = await line.payment_method.payment_terminal.send_payment_cancel(this.currentOrder, line.cid);
    line.set_payment_status(cancelled ? 'retry' : 'waitingCard');
  }

  deletePaymentLine({ detail: { cid } }) {
    const line = this.paymentLines.find((other) => other.cid === cid);
    if (['waiting', 'waitingCard', 'timeout'].includes(line.get_payment_status())) {
      line.set_payment_status('waitingCancel');
      line.payment_method.payment_terminal.send_payment_cancel(this.currentOrder, cid).then(() => this.currentOrder.remove_paymentline(line));
    } else if (line.get_payment_status() !== 'waitingCancel') {
      this.currentOrder.remove_paymentline(line);
    }
  }

  async _sendForceDone({ detail: line }) {
    line.set_payment_status('done');
  }

  async validateOrder() {
    if (!this.currentOrder.is_paid()) return;
    this.paymentLines.filter((line) => !line.is_done()).forEach((line) => this.currentOrder.remove_paymentline(line));
    this.currentOrder.finalized = true;
    await this.env.pos.push().catch(() => {});
  }
}

// Odoo 17.0's payment screen as a cashier uses it.

import { useState } from './owl.js';

export class PaymentScreen {
  /** @param {any} pos the store: what a component has is a proxy of its own @param {string} uid of the order */
  constructor(pos, uid) {
    Object.assign(this, { pos: useState(pos), uid });
  }

  get currentOrder() {
    return this.pos.orders.find(({ uid }) => uid === this.uid);
  }

  get paymentLines() {
    return this.currentOrder.paymentlines;
  }

  addNewPaymentLine(method) {
    if (this.pos.paymentTerminalInProgress && method.use_payment_terminal) return false;
    return !!this.currentOrder.add_paymentline(this.pos.payment_methods.find(({ id }) => id === method.id));
  }

  async sendPaymentRequest(line) {
    this.pos.paymentTerminalInProgress = true;
    const paid = await line.pay();
    this.pos.paymentTerminalInProgress = false;
    if (paid && line.order.is_paid() && line.order.get_due() === 0) await this.validateOrder();
  }

  async sendPaymentCancel(line) {
    line.set_payment_status('waitingCancel');
    const cancelled = await line.payment_method.payment_terminal.send_payment_cancel(this.currentOrder, line.cid);
    line.set_payment_status(cancelled ? 'retry' : 'waitingCard');
  }

  deletePaymentLine(cid) {
    const line = this.paymentLines.find((other) => other.cid === cid);
    if (['waiting', 'waitingCard', 'timeout'].includes(line.get_payment_status())) {
      line.set_payment_status('waitingCancel');
      line.payment_method.payment_terminal.send_payment_cancel(this.currentOrder, cid).then(() => this.currentOrder.remove_paymentline(line));
    } else if (line.get_payment_status() !== 'waitingCancel') {
      this.currentOrder.remove_paymentline(line);
    }
  }

  async sendForceDone(line) {
    line.set_payment_status('done');
  }

  async validateOrder() {
    if (!this.currentOrder.is_paid()) return;
    this.paymentLines.filter((line) => !line.is_done()).forEach((line) => this.currentOrder.remove_paymentline(line));
    this.currentOrder.finalized = true;
    await this.pos.push().catch(() => {});
  }
}

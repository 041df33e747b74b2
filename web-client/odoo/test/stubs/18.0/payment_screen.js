// Odoo 18.0's payment screen as a cashier uses it.

import { useState } from './owl.js';

export class PaymentScreen {
  /** @param {any} pos the store: what a component has is a proxy of its own @param {string} orderUuid */
  constructor(pos, orderUuid) {
    Object.assign(this, { pos: useState(pos), props: { orderUuid } });
  }

  get currentOrder() {
    return this.pos.orders.find(({ uuid }) => uuid === this.props.orderUuid);
  }

  get paymentLines() {
    return this.currentOrder.payment_ids;
  }

  async addNewPaymentLine(method) {
    if (this.pos.paymentTerminalInProgress && method.use_payment_terminal) return;
    if (!this.currentOrder.add_paymentline(method)) return false;
    if (method.use_payment_terminal && method.payment_terminal.fast_payments) this.sendPaymentRequest(this.paymentLines.at(-1));
    return true;
  }

  async sendPaymentRequest(line) {
    this.pos.paymentTerminalInProgress = true;
    const paid = await line.pay();
    // No `finally`: what rejects above leaves the till blocked.
    this.pos.paymentTerminalInProgress = false;
    const order = line.pos_order_id;
    if (paid && order.is_paid() && order.get_due() === 0) this.validateOrder();
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
    await this.pos.syncAllOrders({ throw: true }).catch(() => {});
  }
}

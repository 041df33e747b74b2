// Odoo 19.0's payment screen as a cashier uses it.

import OrderPaymentValidation from './order_payment_validation.js';
import { useState } from './owl.js';

export class PaymentScreen {
  /** @param {any} pos the store: what a component has is a proxy of its own @param {string} orderUuid */
  constructor(pos, orderUuid) {
    Object.assign(this, { pos: useState(pos), props: { orderUuid } });
    // Odoo locks it against a second press.
    const validate = this.validateOrder.bind(this);
    let running;
    this.validateOrder = (...given) => (running ??= validate(...given).finally(() => (running = undefined)));
  }

  get currentOrder() {
    return this.pos.orders.find(({ uuid }) => uuid === this.props.orderUuid);
  }

  get paymentLines() {
    return this.currentOrder.payment_ids;
  }

  get isRefundOrder() {
    return this.currentOrder.isRefund;
  }

  async addNewPaymentLine(method) {
    if (this.pos.paymentTerminalInProgress && method.use_payment_terminal) return;
    const { status } = this.currentOrder.addPaymentline(method);
    if (!status) return false;
    const line = this.paymentLines.at(-1);
    if (method.use_payment_terminal && !this.isRefundOrder && method.payment_terminal.fastPayments) this.sendPaymentRequest(line);
    return true;
  }

  async sendPaymentRequest(line) {
    this.pos.paymentTerminalInProgress = true;
    const paid = await line.pay();
    // No `finally`: what rejects above leaves the till blocked.
    this.pos.paymentTerminalInProgress = false;
    this.#validateIfPaid(line, paid);
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
    this.pos.paymentTerminalInProgress = false;
    this.#validateIfPaid(line, true);
  }

  async validateOrder(isForceValidate = false) {
    await new OrderPaymentValidation({ pos: this.pos, orderUuid: this.currentOrder.uuid }).validateOrder(isForceValidate);
  }

  #validateIfPaid(line, paid) {
    const order = line.pos_order_id;
    if (paid && order.isPaid() && !order.isRefundInProcess()) this.validateOrder(false);
  }
}

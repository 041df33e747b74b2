// The whole of it, as a test opens it: Odoo 19.0 in one page.

import '@pos_caisse_relay/app/payment_caisse_relay';
import '@pos_caisse_relay/app/payment_screen';
import '@pos_caisse_relay/app/pos_store';
import '@pos_caisse_relay/app/navbar';
import { AlertDialog } from './confirmation_dialog.js';
import { PaymentScreen } from './payment_screen.js';
import OrderPaymentValidation from './order_payment_validation.js';
import { PosStore } from './pos_store.js';

/** @param {any} shop `server`, `browser`, `methods`, `dialogs`, and what `RelayTill` takes: `connect`, `storage` */
export async function open({ server, browser, methods, others: _notLoaded, dialogs, config = {}, ...caisseRelayOptions }) {
  const service = {
    add: (Dialog, props, { onClose } = {}) =>
      Dialog === AlertDialog ? dialogs.tell(props.title, props.body) : dialogs.ask(props, props.choose, () => onClose?.()),
  };
  const all = { id: 7, name: 'Caisse 1', payment_method_ids: methods, ...config };
  const pos = new PosStore({ server, browser, config: all, dialogs: service, caisseRelayOptions });
  await pos.processServerData();
  return new Page(pos);
}

/** The button of one press on the product screen. */
export const fast = (page, order, method) =>
  new OrderPaymentValidation({ pos: page.pos, orderUuid: order.uuid, fastPaymentMethod: method }).validateOrder(false);

class Page {
  constructor(pos) {
    this.pos = pos;
    this.screens = new Map();
  }

  get till() {
    return this.pos.caisseRelay;
  }

  get lines() {
    return this.pos.orders.flatMap((order) => order.payment_ids);
  }

  sale(total) {
    return this.pos.addOrder(total);
  }

  screen(order) {
    if (!this.screens.has(order.uuid)) this.screens.set(order.uuid, new PaymentScreen(this.pos, order.uuid));
    return this.screens.get(order.uuid);
  }

  statusOf(line) {
    return line.payment_status;
  }

  adviceOf(line) {
    return line.uiState.caisse_relay?.advice;
  }

  async pay(order, { id }) {
    const screen = this.screen(order);
    const method = screen.pos.config.payment_method_ids.find((each) => each.id === id);
    return (await screen.addNewPaymentLine(method)) ? order.payment_ids.at(-1) : 'in progress';
  }

  press(name, line) {
    const screen = this.screen(line.pos_order_id);
    if (name === 'Cancel') return screen.sendPaymentCancel(line);
    if (name === 'Force done') return screen.sendForceDone(line);
    if (name === 'Delete') return screen.deletePaymentLine(line.uuid);
    return screen.sendPaymentRequest(line);
  }

  validate(order) {
    return this.screen(order).validateOrder();
  }

  sync() {
    return this.pos.syncAllOrders();
  }

  /** What Odoo had begun to write is written, then the page is gone. */
  leave() {
    if (this.pos.writing) this.pos.writeToBrowser();
  }
}

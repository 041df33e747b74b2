// What Odoo 17.0 and 16.0 have in common where a payment terminal is met: orders and lines are models that are written
// as JSON, and a line's `cid` is another one after a reload. Written from observed behaviour and checked against Odoo's
// source (see ODOO.md), of which nothing is copied.

import { reactive } from './owl.js';

const interfaces = {};
const round = (amount) => Math.round(amount * 100) / 100;
let cids = 0;

export function register_payment_method(name, Interface) {
  interfaces[name] = Interface;
}

export class Payment {
  amount = 0;
  ticket = '';
  cid = `c${(cids += 1)}`;

  constructor(pos, { order, method, json }) {
    Object.assign(this, { pos, order });
    if (json) this.init_from_JSON(json);
    else this.payment_method = method;
  }

  init_from_JSON(json) {
    this.payment_method = this.pos.payment_methods.find(({ id }) => id === json.payment_method_id);
    for (const name of ['amount', 'payment_status', 'ticket', 'card_type', 'transaction_id']) this[name] = json[name];
  }

  export_as_JSON() {
    const { amount, payment_status, ticket, card_type, transaction_id } = this;
    return { payment_method_id: this.payment_method.id, amount, payment_status, ticket, card_type, transaction_id };
  }

  get_amount() {
    return this.amount;
  }

  set_amount(amount) {
    this.order.assert_editable();
    this.amount = round(amount);
  }

  get_payment_status() {
    return this.payment_status;
  }

  set_payment_status(status) {
    this.payment_status = status;
  }

  set_receipt_info(text) {
    this.ticket += text;
  }

  is_done() {
    return !this.payment_status || ['done', 'reversed'].includes(this.payment_status);
  }
}

/** Odoo's list of lines: its `at` counts from the front alone. */
class Collection extends Array {
  at(index) {
    return this[index];
  }

  remove({ cid }) {
    const index = this.findIndex((other) => other.cid === cid);
    if (index >= 0) this.splice(index, 1);
  }
}

export class Order {
  paymentlines = new Collection();
  finalized = false;

  constructor(pos, { uid, total }) {
    Object.assign(this, { pos, uid, total });
  }

  assert_editable() {
    if (this.finalized) throw new Error('Finalized Order cannot be modified');
  }

  add_paymentline(method) {
    this.assert_editable();
    if (this.paymentlines.some((line) => !line.is_done())) return undefined;
    const due = this.get_due();
    const line = new this.pos.Payment(this.pos, { order: this, method });
    this.paymentlines.push(line);
    line.set_amount(due);
    if (method.payment_terminal) line.set_payment_status('pending');
    // What is returned is not what is in the list: no proxy.
    return line;
  }

  remove_paymentline(line) {
    this.assert_editable();
    this.paymentlines.remove(line);
  }

  get_paid() {
    return round(this.paymentlines.filter((line) => line.is_done()).reduce((sum, line) => sum + line.amount, 0));
  }

  get_due() {
    return round(this.total - this.get_paid());
  }

  is_paid() {
    return this.total < 0 ? this.get_paid() <= this.total : this.get_paid() >= this.total;
  }

  _isRefundOrder() {
    return this.total < 0;
  }

  get_tip() {
    return this.tip ?? 0;
  }

  set_tip(amount) {
    this.tip = amount;
    this.total = round(this.total + amount);
  }

  export_as_JSON() {
    return { uid: this.uid, total: this.total, statement_ids: this.paymentlines.map((line) => [0, 0, line.export_as_JSON()]) };
  }
}

export class Pos {
  paymentTerminalInProgress = false;
  orders = [];
  Payment = Payment;
  currency = { name: 'EUR', decimal_places: 2 };

  constructor({ server, browser, config, methods, env, ...more }) {
    Object.assign(this, { server, browser, config, payment_methods: methods, env, ...more });
    return reactive(this);
  }

  /** Orders that are not on the server come back from the browser. */
  async after_load_server_data() {
    for (const method of this.payment_methods) {
      const Interface = interfaces[method.use_payment_terminal];
      if (Interface) method.payment_terminal = new Interface(this, method);
    }
    for (const { statement_ids, ...json } of JSON.parse(this.browser.get('orders') ?? '[]')) {
      const order = new Order(this, json);
      statement_ids.forEach((line) => order.paymentlines.push(new this.Payment(this, { order, json: line[2] })));
      this.orders.push(order);
    }
  }

  add_order(total) {
    this.orders.push(new Order(this, { uid: crypto.randomUUID(), total }));
    this.selected = this.orders.at(-1);
    return this.selected;
  }

  get_order() {
    return this.selected;
  }

  get_cashier() {
    return { name: 'Zoé' };
  }

  format_currency(amount) {
    return `${amount.toFixed(2)} €`;
  }

  write() {
    const unsaved = this.orders.filter(({ saved }) => !saved);
    // Each order has a proxy of its own, which writes it.
    this.browser.set('orders', JSON.stringify(unsaved.map((order) => reactive(order, () => {}).export_as_JSON())));
  }

  async push() {
    const closed = this.orders.filter(({ finalized, saved }) => finalized && !saved);
    await this._save_to_server(closed);
    closed.forEach((order) => (order.saved = true));
  }

  async _save_to_server(orders) {
    const sent = JSON.parse(JSON.stringify(orders.map((order) => order.export_as_JSON())));
    await this.server.save(sent.map(({ uid, statement_ids }) => ({ uuid: uid, payments: statement_ids.map((line) => line[2]) })));
    return sent;
  }
}

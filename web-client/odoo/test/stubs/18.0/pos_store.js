// What of Odoo 18.0's point of sale meets a payment terminal: records that survive a reload, a line's statuses, the
// order that goes to the server. Written from observed behaviour and checked against Odoo's source (see ODOO.md),
// of which nothing is copied.

import { reactive } from './owl.js';

const interfaces = {};

export function register_payment_method(name, Interface) {
  interfaces[name] = Interface;
}

const PROOF = ['transaction_id', 'card_type', 'card_no', 'payment_method_authcode', 'caisse_relay_payment'];

export class Payment {
  uiState = {};
  ticket = '';
  amount = 0;

  constructor(pos, { order, method, ...fields }) {
    Object.assign(this, fields);
    this.pos = pos;
    this.pos_order_id = order;
    this.payment_method_id = method;
  }

  get_amount() {
    return this.amount;
  }

  set_amount(amount) {
    this.pos_order_id.assert_editable();
    this.amount = Math.round(amount * 100) / 100;
  }

  get_payment_status() {
    return this.payment_status;
  }

  set_payment_status(status) {
    this.payment_status = status;
  }

  is_done() {
    return !this.payment_status || ['done', 'reversed'].includes(this.payment_status);
  }

  set_receipt_info(text) {
    this.ticket += text;
  }

  async pay() {
    this.set_payment_status('waiting');
    return this.handle_payment_response(await this.payment_method_id.payment_terminal.send_payment_request(this.uuid));
  }

  handle_payment_response(paid) {
    this.set_payment_status(paid ? 'done' : 'retry');
    // A line that is gone has no method: Odoo throws a TypeError here.
    if (paid) this.can_be_reversed = this.payment_method_id.payment_terminal.supports_reversals;
    return paid;
  }

  written() {
    const { uuid, amount, payment_status, ticket, uiState } = this;
    const proof = Object.fromEntries(PROOF.map((name) => [name, this[name]]));
    return JSON.parse(JSON.stringify({ uuid, amount, payment_status, ticket, uiState, method: this.payment_method_id.id, ...proof }));
  }
}

export class Order {
  payment_ids = [];
  finalized = false;

  constructor(pos, { uuid, total }) {
    Object.assign(this, { pos, uuid, total });
  }

  assert_editable() {
    if (this.finalized) throw new Error('Finalized Order cannot be modified');
  }

  add_paymentline(method) {
    if (this.payment_ids.some((line) => !line.is_done())) return false;
    const due = this.get_due();
    this.assert_editable();
    return this.pos.models['pos.payment'].create({
      uuid: crypto.randomUUID(),
      pos_order_id: this,
      payment_method_id: method,
      amount: due,
      payment_status: method.payment_terminal ? 'pending' : undefined,
    });
  }

  remove_paymentline(line) {
    this.assert_editable();
    this.payment_ids = this.payment_ids.filter(({ uuid }) => uuid !== line.uuid);
    line.pos_order_id = line.payment_method_id = undefined;
  }

  get_total_paid() {
    return round(this.payment_ids.filter((line) => line.is_done()).reduce((sum, line) => sum + line.amount, 0));
  }

  get_due() {
    return round(this.total - this.get_total_paid());
  }

  _isRefundOrder() {
    return this.total < 0;
  }

  is_paid() {
    return this.total < 0 ? this.get_total_paid() <= this.total : this.get_total_paid() >= this.total;
  }

  get_tip() {
    return this.tip ?? 0;
  }
}

const round = (amount) => Math.round(amount * 100) / 100;

export class PosStore {
  paymentTerminalInProgress = false;
  orders = [];

  /**
   * As Odoo's: whoever has the store has a proxy of it.
   * @param {{ server: any, browser: Map<string, string>, config: object, dialogs: any, caisseRelayOptions: object }} shop
   */
  constructor({ server, browser, config, dialogs, caisseRelayOptions }) {
    Object.assign(this, { server, browser, config, caisseRelayOptions });
    const store = reactive(this);
    this.currency = { name: 'EUR', iso_numeric: 978, decimal_places: 2 };
    const orm = { silent: { call: (model, method, args) => server.call(model, method, args) } };
    this.env = { services: { dialog: dialogs, orm }, utils: { formatCurrency: (amount) => `${amount.toFixed(2)} €` } };
    this.models = {
      'pos.payment': {
        find: (test) => store.payments.find(test),
        filter: (test) => store.payments.filter(test),
        create: ({ pos_order_id, payment_method_id, ...fields }) => {
          pos_order_id.payment_ids.push(new Payment(store, { order: pos_order_id, method: payment_method_id, ...fields }));
          return pos_order_id.payment_ids.at(-1);
        },
      },
      'pos.order': { find: (test) => store.orders.find(test) },
    };
    return store;
  }

  get payments() {
    return this.orders.flatMap((order) => order.payment_ids);
  }

  /** Orders that are not on the server come back from the browser. */
  async processServerData() {
    for (const method of this.config.payment_method_ids) {
      const Interface = interfaces[method.use_payment_terminal];
      if (Interface) method.payment_terminal = new Interface(this, method);
    }
    for (const { lines, ...order } of JSON.parse(this.browser.get('orders') ?? '[]')) {
      this.orders.push(new Order(this, order));
      const made = this.orders.at(-1);
      for (const { method, ...fields } of lines) {
        const found = this.config.payment_method_ids.find(({ id }) => id === method);
        made.payment_ids.push(new Payment(this, { order: made, method: found, ...fields }));
      }
    }
  }

  /** Odoo does this by itself, a moment after each change. */
  writeToBrowser() {
    const unsaved = this.orders.filter(({ saved }) => !saved);
    const written = unsaved.map(({ uuid, total, payment_ids }) => ({ uuid, total, lines: payment_ids.map((line) => line.written()) }));
    this.browser.set('orders', JSON.stringify(written));
  }

  addOrder(total) {
    this.orders.push(new Order(this, { uuid: crypto.randomUUID(), total }));
    this.selected = this.orders.at(-1);
    return this.selected;
  }

  get_order() {
    return this.selected;
  }

  get_cashier() {
    return { name: 'Zoé' };
  }

  /** A product's line: it is there a moment later. */
  async set_tip(amount) {
    await null;
    this.selected.assert_editable();
    this.selected.tip = amount;
    this.selected.total = round(this.selected.total + amount);
  }

  /** An error is an answer, unless it is asked to throw. */
  async syncAllOrders(options = {}) {
    const closed = this.orders.filter(({ finalized, saved }) => finalized && !saved);
    try {
      await this.server.save(closed.map(({ uuid, payment_ids }) => ({ uuid, payments: payment_ids.map((line) => line.written()) })));
    } catch (error) {
      if (options.throw) throw error;
      return error;
    }
    closed.forEach((order) => (order.saved = true));
    return closed;
  }
}

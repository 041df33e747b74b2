// A relay for the unit tests of a point of sale: the client's interface, scripted outcomes, no network, no waiting.
//
//   const world = new MockRelay();
//   world.next({ outcome: 'declined' }, { outcome: 'approved', paid: 1350 });
//   const relay = world.connect({ till: 'Caisse 1' });   // as `connect` of the client
//
// It keeps what a relay keeps: a second `connect` is the page after a reload. `world.ledger` is what the terminal
// really charged, which is what a test should count.

import { RelayError } from '../caisse-relay.js';
import { english } from '../english.js';
import { french } from '../french.js';
import { Sentences } from '../sentences.js';

/** @typedef {import('../caisse-relay.js').Payment} Payment */
/** @typedef {import('../caisse-relay.js').Order} Order */
/** @typedef {import('../caisse-relay.js').Relay} Relay */
/** @typedef {import('./mock.js').Step} Step */

const CHARGED = /** @type {const} */ ({ approved: 'yes', declined: 'no', not_sent: 'no', unknown: 'maybe' });

/** @typedef {import('./mock.js').MockRelay} World */

/** @implements {World} */
export class MockRelay {
  /** @type {Payment[]} */
  payments = [];
  /** @type {World['ledger']} */
  ledger = [];
  /** Every message a page sent. @type {any[]} */
  heard = [];
  /** @type {World['terminals']} */
  terminals = [{ name: 'comptoir', label: 'Comptoir', state: 'free', held_by: null, moved_to: null }];
  /** Of a till that has to be paired; empty: none has. */
  code = '';
  /** @type {import('../caisse-relay.js').State} */
  #state = 'ready';
  /** @type {Step[]} */
  #steps = [];
  /** Held payments, by id. @type {Map<string, Step>} */
  #held = new Map();
  /** @type {Set<string>} */
  #denied = new Set();
  /** @type {Set<MockTill>} */
  #tills = new Set();

  /** @param {import('../caisse-relay.js').Options} [options] */
  connect = (options = {}) => {
    const till = new MockTill(this, options);
    this.#tills.add(till);
    queueMicrotask(() => this.state === 'ready' && till.welcome());
    return till;
  };

  get state() {
    return this.#state;
  }

  /** What the next payments do, in order; afterwards all are approved. @param {...Step} steps */
  next(...steps) {
    this.#steps.push(...steps);
  }

  /** The connection of every page. @param {import('../caisse-relay.js').State} state */
  become(state) {
    this.#state = state;
    this.#tills.forEach((till) => till.changed());
  }

  /** The request of a payment that is held at `connecting` is with the terminal. @param {string} id */
  send(id) {
    this.change(id, { step: 'sent', charged: 'maybe', sent_at: new Date().toISOString() });
  }

  /** The terminal answers a payment that is held, or one that is unknown: late. @param {string} id @param {Step} [step] */
  answer(id, step = {}) {
    const before = this.find(id);
    const late = before.phase === 'closed';
    this.close(id, { ...this.#held.get(id), ...step, hold: false }, late);
  }

  /** A page goes: its promises are never kept. @param {any} till */
  forget(till) {
    this.#tills.delete(till);
  }

  /** @param {string} id @returns {Payment} */
  find(id) {
    const found = this.payments.find((payment) => payment.id === id);
    if (found) return found;
    this.#denied.add(id);
    throw this.refusal('unknown_payment', { id });
  }

  /** @param {import('../caisse-relay.js').RefusalCode} code @param {object} [more] */
  refusal(code, more) {
    return new RelayError(code, `refused: ${code}`, { refused: true, ...more });
  }

  /** @param {any} order @param {string} till @returns {Payment} */
  open(order, till) {
    this.heard.push({ type: 'pay', ...order });
    const known = this.payments.find(({ id }) => id === order.id);
    if (known) return known;
    if (this.#denied.has(order.id)) throw this.refusal('id_denied', { id: order.id });
    const doubted = this.payments.find((one) => one.reference === order.reference && one.charged === 'maybe');
    if (order.reference && doubted && order.despite !== doubted.id) {
      throw this.refusal('possible_double_charge', { id: order.id, first: doubted.id });
    }
    const busy = this.payments.find(({ phase, terminal }) => phase === 'waiting' && terminal === this.#terminal(order));
    if (busy) throw this.refusal('terminal_busy', { id: order.id, heldBy: { payment: busy.id, till: busy.till } });
    const step = this.#steps.shift() ?? {};
    if (step.refused) throw this.refusal(step.refused, { id: order.id, heldBy: step.heldBy, first: step.first });
    const payment = this.#made(order, till);
    this.payments.push(payment);
    if (!step.hold) this.close(payment.id, step);
    else {
      this.#held.set(payment.id, step);
      if (step.hold === 'connecting') Object.assign(payment, { step: 'connecting', charged: 'no', sent_at: null });
      this.#holds(payment.terminal, { payment: payment.id, till });
    }
    return this.find(payment.id);
  }

  /** @param {string} id @param {Step} step @param {boolean} [late] */
  close(id, { outcome = 'approved', charges, hold, refused, heldBy, first, ...fields }, late = false) {
    const before = this.find(id);
    const said = before.resolved?.charged;
    const charged = fields.charged ?? CHARGED[outcome ?? 'approved'];
    if (charges ?? outcome === 'approved') this.ledger.push({ id, amount: fields.paid ?? before.amount, operation: before.operation });
    this.#held.delete(id);
    this.#holds(before.terminal, null);
    this.change(id, {
      phase: 'closed',
      step: null,
      outcome,
      charged,
      paid: outcome === 'approved' ? before.amount : null,
      advice: `${outcome}.`,
      late,
      contradicted: !!said && charged !== 'maybe' && said !== charged,
      acknowledged: false,
      closed_at: new Date().toISOString(),
      ...fields,
    });
  }

  /** @param {string} id @param {Partial<Payment>} news */
  change(id, news) {
    const payment = Object.assign(this.find(id), news);
    this.#tills.forEach((till) => till.told(payment));
    return payment;
  }

  /** @param {string} terminal @param {import('../caisse-relay.js').HeldBy | null} holder */
  #holds(terminal, holder) {
    this.terminals = this.terminals.map((one) => (one.name === terminal ? { ...one, state: holder ? 'busy' : 'free', held_by: holder } : one));
  }

  /** @param {Order} order */
  #terminal(order) {
    return order.terminal ?? this.terminals[0].name;
  }

  /** @param {any} order @param {string} till @returns {Payment} */
  #made(order, till) {
    const { id, amount, currency, operation, means = 'card', reference = null } = order;
    const { length } = this.payments;
    return {
      ...{ id, till, terminal: this.#terminal(order), operation, amount, currency, means, reference },
      ...{ phase: 'waiting', step: 'sent', outcome: null, charged: 'maybe', paid: null, reason: null, report: null },
      ...{ receipt: null, remarks: [], advice: 'waiting.', cancel_requested: false, resolved: null, evidence: null },
      ...{ late: false, contradicted: false, acknowledged: false, durable: true },
      ...{ opened_at: new Date().toISOString(), sent_at: new Date().toISOString(), closed_at: null, seq: length + 1 },
    };
  }
}

/**
 * One page.
 * @implements {Relay}
 */
class MockTill {
  #world;
  #store;
  #sentences;
  #paired = false;
  #closed = false;
  /** @type {Map<string, Set<(event: any) => void>>} */
  #listeners = new Map();
  /** @type {{ id: string, resolve: (payment: Payment) => void, reject: (error: unknown) => void, onProgress?: (payment: Payment) => void }[]} */
  #waits = [];
  volatile = false;

  /** @param {MockRelay} world @param {import('../caisse-relay.js').Options} options */
  constructor(world, { till = 'Caisse 1', lang = 'fr', store }) {
    this.#world = world;
    this.#sentences = new Sentences(lang, lang === 'en' ? english : french);
    this.till = till;
    /** @type {Map<string, string>} */
    const map = new Map();
    this.#store = store ?? { get: (key) => map.get(key), set: (key, value) => map.set(key, value), remove: (key) => map.delete(key) };
  }

  /** @returns {import('../caisse-relay.js').State} */
  get state() {
    if (this.#closed) return 'closed';
    return this.#world.code && !this.#paired ? 'not_paired' : this.#world.state;
  }

  get status() {
    const { state } = this;
    const connection = /** @type {any} */ ({ state, case: '', home: 'wss://127.0.0.1:9443/till', permission: 'loopback-network' });
    return { state, message: this.#sentences.say(state), remedy: this.#sentences.remedy(connection), detail: '' };
  }

  get terminals() {
    return this.#world.terminals;
  }

  /** @param {Order} order */
  pay(order) {
    return this.#start({ ...order, operation: 'debit' });
  }

  /** @param {Order} order */
  refund(order) {
    return this.#start({ ...order, operation: 'refund' });
  }

  /** @param {Order} order */
  cancellation(order) {
    return this.#start({ ...order, operation: 'cancellation' });
  }

  /** @param {string} id @param {{ onProgress?: (payment: Payment) => void }} [options] @returns {Promise<Payment>} */
  async resume(id, { onProgress } = {}) {
    if (this.#closed) throw this.#error('closed', id);
    const waiting = this.#wait(id, onProgress);
    if (this.state === 'ready') this.#look(id);
    return waiting;
  }

  /** @returns {Promise<string[]>} */
  async pending() {
    return JSON.parse((await this.#store.get('caisse-relay.pending')) ?? '[]');
  }

  /** @param {string} id @returns {Promise<Payment>} */
  async payment(id) {
    this.#ready(id);
    return { ...this.#world.find(id) };
  }

  /** @param {import('../caisse-relay.js').Filter} [filter] @returns {Promise<Payment[]>} */
  async payments({ since = 0, state, from = '', to = '~', limit = 100 } = {}) {
    this.#ready();
    const listed = {
      open: (/** @type {Payment} */ { phase }) => phase === 'waiting',
      unknown: (/** @type {Payment} */ { outcome, resolved }) => outcome === 'unknown' && !resolved,
      unacknowledged: (/** @type {Payment} */ { acknowledged }) => !acknowledged,
    };
    const wanted = this.#world.payments.filter((one) => one.seq > since && one.opened_at >= from && one.opened_at < to && (!state || listed[state](one)));
    return wanted.slice(0, limit).map((payment) => ({ ...payment }));
  }

  /** @returns {Promise<Payment[]>} */
  async unacknowledged() {
    return (await this.payments({ state: 'unacknowledged', limit: 1000 })).filter(({ till }) => till === this.till);
  }

  /** @param {string} id @returns {Promise<Payment>} */
  async cancel(id) {
    this.#ready(id);
    this.#world.heard.push({ type: 'cancel', id });
    const { phase, step } = this.#world.find(id);
    // Before anything was sent it ends; after, the terminal decides.
    if (phase === 'waiting') this.#world.change(id, { cancel_requested: true, advice: 'red key.' });
    if (step === 'connecting') this.#world.close(id, { outcome: 'not_sent', reason: 'cancelled' });
    return { ...this.#world.find(id) };
  }

  /** @param {string} id @param {import('../caisse-relay.js').Outcome} [outcome] @returns {Promise<Payment>} */
  async acknowledge(id, outcome) {
    this.#ready(id);
    const payment = this.#world.find(id);
    if (payment.phase === 'waiting') throw this.#world.refusal('not_closed', { id });
    if (outcome && outcome !== payment.outcome) throw this.#world.refusal('outcome_changed', { id });
    this.#world.heard.push({ type: 'acknowledge', id, outcome });
    await this.#keep((ids) => ids.filter((other) => other !== id));
    return { ...this.#world.change(id, { acknowledged: true }) };
  }

  /** @param {string} id @param {import('../caisse-relay.js').Resolution} resolution @returns {Promise<Payment>} */
  async resolve(id, { charged, by, note }) {
    this.#ready(id);
    const { outcome, resolved } = this.#world.find(id);
    if (outcome !== 'unknown' || (resolved && resolved.charged !== charged)) throw this.#world.refusal('not_unknown', { id });
    this.#world.heard.push({ type: 'resolve', id, charged, by });
    return { ...this.#world.change(id, { charged, resolved: { charged, by, note: note ?? null, at: new Date().toISOString() } }) };
  }

  /** @param {string} [terminal] @returns {Promise<import('../caisse-relay.js').Identification>} */
  async identify(terminal) {
    this.#ready();
    const found = this.terminals.find(({ name }) => name === (terminal ?? this.terminals[0].name));
    if (!found) throw this.#world.refusal('unknown_terminal');
    const { name, label } = found;
    return { name, label, state: 'ready', version: '0300', terminal_id: '012345678901', message: `${label} is ready.`, n: 1 };
  }

  async release() {
    this.#ready();
  }

  /** @returns {Promise<import('../caisse-relay.js').Exchange>} */
  async exchange() {
    throw this.#world.refusal('unsupported');
  }

  /** @param {string} code */
  async pair(code) {
    if (code.replace(/\s/g, '') !== this.#world.code) throw this.#world.refusal('bad_code');
    this.#paired = true;
    this.changed();
  }

  retry() {
    this.changed();
  }

  close() {
    this.#closed = true;
    this.#world.forget(this);
    this.#waits.splice(0).forEach(({ id, reject }) => reject(this.#error('closed', id)));
  }

  /** @param {string} name @param {(event: any) => void} listener */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  // What the world tells

  welcome() {
    if (this.state !== 'ready') return;
    this.#waits.map(({ id }) => id).forEach((id) => this.#look(id));
    this.#emit('welcome', {});
  }

  changed() {
    this.#emit('state', this.status);
    this.welcome();
  }

  /** @param {Payment} payment */
  told(payment) {
    if (this.state !== 'ready') return;
    const news = { ...payment };
    for (const wait of this.#waits.filter(({ id }) => id === news.id)) {
      wait.onProgress?.(news);
      if (news.phase === 'closed') {
        this.#waits.splice(this.#waits.indexOf(wait), 1);
        wait.resolve(news);
      }
    }
    this.#emit('payment', news);
  }

  // Inside

  /** @param {any} order @returns {Promise<Payment>} */
  async #start({ onProgress, id = crypto.randomUUID(), ...order }) {
    this.#ready(id);
    await this.#keep((ids) => [...new Set([...ids, id])]);
    try {
      this.#world.open({ ...order, id }, this.till);
    } catch (error) {
      await this.#keep((ids) => ids.filter((other) => other !== id));
      throw error;
    }
    const waiting = this.#wait(id, onProgress);
    this.told(this.#world.find(id));
    return waiting;
  }

  /** @param {string} id @param {((payment: Payment) => void) | undefined} onProgress @returns {Promise<Payment>} */
  #wait(id, onProgress) {
    return new Promise((resolve, reject) => this.#waits.push({ id, resolve, reject, onProgress }));
  }

  /** @param {string} id */
  async #look(id) {
    try {
      this.told(this.#world.find(id));
    } catch (cause) {
      await this.#keep((ids) => ids.filter((other) => other !== id));
      const lost = this.#waits.filter((wait) => wait.id === id);
      this.#waits = this.#waits.filter((wait) => wait.id !== id);
      lost.forEach(({ reject }) => reject(this.#error('not_received', id, cause)));
    }
  }

  /** @param {(ids: string[]) => string[]} change */
  async #keep(change) {
    await this.#store.set('caisse-relay.pending', JSON.stringify(change(await this.pending())));
  }

  /** @param {string} [id] */
  #ready(id) {
    if (this.state !== 'ready') throw this.#error(this.#closed ? 'closed' : 'not_connected', id);
  }

  /** @param {import('../caisse-relay.js').ClientErrorCode} code @param {string} [id] @param {unknown} [cause] */
  #error(code, id, cause) {
    return new RelayError(code, this.#sentences.say(code), { id, cause });
  }

  /** @param {string} name @param {unknown} event */
  #emit(name, event) {
    this.#listeners.get(name)?.forEach((listener) => listener(event));
  }
}

// A till's side of `caisse-relay.v1`. The contract is PROTOCOL.md.
//
//   const relay = connect({ till: 'Caisse 1' });
//   const payment = await relay.pay({ amount: 1250, currency: 'EUR' });
//   … record payment.outcome, payment.paid …
//   await relay.acknowledge(payment.id);
//
// Three rules. An id is stored before its `pay` is sent. A `pay` is sent at once
// or never, and once: what became of it is asked, by id. Nothing here turns
// silence into a yes or a no.

import { Connection, OPENING_STATES } from './connection.js';
import { Sentences } from './sentences.js';
import { Ledger, newId, PageStore, Tokens } from './store.js';

const URLS = ['wss://127.0.0.1:9443/till', 'wss://127.0.0.1:9444/till'];
// The version of the protocol, not of the program: who is not paired may read this file too.
const CLIENT = 'caisse-relay-client/1';
const ANSWERS = ['payments', 'terminal', 'exchange', 'released'];
const OUTCOMES = ['approved', 'declined', 'not_sent', 'unknown'];

/** @typedef {import('./caisse-relay.js').Payment} Payment */
/** @typedef {import('./caisse-relay.js').Order} Order */
/** @typedef {import('./caisse-relay.js').Relay} Relay */

export class RelayError extends Error {
  name = 'RelayError';

  /**
   * @param {string} code
   * @param {string} message
   * @param {{ id?: string | null, refused?: boolean, heldBy?: import('./caisse-relay.js').HeldBy | null, first?: string | null, cause?: unknown }} [more]
   */
  constructor(code, message, { id = null, refused = false, heldBy = null, first = null, cause } = {}) {
    super(message, { cause });
    this.code = code;
    this.id = id;
    this.refused = refused;
    this.heldBy = heldBy;
    this.first = first;
  }
}

/** @type {typeof import('./caisse-relay.js').connect} */
export function connect(options = {}) {
  return new TillRelay(options);
}

/**
 * A payment this page waits for.
 * @typedef {object} Watch
 * @property {string} id
 * @property {string} order what was asked, as text; empty when only its outcome is waited for
 * @property {boolean} added true when this call wrote the id to the store
 * @property {boolean} sent
 * @property {boolean} doubt true when only asking the relay can tell whether it knows the payment
 * @property {unknown} cause
 * @property {((payment: Payment) => void)[]} progress
 * @property {Promise<Payment>} promise
 * @property {(payment: Payment) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/**
 * A question that waits for its answer, on this socket only.
 * @typedef {object} Question
 * @property {string} type
 * @property {string | number | null} key its `id` or its `n`
 * @property {(message: any) => boolean} answers
 * @property {(message: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

/** @implements {Relay} */
class TillRelay {
  #sentences;
  #about;
  #store;
  #ledger;
  #connection;
  #n = 0;
  /** @type {Map<string, Watch>} */
  #watches = new Map();
  /** @type {Set<Question>} */
  #questions = new Set();
  /** @type {Map<string, Set<(event: any) => void>>} */
  #listeners = new Map();

  /** @param {import('./caisse-relay.js').Options} options */
  constructor({ url = URLS, till, lang = 'fr', client = CLIENT, store = new PageStore(), token, WebSocket = globalThis.WebSocket }) {
    this.#sentences = new Sentences(lang);
    // The relay's list of paired tills is by name.
    this.#about = { lang, till: till ?? globalThis.location?.host ?? client };
    this.#store = store;
    this.#ledger = new Ledger(store);
    this.#connection = new Connection({
      urls: [url].flat(),
      WebSocket,
      hello: { type: 'hello', client, lang, till },
      tokens: new Tokens(store, token),
      onMessage: (message) => this.#receive(message),
      onState: () => this.#changed(),
    });
    this.#connection.open();
    this.#sentences.loaded.then((fresh) => fresh && this.#emit('state', this.status));
  }

  get state() {
    return this.#connection.state;
  }

  get status() {
    const { state, detail } = this.#connection;
    return { state, message: this.#sentences.say(state), remedy: this.#sentences.remedy(this.#connection), detail };
  }

  get till() {
    return this.#connection.welcome?.till ?? null;
  }

  get terminals() {
    return this.#connection.welcome?.terminals ?? [];
  }

  get volatile() {
    return !!(/** @type {Partial<PageStore>} */ (this.#store).volatile);
  }

  // Payments

  /** @param {Order} order */
  pay(order) {
    return this.#start('debit', order);
  }

  /** @param {Order} order */
  refund(order) {
    return this.#start('refund', order);
  }

  /** @param {Order} order */
  cancellation(order) {
    return this.#start('cancellation', order);
  }

  /** @param {string} id @param {{ onProgress?: (payment: Payment) => void }} [options] */
  async resume(id, { onProgress } = {}) {
    if (this.state === 'closed') throw this.#error('closed', { id });
    const watch = this.#watches.get(id) ?? this.#watch(id, '');
    if (onProgress) watch.progress.push(onProgress);
    if (!watch.order) {
      watch.sent = watch.doubt = true;
      this.#askAbout(watch);
    }
    return watch.promise;
  }

  pending() {
    return this.#ledger.ids();
  }

  /** @param {string} id */
  async payment(id) {
    return this.#ask({ type: 'payment', id });
  }

  /** @param {import('./caisse-relay.js').Filter} [filter] @returns {Promise<Payment[]>} */
  async payments(filter = {}) {
    const answer = await this.#ask({ ...filter, type: 'payments', n: ++this.#n });
    return answer.payments;
  }

  async unacknowledged() {
    // Open ones first: what closes between the two answers is in both, and in neither the other way round.
    const lists = await Promise.all([
      this.payments({ state: 'open', limit: 1000 }),
      this.payments({ state: 'unacknowledged', limit: 1000 }),
    ]);
    const mine = lists.flat().filter(({ till }) => till === this.till);
    return [...new Map(mine.map((payment) => [payment.id, payment])).values()];
  }

  /** @param {string} id */
  async cancel(id) {
    return this.#ask({ type: 'cancel', id }, (payment) => payment.cancel_requested || payment.phase === 'closed');
  }

  /** @param {string} id @param {import('./caisse-relay.js').Outcome} [outcome] */
  async acknowledge(id, outcome) {
    const payment = await this.#ask({ type: 'acknowledge', id, outcome }, (answer) => answer.acknowledged);
    await this.#forget(id);
    return payment;
  }

  /** @param {string} id @param {import('./caisse-relay.js').Resolution} resolution */
  async resolve(id, { charged, by, note }) {
    return this.#ask({ type: 'resolve', id, charged, by, note }, (payment) => payment.resolved);
  }

  // The terminal, without money

  /** @param {string} [terminal] */
  async identify(terminal) {
    return this.#ask({ type: 'identify', terminal, n: ++this.#n });
  }

  /** @param {string | undefined} terminal @param {import('./caisse-relay.js').Field[]} fields */
  async exchange(terminal, fields) {
    return this.#ask({ type: 'exchange', terminal, fields, n: ++this.#n });
  }

  /** @param {string | undefined} terminal @param {string} by */
  async release(terminal, by) {
    await this.#ask({ type: 'release', terminal, by, n: ++this.#n });
  }

  // The connection

  retry() {
    if (!this.#connection.ready) this.#connection.retry();
  }

  /** @param {string} code */
  async pair(code) {
    if (this.state === 'closed') throw this.#error('closed', {});
    if (this.#connection.ready) return;
    const paired = new Promise((resolve, reject) => {
      this.#questions.add({ type: 'pair', key: null, answers: ({ type }) => type === 'welcome', resolve, reject });
    });
    // As it is shown to people, in groups.
    this.#connection.pair({ type: 'pair', code: String(code).replace(/\s/g, ''), ...this.#about });
    await paired;
  }

  close() {
    this.#connection.close();
  }

  /** @param {string} name @param {(event: any) => void} listener */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  // Starting a payment

  /** @param {string} operation @param {Order} order @returns {Promise<Payment>} */
  async #start(operation, { onProgress, id = newId(), ...order }) {
    if (!this.#connection.ready) {
      await this.#sentences.loaded;
      throw this.#error(this.state === 'closed' ? 'closed' : 'not_connected', { id });
    }
    // Unknown fields travel too: the relay refuses them by name, and a typing error is seen.
    const message = { ...order, type: 'pay', id, operation };
    const text = JSON.stringify(message, Object.keys(message).sort());
    const known = this.#watches.get(id);
    if (known?.order && known.order !== text) throw this.#error('id_reused', { id });
    const watch = known ?? this.#watch(id, text);
    if (onProgress) watch.progress.push(onProgress);
    if (!known) this.#send(watch);
    return watch.promise;
  }

  /** @param {Watch} watch */
  async #send(watch) {
    const { id } = watch;
    try {
      watch.added = await this.#ledger.add(id);
    } catch (cause) {
      return this.#drop(watch, this.#error('store_failed', { id, cause }), false);
    }
    watch.sent = this.#connection.send(watch.order);
    if (!watch.sent) await this.#drop(watch, this.#error('not_connected', { id }), watch.added);
  }

  /** @param {string} id @param {string} order @returns {Watch} */
  #watch(id, order) {
    /** @type {any} */
    const watch = { id, order, added: false, sent: false, doubt: false, cause: undefined, progress: [] };
    watch.promise = new Promise((resolve, reject) => Object.assign(watch, { resolve, reject }));
    this.#watches.set(id, watch);
    return watch;
  }

  /** Ends a wait. @param {Watch} watch @param {unknown} error @param {boolean} forget the id too */
  async #drop(watch, error, forget) {
    this.#watches.delete(watch.id);
    if (forget) await this.#forget(watch.id);
    watch.reject(error);
  }

  /** An id that cannot be removed is asked about once more after the next reload. @param {string} id */
  #forget(id) {
    return this.#ledger.remove(id).catch(() => {});
  }

  // Asking

  /** @param {Watch} watch */
  #askAbout({ id, doubt }) {
    if (doubt) this.#connection.send(JSON.stringify({ type: 'payment', id }));
  }

  /** @param {any} message @param {(payment: Payment) => unknown} [answers] @returns {Promise<any>} */
  #ask(message, answers = () => true) {
    return new Promise((resolve, reject) => {
      const { type, id, n } = message;
      if (!this.#connection.send(JSON.stringify(message))) throw this.#error('not_connected', { id });
      this.#questions.add({
        type,
        key: n ?? id,
        answers: (answer) => (n === undefined ? answer.id === id && !!answers(answer) : answer.n === n),
        resolve,
        reject,
      });
    });
  }

  // Hearing

  /** @param {any} message */
  #receive({ type, ...message }) {
    if (type === 'welcome') this.#welcomed(message);
    else if (type === 'payment') this.#told(message);
    else if (type === 'refused') this.#refused(message);
    else if (type === 'ping') this.#watches.forEach((watch) => this.#askAbout(watch));
    else if (ANSWERS.includes(type)) this.#answered(message);
  }

  /** @param {import('./caisse-relay.js').Welcome} welcome */
  #welcomed(welcome) {
    this.#answered({ type: 'welcome' });
    this.#emit('welcome', welcome);
  }

  /** @param {Payment} payment */
  #told(payment) {
    const closed = payment.phase === 'closed';
    if (closed ? !OUTCOMES.includes(/** @type {string} */ (payment.outcome)) : payment.phase !== 'waiting') return;
    const watch = this.#watches.get(payment.id);
    if (watch) {
      watch.doubt = false;
      watch.progress.forEach((progress) => safely(progress, payment));
      if (closed) {
        this.#watches.delete(payment.id);
        watch.resolve(payment);
      }
    }
    // Its answer may have been lost with the connection: the relay has it, the store need not.
    if (payment.acknowledged) this.#forget(payment.id);
    this.#answered(payment);
    this.#emit('payment', payment);
  }

  /** @param {any} message */
  #answered(message) {
    this.#questions.forEach((question) => {
      if (question.answers(message) && this.#questions.delete(question)) question.resolve(message);
    });
  }

  /** @param {any} refusal */
  #refused({ to, id, n, code, message, held_by, first }) {
    const error = new RelayError(String(code), String(message), { id, refused: true, heldBy: held_by, first });
    const key = n ?? id ?? null;
    const asked = [...this.#questions].filter(({ type }) => type === to);
    // A message the relay could not read has no number to answer with.
    const meant = key === null && asked.length === 1 ? asked : asked.filter((question) => question.key === key);
    meant.forEach((question) => this.#questions.delete(question) && question.reject(error));
    const watch = this.#watches.get(id);
    if (to === 'pay') this.#payRefused(watch, error);
    if (to === 'payment' && code === 'unknown_payment' && watch?.doubt) {
      this.#drop(watch, this.#error('not_received', { id, cause: watch.cause ?? error }), true);
    }
  }

  /** @param {Watch | undefined} watch @param {RelayError} error */
  #payRefused(watch, error) {
    // An id that was stored before may be a payment: it stays, to be asked about.
    if (watch) return void this.#drop(watch, error, watch.added);
    // A refusal without an id: each payment in flight is asked about, at the next ping.
    this.#watches.forEach((other) => other.sent && Object.assign(other, { doubt: true, cause: error }));
  }

  #changed() {
    if (this.state === 'ready') this.#watches.forEach((watch) => this.#askAbout(watch));
    else this.#interrupted();
    this.#emit('state', this.status);
  }

  /** The socket is gone: questions are over, payments are asked about later. */
  #interrupted() {
    const closed = this.state === 'closed';
    for (const question of this.#questions) {
      const { type, key, reject } = question;
      if (type === 'pair' && OPENING_STATES.includes(this.state)) continue;
      this.#questions.delete(question);
      const code = closed ? 'closed' : 'connection_lost';
      const words = closed || type !== 'pair' ? code : 'pair_lost';
      reject(this.#error(code, { id: typeof key === 'string' ? key : undefined }, words));
    }
    for (const watch of this.#watches.values()) {
      watch.doubt = watch.sent;
      if (closed) this.#drop(watch, this.#error('closed', { id: watch.id }), false);
    }
  }

  /** @param {string} code @param {{ id?: string, cause?: unknown }} more @param {string} [words] where the code has several sentences */
  #error(code, more, words = code) {
    return new RelayError(code, this.#sentences.say(words), more);
  }

  /** @param {string} name @param {unknown} event */
  #emit(name, event) {
    this.#listeners.get(name)?.forEach((listener) => safely(listener, event));
  }
}

/** The page's own error must not stop the relay's messages. @param {(event: any) => void} listener @param {unknown} event */
function safely(listener, event) {
  try {
    listener(event);
  } catch (error) {
    console.error(error);
  }
}

// One till's payments as a cashier sees them: what is shown, what may be pressed, what is still to be recorded.
// The Web Component, the React hook and the Vue composable are faces of it.
//
// Four rules. A second payment is started by a person, never by this. A page that is loaded again finds what it
// waited for. An outcome is acknowledged once the page says that it has recorded it. What is unknown stays in view
// until the terminal or a person says yes or no.

import { newId } from './store.js';

/** @typedef {import('./caisse-relay.js').Payment} Payment */
/** @typedef {import('./checkout.js').View} View */
/** @typedef {import('./checkout.js').Stage} Stage */

const METHODS = /** @type {const} */ ({ debit: 'pay', refund: 'refund', cancellation: 'cancellation' });
const AGAIN = 3_000;
/** Where a person may start a payment: nothing is open, in doubt or just paid. @type {Stage[]} */
const STARTS = ['idle', 'declined', 'not_sent', 'refused'];

/** @typedef {import('./checkout.js').Checkout} Contract */

/** @implements {Contract} */
export class Checkout {
  #relay;
  #record;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {(() => void)[]} */
  #ends = [];
  /** This till's payments, as last told. @type {Map<string, Payment>} */
  #known = new Map();
  /** What the page has on record, or is recording, by id. @type {Map<string, { text: string, kept: boolean }>} */
  #recorded = new Map();
  /** @type {Set<string>} */
  #unrecorded = new Set();
  /** The id that is shown. @type {string | null} */
  #shown = null;
  /** Payments with two answers that disagree, told while another one was open. @type {Set<string>} */
  #alarms = new Set();
  /** The id from the click to the first news. @type {string | null} */
  #starting = null;
  /** @type {import('./checkout.js').Sale | null} */
  #sale = null;
  /** @type {import('./caisse-relay.js').RelayError | null} */
  #error = null;
  /** False until the relay has told what a page before this one left open. */
  #caughtUp = false;
  #turn = 0;
  /** @type {View} */
  #view;

  /** @param {import('./caisse-relay.js').Relay} relay @param {import('./checkout.js').Recorder} record */
  constructor(relay, record) {
    this.#relay = relay;
    this.#record = record;
    this.#view = this.#look();
  }

  get view() {
    return this.#view;
  }

  /** @param {() => void} listener */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  open() {
    if (!this.#ends.length) {
      const relay = this.#relay;
      this.#ends = [
        relay.on('state', () => this.#changed()),
        relay.on('welcome', () => this.#catchUp()),
        relay.on('payment', (payment) => this.#told(payment)),
      ];
      if (relay.state === 'ready') this.#catchUp();
      this.#changed();
    }
    return () => this.close();
  }

  close() {
    this.#ends.splice(0).forEach((end) => end());
    this.#caughtUp = false;
  }

  // What a person does

  /** @param {import('./checkout.js').Sale} sale @returns {Promise<Payment | null>} */
  async start({ operation = 'debit', ...order }) {
    if (!this.#view.ready) return null;
    const id = newId();
    this.#sale = { operation, ...order };
    this.#set(null, id);
    this.#changed();
    return this.#follow(id, this.#relay[METHODS[operation]]({ ...order, id }));
  }

  async again() {
    return this.#sale && this.start({ ...this.#sale, despite: undefined });
  }

  async insist() {
    return this.#sale && this.#error?.first ? this.start({ ...this.#sale, despite: this.#error.first }) : null;
  }

  async cancel() {
    if (this.#view.stage === 'waiting' && this.#shown) await this.#relay.cancel(this.#shown);
  }

  /** @param {import('./caisse-relay.js').Resolution} resolution */
  async settle(resolution) {
    const { payment } = this.#view;
    return payment && this.#told(await this.#relay.resolve(payment.id, resolution));
  }

  /** @param {string} id */
  async show(id) {
    if (this.#busy()) return;
    const payment = await this.#relay.payment(id);
    this.#known.set(id, payment);
    this.#set(id, null);
    this.#changed();
    if (payment.phase === 'waiting') this.#follow(id, this.#relay.resume(id));
  }

  clear() {
    if (this.#busy()) return;
    const [alarm = null] = this.#alarms;
    this.#set(alarm, null);
    this.#changed();
  }

  recordAgain() {
    for (const id of this.#unrecorded) {
      this.#recorded.delete(id);
      this.#keep(/** @type {Payment} */ (this.#known.get(id)));
    }
  }

  // What the relay tells

  /** What a page before this one, or a broken connection, left open. */
  async #catchUp() {
    const relay = this.#relay;
    const turn = ++this.#turn;
    this.recordAgain();
    try {
      const [stored, listed] = await Promise.all([relay.pending(), relay.unacknowledged()]);
      if (turn !== this.#turn || !this.#ends.length) return;
      const ids = new Set([...stored, ...listed.map(({ id }) => id)]);
      await Promise.all([...ids].map((id) => this.#find(id, stored.includes(id))));
      if (turn !== this.#turn) return;
      this.#caughtUp = true;
      this.#changed();
    } catch {
      // A connection that broke says welcome again; a relay that cannot read its disk does not.
      setTimeout(() => turn === this.#turn && this.#ends.length && relay.state === 'ready' && this.#catchUp(), AGAIN);
    }
  }

  /** What became of a payment, as far as it is known now. @param {string} id @param {boolean} ours started by this browser */
  #find(id, ours) {
    if (id === this.#starting) return undefined;
    return new Promise((resolve) => {
      const told = (/** @type {Payment} */ payment) => {
        const pressing = payment.phase === 'waiting' || payment.charged === 'maybe' || (ours && this.#view.stage === 'idle');
        // What was set aside stays aside, however often the connection comes back.
        if (pressing && !this.#known.has(id) && !this.#busy()) this.#set(id, null);
        this.#told(payment);
        resolve(null);
      };
      this.#follow(id, this.#relay.resume(id, { onProgress: told })).then(resolve);
    });
  }

  /** @param {string} id @param {Promise<Payment>} paying */
  async #follow(id, paying) {
    try {
      return this.#told(await paying);
    } catch (thrown) {
      const error = /** @type {import('./caisse-relay.js').RelayError} */ (thrown);
      // `closed`: by the page itself. The payment goes on, and the next page finds it.
      if (error.code !== 'closed' && (id === this.#starting || id === this.#shown || this.#view.stage === 'idle')) {
        this.#set(null, null);
        this.#error = error;
        this.#changed();
      }
      return null;
    }
  }

  /** @param {Payment} payment */
  #told(payment) {
    const { id, till, phase, contradicted, acknowledged } = payment;
    const ours = till === this.#relay.till;
    if (!ours && id !== this.#shown && id !== this.#starting) return payment;
    this.#known.set(id, payment);
    // Two answers that disagree come back by themselves: the sale may be set aside since long.
    if (contradicted && !acknowledged && id !== this.#shown) this.#alarms.add(id);
    if (id === this.#starting || (this.#alarms.has(id) && !this.#busy())) this.#set(id, null);
    if (ours && phase === 'closed') this.#keep(payment);
    this.#changed();
    return payment;
  }

  /** Recorded first, acknowledged after, so that a page that goes in between is told again. @param {Payment} payment */
  async #keep(payment) {
    const { id, outcome, charged, paid, contradicted, acknowledged } = payment;
    const text = [outcome, charged, paid, contradicted].join();
    const before = this.#recorded.get(id);
    const same = before?.text === text;
    // The same news twice: who is recording it goes on alone.
    if (same && (acknowledged || !before.kept)) return;
    const entry = same ? before : { text, kept: false };
    this.#recorded.set(id, entry);
    entry.kept ||= await this.#recording(payment);
    if (this.#recorded.get(id) !== entry) return;
    this.#unrecorded[entry.kept ? 'delete' : 'add'](id);
    this.#changed();
    // In doubt it is not over. Should the connection break here, the next welcome brings the payment back.
    if (entry.kept && charged !== 'maybe' && !acknowledged) await this.#relay.acknowledge(id, outcome ?? undefined).catch(() => {});
  }

  /** @param {Payment} payment */
  async #recording(payment) {
    try {
      return (await this.#record(payment)) !== false;
    } catch (error) {
      console.error(error);
      return false;
    }
  }

  // What is shown

  #busy() {
    return this.#starting !== null || this.#known.get(this.#shown ?? '')?.phase === 'waiting';
  }

  /** @param {string | null} shown @param {string | null} starting */
  #set(shown, starting) {
    this.#alarms.delete(shown ?? '');
    this.#shown = shown;
    this.#starting = starting;
    this.#error = null;
  }

  #changed() {
    this.#view = this.#look();
    this.#listeners.forEach((listener) => listener());
  }

  /** @returns {View} */
  #look() {
    const { status, state } = this.#relay;
    const payment = this.#known.get(this.#shown ?? '') ?? null;
    const error = this.#error;
    const stage = this.#starting ? 'starting' : error ? 'refused' : payment ? stageOf(payment) : 'idle';
    const doubts = [...this.#known.values()].filter((one) => one.phase === 'closed' && one.charged === 'maybe' && one.till === this.#relay.till);
    const ready = state === 'ready' && this.#caughtUp && STARTS.includes(stage);
    return { stage, ready, status, payment, error, doubts, sale: this.#sale, recorded: !this.#unrecorded.has(payment?.id ?? '') };
  }
}

/** @param {Payment} payment @returns {Stage} */
function stageOf({ phase, outcome, charged, contradicted }) {
  if (phase === 'waiting' || !outcome) return 'waiting';
  if (contradicted) return 'contradicted';
  return outcome === 'unknown' && charged !== 'maybe' ? 'settled' : outcome;
}

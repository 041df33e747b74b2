// <caisse-relay-payment>: the whole dialog between a cashier and a terminal, for any page.
//
//   <caisse-relay-payment amount="1250" currency="EUR" reference="T-2026-118" till="Caisse 1"></caisse-relay-payment>
//
//   element.addEventListener('payment', (event) => event.waitUntil(record(event.payment)));
//   element.pay();

import { connect } from '../caisse-relay.js';
import { Checkout } from '../checkout.js';
import { draw } from './draw.js';
import { makeDialog } from './dom.js';
import { STYLE } from './style.js';

/** @typedef {import('../caisse-relay.js').Payment} Payment */
/** @typedef {import('../checkout.js').View} View */

/** A payment's end, that the page stores. */
export class PaymentEvent extends Event {
  /** @type {Promise<unknown>[]} */
  #waits = [];

  /** @param {string} type @param {Payment} payment */
  constructor(type, payment) {
    super(type);
    this.payment = payment;
    this.detail = payment;
  }

  /** @param {unknown} promise */
  waitUntil(promise) {
    this.#waits.push(Promise.resolve(promise));
  }

  /** Resolves once all that was promised is kept; to false when nothing was. @param {PaymentEvent} event */
  static async recorded(event) {
    const kept = await Promise.all(event.#waits);
    return kept.length > 0 && !kept.includes(false);
  }
}

// A module that a server renders with has no elements.
const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class CaisseRelayPayment extends Base {
  static observedAttributes = ['amount', 'currency', 'operation', 'lang', 'address', 'till'];
  /** Who settles, remembered for the next time. */
  cashier = '';
  #parts = makeDialog();
  /** @type {import('../caisse-relay.js').Relay | null} */
  #relay = null;
  /** The page's own, which it closes itself. @type {import('../caisse-relay.js').Relay | null} */
  #given = null;
  /** @type {Checkout | null} */
  #checkout = null;
  #drawn = '';
  #told = '';
  /** @type {Map<string, string>} */
  #charged = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    // No <style>: a page's Content-Security-Policy may forbid it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#parts.dialog);
    this.#listen();
  }

  connectedCallback() {
    if (this.#checkout) return;
    this.#relay = this.#given ?? connect({
      url: this.getAttribute('address')?.split(/\s+/) ?? undefined,
      till: this.getAttribute('till') ?? undefined,
      lang: this.language,
    });
    const relay = this.#relay;
    const checkout = new Checkout(relay, (payment) => this.#tell(payment));
    this.#checkout = checkout;
    checkout.subscribe(() => this.#changed());
    checkout.open();
    this.#changed();
  }

  disconnectedCallback() {
    this.#parts.dialog.close();
    this.#checkout?.close();
    if (!this.#given) this.#relay?.close();
    this.#checkout = this.#relay = null;
    clearInterval(this.#clock);
  }

  attributeChangedCallback(/** @type {string} */ name, /** @type {string | null} */ before, /** @type {string | null} */ now) {
    if (before === now || !this.#checkout) return;
    if (['lang', 'address', 'till'].includes(name) && !this.#given && this.isConnected) this.#reconnect();
    else this.#changed();
  }

  // The page's side

  get relay() {
    return this.#relay ?? this.#given;
  }

  set relay(relay) {
    this.#given = relay;
    if (this.#checkout) this.#reconnect();
  }

  get view() {
    return this.#checkout?.view ?? null;
  }

  get isOpen() {
    return this.#parts.dialog.open;
  }

  /** @returns {'fr' | 'en'} */
  get language() {
    const lang = this.getAttribute('lang') || this.closest('[lang]')?.getAttribute('lang') || 'fr';
    return lang.startsWith('fr') ? 'fr' : 'en';
  }

  get amount() {
    return Number(this.getAttribute('amount') ?? 0);
  }

  set amount(amount) {
    this.setAttribute('amount', String(amount));
  }

  /** @returns {import('../checkout.js').Sale} */
  get sale() {
    const text = (/** @type {string} */ name) => this.getAttribute(name) || undefined;
    const number = (/** @type {string} */ name) => (this.hasAttribute(name) ? Number(text(name)) : undefined);
    const flag = (/** @type {string} */ name) => (this.hasAttribute(name) ? this.getAttribute(name) !== 'false' : undefined);
    return /** @type {any} */ ({
      amount: this.amount,
      currency: text('currency') ?? 'EUR',
      operation: text('operation') ?? 'debit',
      reference: text('reference'),
      terminal: text('terminal'),
      means: text('means'),
      register: text('register'),
      receipt: flag('receipt'),
      partial: flag('partial'),
      timeout: number('timeout'),
    });
  }

  show() {
    if (!this.#checkout) throw new Error('caisse-relay-payment is not in the page');
    if (!this.isOpen) this.#parts.dialog.showModal();
    this.#changed();
  }

  async pay() {
    this.show();
    const { stage } = /** @type {View} */ (this.view);
    return stage === 'idle' ? this.#do((checkout) => checkout.start(this.sale)) : null;
  }

  close() {
    const payment = this.view?.payment ?? null;
    this.#checkout?.clear();
    // A payment that is open stays in view; so does what has waited to be shown.
    if (!this.isOpen || this.view?.stage !== 'idle') return;
    this.#parts.dialog.close();
    this.dispatchEvent(new CustomEvent('closed', { detail: payment }));
  }

  // Inside

  #reconnect() {
    this.disconnectedCallback();
    this.connectedCallback();
  }

  /** To the page, which stores it. @param {Payment} payment */
  #tell(payment) {
    const settled = this.#charged.get(payment.id) === 'maybe' || (payment.outcome === 'unknown' && payment.charged !== 'maybe') || payment.contradicted;
    this.#charged.set(payment.id, payment.charged);
    const event = new PaymentEvent(settled ? 'settled' : 'payment', payment);
    this.dispatchEvent(event);
    return PaymentEvent.recorded(event);
  }

  #changed() {
    const { view } = this;
    if (!view) return;
    const { dialog } = this.#parts;
    const { stage, error, status } = view;
    const now = `${stage} ${view.payment?.id ?? ''}`;
    const news = now !== this.#drawn;
    this.#drawn = now;
    if (status.state !== this.#told) {
      this.#told = status.state;
      this.dispatchEvent(new CustomEvent('state', { detail: status }));
    }
    if (news && stage !== 'idle' && !dialog.open && this.isConnected) dialog.showModal();
    if (news) this.#fail(null);
    this.#draw();
    if (news && stage === 'refused') this.dispatchEvent(new CustomEvent('refused', { detail: error }));
    const waiting = stage === 'starting' || stage === 'waiting';
    clearInterval(this.#clock);
    if (waiting) this.#clock = setInterval(() => this.#draw(), 1_000);
    // What had the focus is gone. Never a button that pays: a scanner presses Enter.
    if (dialog.open && !this.shadowRoot?.activeElement?.checkVisibility?.()) this.#parts.part('title').focus();
  }

  /** A payment that is open, or that nobody is sure of, stays in view: neither Escape nor a phone's "back" hides it. */
  get #mustStay() {
    return ['starting', 'waiting', 'unknown'].includes(this.view?.stage ?? '');
  }

  #draw() {
    const view = /** @type {View} */ (this.view);
    this.#parts.dialog.setAttribute('closedby', this.#mustStay ? 'none' : 'closerequest');
    draw(this.#parts, view, { lang: this.language, sale: this.sale, terminals: this.relay?.terminals ?? [], till: this.relay?.till ?? null });
  }

  /** @template T @param {(checkout: Checkout) => Promise<T> | T} act @returns {Promise<T | null>} */
  async #do(act) {
    this.#fail(null);
    try {
      return this.#checkout && (await act(this.#checkout));
    } catch (error) {
      this.#fail(/** @type {Error} */ (error));
      return null;
    }
  }

  /** @param {Error | null} error */
  #fail(error) {
    const note = this.#parts.part('error');
    note.textContent = error?.message ?? '';
    note.hidden = !error;
  }

  #listen() {
    const { dialog, part } = this.#parts;
    const press = (/** @type {string} */ name, /** @type {() => unknown} */ act) => part(name).addEventListener('click', act);
    press('start', () => this.#do((checkout) => checkout.start(this.sale)));
    press('again', () => this.#do((checkout) => checkout.again()));
    press('insist', () => this.#do((checkout) => checkout.insist()));
    press('cancel', () => this.#do((checkout) => checkout.cancel()));
    press('record', () => this.#do((checkout) => checkout.recordAgain()));
    press('first', () => this.#do((checkout) => checkout.show(part('first').value)));
    press('retry', () => this.relay?.retry());
    for (const name of ['close', 'done', 'later']) press(name, () => this.close());
    for (const name of ['yes', 'no']) press(name, () => this.#settle(part(name).value));
    part('pairing').addEventListener('submit', (/** @type {Event} */ event) => this.#pair(event));
    // Enter in the name must not choose an answer.
    part('assistant').addEventListener('submit', (/** @type {Event} */ event) => event.preventDefault());
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      // A doubt is set aside by its button alone.
      if (this.view?.stage !== 'unknown') this.close();
    });
    // A browser that does not know `closedby` closes at the second Escape all the same.
    dialog.addEventListener('close', () => {
      if (this.isConnected && this.#mustStay) dialog.showModal();
    });
  }

  /** @param {'yes' | 'no'} charged */
  #settle(charged) {
    const { part } = this.#parts;
    if (!part('assistant').reportValidity()) return;
    this.cashier = part('by').value.trim();
    this.#do((checkout) => checkout.settle({ charged, by: this.cashier }));
  }

  /** @param {Event} event */
  async #pair(event) {
    event.preventDefault();
    const code = this.#parts.part('code');
    await this.#do(() => this.relay?.pair(code.value));
    code.value = '';
  }
}

if (globalThis.customElements && !customElements.get('caisse-relay-payment')) customElements.define('caisse-relay-payment', CaisseRelayPayment);

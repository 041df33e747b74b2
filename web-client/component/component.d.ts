/**
 * The element `<caisse-relay-payment>`: the whole dialog between a cashier and a terminal. Importing this file defines it.
 *
 * @module caisse-relay-client/component
 */

import type { Language, Payment, Relay, RelayError, Status } from '../caisse-relay.js';
import type { Sale, View } from '../checkout.js';

/**
 * `payment`: a payment has ended, whatever its outcome; `settled`: one that was unknown is known, by a person or by a
 * late answer. Store it by `payment.id`, and say so: `event.waitUntil(promise)`. Until one has resolved the payment is
 * not acknowledged, and the next page is told again. A promise of `false`, or one that is rejected, is not stored.
 */
export class PaymentEvent extends Event {
  /** How it ended. */
  readonly payment: Payment;
  /** The payment again, as frameworks look for it. */
  readonly detail: Payment;
  /** Acknowledges the payment once this has resolved. */
  waitUntil(promise: unknown): void;
}

/** What the element tells. */
export interface CaisseRelayPaymentEvents {
  /** A payment has ended, whatever its outcome. */
  payment: PaymentEvent;
  /** One that was unknown is known; or a late answer says something else than the person. */
  settled: PaymentEvent;
  /** It was not started; nothing was charged by it. */
  refused: CustomEvent<RelayError>;
  /** The connection has another state. */
  state: CustomEvent<Status>;
  /** The dialog was closed; with the payment that it showed last. */
  closed: CustomEvent<Payment | null>;
}

/**
 * Attributes: `amount` (minor units), `currency` (default `EUR`), `reference`, `operation` (`debit`, `refund`,
 * `cancellation`), `means`, `terminal`, `register`, `receipt`, `partial`, `timeout`, as in an `Order`; `till` (its name
 * for people), `address` (of the relay; several with spaces between), `lang` (`fr`, `en`; default: the page's, or `fr`).
 *
 * One element serves a till's page for as long as the page is open: change `amount` and `reference` for the next sale.
 * It opens by itself when the page is loaded again in the middle of a payment, and when a doubt needs a person.
 *
 * Looks: `--caisse-relay-accent`, `-on-accent`, `-surface`, `-raised`, `-line`, `-ink`, `-soft`, `-yes`, `-yes-wash`,
 * `-no`, `-no-wash`, `-maybe`, `-maybe-wash`, `-calm`, `-calm-wash`, `-radius`, `-font`, `-backdrop`; light or dark as
 * the page's `color-scheme`; and `::part(…)`: `dialog`, `header`, `operation`, `amount`, `connection`, `message`,
 * `remedy`, `outcome`, `badge`, `title`, `advice`, `steps`, `facts`, `assistant`, `question`, `evidence`, `ticket`,
 * `unrecorded`, `error`, `footer`, `field`, `button`, and each button by its name with `primary` for the main one.
 */
export class CaisseRelayPayment extends HTMLElement {
  /** Minor units: 1250 is 12.50 EUR. */
  amount: number;
  /** A relay that the page has connected itself. Without one the element connects to `address`. */
  relay: Relay | null;
  /** Who settled last. */
  cashier: string;
  /** What is shown; null before the element is in the page. */
  readonly view: View | null;
  /** Whether the dialog is shown. */
  readonly isOpen: boolean;
  /** In which language. */
  readonly language: Language;
  /** What the attributes ask. */
  readonly sale: Sale;
  /** Opens the dialog, where a person presses “Pay”. */
  show(): void;
  /** Opens the dialog and starts the payment. Resolves with its end, or with null when it may not start or was refused. */
  pay(): Promise<Payment | null>;
  /** Closes the dialog, and makes it ready for the next sale. Nothing while a payment is open. */
  close(): void;

  /** With the event's own type. */
  addEventListener<K extends keyof CaisseRelayPaymentEvents>(type: K, listener: (this: CaisseRelayPayment, event: CaisseRelayPaymentEvents[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'caisse-relay-payment': CaisseRelayPayment;
  }
}

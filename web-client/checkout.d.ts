/**
 * One till's payments as a cashier sees them, without a page: for a dialog of your own. The Web Component, the React hook and the Vue composable are faces of it.
 *
 * @module caisse-relay-client/checkout
 */

import type { Operation, Order, Payment, Relay, RelayError, Resolution, Status } from './caisse-relay.js';

/**
 * Stores an outcome, by the payment's `id`: the same one may come again, after a reload or a late answer. Once it
 * resolves the payment is acknowledged, and the relay need not tell it again. `false`, or a throw: it was not stored.
 * A payment that is `unknown` comes with `charged: 'maybe'` first, and again when it is settled.
 */
export type Recorder = (payment: Payment) => unknown;

/** What is asked, and in which direction. The id is made at each start. */
export interface Sale extends Omit<Order, 'id' | 'onProgress'> {
  /** Default `debit`. */
  operation?: Operation;
}

/** What a page shows. */
export type Stage =
  /** Nothing. */
  | 'idle'
  /** From the press to the first news. */
  | 'starting'
  /** The terminal is called, or the customer pays: `payment.step`. */
  | 'waiting'
  /** The money moved; `payment.paid` tells how much. */
  | 'approved'
  | 'declined'
  | 'not_sent'
  /** Nobody knows whether the card was charged: ask a person what the terminal's ticket says, then `settle`. */
  | 'unknown'
  /** It was unknown, and a person has said yes or no: `payment.charged`. */
  | 'settled'
  /** A person said one thing, the terminal's late answer the other. */
  | 'contradicted'
  /** Not started: `error` says why. Nothing was charged by it. */
  | 'refused';

/** What there is to show. Never changed: a new one is made at each change. */
export interface View {
  /** What is shown. */
  readonly stage: Stage;
  /** Whether a person may start a payment now. */
  readonly ready: boolean;
  /** The connection: shown wherever its state is not `ready`. */
  readonly status: Status;
  /** The payment that is shown. */
  readonly payment: Payment | null;
  /** Why nothing was started, at `refused`. */
  readonly error: RelayError | null;
  /** This till's payments that nobody has settled. */
  readonly doubts: readonly Payment[];
  /** What was last asked. */
  readonly sale: Sale | null;
  /** False when the page could not store the outcome that is shown. */
  readonly recorded: boolean;
}

/** The till of one page. */
export class Checkout {
  constructor(relay: Relay, record: Recorder);
  /** New at each change. */
  readonly view: View;
  /** Called at each change; returns the function that stops. */
  subscribe(listener: () => void): () => void;
  /** Begins to listen to the relay, and looks for what an earlier page left open. Returns `close`. */
  open(): () => void;
  /** Stops listening. Payments go on in the relay, and the next page finds them. */
  close(): void;
  /** Starts a payment; resolves with its end, or with null when nothing may be started (`view.ready`) or it was refused. */
  start(sale: Sale): Promise<Payment | null>;
  /** The same sale once more, where a person asks for it: after `declined`, `not_sent` or `refused`. */
  again(): Promise<Payment | null>;
  /** After `possible_double_charge`: a person knows of the first payment, and pays all the same. */
  insist(): Promise<Payment | null>;
  /** Gives up: before anything was sent it ends as `not_sent`; after, `payment.advice` says which key to press. */
  cancel(): Promise<void>;
  /** What a person read on the terminal's ticket, for the payment that is shown. */
  settle(resolution: Resolution): Promise<Payment | null>;
  /** Shows another payment: one of `view.doubts`, or `view.error.first`. */
  show(id: string): Promise<void>;
  /** To `idle`, for the next sale. What is unknown stays in `view.doubts`. Nothing while a payment is open. */
  clear(): void;
  /** Once more for outcomes that could not be stored. */
  recordAgain(): void;
}

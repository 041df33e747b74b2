/**
 * A relay for the unit tests of a point of sale: scripted outcomes, no network, no waiting.
 *
 * @module caisse-relay-client/mock
 */

import type { HeldBy, Operation, Options, Payment, RefusalCode, Relay, State, Terminal } from '../caisse-relay.js';

/** What one payment does. Without `outcome` it is approved; every other field is the payment's own. */
export interface Step extends Partial<Payment> {
  /** Waits for `answer`; at `connecting`, where `cancel` still ends it, for `send` first. */
  hold?: boolean | 'connecting';
  /** Whether the terminal charged, where the outcome does not tell it: an `unknown` that was. */
  charges?: boolean;
  /** Refused with this code: never sent. */
  refused?: RefusalCode;
  /** With `terminal_busy`. */
  heldBy?: HeldBy;
  /** With `possible_double_charge`. */
  first?: string;
}

/** A shop's relay, of which a test is the terminal. */
export class MockRelay {
  /** What the relay has on record, oldest first. */
  readonly payments: Payment[];
  /** What the terminal really did: the list to count charges in. */
  readonly ledger: { id: string; amount: number; operation: Operation }[];
  /** The messages pages sent: `pay`, `cancel`, `acknowledge`, `resolve`. */
  readonly heard: { type: string; id: string }[];
  /** Those the pages see. */
  terminals: Terminal[];
  /** The six digits that are asked for before anything else; empty: none are. */
  code: string;
  /** Of every page's connection. */
  readonly state: State;
  /** As the client's `connect`. A second one is the page after a reload, when it has the same `store`. */
  readonly connect: (options?: Options) => Relay;
  /** What the next payments do, in order; afterwards all are approved. */
  next(...steps: Step[]): void;
  /** The connection of every page. */
  become(state: State): void;
  /** The request of a payment that is held at `connecting` is with the terminal. */
  send(id: string): void;
  /** The terminal answers a payment that is held, or one that is unknown: late. */
  answer(id: string, step?: Step): void;
  /** A page goes without closing, as at a reload. */
  forget(till: Relay): void;
}

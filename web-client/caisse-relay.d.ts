/**
 * The client of the browser protocol `caisse-relay.v1`. What the fields mean for the money is in PROTOCOL.md.
 *
 * @module caisse-relay-client
 */

/** Connects at once, and again by itself. Never throws for a reason of the network: listen to `state`. */
export function connect(options?: Options): Relay;

/** How a page connects. */
export interface Options {
  /** One address, or several tried in turn. Default: `wss://127.0.0.1:9443/till`, then port 9444. */
  url?: string | string[];
  /** The till's name for people, 1 to 64 characters. Default: the page's origin. To be paired, each till needs its own. */
  till?: string;
  /** The language of every sentence. Default `fr`. */
  lang?: Language;
  /** The page's program and version, for the relay's log. */
  client?: string;
  /** Where ids are written before they are sent, and the token of a paired till. Default: `localStorage`, or memory where the browser refuses it. */
  store?: Store;
  /** What the relay gave this till when it was paired, for a till that keeps it itself. One in `store` comes first. */
  token?: string;
  /** Another `WebSocket` constructor, for Node and tests. */
  WebSocket?: typeof WebSocket;
}

/** Of every sentence for people. */
export type Language = 'fr' | 'en';

/** Each method may answer later, with a promise. A `set` that fails must throw or reject: then nothing is sent. */
export interface Store {
  /** What is kept under a key; nothing when there is none. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps it before it resolves. */
  set(key: string, value: string): unknown;
  /** Forgets it. */
  remove(key: string): unknown;
}

/** A till's side of the relay. */
export interface Relay {
  /** `ready` is the only state in which a payment can start. */
  readonly state: State;
  /** The state, and two sentences for the cashier. */
  readonly status: Status;
  /** This till's name, as the relay knows it; null before the first `welcome`. */
  readonly till: string | null;
  /** As told by the last `welcome`. */
  readonly terminals: Terminal[];
  /** True when the browser refused to write: ids are in memory, and a reload forgets them. */
  readonly volatile: boolean;

  /**
   * Debits a card (or takes a cheque or ANCV: `means`). Resolves with the closed payment, whatever its outcome.
   * The same `id` again is the same payment. Rejects with a {@link RelayError}:
   * - `not_connected`, `store_failed`: not sent, not kept;
   * - the relay's codes, with `refused`: the terminal never heard of it;
   * - `not_received`: the socket broke, and the relay has no record of it. Nothing was sent to the terminal;
   * - `closed`: `close()` was called; the payment goes on, `resume` it.
   *
   * When the socket breaks the promise waits, and the outcome is asked for by id. Nothing is sent twice.
   */
  pay(order: Order): Promise<Payment>;
  /** Gives money back; `amount` is positive. Otherwise as {@link Relay.pay}. */
  refund(order: Order): Promise<Payment>;
  /** Cancels the last debit, where the terminal knows it. Otherwise as {@link Relay.pay}. */
  cancellation(order: Order): Promise<Payment>;
  /**
   * Waits for the outcome of a payment started earlier (before a reload, by another page). Only asks, so it may
   * be called before the connection is there. Rejects with `not_received` when the relay has no record of it.
   */
  resume(id: string, options?: { onProgress?: (payment: Payment) => void }): Promise<Payment>;
  /** The ids this page's store holds: sent, and not acknowledged. After a load, `resume` each of them. */
  pending(): Promise<string[]>;

  /** The payment as it stands. This and the questions below reject with `not_connected`, `connection_lost` or a refusal. */
  payment(id: string): Promise<Payment>;
  /** Payments of every till, oldest first. */
  payments(filter?: Filter): Promise<Payment[]>;
  /** This till's payments it has not acknowledged: those still waiting, and those closed. */
  unacknowledged(): Promise<Payment[]>;
  /** Before anything was sent: closes as `not_sent`. After: records the wish; `advice` says which key to press. */
  cancel(id: string): Promise<Payment>;
  /**
   * Says that the outcome is on the till's record, then removes the id from the store. Twice is once. Give the
   * `outcome` on record: `outcome_changed` means that a late answer has changed it, and `payment` tells it.
   */
  acknowledge(id: string, outcome?: Outcome): Promise<Payment>;
  /** What a person read on the terminal's ticket, for an `unknown` payment. */
  resolve(id: string, resolution: Resolution): Promise<Payment>;
  /** Is the terminal there, and does it speak Caisse-AP? No money moves. */
  identify(terminal?: string): Promise<Identification>;
  /** Frees a terminal held by a payment without an answer, once a person has looked at it. */
  release(terminal: string | undefined, by: string): Promise<void>;
  /** A non-financial exchange as raw tags. After `connection_lost` it may or may not have happened. */
  exchange(terminal: string | undefined, fields: Field[]): Promise<Exchange>;

  /**
   * Pairs a till that is not on the relay's computer, with the six digits the relay shows. Resolves when `ready`; the
   * token is in the store then. Rejects with `bad_code`, `pairing_closed`, `till_taken`,
   * `rate_limited` or `connection_lost`.
   */
  pair(code: string): Promise<void>;
  /** Connects now: instead of waiting for the next attempt, or where only a person can say that it is worth one. */
  retry(): void;
  /** For good. Waiting promises reject with `closed`; payments go on in the relay. */
  close(): void;

  /** Listens; returns the function that stops. `state`: the connection has changed, or has its words. */
  on(name: 'state', listener: (status: Status) => void): () => void;
  /** The relay is there: at first, and after each reconnection. */
  on(name: 'welcome', listener: (welcome: Welcome) => void): () => void;
  /** Every change that the relay tells, late answers included. */
  on(name: 'payment', listener: (payment: Payment) => void): () => void;
}

/**
 * One name at a time. Where a name can be wrong the browser does not tell more: see INTEGRATING.md. The page comes back
 * to `ready` by itself from each of them, except from `not_paired` (`pair`), `old_relay` (`retry`) and `closed`.
 */
export type State =
  /** Looking for the relay: at the start, and after `retry()`. */
  | 'connecting'
  | 'ready'
  /** The browser's local network question is on screen. */
  | 'ask_pending'
  /** The browser forbids it. No attempt before the permission changes or `retry()`. */
  | 'denied'
  /** Nothing answers; except in Firefox, perhaps because the certificate is not trusted. */
  | 'absent'
  /** The certificate is not trusted. Only Firefox tells it apart from `absent`. */
  | 'untrusted'
  /** By the page's own Content-Security-Policy, or a malformed address. */
  | 'blocked'
  /** A person has to allow the page's origin in the relay; asked again every 15 seconds. */
  | 'not_allowed'
  /** The till needs `pair(code)`. */
  | 'not_paired'
  /** The relay and the page speak different versions. */
  | 'old_relay'
  /** The connection broke. Payments under way go on without it. */
  | 'lost'
  /** The page is in the back-forward cache. */
  | 'hidden'
  /** By `close()`, for good. */
  | 'closed';

/** The connection, for people. */
export interface Status {
  /** Stable: what a page decides by. */
  state: State;
  /** For the cashier, in the till's language: what is so, and what it means for the money. The state's own name until the language has come: `state` is told again then. */
  message: string;
  /** For the cashier: what to do. Never empty; `…` until the language has come. */
  remedy: string;
  /** For support: the relay's close reason or the browser's error; may be empty. */
  detail: string;
}

/** What a till asks. */
export interface Order {
  /** Minor units: 1250 is 12.50 EUR. Always positive. */
  amount: number;
  /** Three letters of ISO 4217. */
  currency: string;
  /** 1 to 64 of `A–Z a–z 0–9 - _ . :`. Default: a new UUID. */
  id?: string;
  /** May be left out where there is one. */
  terminal?: string;
  /** Default `card`. */
  means?: Means;
  /** 1 to 99 printable ASCII characters. */
  reference?: string;
  /** Ask for the ticket's text. */
  receipt?: boolean;
  /** Accept that less is paid. */
  partial?: boolean;
  /** `01` to `99`. */
  register?: string;
  /** The `first` of a `possible_double_charge`: a person knows of it and pays all the same. */
  despite?: string;
  /** Seconds to wait for the terminal's answer, 10 to 600. */
  timeout?: number;
  /** Called at each change, the last included. */
  onProgress?: (payment: Payment) => void;
}

/** With what the customer pays. */
export type Means = 'card' | 'cheque' | 'ancv';
/** In which direction money moves: `cancellation` undoes the last debit, where the terminal knows it. */
export type Operation = 'debit' | 'refund' | 'cancellation';
/** How a payment ended. Only `unknown` leaves open whether money moved. */
export type Outcome = 'approved' | 'declined' | 'not_sent' | 'unknown';
/** Whether money moved. `maybe` while the terminal has the request, and after an unknown outcome. */
export type Charged = 'yes' | 'no' | 'maybe';

/** Why no byte of the request left the relay. */
export type NotSentReason =
  | 'no_such_host'
  | 'public_address'
  | 'connection_refused'
  | 'unreachable'
  | 'connect_timeout'
  | 'connection_lost'
  | 'cancelled'
  | 'relay_restarted'
  | 'not_recorded'
  | 'bad_request';

/** Why nobody knows whether the terminal charged. */
export type UnknownReason =
  | 'silence'
  | 'connection_closed'
  | 'connection_reset'
  | 'garbled_answer'
  | 'answer_too_long'
  | 'concert_v2'
  | 'no_status'
  | 'only_accepted'
  | 'contradicted'
  | 'other_action'
  | 'other_currency'
  | 'nothing_paid'
  | 'relay_restarted'
  | 'relay_stopped'
  | 'relay_failed';

/** What a person may want to look at beside an outcome. */
export type Remark = 'amount_not_confirmed' | 'truncated' | 'ticket_unreadable' | 'other_register';

/** A payment as the relay knows it. Absent values are null. */
export interface Payment {
  /** As asked. */
  id: string;
  /** The name of the till that asked. */
  till: string;
  /** Its name in the relay. */
  terminal: string;
  /** As asked. */
  operation: Operation;
  /** As asked, in minor units. */
  amount: number;
  /** As asked. */
  currency: string;
  /** As asked. */
  means: Means;
  /** As asked. */
  reference: string | null;
  /** `waiting` until there is an outcome. */
  phase: 'waiting' | 'closed';
  /** While waiting: `connecting` (no byte has left) or `sent`. */
  step: 'connecting' | 'sent' | null;
  /** Null while waiting. */
  outcome: Outcome | null;
  /** Whether money moved. A person turns `maybe` into yes or no; `outcome` stays `unknown`. */
  charged: Charged;
  /** Minor units really moved; set when approved. */
  paid: number | null;
  /** Why `not_sent` or `unknown`. */
  reason: NotSentReason | UnknownReason | null;
  /** The terminal's reasons. */
  report: Report | null;
  /** What an approved payment leaves. */
  receipt: Receipt | null;
  /** What a person may want to look at. */
  remarks: Remark[];
  /** What happened, what it means for the money, what to do now. */
  advice: string;
  /** The till asked to give up. */
  cancel_requested: boolean;
  /** What a person said after an unknown outcome. */
  resolved: Resolved | null;
  /** What the terminal's duplicate says after an unknown outcome; it may be another customer's. */
  evidence: Evidence | null;
  /** The answer came after the deadline. */
  late: boolean;
  /** A person had settled it one way, and the late answer says the other. */
  contradicted: boolean;
  /** The till has it on record. */
  acknowledged: boolean;
  /** False when it could not be written to disk, yet. */
  durable: boolean;
  /** RFC 3339, UTC, milliseconds. */
  opened_at: string;
  /** When the request left. */
  sent_at: string | null;
  /** When there was an outcome. */
  closed_at: string | null;
  /** Its number in the relay's journal, growing. */
  seq: number;
}

/** What a person said, who and when. */
export interface Resolved {
  /** What the ticket said. */
  charged: 'yes' | 'no';
  /** Who looked. */
  by: string;
  /** In their words. */
  note: string | null;
  /** RFC 3339. */
  at: string;
}

/** The terminal's duplicate. */
export interface Evidence {
  /** It shows an operation that was done. */
  done: boolean;
  /** Minor units. */
  amount: number | null;
  /** The number of the authorization. */
  authorization: string | null;
  /** Masked. */
  card: string | null;
  /** When the terminal was asked, RFC 3339. */
  at: string;
}

/** The terminal's reasons, where it gave one. */
export interface Report {
  /** Two characters (`AF`). */
  code: string | null;
  /** In the till's language. */
  label: string | null;
  /** Two characters of the card's bank. */
  issuer_code: string | null;
  /** From the card's bank, for the cashier. */
  message: string | null;
}

/** What an approved payment leaves. */
export interface Receipt {
  /** Masked: at most the first 6 and last 4 digits. */
  card: string | null;
  /** The number of the authorization. */
  authorization: string | null;
  /** Of the card: CB, Visa, cheque. */
  application: Labelled | null;
  /** Chip, contactless, magnetic stripe. */
  read_mode: Labelled | null;
  /** The shop's contract number. */
  contract: string | null;
  /** The application identifier of the card. */
  aid: string | null;
  /** Its text, when it was asked for. */
  ticket: string | null;
}

/** A code of the terminal, and what it means. */
export interface Labelled {
  /** Of Caisse-AP. */
  code: string;
  /** In the till's language; null when the code is not known. */
  label: string | null;
}

/** What a person read on the terminal's ticket. */
export interface Resolution {
  /** Whether it shows an approved payment. */
  charged: 'yes' | 'no';
  /** Who looked, 1 to 64 characters. */
  by: string;
  /** Up to 500 characters. */
  note?: string;
}

/** Which payments are listed. */
export interface Filter {
  /** Only after this `seq`. */
  since?: number;
  /** `open`; `unknown`, and not settled; `unacknowledged`, open ones included. Default: all. */
  state?: 'open' | 'unknown' | 'unacknowledged';
  /** Asked for then or later, RFC 3339. */
  from?: string;
  /** Asked for before, RFC 3339. */
  to?: string;
  /** 1 to 1000, default 100. */
  limit?: number;
}

/** What the relay says first. */
export interface Welcome {
  /** The program. `protocol` is the version of the protocol that it speaks. */
  relay: { name: string; version: string; protocol: number };
  /** This till's name, as the relay knows it. */
  till: string;
  /** Those this till may use. */
  terminals: Terminal[];
  /** Of this till, oldest first. */
  unacknowledged: Payment[];
}

/** A card terminal. */
export interface Terminal {
  /** Its name in the relay. */
  name: string;
  /** Its name for people. */
  label: string;
  /** `busy` while a payment or an exchange holds it. */
  state: 'free' | 'busy';
  /** Who, while it is busy. */
  held_by: HeldBy | null;
  /** The address where it was found again, when it does not answer at its own. */
  moved_to: string | null;
}

/** Who holds a terminal. */
export interface HeldBy {
  /** Null for an exchange without money. */
  payment: string | null;
  /** Its name for people. */
  till: string;
}

/** What a terminal said of itself. */
export interface Identification {
  /** Its name in the relay. */
  name: string;
  /** Its name for people. */
  label: string;
  /** Only a `ready` one takes payments. */
  state: 'ready' | 'not_reached' | 'silent' | 'concert_v2' | 'not_understood';
  /** Of Caisse-AP that it answered with (`CZ`). */
  version: string | null;
  /** Its own number (`CJ`). */
  terminal_id: string | null;
  /** For the cashier. */
  message: string;
  /** Of the question. */
  n: number;
}

/** A terminal's answer, as raw tags. */
export interface Exchange {
  /** Its name in the relay. */
  terminal: string;
  /** Card data masked. */
  fields: Field[];
  /** The ticket's text. */
  ticket: string | null;
  /** `AE`; null when it gave none. */
  status: string | null;
  /** Why there is no answer. */
  error: { code: 'not_sent' | 'unanswered'; message: string } | null;
  /** Of the question. */
  n: number;
}

/** A tag of Caisse-AP. */
export interface Field {
  /** Two capital letters. */
  tag: string;
  /** As on the wire. */
  value: string;
}

/** What the client itself says no with. Stable. */
export type ClientErrorCode =
  /** Not sent, not kept: the relay is not there. */
  | 'not_connected'
  /** The socket broke, and the relay has no record of the payment: nothing was sent to the terminal. */
  | 'not_received'
  /** The socket broke before the answer to a question: ask again. Never of a payment, which waits. */
  | 'connection_lost'
  /** Not sent: the payment's id could not be written to the store. */
  | 'store_failed'
  /** Not sent: this id waits for another order. Said by the relay too. */
  | 'id_reused'
  /** `close()` was called; a payment goes on without the page. */
  | 'closed';

/** What the relay says no with: nothing was tried. Stable; when each is said is in PROTOCOL.md. */
export type RefusalCode =
  | 'bad_message'
  | 'bad_amount'
  | 'bad_currency'
  | 'bad_reference'
  | 'unknown_terminal'
  /** `heldBy` names who holds it. */
  | 'terminal_busy'
  | 'id_reused'
  /** `first` names the payment of this reference that is open or in doubt. */
  | 'possible_double_charge'
  | 'not_held'
  | 'id_denied'
  | 'unknown_payment'
  | 'outcome_changed'
  | 'not_closed'
  | 'not_unknown'
  | 'unsupported'
  | 'journal_unavailable'
  | 'journal_unreadable'
  | 'shutting_down'
  | 'not_permitted'
  | 'bad_code'
  | 'bad_ticket'
  | 'pairing_closed'
  | 'till_taken'
  | 'bad_origin'
  | 'unknown_till'
  | 'rate_limited';

/** A relay that is newer than this client may say one that is not listed: have a default. */
export type ErrorCode = ClientErrorCode | RefusalCode;

/** Why something was not done. Its message is for the cashier, in the till's language. */
export class RelayError extends Error {
  constructor(code: ErrorCode, message: string, more?: { id?: string | null; refused?: boolean; heldBy?: HeldBy | null; first?: string | null; cause?: unknown });
  /** Stable: what a page decides by. */
  readonly code: ErrorCode;
  /** The payment it is about. */
  readonly id: string | null;
  /** True when the relay itself said no. */
  readonly refused: boolean;
  /** With `terminal_busy`: who holds the terminal. */
  readonly heldBy: HeldBy | null;
  /** The payment in doubt, for `possible_double_charge`: settle it, or pay again with `despite`. */
  readonly first: string | null;
}

// A till and a relay that does as it is told, without network and without waiting.

import { mock } from 'node:test';
import { connect } from '../caisse-relay.js';
import { Sentences } from '../sentences.js';

// A till of these tests has its language at once.
for (const lang of ['fr', 'en']) await new Sentences(lang).loaded;

export const order = { amount: 1250, currency: 'EUR' };

/** Lets everything that is ready to happen happen. */
export async function settled() {
  for (let turn = 0; turn < 4; turn += 1) await soon();
}

const soon = () => new Promise((done) => setImmediate(done));

export function shop(t, options = {}) {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const relay = new FakeRelay();
  Object.assign(relay, options.relay);
  const notes = [];
  const store = options.store ?? new FakeStore(notes);
  relay.notes = notes;
  const till = connect({ till: 'Caisse 1', store, WebSocket: relay.WebSocket, ...options.connect });
  const states = [];
  till.on('state', (status) => states.push(status.state));
  t.after(() => {
    till.close();
    mock.timers.reset();
  });
  return { till, relay, store, states, notes, pass };
}

/** A shop whose till is connected. */
export async function openShop(t, options) {
  const all = shop(t, options);
  await settled();
  return all;
}

/** Time passes, a second at a time, as it does for people. */
async function pass(seconds) {
  for (let left = seconds; left > 0; left -= 1) {
    mock.timers.tick(Math.min(left, 1) * 1_000);
    await settled();
  }
}

/** A page around the till: events, visibility, a permission. Undone after the test. */
export function page(t, { permission, hostname = 'pos.example.test', framed, allows, secure = true, userAgent = '' } = {}) {
  const window = new EventTarget();
  const status = { state: permission, onchange: null };
  const permissions = {
    query: async ({ name }) => {
      status.name = name;
      if (!permission) throw new TypeError(name);
      return status;
    },
  };
  const featurePolicy = allows && { allowsFeature: (name) => allows.includes(name) };
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible', featurePolicy });
  define(t, 'addEventListener', window.addEventListener.bind(window));
  define(t, 'document', document);
  define(t, 'location', { hostname, origin: `https://${hostname}` });
  define(t, 'navigator', { permissions, userAgent });
  define(t, 'isSecureContext', secure);
  define(t, 'self', globalThis);
  define(t, 'top', framed ? {} : globalThis);
  return {
    status,
    /** What a person answers, or changes in the site's settings. */
    answer(state) {
      status.state = state;
      status.onchange?.();
      return settled();
    },
    fire: (name, fields) => window.dispatchEvent(Object.assign(new Event(name), fields)),
    show(visibilityState) {
      document.visibilityState = visibilityState;
      document.dispatchEvent(new Event('visibilitychange'));
    },
  };
}

export function define(t, name, value) {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
}

export function payment(fields) {
  return {
    till: 'Caisse 1',
    terminal: 'comptoir',
    operation: 'debit',
    ...order,
    means: 'card',
    reference: null,
    phase: 'waiting',
    step: 'connecting',
    outcome: null,
    charged: 'no',
    paid: null,
    acknowledged: false,
    cancel_requested: false,
    resolved: null,
    ...fields,
  };
}

export const approved = (id) => payment({ id, phase: 'closed', step: null, outcome: 'approved', charged: 'yes', paid: 1250 });

export class FakeStore {
  map = new Map();

  constructor(notes = []) {
    this.notes = notes;
  }

  async get(key) {
    return this.map.get(key);
  }

  async set(key, value) {
    await soon();
    this.notes.push(`store ${value}`);
    this.map.set(key, value);
  }

  async remove(key) {
    this.map.delete(key);
  }
}

class FakeRelay {
  up = true;
  greets = true;
  /** `throws`, `blocked` (an error and no close) or nothing. */
  browser = '';
  /** Every message heard, on any socket, except `hello` and `pong`. */
  heard = [];
  hellos = [];
  pongs = [];
  sockets = [];
  notes = [];
  unacknowledged = [];
  /** The tokens it accepts; null: every till is on its own computer. */
  tokens = null;
  /** The pairing code it shows; empty: it does not answer. */
  code = '';

  constructor() {
    const relay = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url, protocols) {
        super(relay, url, protocols);
      }
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  /** The messages of one type. */
  all(type) {
    return this.heard.filter((message) => message.type === type);
  }

  tell(message) {
    this.socket.receive(message);
    return settled();
  }

  pays(id, fields) {
    return this.tell({ type: 'payment', ...approved(id), ...fields });
  }

  refuse(to, code, more) {
    return this.tell({ type: 'refused', to, code, message: `no: ${code}`, ...more });
  }

  /** The socket breaks, as on a killed relay. */
  drop(code = 1006, reason = '') {
    this.socket.end(code, reason);
    return settled();
  }

  hear(socket, message) {
    if (message.type === 'hello') {
      this.hellos.push(message);
      if (this.tokens && !this.tokens.includes(message.token)) socket.end(4401, 'not paired');
      else if (this.greets) this.welcome(socket);
    } else if (message.type === 'pair') {
      this.notes.push('heard pair');
      this.heard.push(message);
      if (message.code === this.code) socket.receive({ type: 'paired', token: this.tokens[0], till: message.till });
      else if (this.code) socket.receive({ type: 'refused', to: 'pair', code: 'bad_code', message: 'no: bad_code' });
    } else if (message.type === 'pong') {
      this.pongs.push(message);
    } else {
      this.notes.push(`heard ${message.type}`);
      this.heard.push(message);
    }
  }

  welcome(socket = this.socket) {
    socket.receive({
      type: 'welcome',
      relay: { name: 'fake', version: '0', protocol: 1 },
      till: 'Caisse 1',
      terminals: [{ name: 'comptoir', label: 'Comptoir', state: 'free', held_by: null, moved_to: null }],
      unacknowledged: this.unacknowledged,
    });
  }
}

class FakeSocket {
  readyState = 0;

  constructor(relay, url, protocols) {
    Object.assign(this, { relay, url, protocols });
    relay.sockets.push(this);
    if (relay.browser === 'throws') throw new Error('SecurityError');
    queueMicrotask(() => this.#begin());
  }

  #begin() {
    if (this.readyState !== 0) return;
    if (this.relay.browser === 'blocked') {
      this.readyState = 3;
      this.onerror?.(new Event('error'));
    } else if (this.relay.up === true) {
      this.readyState = 1;
      this.onopen?.();
    } else if (this.relay.up === false) {
      this.onerror?.(new Event('error'));
      this.end(1006, '');
    }
  }

  send(text) {
    this.relay.hear(this, JSON.parse(text));
  }

  receive(message) {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  end(code, reason) {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  close(code) {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    this.closedWith = code;
  }
}

/** @odoo-module **/
// Copied by web-client/odoo/addon.js from web-client/store.js (MIT OR Apache-2.0): change it there.

// Where a till writes its payment ids down before it sends them, and the token it was paired with.

const KEY = 'caisse-relay.pending';
const TOKEN = 'caisse-relay.token.';

/** @typedef {import('./caisse-relay.js').Store} Store */

/**
 * localStorage, or memory where the browser refuses it (blocked cookies, full disk):
 * a shop that cannot write still sells, and the relay still knows its payments.
 * @implements {Store}
 */
export class PageStore {
  /** True once something could only be kept in memory: a reload forgets it. */
  volatile = false;
  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {string} key */
  get(key) {
    return this.#memory.get(key) ?? this.#try(() => localStorage.getItem(key));
  }

  /** @param {string} key @param {string} value */
  set(key, value) {
    this.#memory.delete(key);
    this.#try(() => localStorage.setItem(key, value), () => this.#memory.set(key, value));
  }

  /** @param {string} key */
  remove(key) {
    this.#memory.delete(key);
    this.#try(() => localStorage.removeItem(key));
  }

  /** @template T @param {() => T} action @param {() => void} [otherwise] */
  #try(action, otherwise) {
    try {
      return action();
    } catch {
      this.volatile = true;
      otherwise?.();
      return null;
    }
  }
}

/** The ids that wait for an acknowledgement, in one key of a store. */
export class Ledger {
  #store;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** @returns {Promise<string[]>} */
  async ids() {
    const text = await this.#store.get(KEY);
    try {
      return [JSON.parse(text ?? '[]')].flat().filter((id) => typeof id === 'string');
    } catch {
      return [];
    }
  }

  /** Resolves once the id is written; to false when it already was. @param {string} id */
  add(id) {
    return this.#alone(async () => {
      const ids = await this.ids();
      if (ids.includes(id)) return false;
      await this.#store.set(KEY, JSON.stringify([...ids, id]));
      return true;
    });
  }

  /** @param {string} id */
  remove(id) {
    return this.#alone(async () => {
      const left = (await this.ids()).filter((other) => other !== id);
      await (left.length ? this.#store.set(KEY, JSON.stringify(left)) : this.#store.remove(KEY));
    });
  }

  /**
   * Read, change, write: one at a time in this page, and between tabs where Web Locks exist.
   * @param {() => Promise<any>} change @returns {Promise<any>}
   */
  #alone(change) {
    const locks = globalThis.navigator?.locks;
    const next = this.#turn.then(() => (locks ? locks.request(KEY, change) : change()));
    this.#turn = next.catch(() => {});
    return next;
  }
}

/** What each relay gave this till when it was paired. A relay is a host: its second port is the same relay. */
export class Tokens {
  #store;
  #given;
  /** @type {Map<string, string>} */
  #memory = new Map();

  /** @param {Store} store @param {string} [given] by the page, for a till that has none of its own */
  constructor(store, given) {
    this.#store = store;
    this.#given = given;
  }

  /** @param {string} url @returns {Promise<string | undefined>} */
  async of(url) {
    const key = keyOf(url);
    return this.#memory.get(key) || (await unlessBroken(() => this.#store.get(key))) || this.#given;
  }

  /** @param {string} url @param {string} token */
  async keep(url, token) {
    const key = keyOf(url);
    this.#memory.set(key, token);
    await unlessBroken(() => this.#store.set(key, token));
  }

  /** The relay no longer takes this one. Another tab may have a newer. @param {string} url @param {string} [token] */
  async drop(url, token) {
    const key = keyOf(url);
    if (this.#memory.get(key) === token) this.#memory.delete(key);
    if (token && (await unlessBroken(() => this.#store.get(key))) === token) await unlessBroken(() => this.#store.remove(key));
  }
}

/** @param {string} url */
function keyOf(url) {
  return TOKEN + new URL(url).hostname;
}

/** A till whose store fails is paired until the next reload. @template T @param {() => T} action */
async function unlessBroken(action) {
  try {
    return await action();
  } catch {
    return undefined;
  }
}

/** `randomUUID` exists only on secure pages. */
export function newId() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
}

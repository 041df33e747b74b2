// What the client itself says, in the page's language: it loads `french.js` or `english.js`, not both.

import { LANGUAGES } from './languages.js';

/** @typedef {import('./caisse-relay.js').Language} Language */
/** @typedef {Pick<import('./connection.js').Connection, 'state' | 'case' | 'home' | 'permission'>} Where */

/**
 * @typedef {object} Words
 * @property {Record<string, string>} says of a state or a `RelayError`
 * @property {Record<string, string>} remedies what to do, by state or by case
 * @property {Record<string, string>} what as the browsers call the two permissions
 * @property {string} here
 * @property {string} self
 */

/** What has come, for the next relay of this page. @type {Partial<Record<Language, Words>>} */
const COME = {};

export class Sentences {
  /** @type {Words | undefined} */
  #words;
  /** Resolves once the language is there, or cannot be had; to true when it has come just now. */
  loaded;

  /** @param {Language} lang @param {Words} [words] where the page has them already */
  constructor(lang, words = COME[lang]) {
    this.#words = words;
    this.loaded = this.#load(lang);
  }

  /** What is so, or what went wrong; the code itself before the language has come. @param {string} code */
  say(code) {
    return this.#words?.says[code] ?? code;
  }

  /** What to do. @param {Where} connection */
  remedy({ state, case: which, home, permission }) {
    if (!this.#words) return '…';
    const { remedies, what, here, self } = this.#words;
    const host = home.replace(/^\w+:\/\/|\/.*/g, '');
    /** @type {Record<string, string>} */
    const known = {
      permission,
      what: what[permission],
      page: `https://${host}/`,
      origin: `wss://${host}`,
      place: permission === 'loopback-network' ? here : host,
      self: globalThis.location?.origin ?? self,
    };
    return remedies[which || state].replace(/\{(\w+)\}/g, (_, name) => known[name]);
  }

  /** @param {Language} lang */
  async #load(lang) {
    if (this.#words) return false;
    try {
      this.#words = await (LANGUAGES[lang] ?? LANGUAGES.fr)();
      COME[lang] = this.#words;
      return true;
    } catch {
      // A till without its sentences still sells.
      return false;
    }
  }
}

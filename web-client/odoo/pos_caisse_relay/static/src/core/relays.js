/** @odoo-module **/
// Where the relay is, as this till knows it. The payment method cannot be written while a session is open, so what
// may change in the middle of a shop day lives in the browser; Odoo gives the defaults.

const URLS = ["wss://127.0.0.1:9443/till", "wss://127.0.0.1:9444/till"];

/**
 * Addresses as people write them: `192.168.1.10`, `caisse-relay.local:9443`, or whole, separated by spaces or commas.
 * @param {string | false | null | undefined} text
 * @returns {string[]}
 */
export function addresses(text) {
    const written = String(text || "").split(/[\s,;]+/).filter(Boolean);
    return written.map((address) => {
        const whole = /^\w+:\/\//.test(address) ? address : `wss://${address}`;
        const [, scheme, host, path] = /^(\w+:\/\/)([^/]*)(.*)$/.exec(whole);
        const port = /:\d+$/.test(host) ? "" : ":9443";
        return `${scheme.replace("https", "wss")}${host}${port}${path.length > 1 ? path : "/till"}`;
    });
}

/** The relays of one till: one connection for each address that its payment methods use. */
export class Relays {
    #connect;
    #storage;
    #prefix;
    #defaults;
    #lang;
    /** @type {Map<string, any>} */
    #open = new Map();
    #listeners = new Set();

    /**
     * @param {object} setup
     * @param {Function} setup.connect the client's
     * @param {Storage} [setup.storage]
     * @param {string | number} setup.config this point of sale's number in Odoo: its ids and tokens are its own
     * @param {{ url?: string | false, till: string }} setup.defaults
     * @param {"fr" | "en"} setup.lang
     */
    constructor({ connect, storage = globalThis.localStorage, config, defaults, lang }) {
        this.#connect = connect;
        this.#storage = storage;
        this.#prefix = `pos_caisse_relay.${config}.`;
        this.#defaults = defaults;
        this.#lang = lang;
    }

    /** What was typed on this till; empty where Odoo's defaults hold. */
    get settings() {
        return { url: "", till: "", ...this.read("settings") };
    }

    /** The name under which the relay knows this till. */
    get till() {
        return this.settings.till || this.#defaults.till;
    }

    /** Those in use. @returns {any[]} */
    get all() {
        return [...this.#open.values()];
    }

    /** @param {{ url: string, till: string }} settings */
    save({ url, till }) {
        this.write("settings", { url: url.trim(), till: till.trim().slice(0, 64) });
        const used = [...this.#open.keys()];
        this.close();
        // Whoever held a relay asks again; the panel shows the new one at once.
        used.slice(0, 1).forEach(() => this.of());
    }

    /** @param {string | false | null} [methodUrl] the default of the payment method */
    of(methodUrl) {
        const urls = [this.settings.url, methodUrl, this.#defaults.url].map(addresses).find((list) => list.length) ?? URLS;
        const key = urls.join(" ");
        const known = this.#open.get(key);
        if (known) {
            return known;
        }
        const relay = this.#connect({
            url: urls,
            till: this.till,
            lang: this.#lang,
            client: "pos_caisse_relay/19.0.1.0.0",
            store: this.#store(),
        });
        this.#open.set(key, relay);
        this.#listeners.forEach((listener) => listener(relay));
        return relay;
    }

    /** @param {(relay: any) => void} listener told of every relay, those in use included */
    onRelay(listener) {
        this.#listeners.add(listener);
        this.all.forEach(listener);
    }

    close() {
        const open = this.all;
        this.#open.clear();
        open.forEach((relay) => relay.close());
    }

    /** @param {string} name */
    read(name) {
        try {
            return JSON.parse(this.#storage.getItem(this.#prefix + name) ?? "null");
        } catch {
            return null;
        }
    }

    /** @param {string} name @param {unknown} value */
    write(name, value) {
        this.#storage.setItem(this.#prefix + name, JSON.stringify(value));
    }

    /** The client's store: a `set` that fails throws, and then nothing is sent. */
    #store() {
        return {
            get: (key) => this.#storage.getItem(this.#prefix + key),
            set: (key, value) => this.#storage.setItem(this.#prefix + key, value),
            remove: (key) => this.#storage.removeItem(this.#prefix + key),
        };
    }
}

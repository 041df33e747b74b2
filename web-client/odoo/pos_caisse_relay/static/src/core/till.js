/** @odoo-module **/
// The relay's part of one point of sale: made once, when Odoo's data is there.

import { connect } from "../lib/caisse-relay";
import { CardPayments } from "./card_payments";
import { Relays } from "./relays";
import { Settlements } from "./settlements";

/** The value of `use_payment_terminal`. */
export const TERMINAL = "caisse_relay";

/** @param {any} method a `pos.payment.method`, as each series loads it @returns {import("./shop").Method} */
export function methodOf(method) {
    return {
        id: method.id,
        name: method.name,
        terminal: method.caisse_relay_terminal || undefined,
        means: method.caisse_relay_means || "card",
        receipt: method.caisse_relay_ticket || undefined,
        url: method.caisse_relay_url || undefined,
    };
}

export class RelayTill {
    /**
     * @param {object} setup
     * @param {{ id: number, name: string, caisse_relay_url?: string | false, caisse_relay_till?: string | false }} setup.config
     * @param {any[]} setup.methods those of the point of sale
     * @param {(relays: Relays) => import("./shop").Shop} setup.shop
     * @param {Record<string, (values?: object) => string>} setup.words
     * @param {"fr" | "en"} setup.lang
     * @param {{ connect?: Function, storage?: Storage }} [setup.options] for tests
     */
    constructor({ config, methods, shop, words, lang, options = {} }) {
        this.relays = new Relays({
            connect,
            config: config.id,
            defaults: { url: config.caisse_relay_url, till: config.caisse_relay_till || config.name },
            lang,
            ...options,
        });
        this.shop = shop(this.relays);
        this.payments = new CardPayments({
            shop: this.shop,
            words,
            relayOf: (method) => this.relays.of(method?.url),
            settlements: new Settlements(this.relays),
        });
        this.methods = methods.filter((method) => method.use_payment_terminal === TERMINAL).map(methodOf);
        this.relays.onRelay((relay) => this.payments.listen(relay));
        // At once: the browser's question appears while somebody is looking.
        this.methods.forEach(({ url }) => this.relays.of(url));
    }
}

/** @param {ConstructorParameters<typeof RelayTill>[0]} setup @returns {RelayTill | null} null where no method is the relay's */
export function openTill(setup) {
    return setup.methods.some((method) => method.use_payment_terminal === TERMINAL) ? new RelayTill(setup) : null;
}

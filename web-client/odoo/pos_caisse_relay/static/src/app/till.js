/** @odoo-module **/
// The relay's part of one point of sale: made once, when Odoo's data is there.

import { connect } from "../lib/caisse-relay";
import { CardPayments } from "../core/card_payments";
import { Relays } from "../core/relays";
import { Settlements } from "../core/settlements";
import { WORDS } from "../words";
import { language } from "./language";
import { methodOf, OdooShop, TERMINAL } from "./odoo_shop";

export class RelayTill {
    /** @param {any} pos the `PosStore` @param {object} [options] for tests: `connect`, `storage` */
    constructor(pos, options = {}) {
        const { config } = pos;
        this.relays = new Relays({
            connect,
            config: config.id,
            defaults: { url: config.caisse_relay_url, till: config.caisse_relay_till || config.name },
            lang: language(),
            ...options,
        });
        this.shop = new OdooShop(pos, this.relays);
        this.payments = new CardPayments({
            shop: this.shop,
            words: WORDS,
            relayOf: (method) => this.relays.of(method?.url),
            settlements: new Settlements(this.relays),
        });
        this.relays.onRelay((relay) => this.payments.listen(relay));
        this.methods = config.payment_method_ids.filter((method) => method.use_payment_terminal === TERMINAL).map(methodOf);
        // At once: the browser's question appears while somebody is looking.
        this.methods.forEach(({ url }) => this.relays.of(url));
    }
}

/** @param {any} pos @returns {RelayTill | null} null where no payment method is the relay's */
export function openTill(pos) {
    const used = pos.config.payment_method_ids.some((method) => method.use_payment_terminal === TERMINAL);
    return used ? new RelayTill(pos, pos.caisseRelayOptions) : null;
}

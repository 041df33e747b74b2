/** @odoo-module **/
// Odoo 18.0's names, and its till.

import { markRaw } from "@odoo/owl";
import { openTill } from "../core/till";
import { RecordShop } from "../records/shop";
import { language } from "../ui/language";
import { WORDS } from "../words";

/** @type {import("../records/shop").Api} */
export const API = {
    amount: (line) => line.get_amount(),
    setAmount: (line, amount) => line.set_amount(amount),
    status: (line) => line.get_payment_status(),
    setStatus: (line, status) => line.set_payment_status(status),
    addTicket: (line, text) => line.set_receipt_info(text),
    respond: (line, paid) => line.handle_payment_response(paid),
    order: (pos) => pos.get_order(),
    cashier: (pos) => pos.get_cashier(),
    addTip: (pos, order, extra) => pos.set_tip((order.get_tip() ?? 0) + extra),
    // This Odoo writes whatever changes.
    keep: () => {},
};

/** @param {any} pos the `PosStore` */
export function open(pos) {
    const till = openTill({
        config: pos.config,
        methods: pos.config.payment_method_ids,
        shop: (relays) => new RecordShop(pos, relays, API),
        words: WORDS,
        lang: language(),
        options: pos.caisseRelayOptions,
    });
    // Odoo's state is seen through proxies, and private fields are not: the till is no state.
    return till && markRaw(till);
}

/** @odoo-module **/
// Odoo 19.0's names, and its till.

import { markRaw } from "@odoo/owl";
import { openTill } from "../core/till";
import { RecordShop } from "../records/shop";
import { language } from "../ui/language";
import { WORDS } from "../words";

/** @type {import("../records/shop").Api} */
export const API = {
    amount: (line) => line.getAmount(),
    setAmount: (line, amount) => line.setAmount(amount),
    status: (line) => line.getPaymentStatus(),
    setStatus: (line, status) => line.setPaymentStatus(status),
    addTicket: (line, text) => line.setReceiptInfo(text),
    respond: (line, paid) => line.handlePaymentResponse(paid),
    order: (pos) => pos.getOrder(),
    cashier: (pos) => pos.getCashier(),
    addTip: (pos, order, extra) => pos.setTip((order.getTip() ?? 0) + extra),
    // By itself Odoo 19.0 writes when an order changes, and not when only a line does.
    keep: (pos) => pos.data.debouncedSynchronizeLocalDataInIndexedDB?.(),
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

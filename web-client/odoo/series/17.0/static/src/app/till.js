/** @odoo-module **/
// Odoo 17.0's till.

import { markRaw } from "@odoo/owl";
import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { openTill } from "../core/till";
import { language } from "../ui/language";
import { QuestionDialog } from "../ui/question_dialog";
import { WORDS } from "../words";
import { methodsOf, ModelShop } from "./shop";

/** @param {any} pos the `PosStore` */
export function open(pos) {
    const { dialog, orm } = pos.env.services;
    const face = {
        ask: (question, signal) =>
            new Promise((resolve) => {
                let answer;
                const props = { ...question, choose: (name) => (answer = name) };
                const close = dialog.add(QuestionDialog, props, { onClose: () => resolve(answer) });
                signal?.addEventListener("abort", close);
            }),
        tell: (title, body) => dialog.add(AlertDialog, { title, body }),
        money: (amount) => pos.env.utils.formatCurrency(amount),
        recorded: (ids) => orm.silent.call("pos.payment", "caisse_relay_recorded", [ids]),
    };
    const till = openTill({
        config: pos.config,
        methods: methodsOf(pos),
        shop: (relays) => new ModelShop(pos, relays, face),
        words: WORDS,
        lang: language(),
        options: pos.caisseRelayOptions,
    });
    // Odoo's state is seen through proxies, and private fields are not: the till is no state.
    return till && markRaw(till);
}

/** @odoo-module **/
// Odoo 16.0's till. Its dialogs are its popups.

import { markRaw } from "@odoo/owl";
import { Gui } from "point_of_sale.Gui";
import { openTill } from "../core/till";
import { language } from "../ui/language";
import { WORDS } from "../words";
import "./question_popup";
import { methodsOf, ModelShop } from "./shop";

/** @param {any} pos the `PosGlobalState` */
export function open(pos) {
    const face = {
        ask: async (question, signal) => {
            const { confirmed, payload } = await Gui.showPopup("RelayQuestionPopup", { ...question, signal });
            return confirmed ? payload : undefined;
        },
        tell: (title, body) => Gui.showPopup("ErrorPopup", { title, body }),
        money: (amount) => pos.format_currency(amount),
        recorded: (ids) =>
            pos.env.services.rpc({ model: "pos.payment", method: "caisse_relay_recorded", args: [ids] }, { shadow: true }),
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

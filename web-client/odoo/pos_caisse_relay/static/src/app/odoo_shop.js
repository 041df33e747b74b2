/** @odoo-module **/
// Odoo 19.0 as the core sees it.

import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { QuestionDialog } from "./question_dialog";

export const TERMINAL = "caisse_relay";
const PAID = ["done", "reversed"];

/** @implements {import("../core/shop").Line} */
class OdooLine {
    #pos;
    #line;

    /** @param {any} pos @param {any} line a `pos.payment` */
    constructor(pos, line) {
        this.#pos = pos;
        this.#line = line;
    }

    get uuid() {
        return this.#line.uuid;
    }
    get order() {
        return this.#line.pos_order_id.uuid;
    }
    get method() {
        return methodOf(this.#line.payment_method_id);
    }
    get currency() {
        return this.#pos.currency;
    }
    get amount() {
        return this.#line.getAmount();
    }
    set amount(amount) {
        this.#line.setAmount(amount);
    }
    get status() {
        return this.#line.getPaymentStatus() || "";
    }
    set status(status) {
        this.#line.setPaymentStatus(status);
    }
    get paid() {
        return PAID.includes(this.status);
    }
    get recorded() {
        return this.#line.caisse_relay_payment || "";
    }
    get memory() {
        return this.#line.uiState?.caisse_relay ?? {};
    }

    /** @param {object} news */
    remember(news) {
        this.#line.uiState = { ...this.#line.uiState, caisse_relay: { ...this.memory, ...news } };
    }

    /** @param {import("../core/shop").Proof} proof */
    record({ id, transactionId, cardType, lastDigits, authorization, ticket }) {
        const again = this.recorded === id;
        Object.assign(this.#line, {
            caisse_relay_payment: id,
            transaction_id: transactionId,
            card_type: cardType,
            card_no: lastDigits,
            payment_method_authcode: authorization,
        });
        if (ticket && !again) {
            this.#line.setReceiptInfo(ticket);
        }
    }

    /** After a reload Odoo has no promise to keep. @param {boolean} paid */
    respond(paid) {
        this.#line.handlePaymentResponse(paid);
        this.#pos.paymentTerminalInProgress = false;
    }
}

/** @param {any} method a `pos.payment.method` @returns {import("../core/shop").Method} */
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

/** @implements {import("../core/shop").Shop} */
export class OdooShop {
    #pos;
    #relays;

    /** @param {any} pos the `PosStore` @param {import("../core/relays").Relays} relays */
    constructor(pos, relays) {
        this.#pos = pos;
        this.#relays = relays;
    }

    get #payments() {
        return this.#pos.models["pos.payment"];
    }

    /** @param {string} uuid */
    line(uuid) {
        const line = this.#payments.getBy("uuid", uuid);
        return line && isOurs(line) ? new OdooLine(this.#pos, line) : null;
    }

    lines() {
        return this.#payments.filter(isOurs).map((line) => new OdooLine(this.#pos, line));
    }

    relays() {
        return this.#relays.all;
    }

    /** @param {import("../core/shop").Question} question @param {AbortSignal} [signal] */
    ask(question, signal) {
        return new Promise((resolve) => {
            let answer;
            const close = this.#pos.dialog.add(
                QuestionDialog,
                { ...question, choose: (name) => (answer = name) },
                { onClose: () => resolve(answer) }
            );
            signal?.addEventListener("abort", close);
        });
    }

    /** @param {string} title @param {string} body */
    tell(title, body) {
        this.#pos.dialog.add(AlertDialog, { title, body });
    }

    /** @param {number} amount */
    money(amount) {
        return this.#pos.env.utils.formatCurrency(amount);
    }

    cashier() {
        return String(this.#pos.getCashier()?.name || this.#pos.config.name).slice(0, 64);
    }

    /** @param {string[]} ids */
    recorded(ids) {
        return this.#pos.data.orm.silent.call("pos.payment", "caisse_relay_recorded", [ids]);
    }

    /** @param {import("../core/shop").Line} line @param {number} extra */
    tip(line, extra) {
        const order = this.#orderOf(line.order);
        // setTip speaks of the order on screen.
        if (!this.#pos.config.iface_tipproduct || !this.#pos.config.tip_product_id || order !== this.#pos.getOrder()) {
            return false;
        }
        this.#pos.setTip((order.getTip?.() ?? 0) + extra);
        return true;
    }

    /** @param {any} payment */
    restorable(payment) {
        const order = this.#orderOf(payment.reference);
        return !!order && !order.finalized && !!this.#methodFor(payment);
    }

    /** @param {any} payment */
    restore(payment) {
        const uuid = payment.id.slice(0, payment.id.lastIndexOf("."));
        const line = this.#payments.create({
            uuid,
            pos_order_id: this.#orderOf(payment.reference),
            payment_method_id: this.#methodFor(payment),
            payment_status: "waiting",
        });
        return new OdooLine(this.#pos, line);
    }

    /** @param {string | null} uuid */
    #orderOf(uuid) {
        return uuid ? this.#pos.models["pos.order"].getBy("uuid", uuid) : undefined;
    }

    /** @param {any} payment */
    #methodFor({ terminal, means }) {
        const methods = this.#pos.config.payment_method_ids.filter((method) => method.use_payment_terminal === TERMINAL);
        const alike = methods.filter((method) => methodOf(method).means === means);
        return alike.find((method) => method.caisse_relay_terminal === terminal) ?? alike[0] ?? methods[0];
    }
}

/** @param {any} line */
function isOurs(line) {
    return line.payment_method_id?.use_payment_terminal === TERMINAL;
}

/** @odoo-module **/
// Odoo 18.0 and later, where everything is a record, as the core sees it. What these call differently is in `api`.

import { AlertDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { methodOf, TERMINAL } from "../core/till";
import { QuestionDialog } from "../ui/question_dialog";

const PAID = ["done", "reversed"];

/**
 * @typedef {object} Api the names of one series
 * @property {(line: any) => number} amount
 * @property {(line: any, amount: number) => void} setAmount
 * @property {(line: any) => string | false | undefined} status
 * @property {(line: any, status: string) => void} setStatus
 * @property {(line: any, text: string) => void} addTicket
 * @property {(line: any, paid: boolean) => void} respond
 * @property {(pos: any) => any} order the one on screen
 * @property {(pos: any) => any} cashier
 * @property {(pos: any, order: any, extra: number) => Promise<unknown>} addTip
 * @property {(pos: any) => void} keep writes to the browser what a reload must find
 */

/** @implements {import("../core/shop").Line} */
class RecordLine {
    #pos;
    #line;
    #api;

    /** @param {any} pos @param {any} line a `pos.payment` @param {Api} api */
    constructor(pos, line, api) {
        this.#pos = pos;
        this.#line = line;
        this.#api = api;
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
        return this.#api.amount(this.#line);
    }
    set amount(amount) {
        this.#api.setAmount(this.#line, amount);
    }
    get status() {
        return this.#api.status(this.#line) || "";
    }
    set status(status) {
        this.#api.setStatus(this.#line, status);
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
        this.#api.keep(this.#pos);
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
            this.#api.addTicket(this.#line, ticket);
        }
        this.#api.keep(this.#pos);
    }

    /** After a reload Odoo has no promise to keep. @param {boolean} paid */
    respond(paid) {
        this.#api.respond(this.#line, paid);
        this.#pos.paymentTerminalInProgress = false;
    }
}

/** @implements {import("../core/shop").Shop} */
export class RecordShop {
    #pos;
    #relays;
    #api;

    /** @param {any} pos the `PosStore` @param {import("../core/relays").Relays} relays @param {Api} api */
    constructor(pos, relays, api) {
        this.#pos = pos;
        this.#relays = relays;
        this.#api = api;
    }

    get #payments() {
        return this.#pos.models["pos.payment"];
    }

    /** @param {string} uuid */
    line(uuid) {
        const line = this.#payments.find((payment) => payment.uuid === uuid);
        return line && isOurs(line) ? this.#seen(line) : null;
    }

    lines() {
        return this.#payments.filter(isOurs).map((line) => this.#seen(line));
    }

    relays() {
        return this.#relays.all;
    }

    /** @param {import("../core/shop").Question} question @param {AbortSignal} [signal] */
    ask(question, signal) {
        return new Promise((resolve) => {
            let answer;
            const close = this.#dialog.add(
                QuestionDialog,
                { ...question, choose: (name) => (answer = name) },
                { onClose: () => resolve(answer) }
            );
            signal?.addEventListener("abort", close);
        });
    }

    /** @param {string} title @param {string} body */
    tell(title, body) {
        this.#dialog.add(AlertDialog, { title, body });
    }

    /** @param {number} amount */
    money(amount) {
        return this.#pos.env.utils.formatCurrency(amount);
    }

    cashier() {
        return String(this.#api.cashier(this.#pos)?.name || this.#pos.config.name).slice(0, 64);
    }

    /** @param {string[]} ids */
    recorded(ids) {
        return this.#pos.env.services.orm.silent.call("pos.payment", "caisse_relay_recorded", [ids]);
    }

    /** @param {import("../core/shop").Line} line @param {number} extra */
    async tip(line, extra) {
        const order = this.#orderOf(line.order);
        // Odoo's tip is about the order on screen.
        if (!this.#pos.config.iface_tipproduct || !this.#pos.config.tip_product_id || order?.uuid !== this.#api.order(this.#pos)?.uuid) {
            return false;
        }
        await this.#api.addTip(this.#pos, order, extra);
        return true;
    }

    /** @param {any} payment */
    restorable(payment) {
        const order = this.#orderOf(payment.reference);
        return !!order && !order.finalized && !!this.#methodFor(payment);
    }

    /** @param {any} payment */
    restore(payment) {
        const line = this.#payments.create({
            uuid: payment.id.slice(0, payment.id.lastIndexOf(".")),
            pos_order_id: this.#orderOf(payment.reference),
            payment_method_id: this.#methodFor(payment),
            payment_status: "waiting",
        });
        return this.#seen(line);
    }

    get #dialog() {
        return this.#pos.env.services.dialog;
    }

    #seen(line) {
        return new RecordLine(this.#pos, line, this.#api);
    }

    /** @param {string | null} uuid */
    #orderOf(uuid) {
        return uuid ? this.#pos.models["pos.order"].find((order) => order.uuid === uuid) : undefined;
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

/** @odoo-module **/
// Odoo 17.0 and 16.0, where orders and lines are models, as the core sees it. Dialogs are each series' own.

import { methodOf, TERMINAL } from "../core/till";
import { memoryOf, rename } from "./payment_memory";

/** @implements {import("../core/shop").Line} */
class ModelLine {
    #pos;
    #line;

    /** @param {any} pos @param {any} line a `Payment` */
    constructor(pos, line) {
        this.#pos = pos;
        this.#line = line;
    }

    get uuid() {
        return memoryOf(this.#line).uuid;
    }
    get order() {
        return this.#line.order.uid;
    }
    get method() {
        return methodOf(this.#line.payment_method);
    }
    get currency() {
        return this.#pos.currency;
    }
    get amount() {
        return this.#line.get_amount();
    }
    set amount(amount) {
        this.#line.set_amount(amount);
    }
    get status() {
        return this.#line.get_payment_status() || "";
    }
    set status(status) {
        this.#line.set_payment_status(status);
    }
    get paid() {
        return ["done", "reversed"].includes(this.status);
    }
    get recorded() {
        return this.#line.caisse_relay_payment || "";
    }
    get memory() {
        return memoryOf(this.#line).memory;
    }

    /** @param {object} news */
    remember(news) {
        const known = memoryOf(this.#line);
        known.memory = { ...known.memory, ...news };
        // Odoo writes the order to the browser with its next change; this is one.
        this.#line.order.save_to_db?.();
    }

    /** @param {import("../core/shop").Proof} proof */
    record({ id, transactionId, cardType, ticket }) {
        const again = this.recorded === id;
        Object.assign(this.#line, { caisse_relay_payment: id, transaction_id: transactionId, card_type: cardType });
        if (ticket && !again) {
            this.#line.set_receipt_info(ticket);
        }
    }

    /** @param {boolean} paid */
    respond(paid) {
        if (this.#line.handle_payment_response) {
            this.#line.handle_payment_response(paid);
        } else {
            this.status = paid ? "done" : "retry";
        }
        this.#pos.paymentTerminalInProgress = false;
    }
}

/** @implements {import("../core/shop").Shop} */
export class ModelShop {
    #pos;
    #relays;
    #face;

    /**
     * @param {any} pos
     * @param {import("../core/relays").Relays} relays
     * @param {{ ask: Function, tell: Function, recorded: Function, money: Function }} face
     */
    constructor(pos, relays, face) {
        this.#pos = pos;
        this.#relays = relays;
        this.#face = face;
    }

    get #lines() {
        return this.#pos.orders.flatMap((order) => [...order.paymentlines]).filter(isOurs);
    }

    /** @param {string} uuid */
    line(uuid) {
        const line = this.#lines.find((payment) => memoryOf(payment).uuid === uuid);
        return line ? new ModelLine(this.#pos, line) : null;
    }

    lines() {
        return this.#lines.map((line) => new ModelLine(this.#pos, line));
    }

    relays() {
        return this.#relays.all;
    }

    ask(question, signal) {
        return this.#face.ask(question, signal);
    }

    tell(title, body) {
        this.#face.tell(title, body);
    }

    money(amount) {
        return this.#face.money(amount);
    }

    cashier() {
        return String(this.#pos.get_cashier()?.name || this.#pos.config.name).slice(0, 64);
    }

    recorded(ids) {
        return this.#face.recorded(ids);
    }

    tip(line, extra) {
        const order = this.#orderOf(line.order);
        if (!this.#pos.config.iface_tipproduct || !this.#pos.config.tip_product_id || order.uid !== this.#pos.get_order()?.uid) {
            return false;
        }
        order.set_tip((order.get_tip() ?? 0) + extra);
        return true;
    }

    restorable({ reference }) {
        const order = this.#orderOf(reference);
        return !!order && !order.finalized;
    }

    restore(payment) {
        const order = this.#orderOf(payment.reference);
        // Odoo adds no line beside one that waits for Send or Retry. Nothing is at the terminal for that one: it gives way.
        const idle = [...order.paymentlines].find(
            (other) => isOurs(other) && !memoryOf(other).memory.open && ["pending", "retry"].includes(other.get_payment_status())
        );
        if (!idle && !order.add_paymentline(this.#methodFor(payment))) {
            return null;
        }
        // Odoo returns the line as it made it; the one in the order tells the screen of its changes.
        const line = idle ?? [...order.paymentlines].at(-1);
        rename(line, payment.id.slice(0, payment.id.lastIndexOf(".")));
        line.set_payment_status("waiting");
        return new ModelLine(this.#pos, line);
    }

    #orderOf(uid) {
        return this.#pos.orders.find((order) => order.uid === uid);
    }

    #methodFor({ terminal, means }) {
        const methods = methodsOf(this.#pos).filter((method) => method.use_payment_terminal === TERMINAL);
        const alike = methods.filter((method) => methodOf(method).means === means);
        return alike.find((method) => method.caisse_relay_terminal === terminal) ?? alike[0] ?? methods[0];
    }
}

/** Those of this point of sale: Odoo loads every method there is. @param {any} pos */
export function methodsOf(pos) {
    return pos.payment_methods.filter(({ id }) => pos.config.payment_method_ids.includes(id));
}

/** @param {any} line */
function isOurs(line) {
    return line.payment_method?.use_payment_terminal === TERMINAL;
}

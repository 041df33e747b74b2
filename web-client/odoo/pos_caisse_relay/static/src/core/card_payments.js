/** @odoo-module **/
// From the cashier's button to Odoo's record, for one payment line at a time. It knows no Odoo and no socket: a `shop`
// (one adapter for each version of Odoo) gives it lines and dialogs, `relayOf` the client of the relay.
//
// The rules that make a sale one charge:
// - an attempt has a number and an id, made of the line's uuid; a new number is taken only after the last attempt is
//   closed without a charge. A Retry while one is open, or in doubt, asks about it.
// - silence is a question to a person, never a yes or a no.
// - the relay is told "recorded" when Odoo's database has the line, and not before: until then it tells again.

import { paymentId, parts } from "./attempt";
import { Books } from "./books";
import { majorUnits, minorUnits, MoneyError } from "./money";
import { Questions } from "./questions";
import { record, recordSettled } from "./record";

export class CardPayments {
    #shop;
    #words;
    #relayOf;
    #settlements;
    /** Ids whose outcome somebody here waits for. @type {Set<string>} */
    #followed = new Set();
    /** Odoo's own waits, by line. @type {Map<string, (paid: boolean) => void>} */
    #waits = new Map();
    #questions;
    #books;

    /**
     * @param {object} setup
     * @param {import("./shop").Shop} setup.shop
     * @param {Record<string, (values?: object) => string>} setup.words
     * @param {(method: object | null) => any} setup.relayOf
     * @param {import("./settlements").Settlements} setup.settlements
     */
    constructor({ shop, words, relayOf, settlements }) {
        this.#shop = shop;
        this.#words = words;
        this.#relayOf = relayOf;
        this.#settlements = settlements;
        this.#questions = new Questions(shop, words);
        this.#books = new Books(shop, (id) => this.#followed.has(id));
    }

    /** Every relay that is used: late answers, and what it has kept for this till. @param {any} relay */
    listen(relay) {
        relay.on("payment", (payment) => this.#heard(relay, payment));
        relay.on("welcome", () => this.recover(relay));
        if (relay.state === "ready") {
            this.recover(relay);
        }
    }

    // The buttons of Odoo

    /**
     * Send, Retry and Refund. Never rejects: a till whose promise rejects cannot take cards until it is reloaded.
     * @param {string} uuid @returns {Promise<boolean>} whether the line is paid
     */
    send(uuid) {
        return new Promise((resolve) => {
            const earlier = this.#waits.get(uuid);
            this.#waits.set(uuid, (paid) => [earlier, resolve].forEach((wait) => wait?.(paid)));
            this.#begin(uuid).catch((error) => this.#failed(uuid, error));
        });
    }

    /**
     * Cancel. Only the terminal can end what it has begun.
     * @param {string} uuid @returns {Promise<boolean>} true when nothing was and nothing will be charged
     */
    async cancel(uuid) {
        const line = this.#shop.line(uuid);
        if (!line?.memory.open) {
            return true;
        }
        const payment = await this.#cancelled(line);
        if (payment?.phase === "closed" && payment.charged === "no") {
            return true;
        }
        if (payment) {
            this.#shop.tell(this.#words.cancelTitle(), payment.advice);
        }
        return false;
    }

    /** Before the line is removed, by a person or by a sale paid otherwise. @param {string} uuid @returns {Promise<boolean>} */
    async mayRemove(uuid) {
        const line = this.#shop.line(uuid);
        if (!line?.memory.open) {
            return true;
        }
        const payment = await this.#cancelled(line, false);
        if (payment?.phase === "closed" && payment.charged === "no") {
            return true;
        }
        return this.#questions.remove(line, payment?.advice);
    }

    /** The line is about to go: Odoo stops waiting, this does not. @param {string} uuid */
    removed(uuid) {
        const wait = this.#waits.get(uuid);
        this.#waits.delete(uuid);
        wait?.(false);
    }

    /** "Force done": never a way to say "paid" without having looked. @param {string} uuid */
    async settle(uuid) {
        const line = this.#shop.line(uuid);
        if (!line) {
            return;
        }
        const id = paymentId(uuid, line.memory.attempt ?? 1);
        try {
            const payment = await this.#relayOf(line.method).payment(id);
            if (payment.phase === "waiting") {
                return this.#shop.tell(this.#words.waitingTitle(), payment.advice);
            }
            await this.#outcome(uuid, payment);
        } catch (error) {
            if (error.code === "unknown_payment") {
                return this.#over(line, false);
            }
            await this.#settleAlone(line, id);
        }
    }

    // After a reload, and whenever the relay is back

    /** @param {any} relay */
    async recover(relay) {
        try {
            await this.#report(relay);
            const pending = (await relay.pending()).map(parts).filter(Boolean);
            for (const line of this.#shop.lines()) {
                // Odoo writes its lines to the browser a moment later than the client its ids.
                const attempts = pending.filter(({ uuid }) => uuid === line.uuid).map(({ attempt }) => attempt);
                const attempt = Math.max(line.memory.attempt ?? 0, ...attempts);
                // None: another till sent it, and Odoo's server shows its order here.
                if (attempt && this.#relayOf(line.method) === relay && this.#unfinished(line)) {
                    line.remember({ attempt });
                    this.#resume(line, relay);
                }
            }
            for (const payment of await relay.unacknowledged()) {
                this.#kept(relay, payment);
            }
            await this.saved();
        } catch (error) {
            // The connection broke again: the next welcome starts over.
            if (!error.code) {
                console.error(error);
            }
        }
    }

    /** Odoo has saved orders: what its database has is acknowledged. */
    saved() {
        return this.#books.saved();
    }

    // One attempt

    /** @param {string} uuid */
    async #begin(uuid) {
        const line = this.#shop.line(uuid);
        if (!line) {
            return this.#answer(uuid, false);
        }
        const relay = this.#relayOf(line.method);
        if (line.memory.open) {
            return this.#resume(line, relay);
        }
        const { amount, currency } = minorUnits(line.amount, line.currency);
        if (!amount) {
            throw new MoneyError("nothing_to_pay");
        }
        const { method } = line;
        const attempt = (line.memory.attempt ?? 0) + 1;
        const { despite } = line.memory;
        line.remember({ attempt, open: true, advice: "", despite: undefined });
        const id = paymentId(uuid, attempt);
        const order = {
            id,
            amount: Math.abs(amount),
            currency,
            terminal: method.terminal || undefined,
            means: amount < 0 || method.means === "card" ? undefined : method.means,
            // The order: the relay refuses a second payment of it while a first is open or in doubt.
            reference: line.order,
            receipt: method.receipt || undefined,
            despite,
            onProgress: (payment) => this.#progress(payment),
        };
        await this.#follow(uuid, id, () => (amount < 0 ? relay.refund(order) : relay.pay(order)));
    }

    /** Only asks. @param {import("./shop").Line} line @param {any} relay */
    async #resume(line, relay) {
        const id = paymentId(line.uuid, line.memory.attempt ?? 1);
        if (this.#followed.has(id)) {
            return;
        }
        line.remember({ attempt: line.memory.attempt ?? 1, open: true });
        line.status = "waitingCard";
        if (relay.state !== "ready") {
            line.remember({ advice: `${relay.status.message} ${relay.status.remedy}` });
        }
        await this.#follow(line.uuid, id, () => relay.resume(id, { onProgress: (payment) => this.#progress(payment) }));
    }

    /** @param {string} uuid @param {string} id @param {() => Promise<any>} ask */
    async #follow(uuid, id, ask) {
        this.#followed.add(id);
        try {
            const payment = await ask().finally(() => this.#followed.delete(id));
            await this.#outcome(uuid, payment);
        } catch (error) {
            await this.#failed(uuid, error, id);
        }
    }

    /** @param {any} payment */
    #progress(payment) {
        const { uuid, attempt } = parts(payment.id);
        const line = this.#shop.line(uuid);
        if (!line || line.memory.attempt !== attempt || payment.phase !== "waiting") {
            return;
        }
        line.remember({ advice: payment.advice });
        if (line.status === "waiting") {
            line.status = "waitingCard";
        }
    }

    // What became of it

    /** @param {string} uuid @param {any} payment closed */
    async #outcome(uuid, payment) {
        const said = this.#settlements.of(payment.id);
        const line = this.#lineOf(payment);
        if (payment.charged === "maybe") {
            return said ? this.#tellRelay(line?.method ?? null, payment.id) : this.#doubt(line, payment);
        }
        if (said) {
            this.#settlements.drop(payment.id);
        }
        if (payment.contradicted || (said && said.charged !== payment.charged)) {
            this.#shop.tell(this.#words.contradictedTitle(), `${this.#words.contradictedBody(this.#questions.sumOf(payment))} ${payment.advice}`);
        }
        if (!line) {
            return this.#lineless(payment);
        }
        if (payment.charged === "yes") {
            return this.#charged(line, payment);
        }
        await this.#books.acknowledge(payment);
        if (line.paid) {
            return;
        }
        if (payment.reason !== "cancelled") {
            this.#shop.tell(this.#words[`${payment.outcome}Title`]?.() ?? this.#words.notPaidTitle(), reasonOf(payment));
        }
        this.#over(line, false);
    }

    /** @param {import("./shop").Line} line @param {any} payment */
    async #charged(line, payment) {
        const { amount } = minorUnits(line.amount, line.currency);
        const paid = payment.paid ?? payment.amount;
        const known = line.recorded === payment.id;
        if (!known) {
            record(line, payment);
        }
        if (!known && paid !== Math.abs(amount)) {
            const extra = majorUnits(paid - Math.abs(amount), payment.currency);
            line.amount = Math.sign(amount || 1) * majorUnits(paid, payment.currency);
            const tipped = extra > 0 && (await this.#tip(line, extra));
            const say = extra < 0 ? this.#words.partial : tipped ? this.#words.tip : this.#words.tipByHand;
            this.#shop.tell(this.#words.otherAmountTitle(), say({ ...this.#questions.sumOf(payment), extra: this.#shop.money(Math.abs(extra)) }));
        }
        this.#over(line, true);
    }

    /** A tip that Odoo refuses costs no charge its record. @param {import("./shop").Line} line @param {number} extra */
    async #tip(line, extra) {
        try {
            return await this.#shop.tip(line, extra);
        } catch (error) {
            console.error(error);
            return false;
        }
    }

    /** The attempt has ended. @param {import("./shop").Line} line @param {boolean} paid */
    #over(line, paid) {
        line.remember({ open: false, advice: "" });
        this.#answer(line.uuid, paid);
    }

    /** @param {string} uuid @param {boolean} paid @param {boolean} [held] no Retry: it is not known */
    #answer(uuid, paid, held = false) {
        const wait = this.#waits.get(uuid);
        this.#waits.delete(uuid);
        const line = this.#shop.line(uuid);
        if (wait) {
            wait(paid);
        } else if (line && !line.paid && !held) {
            line.respond(paid);
        }
        if (held && line) {
            // Odoo turns "not paid" into Retry as soon as it is told; this comes after.
            setTimeout(() => this.#hold(line), 0);
        }
    }

    /** No Retry, until it is known. @param {import("./shop").Line} line */
    #hold(line) {
        if (line.memory.open && !line.paid) {
            const asked = this.#followed.has(paymentId(line.uuid, line.memory.attempt ?? 1));
            line.status = asked ? "waitingCard" : "force_done";
        }
    }

    // Not known

    /** @param {import("./shop").Line | null} line @param {any} payment */
    async #doubt(line, payment) {
        if (this.#questions.has(payment.id)) {
            return;
        }
        line?.remember({ open: true, advice: payment.advice });
        if (line) {
            line.status = "force_done";
        }
        const answer = await this.#questions.doubt(payment);
        const uuid = parts(payment.id).uuid;
        if (answer === "news") {
            return this.#again(uuid, payment.id, line?.method ?? null);
        }
        if (answer === "later") {
            return line && this.#answer(uuid, false, true);
        }
        this.#settlements.keep(payment.id, { charged: answer, by: this.#shop.cashier() });
        await this.#tellRelay(line?.method ?? null, payment.id);
    }

    /** The relay is not there to be asked, and the customer is. @param {import("./shop").Line} line @param {string} id */
    async #settleAlone(line, id) {
        line.status = "force_done";
        const answer = await this.#questions.doubtAlone(id, line);
        if (answer !== "yes" && answer !== "no") {
            return answer === "news" ? this.#again(line.uuid, id, line.method) : undefined;
        }
        this.#settlements.keep(id, { charged: answer, by: this.#shop.cashier() });
        if (answer === "yes") {
            recordSettled(line, id, this.#shop.cashier());
        }
        this.#over(line, answer === "yes");
    }

    /** What a person read goes to the relay, now or when it is back. @param {object | null} method @param {string} id */
    async #tellRelay(method, id) {
        const said = this.#settlements.of(id);
        const { uuid } = parts(id);
        this.#followed.add(id);
        try {
            const payment = await this.#relayOf(method).resolve(id, said);
            this.#settlements.drop(id);
            await this.#settled(uuid, payment, said);
        } catch (error) {
            if (error.code === "not_unknown") {
                return this.#again(uuid, id, method);
            }
            if (error.refused) {
                this.#settlements.drop(id);
            }
            this.#shop.tell(this.#words.doubtTitle(), error.message);
            this.#answer(uuid, false, true);
        } finally {
            this.#followed.delete(id);
        }
    }

    /** @param {string} uuid @param {any} payment @param {{ charged: string, by: string }} said */
    async #settled(uuid, payment, said) {
        const line = this.#lineOf(payment);
        if (!line) {
            return this.#lineless(payment);
        }
        if (said.charged === "yes") {
            recordSettled(line, payment.id, said.by);
        } else {
            await this.#books.acknowledge(payment);
        }
        this.#over(line, said.charged === "yes");
    }

    /** @param {string} uuid @param {string} id @param {object | null} method */
    async #again(uuid, id, method) {
        await this.#follow(uuid, id, () => this.#relayOf(method).resume(id));
    }

    // The relay speaks first

    /** @param {any} relay @param {any} payment */
    #heard(relay, payment) {
        if (!parts(payment.id) || payment.phase !== "closed" || payment.acknowledged || this.#followed.has(payment.id)) {
            return;
        }
        const settled = payment.outcome !== "unknown" || payment.resolved;
        if (settled && this.#questions.has(payment.id)) {
            this.#questions.end(payment.id);
        } else if (settled && (payment.late || this.#lineOf(payment)?.memory.open)) {
            this.#outcome(parts(payment.id).uuid, payment).catch((error) => console.error(relay.state, error));
        }
    }

    /** A payment that the relay has kept for this till. @param {any} relay @param {any} payment */
    async #kept(relay, payment) {
        const ours = parts(payment.id);
        if (!ours || this.#followed.has(payment.id) || this.#questions.has(payment.id)) {
            return;
        }
        const line = this.#lineOf(payment);
        if (line && (line.memory.open || !line.paid)) {
            line.remember({ attempt: ours.attempt, open: true });
            return this.#resume(line, relay);
        }
        if (!line && payment.phase === "waiting") {
            return this.#follow(ours.uuid, payment.id, () => relay.resume(payment.id));
        }
        if (!line) {
            await this.#outcome(ours.uuid, payment);
        }
    }

    /** The line is gone: removed, or saved before the page was reloaded. @param {any} payment */
    async #lineless(payment) {
        if (payment.charged === "no") {
            return this.#books.acknowledge(payment);
        }
        if (await this.#books.has(payment.id)) {
            return this.#books.acknowledge(payment);
        }
        if (this.#questions.has(payment.id)) {
            return;
        }
        const answer = await this.#questions.lost(payment);
        if (answer === "news") {
            return this.#again(parts(payment.id).uuid, payment.id, null);
        }
        if (answer === "noted") {
            await this.#books.acknowledge(payment);
        }
        if (answer === "restore") {
            this.#restore(payment);
        }
    }

    /** @param {any} payment */
    #restore(payment) {
        const line = this.#shop.restore(payment);
        if (!line) {
            return this.#shop.tell(this.#words.lostTitle(), this.#words.notRestored());
        }
        line.remember({ attempt: parts(payment.id).attempt, open: true });
        line.amount = (payment.operation === "refund" ? -1 : 1) * majorUnits(payment.paid ?? payment.amount, payment.currency);
        record(line, payment);
        this.#over(line, true);
    }

    // What went wrong before there was an outcome

    /** @param {string} uuid @param {any} error @param {string} [id] */
    async #failed(uuid, error, id) {
        const line = this.#shop.line(uuid);
        // The page lets the relay go, or the relay cannot read what it has: the attempt stays as it is.
        if (["closed", "journal_unreadable"].includes(error.code)) {
            return this.#answer(uuid, false, true);
        }
        if (error instanceof MoneyError) {
            this.#shop.tell(this.#words.notSentTitle(), this.#words[error.code]());
            return this.#answer(uuid, false);
        }
        // Not ours to explain: nothing is known, so nothing is new at the next Retry.
        if (!error.code) {
            console.error(error);
            this.#shop.tell(this.#words.doubtTitle(), this.#words.broken());
            return this.#answer(uuid, false, !!line?.memory.open);
        }
        if (error.code === "not_received" && id) {
            this.#settlements.drop(id);
        }
        line?.remember({ open: false, advice: "" });
        if (error.code === "possible_double_charge") {
            return this.#doubleCharge(uuid, error);
        }
        if (line) {
            const relay = this.#relayOf(line.method);
            const remedy = relay.state === "ready" ? "" : ` ${relay.status.remedy}`;
            const holder = error.heldBy?.till ? ` ${this.#words.heldBy({ till: error.heldBy.till })}` : "";
            this.#shop.tell(this.#words.notSentTitle(), `${error.message}${holder}${remedy}`);
        }
        this.#answer(uuid, false);
    }

    /** Another payment of this order is open or in doubt. @param {string} uuid @param {any} error */
    async #doubleCharge(uuid, error) {
        const line = this.#shop.line(uuid);
        const first = line && (await this.#relayOf(line.method).payment(error.first).catch(() => null));
        if (first?.charged === "maybe" && first.phase === "closed" && parts(first.id)) {
            this.#answer(uuid, false);
            return this.#doubt(this.#lineOf(first), first);
        }
        if (line && (await this.#questions.despite(error.message, first?.advice))) {
            line.remember({ despite: error.first });
            return this.#begin(uuid).catch((other) => this.#failed(uuid, other));
        }
        this.#answer(uuid, false);
    }

    /** @param {any} relay what people said while it was away */
    async #report(relay) {
        for (const id of this.#settlements.ids) {
            const payment = await relay.payment(id).catch((error) => error);
            if (payment.code === "unknown_payment") {
                this.#settlements.drop(id);
            } else if (payment.phase === "closed" && !this.#followed.has(id)) {
                await this.#outcome(parts(id).uuid, payment);
            }
        }
    }

    // Small questions

    /** @param {import("./shop").Line} line @param {boolean} [loud] */
    async #cancelled(line, loud = true) {
        const id = paymentId(line.uuid, line.memory.attempt ?? 1);
        try {
            return await this.#relayOf(line.method).cancel(id);
        } catch (error) {
            if (error.code === "unknown_payment") {
                return { phase: "closed", charged: "no" };
            }
            if (loud) {
                this.#shop.tell(this.#words.cancelTitle(), `${this.#words.notCancelled()} ${error.message}`);
            }
            return null;
        }
    }

    /** @param {any} payment @returns {import("./shop").Line | null} the line whose last attempt it is */
    #lineOf(payment) {
        const { uuid, attempt } = parts(payment.id);
        const line = this.#shop.line(uuid);
        // After a reload the browser may know less of the line than the relay.
        return line && attempt >= (line.memory.attempt ?? 0) ? line : null;
    }

    /** @param {import("./shop").Line} line */
    #unfinished(line) {
        const waiting = ["waiting", "waitingCard", "waitingCancel", "force_done"].includes(line.status);
        return !line.paid && (line.memory.open || waiting);
    }
}

/** @param {any} payment */
function reasonOf({ advice, report }) {
    const more = [report?.label, report?.message].filter((text) => text && !advice.includes(text));
    return [advice, ...more].join(" ");
}

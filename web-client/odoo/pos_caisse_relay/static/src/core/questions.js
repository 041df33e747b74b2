/** @odoo-module **/
// What a person is asked, and with which sums. A question about a payment ends by itself when the relay knows better.

import { majorUnits } from "./money";

export class Questions {
    #shop;
    #words;
    /** On screen, by the id they are about. @type {Map<string, AbortController>} */
    #open = new Map();

    /** @param {import("./shop").Shop} shop @param {Record<string, (values?: object) => string>} words */
    constructor(shop, words) {
        this.#shop = shop;
        this.#words = words;
    }

    /** @param {string} id */
    has(id) {
        return this.#open.has(id);
    }

    /** The relay knows better. @param {string} id @returns {boolean} whether there was a question */
    end(id) {
        this.#open.get(id)?.abort();
        return this.#open.has(id);
    }

    /** Was it charged? @param {any} payment unknown @returns {Promise<"yes" | "no" | "later" | "news">} */
    doubt(payment) {
        const body = [this.#words.doubtBody(this.sumOf(payment)), payment.advice, this.#evidence(payment)];
        return this.#ticket(payment.id, body);
    }

    /** The same, while the relay cannot be asked. @param {string} id @param {import("./shop").Line} line */
    doubtAlone(id, line) {
        return this.#ticket(id, [this.#words.doubtBody(this.sum(line)), this.#words.notReached()]);
    }

    /** Charged, and no line has it. @param {any} payment @returns {Promise<"restore" | "noted" | "later" | "news">} */
    lost(payment) {
        const restorable = this.#shop.restorable(payment);
        const then = restorable ? this.#words.lostRestore() : this.#words.lostNote();
        return this.#ask(payment.id, this.#words.lostTitle(), [this.#words.lostBody(this.sumOf(payment)), then], [
            ...(restorable ? [{ name: "restore", label: this.#words.restore(), primary: true }] : []),
            { name: "noted", label: this.#words.noted() },
            { name: "later", label: this.#words.later() },
        ]);
    }

    /** The terminal still has it. @param {import("./shop").Line} line @param {string} [advice] @returns {Promise<boolean>} */
    async remove(line, advice) {
        const answer = await this.#shop.ask({
            title: this.#words.removeTitle(),
            body: `${this.#words.removeBody(this.sum(line))} ${advice ?? this.#words.notReached()}`,
            choices: [
                { name: "keep", label: this.#words.keep(), primary: true },
                { name: "remove", label: this.#words.remove() },
            ],
        });
        return answer === "remove";
    }

    /** Another payment of the order is open. @param {string} message @param {string} [advice] @returns {Promise<boolean>} */
    async despite(message, advice = "") {
        const answer = await this.#shop.ask({
            title: this.#words.twiceTitle(),
            body: `${message} ${advice}`,
            choices: [
                { name: "wait", label: this.#words.wait(), primary: true },
                { name: "despite", label: this.#words.despite() },
            ],
        });
        return answer === "despite";
    }

    /** For a sentence about a payment. @param {any} payment */
    sumOf(payment) {
        return {
            sum: this.#shop.money(majorUnits(payment.paid ?? payment.amount, payment.currency)),
            terminal: payment.terminal,
        };
    }

    /** For a sentence about a line. @param {import("./shop").Line} line */
    sum(line) {
        return { sum: this.#shop.money(Math.abs(line.amount)), terminal: line.method.terminal || line.method.name };
    }

    /** @param {string} id @param {string[]} body */
    #ticket(id, body) {
        return this.#ask(id, this.#words.doubtTitle(), body, [
            { name: "yes", label: this.#words.ticketPaid() },
            { name: "no", label: this.#words.ticketNotPaid() },
            { name: "later", label: this.#words.later(), primary: true },
        ]);
    }

    /** @returns {Promise<any>} the choice; `later` when there was none, `news` when the relay ended it */
    async #ask(id, title, body, choices) {
        const news = new AbortController();
        this.#open.set(id, news);
        try {
            const answer = await this.#shop.ask({ title, body: body.filter(Boolean).join(" "), choices }, news.signal);
            return news.signal.aborted ? "news" : answer ?? "later";
        } finally {
            this.#open.delete(id);
        }
    }

    /** What the terminal's duplicate said. @param {any} payment */
    #evidence({ evidence, currency }) {
        if (!evidence) {
            return "";
        }
        const sum = evidence.amount === null ? "?" : this.#shop.money(majorUnits(evidence.amount, currency));
        return evidence.done ? this.#words.evidenceDone({ sum }) : this.#words.evidenceNotDone();
    }
}

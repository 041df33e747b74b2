/** @odoo-module **/
// Odoo's database and the relay's duty to tell: a charge is acknowledged when the database has it, and not before.

import { parts } from "./attempt";

export class Books {
    #shop;
    #isFollowed;
    /** @type {Promise<void> | undefined} */
    #turn;

    /** @param {import("./shop").Shop} shop @param {(id: string) => boolean} isFollowed whether its outcome is still waited for */
    constructor(shop, isFollowed) {
        this.#shop = shop;
        this.#isFollowed = isFollowed;
    }

    /** Odoo has saved orders. One at a time: a second call waits its turn. */
    saved() {
        const turn = (this.#turn ?? Promise.resolve()).then(() => this.#acknowledgeRecorded());
        this.#turn = turn.catch(() => {});
        return this.#turn;
    }

    /** What cannot be acknowledged now is told again, and then it is. @param {any} payment */
    async acknowledge(payment) {
        const relay = this.#shop.relays().find(({ state }) => state === "ready");
        await relay?.acknowledge(payment.id, payment.outcome).catch(() => {});
    }

    /** Whether Odoo's database has it. @param {string} id */
    async has(id) {
        const recorded = await this.#shop.recorded([id]);
        return recorded.includes(id);
    }

    async #acknowledgeRecorded() {
        for (const relay of this.#shop.relays()) {
            if (relay.state !== "ready") {
                continue;
            }
            // The client's own list, and the relay's: a late answer is on the second alone.
            const kept = (await relay.unacknowledged()).map(({ id }) => id);
            const ids = [...new Set([...(await relay.pending()), ...kept])].filter((id) => parts(id) && !this.#isFollowed(id));
            const recorded = ids.length ? await this.#shop.recorded(ids) : [];
            for (const id of recorded) {
                const payment = await relay.payment(id).catch(() => null);
                if (payment?.phase === "closed" && payment.charged === "yes") {
                    await relay.acknowledge(id, payment.outcome).catch(() => {});
                }
            }
        }
    }
}

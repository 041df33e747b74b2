/** @odoo-module **/
// What a person read on a terminal's ticket, kept until the relay has heard it: the line may be paid and its order
// saved long before the relay's computer is back.

const NAME = "settlements";

export class Settlements {
    #relays;

    /** @param {{ read(name: string): any, write(name: string, value: unknown): void }} relays this till's own store */
    constructor(relays) {
        this.#relays = relays;
    }

    get ids() {
        return Object.keys(this.#all);
    }

    get #all() {
        return this.#relays.read(NAME) ?? {};
    }

    /** @param {string} id @returns {{ charged: "yes" | "no", by: string } | undefined} */
    of(id) {
        return this.#all[id];
    }

    /** @param {string} id @param {{ charged: "yes" | "no", by: string }} said */
    keep(id, said) {
        this.#relays.write(NAME, { ...this.#all, [id]: said });
    }

    /** @param {string} id */
    drop(id) {
        const { [id]: dropped, ...rest } = this.#all;
        if (dropped) {
            this.#relays.write(NAME, rest);
        }
    }
}

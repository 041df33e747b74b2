/** @odoo-module **/
// What the connection panel shows and does, without drawing it.

export class Panel {
    #till;
    #changed;
    #stops = [];
    /** The relay that is shown. @type {any} */
    #relay;
    /** What each terminal answered to a test, by name. @type {Record<string, { state: string, message: string }>} */
    tests = {};
    /** What the last action said no with. */
    error = "";
    busy = false;

    /**
     * @param {{ relays: import("./relays").Relays, methods: { url?: string }[] }} till
     * @param {() => void} changed
     */
    constructor(till, changed) {
        this.#till = till;
        this.#changed = changed;
        this.#show();
    }

    get status() {
        return this.#relay.status;
    }

    get settings() {
        return { ...this.#till.relays.settings };
    }

    /** The name that holds when none is typed here. */
    get till() {
        return this.#till.relays.till;
    }

    get terminals() {
        return this.#relay.terminals;
    }

    get asksCode() {
        return this.status.state === "not_paired";
    }

    retry() {
        this.#relay.retry();
    }

    /** @param {string} code */
    pair(code) {
        return this.#do(() => this.#relay.pair(code));
    }

    /** Is it there? No money moves. @param {string} terminal */
    test(terminal) {
        return this.#do(async () => {
            const { state, message } = await this.#relay.identify(terminal);
            this.tests = { ...this.tests, [terminal]: { state, message } };
        });
    }

    /** @param {{ url: string, till: string }} settings */
    save(settings) {
        return this.#do(async () => {
            this.#till.relays.save(settings);
            this.#till.methods.forEach(({ url }) => this.#till.relays.of(url));
            this.tests = {};
            this.#show();
        });
    }

    close() {
        this.#stops.splice(0).forEach((stop) => stop());
    }

    #show() {
        this.close();
        this.#relay = this.#till.relays.of(this.#till.methods[0]?.url);
        this.#stops = ["state", "welcome"].map((name) => this.#relay.on(name, () => this.#changed()));
    }

    /** @param {() => Promise<void>} action */
    async #do(action) {
        Object.assign(this, { busy: true, error: "" });
        this.#changed();
        try {
            await action();
        } catch (error) {
            this.error = error.message;
        }
        this.busy = false;
        this.#changed();
    }
}

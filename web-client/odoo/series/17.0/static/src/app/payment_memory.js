/** @odoo-module **/
// Odoo 17.0 and 16.0 give a payment line no name that survives a reload. This is ours, and what is remembered with it.

import { toRaw } from "@odoo/owl";

/** Beside a line, not on it: Odoo copies its own fields. Each component has a proxy of its own. @type {WeakMap<object, { uuid: string, memory: object }>} */
const KNOWN = new WeakMap();

/** @param {object} line @returns {{ uuid: string, memory: any }} */
export function memoryOf(line) {
    const raw = toRaw(line);
    if (!KNOWN.has(raw)) {
        KNOWN.set(raw, { uuid: newUuid(), memory: {} });
    }
    return KNOWN.get(raw);
}

/** @param {object} line @param {any} json what Odoo writes to the browser and sends to the server */
export function written(line, json) {
    const { uuid, memory } = memoryOf(line);
    return { ...json, caisse_relay_payment: line.caisse_relay_payment || false, caisse_relay: { uuid, memory } };
}

/** @param {object} line @param {any} json */
export function read(line, json) {
    line.caisse_relay_payment = json.caisse_relay_payment || "";
    if (json.caisse_relay) {
        KNOWN.set(toRaw(line), { ...json.caisse_relay });
    }
}

/** @param {object} line @param {string} uuid */
export function rename(line, uuid) {
    memoryOf(line).uuid = uuid;
}

function newUuid() {
    if (crypto.randomUUID) {
        return crypto.randomUUID();
    }
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

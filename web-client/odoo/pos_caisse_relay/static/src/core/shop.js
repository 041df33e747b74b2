/** @odoo-module **/
// What each version of Odoo gives to the core: one adapter implements these two.

/**
 * A payment line. Writing a field writes Odoo's.
 * @typedef {object} Line
 * @property {string} uuid
 * @property {string} order the order's uuid
 * @property {Method} method
 * @property {number} amount in Odoo's units; negative is a refund
 * @property {{ name: string, iso_numeric?: number | false, decimal_places?: number }} currency
 * @property {string} status Odoo's `payment_status`
 * @property {boolean} paid whether Odoo counts it
 * @property {string} recorded the id of the payment it holds the result of, or empty
 * @property {{ attempt?: number, open?: boolean, advice?: string, despite?: string }} memory survives a reload
 * @property {(memory: object) => void} remember merges
 * @property {(proof: Proof) => void} record
 * @property {(paid: boolean) => void} respond as Odoo does at the end of its own wait
 */

/** @typedef {{ id: number, name: string, terminal?: string, means: "card" | "cheque" | "ancv", receipt?: boolean, url?: string }} Method */
/** @typedef {{ id: string, transactionId: string, cardType: string, lastDigits: string, authorization: string, ticket: string }} Proof */
/** @typedef {{ title: string, body: string, choices: { name: string, label: string, primary?: boolean }[] }} Question */

/**
 * @typedef {object} Shop
 * @property {(uuid: string) => Line | null} line
 * @property {() => Line[]} lines every line of the relay's methods
 * @property {() => any[]} relays
 * @property {(question: Question, signal?: AbortSignal) => Promise<string | undefined>} ask
 * @property {(title: string, body: string) => void} tell
 * @property {(amount: number) => string} money
 * @property {() => string} cashier
 * @property {(ids: string[]) => Promise<string[]>} recorded those that Odoo's database has; rejects when it cannot be asked
 * @property {(line: Line, extra: number) => boolean | Promise<boolean>} tip whether it is on the order
 * @property {(payment: any) => boolean} restorable
 * @property {(payment: any) => Line | null} restore a line for it, on its order
 */

export const SHOP = ["line", "lines", "relays", "ask", "tell", "money", "cashier", "recorded", "tip", "restorable", "restore"];

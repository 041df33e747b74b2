/** @odoo-module **/
// An attempt to pay a line has a number, and an id made of both: `<uuid of the line>.<attempt>`.

const OURS = /^(.+)\.(\d{1,4})$/;

/** @param {string} uuid of the payment line @param {number} attempt from 1 */
export function paymentId(uuid, attempt) {
    return `${uuid}.${attempt}`;
}

/** @param {string} id @returns {{ uuid: string, attempt: number } | null} null: another page's */
export function parts(id) {
    const [, uuid, attempt] = OURS.exec(id) ?? [];
    return uuid ? { uuid, attempt: Number(attempt) } : null;
}

/** @odoo-module **/
// A payment line is about to be removed: by the cashier, or because the rest of the order is paid otherwise.

/** @param {any} till the `RelayTill`, or null @param {string} uuid @returns {Promise<boolean>} whether it may go */
export async function letGo(till, uuid) {
    const line = till?.shop.line(uuid);
    if (!line?.memory.open) {
        return true;
    }
    const may = await till.payments.mayRemove(uuid);
    if (may) {
        till.payments.removed(uuid);
        // Not "waiting" any more: Odoo would ask to cancel once more.
        line.status = "retry";
    }
    return may;
}

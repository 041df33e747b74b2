/** @odoo-module **/
// Odoo's payment screen takes a line away, or calls it paid, whatever the terminal is doing. Not these.

import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { patch } from "@web/core/utils/patch";

patch(PaymentScreen.prototype, {
    /** @param {string} uuid */
    async deletePaymentLine(uuid) {
        if (await letGo(this.pos, uuid)) {
            return super.deletePaymentLine(...arguments);
        }
    },

    /** @param {any} line */
    async sendForceDone(line) {
        const ours = this.pos.caisseRelay?.shop.line(line.uuid);
        return ours ? this.pos.caisseRelay.payments.settle(line.uuid) : super.sendForceDone(...arguments);
    },

    async validateOrder() {
        // Odoo removes the lines that are not done when the rest covers the order.
        const removed = this.currentOrder.isPaid() ? this.paymentLines.filter((line) => !line.isDone()) : [];
        for (const { uuid } of removed) {
            if (!(await letGo(this.pos, uuid))) {
                return;
            }
        }
        return super.validateOrder(...arguments);
    },
});

/** @param {any} pos @param {string} uuid @returns {Promise<boolean>} whether the line may be removed */
async function letGo(pos, uuid) {
    const ours = pos.caisseRelay?.shop.line(uuid);
    if (!ours?.memory.open) {
        return true;
    }
    const may = await pos.caisseRelay.payments.mayRemove(uuid);
    if (may) {
        pos.caisseRelay.payments.removed(uuid);
        // Not "waiting" any more: Odoo would ask to cancel once more.
        ours.status = "retry";
        pos.paymentTerminalInProgress = false;
    }
    return may;
}

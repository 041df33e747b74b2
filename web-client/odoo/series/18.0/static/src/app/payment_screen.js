/** @odoo-module **/
// Odoo's payment screen takes a line away, or calls it paid, whatever the terminal is doing. Not these.

import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { patch } from "@web/core/utils/patch";
import { letGo } from "../core/leaving";

patch(PaymentScreen.prototype, {
    /** @param {string} uuid */
    async deletePaymentLine(uuid) {
        if (await letGo(this.pos.caisseRelay, uuid)) {
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
        const removed = this.currentOrder.is_paid() ? this.paymentLines.filter((line) => !line.is_done()) : [];
        for (const { uuid } of removed) {
            if (!(await letGo(this.pos.caisseRelay, uuid))) {
                return;
            }
        }
        return super.validateOrder(...arguments);
    },
});

/** @odoo-module **/
// Odoo's payment screen takes a line away, or calls it paid, whatever the terminal is doing. Not these.

import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { patch } from "@web/core/utils/patch";
import { letGo } from "../core/leaving";
import { memoryOf } from "./payment_memory";

patch(PaymentScreen.prototype, {
    /** @param {any} method */
    async addNewPaymentLine(method) {
        const added = await super.addNewPaymentLine(...arguments);
        const line = [...this.paymentLines].at(-1);
        // This Odoo always waits for Send; the option presses it. (The `at` of its lists counts from the front alone.)
        if (added && method.caisse_relay_auto_send && line?.payment_method.id === method.id && !this.currentOrder._isRefundOrder?.()) {
            this.sendPaymentRequest(line);
        }
        return added;
    },

    /** @param {string} cid */
    async deletePaymentLine(cid) {
        const line = this.paymentLines.find((payment) => payment.cid === cid);
        if (await letGo(this.pos.caisseRelay, memoryOf(line).uuid)) {
            return super.deletePaymentLine(...arguments);
        }
    },

    /** @param {any} line */
    async sendForceDone(line) {
        const { uuid } = memoryOf(line);
        const ours = this.pos.caisseRelay?.shop.line(uuid);
        return ours ? this.pos.caisseRelay.payments.settle(uuid) : super.sendForceDone(...arguments);
    },

    async validateOrder() {
        const removed = this.currentOrder.is_paid() ? this.paymentLines.filter((line) => !line.is_done()) : [];
        for (const line of removed) {
            if (!(await letGo(this.pos.caisseRelay, memoryOf(line).uuid))) {
                return;
            }
        }
        return super.validateOrder(...arguments);
    },
});

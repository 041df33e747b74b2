/** @odoo-module **/
// Odoo's payment screen takes a line away, or calls it paid, whatever the terminal is doing. Not these.

import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
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
});

// The payment screen's Validate ends here, and so does a payment of one press on the product screen.
patch(OrderPaymentValidation.prototype, {
    async validateOrder() {
        // Odoo removes the lines that are not done when the rest covers the order.
        const removed = this.order.isPaid() ? this.paymentLines.filter((line) => !line.isDone()) : [];
        for (const { uuid } of removed) {
            if (!(await letGo(this.pos.caisseRelay, uuid))) {
                return false;
            }
        }
        return super.validateOrder(...arguments);
    },
});

/** @odoo-module **/
// The terminal type of Odoo 19.0: it gives Odoo's buttons to the core.

import { PaymentInterface } from "@point_of_sale/app/utils/payment/payment_interface";
import { register_payment_method } from "@point_of_sale/app/services/pos_store";
import { TERMINAL } from "../core/till";

// Nothing private: Odoo calls it through a proxy.
export class PaymentCaisseRelay extends PaymentInterface {
    get fastPayments() {
        return this.payment_method_id.caisse_relay_auto_send;
    }

    async sendPaymentRequest(uuid) {
        await super.sendPaymentRequest(...arguments);
        return this.pos.caisseRelay.payments.send(uuid);
    }

    async sendPaymentCancel(order, uuid) {
        await super.sendPaymentCancel(...arguments);
        return this.pos.caisseRelay.payments.cancel(uuid);
    }
}

register_payment_method(TERMINAL, PaymentCaisseRelay);

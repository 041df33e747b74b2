/** @odoo-module **/
// The terminal type of Odoo 18.0: it gives Odoo's buttons to the core.

import { PaymentInterface } from "@point_of_sale/app/payment/payment_interface";
import { register_payment_method } from "@point_of_sale/app/store/pos_store";
import { TERMINAL } from "../core/till";

// Nothing private: Odoo calls it through a proxy.
export class PaymentCaisseRelay extends PaymentInterface {
    /** This Odoo would send a refund at once too: money out waits for its button, as in the others. */
    get fast_payments() {
        return this.payment_method_id.caisse_relay_auto_send && !this.pos.get_order()?._isRefundOrder();
    }

    async send_payment_request(uuid) {
        await super.send_payment_request(...arguments);
        return this.pos.caisseRelay.payments.send(uuid);
    }

    async send_payment_cancel(order, uuid) {
        await super.send_payment_cancel(...arguments);
        return this.pos.caisseRelay.payments.cancel(uuid);
    }
}

register_payment_method(TERMINAL, PaymentCaisseRelay);

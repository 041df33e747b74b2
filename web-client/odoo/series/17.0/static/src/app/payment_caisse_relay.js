/** @odoo-module **/
// The terminal type of Odoo 17.0: it gives Odoo's buttons to the core.

import { PaymentInterface } from "@point_of_sale/app/payment/payment_interface";
import { register_payment_method } from "@point_of_sale/app/store/pos_store";
import { TERMINAL } from "../core/till";
import { memoryOf } from "./payment_memory";

/** Wherever the cashier is by now. @param {any} pos @param {string} cid */
function uuidOf(pos, cid) {
    const line = pos.orders.flatMap((order) => [...order.paymentlines]).find((payment) => payment.cid === cid);
    return line ? memoryOf(line).uuid : "";
}

// Nothing private: Odoo calls it through a proxy.
export class PaymentCaisseRelay extends PaymentInterface {
    async send_payment_request(cid) {
        await super.send_payment_request(...arguments);
        return this.pos.caisseRelay.payments.send(uuidOf(this.pos, cid));
    }

    async send_payment_cancel(order, cid) {
        await super.send_payment_cancel(...arguments);
        return this.pos.caisseRelay.payments.cancel(uuidOf(this.pos, cid));
    }
}

register_payment_method(TERMINAL, PaymentCaisseRelay);

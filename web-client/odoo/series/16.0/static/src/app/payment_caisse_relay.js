/** @odoo-module **/
// The terminal type of Odoo 16.0: it gives Odoo's buttons to the core.

import PaymentInterface from "point_of_sale.PaymentInterface";
import { register_payment_method } from "point_of_sale.models";
import { TERMINAL } from "../core/till";
import { memoryOf } from "./payment_memory";

/** Wherever the cashier is by now. @param {any} pos @param {string} cid */
function uuidOf(pos, cid) {
    const line = pos.orders.flatMap((order) => [...order.paymentlines]).find((payment) => payment.cid === cid);
    return line ? memoryOf(line).uuid : "";
}

export const PaymentCaisseRelay = PaymentInterface.extend({
    send_payment_request(cid) {
        this._super(...arguments);
        return this.pos.caisseRelay.payments.send(uuidOf(this.pos, cid));
    },

    send_payment_cancel(order, cid) {
        this._super(...arguments);
        return this.pos.caisseRelay.payments.cancel(uuidOf(this.pos, cid));
    },
});

register_payment_method(TERMINAL, PaymentCaisseRelay);

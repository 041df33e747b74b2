/** @odoo-module **/
// Odoo's payment screen takes a line away, or calls it paid, whatever the terminal is doing. Not these.

import PaymentScreen from "point_of_sale.PaymentScreen";
import Registries from "point_of_sale.Registries";
import { letGo } from "../core/leaving";
import { memoryOf } from "./payment_memory";

const RelayPaymentScreen = (Base) =>
    // Nothing private: what a template calls may be an object that only inherits from the screen.
    class extends Base {
        addNewPaymentLine({ detail: method }) {
            const added = super.addNewPaymentLine(...arguments);
            const line = [...this.paymentLines].at(-1);
            // This Odoo always waits for Send; the option presses it.
            if (added && method.caisse_relay_auto_send && line?.payment_method.id === method.id && line.get_amount() > 0) {
                this._sendPaymentRequest({ detail: line });
            }
            return added;
        }

        async deletePaymentLine({ detail: { cid } }) {
            const line = this.paymentLines.find((payment) => payment.cid === cid);
            if (await letGo(this.env.pos.caisseRelay, memoryOf(line).uuid)) {
                return super.deletePaymentLine(...arguments);
            }
        }

        async _sendForceDone({ detail: line }) {
            const { uuid } = memoryOf(line);
            const till = this.env.pos.caisseRelay;
            const ours = till?.shop.line(uuid);
            return ours ? till.payments.settle(uuid) : super._sendForceDone(...arguments);
        }

        async validateOrder() {
            const removed = this.currentOrder.is_paid() ? this.paymentLines.filter((line) => !line.is_done()) : [];
            for (const line of removed) {
                if (!(await letGo(this.env.pos.caisseRelay, memoryOf(line).uuid))) {
                    return;
                }
            }
            return super.validateOrder(...arguments);
        }
    };

Registries.Component.extend(PaymentScreen, RelayPaymentScreen);

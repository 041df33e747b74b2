/** @odoo-module **/

import { PosStore } from "@point_of_sale/app/store/pos_store";
import { patch } from "@web/core/utils/patch";
import { open } from "./till";

patch(PosStore.prototype, {
    /** Orders are back from the browser: their waiting lines are asked about as soon as the relay is there. */
    async processServerData() {
        await super.processServerData(...arguments);
        this.caisseRelay ??= open(this);
    },

    /** What Odoo's database has, the relay need not tell again. */
    async syncAllOrders() {
        const synced = await super.syncAllOrders(...arguments);
        this.caisseRelay?.payments.saved();
        return synced;
    },
});

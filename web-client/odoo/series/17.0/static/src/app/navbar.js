/** @odoo-module **/

import { Navbar } from "@point_of_sale/app/navbar/navbar";
import { patch } from "@web/core/utils/patch";
import { RelayPanel } from "../ui/relay_panel";

patch(Navbar.prototype, {
    openRelayPanel() {
        this.env.services.dialog.add(RelayPanel, { till: this.pos.caisseRelay });
    },
});

/** @odoo-module **/
// The connection as a cashier sees it: what is so, what to do, and a test without money.

import { Component, onWillUnmount, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { Panel } from "../core/panel";

export class RelayPanel extends Component {
    static template = "pos_caisse_relay.RelayPanel";
    static components = { Dialog };
    static props = { till: Object, close: Function };

    setup() {
        this.title = String(_t("Card terminal"));
        this.panel = new Panel(this.props.till, () => this.read());
        this.typed = useState({ code: "", ...this.panel.settings });
        this.state = useState({});
        this.read();
        onWillUnmount(() => this.panel.close());
    }

    /** The panel's own fields are not reactive. */
    read() {
        const { status, terminals, asksCode, tests, error, busy, till } = this.panel;
        Object.assign(this.state, { status, terminals, asksCode, tests, error, busy, till });
    }

    async pair() {
        await this.panel.pair(this.typed.code);
        this.typed.code = "";
    }

    save() {
        return this.panel.save({ url: this.typed.url, till: this.typed.till });
    }
}

/** @odoo-module **/
// The connection panel of Odoo 16.0: a control button whose popups say what is so and ask what to do.

import PosComponent from "point_of_sale.PosComponent";
import ProductScreen from "point_of_sale.ProductScreen";
import Registries from "point_of_sale.Registries";
import { _t } from "@web/core/l10n/translation";
import { Panel } from "../core/panel";

export class RelayButton extends PosComponent {
    async onClick() {
        const panel = new Panel(this.env.pos.caisseRelay, () => {});
        try {
            while (await this.ask(panel)) {
                // Each answer shows the state anew.
            }
        } finally {
            panel.close();
        }
    }

    /** @param {Panel} panel @returns {Promise<boolean>} whether the person goes on */
    async ask(panel) {
        const tested = Object.values(panel.tests).map(({ message }) => message);
        const title = [panel.error, ...tested, panel.status.message, panel.status.remedy].filter(Boolean).join(" ");
        const choices = [
            ...(panel.status.state === "ready" ? [] : [[String(_t("Try again")), () => panel.retry()]]),
            ...(panel.asksCode ? [[String(_t("Pair")), () => this.pair(panel)]] : []),
            ...panel.terminals.map(({ name, label }) => [`${_t("Test")} ${label}`, () => panel.test(name)]),
            [String(_t("Address of the relay, for this till only")), () => this.type(panel, "url")],
            [String(_t("Name of this till")), () => this.type(panel, "till")],
        ];
        const list = choices.map(([label, action], id) => ({ id, label, item: action, isSelected: false }));
        const { confirmed, payload } = await this.showPopup("SelectionPopup", { title, list });
        if (confirmed) {
            await payload();
        }
        return confirmed;
    }

    /** @param {Panel} panel */
    async pair(panel) {
        const { confirmed, payload } = await this.showPopup("TextInputPopup", { title: String(_t("Code of six digits")) });
        if (confirmed) {
            await panel.pair(payload);
        }
    }

    /** @param {Panel} panel @param {"url" | "till"} name */
    async type(panel, name) {
        const title = String(name === "url" ? _t("Address of the relay, for this till only") : _t("Name of this till"));
        const { confirmed, payload } = await this.showPopup("TextInputPopup", { title, startingValue: panel.settings[name] });
        if (confirmed) {
            await panel.save({ ...panel.settings, [name]: payload });
        }
    }
}
RelayButton.template = "pos_caisse_relay.RelayButton";

ProductScreen.addControlButton({
    component: RelayButton,
    condition() {
        return Boolean(this.env.pos.caisseRelay);
    },
});

Registries.Component.add(RelayButton);

/** @odoo-module **/
// A question with more answers than yes and no. Closing it is no answer; news of the relay close it.

import AbstractAwaitablePopup from "point_of_sale.AbstractAwaitablePopup";
import Registries from "point_of_sale.Registries";

export class RelayQuestionPopup extends AbstractAwaitablePopup {
    setup() {
        super.setup();
        this.props.signal?.addEventListener("abort", () => this.cancel());
    }

    /** @param {string} name */
    choose(name) {
        this.answer = name;
        return this.confirm();
    }

    getPayload() {
        return this.answer;
    }
}
RelayQuestionPopup.template = "pos_caisse_relay.RelayQuestionPopup";

Registries.Component.add(RelayQuestionPopup);

/** @odoo-module **/
// A question with more answers than yes and no. Closing it is no answer.

import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

export class QuestionDialog extends Component {
    static template = "pos_caisse_relay.QuestionDialog";
    static components = { Dialog };
    static props = {
        title: String,
        body: String,
        choices: Array,
        choose: Function,
        close: Function,
    };

    /** @param {string} name */
    choose(name) {
        this.props.choose(name);
        this.props.close();
    }
}

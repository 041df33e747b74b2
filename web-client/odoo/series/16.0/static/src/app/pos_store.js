/** @odoo-module **/

import Registries from "point_of_sale.Registries";
import { Payment, PosGlobalState } from "point_of_sale.models";
import { read, written } from "./payment_memory";
import { open } from "./till";

const RelayPayment = (Base) =>
    class extends Base {
        init_from_JSON(json) {
            super.init_from_JSON(...arguments);
            read(this, json);
        }

        export_as_JSON() {
            return written(this, super.export_as_JSON(...arguments));
        }
    };

const RelayPos = (Base) =>
    class extends Base {
        /** Orders are back from the browser: their waiting lines are asked about as soon as the relay is there. */
        async after_load_server_data() {
            const loaded = await super.after_load_server_data(...arguments);
            this.caisseRelay ??= open(this);
            return loaded;
        }

        /** What Odoo's database has, the relay need not tell again. */
        async _save_to_server() {
            const saved = await super._save_to_server(...arguments);
            this.caisseRelay?.payments.saved();
            return saved;
        }
    };

Registries.Model.extend(Payment, RelayPayment);
Registries.Model.extend(PosGlobalState, RelayPos);

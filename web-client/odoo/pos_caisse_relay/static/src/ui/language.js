/** @odoo-module **/

import { localization } from "@web/core/l10n/localization";

/** The relay's sentences come in two languages. @returns {"fr" | "en"} */
export function language() {
    return String(localization.code ?? "fr").startsWith("fr") ? "fr" : "en";
}

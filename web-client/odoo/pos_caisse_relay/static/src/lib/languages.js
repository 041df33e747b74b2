/** @odoo-module **/

// Both languages: Odoo puts everything in one file. In place of web-client/languages.js, which loads them one by one.

import { english } from "./english.js";
import { french } from "./french.js";

export const LANGUAGES = { fr: async () => french, en: async () => english };

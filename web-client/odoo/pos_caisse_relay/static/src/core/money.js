/** @odoo-module **/
// Odoo's amounts are decimal numbers in a currency a person may have edited; the relay's are integers in ISO 4217's
// minor units. A mistake here charges ten times too much, so what is not certain is refused with a name.

/** ISO 4217 numbers of the currencies that French terminals are sold with. */
const BY_NUMBER = {
    756: "CHF",
    826: "GBP",
    840: "USD",
    950: "XAF",
    952: "XOF",
    953: "XPF",
    978: "EUR",
};

/** Why an amount cannot be sent; `code` is a key of the words. */
export class MoneyError extends Error {
    constructor(code) {
        super(code);
        this.code = code;
    }
}

/**
 * The three letters, by `iso_numeric` where Odoo has it and by name otherwise.
 * @param {{ name: string, iso_numeric?: number | false }} currency
 */
export function codeOf({ name, iso_numeric }) {
    const code = String(name ?? "").trim();
    const numbered = BY_NUMBER[iso_numeric || 0];
    const named = /^[A-Z]{3}$/.test(code) ? code : undefined;
    if (numbered && named && numbered !== named && Object.values(BY_NUMBER).includes(named)) {
        throw new MoneyError("currency_contradicts");
    }
    const found = numbered ?? named;
    if (!found) {
        throw new MoneyError("currency_unknown");
    }
    return found;
}

/** Digits after the point of the currency's minor unit, from ISO 4217: not how Odoo rounds. @param {string} code */
function digitsOf(code) {
    const format = new Intl.NumberFormat("en", { style: "currency", currency: code });
    return format.resolvedOptions().maximumFractionDigits;
}

/**
 * What the relay is asked for: 12.5 EUR is 1250.
 * @param {number} amount
 * @param {{ name: string, iso_numeric?: number | false, decimal_places?: number }} currency
 * @returns {{ amount: number, currency: string }} signed
 */
export function minorUnits(amount, currency) {
    const code = codeOf(currency);
    const digits = digitsOf(code);
    // Odoo's own decimals first: 0.1 + 0.2 is 0.3 in the shop.
    const text = Number(amount).toFixed(Math.min(currency.decimal_places ?? digits, 6));
    const [whole, fraction = ""] = text.replace("-", "").split(".");
    if (!/^\d+$/.test(whole) || /[1-9]/.test(fraction.slice(digits))) {
        throw new MoneyError("amount_too_fine");
    }
    const minor = Number(whole + fraction.slice(0, digits).padEnd(digits, "0"));
    return { amount: text.startsWith("-") ? -minor : minor, currency: code };
}

/**
 * What Odoo's line is given: 1250 EUR is 12.5.
 * @param {number} minor
 * @param {string} code three letters
 */
export function majorUnits(minor, code) {
    const digits = digitsOf(code);
    const text = String(Math.abs(minor)).padStart(digits + 1, "0");
    const at = text.length - digits;
    return Math.sign(minor) * Number(`${text.slice(0, at)}.${text.slice(at)}`);
}

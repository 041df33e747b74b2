/** @odoo-module **/
// What Odoo keeps of a payment: the proof that a shop shows when a customer or a bank asks.

const ACTIONS = { debit: "0", refund: "1", cancellation: "2" };

/** @param {any} payment @returns {string} the masked card, the authorization, the AID and the action, by their tags */
export function transactionId({ receipt, operation }) {
    const parts = [
        ["AA", receipt?.card],
        ["AC", receipt?.authorization],
        ["AI", receipt?.aid],
        ["CD", ACTIONS[operation]],
    ];
    return parts.filter(([, value]) => value).map(([tag, value]) => `${tag}-${value}`).join("|");
}

/** @param {import("./shop").Line} line @param {any} payment charged */
export function record(line, payment) {
    const { receipt } = payment;
    line.record({
        id: payment.id,
        transactionId: transactionId(payment),
        cardType: [receipt?.application?.label, receipt?.read_mode?.label].filter(Boolean).join(" "),
        lastDigits: /\d{4}$/.exec(receipt?.card ?? "")?.[0] ?? "",
        authorization: receipt?.authorization ?? "",
        // Odoo prints what it is given, "null" included.
        ticket: receipt?.ticket ?? "",
    });
}

/** A person read the terminal's ticket. @param {import("./shop").Line} line @param {string} id @param {string} by */
export function recordSettled(line, id, by) {
    line.record({
        id,
        transactionId: `SETTLED-${by}`,
        cardType: "",
        lastDigits: "",
        authorization: "",
        ticket: "",
    });
}

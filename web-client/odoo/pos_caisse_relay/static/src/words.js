/** @odoo-module **/
// Every sentence that this module itself tells a cashier: what happened, what it means for the money, what to do. The
// relay's own sentences arrive ready. Odoo extracts and translates what is inside _t.

import { _t } from "@web/core/l10n/translation";

/** @param {unknown} text @param {Record<string, unknown>} [values] */
function say(text, values = {}) {
    return String(text).replace(/%\((\w+)\)s/g, (found, name) => String(values[name] ?? found));
}

export const WORDS = {
    nothing_to_pay: () => say(_t("There is nothing to pay on this line: nothing was sent to the terminal. Type an amount, or delete the line.")),
    amount_too_fine: () => say(_t("This amount has more decimals than its currency: nothing was sent to the terminal. Type an amount that can be paid.")),
    currency_unknown: () => say(_t("The currency of this point of sale has no ISO 4217 code: nothing was sent to the terminal. Its name or its number has to be corrected in the currencies of Odoo.")),
    currency_contradicts: () => say(_t("The name and the ISO number of the currency of this point of sale contradict each other: nothing was sent to the terminal. One of them has to be corrected in the currencies of Odoo.")),
    notSentTitle: () => say(_t("Nothing was charged")),
    not_sentTitle: () => say(_t("Nothing was charged")),
    declinedTitle: () => say(_t("Payment declined")),
    notPaidTitle: () => say(_t("Not paid")),
    heldBy: (values) => say(_t("The terminal is with the till “%(till)s”: wait until its customer has paid."), values),
    waitingTitle: () => say(_t("The terminal is still at it")),
    cancelTitle: () => say(_t("Cancel on the terminal")),
    notCancelled: () => say(_t("The wish to cancel did not reach the terminal, which may still charge the card.")),
    notReached: () => say(_t("The relay cannot be asked at the moment.")),
    removeTitle: () => say(_t("The terminal has not answered yet")),
    removeBody: (values) => say(_t("The terminal “%(terminal)s” may still charge %(sum)s, even if the line is deleted or the sale is paid otherwise. Press the red key of the terminal first. A charge that comes later is shown here."), values),
    keep: () => say(_t("Keep the line")),
    remove: () => say(_t("Delete it all the same")),
    doubtTitle: () => say(_t("Was the card charged?")),
    doubtBody: (values) => say(_t("Nobody knows whether the %(sum)s were charged. Do not take the card again. Look at what the terminal “%(terminal)s” printed or shows, or print its last ticket from its menu: what does it say?"), values),
    ticketPaid: () => say(_t("The ticket says: paid")),
    ticketNotPaid: () => say(_t("The ticket says: not paid")),
    later: () => say(_t("Decide later")),
    evidenceDone: (values) => say(_t("The duplicate of the terminal's last ticket says: done, %(sum)s. It may be about another customer."), values),
    evidenceNotDone: () => say(_t("The duplicate of the terminal's last ticket says: not done. It may be about another customer.")),
    contradictedTitle: () => say(_t("The terminal says otherwise")),
    contradictedBody: (values) => say(_t("What was noted for the payment of %(sum)s is not what the terminal “%(terminal)s” says now. Compare with its tickets before the session is closed."), values),
    otherAmountTitle: () => say(_t("Another amount was paid")),
    partial: (values) => say(_t("The card paid %(sum)s, which is %(extra)s less than asked. The rest remains to be paid."), values),
    tip: (values) => say(_t("The card paid %(sum)s: %(extra)s of it is a tip, which is on the order now."), values),
    tipByHand: (values) => say(_t("The card paid %(sum)s: %(extra)s of it is a tip. This point of sale has no tip product: do not give it back as change."), values),
    lostTitle: () => say(_t("A card was charged, and no line has it")),
    lostBody: (values) => say(_t("%(sum)s were charged on the terminal “%(terminal)s”, for a line that was deleted or an order that is closed."), values),
    lostRestore: () => say(_t("Put it back on its order, or note it and give the money back on the terminal.")),
    lostNote: () => say(_t("Note it, and give the money back on the terminal if the sale was paid otherwise.")),
    notRestored: () => say(_t("Odoo takes no further line on this order now. Finish or delete its other card line, then reload the page: this payment is shown again.")),
    restore: () => say(_t("Put it back on the order")),
    noted: () => say(_t("I have noted it")),
    broken: () => say(_t("Something broke in this page. The relay knows what became of the payment: press Retry, which only asks.")),
    twiceTitle: () => say(_t("This order already has a card payment")),
    wait: () => say(_t("Wait for the first")),
    despite: () => say(_t("The customer pays once more")),
};

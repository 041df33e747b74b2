from odoo import _, fields, models

RELAY_FIELDS = [
    "caisse_relay_terminal",
    "caisse_relay_means",
    "caisse_relay_url",
    "caisse_relay_auto_send",
    "caisse_relay_ticket",
]


class PosPaymentMethod(models.Model):
    _inherit = "pos.payment.method"

    caisse_relay_terminal = fields.Char(
        string="Terminal",
        help="The terminal's name in the relay's configuration. "
        "It may stay empty where the relay has one terminal.",
    )
    caisse_relay_means = fields.Selection(
        selection=[
            ("card", "Card"),
            ("cheque", "Cheque"),
            ("ancv", "ANCV holiday vouchers"),
        ],
        string="Means of Payment",
        default="card",
        help="What the terminal is asked to take. Refunds go by card.",
    )
    caisse_relay_url = fields.Char(
        string="Relay Address",
        help="Empty: this computer. A till may have another one, typed in its own "
        "connection panel, which counts more and can be changed while the session is open.",
    )
    caisse_relay_auto_send = fields.Boolean(
        string="Automatic Send",
        default=True,
        help="Send the amount to the terminal as soon as the method is chosen. "
        "Without it the cashier may first change the amount, then presses Send.",
    )
    caisse_relay_ticket = fields.Boolean(
        string="Ask for the Ticket",
        help="Ask the terminal for the text of its ticket, to print it below the receipt. "
        "Not every terminal gives it.",
    )

    def _get_payment_terminal_selection(self):
        return super()._get_payment_terminal_selection() + [
            ("caisse_relay", _("Caisse-AP (relay)"))
        ]

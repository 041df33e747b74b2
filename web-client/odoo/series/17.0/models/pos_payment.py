from odoo import api, fields, models


class PosPayment(models.Model):
    _inherit = "pos.payment"

    caisse_relay_payment = fields.Char(
        string="Payment in the Relay",
        help="The payment's id in the journal of Caisse Relay.",
        index="btree_not_null",
        readonly=True,
        copy=False,
    )

    @api.model
    def caisse_relay_recorded(self, payment_ids):
        """The ids, among these, that a saved payment holds.

        The till asks before it tells the relay that a payment is on record: until then
        the relay keeps telling it.
        """
        payments = self.search([("caisse_relay_payment", "in", payment_ids)])
        return payments.mapped("caisse_relay_payment")

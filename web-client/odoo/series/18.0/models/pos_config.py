from odoo import fields, models


class PosConfig(models.Model):
    _inherit = "pos.config"

    caisse_relay_url = fields.Char(
        string="Relay Address",
        help="Where the payment methods of this point of sale find their relay, "
        "unless they or the till say otherwise. Empty: this computer.",
    )
    caisse_relay_till = fields.Char(
        string="Till Name",
        size=64,
        help="How the relay calls this till. Empty: the name of the point of sale. "
        "Tills that open the same point of sale need a name each, typed in their "
        "connection panels.",
    )

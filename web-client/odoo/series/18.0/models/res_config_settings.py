from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pos_caisse_relay_url = fields.Char(related="pos_config_id.caisse_relay_url", readonly=False)
    pos_caisse_relay_till = fields.Char(related="pos_config_id.caisse_relay_till", readonly=False)

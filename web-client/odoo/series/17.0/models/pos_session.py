from odoo import models

from .pos_payment_method import RELAY_FIELDS


class PosSession(models.Model):
    _inherit = "pos.session"

    def _loader_params_pos_payment_method(self):
        params = super()._loader_params_pos_payment_method()
        params["search_params"]["fields"].extend(RELAY_FIELDS)
        return params

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.common import TestPoSCommon


@tagged("post_install", "-at_install")
class TestPaymentMethod(TestPoSCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls.env["pos.payment.method"].create(
            {
                "name": "Relay",
                "journal_id": cls.company_data["default_journal_bank"].id,
                "payment_method_type": "terminal",
                "use_payment_terminal": "caisse_relay",
                "caisse_relay_terminal": "comptoir",
            }
        )
        cls.basic_config.write({"payment_method_ids": [(4, cls.method.id)]})

    def setUp(self):
        super().setUp()
        self.config = self.basic_config

    def test_terminal_type_is_offered(self):
        selection = self.env["pos.payment.method"]._get_payment_terminal_selection()
        self.assertIn("caisse_relay", dict(selection))

    def test_defaults_are_the_flow_that_cashiers_know(self):
        self.assertEqual(self.method.caisse_relay_means, "card")
        self.assertTrue(self.method.caisse_relay_auto_send)

    def test_the_till_is_given_what_it_needs(self):
        loaded = self.env["pos.payment.method"]._load_pos_data_fields(self.config.id)
        for name in (
            "caisse_relay_terminal",
            "caisse_relay_means",
            "caisse_relay_url",
            "caisse_relay_auto_send",
            "caisse_relay_ticket",
        ):
            self.assertIn(name, loaded)

    def test_no_secret_is_loaded_into_the_till(self):
        relay_fields = [
            name
            for name in self.env["pos.payment.method"]._fields
            if name.startswith("caisse_relay_")
        ]
        self.assertFalse([name for name in relay_fields if "token" in name or "key" in name])

    def test_an_open_session_keeps_the_method_as_it_is(self):
        # This is why the address can also be typed on the till itself.
        self.open_new_session()
        with self.assertRaises(UserError):
            self.method.caisse_relay_url = "192.168.1.10"

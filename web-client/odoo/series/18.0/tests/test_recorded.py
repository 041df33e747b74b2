from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.common import TestPoSCommon


@tagged("post_install", "-at_install")
class TestRecorded(TestPoSCommon):
    def setUp(self):
        super().setUp()
        self.config = self.basic_config
        self.open_new_session()
        product = self.create_product("Bread", self.categ_basic, 10.0)
        order = self.create_ui_order_data(
            [(product, 1)], payments=[(self.bank_pm1, 10.0)]
        )
        values = order.get("data", order)["payment_ids"][0][2]
        values.update(caisse_relay_payment="line-1.2", transaction_id="CD-0", payment_status="done")
        self.env["pos.order"].sync_from_ui([order])

    def test_a_saved_payment_is_recorded_and_no_other(self):
        payments = self.env["pos.payment"]
        self.assertEqual(payments.caisse_relay_recorded(["line-1.1", "line-1.2"]), ["line-1.2"])
        self.assertEqual(payments.caisse_relay_recorded([]), [])

    def test_a_cashier_may_ask(self):
        cashier = self.env["res.users"].create(
            {
                "name": "Zoé",
                "login": "caisse_relay_cashier",
                "groups_id": [(6, 0, [self.env.ref("point_of_sale.group_pos_user").id])],
            }
        )
        payments = self.env["pos.payment"].with_user(cashier)
        self.assertEqual(payments.caisse_relay_recorded(["line-1.2"]), ["line-1.2"])

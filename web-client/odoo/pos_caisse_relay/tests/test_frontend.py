from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon


@tagged("post_install", "-at_install")
class TestFrontend(TestPointOfSaleHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        method = cls.env["pos.payment.method"].create(
            {
                "name": "Relay",
                "journal_id": cls.bank_journal.id,
                "payment_method_type": "terminal",
                "use_payment_terminal": "caisse_relay",
            }
        )
        cls.main_pos_config.write({"payment_method_ids": [(4, method.id)]})

    def test_without_a_relay_nothing_is_paid_and_the_till_goes_on(self):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour("CaisseRelayAbsentTour")

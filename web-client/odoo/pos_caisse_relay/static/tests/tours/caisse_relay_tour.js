// No relay runs where Odoo's tests do: the till has to say so, charge nothing, and sell on for cash.

import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("CaisseRelayAbsentTour", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            ProductScreen.addOrderline("Desk Pad", "1", "5.1", "5.1"),
            ProductScreen.clickPayButton(),
            PaymentScreen.clickPaymentMethod("Relay"),
            Dialog.is({ title: "Nothing was charged" }),
            Dialog.confirm(),
            {
                content: "the line can be tried again",
                trigger: ".electronic_status:contains('Transaction cancelled')",
            },
            {
                content: "it can be deleted, since nothing was sent",
                trigger: ".paymentline.selected .delete-button",
                run: "click",
            },
            PaymentScreen.clickPaymentMethod("Cash"),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
        ].flat(),
});

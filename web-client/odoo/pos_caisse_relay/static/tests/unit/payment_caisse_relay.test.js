import { expect, test } from "@odoo/hoot";
import { setupPosEnv } from "@point_of_sale/../tests/unit/utils";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { API } from "@pos_caisse_relay/app/till";
import { RecordShop } from "@pos_caisse_relay/records/shop";
import { PaymentCaisseRelay } from "@pos_caisse_relay/app/payment_caisse_relay";
import { SHOP } from "@pos_caisse_relay/core/shop";
import { PosStore } from "@point_of_sale/app/services/pos_store";

definePosModels();

test("the terminal type is registered", async () => {
    expect(PosStore.prototype.electronic_payment_interfaces.caisse_relay).toBe(PaymentCaisseRelay);
});

test("a shop without the relay's methods opens no connection", async () => {
    const store = await setupPosEnv();
    expect(store.caisseRelay).toBe(null);
});

test("the adapter gives all that the core asks for", () => {
    for (const name of SHOP) {
        expect(typeof RecordShop.prototype[name]).toBe("function");
    }
});

test("what the core remembers of a line is in its state, and its proof in its fields", async () => {
    const store = await setupPosEnv();
    const order = store.addNewOrder();
    const method = store.models["pos.payment.method"].getFirst();
    method.use_payment_terminal = "caisse_relay";
    const payment = store.models["pos.payment"].create({ pos_order_id: order, payment_method_id: method, amount: 10 });
    const line = new RecordShop(store, { all: [] }, API).line(payment.uuid);

    line.remember({ attempt: 2, open: true });
    line.remember({ open: false });
    expect(line.memory).toEqual({ attempt: 2, open: false });

    const proof = { id: `${payment.uuid}.2`, transactionId: "CD-0", cardType: "CB", lastDigits: "0034", authorization: "A1", ticket: "MERCI" };
    line.record(proof);
    line.record(proof);
    expect(line.recorded).toBe(proof.id);
    expect(payment.transaction_id).toBe("CD-0");
    expect(payment.ticket).toBe("MERCI");
});

//! What a till asks, what the terminal does, what the till is told.

use crate::shop::{Shop, Terminal, Till, Unreachable, approve_after, config, debit, new_id};
use caisse_relay::relay::Relay;
use caisse_relay::simulator::{Outcome, Receipt, Split, Step};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_payment_is_approved_with_its_proof() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    let waiting = till.sent(&id).await;
    assert_eq!(waiting["charged"], "maybe");
    let paid = till.outcome(&id).await;
    assert_eq!(paid["outcome"], "approved");
    assert_eq!(paid["charged"], "yes");
    assert_eq!(paid["paid"], 1250);
    assert_eq!(paid["till"], "Caisse 1");
    assert_eq!(paid["receipt"]["card"], "497010######4242");
    assert!(paid["receipt"]["authorization"].is_string());
    assert_eq!(paid["advice"], "Paiement de 12,50 EUR accepté.");
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn a_refusal_says_why_and_that_nothing_was_charged() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::decline("08"));
    let declined = shop.till("Caisse 1").await.debit(12_50).await;
    assert_eq!(declined["outcome"], "declined");
    assert_eq!(declined["charged"], "no");
    assert_eq!(declined["report"]["code"], "08");
    let advice = declined["advice"].as_str().unwrap();
    assert!(advice.contains("délai de saisie dépassé. Rien n'a été débité."), "{advice}");
    assert!(shop.terminal.charges().is_empty());
}

#[tokio::test]
async fn silence_after_sending_is_unknown() {
    let shop = Shop::with("answer_s = 1").await;
    shop.terminal.will(Step::silence());
    let unknown = shop.till("Caisse 1").await.debit(12_50).await;
    assert_eq!(unknown["outcome"], "unknown");
    assert_eq!(unknown["charged"], "maybe");
    assert_eq!(unknown["reason"], "silence");
    assert_eq!(shop.terminal.charges().len(), 1, "which is why nobody may say failed");
}

#[cfg_attr(windows, ignore = "wine ends a connection in order where a reset was asked")]
#[tokio::test]
async fn a_connection_that_breaks_after_sending_is_unknown() {
    for (outcome, reason) in
        [(Outcome::Close, "connection_closed"), (Outcome::Reset, "connection_reset")]
    {
        let shop = Shop::open().await;
        shop.terminal.will(Step::new(outcome));
        let unknown = shop.till("Caisse 1").await.debit(12_50).await;
        assert_eq!(unknown["outcome"], "unknown");
        assert_eq!(unknown["reason"], reason);
    }
}

#[tokio::test]
async fn a_terminal_in_concert_v2_is_told_apart() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::ConcertV2));
    let unknown = shop.till("Caisse 1").await.debit(12_50).await;
    assert_eq!(unknown["reason"], "concert_v2");
    let advice = unknown["advice"].as_str().unwrap();
    assert!(advice.contains("réglé en Concert V2\u{a0}; réglez-le en Concert V3 / IP"), "{advice}");
}

#[tokio::test]
async fn a_terminal_that_is_off_is_not_sent() {
    let shop = Shop::open().await;
    shop.terminal.simulator.requested(0).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(config(folder.path(), &[("off", nobody)], ""), vec![]).await.unwrap();
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    let not_sent = till.debit(12_50).await;
    assert_eq!(not_sent["outcome"], "not_sent");
    assert_eq!(not_sent["charged"], "no");
    assert_eq!(not_sent["reason"], "connection_refused");
    assert_eq!(not_sent["sent_at"], json!(null));
}

#[tokio::test]
async fn less_paid_is_a_partial_payment_and_more_is_a_tip() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    shop.terminal.will(Step { paid: Some(32_50), ..Step::approve() });
    let mut order = debit(&new_id(), 50_00);
    order["partial"] = json!(true);
    let partial = till.pay(order).await;
    assert_eq!((&partial["outcome"], &partial["paid"]), (&json!("approved"), &json!(3250)));
    let advice = partial["advice"].as_str().unwrap();
    assert!(
        advice.contains("32,50 EUR payés sur 50,00 EUR. Encaissez le reste, 17,50 EUR"),
        "{advice}"
    );
    let sent = String::from_utf8(shop.terminal.simulator.received().pop().unwrap()).unwrap();
    assert!(sent.contains("BF0011"), "{sent}");

    shop.terminal.will(Step { paid: Some(55_00), ..Step::approve() });
    let tip = till.debit(50_00).await;
    assert_eq!(tip["paid"], 5500);
    assert!(tip["advice"].as_str().unwrap().contains("pourboire"));
    let sent = String::from_utf8(shop.terminal.simulator.received().pop().unwrap()).unwrap();
    assert!(!sent.contains("BF"), "newer terminals break on BF=0: {sent}");
}

#[tokio::test]
async fn refund_cancellation_cheque_and_vouchers_are_asked_in_the_terminals_words() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    till.debit(10_00).await;
    for (change, words) in [
        (json!({ "operation": "refund" }), "CD0011"),
        (json!({ "operation": "cancellation" }), "CD0012"),
        (json!({ "means": "cheque" }), "CC00300C"),
        (json!({ "means": "ancv" }), "CC00300V"),
        (json!({ "register": "07" }), "CA00207"),
        (json!({ "reference": "ticket 42" }), "CF009ticket 42"),
        (json!({ "receipt": true }), "CK003100"),
    ] {
        let mut order = debit(&new_id(), 10_00);
        for (key, value) in change.as_object().unwrap() {
            order[key] = value.clone();
        }
        let paid = till.pay(order).await;
        assert_eq!(paid["outcome"], "approved", "{paid:#}");
        let sent = String::from_utf8(shop.terminal.simulator.received().pop().unwrap()).unwrap();
        assert!(sent.contains(words), "{words} in {sent}");
    }
}

#[tokio::test]
async fn an_answer_in_many_pieces_is_one_answer() {
    for split in [Split::EveryByte, Split::BeforeStatus, Split::AfterStatus] {
        let shop = Shop::open().await;
        shop.terminal.will(Step { split, pause_ms: 2, ..Step::approve() });
        let paid = shop.till("Caisse 1").await.debit(12_50).await;
        assert_eq!(paid["outcome"], "approved");
        assert_eq!(paid["receipt"]["card"], "497010######4242", "what came last is there too");
    }
}

#[tokio::test]
async fn a_ticket_is_text_and_a_broken_one_loses_nothing() {
    let shop = Shop::with("receipt = true").await;
    let mut till = shop.till("Caisse 1").await;
    for receipt in [Receipt::Plain, Receipt::Wrapped, Receipt::WholeCard] {
        shop.terminal.will(Step { receipt, ..Step::approve() });
        let paid = till.debit(12_50).await;
        let ticket = paid["receipt"]["ticket"].as_str().unwrap();
        assert!(ticket.contains("12,50") && ticket.contains('\n'), "{ticket}");
        assert!(!paid.to_string().contains("4970101234567890"), "{paid}");
    }
    shop.terminal.will(Step { receipt: Receipt::Broken, ..Step::approve() });
    let paid = till.debit(12_50).await;
    assert_eq!(paid["outcome"], "approved");
    assert_eq!(paid["remarks"], json!(["ticket_unreadable"]));
}

#[tokio::test]
async fn a_whole_card_number_reaches_neither_the_till_nor_the_journal() {
    let shop = Shop::with("receipt = true").await;
    let whole = "4970101234567890";
    let card = Some(whole.to_owned());
    shop.terminal.will(Step { card, receipt: Receipt::WholeCard, ..Step::approve() });
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    assert_eq!(paid["receipt"]["card"], "497010******7890");
    assert!(!paid.to_string().contains(whole));
    let journal = shop.folder().join("data/journal");
    for file in std::fs::read_dir(journal).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let digits = whole.as_bytes();
        assert!(!bytes.windows(digits.len()).any(|window| window == digits));
    }
}

#[tokio::test]
async fn the_same_id_is_the_same_payment() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let order = debit(&new_id(), 12_50);
    let first = till.pay(order.clone()).await;
    let second = till.pay(order.clone()).await;
    assert_eq!(first, second);
    let mut other = order;
    other["amount"] = json!(12_51);
    till.say(other).await;
    assert_eq!(till.refusal().await["code"], "id_reused");
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn two_tills_that_send_the_same_id_at_once_make_one_payment() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(50));
    let (mut one, mut two) = (shop.till("Caisse 1").await, shop.till("Caisse 2").await);
    let order = debit(&new_id(), 12_50);
    let (first, second) = tokio::join!(one.pay(order.clone()), two.pay(order.clone()));
    assert_eq!(first["seq"], second["seq"]);
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn a_busy_terminal_names_its_holder() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(300));
    let (mut one, mut two) = (shop.till("Caisse 1").await, shop.till("Caisse 2").await);
    let id = one.ask(12_50).await;
    one.sent(&id).await;
    two.ask(9_90).await;
    let refused = two.refusal().await;
    assert_eq!(refused["code"], "terminal_busy");
    assert_eq!(refused["held_by"], json!({ "payment": id, "till": "Caisse 1" }));
    two.say(json!({ "type": "identify", "n": 7 })).await;
    let refused = two.refusal().await;
    assert_eq!((&refused["code"], &refused["n"]), (&json!("terminal_busy"), &json!(7)));
    assert_eq!(one.outcome(&id).await["outcome"], "approved");
    assert_eq!(two.debit(9_90).await["outcome"], "approved");
    assert_eq!(shop.terminal.simulator.requests(), 2);
}

#[tokio::test]
async fn two_terminals_carry_two_payments_of_one_till() {
    let (bar, terrace) = (Terminal::start().await, Terminal::start().await);
    bar.will(approve_after(100));
    terrace.will(approve_after(100));
    let folder = tempfile::tempdir().unwrap();
    let terminals = [("bar", bar.address), ("terrasse", terrace.address)];
    let relay = Relay::start(config(folder.path(), &terminals, ""), vec![]).await.unwrap();
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    till.ask(5_00).await;
    assert_eq!(till.refusal().await["code"], "unknown_terminal", "it has to say which");
    let ids = [new_id(), new_id()];
    for (id, terminal) in ids.iter().zip(["bar", "terrasse"]) {
        let mut order = debit(id, 5_00);
        order["terminal"] = json!(terminal);
        till.say(order).await;
    }
    let mut closed = 0;
    while closed < 2 {
        let payment = till.hear("payment").await;
        if payment["phase"] == "closed" {
            assert_eq!(payment["outcome"], "approved");
            closed += 1;
        }
    }
    assert_eq!((bar.charges().len(), terrace.charges().len()), (1, 1));
}

#[tokio::test]
async fn a_payment_outlives_its_socket_and_is_told_until_it_is_acknowledged() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(100));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    drop(till);
    let mut back = shop.till("Caisse 1").await;
    assert_eq!(back.welcome["unacknowledged"][0]["id"], id.as_str());
    assert_eq!(back.outcome(&id).await["outcome"], "approved");
    for _ in 0..2 {
        let again = shop.till("Caisse 1").await;
        assert_eq!(again.welcome["unacknowledged"][0]["outcome"], "approved");
    }
    let other = shop.till("Caisse 2").await;
    assert_eq!(other.welcome["unacknowledged"], json!([]), "it is not that till's");
    back.acknowledge(&id).await;
    back.acknowledge(&id).await;
    let after = shop.till("Caisse 1").await;
    assert_eq!(after.welcome["unacknowledged"], json!([]));
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn a_till_that_asks_is_told_of_every_change() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(100));
    let (mut one, mut two) = (shop.till("Caisse 1").await, shop.till("Caisse 2").await);
    let id = one.ask(12_50).await;
    one.sent(&id).await;
    assert_eq!(two.payment(&id).await["phase"], "waiting");
    assert_eq!(two.outcome(&id).await["outcome"], "approved");
}

#[tokio::test]
async fn a_payment_that_the_relay_never_saw_was_not_sent_and_never_will_be() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let id = new_id();
    till.say(json!({ "type": "payment", "id": id })).await;
    assert_eq!(till.refusal().await["code"], "unknown_payment");
    till.say(debit(&id, 12_50)).await;
    assert_eq!(till.refusal().await["code"], "id_denied", "an old socket may still hold it");
    assert_eq!(shop.terminal.simulator.connections(), 0);
}

#[tokio::test]
async fn what_a_till_says_right_after_pay_finds_the_payment() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(50));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.say(json!({ "type": "payment", "id": id })).await;
    assert_eq!(till.outcome(&id).await["outcome"], "approved");
}

#[tokio::test]
async fn cancelling_after_the_request_left_never_says_cancelled() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(200));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    till.say(json!({ "type": "cancel", "id": id })).await;
    let wished = till.until(&id, |payment| payment["cancel_requested"] == true).await;
    assert_eq!(wished["phase"], "waiting");
    assert!(wished["advice"].as_str().unwrap().contains("touche rouge"));
    assert_eq!(till.outcome(&id).await["outcome"], "approved", "the customer was quicker");
}

#[tokio::test]
async fn cancelling_before_the_request_left_is_not_sent() {
    let off = Unreachable::new().await;
    let folder = tempfile::tempdir().unwrap();
    let relay =
        Relay::start(config(folder.path(), &[("loin", off.address)], ""), vec![]).await.unwrap();
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    let id = till.ask(12_50).await;
    till.say(json!({ "type": "cancel", "id": id })).await;
    let closed = till.outcome(&id).await;
    assert_eq!(closed["outcome"], "not_sent");
    assert_eq!(closed["reason"], "cancelled");
    let advice = closed["advice"].as_str().unwrap();
    assert!(advice.contains("Rien n'a été débité"), "{advice}");
}

#[tokio::test]
async fn a_terminal_that_takes_no_connection_in_time_is_not_sent() {
    let off = Unreachable::new().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = "connect_ms = 200";
    let relay = Relay::start(config(folder.path(), &[("loin", off.address)], settings), vec![])
        .await
        .unwrap();
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    let closed = till.debit(12_50).await;
    assert_eq!(
        (&closed["outcome"], &closed["reason"]),
        (&json!("not_sent"), &json!("connect_timeout"))
    );
}

#[tokio::test]
async fn a_person_settles_an_unknown_payment_once() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    let mut till = shop.till("Caisse 1").await;
    let id = till.debit(12_50).await["id"].as_str().unwrap().to_owned();
    let said = |charged: &str| json!({ "type": "resolve", "id": id, "charged": charged, "by": "Zoé", "note": "ticket 0042" });
    till.say(said("yes")).await;
    let resolved = till.until(&id, |payment| !payment["resolved"].is_null()).await;
    assert_eq!(resolved["outcome"], "unknown", "what happened stays visible");
    assert_eq!(resolved["charged"], "yes");
    assert_eq!(resolved["resolved"]["by"], "Zoé");
    till.say(said("yes")).await;
    till.until(&id, |payment| payment["resolved"]["note"] == "ticket 0042").await;
    till.say(said("no")).await;
    assert_eq!(till.refusal().await["code"], "not_unknown");
    let approved = {
        shop.terminal.will(Step::approve());
        till.debit(12_50).await["id"].as_str().unwrap().to_owned()
    };
    till.say(json!({ "type": "resolve", "id": approved, "charged": "no", "by": "Zoé" })).await;
    assert_eq!(till.refusal().await["code"], "not_unknown");
}

#[tokio::test]
async fn payments_are_listed_by_state() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let approved = till.debit(1_00).await;
    shop.terminal.will(Step::new(Outcome::Close));
    let unknown = till.debit(2_00).await;
    till.acknowledge(approved["id"].as_str().unwrap()).await;
    for (filter, expected) in [
        (json!({}), vec![&approved["id"], &unknown["id"]]),
        (json!({ "state": "unknown" }), vec![&unknown["id"]]),
        (json!({ "state": "unacknowledged" }), vec![&unknown["id"]]),
        (json!({ "state": "open" }), vec![]),
        (json!({ "since": approved["seq"] }), vec![&unknown["id"]]),
        (json!({ "limit": 1 }), vec![&approved["id"]]),
    ] {
        let mut question = json!({ "type": "payments", "n": 3 });
        for (key, value) in filter.as_object().unwrap() {
            question[key] = value.clone();
        }
        till.say(question).await;
        let list = till.hear("payments").await;
        let ids: Vec<_> = list["payments"].as_array().unwrap().iter().map(|p| &p["id"]).collect();
        assert_eq!(ids, expected, "{filter}");
        assert_eq!(list["n"], 3);
    }
}

#[tokio::test]
async fn a_terminal_says_who_it_is() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    till.say(json!({ "type": "identify", "terminal": "comptoir", "n": 1 })).await;
    let answer = till.hear("terminal").await;
    assert_eq!((&answer["state"], &answer["version"]), (&json!("ready"), &json!("0301")));
    assert_eq!(answer["terminal_id"], "330538600404");
    assert_eq!(answer["n"], 1);
    assert!(shop.terminal.charges().is_empty());
}

#[tokio::test]
async fn a_raw_exchange_moves_no_money() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    till.debit(12_50).await;
    let exchange = |action: &str| {
        let fields = json!([
            { "tag": "CD", "value": action },
            { "tag": "CB", "value": "1250" },
            { "tag": "CE", "value": "978" },
        ]);
        json!({ "type": "exchange", "fields": fields, "n": 9 })
    };
    till.say(exchange("3")).await;
    let duplicate = till.hear("exchange").await;
    assert_eq!((&duplicate["status"], &duplicate["n"]), (&json!("10"), &json!(9)));
    for money in ["0", "1", "2", "7"] {
        till.say(exchange(money)).await;
        assert_eq!(till.refusal().await["code"], "unsupported");
    }
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn a_restart_keeps_what_is_closed_and_takes_no_payment_while_it_stops() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    shop.relay.desk.hub.stop();
    till.ask(1_00).await;
    assert_eq!(till.refusal().await["code"], "shutting_down");
    let shop = shop.restart().await;
    assert_eq!(till.closed().await, 1001);
    let mut till = shop.till("Caisse 1").await;
    let mut told = till.payment(paid["id"].as_str().unwrap()).await;
    told["type"] = json!("payment");
    assert_eq!(told, paid);
    assert_eq!(till.debit(1_00).await["outcome"], "approved");
}

#[tokio::test]
async fn stopping_waits_for_the_payment_under_way() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(200));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    let left = shop.relay.stop(Duration::from_secs(5));
    let (left, paid) = tokio::join!(left, till.outcome(&id));
    assert_eq!((left, paid["outcome"].as_str()), (0, Some("approved")));
}

#[tokio::test]
async fn the_same_order_is_the_same_payment_after_a_terminal_was_added() {
    let shop = Shop::open().await;
    let order = debit(&new_id(), 12_50);
    let before = shop.till("Caisse 1").await.pay(order.clone()).await;
    let other = Terminal::start().await;
    let folder = shop.folder().to_owned();
    let terminals = [("comptoir", shop.terminal.address), ("terrasse", other.address)];
    shop.relay.stop(Duration::ZERO).await;
    let relay = Relay::start(config(&folder, &terminals, ""), vec![]).await.unwrap();
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    assert_eq!(till.pay(order).await["seq"], before["seq"]);
}

#[tokio::test]
async fn refunds_and_cancellations_are_told_in_their_own_words() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let mut ask = async |operation: &str, step: Step| {
        shop.terminal.will(step);
        let mut order = debit(&new_id(), 50_00);
        order["operation"] = json!(operation);
        till.pay(order).await["advice"].as_str().unwrap().to_owned()
    };
    let partial = ask("refund", Step { paid: Some(30_00), ..Step::approve() }).await;
    assert!(partial.contains("Il reste 20,00 EUR à rendre"), "{partial}");
    let more = ask("refund", Step { paid: Some(55_00), ..Step::approve() }).await;
    assert!(!more.contains("pourboire") && more.contains("Vérifiez le montant"), "{more}");
    let declined = ask("refund", Step::decline("04")).await;
    assert!(declined.contains("Rien n'a été remboursé"), "{declined}");
    let declined = ask("cancellation", Step::decline("04")).await;
    assert!(declined.contains("le paiement d'origine reste débité"), "{declined}");
}

#[tokio::test]
async fn an_exchange_keeps_the_terminal_when_its_till_is_gone() {
    let fields = json!([{ "tag": "CD", "value": "3" }, { "tag": "CB", "value": "100" }, { "tag": "CE", "value": "978" }]);
    let slow = Terminal::slow().await;
    let folder = tempfile::tempdir().unwrap();
    let relay =
        Relay::start(config(folder.path(), &[("lent", slow.address)], ""), vec![]).await.unwrap();
    let mut first = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    first.say(json!({ "type": "exchange", "fields": fields })).await;
    slow.asked().await;
    drop(first);
    let mut second = Till::enter(&relay.url(), &relay.ca_file, "Caisse 2").await;
    second.ask(9_90).await;
    assert_eq!(second.refusal().await["code"], "terminal_busy");
    assert_eq!(slow.connections(), 1);
}

#[tokio::test]
async fn a_till_that_returns_in_the_middle_hears_the_outcome() {
    for delay in [0, 5, 10, 20, 40] {
        let shop = Shop::open().await;
        shop.terminal.will(approve_after(delay));
        let mut till = shop.till("Caisse 1").await;
        let id = till.ask(12_50).await;
        let mut back = shop.till("Caisse 1").await;
        let told = back.welcome["unacknowledged"].as_array().unwrap();
        if let Some(payment) = told.iter().find(|payment| payment["id"] == id.as_str())
            && payment["phase"] == "waiting"
        {
            assert_eq!(back.outcome(&id).await["outcome"], "approved");
        }
        drop(till);
    }
}

#[tokio::test]
async fn a_terminal_that_is_slow_to_connect_is_recorded_as_not_sent_first() {
    let slow = Unreachable::new().await;
    let folder = tempfile::tempdir().unwrap();
    let relay =
        Relay::start(config(folder.path(), &[("lent", slow.address)], ""), vec![]).await.unwrap();
    let opens = tokio::spawn(slow.opens());
    let mut till = Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    let id = till.ask(12_50).await;
    let first = till.until(&id, |_| true).await;
    assert_eq!((&first["step"], &first["charged"]), (&json!("connecting"), &json!("no")));
    assert_eq!(till.sent(&id).await["charged"], "maybe");
    opens.abort();
}

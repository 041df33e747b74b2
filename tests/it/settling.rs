//! What people settle: guard against paying twice, release, the terminal's
//! duplicate, and a relay that is stopped in the middle.

use crate::shop::{Shop, approve_after, debit, new_id};
use caisse_relay::journal::Reader;
use caisse_relay::relay::journal_folder;
use caisse_relay::simulator::{Outcome, Step};
use serde_json::{Value, json};
use std::time::Duration;

fn sale(reference: &str) -> Value {
    let mut order = debit(&new_id(), 12_50);
    order["reference"] = json!(reference);
    order
}

fn events(shop: &Shop) -> Vec<(String, Option<String>, Option<String>)> {
    let reader = Reader::open(&journal_folder(&shop.folder().join("data"))).unwrap();
    let events = reader.events().unwrap().into_iter();
    events.map(|event| (event.kind, event.payment.map(|id| id.to_string()), event.by)).collect()
}

#[tokio::test]
async fn a_sale_in_doubt_is_not_paid_again_by_accident() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    let mut till = shop.till("Caisse 1").await;
    let first = till.pay(sale("ticket 42")).await["id"].clone();
    shop.terminal.will(Step::approve());
    let again = sale("ticket 42");
    till.say(again.clone()).await;
    let refused = till.refusal().await;
    assert_eq!((&refused["code"], &refused["first"]), (&json!("possible_double_charge"), &first));
    assert!(refused["message"].as_str().unwrap().contains("peut-être déjà été débité"));
    assert_eq!(shop.terminal.simulator.requests(), 1);
    assert_eq!(till.pay(sale("ticket 43")).await["outcome"], "approved", "another sale");

    let mut despite = again.clone();
    despite["despite"] = json!("not-that-one");
    till.say(despite.clone()).await;
    assert_eq!(till.refusal().await["first"], first);
    despite["despite"] = first.clone();
    assert_eq!(till.pay(despite).await["outcome"], "approved");
    let id = again["id"].as_str().unwrap().to_owned();
    assert_eq!(events(&shop), [("despite".to_owned(), Some(id), None)]);
}

#[tokio::test]
async fn paying_despite_a_doubt_is_journaled_though_the_till_is_gone_at_once() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    let mut till = shop.till("Caisse 1").await;
    let first = till.pay(sale("ticket 42")).await["id"].clone();
    shop.terminal.will(approve_after(100));
    let mut despite = sale("ticket 42");
    despite["despite"] = first;
    let id = despite["id"].as_str().unwrap().to_owned();
    till.say(despite).await;
    till.sent(&id).await;
    // On record with the payment: while the terminal has it, whoever is there.
    assert_eq!(events(&shop), [("despite".to_owned(), Some(id.clone()), None)]);
    drop(till);
    let mut back = shop.till("Caisse 1").await;
    back.say(json!({ "type": "payment", "id": id })).await;
    assert_eq!(back.outcome(&id).await["outcome"], "approved");
    assert_eq!(events(&shop).len(), 1);
}

#[tokio::test]
async fn a_sale_that_is_open_or_settled_is_guarded_or_free() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(200));
    let mut till = shop.till("Caisse 1").await;
    let open = sale("ticket 42");
    till.say(open.clone()).await;
    let id = open["id"].as_str().unwrap();
    till.sent(id).await;
    let mut other = shop.till("Caisse 2").await;
    other.say(sale("ticket 42")).await;
    assert_eq!(other.refusal().await["code"], "possible_double_charge");
    assert_eq!(till.outcome(id).await["outcome"], "approved");
    // A second payment of a sale that is known is the shop's business.
    shop.terminal.will(Step::new(Outcome::Close));
    let unknown = other.pay(sale("ticket 42")).await["id"].clone();
    other.say(json!({ "type": "resolve", "id": unknown, "charged": "no", "by": "Zoé" })).await;
    other.until(unknown.as_str().unwrap(), |payment| !payment["resolved"].is_null()).await;
    shop.terminal.will(Step::approve());
    assert_eq!(other.pay(sale("ticket 42")).await["outcome"], "approved");
}

#[tokio::test]
async fn a_person_frees_a_terminal_that_does_not_answer() {
    let shop = Shop::with("answer_s = 1").await;
    shop.terminal.will(approve_after(2000));
    let mut till = shop.till("Caisse 1").await;
    let release = json!({ "type": "release", "by": "Zoé", "n": 4 });
    till.say(release.clone()).await;
    assert_eq!(till.refusal().await["code"], "not_held", "it is free");
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    till.say(release.clone()).await;
    assert_eq!(till.refusal().await["code"], "not_held", "the customer is still at it");
    assert_eq!(till.outcome(&id).await["outcome"], "unknown");
    till.say(release).await;
    let released = till.hear("released").await;
    assert_eq!((&released["terminal"], &released["n"]), (&json!("comptoir"), &json!(4)));
    assert_eq!(events(&shop), [("released".to_owned(), Some(id.clone()), Some("Zoé".to_owned()))]);
    let welcome = shop.till("Caisse 2").await.welcome;
    assert_eq!(welcome["terminals"][0]["state"], "free");
    // It is listened to all the same.
    let late = till.until(&id, |payment| payment["late"] == true).await;
    assert_eq!(late["outcome"], "approved");
    let kinds: Vec<_> = events(&shop).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, ["released", "late"]);
}

#[tokio::test]
async fn the_terminals_duplicate_is_shown_and_decides_nothing() {
    let shop = Shop::with("recovery = \"duplicata\"").await;
    shop.terminal.will(Step::new(Outcome::Close));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    let told = till.until(&id, |payment| !payment["evidence"].is_null()).await;
    assert_eq!((&told["outcome"], &told["charged"]), (&json!("unknown"), &json!("maybe")));
    assert_eq!(
        (&told["evidence"]["done"], &told["evidence"]["amount"]),
        (&json!(true), &json!(1250))
    );
    assert!(told["evidence"]["authorization"].is_string());
    let shop = shop.restart().await;
    let kept = shop.till("Caisse 1").await.payment(&id).await;
    assert_eq!(kept["evidence"], told["evidence"]);
    assert_eq!(shop.terminal.charges().len(), 1);
}

#[tokio::test]
async fn without_the_setting_nobody_asks_for_a_duplicate() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    let mut till = shop.till("Caisse 1").await;
    till.debit(12_50).await;
    assert_eq!(till.debit(1_00).await["evidence"], json!(null));
    assert_eq!(shop.terminal.simulator.requests(), 2);
}

#[tokio::test]
async fn a_relay_that_stops_tells_the_tills_and_records_what_is_left_as_unknown() {
    let shop = Shop::open().await;
    shop.terminal.will(approve_after(60_000));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    let (left, told) = tokio::join!(shop.relay.stop(Duration::from_millis(300)), async {
        let stopping = till.hear("stopping").await;
        assert!(stopping["message"].as_str().unwrap().contains("s'arrête"));
        let told = till.outcome(&id).await;
        assert_eq!(till.closed().await, 1001);
        told
    });
    assert_eq!(left, 1);
    assert_eq!((&told["outcome"], &told["reason"]), (&json!("unknown"), &json!("relay_stopped")));
    assert_eq!(told["durable"], true);
}

#[tokio::test]
async fn a_clock_that_moves_neither_reorders_nor_loses_payments() {
    use caisse_relay::hub::{Asked, Hub};
    use caisse_relay::journal::{Filter, Journal};
    use caisse_relay::payment::{Amount, Currency, Moment, Operation, Order, PaymentId};
    use std::sync::atomic::{AtomicI64, Ordering};
    static CLOCK: AtomicI64 = AtomicI64::new(1_800_000_000_000);
    let terminal = crate::shop::Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = crate::shop::config(folder.path(), &[("comptoir", terminal.address)], "");
    let terminals = config.terminals.into_iter().map(Into::into).collect();
    let journal = Journal::open(folder.path(), Moment(0)).unwrap().into();
    let hub = Hub::new(terminals, journal, || Moment(CLOCK.load(Ordering::SeqCst)));
    let (watcher, mut told) = tokio::sync::mpsc::unbounded_channel();
    // A year back, then the year 1970, then forward again.
    for (index, clock) in
        [1_800_000_000_000, 1_768_000_000_000, 0, 1_900_000_000_000].iter().enumerate()
    {
        CLOCK.store(*clock, Ordering::SeqCst);
        let order = Order::new(Operation::Debit, Amount::new(100).unwrap(), Currency::EUR);
        let id = PaymentId::new(&format!("p{index}")).unwrap();
        let asked = Asked { id, till: "Caisse 1".into(), terminal: None, order, despite: None };
        hub.pay(asked, &watcher).unwrap().await.unwrap();
        while told.recv().await.unwrap().outcome().is_none() {}
    }
    let listed = hub.payments(Filter { limit: 10, ..Filter::default() }).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|payment| payment.id.to_string()).collect();
    assert_eq!(ids, ["p0", "p1", "p2", "p3"]);
    assert!(listed.iter().all(|payment| payment.outcome().unwrap().code() == "approved"));
}

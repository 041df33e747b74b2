//! Whatever a till sends, it gets a code and a sentence, and loses nothing.

use crate::shop::{Shop, debit, new_id};
use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

/// Everything malformed that a till may say after `hello`: the text, the code,
/// and something that the sentence has to name.
fn malformed() -> Vec<(String, &'static str, &'static str)> {
    let pay = |key: &str, value: Value| {
        let mut order = debit("bad", 1250);
        order[key] = value;
        order.to_string()
    };
    let without = |key: &str| {
        let mut order = debit("bad", 1250);
        order.as_object_mut().unwrap().remove(key);
        order.to_string()
    };
    let text = |value: Value| value.to_string();
    vec![
        (String::new(), "bad_message", "EOF"),
        ("pay 12.50".into(), "bad_message", "expected value"),
        ("{".into(), "bad_message", "EOF"),
        ("[]".into(), "bad_message", "type"),
        ("null".into(), "bad_message", "invalid"),
        ("42".into(), "bad_message", "invalid"),
        ("{}".into(), "bad_message", "type"),
        (text(json!({ "type": "steal" })), "bad_message", "steal"),
        (text(json!({ "type": 7 })), "bad_message", "invalid"),
        (text(json!({ "type": "hello", "client": "x", "lang": "fr" })), "bad_message", "second hello"),
        (text(json!({ "type": "ping", "m": 1 })), "bad_message", "`m`"),
        (text(json!({ "type": "payment" })), "bad_message", "`id`"),
        (text(json!({ "type": "payment", "id": "a b" })), "bad_message", "id:"),
        (text(json!({ "type": "payment", "id": 12 })), "bad_message", "invalid type"),
        (text(json!({ "type": "payment", "id": "x".repeat(65) })), "bad_message", "id:"),
        (text(json!({ "type": "payments", "limit": 0 })), "bad_message", "limit"),
        (text(json!({ "type": "payments", "limit": 1001 })), "bad_message", "limit"),
        (text(json!({ "type": "payments", "state": "paid" })), "bad_message", "paid"),
        (text(json!({ "type": "acknowledge", "id": "never-seen" })), "unknown_payment", "aucune trace"),
        (text(json!({ "type": "cancel", "id": "never-seen" })), "unknown_payment", "aucune trace"),
        (
            text(json!({ "type": "resolve", "id": "never-seen", "charged": "yes", "by": "Zoé" })),
            "unknown_payment",
            "aucune trace",
        ),
        (text(json!({ "type": "resolve", "id": "x", "charged": "perhaps", "by": "Zoé" })), "bad_message", "perhaps"),
        (text(json!({ "type": "resolve", "id": "x", "charged": true, "by": "Zoé" })), "bad_message", "invalid"),
        (text(json!({ "type": "resolve", "id": "x", "charged": "yes", "by": " " })), "bad_message", "by:"),
        (
            text(json!({ "type": "resolve", "id": "x", "charged": "yes", "by": "Zoé", "note": "n".repeat(501) })),
            "bad_message",
            "note:",
        ),
        (text(json!({ "type": "identify", "terminal": "cave" })), "unknown_terminal", "cave"),
        (text(json!({ "type": "exchange", "fields": [{ "tag": "cd", "value": "3" }] })), "bad_message", "tag"),
        (text(json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "" }] })), "bad_message", "CD"),
        (text(json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "é" }] })), "bad_message", "CD"),
        (text(json!({ "type": "exchange", "fields": [] })), "unsupported", "argent"),
        (text(json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "0" }] })), "unsupported", "argent"),
        (without("id"), "bad_message", "`id`"),
        (without("amount"), "bad_message", "`amount`"),
        (without("operation"), "bad_message", "`operation`"),
        (without("currency"), "bad_message", "`currency`"),
        (pay("id", json!("")), "bad_message", "id:"),
        (pay("id", json!("été")), "bad_message", "id:"),
        (pay("amout", json!(1250)), "bad_message", "amout"),
        (pay("amount", json!(12.5)), "bad_amount", "entier"),
        (pay("amount", json!("1250")), "bad_amount", "entier"),
        (pay("amount", json!(-1)), "bad_amount", "entier"),
        (pay("amount", json!(0)), "bad_amount", "entier"),
        (pay("amount", json!(null)), "bad_amount", "entier"),
        (pay("amount", json!(1_000_000_000_000_u64)), "bad_amount", "entier"),
        (pay("currency", json!("EURO")), "bad_currency", "EURO"),
        (pay("currency", json!("eur")), "bad_currency", "eur"),
        (pay("currency", json!("XAU")), "bad_currency", "XAU"),
        (pay("operation", json!("steal")), "bad_message", "steal"),
        (pay("means", json!("gold")), "bad_message", "gold"),
        (pay("reference", json!("")), "bad_reference", "ASCII"),
        (pay("reference", json!("crème")), "bad_reference", "ASCII"),
        (pay("reference", json!("x".repeat(100))), "bad_reference", "99"),
        (pay("receipt", json!("yes")), "bad_message", "invalid type"),
        (pay("register", json!("100")), "bad_message", "register"),
        (pay("register", json!("0")), "bad_message", "register"),
        (pay("timeout", json!(9)), "bad_message", "timeout"),
        (pay("timeout", json!(601)), "bad_message", "timeout"),
        (pay("terminal", json!("cave")), "unknown_terminal", "cave"),
        (
            r#"{"type":"pay","id":"x","operation":"debit","amount":1,"amount":100000,"currency":"EUR"}"#.into(),
            "bad_message",
            "duplicate field `amount`",
        ),
    ]
}

#[tokio::test]
async fn every_malformed_message_gets_a_code_and_a_sentence_and_the_till_stays() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for (text, code, names) in malformed() {
        till.say_text(&text).await;
        let refused = till.refusal().await;
        assert_eq!(refused["code"], code, "{text}\n{refused:#}");
        let message = refused["message"].as_str().unwrap();
        assert!(message.contains(names), "{text}\n{message}");
        // A good message ends the row of bad ones.
        till.say(json!({ "type": "ping", "n": 1 })).await;
        assert_eq!(till.hear("pong").await["n"], 1);
    }
    assert_eq!(shop.terminal.simulator.connections(), 0, "the terminal heard of nothing");
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
}

#[tokio::test]
async fn a_refusal_names_what_it_refuses() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let mut order = debit("order-7", 1250);
    order["colour"] = json!("red");
    till.say(order).await;
    let refused = till.refusal().await;
    assert_eq!((&refused["to"], &refused["id"]), (&json!("pay"), &json!("order-7")));
    till.say(json!({ "type": "payments", "n": 12, "limit": 0 })).await;
    let refused = till.refusal().await;
    assert_eq!((&refused["to"], &refused["n"]), (&json!("payments"), &json!(12)));
}

#[tokio::test]
async fn cheques_are_for_paying_only() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for operation in ["refund", "cancellation"] {
        let mut order = debit(&new_id(), 1250);
        order["means"] = json!("cheque");
        order["operation"] = json!(operation);
        till.say(order).await;
        assert_eq!(till.refusal().await["code"], "unsupported");
    }
}

#[tokio::test]
async fn acknowledging_is_for_payments_that_are_over() {
    let shop = Shop::open().await;
    shop.terminal.will(crate::shop::approve_after(200));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    for message in [
        json!({ "type": "acknowledge", "id": id }),
        json!({ "type": "resolve", "id": id, "charged": "no", "by": "Zoé" }),
    ] {
        till.say(message).await;
        assert_eq!(till.refusal().await["code"], "not_closed");
    }
    assert_eq!(till.outcome(&id).await["outcome"], "approved");
}

#[tokio::test]
async fn hello_comes_first() {
    let shop = Shop::open().await;
    let mut till = crate::shop::Till::silent(&shop.relay.url(), &shop.relay.ca_file).await;
    till.say(debit(&new_id(), 1250)).await;
    let refused = till.refusal().await;
    assert_eq!((&refused["to"], &refused["code"]), (&json!("pay"), &json!("bad_message")));
    for hello in [
        json!({ "type": "hello", "client": "", "lang": "fr" }),
        json!({ "type": "hello", "client": "x", "lang": "de" }),
        json!({ "type": "hello", "client": "x", "lang": "fr", "till": "" }),
        json!({ "type": "hello", "client": "x", "lang": "fr", "till": "a\nb" }),
        json!({ "type": "hello", "client": "x", "lang": "fr", "till": "x".repeat(65) }),
    ] {
        till.say(hello).await;
        assert_eq!(till.refusal().await["to"], "hello");
    }
    till.say(json!({ "type": "hello", "client": "x", "lang": "en" })).await;
    let welcome = till.hear("welcome").await;
    assert_eq!(welcome["till"], "local", "a program that is no browser has no origin");
    assert_eq!(shop.terminal.simulator.connections(), 0);
}

#[tokio::test]
async fn binary_frames_and_ten_bad_messages_in_a_row_end_the_connection() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for _ in 0..9 {
        till.socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
        assert_eq!(till.refusal().await["code"], "bad_message");
    }
    till.say_text("?").await;
    assert_eq!(till.closed().await, 4400);
}

#[tokio::test]
async fn a_message_over_64_kib_ends_the_connection_and_no_payment() {
    let shop = Shop::open().await;
    shop.terminal.will(crate::shop::approve_after(100));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    till.say_text(&"x".repeat(70_000)).await;
    assert_eq!(till.closed().await, 4400);
    let mut back = shop.till("Caisse 1").await;
    back.say(json!({ "type": "payment", "id": id })).await;
    assert_eq!(back.outcome(&id).await["outcome"], "approved");
}

#[tokio::test]
async fn sentences_come_in_the_tills_language() {
    let shop = Shop::open().await;
    let mut till = crate::shop::Till::silent(&shop.relay.url(), &shop.relay.ca_file).await;
    till.say(json!({ "type": "hello", "client": "x", "lang": "en" })).await;
    till.hear("welcome").await;
    let paid = till.debit(12_50).await;
    assert_eq!(paid["advice"], "Payment of 12.50 EUR approved.");
    till.say(json!({ "type": "identify", "terminal": "cave" })).await;
    assert!(till.refusal().await["message"].as_str().unwrap().starts_with("No terminal “cave”"));
}

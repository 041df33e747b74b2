//! Messages that no till should send, and pages that act for somebody else.

use super::attacker::{Raw, after, exchange, frame, hello, http, statuses};
use super::{Row, row};
use serde_json::{Value, json};
use tokio::time::Instant;

/// What a till says after hello, and what it is answered.
fn says(tried: &'static str, back: &'static str, message: Value) -> Row {
    writes(tried, back, message.to_string())
}

fn writes(tried: &'static str, back: &'static str, text: String) -> Row {
    row(tried, back, move |world| async move {
        let mut raw = Raw::welcome(&world).await;
        raw.send(&frame(0x81, text.as_bytes())).await;
        raw.answer().await
    })
}

/// An order that would charge 66.66 if it were taken, and this instead of some of it.
fn order(changes: Value) -> Value {
    let mut order = json!({
        "type": "pay", "id": crate::shop::new_id(), "operation": "debit", "amount": 66_66,
        "currency": "EUR",
    });
    order.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    order
}

pub fn rows() -> Vec<Row> {
    let amount = |text: &str| order(json!({})).to_string().replace("6666", text);
    vec![
        row("no hello", "closed with 4408 after 10 s", |world| async move {
            let mut raw = Raw::open(&world).await;
            let began = Instant::now();
            let ended = raw.fate().await;
            format!("{ended} {}", after(10, began))
        }),
        row("a payment before hello", "refused: `bad_message`", |world| async move {
            let mut raw = Raw::open(&world).await;
            raw.say(&order(json!({}))).await;
            raw.answer().await
        }),
        row("a second hello", "refused: `bad_message`", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            raw.say(&hello()).await;
            raw.answer().await
        }),
        row(
            "messages that mean nothing, without end",
            "9 × `bad_message`, closed with 4400",
            |world| async move {
                let mut raw = Raw::welcome(&world).await;
                for _ in 0..100 {
                    raw.say(&json!({ "type": "steal" })).await;
                }
                raw.fate().await
            },
        ),
        row("20 000 messages at once", "each is answered", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            let ping = json!({ "type": "ping", "n": 1 }).to_string();
            let flood = frame(0x81, ping.as_bytes()).repeat(100);
            for _ in 0..200 {
                assert!(raw.send(&flood).await);
                for _ in 0..100 {
                    assert_eq!(raw.answer().await, "pong");
                }
            }
            "each is answered".into()
        }),
        writes("JSON nested 30 000 deep", "refused: `bad_message`", "[".repeat(30_000)),
        writes("JSON nested inside a payment", "refused: `bad_message`", {
            format!(r#"{{"type":"pay","id":{}1{}}}"#, "[".repeat(20_000), "]".repeat(20_000))
        }),
        writes("two amounts in one payment", "refused: `bad_message`", {
            order(json!({})).to_string().replace("6666", r#"1,"amount":6666"#)
        }),
        writes("an amount over 64 bits", "refused: `bad_amount`", amount("18446744073709551616")),
        writes("an amount of 1e400", "refused: `bad_message`", amount("1e400")),
        writes("an amount below zero", "refused: `bad_amount`", amount("-6666")),
        writes("an amount of half a cent", "refused: `bad_amount`", amount("66.5")),
        writes("an amount in quotes", "refused: `bad_amount`", amount("\"6666\"")),
        says(
            "an amount of 13 digits",
            "refused: `bad_amount`",
            order(json!({ "amount": 10_000_000_000_000_u64 })),
        ),
        says(
            "a terminal's address in a payment",
            "refused: `bad_message`",
            order(json!({ "address": "10.0.0.1", "port": 8888 })),
        ),
        says(
            "an address in the place of a terminal's name",
            "refused: `unknown_terminal`",
            order(json!({ "terminal": "10.0.0.1:8888" })),
        ),
        says(
            "a terminal's name with a path in it",
            "refused: `unknown_terminal`",
            order(json!({ "terminal": "../comptoir" })),
        ),
        says(
            "an id with a quote and SQL in it",
            "refused: `bad_message`",
            order(json!({ "id": "x'; DROP TABLE payment; --" })),
        ),
        says(
            "an id of 10 000 characters",
            "refused: `bad_message`",
            order(json!({ "id": "x".repeat(10_000) })),
        ),
        says(
            "a reference with a field of the terminal's protocol behind a line break",
            "refused: `bad_reference`",
            order(json!({ "reference": "1\r\nCB0041" })),
        ),
        says(
            "a debit as a raw exchange",
            "refused: `unsupported`",
            json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "0" }, { "tag": "CB", "value": "6666" }] }),
        ),
        says(
            "a second action hidden in a raw exchange",
            "refused: `unsupported`",
            json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "3" }, { "tag": "CD", "value": "0" }, { "tag": "CB", "value": "6666" }] }),
        ),
        row("a till's id with another amount", "refused: `id_reused`", |world| async move {
            let mut till = world.till().await;
            till.say(json!({ "type": "payments", "limit": 1 })).await;
            let listed = till.hear("payments").await;
            let mut raw = Raw::welcome(&world).await;
            raw.say(&order(json!({ "id": listed["payments"][0]["id"] }))).await;
            raw.answer().await
        }),
        says("the outcome of a payment that does not exist", "refused: `unknown_payment`", {
            json!({ "type": "resolve", "id": "nothing", "charged": "yes", "by": "X" })
        }),
    ]
}

/// Pages and programs that would act for the person at the relay.
pub fn forgeries() -> Vec<Row> {
    /// A page or program says hello with this, then this; the last answer.
    async fn acts(world: &super::World, origin: &str, shown: Value, act: Value) -> String {
        let own = world.address.to_string();
        let mut raw = Raw::connect(world, &own, origin).await.unwrap();
        let mut hello = hello();
        hello.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
        raw.say(&hello).await;
        let first = raw.answer().await;
        if first != "welcome" {
            return first;
        }
        raw.say(&act).await;
        raw.answer().await
    }
    /// What each of these links is traded for.
    async fn redeems(world: &super::World, origin: &str, tickets: &[String]) -> String {
        let own = world.address.to_string();
        let mut raw = Raw::connect(world, &own, origin).await.unwrap();
        let mut seen = Vec::new();
        for ticket in tickets {
            raw.say(&json!({ "type": "redeem", "ticket": ticket })).await;
            seen.push(raw.answer().await);
        }
        seen.join(", ")
    }
    const PAGE: &str = "Origin: https://shop.example\r\n";
    let allow =
        || json!({ "type": "origin", "origin": "https://evil.example", "decision": "allow" });
    vec![
        row("a form of another page, posted to `/` and `/till`", "405, 405", |world| async move {
            let mut seen = Vec::new();
            for path in ["/", "/till"] {
                let request = format!(
                    "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
                     Origin: https://evil.example\r\nCookie: a=b\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\n\
                     type=allow",
                    world.address
                );
                seen.push(http(&world, request).await);
            }
            seen.join(", ")
        }),
        row(
            "a `fetch` of another page, with cookies",
            "200, unreadable for it, and no cookie",
            |world| async move {
                let request = format!(
                    "GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
                 Origin: https://evil.example\r\nCookie: a=b\r\n\r\n",
                    world.address
                );
                let bytes = exchange(&world, request).await;
                let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
                let told = text.contains("access-control-") || text.contains("set-cookie");
                let status = statuses(&bytes);
                if told { text } else { format!("{status}, unreadable for it, and no cookie") }
            },
        ),
        row(
            "a preflight of another page for the private network",
            "405, nothing allowed",
            |world| async move {
                let request = format!(
                    "OPTIONS / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
                 Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n\
                 Access-Control-Request-Private-Network: true\r\n\r\n",
                    world.address
                );
                let bytes = exchange(&world, request).await;
                let told = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
                let status = statuses(&bytes);
                if told.contains("access-control-") {
                    told
                } else {
                    format!("{status}, nothing allowed")
                }
            },
        ),
        row(
            "an allowed page that has the relay's key",
            "refused: `not_permitted`",
            move |world| async move {
                let key = json!({ "key": world.key });
                acts(&world, PAGE, key, allow()).await
            },
        ),
        row(
            "an allowed page that lets another one in",
            "refused: `not_permitted`",
            move |world| async move { acts(&world, PAGE, json!({}), allow()).await },
        ),
        row("an allowed page that opens a code", "refused: `not_permitted`", |world| async move {
            acts(&world, PAGE, json!({}), json!({ "type": "open_pairing" })).await
        }),
        row(
            "an allowed page that asks for a link to the relay's page",
            "refused: `not_permitted`",
            |world| async move { acts(&world, PAGE, json!({}), json!({ "type": "ticket" })).await },
        ),
        row(
            "an allowed page that has such a link",
            "refused: `not_permitted`",
            |world| async move {
                let ticket = world.ticket().await;
                redeems(&world, PAGE, &[ticket]).await
            },
        ),
        row(
            "the relay's own page with a link that was used",
            "redeemed, refused: `bad_ticket`",
            |world| async move {
                let ticket = world.ticket().await;
                let own = format!("Origin: https://{}\r\n", world.address);
                redeems(&world, &own, &[ticket.clone(), ticket]).await
            },
        ),
        row("a program with an invented link", "refused: `bad_ticket`", |world| async move {
            redeems(&world, "", &["x".repeat(43)]).await
        }),
        row(
            "the relay's own page without the key",
            "refused: `not_permitted`",
            |world| async move {
                let own = format!("Origin: https://{}\r\n", world.address);
                acts(&world, &own, json!({}), json!({ "type": "overview" })).await
            },
        ),
        row("a program with a wrong key", "refused: `not_permitted`", |world| async move {
            acts(&world, "", json!({ "key": "x".repeat(43) }), json!({ "type": "overview" })).await
        }),
        row("a program with an invented token", "closed with 4401", |world| async move {
            acts(&world, "", json!({ "token": "x".repeat(43) }), json!({ "type": "overview" }))
                .await
        }),
    ]
}

//! Who may come in: pages that a person allows, tills of the network that are
//! paired, and the person who holds the relay's key.

use crate::guest::Guest;
use crate::shop::{Door, Shop, TILL_DOOR, Till, connect, debit, new_id};
use caisse_relay::access::{KEY_FILE, read_key};
use caisse_relay::journal::Reader;
use caisse_relay::relay::journal_folder;
use serde_json::{Value, json};

const LAN: &str = "192.168.1.20";
const PAGE: &str = "https://caisse.example";

fn key(shop: &Shop) -> String {
    read_key(&shop.folder().join("data")).unwrap()
}

/// The person at the relay.
async fn master(shop: &Shop) -> Guest {
    let mut master = Guest::comes(&shop.relay.desk, "127.0.0.1", None);
    assert_eq!(master.hello(json!({ "key": key(shop) })).await.unwrap()["type"], "welcome");
    master
}

/// A till of the network that has a code.
async fn paired(shop: &Shop, offer: Value) -> (Guest, String) {
    let mut master = master(shop).await;
    let mut open = json!({ "type": "open_pairing" });
    open.as_object_mut().unwrap().extend(offer.as_object().unwrap().clone());
    master.say(&open);
    let code = master.hear("pairing").await["code"].clone();
    let mut till = Guest::comes(&shop.relay.desk, LAN, None);
    till.say(&json!({ "type": "pair", "code": code, "till": "Caisse 2" }));
    let token = till.hear("paired").await["token"].as_str().unwrap().to_owned();
    (till, token)
}

/// What a page is told at the door: the close code, or 0 when it is let in.
async fn knock(shop: &Shop, origin: &str) -> u16 {
    let door = Door { origin: Some(origin), ..TILL_DOOR };
    let socket = connect(&shop.relay.url(), &shop.relay.ca_file, door).await.unwrap();
    let mut till = Till { socket, welcome: Value::Null };
    till.say(json!({ "type": "hello", "client": "tests", "lang": "fr" })).await;
    till.next().await.map_or_else(|code| code, |_| 0)
}

#[tokio::test]
async fn a_page_waits_until_a_person_allows_it() {
    let shop = Shop::open().await;
    let mut master = master(&shop).await;
    master.say(&json!({ "type": "overview" }));
    let before = master.hear("overview").await;
    assert_eq!(
        before["origins"],
        json!([{ "origin": "https://shop.example", "state": "configured", "since": null }])
    );
    assert_eq!(knock(&shop, PAGE).await, 4403);
    // It is shown without being asked for.
    while master.hear("overview").await["origins"][0]["state"] != "waiting" {}
    assert_eq!(knock(&shop, PAGE).await, 4403, "asking again changes nothing");

    master.say(&json!({ "type": "origin", "origin": PAGE, "decision": "allow", "n": 7 }));
    while master.hear("overview").await["origins"][0]["state"] != "allowed" {}
    assert_eq!(knock(&shop, PAGE).await, 0);
    assert_eq!(knock(&shop, "https://other.example").await, 4403);
}

#[tokio::test]
async fn a_page_that_is_refused_leaves_and_may_be_let_in_again() {
    let shop = Shop::open().await;
    let mut master = master(&shop).await;
    let mut page = Guest::comes(&shop.relay.desk, "127.0.0.1", Some("https://shop.example"));
    page.hello(json!({})).await.unwrap();
    master
        .say(&json!({ "type": "origin", "origin": "https://shop.example", "decision": "refuse" }));
    assert_eq!(page.closed().await.0, 4403);
    assert_eq!(knock(&shop, "https://shop.example").await, 4403);
    master.say(
        &json!({ "type": "origin", "origin": "https://shop.example", "decision": "forget", "n": 1 }),
    );
    while master.hear("overview").await["n"] != 1 {}
    assert_eq!(knock(&shop, "https://shop.example").await, 0, "as the configuration says");
}

#[tokio::test]
async fn what_people_decided_survives_a_restart() {
    let shop = Shop::open().await;
    let mut master_before = master(&shop).await;
    for (origin, decision) in [(PAGE, "allow"), ("https://shop.example", "refuse")] {
        master_before
            .say(&json!({ "type": "origin", "origin": origin, "decision": decision, "n": 1 }));
        while master_before.hear("overview").await["n"] != 1 {}
    }
    let (_, token) = paired(&shop, json!({})).await;
    drop(master_before);
    let shop = shop.restart().await;
    assert_eq!((knock(&shop, PAGE).await, knock(&shop, "https://shop.example").await), (0, 4403));
    let mut till = Guest::comes(&shop.relay.desk, LAN, None);
    assert_eq!(till.hello(json!({ "token": token })).await.unwrap()["till"], "Caisse 2");
    let events = Reader::open(&journal_folder(&shop.folder().join("data"))).unwrap().events();
    let kinds: Vec<_> = events.unwrap().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, ["origin_allowed", "origin_refused", "till_paired"]);
}

#[tokio::test]
async fn a_till_of_the_network_needs_a_token_and_one_of_this_computer_none() {
    let shop = Shop::open().await;
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        let mut till = Guest::comes(&shop.relay.desk, address, None);
        assert_eq!(till.hello(json!({ "till": "Caisse 1" })).await.unwrap()["till"], "Caisse 1");
    }
    for shown in [json!({}), json!({ "token": "x" }), json!({ "till": "Caisse 1" })] {
        for page in [None, Some("https://shop.example")] {
            let mut till = Guest::comes(&shop.relay.desk, LAN, page);
            let (code, reason) = till.hello(shown.clone()).await.unwrap_err();
            assert_eq!(code, 4401);
            assert!(reason.contains("pas appairée"), "{reason}");
        }
    }
    let mut silent = Guest::comes(&shop.relay.desk, LAN, None);
    silent.say(&debit(&new_id(), 12_50));
    assert_eq!(silent.hear("refused").await["code"], "bad_message", "hello comes first");
    assert!(shop.terminal.charges().is_empty());
}

#[tokio::test]
async fn a_code_buys_a_token_and_the_token_a_welcome() {
    let shop = Shop::open().await;
    let (mut till, token) = paired(&shop, json!({ "till": "Tablette" })).await;
    assert_eq!(token.len(), 43);
    let welcome = till.hello(json!({ "token": token, "till": "Caisse 1" })).await.unwrap();
    assert_eq!(welcome["till"], "Tablette", "the name that the person gave it");
    till.say(&debit(&new_id(), 12_50));
    while till.hear("payment").await["outcome"] != "approved" {}

    let folder = shop.folder().join("data");
    for file in ["journal/journal.sqlite3", "journal/journal.sqlite3-wal"] {
        let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
        let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
        assert!(!found, "{file} has the token");
    }
}

#[tokio::test]
async fn a_wrong_code_is_told_and_five_of_them_close_the_door() {
    let shop = Shop::open().await;
    let mut master = master(&shop).await;
    let mut till = Guest::comes(&shop.relay.desk, LAN, None);
    let pair =
        |code: &str| json!({ "type": "pair", "code": code, "till": "Caisse 2", "lang": "en" });
    till.say(&pair("123456"));
    assert_eq!(till.hear("refused").await["code"], "pairing_closed", "none is open");
    master.say(&json!({ "type": "open_pairing" }));
    let code = master.hear("pairing").await["code"].as_str().unwrap().to_owned();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2] {
        till.say(&pair(wrong));
        let refused = till.hear("refused").await;
        assert_eq!(refused["code"], "bad_code");
        assert!(refused["message"].as_str().unwrap().contains(&left.to_string()), "{refused}");
    }
    for expected in ["bad_code", "pairing_closed"] {
        till.say(&pair(wrong));
        assert_eq!(till.hear("refused").await["code"], expected);
    }
    till.say(&pair(&code));
    assert_eq!(till.hear("refused").await["code"], "pairing_closed", "even the right one");
}

#[tokio::test]
async fn a_name_is_not_taken_from_another_till() {
    let shop = Shop::open().await;
    let (_first, _) = paired(&shop, json!({})).await;
    let mut master = master(&shop).await;
    master.say(&json!({ "type": "open_pairing" }));
    let code = master.hear("pairing").await["code"].clone();
    let mut other = Guest::comes(&shop.relay.desk, "192.168.1.21", None);
    other.say(&json!({ "type": "pair", "code": code, "till": "Caisse 2" }));
    assert_eq!(other.hear("refused").await["code"], "till_taken");
    other.say(&json!({ "type": "pair", "code": code, "till": "Caisse 3" }));
    assert_eq!(other.hear("paired").await["till"], "Caisse 3", "the code is still good");
}

#[tokio::test]
async fn a_till_that_is_revoked_leaves_and_does_not_come_back() {
    let shop = Shop::open().await;
    let (mut till, token) = paired(&shop, json!({})).await;
    till.hello(json!({ "token": token })).await.unwrap();
    let mut master = master(&shop).await;
    master.say(&json!({ "type": "overview", "n": 1 }));
    let shown = master.hear("overview").await["tills"][0].clone();
    assert_eq!((&shown["till"], &shown["connected"]), (&json!("Caisse 2"), &json!(true)));
    master.say(&json!({ "type": "revoke", "till": "Caisse 2", "n": 2 }));
    let (code, reason) = till.closed().await;
    assert!(code == 4401 && reason.contains("retiré"), "{code} {reason}");
    let mut back = Guest::comes(&shop.relay.desk, LAN, None);
    assert_eq!(back.hello(json!({ "token": token })).await.unwrap_err().0, 4401);
    master.say(&json!({ "type": "revoke", "till": "Caisse 2", "n": 3 }));
    assert_eq!(master.hear("refused").await["code"], "unknown_till");
}

#[tokio::test]
async fn a_kiosk_may_take_payments_on_its_terminal_and_nothing_else() {
    let (bar, kiosk) = (crate::shop::Terminal::start().await, crate::shop::Terminal::start().await);
    let folder = tempfile::tempdir().unwrap();
    let terminals = [("bar", bar.address), ("borne", kiosk.address)];
    let config = crate::shop::config(folder.path(), &terminals, "");
    let relay = caisse_relay::relay::Relay::start(config, vec![]).await.unwrap();
    let at_the_bar = {
        let mut local = Guest::comes(&relay.desk, "127.0.0.1", None);
        local.hello(json!({})).await.unwrap();
        let mut order = debit(&new_id(), 5_00);
        order["terminal"] = json!("bar");
        local.say(&order);
        while local.hear("payment").await["outcome"] != "approved" {}
        order["id"].clone()
    };
    let mut master = Guest::comes(&relay.desk, "127.0.0.1", None);
    let key = read_key(&folder.path().join("data")).unwrap();
    master.hello(json!({ "key": key })).await.unwrap();
    master.say(&json!({ "type": "open_pairing", "till": "Borne", "terminals": ["nowhere"] }));
    assert_eq!(master.hear("refused").await["code"], "unknown_terminal");
    master.say(&json!({
        "type": "open_pairing", "till": "Borne", "terminals": ["borne"], "operations": ["debit"],
    }));
    let code = master.hear("pairing").await["code"].clone();
    let mut till = Guest::comes(&relay.desk, LAN, None);
    till.say(&json!({ "type": "pair", "code": code, "till": "x" }));
    let token = till.hear("paired").await["token"].clone();
    let welcome = till.hello(json!({ "token": token })).await.unwrap();
    assert_eq!(welcome["terminals"].as_array().unwrap().len(), 1);

    let order = debit(&new_id(), 12_50);
    till.say(&order);
    while till.hear("payment").await["outcome"] != "approved" {}
    assert_eq!((bar.charges().len(), kiosk.charges().len()), (1, 1), "its only terminal is meant");

    let pay = |operation: &str, terminal: &str| {
        json!({ "type": "pay", "id": new_id(), "terminal": terminal, "operation": operation,
                "amount": 100, "currency": "EUR" })
    };
    let id = order["id"].clone();
    for message in [
        pay("refund", "borne"),
        pay("cancellation", "borne"),
        pay("debit", "bar"),
        json!({ "type": "identify", "terminal": "bar" }),
        json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "3" }] }),
        json!({ "type": "release", "by": "X" }),
        json!({ "type": "resolve", "id": id, "charged": "no", "by": "X" }),
        json!({ "type": "payment", "id": at_the_bar }),
        json!({ "type": "cancel", "id": at_the_bar }),
        json!({ "type": "acknowledge", "id": at_the_bar }),
        json!({ "type": "overview" }),
        json!({ "type": "origin", "origin": PAGE, "decision": "allow" }),
        json!({ "type": "open_pairing" }),
        json!({ "type": "revoke", "till": "Borne" }),
    ] {
        till.say(&message);
        assert_eq!(till.hear("refused").await["code"], "not_permitted", "{message}");
    }
    till.say(&json!({ "type": "payments" }));
    let listed = till.hear("payments").await["payments"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1, "not the one at the bar");
    assert_eq!((bar.charges().len(), kiosk.charges().len()), (1, 1));
}

#[tokio::test]
async fn only_who_is_at_the_relay_holds_its_key() {
    let shop = Shop::open().await;
    for (address, page, shown) in [
        ("127.0.0.1", None, json!({ "key": "x" })),
        ("127.0.0.1", None, json!({ "key": "" })),
        ("127.0.0.1", Some("https://shop.example"), json!({ "key": key(&shop) })),
        (LAN, None, json!({ "key": key(&shop) })),
    ] {
        let mut guest = Guest::comes(&shop.relay.desk, address, page);
        let refused = guest.hello(shown).await.unwrap();
        assert_eq!(refused["code"], "not_permitted", "{address} {page:?}");
        guest.say(&json!({ "type": "overview" }));
        assert_eq!(guest.hear("refused").await["code"], "bad_message", "it has not come in");
    }
    let mut till = Guest::comes(&shop.relay.desk, "127.0.0.1", None);
    till.hello(json!({})).await.unwrap();
    for message in [
        json!({ "type": "overview" }),
        json!({ "type": "origin", "origin": PAGE, "decision": "allow" }),
        json!({ "type": "close_pairing" }),
    ] {
        till.say(&message);
        assert_eq!(till.hear("refused").await["code"], "not_permitted");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_relay_keeps_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::open().await;
    shop.till("Caisse 1").await.debit(12_50).await;
    let mut folders = vec![shop.folder().join("data")];
    let mut seen = Vec::new();
    while let Some(folder) = folders.pop() {
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // What browsers have to trust is public.
            let public = path.extension().is_some_and(|extension| extension == "pem");
            let private = path.file_name().unwrap().to_str().unwrap().to_owned();
            let expected = if public && !private.contains("key") { 0o644 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
            seen.push(private);
        }
    }
    assert!(seen.iter().any(|name| name == KEY_FILE), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn who_does_not_say_hello_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let desk = crate::guest::desk(folder.path());
    let began = tokio::time::Instant::now();
    let mut silent = Guest::comes(&desk, LAN, None);
    assert_eq!(silent.closed().await.0, 4408);
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_till_of_the_network_that_floods_is_let_go_and_one_of_this_computer_is_not() {
    let shop = Shop::open().await;
    let (mut till, token) = paired(&shop, json!({})).await;
    till.hello(json!({ "token": token })).await.unwrap();
    let mut local = Guest::comes(&shop.relay.desk, "127.0.0.1", None);
    local.hello(json!({})).await.unwrap();
    for n in 0..400 {
        till.say(&json!({ "type": "ping", "n": n }));
        local.say(&json!({ "type": "ping", "n": n }));
    }
    assert_eq!(till.closed().await.0, 4400);
    while local.hear("pong").await["n"] != 399 {}
}

#[tokio::test]
async fn a_browser_that_does_not_trust_the_certificate_is_noticed() {
    use crate::shop::tls_trusting;
    use rustls::pki_types::ServerName;
    let (shop, other) = (Shop::open().await, Shop::open().await);
    let mut master = master(&shop).await;
    master.say(&json!({ "type": "overview" }));
    assert_eq!(master.hear("overview").await["distrust"], Value::Null);
    for _ in 0..2 {
        let name = ServerName::from(shop.relay.address.ip());
        assert!(tls_trusting(shop.relay.address, name, &other.relay.ca_file).await.is_err());
    }
    let distrust = loop {
        let distrust = master.hear("overview").await["distrust"].clone();
        if distrust["count"] == 2 {
            break distrust;
        }
    };
    let message = distrust["message"].as_str().unwrap();
    assert!(message.contains("caisse-relay certs install"), "{message}");
    drop(shop.till("Caisse 1").await);
    master.say(&json!({ "type": "overview", "n": 1 }));
    while master.hear("overview").await["n"] != 1 {}
}

//! What the relay's own page is told, and how a person gets to it.

use crate::guest::{Guest, desk};
use crate::program::{PROGRAM, Running, configure};
use crate::shop::{Shop, Terminal, Till, debit, new_id};
use caisse_relay::access::read_key;
use caisse_relay::relay::page_link;
use caisse_relay::simulator::{Outcome, Step};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// The page: its key has been taken.
async fn page(shop: &Shop) -> Guest {
    let key = read_key(&shop.folder().join("data")).unwrap();
    let mut page = Guest::comes(&shop.relay.desk, "127.0.0.1", None);
    page.hello(json!({ "key": key, "till": "Caisse Relay" })).await.unwrap();
    page
}

/// Every day there is.
const ALWAYS: (&str, &str) = ("2000-01-01T00:00:00+01:00", "2999-01-01T00:00:00+01:00");

async fn totals(page: &mut Guest, (from, to): (&str, &str)) -> Value {
    page.say(&json!({ "type": "totals", "from": from, "to": to, "n": 9 }));
    let totals = page.hear("totals").await;
    assert_eq!(totals["n"], 9);
    totals["totals"].clone()
}

fn order(operation: &str, amount: u64) -> Value {
    let mut order = debit(&new_id(), amount);
    order["operation"] = json!(operation);
    order
}

#[tokio::test]
async fn a_day_adds_up_what_moved_and_says_what_may_have_moved() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for (operation, amount, step) in [
        ("debit", 12_50, Step::approve()),
        ("debit", 3_00, Step::decline("04")),
        ("debit", 7_50, Step::approve()),
        ("refund", 2_00, Step::approve()),
    ] {
        shop.terminal.will(step);
        till.pay(order(operation, amount)).await;
    }
    shop.terminal.will(Step::new(Outcome::Close));
    let first = till.debit(40_00).await;
    till.debit(5_00).await;
    let mut page = page(&shop).await;
    let debits = |done, sum, settled, unknown, unknown_sum| {
        json!({
            "terminal": "comptoir", "operation": "debit", "means": "card", "currency": "EUR",
            "done": done, "sum": sum, "settled": settled, "unknown": unknown, "unknown_sum": unknown_sum,
        })
    };
    let refunds = json!({
        "terminal": "comptoir", "operation": "refund", "means": "card", "currency": "EUR",
        "done": 1, "sum": 2_00, "settled": 0, "unknown": 0, "unknown_sum": 0,
    });
    assert_eq!(
        totals(&mut page, ALWAYS).await,
        json!([debits(2, 20_00, 0, 2, 45_00), refunds.clone()])
    );

    page.say(&json!({ "type": "resolve", "id": first["id"], "charged": "yes", "by": "Camille" }));
    page.hear("payment").await;
    assert_eq!(totals(&mut page, ALWAYS).await, json!([debits(3, 60_00, 1, 1, 5_00), refunds]));
    let before = ("2000-01-01T00:00:00Z", "2000-01-02T00:00:00Z");
    assert_eq!(totals(&mut page, before).await, json!([]));
}

#[tokio::test]
async fn the_payments_of_a_day_begin_and_end_with_it() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let first = till.debit(1_00).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    let second = till.debit(2_00).await;
    let mut count = async |from: &Value, to: &Value| {
        till.say(json!({ "type": "payments", "from": from, "to": to })).await;
        till.hear("payments").await["payments"].as_array().unwrap().len()
    };
    let (a, b) = (&first["opened_at"], &second["opened_at"]);
    assert_eq!(count(a, b).await, 1, "the end is not in it, the beginning is");
    assert_eq!(count(b, &json!(ALWAYS.1)).await, 1);
    assert_eq!(count(&json!(ALWAYS.0), &json!(ALWAYS.1)).await, 2);
    for moment in ["yesterday", "2026-01-31", "2026-01-31T00:00:00"] {
        till.say(json!({ "type": "payments", "from": moment, "n": 3 })).await;
        let refused = till.refusal().await;
        assert_eq!((&refused["code"], &refused["n"]), (&json!("bad_message"), &json!(3)));
    }
}

#[tokio::test]
async fn the_page_hears_of_the_payments_of_every_till() {
    let shop = Shop::open().await;
    let mut page = page(&shop).await;
    page.say(&json!({ "type": "payments", "watch": true, "n": 1 }));
    assert_eq!(page.hear("payments").await["payments"], json!([]));
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    let mut steps = Vec::new();
    loop {
        let told = page.hear("payment").await;
        assert_eq!(told["id"], paid["id"]);
        steps.push(told["outcome"].clone());
        if told["phase"] == "closed" {
            break;
        }
    }
    assert_eq!(steps.last().unwrap(), "approved");
    till.acknowledge(paid["id"].as_str().unwrap()).await;
    assert_eq!(page.hear("payment").await["acknowledged"], true);
}

#[tokio::test]
async fn a_terminal_that_is_taken_is_shown_at_once_and_so_is_a_doubt() {
    let shop = Shop::open().await;
    let mut page = page(&shop).await;
    page.say(&json!({ "type": "overview" }));
    let idle = page.hear("overview").await;
    assert_eq!(idle["terminals"][0]["state"], "free");
    assert_eq!((&idle["unknown"], &idle["journal"]["unsaved"]), (&json!(0), &json!(0)));
    assert!(idle["journal"]["free"].as_u64().unwrap() > 0, "{idle}");
    assert_eq!(idle["version"], env!("CARGO_PKG_VERSION"));
    shop.terminal.will(Step { delay_ms: 300, ..Step::new(Outcome::Close) });
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(9_00).await;
    let busy = loop {
        let told = page.hear("overview").await;
        if told["terminals"][0]["state"] == "busy" {
            break told;
        }
    };
    assert_eq!(
        busy["terminals"][0]["held_by"],
        json!({ "payment": id.clone(), "till": "Caisse 1" })
    );
    loop {
        let told = page.hear("overview").await;
        if told["terminals"][0]["state"] == "free" && told["unknown"] == 1 {
            break;
        }
    }
    till.outcome(&id).await;
    till.say(json!({ "type": "resolve", "id": id, "charged": "no", "by": "Camille" })).await;
    while page.hear("overview").await["unknown"] != 0 {}
}

#[tokio::test]
async fn events_are_the_last_ones_in_their_order() {
    let shop = Shop::open().await;
    let mut page = page(&shop).await;
    for (n, decision) in ["allow", "refuse", "forget"].into_iter().enumerate() {
        page.say(
            &json!({ "type": "origin", "origin": "https://a.example", "decision": decision, "n": n }),
        );
        while page.hear("overview").await["n"] != n {}
    }
    page.say(&json!({ "type": "events", "limit": 2 }));
    let events = page.hear("events").await["events"].clone();
    let kinds: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["kind"]).collect();
    assert_eq!(kinds, ["origin_refused", "origin_forgotten"]);
    assert_eq!(
        (&events[0]["by"], &events[0]["note"]),
        (&json!("Caisse Relay"), &json!("https://a.example"))
    );
}

#[tokio::test]
async fn what_the_page_sees_is_not_for_tills() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for message in [
        json!({ "type": "totals", "from": ALWAYS.0, "to": ALWAYS.1 }),
        json!({ "type": "events" }),
        json!({ "type": "payments", "watch": true }),
    ] {
        till.say(message.clone()).await;
        assert_eq!(till.refusal().await["code"], "not_permitted", "{message}");
    }
}

#[tokio::test]
async fn the_page_is_opened_in_the_browser_by_a_link_that_is_good_once() {
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let relay = Running::start(&config);
    let address = relay.address();
    let key = read_key(&folder.path().join("data")).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("page").args(["--config", config.to_str().unwrap(), "--relay", address]);
        command.args(arguments);
        command
    };
    let printed = command(&["--print"]).output().unwrap();
    assert!(printed.status.success());
    let link = String::from_utf8(printed.stdout).unwrap().trim().to_owned();
    let ticket = link.strip_prefix(&page_link(address.parse().unwrap(), "")).unwrap().to_owned();
    assert!(ticket.len() == 43 && !link.contains(&key), "{link}");

    // What the page does with it, and what the next one is told who has it from a history.
    let mut page = Till::silent(&relay.url, &relay.ca_file).await;
    page.say(json!({ "type": "redeem", "ticket": ticket })).await;
    assert_eq!(page.hear("redeemed").await["key"], key);
    page.say(json!({ "type": "redeem", "ticket": ticket })).await;
    let refused = page.refusal().await;
    assert_eq!((&refused["to"], &refused["code"]), (&json!("redeem"), &json!("bad_ticket")));

    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::PermissionsExt;
        let browser = folder.path().join("xdg-open");
        let seen = folder.path().join("seen");
        let script = format!("#!/bin/sh\nprintf %s \"$1\" > {}\n", seen.display());
        std::fs::write(&browser, script).unwrap();
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let opened = command(&["--lang", "en"]).env("PATH", path).output().unwrap();
        assert!(opened.status.success(), "{opened:?}");
        let said = String::from_utf8(opened.stdout).unwrap();
        assert!(said.contains("opens in the browser") && !said.contains("ticket="), "{said}");
        let good = |seen: &str| {
            let ticket = seen.split_once("/#ticket=").map(|(_, ticket)| ticket);
            ticket.is_some_and(|ticket| ticket.len() == 43 && ticket != key)
        };
        for _ in 0..100 {
            if std::fs::read_to_string(&seen).is_ok_and(|seen| good(&seen)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no browser was asked to open the page");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_to_the_page_is_used_once_or_forgotten_after_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path());
    let key = read_key(folder.path()).unwrap();
    let ticket = async || {
        let mut person = Guest::comes(&desk, "127.0.0.1", None);
        person.hello(json!({ "key": key })).await.unwrap();
        person.say(&json!({ "type": "ticket", "n": 3 }));
        let answer = person.hear("ticket").await;
        assert_eq!(answer["n"], 3);
        answer["ticket"].clone()
    };
    let redeem = |ticket: &Value| json!({ "type": "redeem", "ticket": ticket, "lang": "en" });

    // Only the relay's own page on this computer, or a program there, gets anything for it.
    let good = ticket().await;
    let mut stranger = Guest::comes(&desk, "127.0.0.1", Some("https://shop.example"));
    stranger.say(&redeem(&good));
    assert_eq!(stranger.hear("refused").await["code"], "not_permitted");
    let mut neighbour = Guest::comes(&desk, "192.168.1.20", None);
    neighbour.say(&redeem(&good));
    assert_eq!(neighbour.hear("refused").await["code"], "not_permitted");
    let mut page = Guest::comes(&desk, "127.0.0.1", None);
    page.say(&redeem(&good));
    assert_eq!(page.hear("redeemed").await["key"], key);
    page.hello(json!({ "key": key })).await.unwrap();

    // Who comes later with the same, and who comes too late.
    let late = ticket().await;
    tokio::time::advance(Duration::from_secs(60)).await;
    for old in [&good, &late] {
        let mut page = Guest::comes(&desk, "127.0.0.1", None);
        page.say(&redeem(old));
        let refused = page.hear("refused").await;
        assert_eq!(refused["code"], "bad_ticket");
        assert!(refused["message"].as_str().unwrap().contains("`caisse-relay page`"), "{refused}");
    }

    // A program that guesses ends the guessing for everybody, for a minute.
    let good = ticket().await;
    let mut page = Guest::comes(&desk, "127.0.0.1", None);
    for wrong in 2.. {
        page.say(&redeem(&json!("x".repeat(43))));
        let code = page.hear("refused").await["code"].clone();
        if code == "rate_limited" {
            assert_eq!(wrong, 10);
            break;
        }
        assert_eq!(code, "bad_ticket");
    }
    page.say(&redeem(&good));
    assert_eq!(page.hear("refused").await["code"], "rate_limited");
    tokio::time::advance(Duration::from_secs(60)).await;
    let good = ticket().await;
    let mut page = Guest::comes(&desk, "127.0.0.1", None);
    page.say(&redeem(&good));
    page.hear("redeemed").await;
}

#[tokio::test]
async fn a_link_is_for_who_holds_the_key() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    till.say(json!({ "type": "ticket" })).await;
    assert_eq!(till.refusal().await["code"], "not_permitted");
}

#[tokio::test]
async fn the_page_of_a_relay_that_does_not_run_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[], "");
    std::fs::create_dir_all(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/relay.key"), "k".repeat(43)).unwrap();
    let page = Command::new(PROGRAM)
        .args(["page", "--config", config.to_str().unwrap(), "--relay", "127.0.0.1:1"])
        .output()
        .unwrap();
    assert!(!page.status.success());
    assert!(String::from_utf8(page.stderr).unwrap().contains("caisse-relay run"));
}

//! The relay dies at every place of `carry_out`, as in a power cut. Needs the
//! feature `faults`: `cargo test --features faults --test faults`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "it/program.rs"]
#[expect(dead_code, reason = "shared with the other tests")]
mod program;
#[path = "it/shop.rs"]
#[expect(dead_code, reason = "shared with the other tests")]
mod shop;

use program::{PROGRAM, Running, configure};
use serde_json::{Value, json};
use shop::{Terminal, Unreachable, approve_after, debit};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::timeout;

/// A relay that dies at this place.
fn dying_at(place: &str, config: &Path) -> Running {
    let mut command = Command::new(PROGRAM);
    command.args(["run", "--json", "--config"]).arg(config).env("CAISSE_RELAY_DIE_AT", place);
    Running::from(&mut command)
}

/// What is left of a payment when the relay died and was started again: the
/// payment or the refusal that the till gets when it asks.
async fn after_death(place: &str, address: SocketAddr, settings: &str) -> (Value, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", address)], settings);
    let mut relay = dying_at(place, &config);
    let mut till = relay.till("Caisse 1").await;
    till.say(debit("sale-1", 12_50)).await;
    let dead = async { while till.next().await.is_ok() {} };
    timeout(Duration::from_secs(20), dead).await.expect("it never came to this place");
    assert!(!relay.child.wait().unwrap().success(), "it did not die at {place}");

    let relay = Running::start(&config);
    let mut till = relay.till("Caisse 1").await;
    till.say(json!({ "type": "payment", "id": "sale-1" })).await;
    let told = till.next().await.unwrap();
    // The same order again is answered, never sent a second time.
    till.say(debit("sale-1", 12_50)).await;
    let again = till.next().await.unwrap();
    assert_eq!(again["outcome"], told["outcome"], "{place}");
    (told, folder)
}

#[tokio::test]
async fn at_every_place_the_record_tells_the_truth() {
    for (place, outcome, requests) in [
        ("begun", None, 0),
        ("opened", Some("unknown"), 0),
        ("recorded", Some("unknown"), 0),
        ("sending", Some("unknown"), 0),
        ("sent", Some("unknown"), 1),
        ("answered", Some("unknown"), 1),
        ("closed", Some("approved"), 1),
        ("told", Some("approved"), 1),
    ] {
        let terminal = Terminal::start().await;
        let (told, _folder) = after_death(place, terminal.address, "").await;
        assert_eq!(told["outcome"].as_str(), outcome, "{place}: {told:#}");
        if outcome.is_none() {
            assert_eq!(told["code"], "unknown_payment", "{place}");
        }
        if place == "sent" {
            // It left, and the terminal may read it after the relay is gone.
            terminal.simulator.requested(1).await;
        }
        assert_eq!(terminal.simulator.requests(), requests, "{place}");
        let charged = terminal.charges().len();
        assert!(charged <= requests, "{place}");
        if charged == 1 {
            assert_ne!(told["charged"], "no", "{place}: a charge that nobody is told of");
        }
    }
}

#[tokio::test]
async fn a_connection_that_came_late_and_carried_nothing_is_not_sent() {
    let off = Unreachable::new().await;
    let address = off.address;
    let opens = tokio::spawn(off.opens());
    let (told, _folder) = after_death("dialled_late", address, "").await;
    assert_eq!(
        (&told["outcome"], &told["reason"]),
        (&json!("not_sent"), &json!("relay_restarted"))
    );
    opens.abort();
}

#[tokio::test]
async fn a_late_answer_that_is_on_record_is_kept() {
    let terminal = Terminal::start().await;
    terminal.will(approve_after(1300));
    let (told, _folder) = after_death("closed_late", terminal.address, "answer_s = 1").await;
    assert_eq!((&told["outcome"], &told["late"]), (&json!("approved"), &json!(true)));
    assert_eq!(told["acknowledged"], false);
    assert_eq!(terminal.simulator.requests(), 1);
}

//! The relay is killed, the disk fills: no card is charged twice and no
//! approval is lost.

use crate::program::{PROGRAM, Running, configure};
use crate::shop::{Terminal, Unreachable, approve_after, debit, new_id};
use serde_json::json;
use std::process::Command;
use std::time::Duration;

#[tokio::test]
async fn killed_while_the_terminal_has_the_request_is_unknown_and_never_sent_again() {
    let terminal = Terminal::start().await;
    terminal.will(approve_after(500));
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let relay = Running::start(&config);
    let mut till = relay.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    relay.kill();

    let relay = Running::start(&config);
    let mut till = relay.till("Caisse 1").await;
    assert_eq!(till.welcome["unacknowledged"][0]["id"], id.as_str());
    let unknown = till.payment(&id).await;
    assert_eq!(unknown["outcome"], "unknown");
    assert_eq!(unknown["reason"], "relay_restarted");
    assert_eq!(unknown["charged"], "maybe");
    // The same order again is the same payment, not a second debit.
    assert_eq!(till.pay(debit(&id, 12_50)).await["outcome"], "unknown");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(terminal.simulator.requests(), 1);
    assert_eq!(terminal.charges().len(), 1, "the customer paid, and nobody was told no");
}

#[tokio::test]
async fn killed_while_it_dials_is_not_sent() {
    let off = Unreachable::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", off.address)], "");
    let relay = Running::start(&config);
    let mut till = relay.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    assert_eq!(till.until(&id, |_| true).await["step"], "connecting");
    relay.kill();

    let relay = Running::start(&config);
    let closed = relay.till("Caisse 1").await.payment(&id).await;
    assert_eq!(
        (&closed["outcome"], &closed["reason"]),
        (&json!("not_sent"), &json!("relay_restarted"))
    );
    assert_eq!(closed["charged"], "no");
}

#[tokio::test]
async fn an_outcome_survives_a_kill_the_moment_it_is_told() {
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let mut told = Vec::new();
    for _ in 0..5 {
        let relay = Running::start(&config);
        let paid = relay.till("Caisse 1").await.debit(12_50).await;
        relay.kill();
        assert_eq!(paid["outcome"], "approved");
        told.push(paid["id"].clone());
    }
    let relay = Running::start(&config);
    let waiting = relay.till("Caisse 1").await.welcome["unacknowledged"].clone();
    let ids: Vec<_> = waiting.as_array().unwrap().iter().map(|p| p["id"].clone()).collect();
    assert_eq!(ids, told);
    assert!(waiting.as_array().unwrap().iter().all(|p| p["outcome"] == "approved"));
}

/// A relay whose files can be kept from growing, as a full disk does.
#[cfg(target_os = "linux")]
struct Disk(Running);

#[cfg(target_os = "linux")]
impl Disk {
    fn start(config: &std::path::Path) -> Disk {
        // Ignored, the signal of a file that may not grow becomes an error of the write.
        let mut command = Command::new("bash");
        command.args([
            "-c",
            "trap '' XFSZ; exec \"$@\"",
            "bash",
            PROGRAM,
            "run",
            "--json",
            "--config",
        ]);
        Disk(Running::from(command.arg(config)))
    }

    fn limit(&self, limit: &str) {
        let status = Command::new("prlimit")
            .args(["--pid", &self.0.child.id().to_string(), &format!("--fsize={limit}:unlimited")])
            .status()
            .expect("prlimit is part of util-linux");
        assert!(status.success());
    }

    fn fills(&self) {
        self.limit("1024");
    }

    fn is_cleaned(&self) {
        self.limit("unlimited");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_takes_no_payment_and_still_answers_questions() {
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let disk = Disk::start(&config);
    let mut till = disk.0.till("Caisse 1").await;
    let before = till.debit(12_50).await;
    disk.fills();
    let id = new_id();
    till.say(debit(&id, 9_90)).await;
    let refused = till.refusal().await;
    assert_eq!(refused["code"], "journal_unavailable");
    assert!(refused["message"].as_str().unwrap().contains("Rien n'a été envoyé"));
    assert_eq!(terminal.simulator.requests(), 1, "not a byte of it");
    assert_eq!(till.payment(before["id"].as_str().unwrap()).await["outcome"], "approved");
    till.say(json!({ "type": "acknowledge", "id": before["id"] })).await;
    assert_eq!(till.refusal().await["code"], "journal_unavailable");
    disk.is_cleaned();
    assert_eq!(till.debit(9_90).await["outcome"], "approved");
    assert_eq!(terminal.charges().len(), 2);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_fills_during_a_payment_loses_nothing() {
    let terminal = Terminal::start().await;
    terminal.will(approve_after(400));
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let disk = Disk::start(&config);
    let mut till = disk.0.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    disk.fills();
    let told = till.outcome(&id).await;
    assert_eq!((&told["outcome"], &told["durable"]), (&json!("approved"), &json!(false)));
    assert!(told["advice"].as_str().unwrap().contains("refuse d'enregistrer"), "{told:#}");
    till.say(debit(&new_id(), 9_90)).await;
    assert_eq!(till.refusal().await["code"], "journal_unavailable");
    till.say(json!({ "type": "acknowledge", "id": id })).await;
    let refused = till.refusal().await;
    assert_eq!(refused["code"], "journal_unavailable");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("ne le refaites pas"), "it was approved: {message}");
    disk.is_cleaned();
    let told = till.until(&id, |payment| payment["durable"] == true).await;
    assert_eq!(told["outcome"], "approved");
    assert_eq!(till.debit(9_90).await["outcome"], "approved");
    drop(disk);

    let relay = Running::start(&config);
    assert_eq!(relay.till("Caisse 1").await.payment(&id).await["outcome"], "approved");
    assert_eq!(terminal.charges().len(), 2);
}

#[tokio::test]
async fn a_command_line_till_that_loses_the_relay_says_that_the_card_may_be_charged() {
    let terminal = Terminal::start().await;
    terminal.will(approve_after(60_000));
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let relay = Running::start(&config);
    let address = relay.address().to_owned();
    let mut pay = Command::new(PROGRAM);
    pay.args(["pay", "--amount", "12.50", "--relay", &address, "--config"]).arg(&config);
    let paying = tokio::task::spawn_blocking(move || pay.output().unwrap());
    terminal.simulator.requested(1).await;
    relay.kill();
    let lost = paying.await.unwrap();
    assert_eq!(lost.status.code(), Some(5), "not a plain failure that a script tries again");
    let text = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(text.contains("la carte a peut-être été débitée"), "{text}");
}

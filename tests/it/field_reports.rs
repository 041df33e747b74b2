//! What went wrong in shops with other programs, as stories here: each ends
//! with one charge and one recorded payment, or with the right word.
//!
//! `q01` to `q21` are the quirks of real terminals; `odoo_c` to `odoo_l` were
//! measured on a point of sale whose server held the terminal's socket: paid
//! answers read as failures, approved payments that nobody was told of, cards
//! charged twice by the button "Retry".
//!
//! Two reports have no story here. Q15, the same terminal bought abroad has no
//! Concert, is a firmware that no test can have; the README says so, and what
//! such a terminal answers is `not_sent` (Q10) or `concert_v2`
//! (`paying::a_terminal_in_concert_v2_is_told_apart`). Q22, the permission that
//! a browser wants before a public page reaches a private address, is a matter
//! of the browser: `tests/browser/states-chromium.test.js` shows it.

use crate::program::{Running, configure};
use crate::shop::{
    Shop, Terminal, Till, Unreachable, approve_after, config, config_text, debit, new_id,
};
use caisse_relay::config::Config;
use caisse_relay::relay::Relay;
use caisse_relay::simulator::{
    AnswerAmount, Busy, Key, Ledger, Operation, Outcome, Private, Receipt, Script, Simulator,
    Split, StatusPosition, Step, serve,
};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// The request of another program on the same network, for 15.90 EUR.
const STRANGER: &str = "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978";

/// A relay with these terminals, and its folder.
async fn relay(terminals: &[(&str, SocketAddr)], settings: &str) -> (Relay, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(config(folder.path(), terminals, settings), vec![]).await.unwrap();
    (relay, folder)
}

async fn enter(relay: &Relay, name: &str) -> Till {
    Till::enter(&relay.url(), &relay.ca_file, name).await
}

/// The payments that the relay has on record as done.
async fn recorded(till: &mut Till) -> Vec<Value> {
    till.say(json!({ "type": "payments", "limit": 1000 })).await;
    let mut list = till.hear("payments").await["payments"].take();
    let all = list.as_array_mut().unwrap();
    all.retain(|payment| payment["outcome"] == "approved");
    std::mem::take(all)
}

/// How every one of these stories has to end.
async fn one_charge_and_one_payment(terminal: &Terminal, till: &mut Till, amount: u64) {
    let charges = terminal.charges();
    assert_eq!(charges.len(), 1, "{charges:?}");
    assert_eq!(charges[0].paid, amount);
    let recorded = recorded(till).await;
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    assert_eq!(recorded[0]["paid"], amount);
}

/// The terminal asks for a card, and waits until [`the_customer_pays`].
fn asks_for_a_card() -> Step {
    Step::new(Outcome::Person)
}

/// Returns when the money has moved.
async fn the_customer_pays(terminal: &Terminal) {
    let before = terminal.charges().len();
    let mut pays = false;
    while terminal.charges().len() == before {
        pays = pays || terminal.simulator.press(Key::Chip);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Another program on the network has begun a payment on the terminal.
async fn stranger(terminal: &Terminal) -> TcpStream {
    let before = terminal.simulator.requests();
    let mut stranger = TcpStream::connect(terminal.address).await.unwrap();
    stranger.write_all(STRANGER.as_bytes()).await.unwrap();
    terminal.simulator.requested(before + 1).await;
    stranger
}

/// Its customer pays, and the terminal is free.
async fn leaves(mut stranger: TcpStream, terminal: &Terminal) {
    the_customer_pays(terminal).await;
    stranger.read_to_end(&mut Vec::new()).await.unwrap();
}

fn last_request(simulator: &Simulator) -> String {
    String::from_utf8(simulator.received().pop().unwrap()).unwrap()
}

/// A debit of 12.50 EUR on a terminal that does this: approved, with its proof.
async fn approved(step: Step) -> Value {
    let shop = Shop::open().await;
    shop.terminal.will(step);
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    assert_eq!(paid["outcome"], "approved", "{paid:#}");
    assert_eq!((&paid["charged"], &paid["paid"]), (&json!("yes"), &json!(1250)));
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
    paid
}

fn has_its_proof(paid: &Value) {
    assert_eq!(paid["receipt"]["card"], "497010######4242", "{paid:#}");
    assert!(paid["receipt"]["authorization"].is_string(), "{paid:#}");
    assert_eq!(paid["remarks"], json!([]), "{paid:#}");
}

// The quirks of terminals.

#[tokio::test]
async fn q01_newer_terminals_break_on_a_partial_payment_that_nobody_asked_for() {
    let shop = Shop::open().await;
    shop.terminal.will(Step { refuse_partial: true, ..Step::approve() });
    let mut till = shop.till("Caisse 1").await;
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
    assert!(!last_request(&shop.terminal.simulator).contains("BF"));
    let mut wanted = debit(&new_id(), 12_50);
    wanted["partial"] = json!(true);
    let declined = till.pay(wanted).await;
    assert_eq!((&declined["outcome"], &declined["charged"]), (&json!("declined"), &json!("no")));
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
}

#[tokio::test]
async fn q02_an_answer_in_several_segments_is_the_accepted_payment_that_it_is() {
    let split = Split::EveryByte;
    has_its_proof(&approved(Step { split, pause_ms: 1, ..Step::approve() }).await);
}

#[tokio::test]
async fn q03_an_answer_that_pauses_between_two_fields_is_not_over() {
    for split in [Split::BeforeStatus, Split::AfterStatus] {
        has_its_proof(&approved(Step { split, pause_ms: 100, ..Step::approve() }).await);
    }
}

#[tokio::test]
async fn q04_the_terminal_pads_the_amount() {
    for answer_amount in [AnswerAmount::Padded, AnswerAmount::Plain] {
        has_its_proof(&approved(Step { answer_amount, ..Step::approve() }).await);
    }
}

#[tokio::test]
async fn q05_the_red_key_answers_without_an_amount() {
    let shop = Shop::open().await;
    let red_key = Step {
        answer_amount: AnswerAmount::Absent,
        private: Private::Absent,
        ..Step::decline("06")
    };
    shop.terminal.will(red_key);
    let declined = shop.till("Caisse 1").await.debit(12_50).await;
    assert_eq!((&declined["outcome"], &declined["charged"]), (&json!("declined"), &json!("no")));
    assert_eq!(declined["report"]["code"], "06");
    assert!(declined["advice"].as_str().unwrap().contains("abandon du client"), "{declined:#}");
    assert!(shop.terminal.charges().is_empty());
}

#[tokio::test]
async fn q06_five_cents_have_two_digits() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for (amount, written) in [(5, "CB00205"), (9, "CB00209"), (10, "CB00210")] {
        let paid = till.debit(amount).await;
        assert_eq!((&paid["outcome"], &paid["paid"]), (&json!("approved"), &json!(amount)));
        let sent = last_request(&shop.terminal.simulator);
        assert!(sent.contains(written), "{sent}");
    }
}

#[tokio::test]
async fn q07_the_terminal_answers_with_its_own_identifier() {
    let shop = Shop::with("identifier = \"012345678901\"").await;
    let identifier = "330538600404".to_owned();
    let script = Script { identifier, quiet_ms: 1, ..Script::from(Step::approve()) };
    shop.terminal.simulator.will(script);
    let mut till = shop.till("Caisse 1").await;
    has_its_proof(&till.debit(12_50).await);
    assert!(last_request(&shop.terminal.simulator).contains("CJ012012345678901"));
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
}

#[tokio::test]
async fn q08_the_terminal_answers_with_private_data_of_its_own() {
    let shop = Shop::open().await;
    shop.terminal.will(Step { private: Private::Terminal, ..Step::approve() });
    let mut till = shop.till("Caisse 1").await;
    let mut order = debit(&new_id(), 12_50);
    order["reference"] = json!("ticket 42");
    let paid = till.pay(order).await;
    has_its_proof(&paid);
    assert_eq!((&paid["outcome"], &paid["reference"]), (&json!("approved"), &json!("ticket 42")));
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
}

#[tokio::test]
async fn q09_bytes_before_the_answer_are_not_the_answer() {
    for junk in ["\u{2}", "\u{0}\u{ff}CZ00", "CZ9CB"] {
        let junk = junk.to_owned();
        has_its_proof(&approved(Step { junk, ..Step::approve() }).await);
    }
}

#[tokio::test]
async fn q10_a_sleeping_terminal_refuses_connections_until_it_is_woken() {
    let asleep = TcpSocket::new_v4().unwrap();
    asleep.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (relay, _folder) = relay(&[("comptoir", asleep.local_addr().unwrap())], "").await;
    let mut till = enter(&relay, "Caisse 1").await;
    let not_sent = till.debit(12_50).await;
    assert_eq!((&not_sent["outcome"], &not_sent["charged"]), (&json!("not_sent"), &json!("no")));
    assert_eq!(not_sent["reason"], "connection_refused");
    let advice = not_sent["advice"].as_str().unwrap();
    assert!(advice.contains("Rien n'a été débité. Réveillez-le"), "{advice}");

    let awake = Simulator::new(Step::approve(), Ledger::in_memory());
    let listener = asleep.listen(8).unwrap();
    let serving = tokio::spawn(serve(listener, awake.clone(), std::future::pending()));
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
    assert_eq!((awake.ledger().charges().len(), recorded(&mut till).await.len()), (1, 1));
    serving.abort();
}

#[tokio::test]
async fn q11_a_terminal_that_moved_is_found_by_its_name_or_said_to_have_moved() {
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let by_name = config_text(folder.path(), &[("comptoir", terminal.address)], "")
        .replace("address = \"127.0.0.1\"", "address = \"localhost\"");
    assert!(by_name.contains("localhost"));
    let config = Config::parse(&by_name, Path::new("test.toml")).unwrap();
    let named = Relay::start(config, vec![]).await.unwrap();
    let mut till = enter(&named, "Caisse 1").await;
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
    one_charge_and_one_payment(&terminal, &mut till, 12_50).await;

    let nobody = Unreachable::new().await;
    let (moved, _folder) = relay(&[("comptoir", nobody.address)], "connect_ms = 200").await;
    let not_sent = enter(&moved, "Caisse 1").await.debit(12_50).await;
    assert_eq!(not_sent["reason"], "connect_timeout");
    let advice = not_sent["advice"].as_str().unwrap();
    assert!(advice.contains("son adresse n'a pas changé"), "{advice}");
}

#[tokio::test]
async fn q12_a_terminal_stuck_on_an_earlier_transaction_is_not_a_failed_payment() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for (busy, outcome) in [(Busy::Decline, "declined"), (Busy::Close, "unknown")] {
        let script = Script { busy, quiet_ms: 1, ..Script::from(asks_for_a_card()) };
        shop.terminal.simulator.will(script);
        let stranger = stranger(&shop.terminal).await;
        let ignored = till.debit(12_50).await;
        assert_eq!(ignored["outcome"], outcome, "{ignored:#}");
        leaves(stranger, &shop.terminal).await;
    }
    assert!(shop.terminal.charges().iter().all(|charge| charge.paid == 15_90));
    assert_eq!(recorded(&mut till).await, Vec::<Value>::new());
    shop.terminal.will(Step::approve());
    assert_eq!(till.debit(12_50).await["outcome"], "approved", "it is free again");
}

#[tokio::test]
async fn q13_a_terminal_that_takes_its_time_keeps_nobody_else_waiting() {
    let (slow, quick) = (Terminal::slow().await, Terminal::start().await);
    let terminals = [("lent", slow.address), ("vif", quick.address)];
    let (relay, _folder) = relay(&terminals, "").await;
    let (mut one, mut two) = (enter(&relay, "Caisse 1").await, enter(&relay, "Caisse 2").await);
    let mut order = debit(&new_id(), 12_50);
    order["terminal"] = json!("lent");
    one.say(order.clone()).await;
    slow.asked().await;
    let mut other = debit(&new_id(), 9_90);
    other["terminal"] = json!("vif");
    assert_eq!(two.pay(other).await["outcome"], "approved");
    assert_eq!(recorded(&mut one).await.len(), 1, "the till that waits is answered as well");
    let waiting = one.payment(order["id"].as_str().unwrap()).await;
    assert_eq!((&waiting["phase"], &waiting["charged"]), (&json!("waiting"), &json!("maybe")));
}

#[tokio::test]
async fn q14_the_time_for_connecting_is_not_the_time_for_answering() {
    let shop = Shop::with("connect_ms = 200").await;
    shop.terminal.will(approve_after(600));
    let mut till = shop.till("Caisse 1").await;
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
}

#[tokio::test]
async fn q16_the_version_is_the_one_that_every_terminal_takes() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    for version in ["0300", "0301", "0310", "0320"] {
        let version = version.to_owned();
        let script = Script { version, quiet_ms: 1, ..Script::from(Step::approve()) };
        shop.terminal.simulator.will(script);
        has_its_proof(&till.debit(12_50).await);
        assert!(last_request(&shop.terminal.simulator).starts_with("CZ0040300"));
    }
}

#[tokio::test]
async fn q17_a_report_that_says_authorised_beside_done_is_no_failure() {
    has_its_proof(&approved(Step { report: Some("01".to_owned()), ..Step::approve() }).await);
}

#[tokio::test]
async fn q18_done_in_immediate_mode_is_not_a_payment() {
    let shop = Shop::open().await;
    let received = Step { charged: Some(false), ..Step::approve() };
    let fields = [("BA".to_owned(), "1".to_owned())].into();
    shop.terminal.will(Step { fields, ..received });
    let mut till = shop.till("Caisse 1").await;
    let unknown = till.debit(12_50).await;
    assert_eq!(
        (&unknown["outcome"], &unknown["reason"]),
        (&json!("unknown"), &json!("only_accepted"))
    );
    assert!(!last_request(&shop.terminal.simulator).contains("BA"), "nor was it asked for");
    assert_eq!(recorded(&mut till).await, Vec::<Value>::new());
}

#[tokio::test]
async fn q19_a_ticket_whose_base64_has_line_feeds_is_read() {
    let shop = Shop::with("receipt = true").await;
    shop.terminal.will(Step { receipt: Receipt::Wrapped, ..Step::approve() });
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    has_its_proof(&paid);
    assert!(paid["receipt"]["ticket"].as_str().unwrap().contains("12,50"), "{paid:#}");
    one_charge_and_one_payment(&shop.terminal, &mut till, 12_50).await;
}

#[tokio::test]
async fn q20_a_mandatory_field_that_is_missing_loses_no_payment() {
    let without_cc = || [("CC".to_owned(), String::new())].into();
    let paid = approved(Step { fields: without_cc(), ..Step::approve() }).await;
    has_its_proof(&paid);
    assert_eq!(paid["receipt"]["application"], Value::Null);
    let shop = Shop::open().await;
    shop.terminal.will(Step { fields: without_cc(), ..Step::decline("04") });
    assert_eq!(shop.till("Caisse 1").await.debit(12_50).await["outcome"], "declined");
}

#[tokio::test]
async fn q21_an_identifier_has_twelve_characters_on_both_sides() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    assert_eq!(till.debit(12_50).await["outcome"], "approved");
    assert!(
        last_request(&shop.terminal.simulator).starts_with("CZ0040300CJ012012345678901CA00201")
    );
    // The three digits that the misreading takes for the whole value are no reason to fail.
    let fields = [("CJ".to_owned(), "012".to_owned())].into();
    has_its_proof(&approved(Step { fields, ..Step::approve() }).await);
}

// What was measured with the server-side module.

#[tokio::test]
async fn odoo_c_an_answer_cut_anywhere_is_paid_once_with_its_proof() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let mut expected = 0;
    for cut in [12, 55, 58, 71, 90] {
        shop.terminal.will(Step { split: Split::At(vec![cut]), ..Step::approve() });
        let order = debit(&new_id(), 99_99);
        has_its_proof(&till.pay(order.clone()).await);
        assert_eq!(till.pay(order).await["outcome"], "approved", "Retry is no second debit");
        expected += 1;
        assert_eq!(shop.terminal.charges().len(), expected);
    }
    assert_eq!(recorded(&mut till).await.len(), expected);
}

#[tokio::test]
async fn odoo_c_an_answer_over_1024_bytes_is_read_to_its_end() {
    let shop = Shop::with("receipt = true").await;
    let fields = [("CG".to_owned(), "7".repeat(900))].into();
    let status_position = StatusPosition::Last;
    shop.terminal.will(Step { fields, status_position, ..Step::approve() });
    let mut till = shop.till("Caisse 1").await;
    let paid = till.debit(99_99).await;
    has_its_proof(&paid);
    assert!(paid["receipt"]["ticket"].as_str().unwrap().contains("99,99"), "{paid:#}");
    one_charge_and_one_payment(&shop.terminal, &mut till, 99_99).await;
}

#[tokio::test]
async fn odoo_d_a_page_that_is_reloaded_is_told_of_the_approval() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut page = shop.till("Caisse 1").await;
    let id = page.ask(99_99).await;
    page.sent(&id).await;
    drop(page);
    let mut page = shop.till("Caisse 1").await;
    assert_eq!(page.welcome["unacknowledged"][0]["id"], id.as_str());
    assert_eq!(page.welcome["unacknowledged"][0]["phase"], "waiting");
    the_customer_pays(&shop.terminal).await;
    assert_eq!(page.outcome(&id).await["outcome"], "approved");
    page.acknowledge(&id).await;
    one_charge_and_one_payment(&shop.terminal, &mut page, 99_99).await;
}

#[tokio::test]
async fn odoo_d_a_page_that_returns_after_the_approval_is_told_and_retry_charges_nothing() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut page = shop.till("Caisse 1").await;
    let id = page.ask(99_99).await;
    page.sent(&id).await;
    drop(page);
    the_customer_pays(&shop.terminal).await;
    let mut page = shop.till("Caisse 1").await;
    page.say(json!({ "type": "cancel", "id": id })).await;
    assert_eq!(page.outcome(&id).await["outcome"], "approved", "it is too late to cancel");
    assert_eq!(page.pay(debit(&id, 99_99)).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut page, 99_99).await;
}

#[tokio::test]
async fn odoo_e_a_server_that_is_killed_charges_no_second_time() {
    let terminal = Terminal::start().await;
    terminal.will(asks_for_a_card());
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let server = Running::start(&config);
    let mut till = server.till("Caisse 1").await;
    let id = till.ask(99_99).await;
    till.sent(&id).await;
    server.kill();

    let server = Running::start(&config);
    let mut till = server.till("Caisse 1").await;
    let unknown = till.payment(&id).await;
    assert_eq!(
        (&unknown["outcome"], &unknown["reason"], &unknown["charged"]),
        (&json!("unknown"), &json!("relay_restarted"), &json!("maybe")),
    );
    let retry = till.pay(debit(&id, 99_99)).await;
    assert_eq!(retry["outcome"], "unknown", "Retry asks, it does not debit");
    the_customer_pays(&terminal).await;
    let said = json!({ "type": "resolve", "id": id, "charged": "yes", "by": "Zoé" });
    till.say(said).await;
    let settled = till.until(&id, |payment| !payment["resolved"].is_null()).await;
    assert_eq!((&settled["charged"], &settled["contradicted"]), (&json!("yes"), &json!(false)));
    assert_eq!((terminal.simulator.requests(), terminal.charges().len()), (1, 1));
}

#[tokio::test]
async fn odoo_e_a_server_that_is_stopped_finishes_the_payment() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(99_99).await;
    till.sent(&id).await;
    shop.relay.desk.hub.stop();
    let patience = Duration::from_secs(20);
    let (left, ()) =
        tokio::join!(shop.relay.desk.hub.settled(patience), the_customer_pays(&shop.terminal));
    assert_eq!((left, &till.outcome(&id).await["outcome"]), (0, &json!("approved")));
    let shop = shop.restart().await;
    let mut till = shop.till("Caisse 1").await;
    assert_eq!(till.welcome["unacknowledged"][0]["outcome"], "approved", "it is in the record");
    one_charge_and_one_payment(&shop.terminal, &mut till, 99_99).await;
}

#[tokio::test]
async fn odoo_e_a_connection_that_is_cut_is_no_reason_to_pay_again() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(99_99).await;
    till.sent(&id).await;
    drop(till);
    let mut till = shop.till("Caisse 1").await;
    till.say(debit(&id, 99_99)).await;
    assert_eq!(till.until(&id, |_| true).await["phase"], "waiting");
    the_customer_pays(&shop.terminal).await;
    assert_eq!(till.outcome(&id).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut till, 99_99).await;
}

#[tokio::test]
async fn odoo_f_two_terminals_that_never_answer_block_neither_the_relay_nor_a_third() {
    let (one, two) = (Terminal::slow().await, Terminal::slow().await);
    let quick = Terminal::start().await;
    let terminals = [("bar", one.address), ("terrasse", two.address), ("vif", quick.address)];
    let (relay, _folder) = relay(&terminals, "answer_s = 1").await;
    let mut third = enter(&relay, "Caisse 3").await;
    let mut tills = Vec::new();
    for (terminal, slow) in [("bar", &one), ("terrasse", &two)] {
        let mut till = enter(&relay, terminal).await;
        let mut order = debit(&new_id(), 99_99);
        order["terminal"] = json!(terminal);
        till.say(order.clone()).await;
        slow.asked().await;
        tills.push((till, order["id"].as_str().unwrap().to_owned()));
    }
    let mut order = debit(&new_id(), 9_90);
    order["terminal"] = json!("vif");
    assert_eq!(third.pay(order).await["outcome"], "approved");
    for (till, id) in &mut tills {
        let unknown = till.outcome(id).await;
        assert_eq!(
            (&unknown["outcome"], &unknown["reason"]),
            (&json!("unknown"), &json!("silence"))
        );
    }
}

#[tokio::test]
async fn odoo_h_a_second_till_is_told_who_has_the_terminal_instead_of_queueing() {
    let shop = Shop::open().await;
    let busy = Busy::Queue;
    let script = Script { busy, quiet_ms: 1, ..Script::from(asks_for_a_card()) };
    shop.terminal.simulator.will(script);
    let (mut one, mut two) = (shop.till("Caisse A").await, shop.till("Caisse B").await);
    let id = one.ask(99_99).await;
    one.sent(&id).await;
    two.ask(10_00).await;
    let refused = two.refusal().await;
    assert_eq!(refused["code"], "terminal_busy");
    assert_eq!(refused["held_by"], json!({ "payment": id, "till": "Caisse A" }));
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("Caisse A") && message.contains("Rien n'a été envoyé"), "{message}");
    the_customer_pays(&shop.terminal).await;
    assert_eq!(one.outcome(&id).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut one, 99_99).await;
}

#[tokio::test]
async fn odoo_h_a_terminal_that_hangs_up_on_a_second_till_is_never_a_plain_failure() {
    let shop = Shop::open().await;
    let busy = Busy::Close;
    let script = Script { busy, quiet_ms: 1, ..Script::from(asks_for_a_card()) };
    shop.terminal.simulator.will(script);
    let stranger = stranger(&shop.terminal).await;
    let mut till = shop.till("Caisse B").await;
    let unknown = till.debit(10_00).await;
    assert_eq!(unknown["reason"], "connection_closed");
    let advice = unknown["advice"].as_str().unwrap();
    assert!(advice.contains("Ne recommencez pas avant"), "{advice}");
    let id = unknown["id"].as_str().unwrap();
    till.say(json!({ "type": "resolve", "id": id, "charged": "no", "by": "Zoé" })).await;
    let settled = till.until(id, |payment| !payment["resolved"].is_null()).await;
    assert_eq!(settled["charged"], "no");
    leaves(stranger, &shop.terminal).await;
    let charges = shop.terminal.charges();
    assert_eq!((charges.len(), charges[0].paid), (1, 15_90), "the stranger's, and no other");
}

#[tokio::test]
async fn odoo_i_five_cents_are_paid_and_nothing_is_no_payment() {
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    till.say(debit(&new_id(), 0)).await;
    let refused = till.refusal().await;
    assert_eq!(refused["code"], "bad_amount");
    assert!(refused["message"].as_str().unwrap().contains("Le terminal n'a rien reçu"));
    assert_eq!(shop.terminal.simulator.connections(), 0);
    assert_eq!(till.debit(5).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut till, 5).await;
}

#[tokio::test]
async fn odoo_k_cancel_and_retry_are_one_payment() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(99_99).await;
    till.sent(&id).await;
    till.say(json!({ "type": "cancel", "id": id })).await;
    let wished = till.until(&id, |payment| payment["cancel_requested"] == true).await;
    assert_eq!(wished["phase"], "waiting", "cancelling is a wish");
    let retry = new_id();
    till.say(debit(&retry, 99_99)).await;
    let refused = till.refusal().await;
    assert_eq!((&refused["id"], &refused["code"]), (&json!(retry), &json!("terminal_busy")));
    till.say(debit(&id, 99_99)).await;
    assert_eq!(till.until(&id, |_| true).await["phase"], "waiting");
    the_customer_pays(&shop.terminal).await;
    assert_eq!(till.outcome(&id).await["outcome"], "approved");
    one_charge_and_one_payment(&shop.terminal, &mut till, 99_99).await;
}

#[tokio::test]
async fn odoo_l_a_card_that_is_charged_after_cash_was_taken_is_told_until_it_is_given_back() {
    let shop = Shop::open().await;
    shop.terminal.will(asks_for_a_card());
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(99_99).await;
    till.sent(&id).await;
    till.say(json!({ "type": "cancel", "id": id })).await;
    till.until(&id, |payment| payment["cancel_requested"] == true).await;
    // The cashier deletes the line, takes cash, and the page goes on to the next sale.
    drop(till);
    the_customer_pays(&shop.terminal).await;
    let mut till = shop.till("Caisse 1").await;
    let told = till.payment(&id).await;
    let told = if told["phase"] == "closed" { told } else { till.outcome(&id).await };
    assert_eq!((&told["outcome"], &told["acknowledged"]), (&json!("approved"), &json!(false)));
    assert_eq!(told["cancel_requested"], true);
    shop.terminal.will(Step::approve());
    let mut back = debit(&new_id(), 99_99);
    back["operation"] = json!("refund");
    assert_eq!(till.pay(back).await["outcome"], "approved");
    till.acknowledge(&id).await;
    let moves = shop.terminal.charges();
    let moves: Vec<_> = moves.iter().map(|charge| (charge.operation, charge.paid)).collect();
    assert_eq!(moves, [(Operation::Debit, 99_99), (Operation::Refund, 99_99)]);
    assert_eq!(recorded(&mut till).await.len(), 2);
}

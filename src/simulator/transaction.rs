use super::Simulator;
use super::answer;
use super::deck::Phase;
use super::ledger::{Authorization, Charge, Ending, Entry};
use super::magic;
use super::request::{Ask, Operation};
use super::script::Script;
use super::step::{After, Outcome, Step};
use super::terminal::{hold, say};
use crate::wire::{Message, Tag};
use std::future;
use std::io;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

/// A terminal gives up when nobody presents a card for so long (`AF=08`).
const NOBODY: Duration = Duration::from_secs(120);
/// What a terminal set to Concert V2 answers to what it cannot read.
const NAK: u8 = 0x15;

/// One payment, refund or cancellation.
pub(super) struct Transaction<'a> {
    pub simulator: &'a Simulator,
    pub message: &'a Message,
    pub ask: &'a Ask,
}

/// What is left to do once the card reader is free again.
pub(super) enum Ended {
    Told(After),
    Silent,
}

impl Ended {
    pub async fn leave(self, socket: &mut TcpStream) -> io::Result<After> {
        match self {
            Ended::Told(after) => Ok(after),
            Ended::Silent => hold(socket).await,
        }
    }
}

impl Transaction<'_> {
    pub async fn run(&self, socket: &mut TcpStream) -> io::Result<Ended> {
        let (script, step) = self.simulator.take_step(self.ask);
        let mut step = self.forced(step);
        if step.accepted_first_ms.is_some() || self.ask.immediate {
            // A till that is gone does not stop the transaction.
            let _ = say(socket, &answer::accepted(&script, self.message)).await;
            step.delay_ms = step.delay_ms.saturating_add(step.accepted_first_ms.unwrap_or(0));
        }
        let mut ending = None;
        if step.finishes_alone {
            step = self.decide(step).await;
        } else {
            tokio::select! {
                decided = self.decide(step.clone()) => step = decided,
                () = hung_up(socket) => ending = Some(Ending::Abandoned),
            }
        }
        let ending = ending.unwrap_or_else(|| ending_of(step.outcome));

        // Before the answer: what the till is told is never ahead of the truth.
        let entry = entry(self.ask, &step, ending);
        let charge = self.simulator.ledger().append(entry).await?;
        self.simulator.story().remember(charge.clone());
        let answered = matches!(ending, Ending::Approved | Ending::Declined);
        self.simulator.0.deck.end(&charge, answered);
        if self.ask.immediate {
            return Ok(Ended::Told(After::Close));
        }
        self.tell(socket, &script, &step, &charge).await
    }

    /// What the request and the amount make of the step.
    fn forced(&self, step: Step) -> Step {
        let forced = |report: &str| Step {
            outcome: Outcome::Decline,
            report: Some(report.to_owned()),
            issuer_code: None,
            ..step.clone()
        };
        if step.refuse_partial && self.message.get(Tag::PARTIAL).is_some() {
            return forced("09");
        }
        let cancels = self.ask.operation == Operation::Cancellation;
        if cancels && !self.simulator.story().can_cancel(self.ask) {
            return forced("07");
        }
        if step.outcome != Outcome::ByAmount {
            return step;
        }
        let person = self.simulator.0.deck.is_shown();
        magic::conjure(&step, self.ask).unwrap_or(Step {
            outcome: if person { Outcome::Person } else { Outcome::Approve },
            ..step
        })
    }

    /// The time that the card, the bank and the person take.
    async fn decide(&self, step: Step) -> Step {
        let deck = &self.simulator.0.deck;
        let waits = step.outcome == Outcome::Person;
        let number = deck.begin(self.ask, if waits { Phase::Card } else { Phase::Working });
        let step = if waits { deck.person(number, NOBODY).await.press(step) } else { step };
        sleep(Duration::from_millis(step.delay_ms)).await;
        step
    }

    async fn tell(
        &self,
        socket: &mut TcpStream,
        script: &Script,
        step: &Step,
        charge: &Charge,
    ) -> io::Result<Ended> {
        let whole = || answer::outcome(script, self.message, step, charge);
        let answer = match charge.outcome {
            Ending::Approved | Ending::Declined => whole().spoilt(step),
            Ending::Garbled => whole().garbled(),
            Ending::ConcertV2 => {
                socket.write_all(&[NAK]).await?;
                return Ok(Ended::Told(step.after));
            }
            Ending::Silence => return Ok(Ended::Silent),
            Ending::Reset => return Ok(Ended::Told(After::Reset)),
            Ending::Closed | Ending::Abandoned | Ending::Busy => {
                return Ok(Ended::Told(After::Close));
            }
        };
        let mut sent = 0;
        for cut in answer.cuts(&step.split) {
            socket.write_all(&answer.bytes[sent..cut]).await?;
            sleep(Duration::from_millis(step.pause_ms)).await;
            sent = cut;
        }
        socket.write_all(&answer.bytes[sent..]).await?;
        Ok(Ended::Told(step.after))
    }
}

pub(super) fn ending_of(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Approve | Outcome::ByAmount | Outcome::Person => Ending::Approved,
        Outcome::Decline => Ending::Declined,
        Outcome::Silence => Ending::Silence,
        Outcome::Close => Ending::Closed,
        Outcome::Reset => Ending::Reset,
        Outcome::Garbage => Ending::Garbled,
        Outcome::ConcertV2 => Ending::ConcertV2,
    }
}

pub(super) fn entry(ask: &Ask, step: &Step, outcome: Ending) -> Entry {
    let usual = match outcome {
        Ending::Approved | Ending::Silence | Ending::Closed | Ending::Reset | Ending::Garbled => {
            true
        }
        Ending::Declined | Ending::ConcertV2 | Ending::Abandoned | Ending::Busy => false,
    };
    let answered =
        matches!(outcome, Ending::Approved | Ending::Declined | Ending::Garbled | Ending::Busy);
    let done = !matches!(outcome, Ending::Declined | Ending::Busy);
    let charged = step.charged.filter(|_| outcome != Ending::Abandoned).unwrap_or(usual);
    Entry {
        operation: ask.operation,
        amount: ask.amount,
        paid: if charged { answer::paid(step, ask) } else { 0 },
        currency: ask.currency.clone(),
        outcome,
        report: answer::report(step, done).filter(|_| answered),
        authorization: match (&step.authorization, ask.operation) {
            (Some(number), _) if usual => Authorization::Fixed(number.clone()),
            (None, Operation::Debit) if usual && !ask.paper => Authorization::Numbered,
            _ => Authorization::None,
        },
        reference: ask.reference.clone(),
        register: ask.register.clone(),
    }
}

/// Returns when the till has closed the connection.
async fn hung_up(socket: &TcpStream) {
    if let Ok(1..) = socket.peek(&mut [0]).await {
        future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Ledger;
    use super::super::terminal::bench::{Bench, DEBIT, text, to_end};
    use super::*;
    use std::time::Instant;
    use tokio::io::AsyncReadExt;

    const RECEIPT: &str =
        "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978CF007ticket1CK003100";

    fn quick(step: Step) -> Script {
        Script { quiet_ms: 1, ..Script::story([step]) }
    }

    /// A step as a person writes it.
    fn step(toml: &str) -> Script {
        let script = Script::parse(&format!("[[step]]\noutcome = \"approve\"\n{toml}")).unwrap();
        Script { quiet_ms: 1, ..script }
    }

    fn of(amount: u64) -> String {
        DEBIT.replace("1590", &amount.to_string())
    }

    async fn pieces(socket: &mut TcpStream) -> Vec<String> {
        let (mut pieces, mut chunk) = (Vec::new(), [0; 4096]);
        while let count @ 1.. = socket.read(&mut chunk).await.unwrap() {
            pieces.push(text(&chunk[..count]));
        }
        pieces
    }

    #[tokio::test]
    async fn the_ledger_is_on_the_disk_before_the_answer_leaves() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.jsonl");
        let bench = Bench::on(quick(Step::approve()), Ledger::append_to(&path).unwrap()).await;
        for number in 1..=20 {
            let mut till = bench.dial().await;
            till.write_all(DEBIT.as_bytes()).await.unwrap();
            till.read_exact(&mut [0]).await.unwrap();
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert_eq!(lines, number);
        }
    }

    #[tokio::test]
    async fn each_transaction_has_its_own_authorization() {
        let bench = Bench::with(quick(Step::approve())).await;
        for number in ["AC006000001", "AC006000002", "AC006000003"] {
            assert!(text(&bench.ask(DEBIT).await).contains(number));
        }
    }

    #[tokio::test]
    async fn silence_closing_reset_and_noise_charge_all_the_same() {
        for (amount, ending) in [
            (5600, Ending::Silence),
            (5700, Ending::Closed),
            (5800, Ending::Reset),
            (5900, Ending::Garbled),
        ] {
            if cfg!(windows) && ending == Ending::Reset {
                continue; // Wine ends a connection in order where a reset was asked.
            }
            let bench = Bench::with(quick(Step::default())).await;
            let mut till = bench.dial().await;
            till.write_all(of(amount).as_bytes()).await.unwrap();
            if ending == Ending::Silence {
                let patience = Duration::from_millis(100);
                assert!(tokio::time::timeout(patience, till.read(&mut [0])).await.is_err());
            } else {
                let mut bytes = Vec::new();
                let read = till.read_to_end(&mut bytes).await;
                assert_eq!(read.is_err(), ending == Ending::Reset);
                assert_eq!(bytes.is_empty(), ending != Ending::Garbled);
                assert!(!text(&bytes).contains("CZ"));
            }
            let charge = &bench.ledger()[0];
            assert_eq!((charge.outcome, charge.paid, charge.charged), (ending, amount, true));
            // The terminal is free again: it thinks that it has done its part.
            assert!(text(&bench.ask(DEBIT).await).contains("AE00210"));
        }
    }

    #[tokio::test]
    async fn the_script_may_say_that_nothing_was_charged() {
        let step = Step { charged: Some(false), ..Step::new(Outcome::Close) };
        let bench = Bench::with(quick(step)).await;
        assert_eq!(bench.ask(DEBIT).await, b"");
        assert_eq!((bench.ledger()[0].charged, bench.ledger()[0].paid), (false, 0));
    }

    #[tokio::test]
    async fn a_till_that_vanishes_is_charged_all_the_same() {
        let bench = Bench::with(quick(Step { delay_ms: 100, ..Step::approve() })).await;
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        bench.simulator.requested(1).await;
        drop(till);
        while bench.ledger().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        assert!(bench.ledger()[0].charged);
    }

    #[tokio::test]
    async fn unless_the_script_gives_up_with_it() {
        let patient = Step { delay_ms: 60_000, finishes_alone: false, ..Step::approve() };
        let bench = Bench::with(quick(patient)).await;
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        bench.simulator.requested(1).await;
        drop(till);
        while bench.ledger().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
        let charge = &bench.ledger()[0];
        assert_eq!((charge.outcome, charge.charged), (Ending::Abandoned, false));
    }

    #[tokio::test]
    async fn pieces_come_where_the_script_cuts() {
        let bench = Bench::with(step("split = [3, 40]\npause_ms = 120")).await;
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        let lengths: Vec<_> = pieces(&mut till).await.iter().map(String::len).collect();
        assert_eq!(lengths, [3, 37, 128]);

        bench.simulator.will(step("split = \"before_status\"\njunk = \"\\u0002\"\npause_ms = 120"));
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        let got = pieces(&mut till).await;
        assert!(got[0].starts_with("\u{2}CZ004") && got[1].starts_with("AE00210"), "{got:?}");

        bench.simulator.will(step("split = \"every_byte\"\npause_ms = 0"));
        assert!(text(&bench.ask(DEBIT).await).ends_with("CI0011"));
    }

    #[tokio::test]
    async fn a_connection_may_stay_open_and_take_another_request() {
        let bench = Bench::with(step("after = \"keep_open\"")).await;
        let mut till = bench.dial().await;
        for _ in 0..2 {
            till.write_all(DEBIT.as_bytes()).await.unwrap();
            let mut answer = [0; 168];
            till.read_exact(&mut answer).await.unwrap();
            assert!(text(&answer).contains("AE00210"));
        }
        till.shutdown().await.unwrap();
        assert_eq!(to_end(&mut till).await, b"");
        assert_eq!((bench.simulator.connections(), bench.ledger().len()), (1, 2));
    }

    #[cfg_attr(windows, ignore = "wine ends a connection in order where a reset was asked")]
    #[tokio::test]
    async fn an_answer_may_stop_early_and_reset() {
        let bench = Bench::with(step("cut_at = 70\nafter = \"reset\"")).await;
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        assert!(till.read_to_end(&mut bytes).await.is_err());
        assert!(bytes.len() <= 70);
    }

    #[tokio::test]
    async fn accepted_comes_first_where_the_script_says_so() {
        let bench = Bench::with(step("accepted_first_ms = 80")).await;
        let mut till = bench.dial().await;
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        let mut first = [0; 63];
        let since = Instant::now();
        till.read_exact(&mut first).await.unwrap();
        assert!(text(&first).ends_with("CB0041590CD0010CE003978AE00211"), "{}", text(&first));
        assert!(bench.ledger().is_empty());
        assert!(text(&to_end(&mut till).await).contains("AE00210"));
        assert!(since.elapsed() >= Duration::from_millis(80));
    }

    #[tokio::test]
    async fn a_till_that_asks_for_an_answer_at_once_never_learns_the_outcome() {
        let bench = Bench::with(quick(Step::approve())).await;
        let answer = text(&bench.ask(&format!("{DEBIT}BA0011")).await);
        assert!(answer.ends_with("CE003978BA0011AE00211"), "{answer}");
        assert!(bench.ledger()[0].charged);
    }

    #[tokio::test]
    async fn a_terminal_set_to_concert_v2_answers_one_byte() {
        let bench = Bench::with(quick(Step::new(Outcome::ConcertV2))).await;
        assert_eq!(bench.ask(DEBIT).await, [0x15]);
        assert!(!bench.ledger()[0].charged);
    }

    #[tokio::test]
    async fn partial_payment_follows_the_request() {
        let bench = Bench::with(quick(Step::default())).await;
        for (request, paid) in [
            (of(6100), 6100),
            (of(6100) + "BF0010", 6100),
            (of(6100) + "BF0011", 3050),
            (of(6200), 6820),
            (of(6200).replace("CD0010", "CD0011"), 6200),
        ] {
            let answer = text(&bench.ask(&request).await);
            assert!(answer.contains(&format!("CB008{paid:08}")), "{request}: {answer}");
            assert_eq!(bench.ledger().last().unwrap().paid, paid);
        }
        bench.simulator.will(step("refuse_partial = true"));
        assert!(text(&bench.ask(&(of(100) + "BF0010")).await).contains("AE00201AF00209"));
        assert!(text(&bench.ask(DEBIT).await).contains("AE00210"));
    }

    #[tokio::test]
    async fn only_the_last_debit_is_cancelled_whole_and_once() {
        let bench = Bench::with(quick(Step::approve())).await;
        let cancel = |amount| of(amount).replace("CD0010", "CD0012");
        assert!(text(&bench.ask(&cancel(1590)).await).ends_with("AE00201AF00207"));
        bench.ask(DEBIT).await;
        assert!(text(&bench.ask(&cancel(1000)).await).ends_with("AE00201AF00207"));
        assert!(text(&bench.ask(&cancel(1590)).await).contains("AE00210"));
        assert!(text(&bench.ask(&cancel(1590)).await).ends_with("AE00201AF00207"));
        let charged: Vec<_> = bench.ledger().iter().map(|charge| charge.charged).collect();
        assert_eq!(charged, [false, true, false, true, false]);
    }

    #[tokio::test]
    async fn a_currency_that_it_does_not_take_is_in_the_ledger() {
        let bench = Bench::with(quick(Step::approve())).await;
        let answer = text(&bench.ask(&DEBIT.replace("978", "840")).await);
        assert!(answer.ends_with("CA00201CD0010CE003840AE00201AF00213"), "{answer}");
        let charge = &bench.ledger()[0];
        assert_eq!((charge.charged, charge.report.as_deref()), (false, Some("13")));
    }

    #[tokio::test]
    async fn a_queued_script_comes_before_the_story_goes_on() {
        let bench = Bench::with(Script {
            quiet_ms: 1,
            ..Script::story([Step::decline("04"), Step::decline("05")])
        })
        .await;
        bench.simulator.next(quick(Step::decline("11")));
        for report in ["AF00211", "AF00204", "AF00205", "AF00205"] {
            assert!(text(&bench.ask(DEBIT).await).contains(report));
        }
        bench.simulator.will(quick(Step::approve()));
        assert!(text(&bench.ask(DEBIT).await).contains("AE00210"));
    }

    #[tokio::test]
    async fn a_ticket_that_announces_one_byte_too_many_ends_before_it() {
        let bench = Bench::with(step("receipt = \"wrong_length\"")).await;
        let answer = text(&bench.ask(RECEIPT).await);
        let (_, ticket) = answer.split_once("ZT").unwrap();
        let announced: usize = ticket[..3].parse().unwrap();
        assert_eq!(announced, ticket.len() - 3 + 1);
    }

    #[tokio::test]
    async fn no_card_number_reaches_the_ledger() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.jsonl");
        let bench = Bench::on(quick(Step::default()), Ledger::append_to(&path).unwrap()).await;
        let answer = text(&bench.ask(&RECEIPT.replace("1590", "6700")).await);
        assert!(answer.contains("AA0164970101234567890"), "{answer}");
        let ledger = std::fs::read_to_string(&path).unwrap();
        assert!(ledger.contains("ticket1") && !ledger.contains("497010"), "{ledger}");
    }
}

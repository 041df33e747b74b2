//! A Caisse-AP terminal that obeys a script.
//!
//! It speaks as real terminals do (one connection, one request, one answer),
//! misbehaves as they are known to when the script or the amount says so, and
//! keeps a ledger of what was really charged, to compare a till's books with.
//! It is part of the product: shops and integrators try their till on it.
//!
//! ```text
//!   terminal     the connections: reads a request, says what is said at once
//!   transaction  one payment: decided, written in the ledger, answered
//!   request      what is asked, and what a terminal refuses to read
//!   script       the terminal and its story;  step     one transaction of it
//!   magic        the amounts that misbehave by themselves
//!   answer       the bytes of an answer;      receipt  the ticket in it
//!   ledger       what was charged, on the disk before the answer leaves
//!   deck         the display and the keys;    screen   the same as a page
//! ```
//!
//! It knows `wire` only: a mistake of the layers above cannot be hidden by the
//! same mistake here.

mod answer;
mod deck;
mod ledger;
mod magic;
mod receipt;
mod request;
mod screen;
mod script;
mod step;
mod terminal;
mod transaction;

pub use deck::{Display, Key, Phase};
pub use ledger::{Charge, Ending, Ledger};
pub use magic::{MAGIC, Magic, magic_amounts_json};
pub use request::Operation;
pub use screen::serve_screen;
pub use script::{Busy, EXAMPLE, Script, ScriptError};
pub use step::{After, AnswerAmount, Outcome, Private, Receipt, Split, StatusPosition, Step};
pub use terminal::serve;

use deck::Deck;
use request::Ask;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many requests are kept for [`Simulator::received`].
const KEPT: usize = 1000;

/// A simulated terminal: what it is told to do, and what it has seen.
///
/// A clone is the same terminal. It listens while [`serve`] runs.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    ledger: Ledger,
    story: Mutex<Story>,
    /// Held by the transaction that runs: a terminal has one card reader.
    reader: tokio::sync::Mutex<()>,
    seen: watch::Sender<Seen>,
    deck: Deck,
}

struct Story {
    script: Script,
    told: usize,
    queued: VecDeque<Script>,
    last: Option<Charge>,
    /// The last debit, until it is cancelled.
    debit: Option<Charge>,
}

#[derive(Default)]
struct Seen {
    connections: usize,
    requests: usize,
    received: VecDeque<Vec<u8>>,
}

impl Simulator {
    /// A terminal with this script, which goes on from the last line of this ledger.
    pub fn new(script: impl Into<Script>, ledger: Ledger) -> Simulator {
        let mut story = Story {
            script: script.into(),
            told: 0,
            queued: VecDeque::new(),
            last: None,
            debit: None,
        };
        ledger.charges().into_iter().for_each(|charge| story.remember(charge));
        Simulator(Arc::new(Inner {
            ledger,
            story: Mutex::new(story),
            reader: tokio::sync::Mutex::new(()),
            seen: watch::Sender::new(Seen::default()),
            deck: Deck::new(),
        }))
    }

    /// Replaces the script, which begins at its first step; queued ones are dropped.
    pub fn will(&self, script: impl Into<Script>) {
        let mut story = self.story();
        (story.script, story.told) = (script.into(), 0);
        story.queued.clear();
    }

    /// Queues a script for one payment, refund or cancellation, before the
    /// script goes on: its first step is played, the others are not.
    pub fn next(&self, script: impl Into<Script>) {
        self.story().queued.push_back(script.into());
    }

    /// What was charged.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.0.seen.borrow().connections
    }

    /// How many requests came, those that were refused included.
    pub fn requests(&self) -> usize {
        self.0.seen.borrow().requests
    }

    /// The bytes of the last requests, at most 1000, oldest first.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.0.seen.borrow().received.iter().cloned().collect()
    }

    /// Returns when so many requests have come since the terminal began.
    pub async fn requested(&self, many: usize) {
        let mut seen = self.0.seen.subscribe();
        // The sender lives in `self`, so this cannot fail.
        let _ = seen.wait_for(|seen| seen.requests >= many).await;
    }

    /// Presses a key of the screen; false when no transaction waits for one.
    pub fn press(&self, key: Key) -> bool {
        let number = self.display().transaction;
        self.0.deck.press(number, key)
    }

    /// What the screen shows.
    pub fn display(&self) -> Display {
        self.0.deck.display()
    }

    fn saw_connection(&self) {
        self.0.seen.send_modify(|seen| seen.connections += 1);
    }

    fn saw_request(&self, bytes: Vec<u8>) {
        self.0.seen.send_modify(|seen| {
            seen.requests += 1;
            seen.received.push_back(bytes);
            if seen.received.len() > KEPT {
                seen.received.pop_front();
            }
        });
    }

    /// The script of the next transaction.
    fn script(&self) -> Script {
        let story = self.story();
        story.queued.front().unwrap_or(&story.script).clone()
    }

    /// Takes the step of a transaction.
    fn take_step(&self, ask: &Ask) -> (Script, Step) {
        let mut story = self.story();
        if let Some(script) = story.queued.pop_front() {
            let (step, _) = script.step_for(ask.amount, 0);
            return (script, step);
        }
        let (step, in_story) = story.script.step_for(ask.amount, story.told);
        story.told += usize::from(in_story);
        (story.script.clone(), step)
    }

    fn story(&self) -> MutexGuard<'_, Story> {
        // A story is whole between any two statements that hold it.
        self.0.story.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Story {
    fn remember(&mut self, charge: Charge) {
        if charge.outcome == Ending::Busy {
            return;
        }
        match charge.operation {
            Operation::Debit if charge.charged => self.debit = Some(charge.clone()),
            Operation::Cancellation if charge.charged => self.debit = None,
            _ => {}
        }
        self.last = Some(charge);
    }

    /// Whether this is the last debit, whole.
    fn can_cancel(&self, ask: &Ask) -> bool {
        let same = |debit: &Charge| debit.paid == ask.amount && debit.currency == ask.currency;
        self.debit.as_ref().is_some_and(same)
    }
}

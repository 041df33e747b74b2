use super::ledger::Charge;
use super::request::{Ask, Operation};
use super::step::{Outcome, Step};
use serde::Serialize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// A key of the terminal on the screen, and what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The card goes in: approved by chip.
    Chip,
    /// The card is held to the reader: approved, contactless.
    Contactless,
    /// The bank refuses the card, `AF=04`.
    Refuse,
    /// The red key, `AF=06`.
    Red,
    /// The card is charged and the terminal never answers.
    Silence,
}

/// What the screen of the terminal shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Display {
    /// Grows with each change.
    pub version: u64,
    /// Which transaction, counted from 1 since the start; 0 before the first.
    pub transaction: u64,
    /// Where it stands.
    pub phase: Phase,
    /// What is asked; `None` before the first transaction.
    pub operation: Option<Operation>,
    /// Minor units: asked while it runs, paid once it is approved.
    pub amount: u64,
    /// ISO 4217, three digits.
    pub currency: String,
    /// The till's number.
    pub register: String,
    /// The till's reference.
    pub reference: Option<String>,
    /// `AF` of a declined transaction.
    pub report: Option<String>,
    /// Whether the till was told the outcome.
    pub told: bool,
}

/// Where a transaction stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// No transaction yet.
    Idle,
    /// Waits for a card, which is a press of a key.
    Card,
    /// The script decides.
    Working,
    /// Money moved.
    Approved,
    /// No money moved.
    Declined,
}

/// The screen of a terminal, and its keys.
pub(super) struct Deck {
    display: watch::Sender<Display>,
    waiting: Mutex<Option<(u64, oneshot::Sender<Key>)>>,
    shown: AtomicUsize,
}

impl Key {
    pub(super) fn named(name: &str) -> Option<Key> {
        match name {
            "chip" => Some(Key::Chip),
            "contactless" => Some(Key::Contactless),
            "refuse" => Some(Key::Refuse),
            "red" => Some(Key::Red),
            "silence" => Some(Key::Silence),
            _ => None,
        }
    }

    /// The step as the person decided it.
    pub(super) fn press(self, step: Step) -> Step {
        let declined = |report: &str| Step {
            outcome: Outcome::Decline,
            report: Some(report.to_owned()),
            ..step.clone()
        };
        match self {
            Key::Chip => Step { outcome: Outcome::Approve, contactless: false, ..step },
            Key::Contactless => Step { outcome: Outcome::Approve, contactless: true, ..step },
            Key::Refuse => declined("04"),
            Key::Red => declined("06"),
            Key::Silence => Step { outcome: Outcome::Silence, ..step },
        }
    }
}

impl Deck {
    pub fn new() -> Deck {
        let display = Display {
            version: 0,
            transaction: 0,
            phase: Phase::Idle,
            operation: None,
            amount: 0,
            currency: String::new(),
            register: String::new(),
            reference: None,
            report: None,
            told: false,
        };
        Deck {
            display: watch::Sender::new(display),
            waiting: Mutex::new(None),
            shown: AtomicUsize::new(0),
        }
    }

    pub fn display(&self) -> Display {
        self.display.borrow().clone()
    }

    /// The display, as it changes.
    pub fn changes(&self) -> watch::Receiver<Display> {
        self.display.subscribe()
    }

    /// A screen shows the terminal for as long as what this returns lives.
    pub fn show(&self) -> Shown<'_> {
        self.shown.fetch_add(1, Ordering::Relaxed);
        Shown(self)
    }

    /// Whether a person can see the screen.
    pub fn is_shown(&self) -> bool {
        self.shown.load(Ordering::Relaxed) > 0
    }

    /// A transaction begins; returns its number.
    pub fn begin(&self, ask: &Ask, phase: Phase) -> u64 {
        self.display.send_modify(|display| {
            *display = Display {
                version: display.version + 1,
                transaction: display.transaction + 1,
                phase,
                operation: Some(ask.operation),
                amount: ask.amount,
                currency: ask.currency.clone(),
                register: ask.register.clone(),
                reference: ask.reference.clone(),
                report: None,
                told: false,
            };
        });
        self.display.borrow().transaction
    }

    /// A transaction has ended.
    pub fn end(&self, charge: &Charge, told: bool) {
        *self.waiting() = None;
        self.display.send_modify(|display| {
            display.version += 1;
            display.phase = if charge.charged { Phase::Approved } else { Phase::Declined };
            display.amount = if charge.charged { charge.paid } else { charge.amount };
            display.report = charge.report.clone();
            display.told = told;
        });
    }

    /// Waits for a key; without one, what a terminal does that nobody minds.
    pub async fn person(&self, transaction: u64, patience: Duration) -> Decision {
        let (sender, key) = oneshot::channel();
        *self.waiting() = Some((transaction, sender));
        match timeout(patience, key).await {
            Ok(Ok(key)) => {
                self.display.send_modify(|display| {
                    display.version += 1;
                    display.phase = Phase::Working;
                });
                Decision::Pressed(key)
            }
            _ => Decision::Nobody,
        }
    }

    /// Presses a key for this transaction; false when it waits for none.
    pub fn press(&self, transaction: u64, key: Key) -> bool {
        let taken = self.waiting().take_if(|(waits, _)| *waits == transaction);
        taken.is_some_and(|(_, sender)| sender.send(key).is_ok())
    }

    fn waiting(&self) -> MutexGuard<'_, Option<(u64, oneshot::Sender<Key>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of waiting for a person.
pub(super) enum Decision {
    Pressed(Key),
    Nobody,
}

impl Decision {
    pub fn press(self, step: Step) -> Step {
        match self {
            Decision::Pressed(key) => key.press(step),
            Decision::Nobody => {
                Step { outcome: Outcome::Decline, report: Some("08".to_owned()), ..step }
            }
        }
    }
}

/// Counts a served screen for as long as it lives.
pub(super) struct Shown<'a>(&'a Deck);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.shown.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_comes() {
        let step = Deck::new().person(1, Duration::from_millis(1)).await.press(Step::default());
        assert_eq!((step.outcome, step.report.as_deref()), (Outcome::Decline, Some("08")));
    }

    #[tokio::test]
    async fn a_key_is_for_the_payment_that_it_was_shown_for() {
        let deck = Deck::new();
        let (decision, ()) = tokio::join!(deck.person(2, Duration::from_secs(20)), async {
            assert!(!deck.press(1, Key::Chip));
            assert!(deck.press(2, Key::Red));
            assert!(!deck.press(2, Key::Chip));
        });
        assert_eq!(decision.press(Step::default()).report.as_deref(), Some("06"));
    }
}

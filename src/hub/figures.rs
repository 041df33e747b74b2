//! What the hub's payments came to since the start, in numbers. They are counted where a payment
//! is closed; whoever wants them reads them there.

use super::Hub;
use crate::durations::{Counted, Durations};
use crate::payment::{Moment, Outcome, Payment, State};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The codes of the outcomes, in the order of the counts.
const OUTCOMES: [&str; 4] = ["approved", "declined", "not_sent", "unknown"];

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A person takes seconds with a card; a deadline is minutes.
const BANDS: [Duration; 12] = [
    ms(100),
    ms(500),
    ms(1_000),
    ms(2_500),
    ms(5_000),
    ms(10_000),
    ms(20_000),
    ms(30_000),
    ms(60_000),
    ms(120_000),
    ms(180_000),
    ms(600_000),
];

/// The numbers.
#[derive(Debug)]
pub(super) struct Figures {
    outcomes: [AtomicU64; 4],
    durations: Durations<12>,
    late: AtomicU64,
    settled: AtomicU64,
}

/// What was counted since the start.
#[derive(Debug, Clone)]
pub struct Tally {
    /// How many payments were closed with each outcome.
    pub outcomes: [(&'static str, u64); 4],
    /// How long they took, from the order to the outcome.
    pub durations: Counted,
    /// How many unknown ones the terminal has answered late.
    pub late: u64,
    /// How many unknown ones a person has settled.
    pub settled: u64,
}

impl Default for Figures {
    fn default() -> Figures {
        Figures {
            outcomes: Default::default(),
            durations: Durations::new(BANDS),
            late: AtomicU64::default(),
            settled: AtomicU64::default(),
        }
    }
}

impl Figures {
    /// A payment is closed, for the first time.
    pub(super) fn closed(&self, payment: &Payment) {
        let State::Closed { outcome, at: Moment(closed) } = &payment.state else { return };
        let place = match outcome {
            Outcome::Approved(_) => 0,
            Outcome::Declined(_) => 1,
            Outcome::NotSent(_) => 2,
            Outcome::Unknown(_) => 3,
        };
        self.outcomes[place].fetch_add(1, Ordering::Relaxed);
        // The clock may have been set back meanwhile.
        let took = u64::try_from(closed.saturating_sub(payment.opened_at.0)).unwrap_or(0);
        self.durations.count(Duration::from_millis(took));
    }

    pub(super) fn late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn settled(&self) {
        self.settled.fetch_add(1, Ordering::Relaxed);
    }
}

impl Hub {
    /// What was counted since the start.
    pub fn tally(&self) -> Tally {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let Figures { outcomes, durations, late, settled } = &self.figures;
        let each = |place: usize| (OUTCOMES[place], read(&outcomes[place]));
        Tally {
            outcomes: [each(0), each(1), each(2), each(3)],
            durations: durations.counted(),
            late: read(late),
            settled: read(settled),
        }
    }

    /// How long each commit to the journal's disk took.
    pub fn commit_times(&self) -> Counted {
        self.journal.commit_times()
    }
}

//! What was measured, as a table for people and as JSON.

use serde_json::{Value, json};

/// The ratio that this release has to keep, in hundredths.
const GOAL: u64 = 150;
/// No disk syncs faster than this; memory does.
const NO_DISK_NS: u64 = 20_000;

/// What is measured in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The TCP exchange with the terminal, without a relay.
    Bare,
    /// 256 bytes appended and synced.
    Fdatasync,
    /// A JSON `ping` and its `pong`.
    Echo,
    /// `pay` to the closed `payment`.
    Relay,
    /// A non-financial exchange: the relay without its journal.
    Raw,
    /// 256 bytes written over zeroes and synced.
    Preallocated,
    /// One record in the journal.
    Commit,
}

impl Figure {
    pub const ALL: [Figure; 7] = [
        Figure::Bare,
        Figure::Fdatasync,
        Figure::Echo,
        Figure::Relay,
        Figure::Raw,
        Figure::Preallocated,
        Figure::Commit,
    ];

    /// For JSON and for people.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Figure::Bare => ("bare_exchange", "bare TCP exchange"),
            Figure::Fdatasync => ("fdatasync", "fdatasync of 256 bytes, appended"),
            Figure::Echo => ("echo", "TLS WebSocket echo (ping, pong)"),
            Figure::Relay => ("relay", "payment through the relay"),
            Figure::Raw => ("raw_exchange", "non-financial exchange through it"),
            Figure::Preallocated => ("preallocated", "fdatasync of 256 bytes, over zeroes"),
            Figure::Commit => ("journal_commit", "one record in the journal"),
        }
    }
}

/// How a relay starts. Times in nanoseconds, from the spawn.
pub struct Startup {
    /// To the first TLS connection, with everything still to be made.
    pub first: u64,
    /// To the line that says that it listens.
    pub listening: u64,
    /// To the first TLS connection.
    pub accepting: u64,
    /// Resident, KiB.
    pub memory_idle: Option<u64>,
    /// Bytes of the binary.
    pub binary: u64,
}

/// All rounds.
pub struct Figures {
    block: usize,
    startup: Startup,
    rounds: [Vec<Vec<u64>>; Figure::ALL.len()],
    processor: Option<u64>,
    /// Resident after all payments, KiB.
    pub memory_paid: Option<u64>,
}

/// Of one thing, in nanoseconds.
struct Summary {
    /// The median of the rounds' medians.
    p50: u64,
    /// Of all rounds together.
    p99: u64,
    /// The lowest and the highest median of a round.
    between: (u64, u64),
}

impl Figures {
    pub fn new(block: usize, startup: Startup) -> Figures {
        let rounds = Default::default();
        Figures { block, startup, rounds, processor: Some(0), memory_paid: None }
    }

    /// One round of one thing.
    pub fn add(&mut self, figure: Figure, times: Vec<u64>) {
        self.rounds[figure as usize].push(times);
    }

    /// The relay's processor time before and after a round of payments.
    pub fn add_processor(&mut self, before: Option<u64>, after: Option<u64>) {
        self.processor = self.processor.zip(before).zip(after).map(|((sum, b), a)| sum + a - b);
    }

    fn summary(&self, figure: Figure) -> Summary {
        let rounds = &self.rounds[figure as usize];
        let mut medians: Vec<_> =
            rounds.iter().map(|round| percentile(&mut round.clone(), 50)).collect();
        let p50 = percentile(&mut medians, 50);
        let between = (medians[0], medians[medians.len() - 1]);
        Summary { p50, p99: percentile(&mut rounds.concat(), 99), between }
    }

    fn over_bare(&self, figure: Figure) -> u64 {
        self.summary(figure).p50.saturating_sub(self.summary(Figure::Bare).p50)
    }

    /// What no relay with two records can avoid.
    fn floor(&self) -> u64 {
        2 * self.summary(Figure::Fdatasync).p50 + self.summary(Figure::Echo).p50
    }

    /// In hundredths, rounded up.
    fn ratio(&self) -> u64 {
        (100 * self.over_bare(Figure::Relay)).div_ceil(self.floor())
    }

    /// Of all payments, the acknowledgement included.
    fn processor_per_payment(&self) -> Option<u64> {
        let payments = self.rounds[Figure::Relay as usize].len() * self.block;
        Some(self.processor? / u64::try_from(payments).ok()?)
    }

    fn is_on_no_disk(&self) -> bool {
        self.summary(Figure::Fdatasync).p50 < NO_DISK_NS
    }

    /// Other programs took the processors: a disk does not change that much by itself.
    fn is_disturbed(&self) -> bool {
        let (least, most) = self.summary(Figure::Fdatasync).between;
        most > 3 * least
    }

    pub fn print_table(&self) {
        let rounds = self.rounds[0].len();
        println!("{rounds} rounds of {}, µs; median of the rounds' p50, p99 of all", self.block);
        println!("{:<38}{:>8}{:>8}   p50 of the rounds", "", "p50", "p99");
        for figure in Figure::ALL {
            let Summary { p50, p99, between: (least, most) } = self.summary(figure);
            let (name, [p50, p99, least, most]) =
                (figure.names().1, [p50, p99, least, most].map(us));
            println!("{name:<38}{p50:>8}{p99:>8}   {least} to {most}");
        }
        println!();
        let line = |name: &str, value: String| println!("{name:<38}{value:>8}");
        line("a payment, over bare", us(self.over_bare(Figure::Relay)).to_string());
        line("a non-financial exchange, over bare", us(self.over_bare(Figure::Raw)).to_string());
        line("2 x fdatasync + echo", us(self.floor()).to_string());
        let ratio = self.ratio();
        println!("{:<38}{:>8}   goal {} or less", "ratio", hundredths(ratio), hundredths(GOAL));
        if self.is_on_no_disk() {
            println!("  (fdatasync costs nothing here: this is no disk, give one with --dir)");
        }
        if self.is_disturbed() {
            println!("  (other programs disturb this: wait for quiet, or run under `chrt -r 1`)");
        }
        let known = |value: Option<u64>, unit: &str| {
            value.map_or_else(|| "not known here".into(), |value| format!("{value} {unit}"))
        };
        let processor = self.processor_per_payment().map(us);
        line("processor, payment and acknowledgement", format!(" {}", known(processor, "µs")));
        println!();
        let Startup { first, listening, accepting, memory_idle, binary } = self.startup;
        line("spawn to `listening`", format!("{} µs", us(listening)));
        line("spawn to the first TLS connection", format!("{} µs", us(accepting)));
        line("the same, at the very first start", format!("{} µs", us(first)));
        line("resident, idle", known(memory_idle, "KiB"));
        line("resident, after all payments", known(self.memory_paid, "KiB"));
        line("binary", format!("{} KiB", binary / 1024));
    }

    pub fn print_json(&self) {
        let mut all = json!({
            "rounds": self.rounds[0].len(),
            "block": self.block,
            "unit": "us",
            "relay_over_bare": us(self.over_bare(Figure::Relay)),
            "raw_over_bare": us(self.over_bare(Figure::Raw)),
            "floor": us(self.floor()),
            "ratio": number(self.ratio()),
            "goal": number(GOAL),
            "on_a_disk": !self.is_on_no_disk(),
            "disturbed": self.is_disturbed(),
            "processor_per_payment": self.processor_per_payment().map(us),
            "listening": us(self.startup.listening),
            "accepting": us(self.startup.accepting),
            "first_start": us(self.startup.first),
            "memory_idle_kib": self.startup.memory_idle,
            "memory_paid_kib": self.memory_paid,
            "binary_bytes": self.startup.binary,
        });
        for figure in Figure::ALL {
            let Summary { p50, p99, between } = self.summary(figure);
            all[figure.names().0] = json!({
                "p50": us(p50), "p99": us(p99), "p50_of_rounds": [us(between.0), us(between.1)],
            });
        }
        println!("{all}");
    }
}

/// The value that this many in a hundred do not exceed.
pub fn percentile(times: &mut [u64], percent: usize) -> u64 {
    times.sort_unstable();
    let index = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(index).copied().unwrap_or_default()
}

fn us(nanoseconds: u64) -> u64 {
    (nanoseconds + 500) / 1000
}

fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

fn number(value: u64) -> Value {
    hundredths(value).parse::<f64>().map_or(Value::Null, Value::from)
}

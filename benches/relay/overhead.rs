//! One till, one payment after the other: what the relay adds to the exchange,
//! against what the disk and the wire cost on this machine anyway.

use crate::disk::Disk;
use crate::peers::{self, Peer};
use crate::process::Process;
use crate::report::{MS, Report, US, percentile, ratio, rounded};
use crate::terminal::Terminal;
use crate::till::Till;
use anyhow::Result;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// As many measurements as are taken of one thing before the next has its turn.
const BLOCK: usize = 50;
/// The same of what takes milliseconds.
const FEW: usize = 5;
/// No disk syncs faster than this; memory does.
const NO_DISK: u64 = 20 * US;

/// What is measured in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Bare,
    Append,
    Overwrite,
    Echo,
    Commit,
    Pay,
    PayStaying,
    Exchange,
    ExchangeCold,
    PeerWarm(usize),
    PeerCold(usize),
}

struct Series {
    what: What,
    key: String,
    name: String,
    rounds: Vec<Vec<u64>>,
}

struct Bench {
    terminal: Terminal,
    disk: Disk,
    relay: Process,
    till: Till,
    peers: Vec<Peer>,
    paid: usize,
    staying: &'static str,
}

impl Bench {
    fn take(&mut self, what: What) -> Result<()> {
        match what {
            What::Bare => self.terminal.ask(),
            What::Append => self.disk.append(),
            What::Overwrite => self.disk.overwrite(),
            What::Commit => self.disk.commit(),
            What::Echo => self.till.ping(),
            What::Pay => self.till.pay(self.paid, "t0"),
            What::PayStaying => self.till.pay(self.paid, self.staying),
            What::Exchange => self.till.exchange(),
            What::ExchangeCold => Till::connect(&self.relay)?.exchange(),
            What::PeerWarm(peer) => self.peers[peer].warm(),
            What::PeerCold(peer) => self.peers[peer].cold(),
        }
    }

    /// What a till does once it has the outcome; nobody waits for it.
    fn settle(&mut self, what: What) -> Result<()> {
        if matches!(what, What::Pay | What::PayStaying) {
            self.till.acknowledge(self.paid)?;
            self.paid += 1;
        }
        Ok(())
    }

    /// The times of `count` measurements, in nanoseconds.
    fn block(&mut self, what: What, count: usize) -> Result<Vec<u64>> {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = Instant::now();
            self.take(what)?;
            times.push(u64::try_from(begun.elapsed().as_nanos())?);
            self.settle(what)?;
        }
        Ok(times)
    }
}

pub fn measure(dir: &Path, payments: usize, report: &mut Report) -> Result<()> {
    report.part("one till, one terminal that closes after its answer (µs)");
    let (terminal, staying) = (Terminal::start()?, Terminal::that_stays()?);
    let peers = peers::start(dir, terminal.address, report)?;
    let relay = Process::start(&dir.join("relay"), &[terminal.address, staying.address])?;
    let till = Till::connect(&relay)?;
    let mut all = series(&peers);
    let disk = Disk::open(dir)?;
    let mut bench = Bench { terminal, disk, relay, till, peers, paid: 0, staying: "t1" };
    for series in &all {
        bench.block(series.what, count(series.what).min(20))?;
    }
    let rounds = payments.div_ceil(BLOCK).max(3);
    let mut processor = (0, 0);
    for _ in 0..rounds {
        for series in &mut all {
            let before = bench.relay.processor_ns();
            series.rounds.push(bench.block(series.what, count(series.what))?);
            if let (What::Pay, Some(before), Some(after)) =
                (series.what, before, bench.relay.processor_ns())
            {
                processor = (processor.0 + after - before, processor.1 + BLOCK as u64);
            }
        }
    }
    tell(&all, report);
    let processor = processor.0.checked_div(processor.1).map(|each| rounded(each, US));
    report.figure("processor_us", "processor, payment and acknowledgement", processor, "µs");
    report.figure("memory_paid_kib", "resident, after all of it", bench.relay.memory_kib(), "KiB");
    Ok(())
}

fn count(what: What) -> usize {
    match what {
        What::PayStaying => 1,
        What::ExchangeCold | What::PeerCold(_) => FEW,
        _ => BLOCK,
    }
}

fn series(peers: &[Peer]) -> Vec<Series> {
    let fixed = [
        (What::Bare, "bare", "the exchange without a relay"),
        (What::Append, "appended", "256 bytes appended, fdatasync"),
        (What::Overwrite, "laid", "256 bytes over laid zeroes, fdatasync"),
        (What::Echo, "echo", "TLS WebSocket echo (ping, pong)"),
        (What::Commit, "commit", "one record in the journal"),
        (What::Pay, "payment", "a payment"),
        (What::PayStaying, "payment_staying", "a payment, the terminal stays connected"),
        (What::Exchange, "exchange", "a non-financial exchange, warm"),
        (What::ExchangeCold, "exchange_cold", "the same with a new connection"),
    ];
    let series = |what, key: &str, name: String| Series {
        what,
        key: key.replace(['`', ' '], "_").replace("__", "_"),
        name,
        rounds: Vec::new(),
    };
    let mut all: Vec<_> =
        fixed.into_iter().map(|(what, key, name)| series(what, key, name.into())).collect();
    for (index, Peer { name, stays, .. }) in peers.iter().enumerate() {
        if *stays {
            let key = format!("{name}warm");
            all.push(series(What::PeerWarm(index), &key, format!("{name}, warm")));
        }
        let key = format!("{name} cold");
        all.push(series(What::PeerCold(index), &key, format!("{name}, with a new connection")));
    }
    all
}

impl Series {
    fn medians(&self) -> Vec<u64> {
        self.rounds.iter().map(|round| percentile(&mut round.clone(), 50)).collect()
    }

    /// The median of the rounds' medians.
    fn p50(&self) -> u64 {
        percentile(&mut self.medians(), 50)
    }

    /// Of all rounds together.
    fn p99(&self) -> u64 {
        percentile(&mut self.rounds.concat(), 99)
    }
}

fn tell(all: &[Series], report: &mut Report) {
    report.say(&format!("  {:<52}{:>10}{:>8}  over bare", "", "p50", "p99"));
    let of = |what| all.iter().find(|series| series.what == what);
    let p50 = |what| of(what).map_or(0, Series::p50);
    let p99 = |what| of(what).map_or(0, Series::p99);
    let bare = p50(What::Bare);
    for series in all {
        let (p50, p99) = (series.p50(), series.p99());
        let is_floor = matches!(
            series.what,
            What::Bare | What::Append | What::Overwrite | What::Echo | What::Commit
        );
        let over = if is_floor { "".into() } else { us(p50.saturating_sub(bare)).to_string() };
        report.say(&format!("  {:<52}{:>10}{:>8}{over:>11}", series.name, us(p50), us(p99)));
        report.set(&series.key, json!({ "p50": us(p50), "p99": us(p99) }));
    }
    let over = |what| p50(what).saturating_sub(bare);
    let appended = 2 * p50(What::Append) + p50(What::Echo);
    let laid = 2 * p50(What::Overwrite) + p50(What::Echo);
    report.set("floor_appended_us", json!(us(appended)));
    report.set("floor_laid_us", json!(us(laid)));
    // Round by round: what disturbs a round disturbs all that is measured in it.
    let medians = |what| of(what).map(Series::medians).unwrap_or_default();
    let (pay, bares) = (medians(What::Pay), medians(What::Bare));
    let echoes = medians(What::Echo);
    for (disk, key, name) in [
        (What::Append, "ratio_appended", "payment over bare / (2 appended + echo)"),
        (What::Overwrite, "ratio_laid", "payment over bare / (2 over zeroes + echo)"),
    ] {
        let disk = medians(disk);
        let mut ratios: Vec<_> = (0..pay.len())
            .map(|round| {
                let floor = 2 * disk[round] + echoes[round];
                1000 * pay[round].saturating_sub(bares[round]) / floor.max(1)
            })
            .collect();
        let middle = percentile(&mut ratios, 50);
        let between = format!("({} to {} in a round)", ratios[0], ratios[ratios.len() - 1]);
        report.figure(key, name, ratio(middle, 1000), "");
        report.say(&format!("  {between:>70} thousandths"));
    }
    let p99_over = p99(What::Pay).saturating_sub(bare);
    report.figure(
        "ratio_p99",
        "the same, p99 / (2 appended + echo), p50",
        ratio(p99_over, appended),
        "",
    );
    let staying = rounded(over(What::PayStaying), MS);
    report.figure("staying_ms", "a terminal that stays connected: over bare", staying, "ms");
    report.figure("exchange_over_us", "an exchange, over bare", us(over(What::Exchange)), "µs");
    if p50(What::Append) < NO_DISK {
        report.say("  (fdatasync costs nothing here: this is no disk, give one with --dir)");
    }
}

fn us(nanoseconds: u64) -> u64 {
    rounded(nanoseconds, US)
}

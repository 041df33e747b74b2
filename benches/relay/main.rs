//! What the relay adds to a payment, against what the disk and the wire cost
//! on this machine anyway.
//!
//! ```text
//! cargo bench --bench relay -- [--payments N] [--dir DIR] [--json]
//! ```
//!
//! A payment through the relay is the bare TCP exchange and two records that
//! have to be on disk one after the other, told over a TLS WebSocket. So:
//!
//! ```text
//! ratio = (relay - bare) / (2 x fdatasync + echo)      all of them medians
//! ```
//!
//! Both sides are measured in turns, block by block: the machine's noise is
//! larger than what is looked for, and it meets both. A busy machine still
//! cannot tell: where the kernel does not preempt, a thread that the disk wakes
//! waits for the next tick, 4 ms. Under `chrt -r 1` it does not.

mod disk;
mod figures;
mod process;
mod terminal;
mod till;

use anyhow::{Context, Result, bail};
use disk::Disk;
use figures::{Figure, Startup};
use process::Process;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use terminal::Terminal;
use till::Till;

/// As many measurements as are taken of one thing before the next has its turn.
const BLOCK: usize = 50;
/// The first ones fill caches and are not counted.
const WARM_UP: usize = 20;
/// Starts whose median is told.
const STARTS: usize = 5;

struct Arguments {
    payments: usize,
    dir: PathBuf,
    json: bool,
}

fn main() -> ExitCode {
    match arguments().and_then(|arguments| measure(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments> {
    // Cargo's folder for what tests write: beside the binaries, so on a disk.
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let mut arguments = Arguments { payments: 1000, dir, json: false };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--payments" => {
                let count = given.next().context("--payments: how many?")?;
                arguments.payments =
                    count.parse().ok().filter(|count| *count > 0).with_context(|| {
                        format!("--payments: `{count}` is no count; 200 or more make sense")
                    })?;
            }
            "--dir" => arguments.dir = given.next().context("--dir: which folder?")?.into(),
            "--json" => arguments.json = true,
            // What cargo adds.
            "--bench" => {}
            _ => bail!("unknown argument `{argument}`; there are --payments N, --dir DIR, --json"),
        }
    }
    Ok(arguments)
}

/// What is measured in turns.
struct Bench {
    terminal: Terminal,
    disk: Disk,
    relay: Process,
    till: Till,
    paid: usize,
}

impl Bench {
    fn take(&mut self, figure: Figure) -> Result<()> {
        match figure {
            Figure::Bare => self.terminal.ask()?,
            Figure::Fdatasync => self.disk.append()?,
            Figure::Preallocated => self.disk.overwrite()?,
            Figure::Commit => self.disk.commit()?,
            Figure::Echo => self.till.ping()?,
            Figure::Relay => self.till.pay(self.paid)?,
            Figure::Raw => self.till.exchange()?,
        }
        Ok(())
    }

    /// What a till does once it has the outcome; nobody waits for it.
    fn settle(&mut self, figure: Figure) -> Result<()> {
        if figure == Figure::Relay {
            self.till.acknowledge(self.paid)?;
            self.paid += 1;
        }
        Ok(())
    }

    /// The times of `count` measurements, in nanoseconds.
    fn block(&mut self, figure: Figure, count: usize) -> Result<Vec<u64>> {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let begun = Instant::now();
            self.take(figure)?;
            times.push(u64::try_from(begun.elapsed().as_nanos())?);
            self.settle(figure)?;
        }
        Ok(times)
    }
}

fn measure(arguments: &Arguments) -> Result<()> {
    let dir = tempfile::tempdir_in(&arguments.dir)
        .with_context(|| format!("no folder can be made in {}", arguments.dir.display()))?;
    let terminal = Terminal::start()?;
    let startup = startup(&terminal, dir.path())?;
    let relay = Process::start(&dir.path().join("relay"), terminal.address)?;
    let till = Till::connect(&relay)?;
    let mut bench = Bench { terminal, disk: Disk::open(dir.path())?, relay, till, paid: 0 };
    for figure in Figure::ALL {
        bench.block(figure, WARM_UP)?;
    }

    let rounds = arguments.payments.div_ceil(BLOCK);
    let count = arguments.payments.div_ceil(rounds);
    let mut figures = figures::Figures::new(count, startup);
    for _ in 0..rounds {
        for figure in Figure::ALL {
            let processor = bench.relay.processor_ns();
            figures.add(figure, bench.block(figure, count)?);
            if figure == Figure::Relay {
                figures.add_processor(processor, bench.relay.processor_ns());
            }
        }
    }
    figures.memory_paid = bench.relay.memory_kib();
    if arguments.json {
        figures.print_json()
    } else {
        figures.print_table()
    }
    Ok(())
}

/// How fast the relay is there, and how much memory it takes with nothing to do.
fn startup(terminal: &Terminal, dir: &std::path::Path) -> Result<Startup> {
    let folder = dir.join("startup");
    let mut first = 0;
    let (mut listening, mut accepting) = (Vec::new(), Vec::new());
    let mut memory_idle = None;
    for start in 0..=STARTS {
        let begun = Instant::now();
        let relay = Process::start(&folder, terminal.address)?;
        let said = u64::try_from(begun.elapsed().as_nanos())?;
        let till = Till::handshake(&relay)?;
        let accepted = u64::try_from(begun.elapsed().as_nanos())?;
        drop(till);
        if start == 0 {
            // Makes the authority, the certificate and the journal.
            first = accepted;
        } else {
            listening.push(said);
            accepting.push(accepted);
        }
        memory_idle = relay.memory_kib();
    }
    Ok(Startup {
        first,
        listening: figures::percentile(&mut listening, 50),
        accepting: figures::percentile(&mut accepting, 50),
        memory_idle,
        binary: std::fs::metadata(process::BINARY)?.len(),
    })
}

//! What the relay costs, against what the disk and the wire cost on this machine
//! anyway, and beside its peers.
//!
//! ```text
//! cargo bench --bench relay -- [PART ...] [--payments N] [--seconds N] [--tills N] [--dir DIR] [--json]
//! ```
//!
//! Parts: `overhead`, `crowd`, `idle`, `tills`, `large`; all of them without a name.
//! A payment through the relay is the bare TCP exchange and two records that
//! have to be on disk one after the other, told over a TLS WebSocket. So:
//!
//! ```text
//! ratio = (relay - bare) / (2 x fdatasync + echo)      all of them medians
//! ```
//!
//! All sides are measured in turns, block by block: the machine's noise is
//! larger than what is looked for, and it meets all. A busy machine still
//! cannot tell: where the kernel does not preempt, a thread that the disk wakes
//! waits for the next tick, 4 ms. Under `chrt -r 1` it does not.

mod crowd;
mod disk;
mod idle;
mod large;
mod overhead;
mod peers;
mod process;
mod report;
mod terminal;
mod till;

use anyhow::{Context, Result, bail};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;

const PARTS: [&str; 5] = ["overhead", "crowd", "idle", "tills", "large"];

struct Arguments {
    parts: Vec<String>,
    payments: usize,
    seconds: u64,
    tills: usize,
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
    let mut arguments =
        Arguments { parts: vec![], payments: 1000, seconds: 10, tills: 10_000, dir, json: false };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        let mut count = || -> Result<u64> {
            let count = given.next().with_context(|| format!("{argument}: how many?"))?;
            count
                .parse()
                .ok()
                .filter(|count| *count > 0)
                .with_context(|| format!("{argument}: `{count}` is no count"))
        };
        match argument.as_str() {
            "--payments" => arguments.payments = usize::try_from(count()?)?,
            "--seconds" => arguments.seconds = count()?,
            "--tills" => arguments.tills = usize::try_from(count()?)?,
            "--dir" => arguments.dir = given.next().context("--dir: which folder?")?.into(),
            "--json" => arguments.json = true,
            // What cargo adds.
            "--bench" => {}
            part if PARTS.contains(&part) => arguments.parts.push(part.to_owned()),
            _ => bail!(
                "unknown argument `{argument}`; there are --payments N, --seconds N, --tills N, \
                 --dir DIR, --json and the parts {}",
                PARTS.join(", ")
            ),
        }
    }
    Ok(arguments)
}

fn measure(arguments: &Arguments) -> Result<()> {
    let dir = tempfile::tempdir_in(&arguments.dir)
        .with_context(|| format!("no folder can be made in {}", arguments.dir.display()))?;
    // A till is an open file here and in the relay.
    let files = rlimit::increase_nofile_limit(65_536)?;
    let tills = arguments.tills.min(usize::try_from(files)?.saturating_sub(200));
    let mut report = Report::new(arguments.json);
    let wanted = |part: &str| {
        arguments.parts.is_empty() || arguments.parts.iter().any(|wanted| wanted == part)
    };
    if wanted("overhead") {
        overhead::measure(dir.path(), arguments.payments, &mut report)?;
    }
    if wanted("crowd") {
        crowd::measure(dir.path(), arguments.seconds, &mut report)?;
    }
    if wanted("idle") {
        idle::start(dir.path(), &mut report)?;
    }
    if wanted("tills") {
        idle::tills(dir.path(), tills, &mut report)?;
    }
    if wanted("large") {
        large::measure(dir.path(), &mut report)?;
    }
    report.end();
    Ok(())
}

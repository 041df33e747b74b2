//! The torture campaign: real relays and real terminals, killed, cut, silenced
//! and kept from their disk, and then every cent accounted for.
//!
//! `cargo run --release --example torture -- --payments 100000 --seed 1 --json`
//!
//! Many tills sell at many terminals, all as real processes and sockets on
//! loopback. A seed decides what every sale is, what every connection suffers
//! and how every relay dies; how that falls in time is the operating system's,
//! so that a seed reproduces the plan and not each interleaving. At the end the
//! faults stop, everything settles, and three records are compared: the
//! terminals' ledgers, the relay's journal, and what each till was told.
//!
//! With `--features faults` the relay also dies at named places in its code,
//! and `--plant resend`, `tell_first` or `send_first` gives it a bug that the
//! campaign has to find.

#![expect(clippy::unwrap_used, reason = "a campaign that cannot be set up has nothing to say")]

mod chance;
mod world;
mod books;
mod process;
mod plan;
mod memory;
mod proxy;
mod slow;
mod socket;
mod trouble;
mod till;
mod verdict;

use anyhow::{Result, bail};
use clap::Parser;
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::watch;
use verdict::Verdict;
use world::World;

/// How long a relay listens for a late answer, in seconds.
const LATE_S: u64 = 3;
/// After so many findings no more payments are asked.
const ENOUGH: u64 = 20;
/// How many findings are told one by one.
const SHOWN: usize = 40;
/// How long everything may take to settle.
const SETTLING: Duration = Duration::from_secs(180);

/// Tortures a relay, and compares what was charged with what was told.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many payments are asked
    #[arg(long, default_value_t = 2000)]
    payments: u32,
    /// Decides the faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON object
    #[arg(long)]
    json: bool,
    /// How many tills sell
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=64))]
    tills: u64,
    /// How many terminals there are
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=64))]
    terminals: u64,
    /// When no more payments are asked, at the latest
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// The same in seconds
    #[arg(long)]
    seconds: Option<u64>,
    /// A bug for the relay: resend, tell_first, send_first (feature `faults`)
    #[arg(long)]
    plant: Option<String>,
    /// Keep the folder with the journal, the ledgers and the logs
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1).peekable();
    if words.peek().is_some_and(|word| word == process::AS_PRODUCT) {
        return caisse_relay::cli::main_from(words);
    }
    let arguments = Arguments::parse();
    if arguments.plant.is_some() && !cfg!(feature = "faults") {
        eprintln!("torture: --plant needs --features faults");
        return ExitCode::from(2);
    }
    let folder = tempfile::Builder::new().prefix("torture-").tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = runtime.block_on(campaign(&arguments, folder.path()));
    if arguments.keep {
        eprintln!("torture: kept {}", folder.keep().display());
    }
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("torture: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything is accounted for.
async fn campaign(arguments: &Arguments, folder: &Path) -> Result<bool> {
    let began = Instant::now();
    let terminals = arguments.terminals;
    fs::write(folder.join("script.toml"), plan::script())?;
    let ledgers: Vec<PathBuf> =
        (0..terminals).map(|n| folder.join(format!("tpe-{n:02}.jsonl"))).collect();
    let (place, relay) = watch::channel(None);
    let world = Arc::new(World::new(
        arguments.seed,
        terminals,
        relay,
        books::Books::new(ledgers.clone()),
        i64::from(arguments.payments),
        began
            + arguments
                .seconds
                .map_or(60 * Duration::from_secs(arguments.minutes), Duration::from_secs),
        if arguments.plant.is_some() { 1 } else { ENOUGH },
    ));
    let mut simulators = Vec::new();
    let mut addresses = Vec::new();
    for (number, ledger) in (0..terminals).zip(&ledgers) {
        let name = format!("tpe-{number:02}");
        let simulator = process::Process::simulator(folder, &name, ledger)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        addresses.push((name, listener.local_addr()?));
        let address = simulator.address()?;
        tokio::spawn(proxy::stand(Arc::clone(&world), number, listener, address));
        simulators.push(simulator);
    }
    // A terminal that lets the relay wait for its connection.
    let slow = TcpSocket::new_v4()?;
    slow.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    addresses.push((plan::SLOW.to_owned(), slow.local_addr()?));
    let terminal = simulators[0].address()?;
    tokio::spawn(slow::stand(Arc::clone(&world), terminals, slow.listen(1)?, terminal));
    // A terminal that is off: its port is held and refuses.
    let off = TcpSocket::new_v4()?;
    off.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    addresses.push((plan::OFF.to_owned(), off.local_addr()?));
    fs::write(folder.join("caisse-relay.toml"), configuration(&addresses))?;

    let trouble = {
        let (world, folder) = (Arc::clone(&world), folder.to_owned());
        let plant = arguments.plant.clone();
        std::thread::spawn(move || {
            let done = trouble::run(&world, &folder, plant.as_deref(), &place);
            world.over.store(true, SeqCst);
            done
        })
    };
    let sold = tokio::select! {
        sold = sell(&world, arguments.tills) => sold,
        () = told_to_stop() => Err(anyhow::anyhow!("interrupted")),
    };
    world.over.store(true, SeqCst);
    let stopped = tokio::task::spawn_blocking(move || trouble.join()).await?;
    stopped.unwrap_or_else(|_| bail!("the relay's thread failed"))?;
    let (memories, seconds) = sold?;
    let (journal, events) = process::journal(folder)?;
    drop(simulators);
    let (lines, nameless) = world.books.all();
    let verdict = Verdict::of(&memories, &journal, &events, &lines, nameless);
    tell(arguments, &world, &verdict, began.elapsed().as_secs(), seconds);
    Ok(verdict.is_good())
}

/// All sales, then calm, then everything is collected. Gives how many seconds
/// the sales took.
async fn sell(world: &Arc<World>, tills: u64) -> Result<(Vec<memory::Memory>, u64)> {
    let began = Instant::now();
    let mut selling = Vec::new();
    for number in 0..tills {
        let mut till = till::Till::new(Arc::clone(world), number);
        selling.push(tokio::spawn(async move {
            till.sell().await;
            till
        }));
    }
    let audit = tokio::spawn(audit(Arc::clone(world)));
    let mut tills = Vec::new();
    for till in selling {
        tills.push(till.await?);
    }
    let seconds = began.elapsed().as_secs();
    audit.abort();
    world.calm.store(true, SeqCst);
    // The last late answers come, or do not.
    tokio::time::sleep(Duration::from_secs(LATE_S + 2)).await;
    let mut memories = Vec::new();
    let deadline = tokio::time::Instant::now() + SETTLING;
    for mut till in tills {
        if tokio::time::timeout_at(deadline, till.collect()).await.is_err() {
            till.memory.broken.push(format!("not settled in {SETTLING:?}"));
        }
        memories.push(till.memory);
    }
    if world.is_over() {
        bail!("the relay does not start");
    }
    Ok((memories, seconds))
}

/// Looks at the terminals' ledgers while the tills sell.
async fn audit(world: Arc<World>) {
    while !world.books.has_double() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    world.found.fetch_add(world.enough, SeqCst);
}

/// Ctrl-C, or whoever supervises the campaign.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate()).unwrap();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

fn configuration(terminals: &[(String, SocketAddr)]) -> String {
    let mut text = "listen = \"127.0.0.1:0\"\ndata_dir = \"data\"\n".to_owned();
    for (name, address) in terminals {
        let (host, port) = (address.ip(), address.port());
        text += &format!(
            "[[terminals]]\nname = \"{name}\"\naddress = \"{host}\"\nport = {port}\n\
             answer_s = 1\nlate_s = {LATE_S}\nquiet_ms = 50\ntruncated_ms = 200\n\
             connect_ms = 1500\n"
        );
    }
    text
}

fn tell(arguments: &Arguments, world: &World, verdict: &Verdict, total: u64, selling: u64) {
    for finding in verdict.findings.iter().take(SHOWN) {
        eprintln!("{finding}");
    }
    let mut whole = verdict.json();
    let about = json!({
        "seed": arguments.seed,
        "plant": arguments.plant,
        "seconds": total,
        "payments_per_second": verdict.payments / selling.max(1),
        "tills": arguments.tills,
        "terminals": arguments.terminals,
        "kills": world.kills.load(SeqCst),
        "cuts": world.cuts.load(SeqCst),
        "disk_full": world.disk_full.load(SeqCst),
    });
    if let (Some(whole), Some(about)) = (whole.as_object_mut(), about.as_object()) {
        whole.extend(about.clone());
    }
    if arguments.json {
        println!("{whole}");
        return;
    }
    for (name, value) in whole.as_object().into_iter().flatten() {
        println!("{name:<20} {value}");
    }
}

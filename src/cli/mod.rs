//! The command line: the relay, the simulated terminal, and a till that is not
//! a browser.

mod browser_policy;
mod bundle;
mod certs;
mod demo;
mod discover;
mod doctor;
mod exit;
mod failed;
mod export;
mod help;
mod journal;
mod log;
mod log_file;
mod misuse;
mod origins;
mod page;
mod pay;
mod pinned;
mod places;
mod resolve;
mod run;
mod service;
mod signal;
mod simulate;
mod terminals;
mod till;
mod tills;
mod tray;
mod update;

use crate::config::{self, Config};
use crate::service::Program;
use crate::words::Lang;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
pub use exit::Exit;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// Lets a point of sale in the browser talk to Caisse-AP card terminals, and
/// never guesses whether a card was charged.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
struct Common {
    /// The configuration file; without it, the platform's, or the defaults where there is none
    #[arg(long, global = true, value_name = "FILE", env = "CAISSE_RELAY_CONFIG")]
    config: Option<PathBuf>,
    /// Where the journal and the certificate are kept, instead of what the configuration says
    #[arg(long, global = true, value_name = "DIR", env = "CAISSE_RELAY_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long, global = true)]
    json: bool,
    /// What is logged, on standard error
    #[arg(long, global = true, value_name = "LEVEL", env = "CAISSE_RELAY_LOG")]
    log: Option<log::Level>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a payment from end to end with a simulated terminal, then stay up for the demo page
    Demo(demo::Demo),
    /// Run the relay
    Run(run::Run),
    /// Run the relay with an icon in the panel, or show the icon of the one that runs
    Tray(tray::Tray),
    /// Run a simulated terminal
    Simulate(simulate::Simulate),
    /// Pay through the relay, as a till would
    Pay(pay::Pay),
    /// Look at everything that a relay needs, and say what to do; changes nothing
    Doctor(doctor::Doctor),
    /// List the terminals of the relay that runs, or look for others on the network
    Terminals(terminals::Terminals),
    /// Ask a terminal who it is; no money moves
    Identify(terminals::Identify),
    /// Free a terminal that is held by a payment without an answer
    Release(terminals::Release),
    /// Record what a person read on the terminal's ticket of an unknown payment
    Resolve(resolve::Resolve),
    /// Open the relay's own page in the browser
    Page(page::Page),
    /// Let pages in or keep them out, by their origin
    Origins(origins::Origins),
    /// Show a code that pairs a till of the network
    Pair(tills::Pair),
    /// The tills of the network that are paired
    Tills(tills::Tills),
    /// Read the record of payments, whether a relay runs or not
    #[command(subcommand)]
    Journal(journal::Journal),
    /// The certificate that browsers have to trust
    #[command(subcommand)]
    Certs(certs::Certs),
    /// What managed browsers are told, so that they let the allowed pages reach the relay
    #[command(subcommand)]
    BrowserPolicy(browser_policy::BrowserPolicy),
    /// What starts the relay by itself, with the machine or with a person's session
    #[command(subcommand)]
    Service(service::Service),
    /// Say whether there is a newer relay
    #[command(subcommand)]
    Update(update::Update),
    /// Make a diagnosis for who helps: one file without cards and secrets
    Bundle(bundle::Bundle),
}

impl Command {
    /// Whether Windows runs it as its service: nobody sees what it prints.
    fn is_service(&self) -> bool {
        matches!(self, Command::Service(service) if service.serves())
    }
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    main_from(std::env::args_os())
}

/// Does what these words say; the first is the program's name.
pub fn main_from(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = help::read(words);
    // What waits for the disk is written when this goes.
    let _log = log::begin(&arguments.command, &arguments.common);
    match arguments.command {
        Command::Tray(_) => crate::tray::beside_the_icon(|| carry_out(arguments)),
        _ => carry_out(arguments),
    }
}

fn carry_out(arguments: Arguments) -> ExitCode {
    // One thread beside the journal's: a payment is handed over twice instead of
    // six times, which a fifth of its time is made of.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into(), &arguments.common),
    };
    let done = runtime.block_on(obey(arguments.command, &arguments.common));
    match done {
        Ok(exit) => exit.into(),
        Err(error) => failed(&error, &arguments.common),
    }
}

async fn obey(command: Command, common: &Common) -> Result<Exit> {
    match command {
        Command::Demo(demo) => demo.show(common).await,
        Command::Run(run) => run.run(common).await,
        Command::Tray(tray) => tray.show(common).await,
        Command::Simulate(simulate) => simulate.run(common).await,
        Command::Pay(pay) => pay.pay(common).await,
        Command::Doctor(doctor) => doctor.examine(common).await,
        Command::Terminals(terminals) => terminals.obey(common).await,
        Command::Identify(identify) => identify.ask(common).await,
        Command::Release(release) => release.free(common).await,
        Command::Resolve(resolve) => resolve.settle(common).await,
        Command::Page(page) => page.open(common).await,
        Command::Origins(origins) => origins.obey(common).await,
        Command::Pair(pair) => pair.open(common).await,
        Command::Tills(tills) => tills.obey(common).await,
        Command::Journal(journal) => journal.read(common),
        Command::Certs(certs) => certs.obey(common),
        Command::BrowserPolicy(policy) => policy.obey(common),
        Command::Service(service) => service.obey(common),
        Command::Update(update) => update.obey(common).await,
        Command::Bundle(bundle) => bundle.write(common).await,
    }
}

fn failed(error: &anyhow::Error, common: &Common) -> ExitCode {
    let message = failed::sentence(error, common);
    log::file_only(&message);
    if common.json {
        let code = failed::code(error);
        exit::print(&serde_json::json!({ "type": "error", "code": code, "message": message }));
    }
    eprintln!("caisse-relay: {message}");
    Exit::Failed.into()
}

/// The configuration file, if there is one: the one that was named, or the platform's.
fn config_file(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| Some(config::platform_file()).filter(|file| file.exists()))
}

impl Common {
    /// The configuration file, if there is one.
    fn file(&self) -> Option<PathBuf> {
        config_file(self.config.clone())
    }

    /// What starts by itself: this program, with the files that it was given.
    fn program(&self) -> Result<Program> {
        let absolute = |path: &PathBuf| std::path::absolute(path);
        Ok(Program {
            file: std::env::current_exe()?,
            config: self.config.as_ref().map(absolute).transpose()?,
            data_dir: self.data_dir.as_ref().map(absolute).transpose()?,
        })
    }

    /// The configuration, with what the command line and the environment change.
    fn configuration(&self) -> Result<Config> {
        let mut config = match self.file() {
            Some(file) => Config::read(&file)?,
            None => Config::without_file(),
        };
        if let Some(folder) = &self.data_dir {
            config.data_dir.clone_from(folder);
        }
        Ok(config)
    }

    /// The language of the configuration.
    fn lang(&self) -> Lang {
        self.configuration().map_or(Lang::default(), |config| config.lang)
    }

    /// What there is without a usable file.
    fn defaults(&self) -> Config {
        let mut config = Config::without_file();
        if let Some(folder) = &self.data_dir {
            config.data_dir.clone_from(folder);
        }
        config
    }
}

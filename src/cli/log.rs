use super::log_file::LogFile;
use super::{Command, Common};
use crate::words::{Program, Sentence};
use clap::ValueEnum;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// How much is logged.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    fn filter(self) -> LevelFilter {
        match self {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
        }
    }
}

/// Of these only what goes wrong is of interest to who runs a relay.
const LIBRARIES: [&str; 5] = ["rustls", "hyper", "tungstenite", "zbus", "ksni"];
/// As many lines wait for the disk at most; when it hangs, the next ones are dropped: no payment
/// waits for the log.
const WAITING: usize = 8192;
/// The target of what is on standard error already, in other words.
const FILE_ONLY: &str = "caisse_relay_file";

/// Logs to standard error: for people on a terminal, as JSON with `--json`. A relay logs to
/// files beside its journal too, until what is returned is dropped: nobody reads the standard
/// error of a service, or of a program that the session has started. The last lines are kept
/// for a diagnosis.
pub(super) fn begin(command: &Command, common: &Common) -> Option<WorkerGuard> {
    let quiet = !matches!(command, Command::Run(_) | Command::Tray(_) | Command::Simulate(_));
    let service = command.is_service();
    let level =
        common.log.unwrap_or(if quiet && !service { Level::Warn } else { Level::Info }).filter();
    let filter = LIBRARIES.iter().fold(Targets::new().with_default(level), |filter, library| {
        filter.with_target(*library, LevelFilter::WARN)
    });
    let shown =
        fmt::layer().with_writer(stderr).with_target(false).with_ansi(stderr().is_terminal());
    let shown = if common.json { shown.json().flatten_event(true).boxed() } else { shown.boxed() };
    let shown = shown.with_filter(filter_fn(|about| about.target() != FILE_ONLY));
    let kept = fmt::layer().with_writer(|| Keeper).with_target(false).with_ansi(false);
    let (file, guard) = match file(command, common) {
        Some(file) => {
            let appender = NonBlockingBuilder::default().buffered_lines_limit(WAITING).lossy(true);
            let (file, guard) = appender.thread_name("log").finish(file);
            let file = fmt::layer().with_writer(file).with_target(false).with_ansi(false);
            (Some(file), Some(guard))
        }
        None => (None, None),
    };
    tracing_subscriber::registry().with(filter).with(shown).with(kept).with(file).init();
    guard
}

/// The files of a relay. What starts by itself has some even where its configuration cannot be
/// used: nobody would see why it does not start.
fn file(command: &Command, common: &Common) -> Option<LogFile> {
    let config = match (common.configuration(), command) {
        (Ok(config), _) => config,
        (Err(_), Command::Run(_)) => return None,
        (Err(_), _) => common.defaults(),
    };
    let relay = matches!(command, Command::Run(_) | Command::Tray(_)) || command.is_service();
    if !relay || !config.log_files {
        return None;
    }
    let folder = crate::relay::log_folder(&config.data_dir);
    match LogFile::open(&folder) {
        Ok(file) => file,
        Err(error) => {
            let (folder, why) = (folder.display().to_string(), error.to_string());
            let words = Sentence::Program(Program::NoLog { folder, why });
            eprintln!("caisse-relay: {}", config.lang.say(&words));
            None
        }
    }
}

/// Logs what a person was told on standard error already.
pub(super) fn file_only(text: &str) {
    tracing::error!(target: FILE_ONLY, "{text}");
}

/// As many lines are kept.
const KEPT: usize = 500;

static LAST: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The last lines of this process's log.
pub(super) fn last_lines() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).iter().map(String::as_str).collect()
}

struct Keeper;

impl Write for Keeper {
    /// A line comes whole.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= KEPT {
            last.pop_front();
        }
        last.push_back(String::from_utf8_lossy(line).into_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

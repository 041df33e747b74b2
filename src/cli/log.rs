use super::{Command, Common};
use clap::ValueEnum;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// How much is logged.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Level {
    Error,
    Warn,
    Info,
    Debug,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

/// Logs to standard error: for people on a terminal, as JSON with `--json`. The
/// last lines are kept for a diagnosis: nobody reads the standard error of a
/// program that the session has started.
pub(super) fn begin(command: &Command, common: &Common) {
    let quiet = !matches!(command, Command::Run(_) | Command::Tray(_) | Command::Simulate(_));
    let level = common.log.unwrap_or(if quiet { Level::Warn } else { Level::Info }).name();
    let filter = EnvFilter::new(format!(
        "{level},rustls=warn,hyper=warn,tungstenite=warn,zbus=warn,ksni=warn"
    ));
    let shown =
        fmt::layer().with_writer(stderr).with_target(false).with_ansi(stderr().is_terminal());
    let shown = if common.json { shown.json().flatten_event(true).boxed() } else { shown.boxed() };
    let kept = fmt::layer().with_writer(|| Keeper).with_target(false).with_ansi(false);
    tracing_subscriber::registry().with(filter).with(shown).with(kept).init();
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

use super::{Command, Common};
use clap::ValueEnum;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

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

/// Logs to standard error: for people on a terminal, as JSON with `--json`.
pub(super) fn begin(command: &Command, common: &Common) {
    let quiet = !matches!(command, Command::Run(_) | Command::Simulate(_));
    let level = common.log.unwrap_or(if quiet { Level::Warn } else { Level::Info }).name();
    let filter = EnvFilter::new(format!("{level},rustls=warn,hyper=warn,tungstenite=warn"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_target(false)
        .with_ansi(stderr().is_terminal());
    if common.json { log.json().flatten_event(true).init() } else { log.init() }
}

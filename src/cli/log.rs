use super::{Command, Common};
use std::io::{IsTerminal, stderr};
use tracing_subscriber::EnvFilter;

/// Logs to standard error: for people on a terminal, as JSON with `--json`.
pub(super) fn begin(command: &Command, common: &Common) {
    let quiet = !matches!(command, Command::Run(_) | Command::Simulate(_));
    let level = common.log.as_deref().unwrap_or(if quiet { "warn" } else { "info" });
    let filter = EnvFilter::try_new(format!("{level},rustls=warn,hyper=warn,tungstenite=warn"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_target(false)
        .with_ansi(stderr().is_terminal());
    if common.json { log.json().flatten_event(true).init() } else { log.init() }
}

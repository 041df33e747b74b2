use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

/// How a command ended, as the shell sees it and [`exit_codes`](crate::words::exit_codes) says it; 2
/// is a command line that cannot be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; a payment: approved.
    Done = 0,
    /// Something failed.
    Failed = 1,
    /// Declined by the terminal.
    Declined = 3,
    /// Nothing left the relay.
    NotSent = 4,
    /// Nobody knows whether the card was charged.
    Unknown = 5,
    /// Refused by the relay.
    Refused = 6,
}

impl Exit {
    /// The exit of an outcome of the browser protocol.
    pub fn of(outcome: &str) -> Exit {
        match outcome {
            "approved" => Exit::Done,
            "declined" => Exit::Declined,
            "not_sent" => Exit::NotSent,
            // Money first: a word that this program does not know is no success.
            _ => Exit::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// One JSON object on a line of standard output. A reader that went away is no
/// reason to stop a payment.
pub fn print(value: &impl Serialize) {
    let text = serde_json::to_string(value).unwrap_or_default();
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line for people on standard output.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

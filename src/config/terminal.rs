use crate::exchange::{Deadlines, Line};
use crate::hub::Terminal;
use crate::payment::{Profile, Register};
use crate::words::Mistake;
use serde::Deserialize;
use std::time::Duration;

/// A terminal, resolved.
#[derive(Debug, Clone)]
pub struct TerminalConfig {
    /// Its name in the browser protocol.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// How to reach it.
    pub line: Line,
    /// What it wants in every request.
    pub profile: Profile,
    /// How long it is listened to after the answer deadline.
    pub late: Duration,
    /// Ask it for its last transaction after an unknown outcome.
    pub duplicate: bool,
    /// Look for it on the network when it does not answer at its address.
    pub rediscover: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedTerminal {
    pub(super) name: String,
    label: Option<String>,
    pub(super) address: String,
    #[serde(default = "default_port")]
    pub(super) port: u16,
    version: Option<String>,
    identifier: Option<String>,
    register: Option<String>,
    #[serde(default)]
    receipt: bool,
    #[serde(default)]
    partial: bool,
    #[serde(default = "yes")]
    send_reference: bool,
    #[serde(default)]
    crlf: bool,
    connect_ms: Option<u64>,
    answer_s: Option<u64>,
    quiet_ms: Option<u64>,
    receipt_quiet_ms: Option<u64>,
    truncated_ms: Option<u64>,
    late_s: Option<u64>,
    #[serde(default)]
    recovery: TypedRecovery,
    #[serde(default)]
    rediscover: bool,
}

#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum TypedRecovery {
    #[default]
    None,
    Duplicata,
}

fn default_port() -> u16 {
    8888
}

fn yes() -> bool {
    true
}

pub(super) fn terminal(typed: TypedTerminal) -> Result<TerminalConfig, Mistake> {
    let shown = |text: &str| {
        (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if !shown(&typed.name) {
        return Err(Mistake::Characters { least: 1, most: 64 }.of("name"));
    }
    let label = typed.label.unwrap_or_else(|| typed.name.clone());
    if !shown(&label) {
        return Err(Mistake::Characters { least: 1, most: 64 }.of("label"));
    }
    let host = typed.address.trim().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.contains(['/', ' ']) || typed.port == 0 {
        return Err(Mistake::NoHost { text: typed.address }.of("address"));
    }
    let ranged = |key: &str,
                  value: Option<u64>,
                  least: u64,
                  most: u64,
                  default: Duration,
                  unit: u64| match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(Duration::from_millis(value * unit)),
        Some(_) => Err(Mistake::Between { least, most }.of(key)),
    };
    let default = Deadlines::default();
    let deadlines = Deadlines {
        connect: ranged("connect_ms", typed.connect_ms, 100, 60_000, default.connect, 1)?,
        answer: ranged("answer_s", typed.answer_s, 1, 600, default.answer, 1000)?,
        quiet: ranged("quiet_ms", typed.quiet_ms, 50, 10_000, default.quiet, 1)?,
        receipt_quiet: ranged(
            "receipt_quiet_ms",
            typed.receipt_quiet_ms,
            50,
            10_000,
            default.receipt_quiet,
            1,
        )?,
        truncated: ranged("truncated_ms", typed.truncated_ms, 50, 60_000, default.truncated, 1)?,
    };
    let late = ranged("late_s", typed.late_s, 0, 86_400, Duration::from_secs(900), 1000)?;
    let default = Profile::default();
    let version = typed.version.unwrap_or(default.version);
    if version.len() != 4 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Mistake::FourDigits.of("version"));
    }
    let identifier = typed.identifier.unwrap_or(default.identifier);
    if identifier.len() != 12 || !identifier.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Mistake::TwelveCharacters.of("identifier"));
    }
    let register = typed.register.map_or(Some(Register::FIRST), |text| Register::new(&text));
    Ok(TerminalConfig {
        name: typed.name,
        label,
        line: Line { host: host.to_owned(), port: typed.port, crlf: typed.crlf, deadlines },
        profile: Profile {
            version,
            identifier,
            register: register.ok_or_else(|| Mistake::Register.of("register"))?,
            receipt: typed.receipt,
            partial: typed.partial,
            reference: typed.send_reference,
        },
        late,
        duplicate: typed.recovery == TypedRecovery::Duplicata,
        rediscover: typed.rediscover,
    })
}

impl From<TerminalConfig> for Terminal {
    fn from(config: TerminalConfig) -> Terminal {
        Terminal::new(
            config.name,
            config.label,
            config.line,
            config.profile,
            config.late,
            config.duplicate,
        )
        .rediscovered(config.rediscover)
    }
}

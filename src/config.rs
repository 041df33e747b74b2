//! The configuration file as typed, and what each module makes of it.
//!
//! An unknown key is refused with its line and the nearest name: a misspelt
//! `allow_origin` must not silently leave a shop without tills.

mod nearest;
mod network;

use crate::exchange::{Deadlines, Line};
use crate::hub::Terminal;
use crate::mdns::Label;
use crate::payment::{Profile, Register};
use crate::server::Origin;
use crate::words::Lang;
use nearest::with_nearest_name;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the file in the platform's configuration folder.
pub const FILE: &str = "caisse-relay.toml";

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is no configuration.
    #[error("{}, line {line}: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and the nearest name where a key is unknown.
        problem: String,
    },
    /// A value that makes no sense.
    #[error("{}: {problem}", path.display())]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl ConfigError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            ConfigError::Unreadable { .. } => "config_unreadable",
            ConfigError::Invalid { .. } => "config_invalid",
            ConfigError::Nonsense { .. } => "config_nonsense",
        }
    }
}

/// Everything that a relay is told before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where tills connect; loopback.
    pub listen: SocketAddr,
    /// A second port: Firefox delays reconnects to one that failed.
    pub reserve: Option<SocketAddr>,
    /// Where the journal and the certificate are kept.
    pub data_dir: PathBuf,
    /// Pages that may connect, beside the relay's own.
    pub allow_origins: Vec<Origin>,
    /// How long closed payments are kept.
    pub keep: Duration,
    /// The port of the page that gives tablets the certificate, where there is one.
    pub onboarding: Option<u16>,
    /// The name that is announced where `listen` is not loopback, unless it is switched off.
    pub mdns: Option<Label>,
    /// The language of what the relay says by itself.
    pub lang: Lang,
    /// The terminals.
    pub terminals: Vec<TerminalConfig>,
}

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
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default = "default_listen")]
    listen: SocketAddr,
    reserve: Option<SocketAddr>,
    data_dir: Option<PathBuf>,
    #[serde(default)]
    allow_origins: Vec<String>,
    #[serde(default = "default_keep_months")]
    keep_months: u32,
    #[serde(default)]
    onboarding: bool,
    onboarding_port: Option<u16>,
    #[serde(default = "yes")]
    mdns: bool,
    mdns_name: Option<String>,
    #[serde(default)]
    lang: TypedLang,
    #[serde(default)]
    terminals: Vec<TypedTerminal>,
}

#[derive(Debug, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum TypedLang {
    #[default]
    Fr,
    En,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedTerminal {
    name: String,
    label: Option<String>,
    address: String,
    #[serde(default = "default_port")]
    port: u16,
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
}

#[derive(Debug, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum TypedRecovery {
    #[default]
    None,
    Duplicata,
}

fn default_listen() -> SocketAddr {
    ([127, 0, 0, 1], 9443).into()
}

fn default_keep_months() -> u32 {
    18
}

fn default_port() -> u16 {
    8888
}

fn yes() -> bool {
    true
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read or says something that makes no sense.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|cause| ConfigError::Unreadable { path: path.to_owned(), cause })?;
        Config::parse(&text, path)
    }

    /// Listens there instead, with the next port in reserve.
    ///
    /// # Errors
    /// When it is not a loopback address.
    pub fn listen_on(&mut self, address: SocketAddr) -> Result<(), ConfigError> {
        (self.listen, self.reserve) = listening(address, None)
            .map_err(|problem| ConfigError::Nonsense { path: FILE.into(), problem })?;
        Ok(())
    }

    /// What a relay does that is told nothing: no terminal, loopback, the
    /// platform's folders.
    pub fn without_file() -> Config {
        Config::parse("", Path::new(FILE)).expect("every key has a default")
    }

    /// Reads the text of the file at `path`; relative folders are beside it.
    ///
    /// # Errors
    /// When it says something that makes no sense.
    pub fn parse(text: &str, path: &Path) -> Result<Config, ConfigError> {
        let typed: Typed = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            ConfigError::Invalid {
                path: path.to_owned(),
                line: 1 + text.bytes().take(before).filter(|byte| *byte == b'\n').count(),
                problem: with_nearest_name(error.message()),
            }
        })?;
        resolve(typed, path)
            .map_err(|problem| ConfigError::Nonsense { path: path.to_owned(), problem })
    }
}

fn resolve(typed: Typed, path: &Path) -> Result<Config, String> {
    let (listen, reserve) = listening(typed.listen, typed.reserve)?;
    let origins = typed.allow_origins.iter().map(|text| {
        Origin::new(text).ok_or_else(|| {
            format!("allow_origins: `{text}` is no origin; one is written https://shop.example")
        })
    });
    if typed.keep_months == 0 {
        return Err("keep_months: 1 at least; an id that is forgotten could be paid again".into());
    }
    let onboarding = network::onboarding(typed.onboarding, typed.onboarding_port, listen)?;
    let mut names = BTreeSet::new();
    let mut lines = BTreeSet::new();
    let terminals = typed.terminals.into_iter().map(|typed| {
        if !lines.insert((typed.address.to_lowercase(), typed.port)) {
            return Err(format!(
                "terminals: {} port {} is there twice; one terminal carries one payment, so it has one entry",
                typed.address, typed.port
            ));
        }
        if !names.insert(typed.name.clone()) {
            return Err(format!("terminals: the name `{}` is there twice", typed.name));
        }
        let name = typed.name.clone();
        terminal(typed).map_err(|problem| format!("terminal `{name}`: {problem}"))
    });
    let beside = path.parent().unwrap_or(Path::new(""));
    Ok(Config {
        listen,
        reserve,
        data_dir: typed.data_dir.map_or_else(platform_data_dir, |folder| beside.join(folder)),
        allow_origins: origins.collect::<Result<_, _>>()?,
        keep: Duration::from_secs(u64::from(typed.keep_months) * 2_629_746), // a mean month
        onboarding,
        mdns: network::name(typed.mdns_name.as_deref())?.filter(|_| typed.mdns),
        lang: match typed.lang {
            TypedLang::Fr => Lang::Fr,
            TypedLang::En => Lang::En,
        },
        terminals: terminals.collect::<Result<_, _>>()?,
    })
}

fn listening(
    listen: SocketAddr,
    reserve: Option<SocketAddr>,
) -> Result<(SocketAddr, Option<SocketAddr>), String> {
    let reserve = match reserve {
        None if listen.port() != 0 => Some(next_port(listen)),
        reserve => reserve,
    };
    match [Some(listen), reserve].into_iter().flatten().find(|address| !address.ip().is_loopback())
    {
        None => Ok((listen, reserve)),
        Some(address) => Err(format!(
            "listen: {address} is not a loopback address; tills of the network need pairing, \
             which this version does not have"
        )),
    }
}

fn terminal(typed: TypedTerminal) -> Result<TerminalConfig, String> {
    let shown = |text: &str| {
        (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    if !shown(&typed.name) {
        return Err("name: 1 to 64 characters".into());
    }
    let label = typed.label.unwrap_or_else(|| typed.name.clone());
    if !shown(&label) {
        return Err("label: 1 to 64 characters".into());
    }
    let host = typed.address.trim().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.contains(['/', ' ']) || typed.port == 0 {
        return Err(format!("address: `{}` is no host name or IP address", typed.address));
    }
    let ranged = |key: &str,
                  value: Option<u64>,
                  least: u64,
                  most: u64,
                  default: Duration,
                  unit: u64| match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(Duration::from_millis(value * unit)),
        Some(_) => Err(format!("{key}: {least} to {most}")),
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
        return Err("version: four digits, such as 0300".into());
    }
    let identifier = typed.identifier.unwrap_or(default.identifier);
    if identifier.len() != 12 || !identifier.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("identifier: 12 characters".into());
    }
    let register = typed.register.map_or(Some(Register::FIRST), |text| Register::new(&text));
    Ok(TerminalConfig {
        name: typed.name,
        label,
        line: Line { host: host.to_owned(), port: typed.port, crlf: typed.crlf, deadlines },
        profile: Profile {
            version,
            identifier,
            register: register.ok_or("register: 01 to 99")?,
            receipt: typed.receipt,
            partial: typed.partial,
            reference: typed.send_reference,
        },
        late,
        duplicate: typed.recovery == TypedRecovery::Duplicata,
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
    }
}

/// The platform's folder for the journal and the certificate.
pub fn platform_data_dir() -> PathBuf {
    platform_folders()
        .map_or_else(|| "caisse-relay".into(), |dirs| dirs.data_local_dir().to_owned())
}

/// The platform's place for the configuration file.
pub fn platform_file() -> PathBuf {
    platform_folders().map_or_else(|| FILE.into(), |dirs| dirs.config_dir().join(FILE))
}

fn platform_folders() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "caisse-relay")
}

fn next_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(address.port() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Config::parse(text, Path::new("shop.toml")).unwrap_err().to_string()
    }

    #[test]
    fn a_terminal_needs_a_name_and_an_address_and_no_more() {
        let text = "[[terminals]]\nname = \"comptoir\"\naddress = \"192.168.1.50\"\n";
        let config = Config::parse(text, Path::new("shop.toml")).unwrap();
        let terminal = &config.terminals[0];
        assert_eq!((terminal.label.as_str(), terminal.line.port), ("comptoir", 8888));
        assert_eq!(terminal.line.deadlines, Deadlines::default());
        assert_eq!(terminal.profile, Profile::default());
        assert_eq!(config.listen.to_string(), "127.0.0.1:9443");
        assert_eq!(config.reserve.unwrap().to_string(), "127.0.0.1:9444");
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_and_the_nearest_name() {
        assert_eq!(
            problem("lang = \"fr\"\n\nallow_origin = []\n"),
            "shop.toml, line 3: unknown key `allow_origin`; did you mean `allow_origins`?"
        );
        assert_eq!(
            problem("[[terminals]]\nname = \"a\"\nadress = \"b\"\n"),
            "shop.toml, line 3: unknown key `adress`; did you mean `address`?"
        );
        assert_eq!(problem("zzzzzzzzzzzz = 1\n"), "shop.toml, line 1: unknown key `zzzzzzzzzzzz`");
    }

    #[test]
    fn values_that_make_no_sense_are_refused_with_the_key() {
        let terminal =
            |rest: &str| format!("[[terminals]]\nname = \"a\"\naddress = \"b\"\n{rest}\n");
        for (text, wanted) in [
            (terminal("version = \"3\""), "terminal `a`: version: four digits"),
            (terminal("identifier = \"1\""), "terminal `a`: identifier: 12 characters"),
            (terminal("register = \"100\""), "terminal `a`: register: 01 to 99"),
            (terminal("answer_s = 0"), "terminal `a`: answer_s: 1 to 600"),
            (terminal("quiet_ms = 1"), "terminal `a`: quiet_ms: 50 to 10000"),
            (terminal(&terminal("port = 1")), "the name `a` is there twice"),
            (terminal(&terminal("")), "b port 8888 is there twice"),
            (terminal("late_s = 86401"), "terminal `a`: late_s: 0 to 86400"),
            ("keep_months = 0".into(), "keep_months: 1 at least"),
            ("[[terminals]]\nname = \"\"\naddress = \"b\"".into(), "name: 1 to 64"),
            ("[[terminals]]\nname = \"a\"\naddress = \"http://b\"".into(), "is no host name"),
            ("allow_origins = [\"*\"]".into(), "`*` is no origin"),
            ("listen = \"0.0.0.0:9443\"".into(), "not a loopback address"),
            ("onboarding = true".into(), "onboarding: tablets cannot reach 127.0.0.1:9443"),
            ("mdns_name = \"a.b\"".into(), "mdns_name: `a.b` is no name"),
            ("onboarding_port = 9480".into(), "only with `onboarding = true`"),
            ("listen = \"9443\"".into(), "line 1: invalid socket address"),
            ("[[terminals]]\nname = \"a\"".into(), "missing field `address`"),
            ("listen = ".into(), "line 1"),
        ] {
            let problem = problem(&text);
            assert!(problem.contains(wanted), "{text}\n{problem}");
        }
    }

    #[test]
    fn folders_are_beside_the_file() {
        let config = Config::parse("data_dir = \"data\"", Path::new("/etc/shop/x.toml")).unwrap();
        assert_eq!(config.data_dir, Path::new("/etc/shop/data"));
    }
}

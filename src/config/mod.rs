//! The configuration file as typed, and what each module makes of it.
//!
//! An unknown key is refused with its line and the nearest name: a misspelt
//! `allow_origin` must not silently leave a shop without tills.

mod nearest;
mod network;
mod outbox;
mod platform;
mod terminal;

use crate::access::Origin;
use crate::ca::Brought;
use crate::mdns::Label;
use crate::near::is_near;
use crate::outbox::Settings as Outbox;
use crate::update;
use crate::words::{Lang, Mistake};
use nearest::with_nearest_name;
pub use platform::{machine_file, platform_data_dir, platform_downloads, platform_file};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
pub use terminal::TerminalConfig;
use terminal::{TypedTerminal, terminal};

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
    #[error("{}, line {line}: {}", path.display(), Lang::En.say_mistake(problem))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and the nearest name where a key is unknown.
        problem: Mistake,
    },
    /// A value that makes no sense.
    #[error("{}: {}", path.display(), Lang::En.say_mistake(problem))]
    Nonsense {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: Mistake,
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
    /// Where tills connect. On anything but the loopback they have to be paired.
    pub listen: SocketAddr,
    /// A second port: Firefox delays reconnects to one that failed.
    pub reserve: Option<SocketAddr>,
    /// Where the journal and the certificate are kept.
    pub data_dir: PathBuf,
    /// Pages that may connect, beside the relay's own.
    pub allow_origins: Vec<Origin>,
    /// The certificate that someone brought; the relay makes its own without it.
    pub tls: Option<Brought>,
    /// How long closed payments are kept.
    pub keep: Duration,
    /// The port of the page that gives tablets the certificate, where there is one.
    pub onboarding: Option<u16>,
    /// The name that is announced where `listen` is not loopback, unless it is switched off.
    pub mdns: Option<Label>,
    /// Where Prometheus reads the relay's numbers, beside the relay's own port.
    pub metrics: Option<SocketAddr>,
    /// Where to look for newer relays, and whom to believe.
    pub update: Option<update::Source>,
    /// Whether a relay keeps its log in files.
    pub log_files: bool,
    /// The language of what the relay says by itself.
    pub lang: Lang,
    /// The chain's database that is told of every payment, where there is one.
    pub outbox: Option<Outbox>,
    /// The terminals.
    pub terminals: Vec<TerminalConfig>,
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
    tls: Option<TypedTls>,
    #[serde(default = "default_keep_months")]
    keep_months: u32,
    #[serde(default)]
    onboarding: bool,
    onboarding_port: Option<u16>,
    #[serde(default = "network::announced")]
    mdns: bool,
    mdns_name: Option<String>,
    metrics: Option<SocketAddr>,
    update: Option<TypedUpdate>,
    #[serde(default = "default_log_files")]
    log_files: bool,
    #[serde(default)]
    lang: TypedLang,
    outbox: Option<outbox::TypedOutbox>,
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
struct TypedTls {
    cert: PathBuf,
    key: PathBuf,
}

fn default_log_files() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedUpdate {
    manifest: String,
    public_key: String,
    ca: Option<PathBuf>,
}

fn newer(typed: TypedUpdate, beside: &Path) -> Result<update::Source, Mistake> {
    let TypedUpdate { manifest, public_key, ca } = typed;
    let place = update::Place::new(&manifest, beside);
    let manifest = place
        .ok_or_else(|| Mistake::NoManifest { text: manifest.clone() }.of("update.manifest"))?;
    let key = update::Key::new(&public_key)
        .ok_or_else(|| Mistake::NoKey { text: public_key.clone() }.of("update.public_key"))?;
    Ok(update::Source { manifest, key, ca: ca.map(|ca| beside.join(ca)) })
}

fn default_listen() -> SocketAddr {
    ([127, 0, 0, 1], 9443).into()
}

fn default_keep_months() -> u32 {
    18
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

    /// The language of a file, though the rest of it may be of no use.
    pub fn language(path: &Path) -> Lang {
        let text = fs::read_to_string(path).unwrap_or_default();
        let table = text.parse::<toml::Table>().unwrap_or_default();
        match table.get("lang").and_then(toml::Value::as_str) {
            Some("en") => Lang::En,
            _ => Lang::Fr,
        }
    }

    /// Listens there instead, with the next port in reserve.
    ///
    /// # Errors
    /// When it is an address of the Internet.
    pub fn listen_on(&mut self, address: SocketAddr) -> Result<(), ConfigError> {
        (self.listen, self.reserve) = listening(address, None)
            .map_err(|problem| ConfigError::Nonsense { path: FILE.into(), problem })?;
        Ok(())
    }

    /// Every address to listen on: this computer's programs and its person reach
    /// the relay by the loopback, wherever else it listens.
    pub fn listeners(&self) -> Vec<SocketAddr> {
        let beside = |address: SocketAddr| {
            let ip = address.ip();
            let beside = !ip.is_loopback() && !ip.is_unspecified();
            beside.then(|| SocketAddr::from(([127, 0, 0, 1], address.port())))
        };
        let asked = [Some(self.listen), self.reserve].into_iter().flatten();
        asked.flat_map(|address| [beside(address), Some(address)]).flatten().collect()
    }

    /// Where programs of this computer reach the relay.
    pub fn local(&self) -> SocketAddr {
        let ip = self.listen.ip();
        let local = if ip.is_loopback() { ip } else { [127, 0, 0, 1].into() };
        SocketAddr::new(local, self.listen.port())
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

fn resolve(typed: Typed, path: &Path) -> Result<Config, Mistake> {
    let (listen, reserve) = listening(typed.listen, typed.reserve)?;
    let origins = typed.allow_origins.iter().map(|text| {
        Origin::new(text)
            .ok_or_else(|| Mistake::NotAnOrigin { text: text.clone() }.of("allow_origins"))
    });
    if typed.keep_months == 0 {
        return Err(Mistake::NoMonths.of("keep_months"));
    }
    let onboarding = network::onboarding(typed.onboarding, typed.onboarding_port, listen)?;
    if onboarding.is_some() && typed.tls.is_some() {
        return Err(Mistake::NothingToGive.of("onboarding"));
    }
    let mut names = BTreeSet::new();
    let mut lines = BTreeSet::new();
    let terminals = typed.terminals.into_iter().map(|typed| {
        if !lines.insert((typed.address.to_lowercase(), typed.port)) {
            let (address, port) = (typed.address, typed.port);
            return Err(Mistake::TwiceAddress { address, port }.of("terminals"));
        }
        if !names.insert(typed.name.clone()) {
            return Err(Mistake::TwiceName { name: typed.name }.of("terminals"));
        }
        let name = typed.name.clone();
        terminal(typed).map_err(|mistake| mistake.of(&format!("terminal `{name}`")))
    });
    let beside = path.parent().unwrap_or(Path::new(""));
    let outbox = typed.outbox.map(|typed| outbox::outbox(typed, beside)).transpose();
    Ok(Config {
        listen,
        reserve,
        data_dir: typed.data_dir.map_or_else(platform_data_dir, |folder| beside.join(folder)),
        allow_origins: origins.collect::<Result<_, _>>()?,
        tls: typed
            .tls
            .map(|files| Brought { cert: beside.join(files.cert), key: beside.join(files.key) }),
        keep: Duration::from_secs(u64::from(typed.keep_months) * 2_629_746), // a mean month
        onboarding,
        mdns: network::name(typed.mdns_name.as_deref())?.filter(|_| typed.mdns),
        metrics: network::metrics(typed.metrics, listen)?,
        update: typed.update.map(|typed| newer(typed, beside)).transpose()?,
        log_files: typed.log_files,
        lang: match typed.lang {
            TypedLang::Fr => Lang::Fr,
            TypedLang::En => Lang::En,
        },
        outbox: outbox.map_err(|mistake| mistake.of("outbox"))?,
        terminals: terminals.collect::<Result<_, _>>()?,
    })
}

fn listening(
    listen: SocketAddr,
    reserve: Option<SocketAddr>,
) -> Result<(SocketAddr, Option<SocketAddr>), Mistake> {
    let reserve = match reserve {
        None if listen.port() != 0 => Some(next_port(listen)),
        reserve => reserve,
    };
    let near = |address: &SocketAddr| is_near(address.ip()) || address.ip().is_unspecified();
    match [Some(listen), reserve].into_iter().flatten().find(|address| !near(address)) {
        None => Ok((listen, reserve)),
        Some(address) => Err(Mistake::PublicAddress { address: address.to_string() }.of("listen")),
    }
}

fn next_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(address.port() - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Deadlines;
    use crate::payment::Profile;

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
            ("listen = \"203.0.113.1:9443\"".into(), "an address of the Internet"),
            ("onboarding = true".into(), "onboarding: tablets cannot reach 127.0.0.1:9443"),
            ("metrics = \"203.0.113.1:9482\"".into(), "metrics: 203.0.113.1:9482 is an address of"),
            ("metrics = \"127.0.0.1:9443\"".into(), "metrics: another port"),
            (
                "[update]\nmanifest = \"http://a\"\npublic_key = \"a\"".into(),
                "update.manifest: `http://a`",
            ),
            ("[update]\nmanifest = \"a\"\npublic_key = \"a\"".into(), "update.public_key: `a`"),
            ("mdns_name = \"a.b\"".into(), "mdns_name: `a.b` is no name"),
            ("onboarding_port = 9480".into(), "only with `onboarding = true`"),
            (
                "listen = \"0.0.0.0:9443\"\nonboarding = true\n[tls]\ncert = \"a\"\nkey = \"b\""
                    .into(),
                "onboarding: with `tls`",
            ),
            (
                "[outbox]\nshop = \"lyon\"\npostgres = \"host=db.example\"".into(),
                "outbox: ca: over a",
            ),
            ("listen = \"9443\"".into(), "line 1: invalid socket address"),
            ("[[terminals]]\nname = \"a\"".into(), "missing field `address`"),
            ("listen = ".into(), "line 1"),
        ] {
            let problem = problem(&text);
            assert!(problem.contains(wanted), "{text}\n{problem}");
        }
    }

    #[test]
    fn the_relay_is_always_reached_by_the_loopback_too() {
        let of = |listen: &str| {
            let text = format!("listen = \"{listen}\"");
            let config = Config::parse(&text, Path::new("shop.toml")).unwrap();
            let all: Vec<_> = config.listeners().iter().map(ToString::to_string).collect();
            (config.local().to_string(), all.join(" "))
        };
        let same = |local: &str, all: &str| (local.to_owned(), all.to_owned());
        assert_eq!(of("127.0.0.1:9443"), same("127.0.0.1:9443", "127.0.0.1:9443 127.0.0.1:9444"));
        assert_eq!(of("0.0.0.0:9443"), same("127.0.0.1:9443", "0.0.0.0:9443 0.0.0.0:9444"));
        assert_eq!(
            of("192.168.1.10:9443"),
            same(
                "127.0.0.1:9443",
                "127.0.0.1:9443 192.168.1.10:9443 127.0.0.1:9444 192.168.1.10:9444"
            )
        );
    }

    #[test]
    fn folders_are_beside_the_file() {
        let config = Config::parse("data_dir = \"data\"", Path::new("/etc/shop/x.toml")).unwrap();
        assert_eq!(config.data_dir, Path::new("/etc/shop/data"));
    }
}

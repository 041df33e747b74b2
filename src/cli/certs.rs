use super::Common;
use super::exit::{Exit, print, say};
use super::places::{Subject, System, Work};
use crate::ca::{self, Anchor, Authority, Brought, Due, Kin, Leaf, Names};
use crate::config::Config;
use crate::place::Verb;
use crate::relay;
use crate::trust;
use crate::words::{self, Lang, Notice};
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{BufRead, Write};
use std::rc::Rc;
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;

/// The relay's certificate authority.
#[derive(Debug, Subcommand)]
pub(super) enum Certs {
    /// Make the browsers of this machine trust the relay
    Install(Stores),
    /// Show what each certificate store believes
    Status(Stores),
    /// Take the relay's authority out of every store again
    Uninstall(Stores),
    /// Show the certificate that browsers have to trust, and the relay's own
    Show,
    /// Make a new certificate for the relay, signed by the same authority
    Renew {
        /// With a new authority, which every browser then has to be told to trust
        #[arg(long)]
        new_authority: bool,
    },
    /// Destroy the authority's key: nobody can sign in its name any more, the relay included
    ForgetKey {
        /// Without a question
        #[arg(long)]
        yes: bool,
    },
}

/// Which stores.
#[derive(Debug, Args)]
pub(super) struct Stores {
    /// Only this one; may be repeated. `certs status` lists them
    #[arg(long = "store", value_name = "NAME")]
    stores: Vec<String>,
    #[command(flatten)]
    system: System,
}

/// A command for the relay's own authority, where someone brought a certificate.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Inapplicable(String);

impl Certs {
    pub(super) fn obey(self, common: &Common) -> Result<Exit> {
        let config = common.configuration()?;
        let brought = config.tls.as_ref();
        match self {
            Certs::Show if brought.is_some() => {}
            // What an earlier authority left behind can still be seen and removed.
            Certs::Status(_) | Certs::Uninstall(_) => {}
            _ => not_if_brought(&config)?,
        }
        match self {
            Certs::Install(stores) => stores.tell(Verb::Install, &config, common),
            Certs::Status(stores) => stores.tell(Verb::Status, &config, common),
            Certs::Uninstall(stores) => stores.tell(Verb::Uninstall, &config, common),
            Certs::Show => match brought {
                Some(files) => show_brought(files, config.lang, common.json),
                None => {
                    let authority = open(&config)?;
                    let leaf = authority.leaf(&Names::of_this_machine(), SystemTime::now())?;
                    show(&authority, &leaf, config.lang, common.json);
                    Ok(Exit::Done)
                }
            },
            Certs::Renew { new_authority } => renew(&config, new_authority, common.json),
            Certs::ForgetKey { yes } => forget_key(&config, yes, common.json),
        }
    }
}

impl Stores {
    fn tell(self, verb: Verb, config: &Config, common: &Common) -> Result<Exit> {
        let anchor = match Anchor::read(&relay::ca_folder(&config.data_dir))? {
            None if verb == Verb::Install => Some(first_authority(config)?),
            anchor => anchor.filter(|_| config.tls.is_none()),
        };
        let fingerprint = anchor.as_ref().map(Anchor::fingerprint);
        if let (Some(anchor), Some(fingerprint), false) = (&anchor, &fingerprint, common.json) {
            say(&format!("{:<16} {}", anchor.name(), anchor.file().display()));
            say(&format!("{:<16} {fingerprint}", "SHA-256"));
        }
        let kin = Rc::new(Kin::new(anchor, &ca::host_name()));
        let work = Work {
            subject: Subject::Stores,
            verb,
            named: &self.stores,
            lang: config.lang,
            common,
            data_dir: &config.data_dir,
            fingerprint,
        };
        work.carry_out(&trust::stores(&kin, &self.system.root()))
    }
}

fn open(config: &Config) -> Result<Authority> {
    let folder = relay::ca_folder(&config.data_dir);
    Ok(Authority::open(&folder, &ca::host_name(), SystemTime::now())?)
}

/// Made by who runs the relay, and not by root on the way to a store: the relay could not read it.
fn first_authority(config: &Config) -> Result<Anchor> {
    let folder = relay::ca_folder(&config.data_dir);
    let none =
        || anyhow!(config.lang.tell(&Notice::NoAuthority { folder: folder.display().to_string() }));
    if std::env::var_os("SUDO_USER").is_some_and(|user| !user.is_empty()) {
        return Err(none());
    }
    open(config)?;
    Anchor::read(&folder)?.ok_or_else(none)
}

fn not_if_brought(config: &Config) -> Result<()> {
    let Some(files) = &config.tls else { return Ok(()) };
    let cert = files.cert.display().to_string();
    Err(Inapplicable(config.lang.tell(&Notice::BroughtInUse { cert })).into())
}

fn renew(config: &Config, new_authority: bool, json: bool) -> Result<Exit> {
    let (names, now) = (Names::of_this_machine(), SystemTime::now());
    let folder = relay::ca_folder(&config.data_dir);
    let authority = match new_authority {
        true => Authority::replace(&folder, &ca::host_name(), now)?,
        false => open(config)?,
    };
    let leaf = authority.renew(&names, now)?;
    show(&authority, &leaf, config.lang, json);
    if !json {
        say(&config.lang.tell(&Notice::TakenWithinAMinute));
        if new_authority {
            say(&config.lang.tell(&Notice::NewAuthority));
        }
    }
    Ok(Exit::Done)
}

fn forget_key(config: &Config, yes: bool, json: bool) -> Result<Exit> {
    let lang = config.lang;
    let mut authority = open(config)?;
    // There has to be a certificate to go on with.
    let leaf = authority.leaf(&Names::of_this_machine(), SystemTime::now())?;
    let until = day(leaf.not_after);
    if !authority.key_is_forgotten() {
        if !yes && !confirmed(lang, &until)? {
            say(&lang.tell(&Notice::NothingForgotten));
            return Ok(Exit::Failed);
        }
        authority.forget_key()?;
    }
    if json {
        show(&authority, &leaf, lang, json);
    } else {
        say(&lang.tell(&Notice::KeyForgotten { until }));
    }
    Ok(Exit::Done)
}

fn confirmed(lang: Lang, until: &str) -> Result<bool> {
    let mut out = std::io::stderr().lock();
    writeln!(out, "{}", lang.tell(&Notice::ForgetKeyMeans { until: until.to_owned() }))?;
    write!(out, "{}", lang.tell(&Notice::ForgetKeyAsk))?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(["oui", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn day(at: SystemTime) -> String {
    OffsetDateTime::from(at).date().to_string()
}

fn names_of(leaf: &Leaf) -> Vec<String> {
    let addresses = leaf.names.addresses.iter().map(ToString::to_string);
    leaf.names.dns.iter().cloned().chain(addresses).collect()
}

fn show(authority: &Authority, leaf: &Leaf, lang: Lang, json: bool) {
    let (names, forgotten) = (names_of(leaf), authority.key_is_forgotten());
    let (ca, until) = (day(authority.not_after()), day(leaf.not_after));
    if json {
        return print(&json!({
            "type": "certificate",
            "ca": authority.certificate_file(),
            "name": authority.name(),
            "fingerprint": authority.fingerprint(),
            "ca_not_after": ca,
            "key": if forgotten { "forgotten" } else { "kept" },
            "names": names,
            "not_after": until,
            "due": leaf.due.map(Due::code),
        }));
    }
    say(&format!("authority    {} (until {ca})", authority.name()));
    say(&format!("  file       {}", authority.certificate_file().display()));
    say(&format!("  SHA-256    {}", authority.fingerprint()));
    if forgotten {
        say(&format!("  key        {}", lang.tell(&Notice::KeyIsForgotten)));
    }
    say(&format!("certificate  until {until}"));
    say(&format!("  for        {}", names.join(", ")));
    if let Some(due) = leaf.due {
        let why = match due {
            Due::NotYetValid => words::Due::NotYetValid,
            Due::Ended => words::Due::Ended,
            Due::EndsSoon => words::Due::EndsSoon,
            Due::NewName => words::Due::NewName,
        };
        say(&lang.tell(&Notice::RenewalDue { why, until }));
    }
}

/// When a certificate that nobody here can renew is worth a word.
const SOON: Duration = Duration::from_secs(30 * 24 * 3600);

fn show_brought(files: &Brought, lang: Lang, json: bool) -> Result<Exit> {
    let leaf = files.read()?;
    let (names, until) = (names_of(&leaf), day(leaf.not_after));
    let fingerprint = ca::fingerprint(&leaf.chain[0]);
    let soon = leaf.not_after < SystemTime::now() + SOON;
    if json {
        print(&json!({
            "type": "certificate",
            "cert": files.cert,
            "fingerprint": fingerprint,
            "names": names,
            "not_after": until,
            "due": soon.then_some("ends_soon"),
        }));
        return Ok(Exit::Done);
    }
    say(&lang.tell(&Notice::BroughtInUse { cert: files.cert.display().to_string() }));
    say(&format!("  SHA-256    {fingerprint}"));
    say(&format!("certificate  until {until}"));
    say(&format!("  for        {}", names.join(", ")));
    if soon {
        say(&lang.tell(&Notice::BroughtEndsSoon { until }));
    }
    Ok(Exit::Done)
}

use super::Common;
use super::exit::{Exit, print, say};
use super::failed;
use super::places::System;
use super::till::{Connection, Till};
use crate::config::Config;
use crate::doctor::{self, Port, Site};
use crate::hub::Terminal;
use crate::journal;
use crate::relay;
use crate::till::{CheckView, TillToRelay, Wellness, check_view};
use crate::words::{self, Finding, House, Lang};
use anyhow::Result;
use clap::Args;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long the port may take to say whether anybody is there.
const KNOCK: Duration = Duration::from_secs(2);

/// Looks at everything that a relay needs, and says what to do.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    system: System,
    #[command(flatten)]
    connection: Connection,
}

/// Who is on the relay's port.
enum Reached {
    /// This relay, and we hold its key.
    Relay(Box<Till>),
    /// This relay, and why it cannot be asked.
    Closed(String),
    /// Another program.
    Other,
    Nobody,
}

impl Doctor {
    pub(super) async fn examine(self, common: &Common) -> Result<Exit> {
        let (checks, lang) = self.checks(common).await?;
        checks.iter().for_each(|check| match common.json {
            true => print(&in_json(check)),
            false => say(&in_words(check, lang)),
        });
        let failed = checks.iter().any(|check| check.state == Wellness::Failure);
        Ok(if failed { Exit::Failed } else { Exit::Done })
    }

    /// A doctor for a diagnosis, who asks the relay of the configuration, or the one at this
    /// address.
    pub(super) fn of(relay: Option<SocketAddr>, lang: Option<Lang>) -> Doctor {
        let connection = Connection { relay, ca: None, lang };
        Doctor { system: System::of_this_machine(), connection }
    }

    /// What there is to say, and in which language.
    pub(super) async fn checks(self, common: &Common) -> Result<(Vec<CheckView>, Lang)> {
        let file = common.file();
        let config = common.configuration().map_err(|error| failed::sentence(&error, common));
        let usable = config.clone().unwrap_or_else(|_| common.defaults());
        let lang = self.connection.lang.unwrap_or_else(|| match (&config, &file) {
            (Err(_), Some(file)) => Config::language(file),
            _ => usable.lang,
        });
        let address = self.connection.relay.unwrap_or(usable.local());
        let reached = reach(&self.connection, common, address).await;
        let port = match &reached {
            Reached::Relay(_) | Reached::Closed(_) => Port::Ours,
            Reached::Other => Port::Taken(doctor::owner(address.port())),
            Reached::Nobody => Port::Free,
        };
        let site = Site {
            file,
            program: Some(common.program()?),
            config,
            journal: relay::journal_folder(&usable.data_dir),
            authority: relay::ca_folder(&usable.data_dir),
            root: self.system.root(),
            port: (address.to_string(), port),
            now: relay::now(),
        };
        let journal = site.journal.clone();
        let found = tokio::task::spawn_blocking(move || doctor::computer(&site)).await?;
        let mut checks = told(&found, lang);
        checks.extend(match reached {
            Reached::Relay(till) => asked(*till).await?,
            Reached::Closed(why) => vec![not_asked(why, lang)],
            Reached::Other | Reached::Nobody => match journal::holder(&journal) {
                // It may be paying: no terminal is to be disturbed.
                Some(process) => vec![not_asked(format!("{process}, {address}"), lang)],
                None => directly(&usable, lang).await,
            },
        });
        Ok((checks, lang))
    }
}

async fn reach(connection: &Connection, common: &Common, address: SocketAddr) -> Reached {
    if !matches!(timeout(KNOCK, TcpStream::connect(address)).await, Ok(Ok(_))) {
        return Reached::Nobody;
    }
    match connection.open_with_key(common).await {
        Ok(till) => Reached::Relay(Box::new(till)),
        Err(error) => match connection.open(common).await {
            Ok(till) => {
                till.close().await;
                Reached::Closed(format!("{error:#}"))
            }
            Err(_) => Reached::Other,
        },
    }
}

/// What the relay itself knows best. It asks the terminals that are free.
async fn asked(mut till: Till) -> Result<Vec<CheckView>> {
    till.say(&TillToRelay::Doctor { n: None }).await?;
    let mut answer = till.hear("doctor").await?;
    till.close().await;
    let checks: Vec<CheckView> = serde_json::from_value(answer["checks"].take())?;
    Ok(checks.into_iter().filter(|check| doctor::is_of_the_shop(&check.code)).collect())
}

fn told(found: &[Finding], lang: Lang) -> Vec<CheckView> {
    found.iter().map(|found| check_view(lang.diagnose(found))).collect()
}

fn not_asked(why: String, lang: Lang) -> CheckView {
    check_view(lang.diagnose(&Finding::from(House::RelayNotAsked { why })))
}

async fn directly(config: &Config, lang: Lang) -> Vec<CheckView> {
    let terminals = config.terminals.iter().cloned().map(Terminal::from).collect();
    told(&doctor::directly(terminals).await, lang)
}

/// A check as one object.
pub(super) fn in_json(check: &CheckView) -> serde_json::Value {
    let mut line = serde_json::json!(check);
    line["type"] = "check".into();
    line
}

/// A check for people: what is so, and below it what to do.
pub(super) fn in_words(check: &CheckView, lang: Lang) -> String {
    let state = match check.state {
        Wellness::Ok => words::Wellness::Ok,
        Wellness::Warning => words::Wellness::Warning,
        Wellness::Failure => words::Wellness::Failure,
    };
    let told = format!("{:<10} {}", lang.wellness(state), check.message);
    match &check.remedy {
        Some(remedy) => format!("{told}\n{:<10} → {remedy}", ""),
        None => told,
    }
}

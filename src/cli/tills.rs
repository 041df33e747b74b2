use super::Common;
use super::exit::{Exit, print, say};
use super::misuse::one_of;
use super::run::until_told_to_stop;
use super::till::{Connection, Refused, Till};
use crate::onboarding::qr;
use crate::till::{Permitted, TillToRelay};
use crate::words::{Console, Sentence};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long the relay keeps a code open.
const GOOD_FOR: Duration = Duration::from_secs(300);

/// The tills of the network that are paired.
#[derive(Debug, Args)]
pub(super) struct Tills {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the tills of the network, and what each may do
    List,
    /// Take back the access of a till
    Revoke { till: String },
}

impl Tills {
    pub(super) async fn obey(self, common: &Common) -> Result<Exit> {
        let mut till = self.connection.open_with_key(common).await?;
        let (message, revoked) = match self.verb {
            Verb::List => (TillToRelay::Overview { n: None }, None),
            Verb::Revoke { till } => {
                (TillToRelay::Revoke { till: till.clone(), n: None }, Some(till))
            }
        };
        till.say(&message).await?;
        let exit = match till.hear("overview").await {
            Ok(overview) => {
                match (revoked, common.json) {
                    (Some(name), false) => {
                        say(&till.lang.say(&Sentence::Console(Console::Revoked { till: name })));
                    }
                    _ => list(&overview["tills"], &till, common.json),
                }
                Exit::Done
            }
            Err(error) => error.downcast::<Refused>()?.show(common.json),
        };
        till.close().await;
        Ok(exit)
    }
}

fn list(tills: &Value, till: &Till, json: bool) {
    let tills = tills.as_array().cloned().unwrap_or_default();
    if tills.is_empty() && !json {
        return say(&till.lang.say(&Sentence::Console(Console::NoTills)));
    }
    let everything = till.lang.say(&Sentence::Console(Console::Everything));
    for entry in tills {
        if json {
            print(&entry);
            continue;
        }
        let words = |key: &str| match entry[key].as_array() {
            Some(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            None => everything.clone(),
        };
        let connected = if entry["connected"] == true { '*' } else { ' ' };
        let name = entry["till"].as_str().unwrap_or_default();
        say(&format!("{connected} {name:<24} {:<16} {}", words("terminals"), words("operations")));
    }
}

/// Opens a code for one till of the network.
#[derive(Debug, Args)]
pub(super) struct Pair {
    /// The name that the till will have; without one, the till says it
    #[arg(long)]
    till: Option<String>,
    /// The terminals that it may use; without a list, all
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    terminals: Option<Vec<String>>,
    /// What it may do: debit, refund, cancellation, settle, exchange; without a list, everything
    #[arg(long, value_name = "WORD,…", value_delimiter = ',', hide_possible_values = true,
        value_parser = one_of::<Permitted>(&["debit", "refund", "cancellation", "settle", "exchange"]))]
    operations: Option<Vec<Permitted>>,
    /// Show the code and leave, instead of waiting for the till
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Pair {
    pub(super) async fn open(self, common: &Common) -> Result<Exit> {
        let Pair { till: name, terminals, operations, no_wait, connection } = self;
        let mut till = connection.open_with_key(common).await?;
        till.say(&TillToRelay::OpenPairing { till: name, terminals, operations, n: None }).await?;
        let exit = match till.hear("pairing").await {
            Ok(pairing) => {
                till.say(&TillToRelay::Overview { n: None }).await?;
                let overview = till.hear("overview").await?;
                show(&pairing, &overview, &till, common.json);
                if no_wait { Exit::Done } else { wait(&mut till, overview, common.json).await? }
            }
            Err(error) => error.downcast::<Refused>()?.show(common.json),
        };
        till.close().await;
        Ok(exit)
    }
}

fn show(pairing: &Value, overview: &Value, till: &Till, json: bool) {
    if json {
        return print(pairing);
    }
    let tell = |console| say(&till.lang.say(&Sentence::Console(console)));
    let code = pairing["code"].as_str().unwrap_or_default().to_owned();
    tell(Console::Code { code, minutes: GOOD_FOR.as_secs() / 60 });
    // The first address is this computer's own.
    let urls = overview["urls"].as_array().into_iter().flatten().skip(1);
    let urls: Vec<_> = urls.filter_map(Value::as_str).collect();
    match urls.is_empty() {
        true => tell(Console::OnlyThisComputer),
        false => tell(Console::WhereToType { urls: urls.join(", ") }),
    }
    if let Some(url) = pairing["tablet"]["url"].as_str() {
        tell(Console::TabletFirst { url: url.to_owned() });
        say(&qr::terminal(url));
    }
}

/// Until a till has used the code, the code is no longer good, or Ctrl-C.
async fn wait(till: &mut Till, before: Value, json: bool) -> Result<Exit> {
    let name_and_time = |overview: &Value| -> Vec<(String, String)> {
        let tills = overview["tills"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        tills.map(|till| (text(&till["till"]), text(&till["paired_at"]))).collect()
    };
    let known = name_and_time(&before);
    let ends = Instant::now() + GOOD_FOR;
    loop {
        let overview = tokio::select! {
            overview = till.hear("overview") => Some(overview?),
            () = sleep_until(ends) => None,
            () = until_told_to_stop() => {
                till.say(&TillToRelay::ClosePairing { n: None }).await?;
                None
            }
        };
        let paired = overview.as_ref().and_then(|overview| {
            name_and_time(overview).into_iter().find(|till| !known.contains(till))
        });
        let closed = overview.is_none_or(|overview| overview["pairing"].is_null());
        let sentence = match paired {
            Some((name, _)) => Console::Paired { till: name },
            None if closed => Console::CodeEnded,
            None => continue,
        };
        let exit = match &sentence {
            Console::Paired { .. } => Exit::Done,
            _ => Exit::Failed,
        };
        match (json, &sentence) {
            (true, Console::Paired { till }) => {
                print(&serde_json::json!({ "type": "paired", "till": till }));
            }
            (true, _) => print(&serde_json::json!({ "type": "pairing_closed" })),
            (false, _) => say(&till.lang.say(&Sentence::Console(sentence))),
        }
        return Ok(exit);
    }
}

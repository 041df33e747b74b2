use super::Common;
use super::exit::{Exit, print, say};
use super::till::{Connection, Till};
use crate::config::Config;
use crate::discover::{Heard, Identity, LARGEST, Network, own_networks, sweep};
use crate::journal::{self, Reader, TerminalRecord};
use crate::payment::Profile;
use crate::relay;
use crate::till::TillToRelay;
use crate::words::{Console, Lang, Sentence};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::IpAddr;
use tokio::net::lookup_host;

/// Where terminals listen that nobody has configured otherwise.
const PORT: u16 = 8888;

/// Looks for terminals on the network; no money moves.
#[derive(Debug, Args)]
pub(super) struct Discover {
    /// This network instead of this computer's own, 1024 addresses at most
    #[arg(long, value_name = "192.168.1.0/24")]
    network: Option<Network>,
    #[command(flatten)]
    connection: Connection,
}

impl Discover {
    pub(super) async fn search(self, common: &Common) -> Result<Exit> {
        let config = common.configuration()?;
        let lang = self.connection.lang.unwrap_or(config.lang);
        let (own_networks, own) = own_networks();
        let networks = self.network.map_or(own_networks, |network| vec![network]);
        if networks.is_empty() {
            bail!(lang.say(&Sentence::Console(Console::NoNetwork)));
        }
        let tell = |console| {
            if !common.json {
                say(&lang.say(&Sentence::Console(console)));
            }
        };
        let relay = self.connection.open(common).await.ok();
        let mut left_alone = own.into_iter().collect::<BTreeSet<_>>();
        // A relay that runs may be paying with any of its terminals: it asks them itself.
        let runs = relay.is_some();
        if runs || journal::holder(&relay::journal_folder(&config.data_dir)).is_some() {
            left_alone.extend(addresses_of(&config, relay.as_ref()).await);
        }
        if let Some(till) = relay {
            ask_relay(till, common.json).await?;
        } else if left_alone.len() > 1 && !config.terminals.is_empty() {
            let terminals: Vec<_> = config.terminals.iter().map(|t| t.label.as_str()).collect();
            tell(Console::LeftAlone { terminals: terminals.join(", ") });
        }
        let names: Vec<_> = networks.iter().map(ToString::to_string).collect();
        tell(Console::Searching { networks: names.join(", ") });

        let mut addresses = Vec::new();
        for address in networks.iter().flat_map(Network::hosts) {
            if left_alone.insert(address) {
                addresses.push(address);
            }
        }
        addresses.truncate(LARGEST);
        let ports: BTreeSet<u16> =
            config.terminals.iter().map(|terminal| terminal.line.port).chain([PORT]).collect();
        let ports: Vec<u16> = ports.into_iter().collect();
        let heard = sweep(addresses, &ports, &Profile::default()).await;
        let known = Reader::open(&relay::journal_folder(&config.data_dir))
            .and_then(|reader| reader.terminals())
            .unwrap_or_default();
        let terminals = heard.iter().filter(|heard| speaks(&heard.identity));
        let count = terminals.clone().count();
        for (number, heard) in (1..).zip(terminals) {
            show(heard, number, &known, lang, common.json);
        }
        if count == 0 {
            tell(Console::NothingFound);
        }
        Ok(Exit::Done)
    }
}

/// An open port alone is no terminal.
fn speaks(identity: &Identity) -> bool {
    matches!(identity, Identity::Ready { .. } | Identity::ConcertV2)
}

/// Where the terminals of the relay are: in the configuration, and where it found them again.
async fn addresses_of(config: &Config, relay: Option<&Till>) -> Vec<IpAddr> {
    let mut addresses = Vec::new();
    for terminal in &config.terminals {
        let line = &terminal.line;
        if let Ok(found) = lookup_host((line.host.as_str(), line.port)).await {
            addresses.extend(found.map(|address| address.ip().to_canonical()));
        }
    }
    let welcome = relay.map_or(&Value::Null, |till| &till.welcome);
    let terminals = welcome["terminals"].as_array().into_iter().flatten();
    let moved =
        terminals.filter_map(|terminal| terminal["moved_to"].as_str()?.parse::<IpAddr>().ok());
    addresses.extend(moved);
    addresses
}

/// The terminals of the relay, by the relay: it refuses those that are busy.
async fn ask_relay(mut till: Till, json: bool) -> Result<()> {
    let terminals = till.welcome["terminals"].as_array().cloned().unwrap_or_default();
    for terminal in terminals {
        let name = terminal["name"].as_str().map(str::to_owned);
        till.say(&TillToRelay::Identify { terminal: name.clone(), n: None }).await?;
        let answer = loop {
            let message = till.next().await?;
            if let Some("terminal" | "refused") = message["type"].as_str() {
                break message;
            }
        };
        if json {
            print(&answer);
        } else {
            let text = |key: &str| answer[key].as_str().unwrap_or_default();
            say(&format!("{:<16} {}", name.unwrap_or_default(), text("message")));
        }
    }
    till.close().await;
    Ok(())
}

fn show(heard: &Heard, number: usize, known: &[TerminalRecord], lang: Lang, as_json: bool) {
    let (version, identifier) = match &heard.identity {
        Identity::Ready { version, identifier } => (version.clone(), identifier.clone()),
        _ => (None, None),
    };
    // By its network card: a `CJ` may be one of a whole series.
    let same = known.iter().find(|known| known.mac.is_some() && known.mac == heard.mac);
    let known_as = same.map(|known| known.name.clone());
    let name = known_as.clone().unwrap_or_else(|| format!("terminal-{number}"));
    let (ip, port) = (heard.address.ip(), heard.address.port());
    let mut toml = format!("[[terminals]]\nname = \"{name}\"\naddress = \"{ip}\"\n");
    if port != PORT {
        toml.push_str(&format!("port = {port}\n"));
    }
    let v2 = heard.identity == Identity::ConcertV2;
    if as_json {
        return print(&json!({
            "type": "found",
            "address": ip.to_string(),
            "port": port,
            "state": if v2 { "concert_v2" } else { "ready" },
            "version": version,
            "terminal_id": identifier,
            "mac": heard.mac,
            "known_as": known_as,
            "toml": toml,
        }));
    }
    let facts = [version.map(|v| format!("CZ {v}")), identifier.map(|id| format!("CJ {id}"))];
    let facts = facts.into_iter().flatten().chain(heard.mac.clone());
    say(&format!("\n{}  {}", heard.address, facts.collect::<Vec<_>>().join("  ")));
    let tell = |console| say(&lang.say(&Sentence::Console(console)));
    if v2 {
        tell(Console::SpeaksConcertV2);
    }
    match same {
        Some(known) => {
            tell(Console::KnownAs { terminal: name, before: known.address.clone() });
        }
        None => tell(Console::PasteThis),
    }
    say(toml.trim_end());
}

//! Terminals, pages and tills.

use super::minute;
use crate::access::{OriginState, Overview};
use crate::discover::{Examined, Identity};
use crate::exchange::{Line, NotSent};
use crate::health::Facts;
use crate::hub::{Holder, Hub, Refusal, Terminal};
use crate::words::{Finding, Shop};
use std::net::SocketAddr;
use std::sync::Arc;

/// Who asks the terminals, as tills see it.
const ASKING: &str = "doctor";

/// The terminals of a relay that runs. One that is busy is left alone.
pub(super) async fn through(hub: &Arc<Hub>) -> Vec<Finding> {
    let mut found = Vec::new();
    for terminal in hub.terminals() {
        let shop = match hub.examine(&terminal.name, ASKING).await {
            Ok(examined) => of(terminal, &examined),
            Err(Refusal::TerminalBusy(Holder { till, .. })) => {
                Shop::TerminalBusy { terminal: terminal.label.clone(), till }
            }
            // It is one of the hub's own.
            Err(_) => continue,
        };
        found.push(shop.into());
        if let Some(to) = terminal.moved() {
            let (from, to) = (terminal.line.host.clone(), to.to_string());
            found.push(Shop::TerminalMoved { terminal: terminal.label.clone(), from, to }.into());
        }
    }
    found
}

/// Terminals asked without a relay: only where none runs that could be paying with them.
pub async fn directly(terminals: Vec<Terminal>) -> Vec<Finding> {
    let mut found = Vec::new();
    for terminal in terminals {
        let examined = terminal.examine().await;
        found.push(of(&terminal, &examined).into());
    }
    found
}

fn of(terminal: &Terminal, examined: &Examined) -> Shop {
    judge(terminal.label.clone(), &terminal.line_now(), examined)
}

fn judge(terminal: String, line: &Line, examined: &Examined) -> Shop {
    let (host, mut at) = (line.host.clone(), line.host_and_port());
    if let [address, ..] = examined.addresses.as_slice()
        && address.to_string() != host
    {
        at = format!("{at} = {address}");
    }
    match &examined.met.identity {
        Identity::Ready { version, identifier } => {
            let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".into());
            let (version, identifier) = (or_none(version), or_none(identifier));
            Shop::TerminalReady { terminal, at, version, identifier }
        }
        Identity::Silent => Shop::TerminalSilent { terminal, at },
        Identity::ConcertV2 => Shop::TerminalConcertV2 { terminal, at },
        Identity::NotUnderstood => Shop::TerminalNotUnderstood { terminal, at },
        Identity::NotReached(why) => match why {
            NotSent::NoSuchHost => Shop::TerminalNoName { terminal, host },
            NotSent::PublicAddress => Shop::TerminalPublic { terminal, host },
            NotSent::Refused => {
                let open: Vec<_> = examined.open.iter().map(ToString::to_string).collect();
                Shop::TerminalRefused { terminal, at, open: open.join(", ") }
            }
            NotSent::ConnectTimeout => {
                Shop::TerminalTimeout { terminal, at, same_network: examined.same_network }
            }
            NotSent::Unreachable => Shop::TerminalNoRoute { terminal, at },
            NotSent::Lost | NotSent::BadRequest => Shop::TerminalHangsUp { terminal, at },
        },
    }
}

/// Pages and tills of a relay that runs.
pub(super) fn doors(
    overview: &Overview,
    facts: &Facts,
    listen: Option<SocketAddr>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let with = |wanted: &[OriginState]| {
        let origins = overview.origins.iter().filter(|view| wanted.contains(&view.state));
        origins.map(|view| view.origin.as_str()).collect::<Vec<_>>()
    };
    let waiting = with(&[OriginState::Waiting]);
    let allowed = with(&[OriginState::Configured, OriginState::Allowed]);
    if !waiting.is_empty() {
        found.push(Shop::PagesWaiting { origins: waiting.join(", ") });
    }
    found.push(match allowed.len() {
        0 => Shop::PagesNone,
        count => Shop::Pages { count },
    });
    let tills = &overview.tills;
    let network = listen.is_some_and(|listen| !listen.ip().is_loopback());
    if !tills.is_empty() {
        let connected = tills.iter().filter(|till| till.connected > 0).count();
        found.push(Shop::Tills { paired: tills.len(), connected });
    } else if network {
        found.push(Shop::TillsNone);
    }
    if let Some(distrust) = &facts.distrust {
        found.push(Shop::Distrust {
            count: distrust.count,
            who: distrust.address.to_string(),
            at: minute(distrust.at),
        });
    }
    found.into_iter().map(Finding::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::Met;
    use crate::exchange::Deadlines;

    #[test]
    fn each_way_not_to_reach_a_terminal_has_its_own_remedy() {
        let line = Line {
            host: "192.168.1.50".into(),
            port: 8888,
            crlf: false,
            deadlines: Deadlines::default(),
        };
        let told = |identity, open: Vec<u16>| {
            let met = Met { identity, address: None };
            let examined = Examined { met, open, ..Examined::nothing() };
            let found = judge("Comptoir".into(), &line, &examined).into();
            crate::words::Lang::En.diagnose(&found)
        };
        let hinted = told(Identity::NotReached(NotSent::Refused), vec![5000, 20002]);
        assert!(hinted.remedy.unwrap().contains("5000, 20002"));
        assert_eq!(hinted.about.as_deref(), Some("Comptoir"));
        let codes = [
            NotSent::NoSuchHost,
            NotSent::PublicAddress,
            NotSent::Refused,
            NotSent::Unreachable,
            NotSent::ConnectTimeout,
            NotSent::Lost,
        ]
        .map(|why| told(Identity::NotReached(why), vec![]).code);
        let distinct: std::collections::BTreeSet<_> = codes.into_iter().collect();
        assert_eq!(distinct.len(), codes.len());
        assert_eq!(told(Identity::ConcertV2, vec![]).code, "terminal_concert_v2");
    }
}

//! A terminal that does not answer at its address is looked for on the network,
//! where the configuration allows it, and taken again by who it is: its `CJ` and
//! the address of its network card. Never by the `CJ` alone: terminals of one
//! series may share it, and some only repeat ours. Held meanwhile, so that no payment is
//! under way; what failed before stays as it was, and nothing is sent again.

use super::terminal::Hold;
use super::{Holder, Hub, Terminal};
use crate::discover::{Heard, Identity, LARGEST, own_networks, sweep};
use crate::journal::TerminalRecord;
use crate::payment::NotSent;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::net::lookup_host;

/// Who holds a terminal that is looked for.
pub(super) const SEARCH: &str = "Caisse Relay";

/// A terminal that is held to be looked for.
pub(super) struct Search(Hold);

impl Hub {
    /// Keeps a terminal that could not be reached, where it may be looked for.
    pub(super) fn keep_to_search(
        &self,
        hold: Hold,
        why: NotSent,
    ) -> (Option<Hold>, Option<Search>) {
        if !hold.0.rediscover || !may_have_moved(why) {
            return (Some(hold), None);
        }
        hold.0.rename_holder(Holder { payment: None, till: SEARCH.into() });
        (None, Some(Search(hold)))
    }

    /// Looks for a terminal in the background, unless somebody holds it.
    pub(super) fn search_later(self: &Arc<Self>, terminal: &Arc<Terminal>, why: NotSent) {
        if !terminal.rediscover || !may_have_moved(why) {
            return;
        }
        let holder = Holder { payment: None, till: SEARCH.into() };
        if let Ok(hold) = terminal.hold(holder) {
            let hub = Arc::clone(self);
            tokio::spawn(async move { hub.find_again(Some(Search(hold))).await });
        }
    }

    /// Looks for it now; it is free again afterwards.
    pub(super) async fn find_again(&self, search: Option<Search>) {
        let Some(Search(hold)) = search else { return };
        let terminal = &hold.0;
        let known = self.journal.terminals().unwrap_or_default();
        let Some(wanted) = wanted(terminal, &known) else {
            tracing::info!(
                terminal = terminal.name,
                "not looked for: its network card was never seen"
            );
            return;
        };
        let addresses = self.where_it_may_be(terminal, wanted).await;
        let heard = sweep(addresses, &[terminal.line.port], &terminal.profile).await;
        let mut same = heard.into_iter().filter(|heard| is_it(heard, wanted));
        let before = terminal.line_now().host;
        match (same.next(), same.next()) {
            (Some(found), None) if found.address.ip().to_string() == before => {}
            (Some(found), None) => {
                let now = found.address.ip();
                tracing::warn!(terminal = terminal.name, %before, %now, "found again elsewhere");
                terminal.move_to(now);
                self.note("terminal_moved", terminal, format!("{before} → {now}")).await;
                let record = self.record_of(terminal, wanted.identifier.clone(), now);
                if let Err(error) = self.journal.terminal(record).await {
                    tracing::warn!(%error, terminal = terminal.name, "not remembered");
                }
            }
            (Some(_), Some(_)) => {
                tracing::warn!(terminal = terminal.name, "not taken: several answer to who it is");
            }
            (None, _) => tracing::warn!(terminal = terminal.name, "not found on the network"),
        }
    }

    /// The last place it was seen, then the shop's networks; never where another
    /// terminal is, which may carry a payment.
    async fn where_it_may_be(&self, terminal: &Terminal, wanted: &TerminalRecord) -> Vec<IpAddr> {
        let mut taken = BTreeSet::new();
        for other in self.terminals.iter().filter(|other| other.name != terminal.name) {
            let line = other.line_now();
            if let Ok(addresses) = lookup_host((line.host.as_str(), line.port)).await {
                taken.extend(addresses.map(|address| address.ip().to_canonical()));
            }
        }
        let (networks, own) = own_networks();
        taken.extend(own);
        let last = wanted.address.parse::<IpAddr>().ok();
        let mut candidates = Vec::new();
        for address in last.into_iter().chain(networks.iter().flat_map(|network| network.hosts())) {
            if taken.insert(address) {
                candidates.push(address);
            }
        }
        candidates.truncate(LARGEST);
        candidates
    }
}

/// Only silence where it was: one that answered and broke off is there.
fn may_have_moved(why: NotSent) -> bool {
    matches!(
        why,
        NotSent::ConnectionRefused
            | NotSent::Unreachable
            | NotSent::ConnectTimeout
            | NotSent::NoSuchHost
    )
}

/// Who it is, where that tells it from every other terminal.
fn wanted<'a>(terminal: &Terminal, known: &'a [TerminalRecord]) -> Option<&'a TerminalRecord> {
    known.iter().find(|known| known.name == terminal.name && known.mac.is_some())
}

fn is_it(heard: &Heard, wanted: &TerminalRecord) -> bool {
    let Identity::Ready { identifier, .. } = &heard.identity else { return false };
    *identifier == wanted.identifier && wanted.mac.is_some() && heard.mac == wanted.mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::Moment;

    fn record(identifier: &str, mac: Option<&str>) -> TerminalRecord {
        TerminalRecord {
            name: "comptoir".into(),
            identifier: Some(identifier.into()),
            mac: mac.map(str::to_owned),
            address: "192.168.1.50".into(),
            seen_at: Moment(0),
        }
    }

    fn heard(identifier: &str, mac: Option<&str>) -> Heard {
        Heard {
            address: "192.168.1.60:8888".parse().unwrap(),
            identity: Identity::Ready { version: None, identifier: Some(identifier.into()) },
            mac: mac.map(str::to_owned),
        }
    }

    #[test]
    fn a_terminal_is_known_by_its_number_and_its_network_card() {
        let card = Some("00:03:81:aa:bb:cc");
        assert!(is_it(&heard("330538600404", card), &record("330538600404", card)));
        // Of one whose card nobody has seen, the number alone is no proof.
        assert!(!is_it(&heard("330538600404", card), &record("330538600404", None)));
        assert!(!is_it(&heard("330538600404", None), &record("330538600404", None)));
        assert!(!is_it(&heard("330538600405", card), &record("330538600404", card)));
        assert!(!is_it(
            &heard("330538600404", Some("00:03:81:00:00:01")),
            &record("330538600404", card)
        ));
        // Behind a router nobody sees the card: that is no proof.
        assert!(!is_it(&heard("330538600404", None), &record("330538600404", card)));
        let silent = Heard { identity: Identity::Silent, ..heard("330538600404", card) };
        assert!(!is_it(&silent, &record("330538600404", card)));
    }
}

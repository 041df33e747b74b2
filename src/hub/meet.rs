//! Terminals that are asked who they are. No money moves.

use super::terminal::to_its_end;
use super::{Holder, Hub, Refusal, Terminal};
use crate::discover::{Examined, Identity, Met, mac_of};
use crate::journal::{Event, TerminalRecord};
use std::net::IpAddr;
use std::sync::Arc;

impl Hub {
    /// Asks a terminal who it is, and remembers it.
    ///
    /// # Errors
    /// When there is no such terminal or something holds it.
    pub async fn identify(
        self: &Arc<Self>,
        terminal: Option<&str>,
        till: &str,
    ) -> Result<(Arc<Terminal>, Identity), Refusal> {
        let terminal = self.terminal(terminal)?;
        let holder = Holder { payment: None, till: till.to_owned() };
        let hold = terminal.hold(holder).map_err(Refusal::TerminalBusy)?;
        let (hub, asked) = (Arc::clone(self), Arc::clone(&terminal));
        let identity = to_its_end(hold, async move {
            let met = asked.identify().await;
            hub.remember(&asked, &met).await;
            met.identity
        });
        let identity = identity.await.unwrap_or(Identity::Silent);
        if let Identity::NotReached(why) = &identity {
            self.search_later(&terminal, (*why).into());
        }
        Ok((terminal, identity))
    }

    /// The same with a look at the way to it, for who wants to know why it does not answer.
    ///
    /// # Errors
    /// When there is no such terminal or something holds it.
    pub async fn examine(
        self: &Arc<Self>,
        terminal: &str,
        till: &str,
    ) -> Result<Examined, Refusal> {
        let terminal = self.terminal(Some(terminal))?;
        let holder = Holder { payment: None, till: till.to_owned() };
        let hold = terminal.hold(holder).map_err(Refusal::TerminalBusy)?;
        let hub = Arc::clone(self);
        let examined = to_its_end(hold, async move {
            let examined = terminal.examine().await;
            hub.remember(&terminal, &examined.met).await;
            examined
        });
        Ok(examined.await.unwrap_or_else(Examined::nothing))
    }

    /// Asks the terminals that may be looked for and have never said who they
    /// are: without it nobody could find them again.
    pub async fn meet_strangers(self: &Arc<Self>) {
        let known = self.journal.terminals().unwrap_or_default();
        for terminal in self.terminals.iter().filter(|terminal| terminal.rediscover) {
            if !known.iter().any(|known| known.name == terminal.name) {
                let _ = self.identify(Some(&terminal.name), super::moved::SEARCH).await;
            }
        }
    }

    /// Keeps who it is and where, when it is news.
    async fn remember(&self, terminal: &Terminal, met: &Met) {
        let Met { identity: Identity::Ready { identifier, .. }, address: Some(address) } = met
        else {
            return;
        };
        let known = self.journal.terminals().unwrap_or_default();
        let known = known.into_iter().find(|known| known.name == terminal.name);
        let mut record = self.record_of(terminal, identifier.clone(), *address);
        if let Some(known) = &known
            && record.mac.is_none()
            && (&known.identifier, &known.address) == (&record.identifier, &record.address)
        {
            record.mac.clone_from(&known.mac);
        }
        let news = known.as_ref().is_none_or(|known| {
            TerminalRecord { seen_at: record.seen_at, ..known.clone() } != record
        });
        if !news {
            return;
        }
        let changed = known.is_some_and(|known| {
            known.identifier != record.identifier
                || (record.mac.is_some() && known.mac.is_some() && known.mac != record.mac)
        });
        if changed {
            tracing::warn!(terminal = terminal.name, %address, "another terminal answers there");
            self.note("terminal_changed", terminal, address.to_string()).await;
        }
        if let Err(error) = self.journal.terminal(record).await {
            tracing::warn!(%error, terminal = terminal.name, "not remembered");
        }
    }

    pub(super) fn record_of(
        &self,
        terminal: &Terminal,
        identifier: Option<String>,
        address: IpAddr,
    ) -> TerminalRecord {
        TerminalRecord {
            name: terminal.name.clone(),
            identifier,
            mac: mac_of(address),
            address: address.to_string(),
            seen_at: self.now(),
        }
    }

    pub(super) async fn note(&self, kind: &str, terminal: &Terminal, note: String) {
        let event = Event {
            at: self.now(),
            kind: kind.to_owned(),
            payment: None,
            terminal: Some(terminal.name.clone()),
            by: None,
            note: Some(note),
        };
        if let Err(error) = self.journal.event(event).await {
            tracing::warn!(%error, kind, "event not recorded");
        }
    }
}

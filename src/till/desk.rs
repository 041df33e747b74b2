//! What a session works with, and what it shows and does for the person who
//! holds the relay's key.

use super::asked::{No, between, name};
use super::doctor::Doctor;
use super::protocol::{
    CertificateView, Decided, DistrustView, JournalView, OriginEntry, OverviewView, PairingView,
    Permitted, Stands, TabletView, TillEntry,
};
use super::told::{moment, terminal_view};
use crate::access::{Access, Act, Decision, Offer, OpenCode, Origin, OriginState};
use crate::health::Health;
use crate::hub::{Hub, Refusal};
use crate::words::{Entry, Lang, Sentence};
use std::sync::Arc;

/// What every session of a relay shares.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Where payments go.
    pub hub: Arc<Hub>,
    /// Who may come in.
    pub access: Arc<Access>,
    /// How the relay is.
    pub health: Arc<Health>,
    /// The page that gives tablets the certificate.
    pub tablets: Tablets,
    /// What looks at everything.
    pub doctor: Doctor,
}

/// A page for a tablet that does not trust the certificate yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabletLink {
    /// Its address, good for a quarter of an hour.
    pub url: String,
    /// The address as a QR code: the text of an SVG picture.
    pub qr: String,
}

type OpenLink = dyn Fn() -> Option<TabletLink> + Send + Sync;

/// Opens links for tablets, where the configuration wants it.
#[derive(Clone, Default)]
pub struct Tablets(Option<Arc<OpenLink>>);

impl Tablets {
    /// With what opens a link.
    pub fn new(open: Option<impl Fn() -> Option<TabletLink> + Send + Sync + 'static>) -> Tablets {
        Tablets(open.map(|open| Arc::new(open) as _))
    }
}

impl std::fmt::Debug for Tablets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tablets").field(&self.0.is_some()).finish()
    }
}

impl Desk {
    /// Everything there is to see.
    pub(super) fn overview(&self, lang: Lang) -> OverviewView {
        let (facts, access) = (self.health.facts(), self.access.overview());
        OverviewView {
            version: env!("CARGO_PKG_VERSION"),
            started_at: moment(self.health.started_at()),
            urls: facts.urls,
            unknown: self.hub.unknown(),
            journal: JournalView { unsaved: self.hub.unsaved(), free: self.hub.room() },
            terminals: self.hub.terminals().iter().map(|t| terminal_view(t)).collect(),
            origins: access.origins.into_iter().map(origin_entry).collect(),
            tills: access.tills.into_iter().map(till_entry).collect(),
            pairing: access.pairing.map(pairing_view),
            certificate: facts.certificate.map(|certificate| CertificateView {
                authority: certificate.authority,
                fingerprint: certificate.fingerprint,
                names: certificate.names,
                not_after: moment(certificate.not_after),
            }),
            distrust: facts.distrust.map(|distrust| {
                let entry = if distrust.address.is_loopback() {
                    Entry::BrowserDistrusts
                } else {
                    Entry::DeviceDistrusts { address: distrust.address.to_string() }
                };
                DistrustView {
                    count: distrust.count,
                    at: moment(distrust.at),
                    message: lang.say(&Sentence::Entry(entry)),
                }
            }),
        }
    }

    pub(super) async fn decide(&self, text: &str, decided: Decided, by: &str) -> Result<(), No> {
        let Some(origin) = Origin::new(text) else {
            let text = text.chars().filter(|char| !char.is_control()).take(100).collect();
            return Err(No::Invalid("bad_origin", Sentence::Entry(Entry::NotAnOrigin { text })));
        };
        let decision = match decided {
            Decided::Allow => Decision::Allow,
            Decided::Refuse => Decision::Refuse,
            Decided::Forget => Decision::Forget,
        };
        self.access.decide(&origin, decision, by).await.map_err(|_| not_recorded())
    }

    pub(super) fn open_pairing(
        &self,
        till: Option<String>,
        terminals: Option<Vec<String>>,
        operations: Option<Vec<Permitted>>,
        by: &str,
    ) -> Result<PairingView, No> {
        let till = till.map(|till| name(&till, 64, "till")).transpose()?;
        for asked in terminals.iter().flatten() {
            let known: Vec<_> = self.hub.terminals().iter().map(|t| t.name.clone()).collect();
            if !known.contains(asked) {
                return Err(Refusal::UnknownTerminal { asked: Some(asked.clone()), known }.into());
            }
        }
        for count in [terminals.as_ref().map(Vec::len), operations.as_ref().map(Vec::len)] {
            between(count.unwrap_or(1), 1, 64, "terminals, operations")?;
        }
        let acts = operations.map(|list| list.into_iter().map(act).collect());
        let mut pairing =
            pairing_view(self.access.open_pairing(Offer { till, terminals, acts }, by));
        let link = self.tablets.0.as_ref().and_then(|open| open());
        pairing.tablet = link.map(|TabletLink { url, qr }| TabletView { url, qr });
        Ok(pairing)
    }

    pub(super) async fn revoke(&self, till: &str, by: &str) -> Result<(), No> {
        match self.access.revoke(till, by).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let till = till.chars().filter(|char| !char.is_control()).take(64).collect();
                Err(No::Invalid("unknown_till", Sentence::Entry(Entry::NoSuchTill { till })))
            }
            Err(_) => Err(not_recorded()),
        }
    }
}

fn not_recorded() -> No {
    No::Invalid("journal_unavailable", Sentence::Entry(Entry::DecisionNotRecorded))
}

fn pairing_view(open: OpenCode) -> PairingView {
    PairingView { code: open.code, until: moment(open.until), till: open.offer.till, tablet: None }
}

fn origin_entry(view: crate::access::OriginView) -> OriginEntry {
    OriginEntry {
        origin: view.origin.as_str().to_owned(),
        state: match view.state {
            OriginState::Configured => Stands::Configured,
            OriginState::Allowed => Stands::Allowed,
            OriginState::Refused => Stands::Refused,
            OriginState::Waiting => Stands::Waiting,
        },
        since: view.since.map(moment),
    }
}

fn till_entry(view: crate::access::TillView) -> TillEntry {
    TillEntry {
        till: view.name,
        terminals: view.terminals,
        operations: view.acts.map(|acts| acts.into_iter().map(permitted).collect()),
        paired_at: moment(view.paired_at),
        seen_at: view.seen_at.map(moment),
        connected: view.connected > 0,
    }
}

fn act(permitted: Permitted) -> Act {
    match permitted {
        Permitted::Debit => Act::Debit,
        Permitted::Refund => Act::Refund,
        Permitted::Cancellation => Act::Cancellation,
        Permitted::Settle => Act::Settle,
        Permitted::Exchange => Act::Exchange,
    }
}

fn permitted(act: Act) -> Permitted {
    match act {
        Act::Debit => Permitted::Debit,
        Act::Refund => Permitted::Refund,
        Act::Cancellation => Permitted::Cancellation,
        Act::Settle => Permitted::Settle,
        Act::Exchange => Permitted::Exchange,
    }
}

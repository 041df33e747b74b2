//! What the person at the relay sees and decides: the relay's own page, the
//! tray and the command line speak it, with the relay's key.

use super::words;
use serde::{Deserialize, Serialize};

/// A secret, which no log and no panic shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

words! {
    /// What a person decides about an origin.
    Decided {
        /// Its pages may come in.
        Allow,
        /// They may not.
        Refuse,
        /// As if nobody had decided.
        Forget,
    }
}
words! {
    /// Where an origin stands.
    Stands {
        /// Allowed by the configuration.
        Configured,
        /// Allowed by a person.
        Allowed,
        /// Refused by a person.
        Refused,
        /// Waiting for a person.
        Waiting,
    }
}
words! {
    /// Something that a paired till may do.
    Permitted {
        /// Take a payment.
        Debit,
        /// Pay back.
        Refund,
        /// Undo the last debit.
        Cancellation,
        /// Say what the terminal's ticket says, and free a terminal.
        Settle,
        /// Exchange raw fields with a terminal.
        Exchange,
    }
}

/// How the relay is, and who may come in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OverviewView {
    /// The relay's version.
    pub version: &'static str,
    /// Since when it runs; RFC 3339.
    pub started_at: String,
    /// The addresses that tills connect to, this computer's own first.
    pub urls: Vec<String>,
    /// How many payments are unknown and not settled; null when the disk refuses reads.
    pub unknown: Option<u64>,
    /// The record of payments.
    pub journal: JournalView,
    /// The terminals of the configuration.
    pub terminals: Vec<super::TerminalView>,
    /// Every origin that is allowed, refused or waiting; those that wait first.
    pub origins: Vec<OriginEntry>,
    /// Every till that is paired.
    pub tills: Vec<TillEntry>,
    /// The code that is open.
    pub pairing: Option<PairingView>,
    /// The certificate that is served.
    pub certificate: Option<CertificateView>,
    /// Browsers that broke off because of the certificate, since the start.
    pub distrust: Option<DistrustView>,
}

/// The record of payments.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct JournalView {
    /// Outcomes that the disk has refused: no new payment is taken until it has them.
    pub unsaved: usize,
    /// The bytes that are free on its disk; null when the system does not say.
    pub free: Option<u64>,
}

/// An origin.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct OriginEntry {
    /// As browsers send it.
    pub origin: String,
    /// Where it stands.
    pub state: Stands,
    /// When it was decided or first asked; RFC 3339.
    pub since: Option<String>,
}

/// A till that is paired.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TillEntry {
    /// Its name.
    pub till: String,
    /// The terminals that it may use; null for all.
    pub terminals: Option<Vec<String>>,
    /// What it may do; null for everything.
    pub operations: Option<Vec<Permitted>>,
    /// When it was paired; RFC 3339.
    pub paired_at: String,
    /// When it last came in, in this run of the relay; RFC 3339.
    pub seen_at: Option<String>,
    /// Whether it is connected.
    pub connected: bool,
}

/// A code that is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PairingView {
    /// Six digits, to type at the till.
    pub code: String,
    /// When it ends; RFC 3339.
    pub until: String,
    /// The name that the till will have; null when the till says it.
    pub till: Option<String>,
    /// In the answer to `open_pairing`, where `onboarding` is on: a page for a
    /// tablet that does not trust the certificate yet.
    pub tablet: Option<TabletView>,
}

/// A page for a tablet that does not trust the certificate yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TabletView {
    /// Its address, good for a quarter of an hour.
    pub url: String,
    /// The address as a QR code: the text of an SVG picture.
    pub qr: String,
}

/// The certificate that is served.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CertificateView {
    /// The name of the authority that browsers have to trust.
    pub authority: String,
    /// The SHA-256 of its certificate.
    pub fingerprint: String,
    /// The names and addresses that the relay's certificate is for.
    pub names: Vec<String>,
    /// When the relay's certificate ends; RFC 3339.
    pub not_after: String,
}

/// Browsers that broke off because of the certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DistrustView {
    /// How many times, since the start.
    pub count: u64,
    /// The last time; RFC 3339.
    pub at: String,
    /// A sentence.
    pub message: String,
}

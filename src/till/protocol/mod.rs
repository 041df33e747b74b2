//! The messages of `caisse-relay.v1`.

#[cfg(test)]
mod contract;
mod day;
mod desk;
mod doctor;
mod payment;
mod relay_to_till;
mod till_to_relay;

pub use day::{EventView, TotalView};
pub use desk::{
    CertificateView, Decided, DistrustView, JournalView, OriginEntry, OverviewView, PairingView,
    Permitted, Secret, Stands, TabletView, TillEntry,
};
pub use doctor::{CheckView, Wellness};
pub use payment::{
    EvidenceView, Named, Paid, PaymentView, ReceiptView, ReportView, ResolutionView,
};
pub use relay_to_till::{ExchangeFailure, HeldBy, Relay, RelayToTill, TerminalView};
pub use till_to_relay::{
    Bad, Charge, Field, Language, ListedState, MeansAsked, OperationAsked, Said, TillToRelay, parse,
};

/// The WebSocket sub-protocol that a till offers.
pub const SUB_PROTOCOL: &str = "caisse-relay.v1";

/// A closed set of words, in the case of the protocol.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$word_doc])* $word,)+ }
    };
}
use words;

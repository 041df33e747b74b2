use super::{
    CheckView, EventView, Field, OverviewView, PairingView, PaymentView, Secret, TotalView,
};
use serde::Serialize;

/// What the relay says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RelayToTill {
    /// The answer to `hello`.
    Welcome {
        /// Which program this is.
        relay: Relay,
        /// The name that this till goes by.
        till: String,
        /// The terminals of the configuration.
        terminals: Vec<TerminalView>,
        /// The payments of this till that it has not acknowledged, oldest first.
        unacknowledged: Vec<PaymentView>,
    },
    /// The answer to `pair`. `hello` comes next, with the token.
    Paired {
        /// To keep where no other page can read it.
        token: Secret,
        /// The name that this till goes by.
        till: String,
    },
    /// The answer to `redeem`. `hello` comes next, with the key.
    Redeemed {
        /// To keep for this tab only.
        key: Secret,
    },
    /// The answer to `ticket`.
    Ticket {
        /// Behind the `#` of the page's address, as `ticket=`.
        ticket: Secret,
        /// From the question.
        n: Option<u64>,
    },
    /// How the relay is, as an answer to who holds its key and at every change.
    Overview {
        /// What there is to see.
        #[serde(flatten)]
        overview: Box<OverviewView>,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `open_pairing`.
    Pairing {
        /// The code.
        #[serde(flatten)]
        pairing: PairingView,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `doctor`.
    Doctor {
        /// What was found.
        checks: Vec<CheckView>,
        /// From the question.
        n: Option<u64>,
    },
    /// A payment, as an answer and at every change.
    Payment(Box<PaymentView>),
    /// The answer to `payments`.
    Payments {
        /// Oldest first.
        payments: Vec<PaymentView>,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `totals`.
    Totals {
        /// Of the question, in UTC.
        from: String,
        /// Of the question, in UTC.
        to: String,
        /// By terminal, currency, operation and means; only those that moved money or may have.
        totals: Vec<TotalView>,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `events`.
    Events {
        /// Oldest first.
        events: Vec<EventView>,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `identify`.
    Terminal {
        /// Its name in the configuration.
        name: String,
        /// Its name for people.
        label: String,
        /// `ready`, `not_reached`, `silent`, `concert_v2` or `not_understood`.
        state: &'static str,
        /// The `CZ` that it answered.
        version: Option<String>,
        /// Its own `CJ`.
        terminal_id: Option<String>,
        /// A sentence.
        message: String,
        /// From the question.
        n: Option<u64>,
    },
    /// The answer to `exchange`.
    Exchange {
        /// Its name in the configuration.
        terminal: String,
        /// What it answered, card data masked, without `ZT`.
        fields: Vec<Field>,
        /// The ticket's text.
        ticket: Option<String>,
        /// `AE`.
        status: Option<String>,
        /// Why there is no answer.
        error: Option<ExchangeFailure>,
        /// From the question.
        n: Option<u64>,
    },
    /// Nothing was tried: the terminal never heard of it.
    Refused {
        /// The type of the message that is refused.
        to: String,
        /// The payment it was about.
        id: Option<String>,
        /// From the question.
        n: Option<u64>,
        /// Stable; listed in PROTOCOL.md.
        code: &'static str,
        /// What happened, what it means for the money, what to do.
        message: String,
        /// Who holds the terminal.
        held_by: Option<HeldBy>,
        /// The payment that is in doubt, for `possible_double_charge`.
        first: Option<String>,
    },
    /// The answer to `release`.
    Released {
        /// The terminal's name in the configuration.
        terminal: String,
        /// From the question.
        n: Option<u64>,
    },
    /// The relay was told to stop: no new payment is taken.
    Stopping {
        /// A sentence.
        message: String,
    },
    /// Sent every 10 seconds.
    Ping {
        /// A running number.
        n: u64,
    },
    /// The answer to `ping`.
    Pong {
        /// From the question.
        n: Option<u64>,
    },
}

/// Which program this is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Relay {
    /// Caisse Relay.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The version of this protocol.
    pub protocol: u32,
}

/// A terminal of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TerminalView {
    /// Its name in the configuration.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// `free` or `busy`.
    pub state: &'static str,
    /// Who holds it.
    pub held_by: Option<HeldBy>,
    /// The address where it was found again, when it does not answer at its own.
    pub moved_to: Option<String>,
}

/// Who holds a terminal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeldBy {
    /// The payment; null for an exchange without money.
    pub payment: Option<String>,
    /// The till.
    pub till: String,
}

/// Why an exchange has no answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExchangeFailure {
    /// `not_sent` or `unanswered`.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

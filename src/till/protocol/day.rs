//! What a day came to, for the person at the relay.

use serde::Serialize;

/// What the payments of one kind on one terminal came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TotalView {
    /// The terminal's name in the configuration.
    pub terminal: String,
    /// `debit`, `refund` or `cancellation`.
    pub operation: &'static str,
    /// `card`, `cheque` or `ancv`.
    pub means: &'static str,
    /// Three letters of ISO 4217.
    pub currency: &'static str,
    /// How many moved money: the terminal said so, or a person did.
    pub done: u64,
    /// Minor units that moved.
    pub sum: u64,
    /// How many of these a person settled.
    pub settled: u64,
    /// How many may have moved money: nobody knows yet.
    pub unknown: u64,
    /// Minor units that these asked for.
    pub unknown_sum: u64,
}

/// Something that a person or the relay did beside the payments themselves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EventView {
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
    /// What; listed in PROTOCOL.md.
    pub kind: String,
    /// About which payment.
    pub payment: Option<String>,
    /// About which terminal.
    pub terminal: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
}

use super::{Said, words};
use serde::{Deserialize, Serialize};

words! {
    /// Whether the money moved.
    Paid {
        /// It moved.
        Yes,
        /// It did not.
        No,
        /// A person or a late answer will tell.
        Maybe,
    }
}

/// A payment as a till sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PaymentView {
    /// The till's name for it.
    pub id: String,
    /// Which till asked.
    pub till: String,
    /// Which terminal carries it.
    pub terminal: String,
    /// `debit`, `refund` or `cancellation`.
    pub operation: &'static str,
    /// Minor units asked.
    pub amount: u64,
    /// Three letters of ISO 4217.
    pub currency: &'static str,
    /// `card`, `cheque` or `ancv`.
    pub means: &'static str,
    /// The merchant's reference.
    pub reference: Option<String>,
    /// `waiting` or `closed`.
    pub phase: &'static str,
    /// While waiting: `connecting` (no byte has left) or `sent`.
    pub step: Option<&'static str>,
    /// `approved`, `declined`, `not_sent` or `unknown`; null while waiting.
    pub outcome: Option<&'static str>,
    /// Whether the money moved.
    pub charged: Paid,
    /// Minor units that moved, when approved.
    pub paid: Option<u64>,
    /// Why `not_sent` or `unknown`.
    pub reason: Option<&'static str>,
    /// What the terminal reported.
    pub report: Option<ReportView>,
    /// What the terminal said of the card and the operation.
    pub receipt: Option<ReceiptView>,
    /// What a person may want to look at.
    pub remarks: Vec<&'static str>,
    /// What happened, what it means for the money, what to do now.
    pub advice: String,
    /// The till asked to cancel.
    pub cancel_requested: bool,
    /// What a person said of an unknown outcome.
    pub resolved: Option<ResolutionView>,
    /// What the terminal's duplicate says, for the person who settles.
    pub evidence: Option<EvidenceView>,
    /// The answer came after the deadline.
    pub late: bool,
    /// What a person said and what the terminal said late are not the same.
    pub contradicted: bool,
    /// The till has the outcome on record.
    pub acknowledged: bool,
    /// False when the disk refused the outcome.
    pub durable: bool,
    /// RFC 3339, UTC, milliseconds.
    pub opened_at: String,
    /// When the request left.
    pub sent_at: Option<String>,
    /// When the outcome was known.
    pub closed_at: Option<String>,
    /// Its number in the journal, growing.
    pub seq: u64,
}

/// What the terminal reported.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReportView {
    /// The first two characters of `AF`.
    pub code: String,
    /// What they mean.
    pub label: String,
    /// The answer of the card's bank.
    pub issuer_code: Option<String>,
    /// The bank's message, or the terminal's.
    pub message: Option<String>,
}

/// What the terminal said of the card and the operation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReceiptView {
    /// At most the first 6 and last 4 digits.
    pub card: Option<String>,
    /// The authorization number.
    pub authorization: Option<String>,
    /// The payment application.
    pub application: Option<Named>,
    /// How the card was read.
    pub read_mode: Option<Named>,
    /// The merchant contract.
    pub contract: Option<String>,
    /// The application identifier of the chip.
    pub aid: Option<String>,
    /// The ticket's text.
    pub ticket: Option<String>,
}

/// A code and what it means.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Named {
    /// The terminal's code.
    pub code: String,
    /// What it means; the code where nobody published it.
    pub label: String,
}

/// What a person said of an unknown outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResolutionView {
    /// What the ticket says.
    pub charged: Said,
    /// Who said so.
    pub by: String,
    /// What else they wrote.
    pub note: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
}

/// What a terminal said of its last transaction. It may be another customer's.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EvidenceView {
    /// Its last transaction was done.
    pub done: bool,
    /// Its amount, in minor units.
    pub amount: Option<u64>,
    /// Its authorization number.
    pub authorization: Option<String>,
    /// Its card, masked.
    pub card: Option<String>,
    /// RFC 3339, UTC, milliseconds.
    pub at: String,
}

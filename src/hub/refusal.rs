use super::Holder;
use crate::journal::JournalError;
use crate::payment::PaymentId;

/// Why nothing was tried. Whatever it is, the terminal never heard of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No terminal of this name, or none named where there is not exactly one.
    UnknownTerminal {
        /// The name asked for.
        asked: Option<String>,
        /// The names there are.
        known: Vec<String>,
    },
    /// Something else holds the terminal.
    TerminalBusy(Holder),
    /// This id was used for another order.
    IdReused,
    /// Another payment with this reference is open, or unknown and not settled.
    PossibleDoubleCharge {
        /// That payment.
        first: PaymentId,
    },
    /// Nothing to release: no payment whose deadline is over holds the terminal.
    NotHeld {
        /// Its name for people.
        terminal: String,
    },
    /// A till was told that there is no record of this id: it is too late to begin it.
    IdDenied,
    /// There is no record of this id.
    UnknownPayment,
    /// A late answer changed the outcome that the till acknowledges.
    OutcomeChanged,
    /// It is not over yet.
    NotClosed,
    /// The terminal told the outcome, or a person told another.
    NotUnknown,
    /// It would move money outside of a payment.
    MovesMoney,
    /// The disk refuses writes: nothing was changed.
    JournalUnavailable,
    /// The disk refuses reads: nobody knows what is recorded.
    JournalUnreadable,
    /// The relay is stopping.
    ShuttingDown,
}

pub(super) fn unavailable(error: JournalError) -> Refusal {
    tracing::error!(%error, "journal");
    Refusal::JournalUnavailable
}

pub(super) fn unreadable(error: JournalError) -> Refusal {
    tracing::error!(%error, "journal");
    Refusal::JournalUnreadable
}

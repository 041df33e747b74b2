use super::coded::coded;
use super::{Amount, Receipt, Report};
use crate::exchange::{self, Unanswered};

/// What happened to a payment. Four words, never a yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The terminal says that it is done.
    Approved(Approval),
    /// The terminal says that it is not done.
    Declined(Decline),
    /// Nothing left the relay.
    NotSent(NotSent),
    /// The request left and no usable answer came.
    Unknown(Doubt),
}

/// A payment that the terminal says is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// What moved: less than asked is a partial payment, more is a tip.
    pub paid: Amount,
    /// The proof.
    pub receipt: Receipt,
    /// What a person may want to look at.
    pub remarks: Vec<Remark>,
}

/// A payment that the terminal says is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decline {
    /// Why, if it says so.
    pub report: Option<Report>,
    /// Refusals may carry a ticket and an authorization number too.
    pub receipt: Receipt,
}

/// A payment of which nobody knows yet whether it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Why.
    pub reason: Why,
    /// The report that contradicts, when one came.
    pub report: Option<Report>,
    /// What the answer said, for the person who settles it.
    pub receipt: Receipt,
}

coded! {
    /// Whether the customer's money moved.
    Charged {
        /// It moved.
        Yes = "yes",
        /// It did not.
        No = "no",
        /// A person or a late answer will tell.
        Maybe = "maybe",
    }
}

coded! {
    /// Why nothing was sent to the terminal.
    NotSent {
        /// Its name has no address.
        NoSuchHost = "no_such_host",
        /// Its name leads to a public address.
        PublicAddress = "public_address",
        /// It refused the connection.
        ConnectionRefused = "connection_refused",
        /// There is no route to it.
        Unreachable = "unreachable",
        /// It did not accept the connection in time.
        ConnectTimeout = "connect_timeout",
        /// It closed the connection before the request was sent.
        ConnectionLost = "connection_lost",
        /// The till gave up before anything was sent.
        Cancelled = "cancelled",
        /// The relay stopped before anything was sent.
        RelayRestarted = "relay_restarted",
        /// The record that it is being sent did not reach the disk.
        NotRecorded = "not_recorded",
        /// The terminal's profile makes a request that the protocol cannot carry.
        BadRequest = "bad_request",
    }
}

coded! {
    /// Why nobody knows whether it was done.
    Why {
        /// No answer in time.
        Silence = "silence",
        /// The terminal closed the connection without an answer.
        ConnectionClosed = "connection_closed",
        /// The connection broke.
        ConnectionReset = "connection_reset",
        /// The answer cannot be read.
        GarbledAnswer = "garbled_answer",
        /// The answer does not end.
        AnswerTooLong = "answer_too_long",
        /// The terminal speaks the older protocol.
        ConcertV2 = "concert_v2",
        /// The answer has no status, or one that nobody knows.
        NoStatus = "no_status",
        /// The terminal said that it took the request, and no more.
        OnlyAccepted = "only_accepted",
        /// The answer contradicts itself.
        Contradicted = "contradicted",
        /// The answer is about another operation.
        OtherAction = "other_action",
        /// The answer is about another currency.
        OtherCurrency = "other_currency",
        /// "Done", with an amount of zero.
        NothingPaid = "nothing_paid",
        /// The relay stopped while the terminal had the request.
        RelayRestarted = "relay_restarted",
        /// The relay was told to stop while the terminal had the request.
        RelayStopped = "relay_stopped",
        /// The relay has a fault that shows while the terminal had the request.
        RelayFailed = "relay_failed",
    }
}

coded! {
    /// What a person may want to look at in an approved payment.
    Remark {
        /// The terminal did not repeat the amount: what was asked is taken as paid.
        AmountNotConfirmed = "amount_not_confirmed",
        /// The answer stopped inside a field.
        Truncated = "truncated",
        /// A ticket came that nobody can read.
        TicketUnreadable = "ticket_unreadable",
        /// The answer names another till.
        OtherRegister = "other_register",
    }
}

impl Outcome {
    /// The stable name of the outcome.
    pub fn code(&self) -> &'static str {
        match self {
            Outcome::Approved(_) => "approved",
            Outcome::Declined(_) => "declined",
            Outcome::NotSent(_) => "not_sent",
            Outcome::Unknown(_) => "unknown",
        }
    }

    /// Whether the customer's money moved.
    pub fn charged(&self) -> Charged {
        match self {
            Outcome::Approved(_) => Charged::Yes,
            Outcome::Declined(_) | Outcome::NotSent(_) => Charged::No,
            Outcome::Unknown(_) => Charged::Maybe,
        }
    }

    /// Whether the terminal may still answer on the same connection.
    pub fn may_come_late(&self) -> bool {
        matches!(self, Outcome::Unknown(Doubt { reason: Why::Silence | Why::OnlyAccepted, .. }))
    }

    /// An unknown outcome without an answer to look at.
    pub fn unknown(reason: Why) -> Outcome {
        Outcome::Unknown(Doubt { reason, report: None, receipt: Receipt::default() })
    }
}

impl From<exchange::NotSent> for NotSent {
    fn from(reason: exchange::NotSent) -> NotSent {
        match reason {
            exchange::NotSent::NoSuchHost => NotSent::NoSuchHost,
            exchange::NotSent::PublicAddress => NotSent::PublicAddress,
            exchange::NotSent::Refused => NotSent::ConnectionRefused,
            exchange::NotSent::Unreachable => NotSent::Unreachable,
            exchange::NotSent::ConnectTimeout => NotSent::ConnectTimeout,
            exchange::NotSent::Lost => NotSent::ConnectionLost,
            exchange::NotSent::BadRequest => NotSent::BadRequest,
        }
    }
}

impl From<Unanswered> for Why {
    fn from(reason: Unanswered) -> Why {
        match reason {
            Unanswered::Silence => Why::Silence,
            Unanswered::Closed => Why::ConnectionClosed,
            Unanswered::Reset => Why::ConnectionReset,
            Unanswered::Garbled => Why::GarbledAnswer,
            Unanswered::TooLong => Why::AnswerTooLong,
            Unanswered::ConcertV2 => Why::ConcertV2,
        }
    }
}

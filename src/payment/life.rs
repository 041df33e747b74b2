use super::{Amount, Charged, Order, Outcome, PaymentId};
use crate::wire::{Message, Tag};

/// A moment, in milliseconds since 1970 UTC. Given by the caller: nothing here
/// reads a clock, and nothing is ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

/// A payment: what was asked, by whom, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its number in the journal, growing; 0 before it is recorded.
    pub seq: u64,
    /// The till's name for it.
    pub id: PaymentId,
    /// Which till asked.
    pub till: String,
    /// Which terminal carries it.
    pub terminal: String,
    /// What was asked.
    pub order: Order,
    /// How far it is.
    pub state: State,
    /// When it was recorded.
    pub opened_at: Moment,
    /// When the request left.
    pub sent_at: Option<Moment>,
    /// The till asked to cancel.
    pub cancel_requested: bool,
    /// What a person said about an unknown outcome.
    pub resolved: Option<Resolution>,
    /// What the terminal's duplicate says of an unknown outcome.
    pub evidence: Option<Evidence>,
    /// The answer came after the deadline.
    pub late: bool,
    /// The till has the outcome on record.
    pub acknowledged: bool,
    /// What is told here is on disk.
    pub durable: bool,
}

/// How far a payment is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly every payment ends up closed")]
pub enum State {
    /// No byte has left.
    Connecting,
    /// The request is with the terminal.
    Sent,
    /// It is over.
    Closed {
        /// What happened.
        outcome: Outcome,
        /// When that was known.
        at: Moment,
    },
}

/// What a person read on the terminal's ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Whether the money moved.
    pub charged: bool,
    /// Who said so.
    pub by: String,
    /// What else they wrote.
    pub note: Option<String>,
    /// When.
    pub at: Moment,
}

/// What a terminal answered when it was asked for its last transaction, `CD=3`.
/// It may be about another customer: it is for the person who settles, and
/// decides nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `AE`: `10` where there is a last transaction that was done.
    pub status: Option<String>,
    /// Its amount, in minor units.
    pub amount: Option<Amount>,
    /// Its authorization number.
    pub authorization: Option<String>,
    /// Its card, masked.
    pub card: Option<String>,
    /// When it was asked.
    pub at: Moment,
}

impl Evidence {
    /// What the answer to a duplicate says.
    pub fn read(message: &Message, at: Moment) -> Evidence {
        let amount = message.text(Tag::AMOUNT).and_then(|cb| cb.parse().ok());
        Evidence {
            status: message.text(Tag::STATUS),
            amount: amount.and_then(Amount::new),
            authorization: message.text(Tag::AUTHORIZATION),
            card: message.text(Tag::CARD),
            at,
        }
    }
}

impl Payment {
    /// The outcome, once there is one.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            State::Closed { outcome, .. } => Some(outcome),
            State::Connecting | State::Sent => None,
        }
    }

    /// When the outcome was known.
    pub fn closed_at(&self) -> Option<Moment> {
        match &self.state {
            State::Closed { at, .. } => Some(*at),
            State::Connecting | State::Sent => None,
        }
    }

    /// Whether the money moved, as far as anyone knows: the terminal's word,
    /// or a person's where the terminal gave none.
    pub fn charged(&self) -> Charged {
        match (&self.state, &self.resolved) {
            (State::Connecting, _) => Charged::No,
            (State::Sent, _) => Charged::Maybe,
            (State::Closed { outcome: Outcome::Unknown(_), .. }, Some(resolution)) => {
                if resolution.charged { Charged::Yes } else { Charged::No }
            }
            (State::Closed { outcome, .. }, _) => outcome.charged(),
        }
    }

    /// A person settled it one way, and the terminal's late answer says the other.
    pub fn is_contradicted(&self) -> bool {
        let charged = self.outcome().map(Outcome::charged);
        match (&self.resolved, charged) {
            (Some(said), Some(Charged::Yes)) => !said.charged,
            (Some(said), Some(Charged::No)) => said.charged,
            _ => false,
        }
    }

    /// An unknown outcome that nobody has settled.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Unknown(_))) && self.resolved.is_none()
    }
}

//! From what a till said to what the hub understands. Past this door nothing is
//! checked again.

use super::protocol::{Charge, Field, MeansAsked, OperationAsked, TillToRelay};
use crate::hub::Refusal;
use crate::payment::{
    Amount, Currency, Means, Moment, Operation, Order, PaymentId, Reference, Register,
};
use crate::wire::{self, Tag};
use crate::words::Sentence;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a message was, for the answer to name it.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    pub(super) to: &'static str,
    pub(super) id: Option<String>,
    pub(super) n: Option<u64>,
}

/// Why a message is refused.
pub(super) enum No {
    /// By the hub.
    Refused(Refusal),
    /// Before the hub: a code and a sentence.
    Invalid(&'static str, Sentence),
    /// The connection ends: a close code and a sentence.
    Close(u16, Sentence),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> No {
        No::Refused(refusal)
    }
}

pub(super) fn about(message: &TillToRelay) -> About {
    let (to, id, n) = match message {
        TillToRelay::Hello { .. } => ("hello", None, None),
        TillToRelay::Pay(charge) => ("pay", Some(&charge.id), None),
        TillToRelay::Payment { id } => ("payment", Some(id), None),
        TillToRelay::Payments { n, .. } => ("payments", None, *n),
        TillToRelay::Cancel { id } => ("cancel", Some(id), None),
        TillToRelay::Acknowledge { id, .. } => ("acknowledge", Some(id), None),
        TillToRelay::Resolve { id, .. } => ("resolve", Some(id), None),
        TillToRelay::Release { n, .. } => ("release", None, *n),
        TillToRelay::Identify { n, .. } => ("identify", None, *n),
        TillToRelay::Exchange { n, .. } => ("exchange", None, *n),
        TillToRelay::Pair { .. } => ("pair", None, None),
        TillToRelay::Redeem { .. } => ("redeem", None, None),
        TillToRelay::Ticket { n } => ("ticket", None, *n),
        TillToRelay::Overview { n } => ("overview", None, *n),
        TillToRelay::Totals { n, .. } => ("totals", None, *n),
        TillToRelay::Events { n, .. } => ("events", None, *n),
        TillToRelay::Doctor { n } => ("doctor", None, *n),
        TillToRelay::Origin { n, .. } => ("origin", None, *n),
        TillToRelay::OpenPairing { n, .. } => ("open_pairing", None, *n),
        TillToRelay::ClosePairing { n } => ("close_pairing", None, *n),
        TillToRelay::Revoke { n, .. } => ("revoke", None, *n),
        TillToRelay::Ping { n } => ("ping", None, *n),
        TillToRelay::Pong { n } => ("pong", None, *n),
    };
    About { to, id: id.cloned(), n }
}

pub(super) fn payment_id(id: &str) -> Result<PaymentId, No> {
    PaymentId::new(id).ok_or_else(|| invalid("id: 1 to 64 letters, digits, - _ . or :".into()))
}

pub(super) fn order(charge: &Charge) -> Result<Order, No> {
    let operation = match charge.operation {
        OperationAsked::Debit => Operation::Debit,
        OperationAsked::Refund => Operation::Refund,
        OperationAsked::Cancellation => Operation::Cancellation,
    };
    let means = match charge.means.unwrap_or(MeansAsked::Card) {
        MeansAsked::Card => Means::Card,
        MeansAsked::Cheque => Means::Cheque,
        MeansAsked::Ancv => Means::Ancv,
    };
    if means != Means::Card && operation != Operation::Debit {
        return Err(No::Invalid("unsupported", Sentence::MeansOnlyForDebit));
    }
    let amount =
        Amount::new(charge.amount).ok_or(No::Invalid("bad_amount", Sentence::BadAmount))?;
    let currency = Currency::from_letters(&charge.currency).ok_or_else(|| {
        let currency = charge.currency.chars().filter(|c| !c.is_control()).take(16).collect();
        No::Invalid("bad_currency", Sentence::BadCurrency { currency })
    })?;
    let reference = charge.reference.as_deref().map(|text| {
        Reference::new(text).ok_or(No::Invalid("bad_reference", Sentence::BadReference))
    });
    let register = charge
        .register
        .as_deref()
        .map(|text| Register::new(text).ok_or_else(|| invalid("register: 01 to 99".into())));
    let timeout = charge.timeout.map(|seconds| between(seconds, 10, 600, "timeout"));
    Ok(Order {
        means,
        reference: reference.transpose()?,
        receipt: charge.receipt,
        partial: charge.partial,
        register: register.transpose()?,
        timeout: timeout.transpose()?.map(Duration::from_secs),
        ..Order::new(operation, amount, currency)
    })
}

pub(super) fn raw(field: &Field) -> Result<wire::Field, No> {
    let tag = Tag::new(field.tag.as_bytes())
        .ok_or_else(|| invalid("tag: two upper-case letters".into()))?;
    let value = field.value.as_bytes();
    let good = (1..=wire::MAX_VALUE).contains(&value.len())
        && value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if !good {
        return Err(invalid(format!("{tag}: 1 to 999 printable ASCII characters")));
    }
    Ok(wire::Field::new(tag, value))
}

/// A moment as RFC 3339.
pub(super) fn instant(text: &str, what: &str) -> Result<Moment, No> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| invalid(format!("{what}: a moment like 2026-01-31T00:00:00+01:00")))?;
    let milliseconds = at.unix_timestamp_nanos() / 1_000_000;
    Ok(Moment(i64::try_from(milliseconds).unwrap_or(i64::MAX)))
}

fn invalid(detail: String) -> No {
    No::Invalid("bad_message", Sentence::BadMessage { detail })
}

pub(super) fn between<T: PartialOrd + std::fmt::Display>(
    value: T,
    least: T,
    most: T,
    what: &str,
) -> Result<T, No> {
    if value < least || value > most {
        return Err(invalid(format!("{what}: {least} to {most}")));
    }
    Ok(value)
}

/// A name for people, on one line.
pub(super) fn name(text: &str, longest: usize, what: &str) -> Result<String, No> {
    let text = text.trim();
    let good = (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    good.then(|| text.to_owned())
        .ok_or_else(|| invalid(format!("{what}: 1 to {longest} characters")))
}

/// What a person writes beside an answer. A card number that they copy from a
/// ticket is masked like any other.
pub(super) fn line(note: &str) -> Result<String, No> {
    if note.chars().count() > 500 {
        return Err(invalid("note: up to 500 characters".into()));
    }
    let mut bytes = note.as_bytes().to_vec();
    wire::mask_numbers(&mut bytes);
    // Digits alone are replaced, each by one byte.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How many requests of one till may be under way for this one to be taken. A
/// `pay` is limited by the terminals, and may be one that the relay has already.
pub(super) fn limit(message: &TillToRelay) -> usize {
    match message {
        TillToRelay::Pair { .. } | TillToRelay::Doctor { .. } => 1,
        TillToRelay::Payments { .. }
        | TillToRelay::Totals { .. }
        | TillToRelay::Events { .. }
        | TillToRelay::Identify { .. }
        | TillToRelay::Release { .. }
        | TillToRelay::Exchange { .. }
        | TillToRelay::Resolve { .. } => 32,
        TillToRelay::Cancel { .. } | TillToRelay::Acknowledge { .. } => 1024,
        _ => usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_in_a_note_is_masked() {
        let Ok(note) = line("ticket lu par Zoé, carte 4970105191923460, 12,50 €") else {
            unreachable!()
        };
        assert_eq!(note, "ticket lu par Zoé, carte 497010******3460, 12,50 €");
    }
}

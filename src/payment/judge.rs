use super::receipt::ticket_unreadable;
use super::{
    Amount, Approval, Charged, Decline, Doubt, Order, Outcome, Profile, Receipt, Remark, Report,
    Why,
};
use crate::exchange::{Answer, ExchangeError};
use crate::wire::{Message, Tag};

/// What happened, from what was asked and what came back.
///
/// Total: every answer and every failure has an outcome, and "done" is
/// believed only when nothing beside it says otherwise.
pub fn judge(order: &Order, profile: &Profile, answer: Result<Answer, ExchangeError>) -> Outcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(ExchangeError::NotSent(reason)) => return Outcome::NotSent(reason.into()),
        Err(ExchangeError::Unanswered(reason)) => return Outcome::unknown(reason.into()),
    };
    let statuses = || answer.messages.iter().flat_map(statuses);
    let finals: Vec<&Message> = answer.messages.iter().filter(|m| is_final(m)).collect();
    let Some(first) = finals.first() else {
        return without_status(&answer.messages);
    };
    if statuses().any(|status| status == "10") && statuses().any(|status| status == "01") {
        return doubt(Why::Contradicted, first);
    }
    // Checked on "done" only: a terminal leaves fields out of a refusal.
    if first.text(Tag::STATUS).as_deref() == Some("01") {
        return Outcome::Declined(Decline {
            report: first.text(Tag::REPORT).map(|af| Report::read(&af)),
            receipt: Receipt::read(first),
        });
    }
    // Said twice, it has to be true twice.
    let mut outcomes = finals.iter().map(|message| done(order, profile, message, answer.truncated));
    let said = outcomes.next().unwrap_or_else(|| without_status(&answer.messages));
    outcomes.find(|again| again.charged() != Charged::Yes).unwrap_or(said)
}

/// Every status of a message; a terminal that repeats it may contradict itself.
fn statuses(message: &Message) -> impl Iterator<Item = String> {
    let fields = message.fields().iter().filter(|field| field.tag == Tag::STATUS);
    fields.map(|field| field.text().trim().to_owned())
}

fn is_final(message: &Message) -> bool {
    message.text(Tag::STATUS).is_some_and(|status| status == "10" || status == "01")
}

fn without_status(messages: &[Message]) -> Outcome {
    let accepted = messages.iter().find(|m| m.text(Tag::STATUS).as_deref() == Some("11"));
    match (accepted, messages.last()) {
        (Some(message), _) => doubt(Why::OnlyAccepted, message),
        (None, Some(message)) => doubt(Why::NoStatus, message),
        (None, None) => Outcome::unknown(Why::NoStatus),
    }
}

fn done(order: &Order, profile: &Profile, message: &Message, truncated: bool) -> Outcome {
    let contradicts = |tag, asked: &str| message.text(tag).is_some_and(|said| said != asked);
    let report = message.text(Tag::REPORT).map(|af| Report::read(&af));
    if report.is_some_and(|report| !report.agrees_with_done()) {
        return doubt(Why::Contradicted, message);
    }
    // Some vendors answer an immediate request with "done" for "received".
    if message.text(Tag::IMMEDIATE).as_deref() == Some("1") {
        return doubt(Why::OnlyAccepted, message);
    }
    if contradicts(Tag::ACTION, order.operation.digit()) {
        return doubt(Why::OtherAction, message);
    }
    if contradicts(Tag::CURRENCY, &order.currency.digits()) {
        return doubt(Why::OtherCurrency, message);
    }
    // Zero padded by most terminals: compared as a number.
    let digits =
        message.text(Tag::AMOUNT).filter(|cb| cb.bytes().all(|byte| byte.is_ascii_digit()));
    let said = digits.and_then(|cb| cb.parse().ok());
    if said == Some(0) {
        return doubt(Why::NothingPaid, message);
    }
    let said = said.and_then(Amount::new);
    let register = order.register.unwrap_or(profile.register).digits();
    let other_register =
        message.text(Tag::REGISTER).is_some_and(|ca| format!("{ca:0>2}") != register);
    let remarks = [
        (said.is_none(), Remark::AmountNotConfirmed),
        (truncated, Remark::Truncated),
        (ticket_unreadable(message), Remark::TicketUnreadable),
        (other_register, Remark::OtherRegister),
    ];
    Outcome::Approved(Approval {
        paid: said.unwrap_or(order.amount),
        receipt: Receipt::read(message),
        remarks: remarks.into_iter().filter_map(|(is, remark)| is.then_some(remark)).collect(),
    })
}

fn doubt(reason: Why, message: &Message) -> Outcome {
    Outcome::Unknown(Doubt {
        reason,
        report: message.text(Tag::REPORT).map(|af| Report::read(&af)),
        receipt: Receipt::read(message),
    })
}

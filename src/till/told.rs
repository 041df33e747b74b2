//! What a till is told of payments and refusals, in its language.

use super::asked::{About, No};
use super::protocol::{
    EvidenceView, ExchangeFailure, Field, HeldBy, Named, Paid, PaymentView, ReceiptView,
    RelayToTill, ReportView, ResolutionView, Said, TerminalView,
};
use crate::exchange::{Answer, ExchangeError};
use crate::hub::{Holder, Hub, Identity, Refusal, Terminal};
use crate::payment::{
    self, Amount, Charged, Doubt, Moment, Outcome, Payment, Receipt, Report, State,
};
use crate::wire::{self, Tag};
use crate::words::{self, Lang, Sentence};
use time::OffsetDateTime;
use time::macros::format_description;

/// A moment as RFC 3339, UTC, milliseconds.
pub fn moment(Moment(milliseconds): Moment) -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}

/// A terminal's name for people.
pub fn label_of(hub: &Hub, name: &str) -> String {
    let terminal = hub.terminals().iter().find(|terminal| terminal.name == name);
    terminal.map_or(name, |terminal| terminal.label.as_str()).to_owned()
}

/// A payment as a till sees it. `label` is its terminal's name for people.
pub fn view(payment: &Payment, label: &str, lang: Lang) -> PaymentView {
    let order = &payment.order;
    let outcome = payment.outcome();
    let (reason, report, receipt) = match outcome {
        Some(Outcome::Approved(approval)) => (None, None, Some(&approval.receipt)),
        Some(Outcome::Declined(decline)) => (None, decline.report.as_ref(), Some(&decline.receipt)),
        Some(Outcome::NotSent(reason)) => (Some(reason.code()), None, None),
        Some(Outcome::Unknown(Doubt { reason, report, receipt })) => {
            (Some(reason.code()), report.as_ref(), Some(receipt))
        }
        None => (None, None, None),
    };
    let (phase, step, closed_at) = match &payment.state {
        State::Connecting => ("waiting", Some("connecting"), None),
        State::Sent => ("waiting", Some("sent"), None),
        State::Closed { at, .. } => ("closed", None, Some(moment(*at))),
    };
    let approval = match outcome {
        Some(Outcome::Approved(approval)) => Some(approval),
        _ => None,
    };
    PaymentView {
        id: payment.id.to_string(),
        till: payment.till.clone(),
        terminal: payment.terminal.clone(),
        operation: order.operation.code(),
        amount: order.amount.minor(),
        currency: order.currency.letters(),
        means: order.means.code(),
        reference: order.reference.as_ref().map(ToString::to_string),
        phase,
        step,
        outcome: outcome.map(Outcome::code),
        charged: match payment.charged() {
            Charged::Yes => Paid::Yes,
            Charged::No => Paid::No,
            Charged::Maybe => Paid::Maybe,
        },
        paid: approval.map(|approval| approval.paid.minor()),
        reason,
        report: report.map(|report| report_view(report, lang)),
        receipt: receipt
            .filter(|&receipt| *receipt != Receipt::default())
            .map(|r| receipt_view(r, lang)),
        remarks: approval.iter().flat_map(|approval| &approval.remarks).map(|r| r.code()).collect(),
        advice: lang.say(&advice(payment, label, lang)),
        cancel_requested: payment.cancel_requested,
        resolved: payment.resolved.as_ref().map(|resolution| ResolutionView {
            charged: if resolution.charged { Said::Yes } else { Said::No },
            by: resolution.by.clone(),
            note: resolution.note.clone(),
            at: moment(resolution.at),
        }),
        evidence: payment.evidence.as_ref().map(|said| EvidenceView {
            done: said.status.as_deref() == Some("10"),
            amount: said.amount.map(Amount::minor),
            authorization: said.authorization.clone(),
            card: said.card.clone(),
            at: moment(said.at),
        }),
        late: payment.late,
        contradicted: payment.is_contradicted(),
        acknowledged: payment.acknowledged,
        durable: payment.durable,
        opened_at: moment(payment.opened_at),
        sent_at: payment.sent_at.map(moment),
        closed_at,
        seq: payment.seq,
    }
}

fn report_view(report: &Report, lang: Lang) -> ReportView {
    ReportView {
        code: report.code.clone(),
        label: words::report(report, lang),
        issuer_code: report.issuer_code.clone(),
        message: report.message.clone(),
    }
}

fn receipt_view(receipt: &Receipt, lang: Lang) -> ReceiptView {
    let named = |code: &Option<String>, name: fn(&str, Lang) -> String| {
        code.clone().map(|code| Named { label: name(&code, lang), code })
    };
    ReceiptView {
        card: receipt.card.clone(),
        authorization: receipt.authorization.clone(),
        application: named(&receipt.application, words::application),
        read_mode: named(&receipt.read_mode, words::read_mode),
        contract: receipt.contract.clone(),
        aid: receipt.aid.clone(),
        ticket: receipt.ticket.clone(),
    }
}

/// What the cashier does now.
fn advice(payment: &Payment, label: &str, lang: Lang) -> Sentence {
    let terminal = label.to_owned();
    let act = payment.order.operation;
    let sentence = match &payment.state {
        State::Connecting => Sentence::Connecting { terminal },
        State::Sent if payment.cancel_requested => Sentence::PressRedKey { act, terminal },
        State::Sent => Sentence::WithTerminal { act, terminal },
        State::Closed { outcome, .. } => match (outcome, &payment.resolved) {
            (Outcome::Unknown(_), Some(said)) if said.charged => {
                Sentence::SettledCharged { by: said.by.clone() }
            }
            (Outcome::Unknown(_), Some(said)) => {
                Sentence::SettledNotCharged { by: said.by.clone() }
            }
            (Outcome::Unknown(doubt), None) => {
                Sentence::Unknown { act, why: doubt.reason, terminal }
            }
            (Outcome::NotSent(reason), _) => Sentence::NotSent { act, why: *reason, terminal },
            (Outcome::Declined(decline), _) => {
                Sentence::Declined { act, why: why_declined(decline.report.as_ref(), lang) }
            }
            (Outcome::Approved(approval), _) => done(payment, approval, lang),
        },
    };
    let sentence = match &payment.resolved {
        Some(person) if payment.is_contradicted() => Sentence::Contradicted {
            by: person.by.clone(),
            said: person.charged,
            what: lang.say(&sentence),
        },
        _ => sentence,
    };
    match payment.outcome() {
        Some(_) if !payment.durable => Sentence::NotOnDisk { what: lang.say(&sentence) },
        _ => sentence,
    }
}

fn done(payment: &Payment, approval: &payment::Approval, lang: Lang) -> Sentence {
    let order = &payment.order;
    let write = |amount| words::amount(amount, order.currency, lang);
    let (asked, paid) = (write(order.amount), write(approval.paid));
    let rest = order.amount.minor().checked_sub(approval.paid.minor()).and_then(Amount::new);
    match rest {
        _ if approval.remarks.contains(&payment::Remark::AmountNotConfirmed) => {
            Sentence::DoneUnconfirmed { act: order.operation, asked }
        }
        Some(rest) => Sentence::DonePartly { act: order.operation, paid, asked, rest: write(rest) },
        None if approval.paid > order.amount => {
            Sentence::DoneWithMore { act: order.operation, paid, asked }
        }
        None => Sentence::Done { act: order.operation, paid },
    }
}

fn why_declined(report: Option<&Report>, lang: Lang) -> String {
    let label = report.map_or_else(
        || lang.pick("le terminal ne dit pas pourquoi", "the terminal does not say why").to_owned(),
        |report| words::report(report, lang),
    );
    let message = report.and_then(|report| {
        let text = report.message.as_deref()?;
        // Field 44 of CB2A begins with a digit that is not for people.
        let coded = report.issuer_code.is_some();
        let text = text.strip_prefix(|c: char| coded && c.is_ascii_digit()).unwrap_or(text).trim();
        (!text.is_empty()).then_some(text)
    });
    let mut letters = label.chars();
    let label = letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>());
    let label = label.unwrap_or_default();
    message.map_or_else(|| label.clone(), |message| format!("{label} ({message})"))
}

pub(super) fn terminal_view(terminal: &Terminal) -> TerminalView {
    let holder = terminal.holder();
    TerminalView {
        name: terminal.name.clone(),
        label: terminal.label.clone(),
        state: if holder.is_some() { "busy" } else { "free" },
        held_by: holder.as_ref().map(held_by),
        moved_to: terminal.moved().map(|address| address.to_string()),
    }
}

fn held_by(holder: &Holder) -> HeldBy {
    HeldBy { payment: holder.payment.as_ref().map(ToString::to_string), till: holder.till.clone() }
}

/// The code and the sentence of a refusal: the one table of what a till sees.
/// `begins`: the message asked for something new, rather than about a payment
/// that may have been made.
fn refusal(refusal: &Refusal, begins: bool) -> (&'static str, Sentence) {
    match refusal {
        Refusal::UnknownTerminal { asked, known } => (
            "unknown_terminal",
            Sentence::UnknownTerminal { asked: asked.clone(), known: known.join(", ") },
        ),
        Refusal::TerminalBusy(holder) => {
            ("terminal_busy", Sentence::TerminalBusy { till: holder.till.clone() })
        }
        Refusal::IdReused => ("id_reused", Sentence::IdReused),
        Refusal::PossibleDoubleCharge { first } => {
            ("possible_double_charge", Sentence::PossibleDoubleCharge { first: first.to_string() })
        }
        Refusal::NotHeld { terminal } => {
            ("not_held", Sentence::NotHeld { terminal: terminal.clone() })
        }
        Refusal::IdDenied => ("id_denied", Sentence::IdDenied),
        Refusal::UnknownPayment => ("unknown_payment", Sentence::UnknownPayment),
        Refusal::OutcomeChanged => ("outcome_changed", Sentence::OutcomeChanged),
        Refusal::NotClosed => ("not_closed", Sentence::NotClosed),
        Refusal::NotUnknown => ("not_unknown", Sentence::NotUnknown),
        Refusal::MovesMoney => ("unsupported", Sentence::MovesMoney),
        Refusal::JournalUnavailable if begins => {
            ("journal_unavailable", Sentence::JournalUnavailable)
        }
        Refusal::JournalUnavailable => ("journal_unavailable", Sentence::NotRecordedNow),
        Refusal::JournalUnreadable => ("journal_unreadable", Sentence::JournalUnreadable),
        Refusal::ShuttingDown => ("shutting_down", Sentence::ShuttingDown),
    }
}

/// The refusal of a message.
pub(super) fn refused(about: About, no: No, lang: Lang) -> RelayToTill {
    let first = match &no {
        No::Refused(Refusal::PossibleDoubleCharge { first }) => Some(first.to_string()),
        _ => None,
    };
    let (code, sentence, holder) = match no {
        No::Invalid(code, sentence) => (code, sentence, None),
        No::Close(_, sentence) => ("not_permitted", sentence, None),
        No::Refused(reason) => {
            let holder = match &reason {
                Refusal::TerminalBusy(holder) => Some(held_by(holder)),
                _ => None,
            };
            let begins = ["pay", "identify", "exchange"].contains(&about.to);
            let (code, sentence) = refusal(&reason, begins);
            (code, sentence, holder)
        }
    };
    let About { to, id, n } = about;
    RelayToTill::Refused {
        to: to.into(),
        id,
        n,
        code,
        message: lang.say(&sentence),
        held_by: holder,
        first,
    }
}

/// The answer to `identify`.
pub(super) fn identified(
    terminal: &Terminal,
    identity: Identity,
    lang: Lang,
    n: Option<u64>,
) -> RelayToTill {
    let name = terminal.label.clone();
    let (state, sentence, version, terminal_id) = match identity {
        Identity::Ready { version, identifier } => {
            ("ready", Sentence::TerminalReady { terminal: name }, version, identifier)
        }
        Identity::NotReached(why) => (
            "not_reached",
            Sentence::TerminalNotReached { why: why.into(), terminal: name },
            None,
            None,
        ),
        Identity::Silent => ("silent", Sentence::TerminalSilent { terminal: name }, None, None),
        Identity::ConcertV2 => {
            ("concert_v2", Sentence::TerminalConcertV2 { terminal: name }, None, None)
        }
        Identity::NotUnderstood => {
            ("not_understood", Sentence::TerminalNotUnderstood { terminal: name }, None, None)
        }
    };
    RelayToTill::Terminal {
        name: terminal.name.clone(),
        label: terminal.label.clone(),
        state,
        version,
        terminal_id,
        message: lang.say(&sentence),
        n,
    }
}

/// The answer to `exchange`.
pub(super) fn exchanged(
    terminal: &Terminal,
    answer: Result<Answer, ExchangeError>,
    lang: Lang,
    n: Option<u64>,
) -> RelayToTill {
    let label = terminal.label.clone();
    let failure = |code, sentence: Sentence| ExchangeFailure { code, message: lang.say(&sentence) };
    let (message, error) = match answer {
        Ok(answer) => (answer.messages.into_iter().next_back().unwrap_or_default(), None),
        Err(ExchangeError::NotSent(why)) => {
            let sentence = Sentence::TerminalNotReached { why: why.into(), terminal: label };
            (wire::Message::default(), Some(failure("not_sent", sentence)))
        }
        Err(ExchangeError::Unanswered(_)) => {
            let sentence = Sentence::ExchangeUnanswered { terminal: label };
            (wire::Message::default(), Some(failure("unanswered", sentence)))
        }
    };
    let plain =
        message.fields().iter().filter(|f| f.tag != Tag::TICKET && f.tag != Tag::TICKET_DATA);
    RelayToTill::Exchange {
        terminal: terminal.name.clone(),
        fields: plain.map(|f| Field { tag: f.tag.to_string(), value: f.text() }).collect(),
        ticket: payment::ticket(&message),
        status: message.text(Tag::STATUS),
        error,
        n,
    }
}

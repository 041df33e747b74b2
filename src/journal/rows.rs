use super::writer::Change;
use super::{Filter, Listed, Recovered, doors, outbox, terminals};
use crate::payment::{
    Amount, Approval, Currency, Decline, Doubt, Evidence, Means, Moment, NotSent, Operation, Order,
    Outcome, Payment, PaymentId, Receipt, Reference, Register, Remark, Report, Resolution, State,
    Why,
};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, named_params, params};
use std::time::Duration;

/// Makes one change inside the transaction that the connection is in.
pub(super) fn apply(connection: &Connection, change: &Change) -> Result<u64> {
    match change {
        Change::Door(door) => doors::apply(connection, door),
        Change::Terminal(record) => terminals::apply(connection, record),
        Change::Outbox(change) => outbox::apply(connection, change),
        Change::Opened { payment, may_have_left, despite } => {
            let seq = open(connection, payment, *may_have_left)?;
            if let Some(first) = despite {
                run(
                    connection,
                    "INSERT INTO event (at, kind, payment, note) VALUES (?1, 'despite', ?2, ?3)",
                    params![payment.opened_at.0, payment.id.as_str(), first.as_str()],
                )?;
            }
            Ok(seq)
        }
        Change::Closed { payment } => close(connection, payment),
        Change::Late { payment } => {
            let late = close(connection, payment)?;
            // What it was before stays visible.
            run(
                connection,
                "INSERT INTO event (at, kind, payment, note)
                 VALUES (?2, 'late', ?1, 'unknown until the terminal answered')",
                params![payment.id.as_str(), payment.closed_at().map(|at| at.0)],
            )?;
            // The till has to hear of it again.
            run(
                connection,
                "UPDATE payment SET acknowledged_at = NULL WHERE id = ?1",
                params![payment.id.as_str()],
            )?;
            Ok(late)
        }
        Change::HeldBack { id } => run(
            connection,
            "UPDATE payment SET may_have_left = 0, sent_at = NULL
             WHERE id = ?1 AND outcome IS NULL",
            params![id.as_str()],
        ),
        Change::Sending { id, at } => run(
            connection,
            "UPDATE payment SET may_have_left = 1, sent_at = ?2 WHERE id = ?1",
            params![id.as_str(), at.0],
        ),
        Change::CancelRequested { id, at } => run(
            connection,
            "UPDATE payment SET cancel_requested_at = ?2
             WHERE id = ?1 AND cancel_requested_at IS NULL",
            params![id.as_str(), at.0],
        ),
        Change::Acknowledged { id, outcome, at } => run(
            connection,
            "UPDATE payment SET acknowledged_at = coalesce(acknowledged_at, ?2)
             WHERE id = ?1 AND outcome = ?3",
            params![id.as_str(), at.0, outcome],
        ),
        Change::Resolved { id, said } => run(
            connection,
            "UPDATE payment SET resolved_at = ?2, resolved_charged = ?3, resolved_by = ?4,
             resolved_note = ?5
             WHERE id = ?1 AND outcome = 'unknown' AND resolved_at IS NULL",
            params![id.as_str(), said.at.0, said.charged, said.by, said.note],
        ),
        Change::Evidence { id, evidence } => run(
            connection,
            "UPDATE payment SET evidence_at = ?2, evidence_status = ?3, evidence_amount = ?4,
             evidence_authorization = ?5, evidence_card = ?6 WHERE id = ?1",
            params![
                id.as_str(),
                evidence.at.0,
                evidence.status,
                evidence.amount.map(Amount::minor),
                evidence.authorization,
                evidence.card,
            ],
        ),
        Change::Event(event) => run(
            connection,
            "INSERT INTO event (at, kind, payment, terminal, by, note)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                event.at.0,
                event.kind,
                event.payment.as_ref().map(PaymentId::as_str),
                event.terminal,
                event.by,
                event.note,
            ],
        ),
        Change::Prune { before } => run(connection, PRUNE, params![before.0]),
    }
}

/// By the index of when they were opened, which no clock puts after when they were
/// closed for long. The last number stays, so that it is not given again, and so does what the
/// chain has not been told.
pub(super) const PRUNE: &str = "
    DELETE FROM payment WHERE seq IN (
        SELECT seq FROM payment
        WHERE opened_at < ?1 AND closed_at < ?1 AND acknowledged_at IS NOT NULL
            AND NOT (outcome = 'unknown' AND resolved_at IS NULL)
            AND seq < (SELECT max(seq) FROM payment)
            AND seq NOT IN (SELECT payment FROM outbox)
        LIMIT 250)";

/// Closes what a crash left open; the record says which way.
pub(super) fn close_open(connection: &mut Connection, now: Moment) -> Result<Recovered> {
    let transaction = connection.transaction()?;
    let close = |outcome: &str, reason: &str, may_have_left: bool| {
        transaction.execute(
            "UPDATE payment SET outcome = ?1, reason = ?2, closed_at = ?4
             WHERE acknowledged_at IS NULL AND outcome IS NULL AND may_have_left = ?3",
            params![outcome, reason, may_have_left, now.0],
        )
    };
    let recovered = Recovered {
        not_sent: close("not_sent", NotSent::RelayRestarted.code(), false)?,
        unknown: close("unknown", Why::RelayRestarted.code(), true)?,
    };
    transaction.commit()?;
    Ok(recovered)
}

pub(super) fn payment(connection: &Connection, id: &PaymentId) -> Result<Option<Payment>> {
    connection
        .prepare_cached("SELECT * FROM payment WHERE id = ?1")?
        .query_row([id.as_str()], read)
        .optional()
}

/// Served by the index of what is unacknowledged and the one of what is unknown.
pub(super) const IN_DOUBT: &str = "
    SELECT * FROM payment WHERE seq = (SELECT max(seq) FROM (
        SELECT seq FROM payment WHERE outcome = 'unknown' AND resolved_at IS NULL AND reference = ?1
        UNION ALL
        SELECT seq FROM payment
        WHERE acknowledged_at IS NULL AND outcome IS NULL AND reference = ?1))";

pub(super) fn in_doubt(connection: &Connection, reference: &Reference) -> Result<Option<Payment>> {
    connection.prepare_cached(IN_DOUBT)?.query_row([reference.as_str()], read).optional()
}

/// The statement that lists these; whether it asks for days.
pub(super) fn list(filter: &Filter) -> (String, bool) {
    let state = match filter.state {
        None => "TRUE",
        // What is open is unacknowledged: the same index serves both.
        Some(Listed::Open) => "acknowledged_at IS NULL AND outcome IS NULL",
        Some(Listed::Unknown) => "outcome = 'unknown' AND resolved_at IS NULL",
        Some(Listed::Unacknowledged) => "acknowledged_at IS NULL",
    };
    // A day is served by its own index, which SQLite would not choose by itself: it
    // goes through all in their order. Other lists are not burdened with it.
    let (index, day) = match (filter.from, filter.to) {
        (None, None) => ("", ""),
        _ if filter.state.is_some() => ("", "AND opened_at >= ?4 AND opened_at < ?5"),
        _ => ("INDEXED BY payment_opened", "AND opened_at >= ?4 AND opened_at < ?5"),
    };
    let query = format!(
        "SELECT * FROM payment {index}
         WHERE {state} AND seq > ?1 AND (?2 IS NULL OR till = ?2) {day} ORDER BY seq LIMIT ?3"
    );
    (query, !day.is_empty())
}

pub(super) fn payments(connection: &Connection, filter: &Filter) -> Result<Vec<Payment>> {
    let (query, has_days) = list(filter);
    let mut statement = connection.prepare_cached(&query)?;
    let since = i64::try_from(filter.since).unwrap_or(i64::MAX);
    let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
    if !has_days {
        return statement.query_map(params![since, filter.till, limit], read)?.collect();
    }
    let from = filter.from.map_or(i64::MIN, |from| from.0);
    let to = filter.to.map_or(i64::MAX, |to| to.0);
    statement.query_map(params![since, filter.till, limit, from, to], read)?.collect()
}

fn run(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<u64> {
    connection.prepare_cached(sql)?.execute(values).map(|rows| rows as u64)
}

fn open(connection: &Connection, payment: &Payment, may_have_left: bool) -> Result<u64> {
    let order = &payment.order;
    let mut insert = connection.prepare_cached(
        "INSERT INTO payment (id, till, terminal, operation, amount, currency, means, reference,
             receipt, partial, register, timeout_s, opened_at, may_have_left, sent_at)
         VALUES (:id, :till, :terminal, :operation, :amount, :currency, :means, :reference,
             :receipt, :partial, :register, :timeout_s, :opened_at, :may_have_left, :sent_at)",
    )?;
    insert.execute(named_params! {
        ":id": payment.id.as_str(),
        ":till": payment.till,
        ":terminal": payment.terminal,
        ":operation": order.operation.code(),
        ":amount": order.amount.minor(),
        ":currency": order.currency.letters(),
        ":means": order.means.code(),
        ":reference": order.reference.as_ref().map(Reference::as_str),
        ":receipt": order.receipt,
        ":partial": order.partial,
        ":register": order.register.map(Register::digits),
        ":timeout_s": order.timeout.map(|timeout| timeout.as_secs()),
        ":opened_at": payment.opened_at.0,
        ":may_have_left": may_have_left,
        ":sent_at": may_have_left.then_some(payment.opened_at.0),
    })?;
    Ok(connection.last_insert_rowid().unsigned_abs())
}

fn close(connection: &Connection, payment: &Payment) -> Result<u64> {
    let State::Closed { outcome, at } = &payment.state else { return Ok(0) };
    let none = Receipt::default();
    let (reason, paid, report, receipt, remarks) = match outcome {
        Outcome::Approved(Approval { paid, receipt, remarks }) => {
            (None, Some(paid.minor()), None, receipt, remarks.as_slice())
        }
        Outcome::Declined(Decline { report, receipt }) => {
            (None, None, report.as_ref(), receipt, &[][..])
        }
        Outcome::NotSent(reason) => (Some(reason.code()), None, None, &none, &[][..]),
        Outcome::Unknown(Doubt { reason, report, receipt }) => {
            (Some(reason.code()), None, report.as_ref(), receipt, &[][..])
        }
    };
    let remarks: Vec<_> = remarks.iter().map(|remark| remark.code()).collect();
    let mut update = connection.prepare_cached(
        "UPDATE payment SET closed_at = :closed_at, outcome = :outcome, reason = :reason,
             paid = :paid, report_code = :report_code, report_issuer = :report_issuer,
             report_message = :report_message, card = :card, authorization = :authorization,
             application = :application, read_mode = :read_mode, contract = :contract,
             aid = :aid, ticket = :ticket, remarks = :remarks, late = :late, sent_at = :sent_at,
             cancel_requested_at =
                 coalesce(cancel_requested_at, iif(:cancel_requested, :closed_at, NULL))
         WHERE id = :id",
    )?;
    let rows = update.execute(named_params! {
        ":id": payment.id.as_str(),
        ":closed_at": at.0,
        ":outcome": outcome.code(),
        ":reason": reason,
        ":paid": paid,
        ":report_code": report.map(|report| &report.code),
        ":report_issuer": report.and_then(|report| report.issuer_code.as_ref()),
        ":report_message": report.and_then(|report| report.message.as_ref()),
        ":card": receipt.card,
        ":authorization": receipt.authorization,
        ":application": receipt.application,
        ":read_mode": receipt.read_mode,
        ":contract": receipt.contract,
        ":aid": receipt.aid,
        ":ticket": receipt.ticket,
        ":remarks": (!remarks.is_empty()).then(|| remarks.join(" ")),
        ":late": payment.late,
        ":cancel_requested": payment.cancel_requested,
        ":sent_at": payment.sent_at.map(|at| at.0),
    })?;
    Ok(rows as u64)
}

pub(super) fn read(row: &Row<'_>) -> Result<Payment> {
    let moment =
        |name| -> Result<Option<Moment>> { Ok(row.get::<_, Option<i64>>(name)?.map(Moment)) };
    let may_have_left: bool = row.get("may_have_left")?;
    let state = match (moment("closed_at")?, may_have_left) {
        (Some(at), _) => State::Closed { outcome: outcome(row)?, at },
        (None, true) => State::Sent,
        (None, false) => State::Connecting,
    };
    Ok(Payment {
        seq: row.get("seq")?,
        id: known(row, "id", PaymentId::new)?,
        till: row.get("till")?,
        terminal: row.get("terminal")?,
        order: order(row)?,
        state,
        opened_at: Moment(row.get("opened_at")?),
        sent_at: moment("sent_at")?,
        cancel_requested: moment("cancel_requested_at")?.is_some(),
        resolved: resolution(row)?,
        evidence: evidence(row)?,
        late: row.get("late")?,
        acknowledged: moment("acknowledged_at")?.is_some(),
        durable: true,
    })
}

fn order(row: &Row<'_>) -> Result<Order> {
    let amount: u64 = row.get("amount")?;
    Ok(Order {
        operation: known(row, "operation", Operation::from_code)?,
        amount: Amount::new(amount).ok_or_else(|| foreign("amount"))?,
        currency: known(row, "currency", Currency::from_letters)?,
        means: known(row, "means", Means::from_code)?,
        reference: known_or_none(row, "reference", Reference::new)?,
        receipt: row.get("receipt")?,
        partial: row.get("partial")?,
        register: known_or_none(row, "register", Register::new)?,
        timeout: row.get::<_, Option<u64>>("timeout_s")?.map(Duration::from_secs),
    })
}

fn outcome(row: &Row<'_>) -> Result<Outcome> {
    let receipt = Receipt {
        card: row.get("card")?,
        authorization: row.get("authorization")?,
        application: row.get("application")?,
        read_mode: row.get("read_mode")?,
        contract: row.get("contract")?,
        aid: row.get("aid")?,
        ticket: row.get("ticket")?,
    };
    let report = match row.get("report_code")? {
        None => None,
        Some(code) => Some(Report {
            code,
            issuer_code: row.get("report_issuer")?,
            message: row.get("report_message")?,
        }),
    };
    Ok(match row.get_ref("outcome")?.as_str()? {
        "approved" => {
            let paid: u64 = row.get("paid")?;
            let remarks: Option<String> = row.get("remarks")?;
            Outcome::Approved(Approval {
                paid: Amount::new(paid).ok_or_else(|| foreign("paid"))?,
                receipt,
                remarks: remarks
                    .iter()
                    .flat_map(|r| r.split(' '))
                    .filter_map(Remark::from_code)
                    .collect(),
            })
        }
        "declined" => Outcome::Declined(Decline { report, receipt }),
        "not_sent" => Outcome::NotSent(known(row, "reason", NotSent::from_code)?),
        "unknown" => Outcome::Unknown(Doubt {
            reason: known(row, "reason", Why::from_code)?,
            report,
            receipt,
        }),
        _ => return Err(foreign("outcome")),
    })
}

fn resolution(row: &Row<'_>) -> Result<Option<Resolution>> {
    let Some(at) = row.get::<_, Option<i64>>("resolved_at")? else { return Ok(None) };
    Ok(Some(Resolution {
        charged: row.get("resolved_charged")?,
        by: row.get("resolved_by")?,
        note: row.get("resolved_note")?,
        at: Moment(at),
    }))
}

fn evidence(row: &Row<'_>) -> Result<Option<Evidence>> {
    let Some(at) = row.get::<_, Option<i64>>("evidence_at")? else { return Ok(None) };
    Ok(Some(Evidence {
        status: row.get("evidence_status")?,
        amount: row.get::<_, Option<u64>>("evidence_amount")?.and_then(Amount::new),
        authorization: row.get("evidence_authorization")?,
        card: row.get("evidence_card")?,
        at: Moment(at),
    }))
}

pub(super) fn known<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T> {
    known_or_none(row, column, parse)?.ok_or_else(|| foreign(column))
}

pub(super) fn known_or_none<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| parse(&text).ok_or_else(|| foreign(column))).transpose()
}

/// A value that this relay never writes: somebody else did.
fn foreign(column: &'static str) -> Error {
    Error::FromSqlConversionFailure(0, Type::Text, format!("unexpected value in {column}").into())
}

use crate::till::PaymentView;
use crate::words::{Lang, Program, Sentence};
use anyhow::{Context, Result};
use std::io::{self, Write};
use std::iter;

const COLUMNS: &str = "seq,opened_at,closed_at,till,terminal,operation,amount,currency,means,reference,\
     outcome,charged,paid,reason,report,card,authorization,application,id";

/// The payments as comma separated values (RFC 4180), amounts in minor units.
pub(super) fn csv(payments: impl Iterator<Item = PaymentView>, lang: Lang) -> Result<()> {
    let rows = payments.map(|payment| Ok(row(&payment).map(cell).join(",")));
    write(iter::once(Ok(COLUMNS.to_owned())).chain(rows), lang)
}

/// The same, as one text.
pub(super) fn csv_text(payments: impl Iterator<Item = PaymentView>) -> String {
    let rows = payments.map(|payment| row(&payment).map(cell).join(","));
    iter::once(COLUMNS.to_owned()).chain(rows).map(|line| line + "\n").collect()
}

/// The payments as one JSON object a line.
pub(super) fn json(payments: impl Iterator<Item = PaymentView>, lang: Lang) -> Result<()> {
    write(payments.map(|payment| Ok(serde_json::to_string(&payment)?)), lang)
}

/// Unlike the lines of a payment, these are the point: one that is not written
/// is an error, unless whoever reads has had enough.
fn write(lines: impl Iterator<Item = Result<String>>, lang: Lang) -> Result<()> {
    let incomplete = || lang.say(&Sentence::Program(Program::ExportIncomplete));
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        match writeln!(out, "{}", line?) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.with_context(incomplete)?,
        }
    }
    match out.flush() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        flushed => flushed.with_context(incomplete),
    }
}

fn row(payment: &PaymentView) -> [String; 19] {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let receipt = payment.receipt.as_ref();
    let application = receipt.and_then(|receipt| receipt.application.as_ref());
    let charged = serde_json::to_value(payment.charged).unwrap_or_default();
    [
        payment.seq.to_string(),
        payment.opened_at.clone(),
        text(payment.closed_at.as_deref()),
        payment.till.clone(),
        payment.terminal.clone(),
        payment.operation.to_owned(),
        payment.amount.to_string(),
        payment.currency.to_owned(),
        payment.means.to_owned(),
        text(payment.reference.as_deref()),
        text(payment.outcome),
        text(charged.as_str()),
        payment.paid.map(|paid| paid.to_string()).unwrap_or_default(),
        text(payment.reason),
        text(payment.report.as_ref().map(|report| report.code.as_str())),
        text(receipt.and_then(|receipt| receipt.card.as_deref())),
        text(receipt.and_then(|receipt| receipt.authorization.as_deref())),
        text(application.map(|application| application.label.as_str())),
        payment.id.clone(),
    ]
}

/// Quoted where it has to be. A spreadsheet takes a leading `=`, `+`, `-` or `@`
/// for a formula, and a till's reference may begin with one: a quote mark in
/// front keeps it a text.
fn cell(text: String) -> String {
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_has_to_be_and_is_never_a_formula() {
        for (text, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("-5", "'-5"),
        ] {
            assert_eq!(cell(text.into()), written);
        }
    }
}

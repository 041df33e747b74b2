//! The rows of the chain's table, and what a payment is in it. No ticket, no person's note; what
//! looks like a card number in a reference is hidden.

use crate::journal::Untold;
use crate::payment::{Moment, Outcome, Receipt};
use crate::wire::mask_numbers;
use tokio_postgres::types::ToSql;

/// Whether the table is there; a role that may only write rows need not be allowed to make it.
pub(super) const EXISTS: &str = "SELECT to_regclass('caisse_relay_payment') IS NOT NULL";

/// The table, one row a payment.
pub(super) const CREATE: &str = "
CREATE TABLE IF NOT EXISTS caisse_relay_payment (
    shop text NOT NULL,
    id text NOT NULL,
    number bigint NOT NULL, -- of the last change; grows for each shop
    till text NOT NULL,
    terminal text NOT NULL,
    operation text NOT NULL,
    means text NOT NULL,
    amount bigint NOT NULL, -- asked, in minor units
    paid bigint, -- moved, in minor units, when approved
    currency text NOT NULL,
    reference text,
    charged text NOT NULL, -- yes, no, maybe
    outcome text NOT NULL, -- approved, declined, not_sent, unknown
    reason text,
    report text,
    card text, -- at most the first 6 and last 4 digits
    \"authorization\" text,
    contract text,
    late boolean NOT NULL,
    opened_at timestamptz NOT NULL,
    sent_at timestamptz,
    closed_at timestamptz NOT NULL,
    settled_charged boolean, -- what a person read on the ticket of an unknown one
    settled_by text,
    settled_at timestamptz,
    PRIMARY KEY (shop, id)
)";

/// An older change never replaces a newer one.
pub(super) const TELL: &str = "
INSERT INTO caisse_relay_payment VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    $14, $15, $16, $17, $18, $19,
    timestamptz 'epoch' + $20::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $21::bigint * interval '1 millisecond',
    timestamptz 'epoch' + $22::bigint * interval '1 millisecond',
    $23, $24, timestamptz 'epoch' + $25::bigint * interval '1 millisecond')
ON CONFLICT (shop, id) DO UPDATE SET number = excluded.number, paid = excluded.paid,
    charged = excluded.charged, outcome = excluded.outcome, reason = excluded.reason,
    report = excluded.report, card = excluded.card, \"authorization\" = excluded.\"authorization\",
    contract = excluded.contract, late = excluded.late, sent_at = excluded.sent_at,
    closed_at = excluded.closed_at, settled_charged = excluded.settled_charged,
    settled_by = excluded.settled_by, settled_at = excluded.settled_at
WHERE caisse_relay_payment.number < excluded.number";

/// The values of [`TELL`], in its order.
pub(super) struct Row(Vec<Box<dyn ToSql + Sync + Send>>);

impl Row {
    pub(super) fn of(shop: &str, untold: &Untold) -> Row {
        let Untold { number, payment } = untold;
        let order = &payment.order;
        let settled = payment.resolved.as_ref();
        let moment = |at: Option<Moment>| at.map(|Moment(at)| at);
        let (reason, report, paid, receipt) = match payment.outcome() {
            Some(Outcome::Approved(approval)) => {
                (None, None, Some(approval.paid.minor()), Some(&approval.receipt))
            }
            Some(Outcome::Declined(decline)) => {
                (None, decline.report.as_ref(), None, Some(&decline.receipt))
            }
            Some(Outcome::NotSent(reason)) => (Some(reason.code()), None, None, None),
            Some(Outcome::Unknown(doubt)) => {
                (Some(doubt.reason.code()), doubt.report.as_ref(), None, Some(&doubt.receipt))
            }
            None => (None, None, None, None),
        };
        let none = Receipt::default();
        let receipt = receipt.unwrap_or(&none);
        Row(vec![
            Box::new(shop.to_owned()),
            Box::new(payment.id.as_str().to_owned()),
            Box::new(whole(*number)),
            Box::new(payment.till.clone()),
            Box::new(payment.terminal.clone()),
            Box::new(order.operation.code()),
            Box::new(order.means.code()),
            Box::new(whole(order.amount.minor())),
            Box::new(paid.map(whole)),
            Box::new(order.currency.letters()),
            Box::new(order.reference.as_ref().map(|reference| hidden(reference.as_str()))),
            Box::new(payment.charged().code()),
            Box::new(payment.outcome().map(Outcome::code)),
            Box::new(reason),
            Box::new(report.map(|report| report.code.clone())),
            Box::new(receipt.card.clone()),
            Box::new(receipt.authorization.clone()),
            Box::new(receipt.contract.clone()),
            Box::new(payment.late),
            Box::new(payment.opened_at.0),
            Box::new(moment(payment.sent_at)),
            Box::new(moment(payment.closed_at())),
            Box::new(settled.map(|settled| settled.charged)),
            Box::new(settled.map(|settled| settled.by.clone())),
            Box::new(settled.map(|settled| settled.at.0)),
        ])
    }

    pub(super) fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.0.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect()
    }
}

/// Amounts and numbers stay far below.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn hidden(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask_numbers(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

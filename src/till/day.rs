//! What a day came to and what happened, for who holds the relay's key.

use super::asked::{No, between, instant};
use super::protocol::{EventView, RelayToTill, TotalView};
use super::told::moment;
use crate::hub::Hub;
use crate::journal::{Event, Total};
use crate::payment::PaymentId;
use std::sync::Arc;

/// The answer to `totals`.
pub(super) async fn totals(
    hub: Arc<Hub>,
    from: String,
    to: String,
    n: Option<u64>,
) -> Result<Option<RelayToTill>, No> {
    let (from, to) = (instant(&from, "from")?, instant(&to, "to")?);
    let totals = hub.totals(from, to).await?.into_iter().map(total_view).collect();
    Ok(Some(RelayToTill::Totals { from: moment(from), to: moment(to), totals, n }))
}

/// The answer to `events`.
pub(super) async fn events(
    hub: Arc<Hub>,
    limit: Option<usize>,
    n: Option<u64>,
) -> Result<Option<RelayToTill>, No> {
    let limit = between(limit.unwrap_or(100), 1, 1000, "limit")?;
    let events = hub.last_events(limit).await?.into_iter().map(event_view).collect();
    Ok(Some(RelayToTill::Events { events, n }))
}

fn total_view(total: Total) -> TotalView {
    TotalView {
        terminal: total.terminal,
        operation: total.operation.code(),
        means: total.means.code(),
        currency: total.currency.letters(),
        done: total.done,
        sum: total.sum,
        settled: total.settled,
        unknown: total.unknown,
        unknown_sum: total.unknown_sum,
    }
}

fn event_view(event: Event) -> EventView {
    EventView {
        at: moment(event.at),
        kind: event.kind,
        payment: event.payment.as_ref().map(PaymentId::to_string),
        terminal: event.terminal,
        by: event.by,
        note: event.note,
    }
}

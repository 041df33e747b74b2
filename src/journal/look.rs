//! What the person at the relay looks at: what a day came to, the last events,
//! and how the journal itself is.

use super::{Event, Journal, JournalError, Reader, rows};
use crate::payment::{Currency, Means, Moment, Operation, PaymentId};
use rusqlite::{Connection, params};
use std::sync::{Arc, PoisonError};

/// What the payments of one kind on one terminal came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Total {
    /// The terminal's name.
    pub terminal: String,
    /// Which way the money went.
    pub operation: Operation,
    /// With what.
    pub means: Means,
    /// In what.
    pub currency: Currency,
    /// How many moved money: the terminal said so, or a person did.
    pub done: u64,
    /// How much they moved, in minor units.
    pub sum: u64,
    /// How many of these a person settled.
    pub settled: u64,
    /// How many may have moved money: they are in doubt.
    pub unknown: u64,
    /// How much was asked by those in doubt, in minor units.
    pub unknown_sum: u64,
}

const TOTALS: &str = "
    SELECT terminal, operation, means, currency,
        sum(moved) AS done, sum(moved * coalesce(paid, amount)) AS total,
        sum(moved AND outcome = 'unknown') AS settled,
        sum(doubt) AS doubts, sum(doubt * amount) AS doubt_total
    FROM (
        SELECT *,
            outcome = 'approved' OR (outcome = 'unknown' AND resolved_charged IS 1) AS moved,
            outcome = 'unknown' AND resolved_at IS NULL AS doubt
        FROM payment WHERE opened_at >= ?1 AND opened_at < ?2 AND outcome IS NOT NULL
    )
    WHERE moved OR doubt
    GROUP BY terminal, currency, operation, means
    ORDER BY terminal, currency, operation, means";

const UNKNOWN: &str =
    "SELECT count(*) FROM payment WHERE outcome = 'unknown' AND resolved_at IS NULL";

impl Journal {
    /// What the payments asked for from one moment to before another came to.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn totals(&self, from: Moment, to: Moment) -> Result<Vec<Total>, JournalError> {
        self.look(move |connection| totals(connection, from, to)).await
    }

    /// The last events, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn last_events(&self, last: usize) -> Result<Vec<Event>, JournalError> {
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        self.look(move |connection| events(connection, last)).await
    }

    /// How many payments are unknown and not settled; an index of just these counts them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn unknown(&self) -> Result<u64, JournalError> {
        self.reader
            .read(|connection| connection.prepare_cached(UNKNOWN)?.query_row([], |row| row.get(0)))
    }

    /// The bytes that are free on its disk; none when the system does not say.
    pub fn room(&self) -> Option<u64> {
        fs4::available_space(&self.folder).ok()
    }

    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let lister = Arc::clone(&self.lister);
        tokio::task::spawn_blocking(move || lister.read(look))
            .await
            .unwrap_or_else(|error| Err(JournalError::Read(error.to_string())))
    }
}

impl Reader {
    fn read<T>(
        &self,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        look(&connection).map_err(|error| JournalError::Read(error.to_string()))
    }
}

fn totals(connection: &Connection, from: Moment, to: Moment) -> rusqlite::Result<Vec<Total>> {
    let mut statement = connection.prepare_cached(TOTALS)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Total {
            terminal: row.get("terminal")?,
            operation: rows::known(row, "operation", Operation::from_code)?,
            means: rows::known(row, "means", Means::from_code)?,
            currency: rows::known(row, "currency", Currency::from_letters)?,
            done: row.get("done")?,
            sum: row.get("total")?,
            settled: row.get("settled")?,
            unknown: row.get("doubts")?,
            unknown_sum: row.get("doubt_total")?,
        })
    };
    statement.query_map(params![from.0, to.0], read)?.collect()
}

pub(super) fn events(connection: &Connection, last: i64) -> rusqlite::Result<Vec<Event>> {
    // The newest, in the order in which they happened.
    let mut statement = connection.prepare_cached(
        "SELECT * FROM (SELECT * FROM event ORDER BY seq DESC LIMIT ?1) ORDER BY seq",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Event {
            at: Moment(row.get("at")?),
            kind: row.get("kind")?,
            payment: rows::known_or_none(row, "payment", PaymentId::new)?,
            terminal: row.get("terminal")?,
            by: row.get("by")?,
            note: row.get("note")?,
        })
    };
    statement.query_map([last], read)?.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Filter, Listed, schema};
    use super::*;

    #[test]
    fn no_question_of_a_till_or_the_page_looks_through_all_payments() {
        let connection = Connection::open_in_memory().unwrap();
        schema::prepare(&connection).unwrap();
        let list =
            |state, from| rows::list(&Filter { state, from, limit: 1000, ..Filter::default() }).0;
        let day = Some(Moment(0));
        for query in [
            list(None, day),
            list(Some(Listed::Open), None),
            list(Some(Listed::Unknown), None),
            list(Some(Listed::Unknown), day),
            list(Some(Listed::Unacknowledged), None),
            TOTALS.into(),
            UNKNOWN.into(),
            rows::IN_DOUBT.into(),
            rows::PRUNE.into(),
            "SELECT * FROM payment WHERE id = ?1".into(),
        ] {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
            let mut steps = plan.raw_query();
            while let Some(step) = steps.next().unwrap() {
                let step: String = step.get("detail").unwrap();
                let looks_through_all = step.starts_with("SCAN payment")
                    && !step.contains("INDEX payment_un")
                    || step.contains("PRIMARY KEY (rowid>");
                assert!(!looks_through_all, "{step}: {query}");
            }
        }
    }
}

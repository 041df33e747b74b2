//! What is still to be told to the chain: a line for every outcome of a payment.
//!
//! The database itself keeps the lines, in the transaction that closes or settles the payment:
//! no way of closing one, not even a restart's, can forget it, and none waits for anybody.

use super::writer::Change;
use super::{Journal, JournalError, rows};
use crate::payment::Payment;
use rusqlite::{Connection, params};

/// A payment that is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Grows with everything that happens to any payment, and is never given twice.
    pub number: u64,
    /// As it is now.
    pub payment: Payment,
}

/// What to do with the outbox.
#[derive(Debug)]
pub(super) enum Outbox {
    /// Keep one, from the payments that the journal still has on.
    Keep,
    /// Keep none.
    Drop,
    /// Everything up to this number has arrived.
    Told { number: u64 },
}

/// An acknowledgement is of no concern to it.
const KEEP: &str = "
CREATE TRIGGER payment_untold AFTER UPDATE OF outcome, resolved_at ON payment
WHEN NEW.outcome IS NOT NULL BEGIN INSERT INTO outbox (payment) VALUES (NEW.seq); END;
INSERT INTO outbox (payment) SELECT seq FROM payment WHERE outcome IS NOT NULL ORDER BY seq;";

impl Journal {
    /// Keeps an outbox from now on, or none. A new one begins with every payment that the journal
    /// has; one that is kept none of loses its lines.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn keep_outbox(&self, wanted: bool) -> Result<(), JournalError> {
        let change = if wanted { Outbox::Keep } else { Outbox::Drop };
        if self.look(is_kept).await? == wanted {
            return Ok(());
        }
        self.writer.write(Change::Outbox(change)).await.map(drop)
    }

    /// What is still to be told, oldest first, `limit` at most.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn untold(&self, limit: usize) -> Result<Vec<Untold>, JournalError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.look(move |connection| untold(connection, limit)).await
    }

    /// Records that everything up to this number has arrived.
    ///
    /// # Errors
    /// When it did not reach the disk: it will be told again.
    pub async fn told(&self, number: u64) -> Result<(), JournalError> {
        self.writer.write(Change::Outbox(Outbox::Told { number })).await.map(drop)
    }
}

/// Makes one change inside the transaction that the connection is in.
pub(super) fn apply(connection: &Connection, change: &Outbox) -> rusqlite::Result<u64> {
    match change {
        Outbox::Keep if is_kept(connection)? => {}
        Outbox::Keep => connection.execute_batch(KEEP)?,
        Outbox::Drop => connection
            .execute_batch("DROP TRIGGER IF EXISTS payment_untold; DELETE FROM outbox;")?,
        Outbox::Told { number } => {
            connection
                .prepare_cached("DELETE FROM outbox WHERE number <= ?1")?
                .execute(params![number])?;
        }
    }
    Ok(0)
}

fn is_kept(connection: &Connection) -> rusqlite::Result<bool> {
    let found = "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = 'payment_untold'";
    connection.prepare_cached(found)?.exists([])
}

fn untold(connection: &Connection, limit: i64) -> rusqlite::Result<Vec<Untold>> {
    let mut statement = connection.prepare_cached(
        "SELECT outbox.number, payment.* FROM outbox JOIN payment ON payment.seq = outbox.payment
         ORDER BY outbox.number LIMIT ?1",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Untold { number: row.get("number")?, payment: rows::read(row)? })
    };
    statement.query_map([limit], read)?.collect()
}

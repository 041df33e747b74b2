//! Whether the journal is well, looked at from beside it.

use super::{JournalError, Reader, file};
use crate::payment::Moment;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::PoisonError;

/// What a look at a journal tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// What is wrong with the file itself, as SQLite says it.
    pub damage: Option<String>,
    /// Its size on the disk, in bytes.
    pub size: u64,
    /// How many payments there are.
    pub payments: u64,
    /// How many are unknown and nobody has settled them.
    pub unknown: u64,
    /// How many outcomes no till has acknowledged.
    pub unacknowledged: u64,
    /// How much is still to be told to the chain, and since when the oldest of it is over.
    pub untold: (u64, Option<Moment>),
    /// When something was last written.
    pub last_at: Option<Moment>,
}

impl Reader {
    /// Looks through the whole file; takes a while where it is large.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn checkup(&self, folder: &Path) -> Result<Checkup, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || -> rusqlite::Result<Checkup> {
            let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, u64>(0));
            let said: String =
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            Ok(Checkup {
                damage: (said != "ok").then_some(said),
                size: std::fs::metadata(file(folder)).map_or(0, |found| found.len()),
                payments: count("SELECT count(*) FROM payment")?,
                unknown: count(
                    "SELECT count(*) FROM payment WHERE outcome = 'unknown' AND resolved_at IS NULL",
                )?,
                unacknowledged: count(
                    "SELECT count(*) FROM payment
                     WHERE acknowledged_at IS NULL AND outcome IS NOT NULL",
                )?,
                untold: connection.query_row(
                    "SELECT (SELECT count(*) FROM outbox),
                         (SELECT payment.closed_at FROM outbox
                          JOIN payment ON payment.seq = outbox.payment
                          ORDER BY outbox.number LIMIT 1)",
                    [],
                    |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(Moment))),
                )?,
                last_at: connection
                    .query_row(
                        "SELECT max(at) FROM (SELECT max(opened_at) AS at FROM payment
                         UNION ALL SELECT max(closed_at) FROM payment
                         UNION ALL SELECT max(at) FROM event)",
                        [],
                        |row| row.get::<_, Option<i64>>(0),
                    )?
                    .map(Moment),
            })
        };
        look().map_err(|error| JournalError::Read(error.to_string()))
    }
}

/// The process of the relay that works on the journal in a folder, where one does.
pub fn holder(folder: &Path) -> Option<String> {
    let file = File::open(folder.join("journal.lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(std::fs::read_to_string(folder.join("journal.pid")).unwrap_or_else(|_| "?".into()))
        }
        _ => None,
    }
}

/// The bytes that are free on the disk of a folder; nothing when the system does not say.
pub fn room(folder: &Path) -> Option<u64> {
    fs4::available_space(folder).ok()
}

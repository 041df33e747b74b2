//! Who the terminals were when they last said it.

use super::writer::Change;
use super::{Journal, JournalError, Reader};
use crate::payment::Moment;
use rusqlite::{Connection, Row, params};
use std::sync::PoisonError;

/// A terminal that has said who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalRecord {
    /// Its name in the configuration.
    pub name: String,
    /// Its own `CJ`.
    pub identifier: Option<String>,
    /// The address of its network card, where the system knew it.
    pub mac: Option<String>,
    /// Where it was.
    pub address: String,
    /// When.
    pub seen_at: Moment,
}

impl Journal {
    /// Records who a terminal is, in place of what it was before.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn terminal(&self, record: TerminalRecord) -> Result<(), JournalError> {
        self.writer.write(Change::Terminal(record)).await.map(drop)
    }

    /// Every terminal that has said who it is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn terminals(&self) -> Result<Vec<TerminalRecord>, JournalError> {
        self.reader.terminals()
    }
}

impl Reader {
    /// Every terminal that has said who it is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn terminals(&self) -> Result<Vec<TerminalRecord>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        read(&connection).map_err(|error| JournalError::Read(error.to_string()))
    }
}

/// Makes the change inside the transaction that the connection is in.
pub(super) fn apply(connection: &Connection, record: &TerminalRecord) -> rusqlite::Result<u64> {
    let TerminalRecord { name, identifier, mac, address, seen_at } = record;
    connection
        .prepare_cached(
            "INSERT INTO terminal (name, cj, mac, address, seen_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET cj = ?2, mac = ?3, address = ?4, seen_at = ?5",
        )?
        .execute(params![name, identifier, mac, address, seen_at.0])
        .map(|rows| rows as u64)
}

fn read(connection: &Connection) -> rusqlite::Result<Vec<TerminalRecord>> {
    let mut statement = connection.prepare_cached("SELECT * FROM terminal ORDER BY name")?;
    let read = |row: &Row<'_>| {
        Ok(TerminalRecord {
            name: row.get("name")?,
            identifier: row.get("cj")?,
            mac: row.get("mac")?,
            address: row.get("address")?,
            seen_at: Moment(row.get("seen_at")?),
        })
    };
    statement.query_map([], read)?.collect()
}

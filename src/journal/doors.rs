//! What people have decided about who may come in.

use super::writer::Change;
use super::{Journal, JournalError};
use crate::payment::Moment;
use rusqlite::{Connection, params};
use std::sync::PoisonError;

/// A till that was paired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillRecord {
    /// Its name.
    pub name: String,
    /// The digest of its token.
    pub token: Vec<u8>,
    /// The terminals that it may use; without a list, all.
    pub terminals: Option<Vec<String>>,
    /// What it may do; without a list, everything.
    pub acts: Option<Vec<String>>,
    /// When it was paired.
    pub paired_at: Moment,
}

/// Everything that is decided.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// Origins, whether they are allowed, and since when.
    pub origins: Vec<(String, bool, Moment)>,
    /// Tills.
    pub tills: Vec<TillRecord>,
}

/// A decision to record.
#[derive(Debug)]
pub(super) enum Door {
    Origin { origin: String, allowed: Option<bool>, at: Moment, by: String },
    Till(TillRecord),
    Revoke { till: String },
}

impl Journal {
    /// Records what a person decided about an origin; without a word, forgets it.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn origin(
        &self,
        origin: &str,
        allowed: Option<bool>,
        at: Moment,
        by: &str,
    ) -> Result<(), JournalError> {
        let change = Door::Origin { origin: origin.into(), allowed, at, by: by.into() };
        self.writer.write(Change::Door(change)).await.map(drop)
    }

    /// Records a till that is paired, in place of the one of this name.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn till(&self, till: TillRecord) -> Result<(), JournalError> {
        self.writer.write(Change::Door(Door::Till(till))).await.map(drop)
    }

    /// Forgets a till. False when there was none of this name.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn revoke(&self, till: &str) -> Result<bool, JournalError> {
        let change = Change::Door(Door::Revoke { till: till.into() });
        self.writer.write(change).await.map(|rows| rows == 1)
    }

    /// Everything that people have decided about who may come in.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn doors(&self) -> Result<Doors, JournalError> {
        let connection = self.reader.connection.lock().unwrap_or_else(PoisonError::into_inner);
        read(&connection).map_err(|error| JournalError::Read(error.to_string()))
    }
}

/// Makes one change inside the transaction that the connection is in.
pub(super) fn apply(connection: &Connection, change: &Door) -> rusqlite::Result<u64> {
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(values).map(|rows| rows as u64)
    };
    match change {
        Door::Origin { origin, allowed: Some(allowed), at, by } => run(
            "INSERT INTO origin (origin, allowed, at, by) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (origin) DO UPDATE SET allowed = ?2, at = ?3, by = ?4",
            params![origin, allowed, at.0, by],
        ),
        Door::Origin { origin, allowed: None, .. } => {
            run("DELETE FROM origin WHERE origin = ?1", params![origin])
        }
        Door::Till(till) => run(
            "INSERT INTO till (name, token, terminals, acts, paired_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE
             SET token = ?2, terminals = ?3, acts = ?4, paired_at = ?5",
            params![
                till.name,
                till.token,
                till.terminals.as_ref().map(|list| list.join("\n")),
                till.acts.as_ref().map(|list| list.join("\n")),
                till.paired_at.0
            ],
        ),
        Door::Revoke { till } => run("DELETE FROM till WHERE name = ?1", params![till]),
    }
}

/// Reads everything.
fn read(connection: &Connection) -> rusqlite::Result<Doors> {
    let list =
        |text: Option<String>| text.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let mut origins =
        connection.prepare("SELECT origin, allowed, at FROM origin ORDER BY origin")?;
    let origins = origins.query_map([], |row| {
        Ok((row.get("origin")?, row.get("allowed")?, Moment(row.get("at")?)))
    })?;
    let mut tills = connection.prepare("SELECT * FROM till ORDER BY name")?;
    let tills = tills.query_map([], |row| {
        Ok(TillRecord {
            name: row.get("name")?,
            token: row.get("token")?,
            terminals: list(row.get("terminals")?),
            acts: list(row.get("acts")?),
            paired_at: Moment(row.get("paired_at")?),
        })
    })?;
    Ok(Doors {
        origins: origins.collect::<rusqlite::Result<_>>()?,
        tills: tills.collect::<rusqlite::Result<_>>()?,
    })
}

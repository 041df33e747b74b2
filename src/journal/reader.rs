use super::{Event, Filter, JournalError, file, look, rows, schema};
use crate::payment::{Payment, PaymentId, Reference};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A journal open for reading only, whether a relay works on it or not.
#[derive(Debug)]
pub struct Reader {
    pub(super) connection: Mutex<Connection>,
}

impl Reader {
    /// Opens the journal in a folder.
    ///
    /// # Errors
    /// When there is none or it cannot be used.
    pub fn open(folder: &Path) -> Result<Reader, JournalError> {
        let path = file(folder);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags)
            .and_then(|connection| schema::check(&connection).map(|()| connection))
            .map_err(|error| JournalError::Unusable { path, cause: error.to_string() })?;
        Ok(Reader { connection: Mutex::new(connection) })
    }

    /// One payment.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payment(&self, id: &PaymentId) -> Result<Option<Payment>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        rows::payment(&connection, id).map_err(|error| JournalError::Read(error.to_string()))
    }

    pub(super) fn in_doubt(&self, reference: &Reference) -> Result<Option<Payment>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        rows::in_doubt(&connection, reference)
            .map_err(|error| JournalError::Read(error.to_string()))
    }

    /// The events, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn events(&self) -> Result<Vec<Event>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        look::events(&connection, i64::MAX).map_err(|error| JournalError::Read(error.to_string()))
    }

    /// A list of payments.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payments(&self, filter: &Filter) -> Result<Vec<Payment>, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        rows::payments(&connection, filter).map_err(|error| JournalError::Read(error.to_string()))
    }
}

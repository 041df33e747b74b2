//! The durable record of every payment, kept in SQLite.
//!
//! A payment is on disk before its first byte leaves, and its outcome is on
//! disk before a till is told. One thread writes; what waits when it comes
//! round shares a commit, so fifty tills cost one `fsync`. Readers have their
//! own connection and go on when the disk is full.
//!
//! SQLite because it is the best tested embedded database there is, any shop's
//! accountant can open the file with common tools, and its write-ahead log
//! does one `fsync` a commit.

mod checkup;
mod doors;
mod lock;
mod log;
mod look;
mod outbox;
mod reader;
mod rows;
mod schema;
mod terminals;
mod writer;

use crate::durations::Counted;
use crate::payment::{Evidence, Moment, Payment, PaymentId, Reference, Resolution};
use crate::rights::{self, For};
pub use checkup::{Checkup, holder, room};
pub use doors::{Doors, TillRecord};
use lock::Lock;
use log::Log;
pub use look::Total;
pub use outbox::Untold;
pub use reader::Reader;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
pub use terminals::TerminalRecord;
use writer::{Change, Writer};

/// Why the journal cannot be opened, read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Another relay works on this journal.
    #[error("the journal in {} is held by process {process}; stop that relay first, or give this one another data_dir", folder.display())]
    Held {
        /// Where the journal is.
        folder: PathBuf,
        /// Who holds it.
        process: String,
    },
    /// The file is there and cannot be used.
    #[error("cannot open the journal {}: {cause}; keep the file, it is the record of what was paid, and restore it from a backup or move it away", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the database says.
        cause: String,
    },
    /// A write did not reach the disk.
    #[error("cannot write the journal: {0}")]
    Write(String),
    /// A read failed.
    #[error("cannot read the journal: {0}")]
    Read(String),
    /// This id is in the journal already.
    #[error("the journal has this payment already")]
    AlreadyThere,
}

impl JournalError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            JournalError::Held { .. } => "journal_held",
            JournalError::Unusable { .. } => "journal_unusable",
            JournalError::Write(_) => "journal_unwritable",
            JournalError::Read(_) => "journal_unreadable",
            JournalError::AlreadyThere => "journal_already_there",
        }
    }
}

/// Something that a person or the relay did beside the payments themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// What: `released`, `despite`, `late`, `terminal_moved`, `terminal_changed`.
    pub kind: String,
    /// About which payment.
    pub payment: Option<PaymentId>,
    /// About which terminal.
    pub terminal: Option<String>,
    /// Who did it.
    pub by: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// Which payments to list, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those after this number.
    pub since: u64,
    /// Only those in this state.
    pub state: Option<Listed>,
    /// Only those of this till.
    pub till: Option<String>,
    /// Only those asked for at this moment or later.
    pub from: Option<Moment>,
    /// Only those asked for before this moment.
    pub to: Option<Moment>,
    /// At most this many.
    pub limit: usize,
}

/// A state that payments can be listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// No outcome yet.
    Open,
    /// Unknown, and nobody has settled it.
    Unknown,
    /// No till has acknowledged it; the open ones are among them.
    Unacknowledged,
}

/// What a restart made of the payments that were open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// The record proves that nothing had left.
    pub not_sent: usize,
    /// The request may have left.
    pub unknown: usize,
}

/// The journal of this relay, open for writing.
#[derive(Debug)]
pub struct Journal {
    writer: Writer,
    /// For one payment at a time.
    reader: Reader,
    /// For lists, so that a long one keeps no payment waiting.
    lister: Arc<Reader>,
    recovered: Recovered,
    folder: PathBuf,
    _lock: Lock,
}

impl Journal {
    /// Opens the journal in `folder`, makes it at first start, and closes what
    /// a crash left open: as `not_sent` where nothing had left, else as `unknown`.
    ///
    /// # Errors
    /// When another relay holds it or the file cannot be used.
    pub fn open(folder: &Path, now: Moment) -> Result<Journal, JournalError> {
        let path = file(folder);
        let unusable = |cause: String| JournalError::Unusable { path: path.clone(), cause };
        rights::make_folder(folder).map_err(|error| unusable(error.to_string()))?;
        let lock = Lock::take(folder)?;
        private_file(&path).map_err(|error| unusable(error.to_string()))?;
        let mut connection =
            Connection::open(&path).map_err(|error| unusable(error.to_string()))?;
        schema::prepare(&connection).map_err(|error| unusable(error.to_string()))?;
        let recovered =
            rows::close_open(&mut connection, now).map_err(|error| unusable(error.to_string()))?;
        let log = Log::of(&mut connection, &path).map_err(|error| unusable(error.to_string()))?;
        let reader = Reader::open(folder)?;
        let lister = Arc::new(Reader::open(folder)?);
        Ok(Journal {
            writer: Writer::start(connection, log),
            reader,
            lister,
            recovered,
            folder: folder.into(),
            _lock: lock,
        })
    }

    /// What opening it made of the payments that a crash had left open.
    pub fn recovered(&self) -> Recovered {
        self.recovered
    }

    /// How many times it synced a group of changes to the disk.
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }

    /// How long each of them took.
    pub fn commit_times(&self) -> Counted {
        self.writer.commit_times()
    }

    /// Records a payment, durably; gives its number. `may_have_left` says that
    /// its request goes out as soon as this returns.
    ///
    /// # Errors
    /// Nothing may be sent then.
    pub async fn opened(
        &self,
        payment: &Payment,
        may_have_left: bool,
    ) -> Result<u64, JournalError> {
        self.opened_despite(payment, may_have_left, None).await
    }

    /// The same, and in the same record that a person pays despite a payment
    /// that is in doubt.
    ///
    /// # Errors
    /// Nothing may be sent then.
    pub async fn opened_despite(
        &self,
        payment: &Payment,
        may_have_left: bool,
        first: Option<&PaymentId>,
    ) -> Result<u64, JournalError> {
        let (payment, despite) = (payment.clone(), first.cloned());
        self.writer.write(Change::Opened { payment, may_have_left, despite }).await
    }

    /// Records, durably, that the request of a payment goes out now.
    ///
    /// # Errors
    /// Nothing may be sent then.
    pub async fn sending(&self, id: &PaymentId, at: Moment) -> Result<(), JournalError> {
        self.writer.write(Change::Sending { id: id.clone(), at }).await.map(drop)
    }

    /// Records that nothing of a payment has left yet, although its record says
    /// that it may have: its terminal takes its time.
    ///
    /// # Errors
    /// The record still says that it may have left.
    pub async fn held_back(&self, id: &PaymentId) -> Result<(), JournalError> {
        self.writer.write(Change::HeldBack { id: id.clone() }).await.map(drop)
    }

    /// Records the outcome of a payment, durably.
    ///
    /// # Errors
    /// The record still says that the payment is open.
    pub async fn closed(&self, payment: &Payment) -> Result<(), JournalError> {
        self.writer.write(Change::Closed { payment: payment.clone() }).await.map(drop)
    }

    /// Records an outcome that came after the deadline, durably, in place of the
    /// unknown one. What a person said stays; no till has acknowledged it.
    ///
    /// # Errors
    /// The record still says unknown.
    pub async fn late(&self, payment: &Payment) -> Result<(), JournalError> {
        self.writer.write(Change::Late { payment: payment.clone() }).await.map(drop)
    }

    /// Records that the till wants to cancel.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn cancel_requested(&self, id: &PaymentId, at: Moment) -> Result<(), JournalError> {
        self.writer.write(Change::CancelRequested { id: id.clone(), at }).await.map(drop)
    }

    /// Records that the till has this outcome. False when it is another by now.
    ///
    /// # Errors
    /// When it did not reach the disk: the till will be told again.
    pub async fn acknowledged(
        &self,
        id: &PaymentId,
        outcome: &'static str,
        at: Moment,
    ) -> Result<bool, JournalError> {
        let change = Change::Acknowledged { id: id.clone(), outcome, at };
        self.writer.write(change).await.map(|rows| rows == 1)
    }

    /// Records what a person said of an unknown outcome. False when the outcome
    /// is not unknown any more or somebody was quicker.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn resolved(&self, id: &PaymentId, said: &Resolution) -> Result<bool, JournalError> {
        let change = Change::Resolved { id: id.clone(), said: said.clone() };
        self.writer.write(change).await.map(|rows| rows == 1)
    }

    /// Records what a terminal's duplicate says of an unknown payment.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn evidence(&self, id: &PaymentId, said: &Evidence) -> Result<(), JournalError> {
        let change = Change::Evidence { id: id.clone(), evidence: said.clone() };
        self.writer.write(change).await.map(drop)
    }

    /// Records an event.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn event(&self, event: Event) -> Result<(), JournalError> {
        self.writer.write(Change::Event(event)).await.map(drop)
    }

    /// The last payment with this reference that is open, or unknown and not settled.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn in_doubt(&self, reference: &Reference) -> Result<Option<Payment>, JournalError> {
        self.reader.in_doubt(reference)
    }

    /// Forgets what was closed before a moment, unless it is unacknowledged or
    /// in doubt. Gives how many.
    ///
    /// # Errors
    /// When it did not reach the disk.
    pub async fn prune(&self, before: Moment) -> Result<u64, JournalError> {
        let mut pruned = 0;
        // A few at a time: payments come in between.
        loop {
            match self.writer.write(Change::Prune { before }).await? {
                0 => return Ok(pruned),
                some => pruned += some,
            }
        }
    }

    /// One payment. A look at one row of the page cache: it does not wait for writers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn payment(&self, id: &PaymentId) -> Result<Option<Payment>, JournalError> {
        self.reader.payment(id)
    }

    /// A list of payments.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn payments(&self, filter: Filter) -> Result<Vec<Payment>, JournalError> {
        let lister = Arc::clone(&self.lister);
        tokio::task::spawn_blocking(move || lister.payments(&filter))
            .await
            .unwrap_or_else(|error| Err(JournalError::Read(error.to_string())))
    }
}

/// The file of the journal in a folder.
pub fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite3")
}

/// SQLite gives its log files the rights of the database, so these are enough.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    rights::open(&mut options, path, For::Owner).map(drop)
}

use super::request::Operation;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;
use time::macros::format_description;

/// How every line begins: what begins otherwise is somebody else's file.
const BEGINNING: &[u8] = b"{\"seq\":";

/// What the terminal really did, kept by itself: the truth that a till's books
/// are compared with. One line of JSON for each payment, refund or cancellation
/// asked, on the disk before the answer leaves. Never a card number.
///
/// A clone is the same ledger.
#[derive(Clone)]
pub struct Ledger(Arc<Mutex<Book>>);

struct Book {
    charges: Vec<Charge>,
    file: Option<File>,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// 1, 2, 3… across restarts.
    pub seq: u64,
    /// When it was decided, UTC, RFC 3339 with milliseconds.
    pub at: String,
    /// `debit`, `refund` or `cancellation`.
    pub operation: Operation,
    /// The amount asked, minor units.
    pub amount: u64,
    /// The amount moved, minor units; 0 when no money moved.
    pub paid: u64,
    /// ISO 4217, three digits.
    pub currency: String,
    /// Whether money moved, to the shop or back.
    pub charged: bool,
    /// What the till was told, or not.
    pub outcome: Ending,
    /// `AF`, as sent.
    pub report: Option<String>,
    /// `AC`, where an authorization was given.
    pub authorization: Option<String>,
    /// `CF` of the request.
    pub reference: Option<String>,
    /// `CA` of the request.
    pub register: String,
}

/// How a transaction ended, in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Answered done.
    Approved,
    /// Answered not done.
    Declined,
    /// Never answered, on an open connection.
    Silence,
    /// Closed without an answer.
    Closed,
    /// Reset without an answer.
    Reset,
    /// Answered bytes that are no message.
    Garbled,
    /// Answered as a Concert V2 terminal.
    ConcertV2,
    /// The till hung up before the outcome, and the script gave up with it.
    Abandoned,
    /// Not taken, another transaction was running.
    Busy,
}

/// A charge before the ledger gives it a number and a time.
pub(super) struct Entry {
    pub operation: Operation,
    pub amount: u64,
    pub paid: u64,
    pub currency: String,
    pub outcome: Ending,
    pub report: Option<String>,
    pub authorization: Authorization,
    pub reference: Option<String>,
    pub register: String,
}

/// Which `AC` a charge gets.
pub(super) enum Authorization {
    None,
    /// The number of the charge, six digits.
    Numbered,
    Fixed(String),
}

impl Ledger {
    /// A ledger that ends with the program.
    pub fn in_memory() -> Ledger {
        Ledger(Arc::new(Mutex::new(Book { charges: Vec::new(), file: None })))
    }

    /// A ledger in a file, which is read first: numbers go on where they stopped.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds something else than a ledger.
    /// A last line without its end is cut off: its answer was never sent.
    pub fn append_to(path: &Path) -> io::Result<Ledger> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let (charges, whole) = read(&file, path)?;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Ledger(Arc::new(Mutex::new(Book { charges, file: Some(file) }))))
    }

    /// Every charge, those read from the file included, in order.
    pub fn charges(&self) -> Vec<Charge> {
        self.book().charges.clone()
    }

    /// Writes an entry, and returns when the disk has it.
    pub(super) async fn append(&self, entry: Entry) -> io::Result<Charge> {
        let ledger = self.clone();
        tokio::task::spawn_blocking(move || ledger.append_now(entry)).await?
    }

    fn append_now(&self, entry: Entry) -> io::Result<Charge> {
        let mut book = self.book();
        let seq = book.charges.last().map_or(1, |charge| charge.seq + 1);
        let charge = Charge {
            seq,
            at: now()?,
            operation: entry.operation,
            amount: entry.amount,
            paid: entry.paid,
            currency: entry.currency,
            charged: entry.paid > 0,
            outcome: entry.outcome,
            report: entry.report,
            authorization: match entry.authorization {
                Authorization::None => None,
                Authorization::Numbered => Some(format!("{:06}", seq % 1_000_000)),
                Authorization::Fixed(number) => Some(number),
            },
            reference: entry.reference,
            register: entry.register,
        };
        if let Some(file) = &mut book.file {
            let mut line = serde_json::to_vec(&charge)?;
            line.push(b'\n');
            file.write_all(&line)?;
            file.sync_data()?;
        }
        book.charges.push(charge.clone());
        Ok(charge)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        // Nothing is left half written by a panic: the charge is pushed last.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The charges of a file, and how many of its bytes are whole lines.
fn read(file: &File, path: &Path) -> io::Result<(Vec<Charge>, u64)> {
    let mut reader = BufReader::new(file);
    let (mut charges, mut whole, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let read = reader.by_ref().read_until(b'\n', &mut line)?;
        if line.is_empty() || (line.starts_with(BEGINNING) && !line.ends_with(b"\n")) {
            return Ok((charges, whole));
        }
        charges.push(serde_json::from_slice(&line).map_err(|error| {
            let number = charges.len() + 1;
            io::Error::other(format!("{}: line {number} is no charge: {error}", path.display()))
        })?);
        whole += u64::try_from(read).map_err(io::Error::other)?;
    }
}

fn now() -> io::Result<String> {
    const MILLISECONDS: &[time::format_description::BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::now_utc().format(MILLISECONDS).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(amount: u64) -> Entry {
        Entry {
            operation: Operation::Debit,
            amount,
            paid: amount,
            currency: "978".to_owned(),
            outcome: Ending::Approved,
            report: None,
            authorization: Authorization::Numbered,
            reference: None,
            register: "01".to_owned(),
        }
    }

    #[test]
    fn a_line_is_the_documented_json() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.jsonl");
        let charge = Ledger::append_to(&path).unwrap().append_now(entry(1590)).unwrap();
        let expected = format!(
            "{{\"seq\":1,\"at\":\"{}\",\"operation\":\"debit\",\"amount\":1590,\"paid\":1590,\
             \"currency\":\"978\",\"charged\":true,\"outcome\":\"approved\",\"report\":null,\
             \"authorization\":\"000001\",\"reference\":null,\"register\":\"01\"}}\n",
            charge.at
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
        assert!(charge.at.len() == 24 && charge.at.ends_with('Z'), "{}", charge.at);
    }

    #[test]
    fn numbers_go_on_after_a_restart_and_a_torn_line_is_cut() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.jsonl");
        Ledger::append_to(&path).unwrap().append_now(entry(100)).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"seq\":2,").unwrap();
        let ledger = Ledger::append_to(&path).unwrap();
        let charge = ledger.append_now(entry(200)).unwrap();
        assert_eq!((charge.seq, charge.authorization.as_deref()), (2, Some("000002")));
        assert_eq!(Ledger::append_to(&path).unwrap().charges(), ledger.charges());
    }

    #[test]
    fn a_file_that_is_no_ledger_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.txt");
        for text in ["milk\nbread\n", "milk"] {
            std::fs::write(&path, text).unwrap();
            let error = Ledger::append_to(&path).err().unwrap().to_string();
            assert!(error.contains("line 1 is no charge"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }
}

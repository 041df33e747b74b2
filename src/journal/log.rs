//! SQLite's write-ahead log, kept ready for payments that wait for it.
//!
//! Every commit goes to the log and is durable there. A file that gets longer
//! makes the file system record its new length as well, which costs a third
//! more than writing over space that it has: the log is laid out with zeroes
//! ahead of the payments. They endanger nothing. SQLite takes a frame for one
//! only with the salts and the checksum that its header announces, and what is
//! behind the last such frame was never committed.
//!
//! Folding the log into the database is another thread's work, for a disk may
//! take seconds for it and no payment is to wait. What was committed meanwhile
//! is little, and the thread that writes folds that in between two groups: the
//! log is used from its beginning again then.

use rusqlite::Connection;
use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;

/// What is laid out: four thousand frames of a kibibyte, a few hundred payments.
const LAID: u64 = 4 * 1024 * 1024;
/// Frames after which the log is folded in; with its last group it fits into what is laid.
const LONG: u32 = 3000;

/// The log of the connection that writes.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    /// What is in it.
    frames: Arc<AtomicU32>,
    /// What was in it when it was to be folded in last, since its beginning.
    asked: Cell<u32>,
    /// Wakes the thread that folds; it ends with this.
    folder: Option<mpsc::Sender<()>>,
    /// That thread is done: the rest is little.
    folded: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Log {
    /// The log of the journal in `file`; from here on SQLite does not fold it in by itself.
    pub(super) fn of(connection: &mut Connection, file: &Path) -> rusqlite::Result<Log> {
        let frames = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&frames);
        connection.wal_hook(Some(move |_: &mut _, frames| {
            count.store(u32::try_from(frames).unwrap_or_default(), Ordering::Relaxed);
            Ok(())
        }))?;
        let own = Connection::open(file)?;
        let (folder, asked) = mpsc::channel();
        let folded = Arc::new(AtomicBool::new(false));
        let done = Arc::clone(&folded);
        let thread = thread::spawn(move || {
            while asked.recv().is_ok() {
                checkpoint(&own);
                done.store(true, Ordering::Release);
            }
        });
        let mut path = file.as_os_str().to_owned();
        path.push("-wal");
        let (path, asked) = (path.into(), Cell::new(0));
        Ok(Log { path, frames, asked, folder: Some(folder), folded, thread: Some(thread) })
    }

    /// Lays it out; on a disk that is full it grows as it is written.
    pub(super) fn lay(&self) {
        if let Err(error) = self.lay_zeroes() {
            tracing::debug!(%error, "the journal's log is not laid out");
        }
    }

    fn lay_zeroes(&self) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        let length = file.seek(SeekFrom::End(0))?;
        io::copy(&mut io::repeat(0).take(LAID.saturating_sub(length)), &mut file)?;
        file.sync_all()
    }

    /// Has it folded into the database when it is long. It does not begin again
    /// while somebody reads for long, an export; then the next try is as much later.
    pub(super) fn fold(&self, connection: &Connection) {
        if self.folded.swap(false, Ordering::Acquire) {
            checkpoint(connection);
        }
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.asked.get() {
            self.asked.set(0);
        }
        if frames - self.asked.get() >= LONG {
            self.asked.set(frames);
            self.folder.as_ref().map(|folder| folder.send(()));
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.folder = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Passive: it waits for nobody, and nobody for it.
fn checkpoint(connection: &Connection) {
    let folded = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
        .and_then(|mut statement| statement.query_row([], |_| Ok(())));
    if let Err(error) = folded {
        tracing::warn!(%error, "the journal's log is not folded in");
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn written(folder: &Path) -> (Connection, Log) {
        let path = folder.join("journal.sqlite3");
        let mut connection = Connection::open(&path).unwrap();
        schema::prepare(&connection).unwrap();
        let log = Log::of(&mut connection, &path).unwrap();
        log.lay();
        (connection, log)
    }

    fn note(connection: &Connection, number: i64) {
        let mut insert =
            connection.prepare_cached("INSERT INTO event (at, kind) VALUES (?1, 'late')").unwrap();
        insert.execute([number]).unwrap();
    }

    fn noted(connection: &Connection) -> i64 {
        connection.query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap()
    }

    /// What a power cut leaves: the files as they are, and no process that closes them.
    fn cut(folder: &Path) -> tempfile::TempDir {
        let after = tempfile::tempdir().unwrap();
        for name in ["journal.sqlite3", "journal.sqlite3-wal"] {
            std::fs::copy(folder.join(name), after.path().join(name)).unwrap();
        }
        after
    }

    #[test]
    fn what_is_committed_over_zeroes_survives_a_power_cut_and_nothing_else_appears() {
        let folder = tempfile::tempdir().unwrap();
        let (connection, log) = written(folder.path());
        assert_eq!(noted(&written(cut(folder.path()).path()).0), 0, "laid out, nothing written");
        for number in 1..=50 {
            note(&connection, number);
            let after = cut(folder.path());
            assert_eq!(noted(&written(after.path()).0), number);
        }
        assert_eq!(std::fs::metadata(&log.path).unwrap().len(), LAID);
    }

    #[test]
    fn the_log_begins_again_while_payments_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let (connection, log) = written(folder.path());
        // Not a test of the disk.
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let (mut folds, mut before, mut number) = (0, 0, 0);
        while folds < 3 {
            number += 1;
            assert!(number < 200_000, "it never begins again");
            note(&connection, number);
            let now = log.frames.load(Ordering::Relaxed);
            folds += u32::from(now < before);
            before = now;
            log.fold(&connection);
        }
        assert_eq!(noted(&written(cut(folder.path()).path()).0), number);
    }
}

//! SQLite's write-ahead log, kept ready for payments that wait for it.
//!
//! Every commit goes to the log and is durable there. A file that gets longer
//! makes the file system record its new length as well, which costs a third
//! more than writing over space that it has: the log is laid out with zeroes
//! ahead of the payments. They endanger nothing. SQLite takes a frame for one
//! only with the salts and the checksum that its header announces, and what is
//! behind the last such frame was never committed.
//!
//! Folding the log into the database is put off until a group of changes is
//! answered, so that no payment waits for it: the log is used from its
//! beginning again then.

use rusqlite::Connection;
use std::cell::Cell;
use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
    /// What was in it when it was folded in last, since its beginning.
    folded: Cell<u32>,
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
        let mut path = file.as_os_str().to_owned();
        path.push("-wal");
        Ok(Log { path: path.into(), frames, folded: Cell::new(0) })
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
        let missing = usize::try_from(LAID.saturating_sub(length)).unwrap_or_default();
        file.write_all(&vec![0; missing])?;
        file.sync_all()
    }

    /// Folds it into the database when it is long. It does not begin again while
    /// somebody reads for long, an export; then the next try is as much later.
    pub(super) fn fold(&self, connection: &Connection) {
        let frames = self.frames.load(Ordering::Relaxed);
        if frames < self.folded.get() {
            self.folded.set(0);
        }
        if frames - self.folded.get() < LONG {
            return;
        }
        self.folded.set(frames);
        let folded = connection
            .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")
            .and_then(|mut statement| statement.query_row([], |_| Ok(())));
        if let Err(error) = folded {
            tracing::warn!(%error, "the journal's log is not folded in");
        }
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
    fn the_log_begins_again_before_it_is_longer_than_what_is_laid() {
        let folder = tempfile::tempdir().unwrap();
        let (connection, log) = written(folder.path());
        // Not a test of the disk.
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let mut folds = 0;
        let mut before = 0;
        for number in 1..=10_000 {
            note(&connection, number);
            let now = log.frames.load(Ordering::Relaxed);
            folds += u32::from(now < before);
            before = now;
            log.fold(&connection);
        }
        assert!(folds >= 2, "{folds}");
        assert_eq!(std::fs::metadata(&log.path).unwrap().len(), LAID);
        assert_eq!(noted(&written(cut(folder.path()).path()).0), 10_000);
    }
}

use super::doors::Door;
use super::log::Log;
use super::outbox::Outbox;
use super::terminals::TerminalRecord;
use super::{Event, JournalError, rows};
use crate::durations::{Counted, Durations};
use crate::faults::{self, Bug};
use crate::payment::{Evidence, Moment, Payment, PaymentId, Resolution};
use rusqlite::{Connection, ErrorCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// As many changes as share a commit at most, so that the first of them does not wait long.
const LARGEST_GROUP: usize = 256;

/// Something to record.
#[derive(Debug)]
pub(super) enum Change {
    Opened { payment: Payment, may_have_left: bool, despite: Option<PaymentId> },
    HeldBack { id: PaymentId },
    Sending { id: PaymentId, at: Moment },
    Closed { payment: Payment },
    Late { payment: Payment },
    CancelRequested { id: PaymentId, at: Moment },
    Acknowledged { id: PaymentId, outcome: &'static str, at: Moment },
    Resolved { id: PaymentId, said: Resolution },
    Evidence { id: PaymentId, evidence: Evidence },
    Event(Event),
    Door(Door),
    Terminal(TerminalRecord),
    Outbox(Outbox),
    Prune { before: Moment },
}

/// Planted by a test: says that it is on disk before it is.
fn answers_early(change: &Change) -> bool {
    match change {
        Change::Opened { .. } => faults::planted(Bug::SendFirst),
        Change::Closed { .. } => faults::planted(Bug::TellFirst),
        _ => false,
    }
}

type CommitTimes = Durations<12>;

const fn us(microseconds: u64) -> Duration {
    Duration::from_micros(microseconds)
}

/// A good disk takes a tenth of a millisecond, one that fails takes seconds.
const BANDS: [Duration; 12] = [
    us(100),
    us(250),
    us(500),
    us(1_000),
    us(2_500),
    us(5_000),
    us(10_000),
    us(25_000),
    us(100_000),
    us(250_000),
    us(1_000_000),
    us(5_000_000),
];

type Reply = oneshot::Sender<Result<u64, JournalError>>;

/// The thread that writes, seen from outside. Dropping it ends the thread
/// after what was asked.
#[derive(Debug)]
pub(super) struct Writer {
    changes: Option<mpsc::UnboundedSender<(Change, Reply)>>,
    commits: Arc<AtomicU64>,
    times: Arc<CommitTimes>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, log: Log) -> Writer {
        let (changes, queue) = mpsc::unbounded_channel();
        let commits = Arc::new(AtomicU64::new(0));
        let times = Arc::new(CommitTimes::new(BANDS));
        let (count, timed) = (Arc::clone(&commits), Arc::clone(&times));
        let thread = thread::spawn(move || write_all(connection, &log, queue, &count, &timed));
        Writer { changes: Some(changes), commits, times, thread: Some(thread) }
    }

    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) fn commit_times(&self) -> Counted {
        self.times.counted()
    }

    /// Returns when the change is on disk. Gives its number: the `seq` of what
    /// was opened, the count of what was pruned.
    pub(super) async fn write(&self, change: Change) -> Result<u64, JournalError> {
        let stopped = || JournalError::Write("the journal's thread has stopped".into());
        let (reply, answer) = oneshot::channel();
        let changes = self.changes.as_ref().ok_or_else(stopped)?;
        if answers_early(&change) {
            let changes = changes.clone();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                let _ = changes.send((change, reply));
            });
            return Ok(u64::MAX >> 1);
        }
        changes.send((change, reply)).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.changes = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write_all(
    connection: Connection,
    log: &Log,
    mut queue: mpsc::UnboundedReceiver<(Change, Reply)>,
    commits: &AtomicU64,
    times: &CommitTimes,
) {
    log.lay();
    while let Some(first) = queue.blocking_recv() {
        let mut group = vec![first];
        while group.len() < LARGEST_GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        let began = Instant::now();
        let results = commit(&connection, &group);
        times.count(began.elapsed());
        commits.fetch_add(1, Ordering::Relaxed);
        for ((_, reply), result) in group.into_iter().zip(results) {
            if let Err(error) = &result {
                tracing::error!(%error, "journal");
            }
            let _ = reply.send(result);
        }
        // Nobody waits for this.
        log.fold(&connection);
    }
}

/// All of a group in one transaction: durable together or not at all.
fn commit(connection: &Connection, group: &[(Change, Reply)]) -> Vec<Result<u64, JournalError>> {
    commit_whole(connection, group).unwrap_or_else(|error| {
        let failed = JournalError::Write(error.to_string());
        group.iter().map(|_| Err(failed.clone())).collect()
    })
}

fn commit_whole(
    connection: &Connection,
    group: &[(Change, Reply)],
) -> rusqlite::Result<Vec<Result<u64, JournalError>>> {
    let transaction = Transaction::begin(connection)?;
    let mut results = Vec::with_capacity(group.len());
    for (change, _) in group {
        results.push(match rows::apply(connection, change) {
            Ok(number) => Ok(number),
            // Undoes this statement and no other.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(JournalError::AlreadyThere)
            }
            Err(error) => return Err(error),
        });
    }
    transaction.commit()?;
    Ok(results)
}

/// A transaction whose statements are prepared once: rusqlite's own prepares
/// them at every commit. Undone when it is dropped before its end.
struct Transaction<'a>(&'a Connection);

impl Transaction<'_> {
    fn begin(connection: &Connection) -> rusqlite::Result<Transaction<'_>> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Transaction(connection))
    }

    fn commit(self) -> rusqlite::Result<()> {
        self.0.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // SQLite may have undone it by itself.
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "journal: rollback");
        }
    }
}

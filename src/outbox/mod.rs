//! Tells a chain's own PostgreSQL of every payment that is over: at least once, in order, and
//! again when a late answer or a person changes what is known. Nobody waits for it: the journal
//! keeps what is still to be told, through restarts, for as long as the database is away.
//!
//! `outbox` opens no payment, closes none, and holds no lock while it talks to the database.

mod postgres;
mod table;

use crate::hub::Hub;
use crate::journal::{Journal, JournalError};
pub use postgres::Server;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// How many payments share a transaction.
const BATCH: usize = 500;
/// What comes within this time is told together.
const GATHER: Duration = Duration::from_secs(1);
/// How long to wait after a failure, doubled at each one in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// And at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A database that says nothing for this long is away.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whom to tell, and by what name.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the chain calls this relay: the first half of the key of every row.
    pub shop: String,
    /// The database.
    pub server: Server,
}

/// Why something could not be told; it stays in the journal.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{}", said(.0))]
    Database(#[from] tokio_postgres::Error),
    #[error("{0}")]
    Files(String),
    #[error("no answer for {} s", PATIENCE.as_secs())]
    Silent,
}

/// Its own words, and those of what is under it.
fn said(error: &tokio_postgres::Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}

/// Tells what is to be told until the relay stops.
pub async fn deliver(hub: Arc<Hub>, journal: Arc<Journal>, settings: Settings) {
    let mut activity = hub.activity();
    let mut pause = FIRST_PAUSE;
    loop {
        activity.mark_unchanged();
        match deliver_all(&journal, &settings).await {
            Ok(0) => {}
            Ok(payments) => tracing::debug!(payments, "outbox: told"),
            Err(error) => {
                tracing::warn!(%error, again_s = pause.as_secs(), "outbox: what is to be told waits in the journal");
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
                continue;
            }
        }
        pause = FIRST_PAUSE;
        if !next(&mut activity).await {
            return;
        }
        sleep(GATHER).await;
    }
}

/// Returns when something may have happened; false when nothing will any more.
async fn next(activity: &mut watch::Receiver<u64>) -> bool {
    activity.changed().await.is_ok()
}

/// Everything that waits, in batches over one connection. Nothing waits, nothing is opened.
async fn deliver_all(journal: &Journal, settings: &Settings) -> Result<usize, Trouble> {
    let mut waiting = journal.untold(BATCH).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut connection = in_time(settings.server.connect()).await?;
    let mut payments = 0;
    while let Some(last) = waiting.last() {
        let number = last.number;
        in_time(connection.tell(&settings.shop, &waiting)).await?;
        // A relay that dies here tells them again, and the database knows them.
        journal.told(number).await?;
        payments += waiting.len();
        waiting = journal.untold(BATCH).await?;
    }
    Ok(payments)
}

async fn in_time<T>(work: impl Future<Output = Result<T, Trouble>>) -> Result<T, Trouble> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(Trouble::Silent))
}

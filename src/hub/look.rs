//! What the person at the relay sees of the hub.

use super::{Hub, Refusal, Watcher, unreadable};
use crate::journal::{Event, Total};
use crate::payment::Moment;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::watch;

/// Goes up whenever a terminal is taken or free again, a payment comes into
/// doubt or out of it, or the disk refuses an outcome.
#[derive(Debug, Clone)]
pub(super) struct Activity(Arc<watch::Sender<u64>>);

impl Default for Activity {
    fn default() -> Activity {
        Activity(Arc::new(watch::Sender::new(0)))
    }
}

impl Activity {
    pub(super) fn moved(&self) {
        self.0.send_modify(|count| *count += 1);
    }
}

impl Hub {
    /// Tells `watcher` of every change of every payment, whoever asked for it.
    pub fn watch_all(&self, watcher: &Watcher) {
        self.watchers.add_to_all(watcher);
    }

    /// Ends what [`Self::watch_all`] began.
    pub fn unwatch_all(&self, watcher: &Watcher) {
        self.watchers.remove_from_all(watcher);
    }

    /// Goes up whenever what an overview says of the hub may have changed.
    pub fn activity(&self) -> watch::Receiver<u64> {
        self.activity.0.subscribe()
    }

    /// How many outcomes a failing disk has not taken yet.
    pub fn unsaved(&self) -> usize {
        self.unsaved.load(Ordering::SeqCst)
    }

    /// How many payments are in doubt; none when the journal cannot be read.
    pub fn unknown(&self) -> Option<u64> {
        self.journal.unknown().ok()
    }

    /// The bytes that are free on the journal's disk.
    pub fn room(&self) -> Option<u64> {
        self.journal.room()
    }

    /// What the payments asked for from one moment to before another came to.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn totals(&self, from: Moment, to: Moment) -> Result<Vec<Total>, Refusal> {
        self.journal.totals(from, to).await.map_err(unreadable)
    }

    /// The last events, oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn last_events(&self, last: usize) -> Result<Vec<Event>, Refusal> {
        self.journal.last_events(last).await.map_err(unreadable)
    }
}

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// How many connections each till has.
#[derive(Debug, Default)]
pub(super) struct Present(HashMap<String, usize>);

impl Present {
    pub(super) fn of(&self, till: &str) -> usize {
        self.0.get(till).copied().unwrap_or_default()
    }

    pub(super) fn all(&self) -> usize {
        self.0.values().sum()
    }
}

/// A till that is connected, until this is dropped.
#[derive(Debug)]
pub struct Presence {
    present: Arc<Mutex<Present>>,
    changes: watch::Sender<u64>,
    till: String,
}

impl Presence {
    pub(super) fn new(
        present: Arc<Mutex<Present>>,
        changes: watch::Sender<u64>,
        till: &str,
    ) -> Presence {
        let mut map = present.lock().unwrap_or_else(PoisonError::into_inner);
        *map.0.entry(till.to_owned()).or_default() += 1;
        drop(map);
        Presence { present, changes, till: till.to_owned() }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut map = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = map.0.get_mut(&self.till) {
            *count -= 1;
            if *count == 0 {
                map.0.remove(&self.till);
            }
        }
        drop(map);
        self.changes.send_modify(|count| *count += 1);
    }
}

use crate::payment::{Payment, PaymentId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Where a till hears of the payments that it watches.
pub type Watcher = mpsc::UnboundedSender<Arc<Payment>>;

/// Who watches which payment.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    each: Mutex<HashMap<PaymentId, Vec<Watcher>>>,
    /// Who watches all of them.
    all: Mutex<Vec<Watcher>>,
}

impl Watchers {
    pub(super) fn add(&self, id: &PaymentId, watcher: &Watcher) {
        let mut all = self.lock();
        let watchers = all.entry(id.clone()).or_default();
        if !watchers.iter().any(|known| known.same_channel(watcher)) {
            watchers.push(watcher.clone());
        }
    }

    /// Whether anybody watches this payment.
    pub(super) fn watch(&self, id: &PaymentId) -> bool {
        self.lock().contains_key(id)
    }

    pub(super) fn remove(&self, id: &PaymentId, watcher: &Watcher) {
        let mut all = self.lock();
        if let Some(watchers) = all.get_mut(id) {
            watchers.retain(|known| !known.same_channel(watcher));
            if watchers.is_empty() {
                all.remove(id);
            }
        }
    }

    pub(super) fn tell(&self, payment: &Arc<Payment>) {
        let mut each = self.lock();
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|watcher| watcher.send(Arc::clone(payment)).is_ok());
        if let Some(watchers) = each.get_mut(&payment.id) {
            watchers.retain(|watcher| {
                all.iter().any(|told| told.same_channel(watcher))
                    || watcher.send(Arc::clone(payment)).is_ok()
            });
            if watchers.is_empty() {
                each.remove(&payment.id);
            }
        }
    }

    pub(super) fn add_to_all(&self, watcher: &Watcher) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.iter().any(|known| known.same_channel(watcher)) {
            all.push(watcher.clone());
        }
    }

    pub(super) fn remove_from_all(&self, watcher: &Watcher) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| !known.same_channel(watcher));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PaymentId, Vec<Watcher>>> {
        self.each.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

use crate::payment::PaymentId;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Far more than the tills of a shop ask about in vain before an old socket dies.
const KEPT: usize = 10_000;

/// The ids that a till was told the relay has no record of. A `pay` with one of
/// them may still be on its way in an old socket; the till was told that nothing
/// was sent, so it comes too late. A restart forgets them, and ends every socket.
#[derive(Debug, Default)]
pub(super) struct Denied(Mutex<(HashSet<PaymentId>, VecDeque<PaymentId>)>);

impl Denied {
    pub(super) fn add(&self, id: &PaymentId) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (ids, order) = &mut *kept;
        if ids.insert(id.clone()) {
            order.push_back(id.clone());
        }
        if order.len() > KEPT
            && let Some(oldest) = order.pop_front()
        {
            ids.remove(&oldest);
        }
    }

    pub(super) fn has(&self, id: &PaymentId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.contains(id)
    }
}

//! How many connections there may be: in all, from one address of the network,
//! and of strangers, who have not asked for anything yet.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// Connections that may be open at once, handshakes included.
const CONNECTIONS: u32 = 16_384;
/// Connections of one address of the network: a till needs one or two.
const OF_ONE_ADDRESS: usize = 32;
/// Connections whose first request has not come; the oldest makes room.
const STRANGERS: usize = 2048;

/// How many connections each address has.
type Addresses = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Everybody who is connected.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    all: Arc<Semaphore>,
    addresses: Addresses,
    strangers: Arc<Mutex<Strangers>>,
}

#[derive(Debug, Default)]
struct Strangers {
    next: u64,
    waiting: BTreeMap<u64, AbortHandle>,
}

/// A place in the crowd, free again when the last who holds it is gone.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    counted: Option<(Addresses, IpAddr)>,
}

/// A connection whose first request has not come.
#[derive(Debug)]
pub(super) struct Stranger(Arc<Mutex<Strangers>>, u64);

impl Crowd {
    pub(super) fn new() -> Crowd {
        Crowd {
            all: Arc::new(Semaphore::new(CONNECTIONS as usize)),
            addresses: Arc::default(),
            strangers: Arc::default(),
        }
    }

    /// A place for a connection; the reason when there is none.
    pub(super) fn admit(&self, address: IpAddr) -> Result<Arc<Place>, &'static str> {
        let permit = Arc::clone(&self.all).try_acquire_owned();
        let permit = permit.map_err(|_| "too many connections")?;
        let mut counted = None;
        // Who runs programs on this computer could do worse.
        if !address.is_loopback() {
            let mut addresses = lock(&self.addresses);
            let count = addresses.entry(address).or_default();
            if *count >= OF_ONE_ADDRESS {
                return Err("too many connections of one address");
            }
            *count += 1;
            counted = Some((Arc::clone(&self.addresses), address));
        }
        Ok(Arc::new(Place { _permit: permit, counted }))
    }

    /// A connection that has not asked for anything yet.
    pub(super) fn stranger(&self) -> Stranger {
        let mut strangers = lock(&self.strangers);
        strangers.next += 1;
        Stranger(Arc::clone(&self.strangers), strangers.next)
    }

    /// Lets this task be ended when too many strangers wait.
    pub(super) fn watch(&self, number: u64, task: AbortHandle) {
        let mut strangers = lock(&self.strangers);
        if !task.is_finished() {
            strangers.waiting.insert(number, task);
        }
        let oldest = (strangers.waiting.len() > STRANGERS).then(|| strangers.waiting.pop_first());
        drop(strangers);
        if let Some(Some((_, task))) = oldest {
            task.abort();
        }
    }

    /// Ends the strangers who have waited longest, when the system has nothing left.
    pub(super) fn make_room(&self) {
        let mut strangers = lock(&self.strangers);
        let many = strangers.waiting.len().div_ceil(2);
        let gone: Vec<_> =
            std::iter::from_fn(|| strangers.waiting.pop_first()).take(many).collect();
        drop(strangers);
        gone.into_iter().for_each(|(_, task)| task.abort());
    }

    /// Waits until everybody has left, or for `patience`.
    pub(super) async fn left(&self, patience: Duration) {
        let _ = timeout(patience, self.all.acquire_many(CONNECTIONS)).await;
    }
}

impl Stranger {
    pub(super) fn number(&self) -> u64 {
        self.1
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        lock(&self.0).waiting.remove(&self.1);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((addresses, address)) = &self.counted else { return };
        let mut addresses = lock(addresses);
        if let Some(count) = addresses.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(address);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_network_has_its_share_and_no_more() {
        let crowd = Crowd::new();
        let (one, other) = ("192.168.1.20".parse().unwrap(), "192.168.1.21".parse().unwrap());
        let places: Vec<_> = (0..OF_ONE_ADDRESS).map(|_| crowd.admit(one).unwrap()).collect();
        assert!(crowd.admit(one).is_err() && crowd.admit(other).is_ok());
        drop(places);
        assert!(crowd.admit(one).is_ok());
        let own: IpAddr = "127.0.0.1".parse().unwrap();
        let places: Vec<_> = (0..1000).map(|_| crowd.admit(own).unwrap()).collect();
        assert_eq!(places.len(), 1000);
        drop(places);
        assert!(lock(&crowd.addresses).is_empty(), "nobody is remembered who is gone");
    }

    #[tokio::test]
    async fn the_oldest_stranger_makes_room() {
        let crowd = Crowd::new();
        let come = || {
            let stranger = crowd.stranger();
            let number = stranger.number();
            let task = tokio::spawn(async move {
                let _stranger = stranger;
                std::future::pending::<()>().await;
            });
            crowd.watch(number, task.abort_handle());
            task
        };
        let first = come();
        let others: Vec<_> = (0..STRANGERS).map(|_| come()).collect();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(lock(&crowd.strangers).waiting.len(), STRANGERS);
        crowd.make_room();
        let (older, younger) = others.split_at(STRANGERS / 2);
        while !older.iter().all(|task| task.is_finished()) {
            tokio::task::yield_now().await;
        }
        assert!(younger.iter().all(|task| !task.is_finished()));
    }
}

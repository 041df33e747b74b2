//! Who may come in: pages by their origin, tills of the network by a token,
//! and the person at the relay by its key.
//!
//! What people decide is in the journal and survives a restart. Those who only
//! knock are kept in memory, so a stranger cannot fill a disk.

mod key;
mod origin;
mod origins;
mod pairing;
mod presence;
mod secret;
mod ticket;
mod tills;

use crate::journal::{Event, Journal, JournalError};
use crate::payment::Moment;
pub use key::{KEY_FILE, KeyError, read_key};
pub use origin::Origin;
pub use origins::{Admission, Decision, OriginState, OriginView};
pub use pairing::{NotPaired, Offer, OpenCode};
pub use presence::Presence;
use secret::Digest;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
pub use ticket::NotRedeemed;
pub use tills::{Act, Pass, TillView};
use tokio::sync::watch;

/// Everybody who may come in, and who has.
#[derive(Debug)]
pub struct Access {
    journal: Arc<Journal>,
    clock: fn() -> Moment,
    key: key::Key,
    tickets: Mutex<ticket::Tickets>,
    origins: Mutex<origins::Origins>,
    pairing: Mutex<pairing::Pairing>,
    tills: Mutex<tills::Tills>,
    present: Arc<Mutex<presence::Present>>,
    /// Goes up at every change, for who shows it.
    changes: watch::Sender<u64>,
    /// Goes up when somebody who is in may have to leave.
    evictions: watch::Sender<u64>,
}

/// What is shown to the person at the relay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Every origin that is allowed, refused, or waits for a person.
    pub origins: Vec<OriginView>,
    /// Every till that is paired.
    pub tills: Vec<TillView>,
    /// The code that is open.
    pub pairing: Option<OpenCode>,
}

impl Access {
    /// What the journal and the configuration say; `folder` keeps the relay's key.
    ///
    /// # Errors
    /// When the journal or the key cannot be read, or the key not be made.
    pub fn open(
        journal: Arc<Journal>,
        configured: impl IntoIterator<Item = Origin>,
        folder: &Path,
        clock: fn() -> Moment,
    ) -> Result<Arc<Access>, KeyError> {
        let doors = journal.doors()?;
        Ok(Arc::new(Access {
            key: key::open(folder)?,
            tickets: Mutex::default(),
            origins: Mutex::new(origins::Origins::new(configured, doors.origins)),
            pairing: Mutex::default(),
            tills: Mutex::new(tills::Tills::new(doors.tills)),
            present: Arc::default(),
            changes: watch::Sender::new(0),
            evictions: watch::Sender::new(0),
            journal,
            clock,
        }))
    }

    /// Whether a page of this origin may come in. One that nobody has decided
    /// about waits for a person from now on.
    pub fn admit(&self, origin: &Origin) -> Admission {
        let admission = lock(&self.origins).admit(origin, (self.clock)());
        if admission == Admission::Asked {
            tracing::warn!(origin = origin.as_str(), "a page waits for a person to allow it");
            self.changed();
        }
        admission
    }

    /// Whether a page of this origin may stay; asks nobody.
    pub fn is_allowed(&self, origin: &Origin) -> bool {
        lock(&self.origins).is_allowed(origin)
    }

    /// Records what a person decides about an origin. Pages that are refused leave.
    ///
    /// # Errors
    /// When it did not reach the disk: nothing has changed then.
    pub async fn decide(
        &self,
        origin: &Origin,
        decision: Decision,
        by: &str,
    ) -> Result<(), JournalError> {
        let at = (self.clock)();
        self.journal.origin(origin.as_str(), decision.record(), at, by).await?;
        self.note(decision.event(), by, origin.as_str()).await;
        lock(&self.origins).decide(origin, decision, at);
        self.changed();
        self.evict();
        Ok(())
    }

    /// Whether this is the relay's key.
    pub fn is_key(&self, key: &str) -> bool {
        self.key.is(key)
    }

    /// What opens the relay's page once, within a minute.
    pub fn ticket(&self) -> String {
        lock(&self.tickets).issue()
    }

    /// Trades a ticket for the relay's key.
    ///
    /// # Errors
    /// [`NotRedeemed`].
    pub fn redeem(&self, ticket: &str) -> Result<String, NotRedeemed> {
        let redeemed = lock(&self.tickets).redeem(ticket);
        if redeemed.is_err() {
            tracing::warn!("a link to the relay's page was refused");
        }
        redeemed.map(|()| self.key.text().to_owned())
    }

    /// Opens a code for one till; a code that was open is gone.
    pub fn open_pairing(&self, offer: Offer, by: &str) -> OpenCode {
        let open = lock(&self.pairing).open(offer, (self.clock)());
        tracing::info!(%by, till = ?open.offer.till, "pairing is open");
        self.changed();
        open
    }

    /// Closes the code that is open.
    pub fn close_pairing(&self) {
        lock(&self.pairing).close();
        self.changed();
    }

    /// Trades a code for a token, which is shown once and kept as a digest.
    ///
    /// # Errors
    /// [`NotPaired`], and the code may be gone.
    pub async fn pair(
        &self,
        address: IpAddr,
        code: &str,
        till: &str,
    ) -> Result<(String, Pass), NotPaired> {
        let tried = lock(&self.pairing).try_code(address, code);
        self.changed();
        let offer = match tried {
            Ok(offer) => offer,
            Err(no) => {
                tracing::warn!(%address, code = no.code(), "pairing refused");
                return Err(no);
            }
        };
        // Unless it is used, it is good for another till when this ends, however it ends.
        let _taken = Taken(&self.pairing, code);
        let name = match &offer.till {
            Some(name) => name.clone(),
            None if lock(&self.tills).is_paired(till) => return Err(NotPaired::NameTaken),
            None => till.to_owned(),
        };
        let token = secret::random();
        let record = tills::record(name, &token, &offer, (self.clock)());
        self.journal.till(record.clone()).await.map_err(|_| NotPaired::NotRecorded)?;
        self.note("till_paired", &address.to_string(), &record.name).await;
        lock(&self.pairing).used(code);
        let pass = lock(&self.tills).add(record);
        self.changed();
        self.evict();
        Ok((token, pass))
    }

    /// What a till may do that shows this token.
    pub fn pass(&self, token: &str) -> Option<Pass> {
        lock(&self.tills).pass(&Digest::of(token))
    }

    /// Whether a pass is still good: the till was not revoked or paired anew.
    pub fn is_good(&self, pass: &Pass) -> bool {
        lock(&self.tills).is_good(pass)
    }

    /// Takes a till's token back; it leaves. False when there is no such till.
    ///
    /// # Errors
    /// When it did not reach the disk: nothing has changed then.
    pub async fn revoke(&self, till: &str, by: &str) -> Result<bool, JournalError> {
        let known = self.journal.revoke(till).await?;
        if known {
            self.note("till_revoked", by, till).await;
            lock(&self.tills).remove(till);
            self.changed();
            self.evict();
        }
        Ok(known)
    }

    /// A till is there as long as this lives.
    pub fn enter(self: &Arc<Self>, till: &str, pass: Option<&Pass>) -> Presence {
        if pass.is_some() {
            lock(&self.tills).seen(till, (self.clock)());
        }
        let present = Presence::new(Arc::clone(&self.present), self.changes.clone(), till);
        self.changed();
        present
    }

    /// How many connections of tills, pages and programs there are that have come in.
    pub fn connected(&self) -> usize {
        lock(&self.present).all()
    }

    /// What there is to show.
    pub fn overview(&self) -> Overview {
        Overview {
            origins: lock(&self.origins).views(),
            tills: lock(&self.tills).views(&lock(&self.present)),
            pairing: lock(&self.pairing).current(),
        }
    }

    /// Goes up when somebody who is in may have to leave.
    pub fn evictions(&self) -> watch::Receiver<u64> {
        self.evictions.subscribe()
    }

    /// Goes up at every change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn evict(&self) {
        self.evictions.send_modify(|count| *count += 1);
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// For the record; that it cannot be written stops nobody.
    async fn note(&self, kind: &str, by: &str, note: &str) {
        let event = Event {
            at: (self.clock)(),
            kind: kind.into(),
            payment: None,
            terminal: None,
            by: Some(by.into()),
            note: Some(note.into()),
        };
        let _ = self.journal.event(event).await;
    }
}

/// A code that a till has and is not paired with yet.
struct Taken<'a>(&'a Mutex<pairing::Pairing>, &'a str);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        lock(self.0).give_back(self.1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

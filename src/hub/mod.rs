//! Which terminals there are and which payments live.
//!
//! A payment belongs to the hub, not to a socket: the till may vanish, the
//! payment finishes. A terminal carries one payment at a time; a second one is
//! refused at once, never queued.

mod carry_out;
mod denied;
mod figures;
mod late;
mod look;
mod meet;
mod moved;
mod refusal;
mod settle;
mod terminal;
mod watch;

pub use crate::discover::Identity;
use crate::journal::{Filter, Journal, JournalError};
use crate::payment::{Moment, Order, Outcome, Payment, PaymentId, State, Why};
use denied::Denied;
use figures::Figures;
pub use figures::Tally;
pub use refusal::Refusal;
use refusal::{unavailable, unreadable};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub use terminal::{Holder, Terminal};
use tokio::sync::{Notify, oneshot, watch as channel};
use tokio::time::timeout;
pub use watch::Watcher;
use watch::Watchers;

/// How long a relay that stops waits for the disk.
const RECORDING: Duration = Duration::from_secs(2);

/// A payment as a till asks for it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The till's name for it.
    pub id: PaymentId,
    /// Which till.
    pub till: String,
    /// Which terminal; may be left out where there is one.
    pub terminal: Option<String>,
    /// What.
    pub order: Order,
    /// The payment with the same reference that the till knows to be in doubt.
    pub despite: Option<PaymentId>,
}

/// The terminals, the payments that live, and the journal.
#[derive(Debug)]
pub struct Hub {
    terminals: Vec<Arc<Terminal>>,
    journal: Arc<Journal>,
    clock: fn() -> Moment,
    live: Mutex<HashMap<PaymentId, Live>>,
    /// How many payments live, for who waits for the last one.
    count: channel::Sender<usize>,
    watchers: Watchers,
    denied: Denied,
    /// Payments whose late answer is listened to, with their terminal unless a
    /// person has freed it.
    listening: Mutex<HashMap<PaymentId, Option<terminal::Hold>>>,
    /// Outcomes that a failing disk has not taken yet.
    unsaved: AtomicUsize,
    /// True once no new payment is taken.
    stopping: channel::Sender<bool>,
    activity: look::Activity,
    figures: Figures,
}

/// A payment that is not over, or whose outcome is not on disk.
#[derive(Debug)]
struct Live {
    payment: Payment,
    cancel: Arc<Notify>,
    /// Somebody is writing the outcome: there is no other.
    closing: bool,
}

impl Hub {
    /// A hub of these terminals. `clock` tells the time; nothing is ordered by it.
    pub fn new(terminals: Vec<Terminal>, journal: Arc<Journal>, clock: fn() -> Moment) -> Arc<Hub> {
        let activity = look::Activity::default();
        let terminals = terminals.into_iter().map(|terminal| terminal.shown_by(&activity));
        Arc::new(Hub {
            terminals: terminals.map(Arc::new).collect(),
            journal,
            clock,
            live: Mutex::default(),
            count: channel::Sender::new(0),
            watchers: Watchers::default(),
            denied: Denied::default(),
            listening: Mutex::default(),
            unsaved: AtomicUsize::new(0),
            stopping: channel::Sender::new(false),
            activity,
            figures: Figures::default(),
        })
    }

    /// The terminals, in the order of the configuration.
    pub fn terminals(&self) -> &[Arc<Terminal>] {
        &self.terminals
    }

    /// Starts a payment, or finds the one with this id. Its id is taken when this
    /// returns; the future ends when it is on record, or when it is refused, and
    /// `watcher` is told of it then and at every change.
    ///
    /// # Errors
    /// A [`Refusal`]: the terminal never heard of it.
    pub fn pay(
        self: &Arc<Self>,
        asked: Asked,
        watcher: &Watcher,
    ) -> Result<impl Future<Output = Result<(), Refusal>> + Send + use<>, Refusal> {
        let id = asked.id.clone();
        let begun = self.begin(asked)?;
        let (hub, watcher) = (Arc::clone(self), watcher.clone());
        Ok(async move {
            let Begun::Now(recorded) = begun else { return hub.watch(&id, &watcher) };
            recorded.await.unwrap_or(Err(Refusal::JournalUnavailable))?;
            // It is made: that it cannot be read now is no reason to refuse it.
            let _ = hub.watch(&id, &watcher);
            Ok(())
        })
    }

    /// Tells `watcher` of a payment now and at every change from now on.
    ///
    /// # Errors
    /// When there is no record of it, or the record cannot be read.
    pub fn watch(&self, id: &PaymentId, watcher: &Watcher) -> Result<(), Refusal> {
        // Under the lock that every change is made under: no change is told
        // before this, and none is missed.
        let live = self.lock();
        let payment = self.find_among(&live, id)?;
        self.watchers.add(id, watcher);
        let _ = watcher.send(Arc::new(payment));
        Ok(())
    }

    /// Tells `watcher` of every change to a payment that it was told of already.
    pub fn follow(&self, id: &PaymentId, watcher: &Watcher) {
        self.watchers.add(id, watcher);
    }

    /// Ends what [`Self::watch`] or [`Self::follow`] began.
    pub fn unwatch(&self, id: &PaymentId, watcher: &Watcher) {
        self.watchers.remove(id, watcher);
    }

    /// A payment as it is now.
    ///
    /// # Errors
    /// When there is no record of it, or the record cannot be read.
    pub fn payment(&self, id: &PaymentId) -> Result<Payment, Refusal> {
        self.find_among(&self.lock(), id)
    }

    /// A list of payments, oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn payments(&self, filter: Filter) -> Result<Vec<Payment>, Refusal> {
        let mut payments = self.journal.payments(filter).await.map_err(unreadable)?;
        // Read a moment ago beside the writer: what was open then may be over.
        for payment in payments.iter_mut().filter(|payment| payment.outcome().is_none()) {
            *payment = self.payment(&payment.id)?;
        }
        Ok(payments)
    }

    /// Forgets what was closed before a moment, unless a till or a person still needs it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn prune(&self, before: Moment) -> Result<u64, JournalError> {
        self.journal.prune(before).await
    }

    /// Takes no new payment from now on.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Turns true when the hub takes no new payment any more.
    pub fn stopping(&self) -> channel::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Waits until no payment lives, or for `patience`; then records those that
    /// the terminals still have as unknown. Gives how many these were.
    pub async fn settled(&self, patience: Duration) -> usize {
        let mut count = self.count.subscribe();
        let _ = timeout(patience, count.wait_for(|count| *count == 0)).await;
        let left: Vec<PaymentId> = self.lock().keys().cloned().collect();
        for id in &left {
            // One that is not sent yet is not sent any more.
            self.update(id, |payment| payment.cancel_requested = true);
            if let Some(cancel) = self.cancel_of(id) {
                cancel.notify_one();
            }
            if self.live_payment(id).is_some_and(|payment| payment.state == State::Sent) {
                let writing = self.close(id, Outcome::unknown(Why::RelayStopped), None);
                // A disk that refuses leaves it open: the next start says unknown.
                let _ = timeout(RECORDING, writing).await;
            }
        }
        left.len()
    }

    /// Now, by the clock that the hub was given.
    pub fn now(&self) -> Moment {
        (self.clock)()
    }

    /// The part of [`Self::pay`] that must not be interleaved: two tills that
    /// send the same id at the same moment begin one payment.
    fn begin(self: &Arc<Self>, asked: Asked) -> Result<Begun, Refusal> {
        let Asked { id, till, terminal, order, despite } = asked;
        let mut live = self.lock();
        let known = match live.get(&id) {
            Some(live) => Some(live.payment.clone()),
            None => self.journal.payment(&id).map_err(unreadable)?,
        };
        if let Some(known) = known {
            // A terminal left out was chosen by the configuration of that time.
            let same_terminal = terminal.is_none_or(|name| name == known.terminal);
            let same = known.order == order && same_terminal;
            return if same { Ok(Begun::Before) } else { Err(Refusal::IdReused) };
        }
        if self.denied.has(&id) {
            return Err(Refusal::IdDenied);
        }
        let terminal = self.terminal(terminal.as_deref())?;
        if *self.stopping.borrow() {
            return Err(Refusal::ShuttingDown);
        }
        if self.unsaved.load(Ordering::SeqCst) > 0 {
            return Err(Refusal::JournalUnavailable);
        }
        self.guard_reference(&live, &order, despite.as_ref())?;
        let holder = Holder { payment: Some(id.clone()), till: till.clone() };
        let hold = terminal.hold(holder).map_err(Refusal::TerminalBusy)?;
        let payment = Payment {
            seq: 0,
            id: id.clone(),
            till,
            terminal: terminal.name.clone(),
            order,
            state: State::Connecting,
            opened_at: self.now(),
            sent_at: None,
            cancel_requested: false,
            resolved: None,
            evidence: None,
            late: false,
            acknowledged: false,
            durable: false,
        };
        let cancel = Arc::default();
        live.insert(id, Live { payment: payment.clone(), cancel, closing: false });
        self.count.send_replace(live.len());
        let (recorded, told) = oneshot::channel();
        let hub = Arc::clone(self);
        tokio::spawn(carry_out::supervised(hub, payment, despite, hold, recorded));
        Ok(Begun::Now(told))
    }

    /// A payment under another id for the same sale, while nobody knows whether
    /// the first was charged, is how customers pay twice.
    fn guard_reference(
        &self,
        live: &HashMap<PaymentId, Live>,
        order: &Order,
        despite: Option<&PaymentId>,
    ) -> Result<(), Refusal> {
        let Some(reference) = &order.reference else { return Ok(()) };
        let open = live.values().map(|live| &live.payment);
        let open = open.filter(|payment| payment.outcome().is_none());
        let mut open = open.filter(|payment| payment.order.reference.as_ref() == Some(reference));
        let first = match open.next() {
            Some(payment) => Some(payment.id.clone()),
            None => self.journal.in_doubt(reference).map_err(unreadable)?.map(|payment| payment.id),
        };
        match first {
            Some(first) if despite != Some(&first) => Err(Refusal::PossibleDoubleCharge { first }),
            _ => Ok(()),
        }
    }

    fn terminal(&self, name: Option<&str>) -> Result<Arc<Terminal>, Refusal> {
        let found = match name {
            Some(name) => self.terminals.iter().find(|terminal| terminal.name == name),
            None => self.terminals.first().filter(|_| self.terminals.len() == 1),
        };
        found.cloned().ok_or_else(|| Refusal::UnknownTerminal {
            asked: name.map(str::to_owned),
            known: self.terminals.iter().map(|terminal| terminal.name.clone()).collect(),
        })
    }

    /// Under the lock, so that an id that is denied cannot be begun meanwhile.
    fn find_among(
        &self,
        live: &HashMap<PaymentId, Live>,
        id: &PaymentId,
    ) -> Result<Payment, Refusal> {
        if let Some(live) = live.get(id) {
            return Ok(live.payment.clone());
        }
        self.journal.payment(id).map_err(unreadable)?.ok_or_else(|| {
            self.denied.add(id);
            Refusal::UnknownPayment
        })
    }

    fn live_payment(&self, id: &PaymentId) -> Option<Payment> {
        self.lock().get(id).map(|live| live.payment.clone())
    }

    fn cancel_of(&self, id: &PaymentId) -> Option<Arc<Notify>> {
        self.lock().get(id).map(|live| Arc::clone(&live.cancel))
    }

    fn wants_cancel(&self, id: &PaymentId) -> bool {
        self.lock().get(id).is_some_and(|live| live.payment.cancel_requested)
    }

    /// Changes a payment that lives, and tells who watches it once it is on record.
    fn update(&self, id: &PaymentId, change: impl FnOnce(&mut Payment)) {
        let mut live = self.lock();
        let Some(live) = live.get_mut(id) else { return };
        change(&mut live.payment);
        self.watchers.tell(&Arc::new(live.payment.clone()));
    }

    /// Tells who watches what the journal says now of a payment that is over.
    fn tell_record(&self, id: &PaymentId) -> Result<(), Refusal> {
        let live = self.lock();
        self.watchers.tell(&Arc::new(self.find_among(&live, id)?));
        self.activity.moved();
        Ok(())
    }

    /// Forgets a payment that never was on record. A till that watches was told
    /// that nothing was sent, so it cannot begin under this id any more.
    fn forget_unrecorded(&self, id: &PaymentId) {
        let mut live = self.lock();
        if self.watchers.watch(id) {
            self.denied.add(id);
        }
        live.remove(id);
        self.count.send_replace(live.len());
    }

    fn forget(&self, id: &PaymentId) {
        let mut live = self.lock();
        live.remove(id);
        self.count.send_replace(live.len());
        self.activity.moved();
    }

    fn count_unsaved(&self) -> Unsaved<'_> {
        self.unsaved.fetch_add(1, Ordering::SeqCst);
        self.activity.moved();
        Unsaved(self)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PaymentId, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether [`Hub::pay`] found the payment or began it.
enum Begun {
    Before,
    Now(oneshot::Receiver<Result<(), Refusal>>),
}

/// An outcome that is not on disk, as long as this lives.
struct Unsaved<'a>(&'a Hub);

impl Drop for Unsaved<'_> {
    fn drop(&mut self) {
        self.0.unsaved.fetch_sub(1, Ordering::SeqCst);
        self.0.activity.moved();
    }
}

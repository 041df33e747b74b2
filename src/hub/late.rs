//! After the answer deadline the terminal is still listened to: it may have
//! the customer's card in it.

use super::carry_out::DISK_RETRY;
use super::terminal::Hold;
use super::{Holder, Hub, Refusal, Terminal, unavailable};
use crate::exchange::Dialogue;
use crate::faults;
use crate::journal::Event;
use crate::payment::{self, Evidence, Outcome, Payment, PaymentId, State};
use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};
use tokio::time::sleep;

impl Hub {
    /// Waits for a late answer, with the terminal held until one comes, the
    /// terminal hangs up, a person settles or releases it, or the time is over.
    pub(super) async fn listen(
        &self,
        payment: &Payment,
        terminal: &Terminal,
        mut dialogue: Dialogue,
        wants_ticket: bool,
    ) {
        let answer = dialogue.answer(terminal.late, wants_ticket).await;
        let outcome = payment::judge(&payment.order, &terminal.profile, answer.map_err(Into::into));
        self.listening().remove(&payment.id);
        match outcome {
            Outcome::Unknown(_) => tracing::info!(id = %payment.id, "no late answer"),
            outcome => self.close_late(&payment.id, outcome).await,
        }
    }

    /// Keeps the terminal of a payment whose answer may come late.
    pub(super) fn keep_held(&self, id: &PaymentId, hold: Hold) {
        self.listening().insert(id.clone(), Some(hold));
    }

    /// Makes a terminal that is held by a late answer free for the next payment.
    /// It is still listened to.
    pub(super) fn free_terminal(&self, id: &PaymentId) {
        if let Some(held) = self.listening().get_mut(id) {
            *held = None;
        }
    }

    /// Asks a terminal that allows it for its last transaction, once it is free,
    /// while a payment is in doubt. What it says is for the person who settles.
    pub(super) async fn ask_for_duplicate(&self, payment: &Payment, terminal: &Arc<Terminal>) {
        let in_doubt = self.payment(&payment.id).is_ok_and(|payment| payment.is_in_doubt());
        if !terminal.duplicate || !in_doubt {
            return;
        }
        let holder = Holder { payment: None, till: payment.till.clone() };
        let Ok(_hold) = terminal.hold(holder) else { return };
        let request = payment::duplicate(&payment.order, &terminal.profile);
        let Ok(answer) = terminal.exchange(&request).await else { return };
        let Some(message) = answer.messages.last() else { return };
        let evidence = Evidence::read(message, self.now());
        match self.journal.evidence(&payment.id, &evidence).await {
            Ok(()) => drop(self.tell_record(&payment.id)),
            Err(error) => {
                tracing::warn!(id = %payment.id, %error, "the duplicate is not on record")
            }
        }
    }

    /// Frees a terminal whose payment is over its deadline, for a person who has
    /// looked at it. The payment stays unknown, and is still listened to.
    ///
    /// # Errors
    /// When no such payment holds it, or the disk refuses.
    pub async fn release(
        &self,
        terminal: Option<&str>,
        by: &str,
    ) -> Result<Arc<Terminal>, Refusal> {
        let terminal = self.terminal(terminal)?;
        let held = terminal.holder().and_then(|holder| holder.payment);
        let held = held.filter(|id| self.listening().contains_key(id));
        let not_held = || Refusal::NotHeld { terminal: terminal.label.clone() };
        let held = held.ok_or_else(not_held)?;
        let event = Event {
            at: self.now(),
            kind: "released".into(),
            payment: Some(held.clone()),
            terminal: Some(terminal.name.clone()),
            by: Some(by.to_owned()),
            note: None,
        };
        self.journal.event(event).await.map_err(unavailable)?;
        self.free_terminal(&held);
        Ok(terminal)
    }

    /// The terminal's word in place of "unknown". What a person said meanwhile
    /// stays beside it, and so does the doubt whether the till has heard.
    async fn close_late(&self, id: &PaymentId, outcome: Outcome) {
        let mut unsaved = None;
        loop {
            let state = State::Closed { outcome: outcome.clone(), at: self.now() };
            if let Ok(found) = self.payment(id) {
                let late =
                    Payment { state, late: true, acknowledged: false, durable: false, ..found };
                if self.journal.late(&late).await.is_ok() {
                    break;
                }
                unsaved.get_or_insert_with(|| {
                    self.watchers.tell(&Arc::new(late));
                    self.count_unsaved()
                });
            }
            sleep(DISK_RETRY).await;
        }
        faults::point("closed_late");
        self.figures.late();
        tracing::info!(%id, outcome = outcome.code(), "late answer");
        let _ = self.tell_record(id);
    }

    fn listening(&self) -> MutexGuard<'_, HashMap<PaymentId, Option<Hold>>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

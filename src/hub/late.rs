//! After the answer deadline the terminal is still listened to: it may have
//! the customer's card in it.

use super::Hub;
use super::carry_out::DISK_RETRY;
use super::terminal::Hold;
use crate::exchange::Dialogue;
use crate::faults;
use crate::payment::{self, Outcome, Payment, PaymentId, State};
use std::pin::pin;
use std::sync::{Arc, PoisonError};
use tokio::sync::Notify;
use tokio::time::sleep;

impl Hub {
    /// Waits for a late answer, with the terminal held until one comes, the
    /// terminal hangs up, a person settles the payment, or the time is over.
    pub(super) async fn listen(
        &self,
        payment: &Payment,
        mut dialogue: Dialogue,
        wants_ticket: bool,
        hold: Hold,
        freed: Arc<Notify>,
    ) {
        let terminal = Arc::clone(&hold.0);
        let mut hold = Some(hold);
        let answer = {
            let mut answering = pin!(dialogue.answer(terminal.late, wants_ticket));
            loop {
                tokio::select! {
                    answer = &mut answering => break answer,
                    () = freed.notified() => hold = None,
                }
            }
        };
        self.listening().remove(&payment.id);
        let outcome = payment::judge(&payment.order, &terminal.profile, answer.map_err(Into::into));
        drop(hold);
        match outcome {
            Outcome::Unknown(_) => tracing::info!(id = %payment.id, "no late answer"),
            outcome => self.close_late(&payment.id, outcome).await,
        }
    }

    /// Makes a terminal that is held by a late answer free for the next payment.
    /// It is still listened to.
    pub(super) fn free_terminal(&self, id: &PaymentId) {
        if let Some(freed) = self.listening().get(id) {
            freed.notify_one();
        }
    }

    /// From now on [`Self::free_terminal`] finds this payment.
    pub(super) fn will_listen(&self, id: &PaymentId) -> Arc<Notify> {
        Arc::clone(self.listening().entry(id.clone()).or_default())
    }

    /// The terminal's word in place of "unknown". What a person said meanwhile
    /// stays beside it, and so does the doubt whether the till has heard.
    async fn close_late(&self, id: &PaymentId, outcome: Outcome) {
        let mut unsaved = None;
        loop {
            let state = State::Closed { outcome: outcome.clone(), at: self.now() };
            if let Ok(found) = self.find(id) {
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
        tracing::info!(%id, outcome = outcome.code(), "late answer");
        let _ = self.tell_record(id);
    }

    fn listening(
        &self,
    ) -> std::sync::MutexGuard<'_, std::collections::HashMap<PaymentId, Arc<Notify>>> {
        self.listening.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

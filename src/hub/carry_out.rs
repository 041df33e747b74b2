//! One payment, from the order to the outcome.

use super::{Hub, Refusal, terminal::Hold};
use crate::exchange::{self, Answer, Dialogue, ExchangeError};
use crate::journal::JournalError;
use crate::payment::{self, NotSent, Order, Outcome, Payment, PaymentId, State};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::time::{sleep, timeout};

/// A terminal on the LAN takes a connection within milliseconds. Waiting that
/// long before the record is written lets one record say both that the payment
/// is opened and that its request goes out, and saves a sync.
const BRIEF: Duration = Duration::from_millis(20);
/// How often a disk that refused an outcome is tried again.
const DISK_RETRY: Duration = Duration::from_secs(1);

/// Told once: that the payment is on record, or why it is refused.
pub(super) type Recorded = oneshot::Sender<Result<(), Refusal>>;

/// Carries out one payment: journal, ask, judge, journal, tell. It belongs to
/// the hub; the till that asked may be gone.
pub(super) async fn carry_out(hub: Arc<Hub>, payment: Payment, hold: Hold, recorded: Recorded) {
    let terminal = Arc::clone(&hold.0);
    let mut dialling = pin!(exchange::dial(&terminal.line));
    let dialled = timeout(BRIEF, &mut dialling).await.ok();

    let opened = hub.journal.opened(&payment, matches!(dialled, Some(Ok(_)))).await;
    let Some(cancel) = hub.record(&payment, opened, recorded) else { return };

    let ready = match dialled {
        Some(Ok(dialogue)) => Ok(dialogue),
        Some(Err(reason)) => Err(reason.into()),
        None => slow_dial(&hub, &payment, &cancel, dialling).await,
    };
    let outcome = match ready {
        Ok(_) if hub.wants_cancel(&payment.id) => Outcome::NotSent(NotSent::Cancelled),
        Ok(dialogue) => {
            let answer = ask(&hub, &payment, dialogue, &terminal.profile).await;
            payment::judge(&payment.order, &terminal.profile, answer)
        }
        Err(reason) => Outcome::NotSent(reason),
    };
    hub.close(&payment.id, outcome, hold).await;
}

/// The terminal takes its time: the payment is on record as one of which
/// nothing has left, and that has to change before the request goes.
async fn slow_dial(
    hub: &Hub,
    payment: &Payment,
    cancel: &Notify,
    dialling: Pin<&mut impl Future<Output = Result<Dialogue, exchange::NotSent>>>,
) -> Result<Dialogue, NotSent> {
    let dialogue = tokio::select! {
        dialled = dialling => dialled?,
        () = cancel.notified() => return Err(NotSent::Cancelled),
    };
    match hub.journal.sending(&payment.id, hub.now()).await {
        Ok(()) => Ok(dialogue),
        Err(error) => {
            tracing::error!(id = %payment.id, %error, "not sent: the journal refuses the record");
            Err(NotSent::NotRecorded)
        }
    }
}

async fn ask(
    hub: &Hub,
    payment: &Payment,
    mut dialogue: Dialogue,
    profile: &payment::Profile,
) -> Result<Answer, ExchangeError> {
    let Order { timeout, .. } = payment.order;
    let request = payment::request(&payment.order, profile);
    dialogue.send(&request).await?;
    hub.update(&payment.id, |payment| {
        payment.state = State::Sent;
        payment.sent_at = Some(hub.now());
    });
    let patience = timeout.unwrap_or(dialogue.deadlines().answer);
    Ok(dialogue.answer(patience, exchange::wants_ticket(&request)).await?)
}

impl Hub {
    /// Tells the till that asked whether its payment is on record. `None` when
    /// it is not: then nothing may be sent.
    fn record(
        &self,
        payment: &Payment,
        opened: Result<u64, JournalError>,
        recorded: Recorded,
    ) -> Option<Arc<Notify>> {
        match opened {
            Ok(seq) => {
                self.update(&payment.id, |payment| {
                    payment.seq = seq;
                    payment.durable = true;
                });
                let _ = recorded.send(Ok(()));
                self.cancel_of(&payment.id)
            }
            Err(error) => {
                tracing::error!(id = %payment.id, %error, "refused: not on record");
                // The till that asked is refused; another may be watching already.
                let outcome = Outcome::NotSent(NotSent::NotRecorded);
                let at = self.now();
                self.update(&payment.id, |live| live.state = State::Closed { outcome, at });
                self.forget(&payment.id);
                let _ = recorded.send(Err(Refusal::JournalUnavailable));
                None
            }
        }
    }

    /// Journals the outcome, then tells it. A disk that refuses is told too,
    /// flagged, and tried until it takes the outcome; the terminal is free, but
    /// the hub takes no new payment meanwhile.
    pub(super) async fn close(&self, id: &PaymentId, outcome: Outcome, hold: Hold) {
        tracing::info!(%id, outcome = outcome.code(), "closed");
        let Some(mut payment) = self.live_payment(id) else { return };
        payment.state = State::Closed { outcome, at: self.now() };
        if self.journal.closed(&payment).await.is_err() {
            let _unsaved = self.count_unsaved();
            drop(hold);
            self.update(id, |live| {
                live.state = payment.state.clone();
                live.durable = false;
            });
            loop {
                sleep(DISK_RETRY).await;
                if self.journal.closed(&payment).await.is_ok() {
                    break;
                }
            }
        } else {
            drop(hold);
        }
        self.update(id, |live| {
            live.state = payment.state;
            live.durable = true;
        });
        self.forget(id);
    }
}

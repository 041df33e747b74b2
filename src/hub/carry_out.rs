//! One payment, from the order to the outcome.

use super::{Hub, Refusal, terminal::Hold};
use crate::exchange::{self, Answer, Dialogue, ExchangeError, Unanswered};
use crate::faults::{self, Bug};
use crate::journal::JournalError;
use crate::payment::{self, NotSent, Outcome, Payment, PaymentId, State, Why};
use crate::wire::Message;
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

/// A terminal on the LAN takes a connection within milliseconds, mostly while the disk
/// writes. So one record says both that the payment is opened and that its request may
/// have left; when the terminal has not taken it this long after, a second one takes
/// that back.
const BRIEF: Duration = Duration::from_millis(20);
/// How often a disk that refused an outcome is tried again.
pub(super) const DISK_RETRY: Duration = Duration::from_secs(1);

/// Told once: that the payment is on record, or why it is refused.
pub(super) type Recorded = oneshot::Sender<Result<(), Refusal>>;

/// A fault in here must not leave a payment that waits for ever.
pub(super) async fn supervised(
    hub: Arc<Hub>,
    payment: Payment,
    despite: Option<PaymentId>,
    hold: Hold,
    recorded: Recorded,
) {
    let id = payment.id.clone();
    let carried = AssertUnwindSafe(carry_out(Arc::clone(&hub), payment, despite, hold, recorded));
    if carried.catch_unwind().await.is_err() {
        tracing::error!(%id, "a fault in the relay");
        hub.close(&id, Outcome::unknown(Why::RelayFailed), None).await;
    }
}

/// Carries out one payment: journal, ask, judge, journal, tell. It belongs to
/// the hub; the till that asked may be gone.
async fn carry_out(
    hub: Arc<Hub>,
    payment: Payment,
    despite: Option<PaymentId>,
    hold: Hold,
    recorded: Recorded,
) {
    let terminal = Arc::clone(&hold.0);
    let line = terminal.line_now();
    let mut dialling = pin!(exchange::dial(&line));
    faults::point("begun");
    // The disk and the dial side by side: only the first byte waits for the record.
    let opening = hub.journal.opened_despite(&payment, true, despite.as_ref());
    let (opened, dialled) = match select(pin!(opening), &mut dialling).await {
        Either::Left((opened, _)) => (opened, timeout(BRIEF, &mut dialling).await),
        Either::Right((dialled, opening)) => (opening.await, Ok(dialled)),
    };
    faults::point("opened");
    if opened.is_ok() && dialled.is_err() {
        hub.hold_back(&payment.id).await;
    }
    let Some(cancel) = hub.record(&payment, opened, recorded) else { return };
    faults::point("recorded");

    let ready = match dialled {
        Ok(Ok(dialogue)) => Ok(dialogue),
        Ok(Err(reason)) => Err(reason.into()),
        Err(_) => slow_dial(&hub, &payment, &cancel, dialling).await,
    };
    if let Some(reached) = reached(&ready) {
        terminal.was_reached(reached);
    }
    let mut dialogue = match ready {
        Ok(dialogue) => dialogue,
        Err(reason) => {
            let (hold, search) = hub.keep_to_search(hold, reason);
            hub.close(&payment.id, Outcome::NotSent(reason), hold).await;
            return hub.find_again(search).await;
        }
    };
    if hub.wants_cancel(&payment.id) {
        let outcome = Outcome::NotSent(NotSent::Cancelled);
        return hub.close(&payment.id, outcome, Some(hold)).await;
    }
    let request = payment::request(&payment.order, &terminal.profile);
    let answer = ask(&hub, &payment, &mut dialogue, &request).await;
    faults::point("answered");
    let outcome = payment::judge(&payment.order, &terminal.profile, answer);
    let in_doubt = matches!(outcome, Outcome::Unknown(_));
    if outcome.may_come_late() {
        hub.keep_held(&payment.id, hold);
        hub.close(&payment.id, outcome, None).await;
        hub.listen(&payment, &terminal, dialogue, exchange::wants_ticket(&request)).await;
    } else {
        hub.close(&payment.id, outcome, Some(hold)).await;
    }
    if in_doubt {
        hub.ask_for_duplicate(&payment, &terminal).await;
    }
}

/// Whether the terminal took the connection; nothing where it was not for the terminal to say.
fn reached(dialled: &Result<Dialogue, NotSent>) -> Option<bool> {
    match dialled {
        Ok(_) => Some(true),
        Err(NotSent::Cancelled | NotSent::NotRecorded) => None,
        Err(_) => Some(false),
    }
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
    faults::point("dialled_late");
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
    dialogue: &mut Dialogue,
    request: &Message,
) -> Result<Answer, ExchangeError> {
    // Said before it is done: "no byte has left" must never be late.
    hub.update(&payment.id, |payment| {
        payment.state = State::Sent;
        payment.sent_at = Some(hub.now());
    });
    faults::point("sending");
    dialogue.send(request).await?;
    faults::point("sent");
    let patience = payment.order.timeout.unwrap_or(dialogue.deadlines().answer);
    let answer = dialogue.answer(patience, exchange::wants_ticket(request)).await;
    if answer == Err(Unanswered::Silence) && faults::planted(Bug::Resend) {
        dialogue.send(request).await?;
        return Ok(dialogue.answer(patience, exchange::wants_ticket(request)).await?);
    }
    Ok(answer?)
}

impl Hub {
    /// A terminal takes its time: a restart meanwhile has nobody to ask. Before
    /// anyone is told of the payment, for what is told is on record.
    async fn hold_back(&self, id: &PaymentId) {
        if let Err(error) = self.journal.held_back(id).await {
            // A restart would ask a person: more than is needed, and safe.
            tracing::warn!(%id, %error, "on record as one that may have left");
        }
    }

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
                self.forget_unrecorded(&payment.id);
                let _ = recorded.send(Err(Refusal::JournalUnavailable));
                None
            }
        }
    }

    /// Takes the right to close a payment; there is one.
    fn claim(&self, id: &PaymentId) -> Option<Payment> {
        let mut live = self.lock();
        let live = live.get_mut(id).filter(|live| !live.closing)?;
        live.closing = true;
        Some(live.payment.clone())
    }

    /// Journals the outcome, then tells it. A disk that refuses is told too,
    /// flagged, and tried until it takes the outcome; the hub takes no new payment
    /// meanwhile. `hold` is the terminal, free again before anyone is told.
    pub(super) async fn close(&self, id: &PaymentId, outcome: Outcome, hold: Option<Hold>) {
        let code = outcome.code();
        let Some(mut payment) = self.claim(id) else { return };
        if matches!(outcome, Outcome::NotSent(_)) {
            payment.sent_at = None;
        }
        payment.state = State::Closed { outcome, at: self.now() };
        self.figures.closed(&payment);
        if self.journal.closed(&payment).await.is_err() {
            let _unsaved = self.count_unsaved();
            drop(hold);
            self.update(id, |live| {
                live.state = payment.state.clone();
                live.sent_at = payment.sent_at;
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
        faults::point("closed");
        self.update(id, |live| {
            live.state = payment.state;
            live.sent_at = payment.sent_at;
            live.durable = true;
        });
        faults::point("told");
        self.forget(id);
        // The tills hear of it before the log does.
        yield_now().await;
        tracing::info!(%id, outcome = code, "closed");
    }
}

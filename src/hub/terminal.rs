use super::look::Activity;
use super::{Hub, Refusal};
use crate::discover::{self, Examined, Identity, Met};
use crate::exchange::{self, Answer, ExchangeError, Line, Unanswered};
use crate::payment::{PaymentId, Profile, other_request};
use crate::wire::{Field, Message};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A terminal of the configuration.
#[derive(Debug)]
pub struct Terminal {
    /// Its name in the configuration and in the browser protocol.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// How to reach it.
    pub line: Line,
    /// What it wants in every request.
    pub profile: Profile,
    /// How long it is listened to after the answer deadline.
    pub late: Duration,
    /// Ask it for its last transaction after an unknown outcome.
    pub duplicate: bool,
    /// Look for it on the network when it does not answer at its address.
    pub rediscover: bool,
    /// Where it was found again, in this run of the relay.
    moved: Mutex<Option<IpAddr>>,
    holder: Mutex<Option<Holder>>,
    /// Whether it took the last connection: 0 before the first, 1 no, 2 yes.
    reached: AtomicU8,
    activity: Activity,
}

/// What a terminal is busy with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The payment; `None` while it is identified or carries a non-financial exchange.
    pub payment: Option<PaymentId>,
    /// The till that asked.
    pub till: String,
}

impl Terminal {
    /// A terminal that nothing holds.
    pub fn new(
        name: String,
        label: String,
        line: Line,
        profile: Profile,
        late: Duration,
        duplicate: bool,
    ) -> Terminal {
        Terminal {
            name,
            label,
            line,
            profile,
            late,
            duplicate,
            rediscover: false,
            moved: Mutex::default(),
            holder: Mutex::default(),
            reached: AtomicU8::default(),
            activity: Activity::default(),
        }
    }

    /// Whoever watches this hears when the terminal is taken and when it is free.
    pub(super) fn shown_by(self, activity: &Activity) -> Terminal {
        Terminal { activity: activity.clone(), ..self }
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<Holder> {
        self.lock().clone()
    }

    /// Names another holder of a terminal that is held.
    pub(super) fn rename_holder(&self, holder: Holder) {
        *self.lock() = Some(holder);
        self.activity.moved();
    }

    /// Takes it for one exchange, until what is returned is dropped.
    ///
    /// # Errors
    /// Who holds it already.
    pub(super) fn hold(self: &Arc<Self>, holder: Holder) -> Result<Hold, Holder> {
        let mut held = self.lock();
        match &*held {
            Some(other) => Err(other.clone()),
            None => {
                *held = Some(holder);
                drop(held);
                self.activity.moved();
                Ok(Hold(Arc::clone(self)))
            }
        }
    }

    /// With or without a search for it when it does not answer at its address.
    #[must_use]
    pub fn rediscovered(self, rediscover: bool) -> Terminal {
        Terminal { rediscover, ..self }
    }

    /// Where it was found again, in this run of the relay.
    pub fn moved(&self) -> Option<IpAddr> {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn move_to(&self, address: IpAddr) {
        *self.moved.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
        self.activity.moved();
    }

    /// How to reach it now.
    pub fn line_now(&self) -> Line {
        let host = self.moved().map_or_else(|| self.line.host.clone(), |ip| ip.to_string());
        Line { host, ..self.line.clone() }
    }

    /// Asks it who it is, and where it cannot be reached, why. Only for who holds
    /// it, or knows that no relay runs: a payment is not to be disturbed.
    pub async fn examine(&self) -> Examined {
        discover::examine(&self.line_now(), &self.profile).await
    }

    pub(super) async fn identify(&self) -> Met {
        let met = discover::identify(&self.line_now(), &self.profile).await;
        self.was_reached(!matches!(met.identity, Identity::NotReached(_)));
        met
    }

    pub(super) async fn exchange(&self, request: &Message) -> Result<Answer, ExchangeError> {
        let answer = exchange::ask(&self.line_now(), request).await;
        self.was_reached(!matches!(answer, Err(ExchangeError::NotSent(_))));
        answer
    }

    pub(super) fn was_reached(&self, reached: bool) {
        self.reached.store(if reached { 2 } else { 1 }, Ordering::Relaxed);
    }

    /// Whether it took the last connection; nothing before the first.
    pub fn reached(&self) -> Option<bool> {
        match self.reached.load(Ordering::Relaxed) {
            0 => None,
            reached => Some(reached == 2),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Holder>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// A non-financial exchange of the till's own fields.
    ///
    /// # Errors
    /// When there is no such terminal, something holds it, or it would move money.
    pub async fn exchange(
        &self,
        terminal: Option<&str>,
        till: &str,
        fields: Vec<Field>,
    ) -> Result<(Arc<Terminal>, Result<Answer, ExchangeError>), Refusal> {
        let terminal = self.terminal(terminal)?;
        let request = other_request(fields, &terminal.profile).ok_or(Refusal::MovesMoney)?;
        let holder = Holder { payment: None, till: till.to_owned() };
        let hold = terminal.hold(holder).map_err(Refusal::TerminalBusy)?;
        let asked = Arc::clone(&terminal);
        let answer = to_its_end(hold, async move { asked.exchange(&request).await }).await;
        Ok((terminal, answer.unwrap_or(Err(Unanswered::Reset.into()))))
    }
}

/// What a terminal was asked goes on when the till that asked is gone: until it
/// has answered, nobody else may have it.
pub(super) async fn to_its_end<T: Send + 'static>(
    hold: Hold,
    exchange: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    let running = tokio::spawn(async move {
        let answer = exchange.await;
        drop(hold);
        answer
    });
    running.await.ok()
}

/// A terminal taken for one exchange; free again when this is dropped, even by a panic.
#[derive(Debug)]
pub(super) struct Hold(pub(super) Arc<Terminal>);

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.lock() = None;
        self.0.activity.moved();
    }
}

use super::look::Activity;
use super::{Hub, Refusal};
use crate::exchange::{self, Answer, ExchangeError, Line, NotSent, Unanswered};
use crate::payment::{PaymentId, Profile, identification, other_request};
use crate::wire::{Field, Message, Tag};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a terminal may take to say who it is; no customer is involved.
const IDENTIFICATION: Duration = Duration::from_secs(5);

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
    holder: Mutex<Option<Holder>>,
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

/// What a terminal says when it is asked who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// It speaks Caisse-AP: its `CZ` and its own `CJ`.
    Ready {
        /// The protocol version that it answered with.
        version: Option<String>,
        /// The 12 characters that name it.
        identifier: Option<String>,
    },
    /// It could not be reached.
    NotReached(NotSent),
    /// It was reached and did not answer.
    Silent,
    /// It is set to the older protocol.
    ConcertV2,
    /// It answered something else.
    NotUnderstood,
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
        let (holder, activity) = (Mutex::default(), Activity::default());
        Terminal { name, label, line, profile, late, duplicate, holder, activity }
    }

    /// Whoever watches this hears when the terminal is taken and when it is free.
    pub(super) fn shown_by(self, activity: &Activity) -> Terminal {
        Terminal { activity: activity.clone(), ..self }
    }

    /// Who holds it.
    pub fn holder(&self) -> Option<Holder> {
        self.lock().clone()
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

    pub(super) async fn identify(&self) -> Identity {
        let line = Line {
            deadlines: exchange::Deadlines { answer: IDENTIFICATION, ..self.line.deadlines },
            ..self.line.clone()
        };
        match exchange::ask(&line, &identification(&self.profile)).await {
            Ok(answer) => identity(&answer),
            Err(ExchangeError::NotSent(reason)) => Identity::NotReached(reason),
            Err(ExchangeError::Unanswered(Unanswered::ConcertV2)) => Identity::ConcertV2,
            Err(ExchangeError::Unanswered(Unanswered::Garbled | Unanswered::TooLong)) => {
                Identity::NotUnderstood
            }
            Err(ExchangeError::Unanswered(_)) => Identity::Silent,
        }
    }

    pub(super) async fn exchange(&self, request: &Message) -> Result<Answer, ExchangeError> {
        exchange::ask(&self.line, request).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Holder>> {
        self.holder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Asks a terminal who it is. No money moves.
    ///
    /// # Errors
    /// When there is no such terminal or something holds it.
    pub async fn identify(
        &self,
        terminal: Option<&str>,
        till: &str,
    ) -> Result<(Arc<Terminal>, Identity), Refusal> {
        let terminal = self.terminal(terminal)?;
        let holder = Holder { payment: None, till: till.to_owned() };
        let hold = terminal.hold(holder).map_err(Refusal::TerminalBusy)?;
        let asked = Arc::clone(&terminal);
        let identity = to_its_end(hold, async move { asked.identify().await }).await;
        Ok((terminal, identity.unwrap_or(Identity::Silent)))
    }

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
async fn to_its_end<T: Send + 'static>(
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

/// Any status will do: a terminal that refuses the identification understood it.
fn identity(answer: &Answer) -> Identity {
    match answer.messages.iter().find(|message| message.get(Tag::STATUS).is_some()) {
        Some(message) => Identity::Ready {
            version: message.text(Tag::VERSION),
            identifier: message.text(Tag::IDENTIFIER),
        },
        None => Identity::NotUnderstood,
    }
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

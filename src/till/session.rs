use super::asked::{About, No, about, between, limit, line, name, order, payment_id, raw};
use super::lists::{freshen, views};
use super::mail::Mail;
use super::protocol::{
    Bad, Charge, Language, ListedState, Relay, RelayToTill, Said, TillToRelay, parse,
};
use super::socket::{Ended, Heard, Visitor, Voice};
use super::told::{exchanged, identified, label_of, refused, terminal_view, view};
use crate::hub::{Asked, Hub, Refusal, Watcher};
use crate::journal::{Filter, Listed};
use crate::payment::{Payment, PaymentId, Resolution};
use crate::words::{Lang, Sentence};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, Sink, SinkExt, Stream, StreamExt};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, interval_at, sleep_until, timeout};

/// How often the relay says that it is there. Message events are not throttled
/// in hidden tabs; timers are.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A till that said nothing for this long is gone: a browser answers protocol
/// pings by itself, so only its messages prove that the page lives.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);
/// A till that takes nothing for this long is gone.
const LONGEST_WRITE: Duration = Duration::from_secs(10);
/// Messages in a row that cannot be understood before the connection is closed.
const BAD_MESSAGES: u32 = 10;

/// Serves one till until it goes, `stopping` turns true, or it breaks the rules.
/// Its payments outlive it.
pub async fn serve<S>(
    hub: Arc<Hub>,
    mut socket: S,
    visitor: Visitor,
    mut stopping: watch::Receiver<bool>,
) -> Ended
where
    S: Stream<Item = Heard> + Sink<Voice> + Unpin,
{
    let (watcher, told) = mpsc::unbounded_channel();
    let mut session = Session {
        hub,
        visitor,
        till: None,
        lang: Lang::Fr,
        watcher,
        mail: Mail::new(told),
        watched: HashSet::new(),
        work: FuturesUnordered::new(),
        bad: 0,
    };
    let mut winding_down = session.hub.stopping();
    let mut warned = false;
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    let mut heard_at = Instant::now();
    let mut beats = 0;
    loop {
        let said = tokio::select! {
            // In this order: what is known is told before the end.
            biased;
            Some(payment) = session.mail.next() => session.tell(&payment),
            heard = socket.next() => match heard {
                None => return Ended::Left,
                Some(heard) => {
                    heard_at = Instant::now();
                    session.hear(heard)
                }
            },
            Some(answer) = session.work.next(), if !session.work.is_empty() => session.answer(answer),
            _ = heartbeat.tick() => {
                beats += 1;
                Some(Reaction::Message(RelayToTill::Ping { n: beats }))
            }
            _ = winding_down.wait_for(|stopping| *stopping), if !warned => {
                warned = true;
                let message = session.lang.say(&Sentence::RelayStops);
                Some(Reaction::Message(RelayToTill::Stopping { message }))
            }
            () = sleep_until(heard_at + LONGEST_SILENCE) => {
                Some(Reaction::Close(4408, Sentence::SilentTill))
            }
            _ = stopping.wait_for(|stopping| *stopping) => {
                Some(Reaction::Close(1001, Sentence::Stopping))
            }
        };
        let (voice, end) = match said {
            None => continue,
            Some(Reaction::Message(message)) => (Voice::Text(written(&message)), None),
            Some(Reaction::Close(code, sentence)) => {
                (Voice::Close(code, session.lang.say(&sentence)), Some(code))
            }
        };
        match (timeout(LONGEST_WRITE, socket.send(voice)).await, end) {
            (Ok(Ok(())), None) => {}
            (_, Some(code)) => return Ended::Closed(code),
            (Ok(Err(_)), None) => return Ended::Left,
            (Err(_), None) => return Ended::Stuck,
        }
    }
}

/// What the session does after something happened.
enum Reaction {
    Message(RelayToTill),
    Close(u16, Sentence),
}

type Work = BoxFuture<'static, Option<RelayToTill>>;

struct Session {
    hub: Arc<Hub>,
    visitor: Visitor,
    /// The till's name, once it has said hello.
    till: Option<String>,
    lang: Lang,
    watcher: Watcher,
    mail: Mail,
    watched: HashSet<PaymentId>,
    work: FuturesUnordered<Work>,
    bad: u32,
}

impl Session {
    fn hear(&mut self, heard: Heard) -> Option<Reaction> {
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Binary => return Some(self.bad(Bad::new("a binary frame"))),
            Heard::TooLong => return Some(Reaction::Close(4400, Sentence::TooManyBadMessages)),
        };
        let message = match parse(&text) {
            Ok(message) => message,
            Err(bad) => return Some(self.bad(bad)),
        };
        let about = about(&message);
        if self.till.is_some() == matches!(message, TillToRelay::Hello { .. }) {
            let detail = if self.till.is_some() { "a second hello" } else { "hello comes first" };
            let bad = Bad { to: about.to.into(), id: about.id, n: about.n, ..Bad::new(detail) };
            return Some(self.bad(bad));
        }
        self.bad = 0;
        if self.work.len() >= limit(&message) {
            let no = No::Invalid("rate_limited", Sentence::RateLimited);
            return Some(Reaction::Message(self.refused(about, no)));
        }
        match self.understand(message, &about) {
            Ok(Some(Next::Answer(answer))) => Some(Reaction::Message(answer)),
            Ok(Some(Next::Work(work))) => {
                self.work.push(work);
                None
            }
            Ok(None) => None,
            Err(no) => Some(Reaction::Message(self.refused(about, no))),
        }
    }

    fn understand(&mut self, message: TillToRelay, about: &About) -> Result<Option<Next>, No> {
        let hub = Arc::clone(&self.hub);
        let till = self.till.clone().unwrap_or_default();
        Ok(Some(match message {
            TillToRelay::Hello { client, lang, till } => self.hello(&client, lang, till)?,
            TillToRelay::Pay(charge) => self.pay(&charge, till, about)?,
            TillToRelay::Payment { id } => {
                let id = payment_id(&id)?;
                hub.watch(&id, &self.watcher)?;
                return Ok(None);
            }
            TillToRelay::Payments { since, state, limit, n } => {
                let limit = between(limit.unwrap_or(100), 1, 1000, "limit")?;
                let state = state.map(|state| match state {
                    ListedState::Open => Listed::Open,
                    ListedState::Unknown => Listed::Unknown,
                    ListedState::Unacknowledged => Listed::Unacknowledged,
                });
                let filter = Filter { since: since.unwrap_or(0), state, till: None, limit };
                let lang = self.lang;
                self.work(about, async move {
                    let payments = views(&hub.payments(filter).await?, &hub, lang);
                    Ok(Some(RelayToTill::Payments { payments, n }))
                })
            }
            TillToRelay::Cancel { id } => {
                let (id, watcher) = (payment_id(&id)?, self.watcher.clone());
                self.work(about, async move { told(hub.cancel(&id, &watcher).await) })
            }
            TillToRelay::Acknowledge { id, outcome } => {
                let (id, watcher) = (payment_id(&id)?, self.watcher.clone());
                self.work(about, async move {
                    told(hub.acknowledge(&id, outcome.as_deref(), &watcher).await)
                })
            }
            TillToRelay::Resolve { id, charged, by, note } => {
                let (id, watcher) = (payment_id(&id)?, self.watcher.clone());
                let charged = charged == Said::Yes;
                let (by, note) = (name(&by, 64, "by")?, note.map(|note| line(&note)).transpose()?);
                let said = Resolution { charged, by, note, at: hub.now() };
                self.work(about, async move { told(hub.resolve(&id, said, &watcher).await) })
            }
            TillToRelay::Release { terminal, by, n } => {
                let by = name(&by, 64, "by")?;
                self.work(about, async move {
                    let terminal = hub.release(terminal.as_deref(), &by).await?;
                    Ok(Some(RelayToTill::Released { terminal: terminal.name.clone(), n }))
                })
            }
            TillToRelay::Identify { terminal, n } => {
                let lang = self.lang;
                self.work(about, async move {
                    let (terminal, identity) = hub.identify(terminal.as_deref(), &till).await?;
                    Ok(Some(identified(&terminal, identity, lang, n)))
                })
            }
            TillToRelay::Exchange { terminal, fields, n } => {
                let fields = fields.iter().map(raw).collect::<Result<_, _>>()?;
                let lang = self.lang;
                self.work(about, async move {
                    let (terminal, answer) =
                        hub.exchange(terminal.as_deref(), &till, fields).await?;
                    Ok(Some(exchanged(&terminal, answer, lang, n)))
                })
            }
            TillToRelay::Ping { n } => Next::Answer(RelayToTill::Pong { n }),
            TillToRelay::Pong { .. } => return Ok(None),
        }))
    }

    fn hello(&mut self, client: &str, lang: Language, till: Option<String>) -> Result<Next, No> {
        let client = name(client, 128, "client")?;
        let till = match till {
            Some(till) => name(&till, 64, "till")?,
            None => self.visitor.name.clone(),
        };
        tracing::info!(%client, %till, "till connected");
        self.lang = match lang {
            Language::Fr => Lang::Fr,
            Language::En => Lang::En,
        };
        self.till = Some(till.clone());
        let (hub, lang) = (Arc::clone(&self.hub), self.lang);
        let about = About { to: "hello", ..About::default() };
        Ok(self.work(&about, async move {
            let state = Some(Listed::Unacknowledged);
            let filter = Filter { since: 0, state, till: Some(till.clone()), limit: 1000 };
            let unacknowledged = views(&hub.payments(filter).await?, &hub, lang);
            Ok(Some(RelayToTill::Welcome {
                relay: Relay {
                    name: "Caisse Relay",
                    version: env!("CARGO_PKG_VERSION"),
                    protocol: 1,
                },
                till,
                terminals: hub.terminals().iter().map(|terminal| terminal_view(terminal)).collect(),
                unacknowledged,
            }))
        }))
    }

    fn pay(&mut self, charge: &Charge, till: String, about: &About) -> Result<Next, No> {
        let id = payment_id(&charge.id)?;
        let order = order(charge)?;
        let despite = charge.despite.as_deref().map(payment_id).transpose()?;
        let asked = Asked { id, till, terminal: charge.terminal.clone(), order, despite };
        // Begun here and now: whatever this till says next finds it.
        let recorded = self.hub.pay(asked, &self.watcher)?;
        Ok(self.work(about, async move {
            recorded.await?;
            Ok(None)
        }))
    }

    /// Something that takes time, polled by this session and by nobody else.
    fn work(
        &self,
        about: &About,
        work: impl Future<Output = Result<Option<RelayToTill>, No>> + Send + 'static,
    ) -> Next {
        let (about, lang) = (about.clone(), self.lang);
        Next::Work(
            work.map(move |done| done.unwrap_or_else(|no| Some(refused(about, no, lang)))).boxed(),
        )
    }

    fn answer(&mut self, answer: Option<RelayToTill>) -> Option<Reaction> {
        let mut answer = answer?;
        match &answer {
            RelayToTill::Welcome { unacknowledged, .. } => {
                for id in unacknowledged.iter().filter_map(|payment| PaymentId::new(&payment.id)) {
                    self.hub.follow(&id, &self.watcher);
                    self.watched.insert(id);
                }
            }
            RelayToTill::Refused { to, .. } if to == "hello" => self.till = None,
            _ => {}
        }
        // After following: what changes from here on is told.
        freshen(&mut answer, &self.hub, self.lang);
        Some(Reaction::Message(answer))
    }

    fn tell(&mut self, payment: &Payment) -> Option<Reaction> {
        if payment.acknowledged && !payment.is_in_doubt() {
            self.hub.unwatch(&payment.id, &self.watcher);
            self.watched.remove(&payment.id);
        } else {
            self.watched.insert(payment.id.clone());
        }
        let view = view(payment, &label_of(&self.hub, &payment.terminal), self.lang);
        Some(Reaction::Message(RelayToTill::Payment(Box::new(view))))
    }

    fn bad(&mut self, bad: Bad) -> Reaction {
        self.bad += 1;
        if self.bad >= BAD_MESSAGES {
            return Reaction::Close(4400, Sentence::TooManyBadMessages);
        }
        let (code, sentence) = if bad.amount {
            ("bad_amount", Sentence::BadAmount)
        } else {
            ("bad_message", Sentence::BadMessage { detail: bad.detail })
        };
        Reaction::Message(RelayToTill::Refused {
            to: bad.to,
            id: bad.id,
            n: bad.n,
            code,
            message: self.lang.say(&sentence),
            held_by: None,
            first: None,
        })
    }

    fn refused(&self, about: About, no: No) -> RelayToTill {
        refused(about, no, self.lang)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What it was about to be told of, it watches as well.
        while let Some(payment) = self.mail.take() {
            self.watched.insert(payment.id.clone());
        }
        for id in &self.watched {
            self.hub.unwatch(id, &self.watcher);
        }
    }
}

/// The answer comes by the watcher.
fn told(done: Result<(), Refusal>) -> Result<Option<RelayToTill>, No> {
    done.map(|()| None).map_err(No::from)
}

enum Next {
    Answer(RelayToTill),
    Work(Work),
}

fn written(message: &RelayToTill) -> String {
    // Strings, numbers and lists: nothing in them can fail to be written.
    serde_json::to_string(message).unwrap_or_default()
}

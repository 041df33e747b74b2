use super::asked::{About, No, about, limit};
use super::desk::Desk;
use super::lists::freshen;
use super::mail::Mail;
use super::pace::Pace;
use super::protocol::{Bad, RelayToTill, TillToRelay, parse};
use super::requests::{Next, Work};
use super::socket::{Ended, Heard, Visitor, Voice};
use super::told::{label_of, refused, view};
use super::who::Who;
use crate::hub::Watcher;
use crate::payment::{Outcome, Payment, PaymentId};
use crate::words::{Entry, Lang, Sentence};
use futures_util::stream::FuturesUnordered;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use std::collections::HashSet;
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
/// How long who connects may take to say hello, or to ask to be paired.
const HELLO: Duration = Duration::from_secs(10);
/// How long a person may take to type a code.
const TYPING: Duration = Duration::from_secs(300);
/// Messages in a row that cannot be understood before the connection is closed.
const BAD_MESSAGES: u32 = 10;

/// Serves one till until it goes, `stopping` turns true, or it breaks the rules.
/// Its payments outlive it.
pub async fn serve<S>(
    desk: Desk,
    mut socket: S,
    visitor: Visitor,
    mut stopping: watch::Receiver<bool>,
) -> Ended
where
    S: Stream<Item = Heard> + Sink<Voice> + Unpin,
{
    let (watcher, told) = mpsc::unbounded_channel();
    let (mut evictions, mut changes) = (desk.access.evictions(), desk.access.changes());
    let (mut facts, mut activity) = (desk.health.changes(), desk.hub.activity());
    let mut winding_down = desk.hub.stopping();
    let mut session = Session {
        pace: (!visitor.is_local()).then(Pace::new),
        desk,
        visitor,
        who: None,
        hello_until: Instant::now() + HELLO,
        shows_overview: false,
        lang: Lang::Fr,
        watcher,
        mail: Mail::new(told),
        watched: HashSet::new(),
        work: FuturesUnordered::new(),
        bad: 0,
    };
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
            Ok(()) = evictions.changed() => session.may_stay(),
            Ok(()) = changes.changed(), if session.shows_overview => Some(session.overview(None)),
            Ok(()) = facts.changed(), if session.shows_overview => Some(session.overview(None)),
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
            () = sleep_until(session.hello_until), if session.who.is_none() => {
                Some(Reaction::Close(4408, Sentence::Entry(Entry::NoHello)))
            }
            _ = stopping.wait_for(|stopping| *stopping) => {
                Some(Reaction::Close(1001, Sentence::Stopping))
            }
            // Last: a busy shop changes it at every payment.
            Ok(()) = activity.changed(), if session.shows_overview => Some(session.overview(None)),
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
pub(super) enum Reaction {
    Message(RelayToTill),
    Close(u16, Sentence),
}

pub(super) struct Session {
    pub(super) desk: Desk,
    pub(super) visitor: Visitor,
    /// Once it has said hello.
    pub(super) who: Option<Who>,
    hello_until: Instant,
    /// Who holds the relay's key is shown every change.
    pub(super) shows_overview: bool,
    pub(super) lang: Lang,
    pub(super) watcher: Watcher,
    /// None for a till of this computer.
    pace: Option<Pace>,
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
        let mut message = match parse(&text) {
            Ok(message) => message,
            Err(bad) => return Some(self.bad(bad)),
        };
        let about = about(&message);
        let begins = matches!(
            message,
            TillToRelay::Hello { .. } | TillToRelay::Pair { .. } | TillToRelay::Redeem { .. }
        );
        if self.who.is_some() == begins {
            let detail = match message {
                TillToRelay::Hello { .. } => "a second hello",
                TillToRelay::Pair { .. } => "pair comes before hello",
                TillToRelay::Redeem { .. } => "redeem comes before hello",
                _ => "hello comes first",
            };
            let bad = Bad { to: about.to.into(), id: about.id, n: about.n, ..Bad::new(detail) };
            return Some(self.bad(bad));
        }
        let hurried = self.pace.as_mut().is_some_and(|pace| !pace.allows_one());
        if hurried || self.work.len() >= limit(&message) {
            return Some(self.too_much(about, hurried));
        }
        self.bad = 0;
        if matches!(message, TillToRelay::Pair { .. }) {
            self.hello_until = Instant::now() + TYPING;
        }
        let permitted =
            self.who.as_ref().map_or(Ok(()), |who| who.permit(&mut message, &self.desk.hub));
        match permitted.and_then(|()| self.understand(message, &about)) {
            Ok(Some(Next::Answer(answer))) => Some(Reaction::Message(answer)),
            Ok(Some(Next::Work(work))) => {
                self.work.push(work);
                None
            }
            Ok(None) => None,
            Err(No::Close(code, sentence)) => Some(Reaction::Close(code, sentence)),
            Err(no) => Some(Reaction::Message(refused(about, no, self.lang))),
        }
    }

    /// Refuses one message; a till of the network that goes on regardless is let go.
    fn too_much(&mut self, about: About, hurried: bool) -> Reaction {
        self.bad += u32::from(hurried);
        if self.bad >= BAD_MESSAGES {
            return Reaction::Close(4400, Sentence::TooManyBadMessages);
        }
        let no = No::Invalid("rate_limited", Sentence::RateLimited);
        Reaction::Message(refused(about, no, self.lang))
    }

    /// After somebody was refused or revoked: was it this one?
    fn may_stay(&self) -> Option<Reaction> {
        let stays = match &self.who {
            Some(who) => who.may_stay(&self.desk, &self.visitor),
            None => self.visitor.may_stay(&self.desk),
        };
        match stays {
            Err(No::Close(code, sentence)) => Some(Reaction::Close(code, sentence)),
            _ => None,
        }
    }

    pub(super) fn overview(&self, n: Option<u64>) -> Reaction {
        let overview = Box::new(self.desk.overview(self.lang));
        Reaction::Message(RelayToTill::Overview { overview, n })
    }

    fn answer(&mut self, answer: Option<RelayToTill>) -> Option<Reaction> {
        let mut answer = answer?;
        match &answer {
            RelayToTill::Welcome { unacknowledged, .. } => {
                for id in unacknowledged.iter().filter_map(|payment| PaymentId::new(&payment.id)) {
                    self.desk.hub.follow(&id, &self.watcher);
                    self.watched.insert(id);
                }
            }
            RelayToTill::Refused { to, .. } if to == "hello" => self.who = None,
            _ => {}
        }
        // After following: what changes from here on is told.
        freshen(&mut answer, &self.desk.hub, self.lang);
        if let Some(who) = &self.who {
            who.keep_reached(&mut answer);
        }
        Some(Reaction::Message(answer))
    }

    fn tell(&mut self, payment: &Payment) -> Option<Reaction> {
        // Settled by a person, it may still be contradicted by a late answer.
        let may_change =
            payment.is_in_doubt() || payment.outcome().is_some_and(Outcome::may_come_late);
        if payment.acknowledged && !may_change {
            self.desk.hub.unwatch(&payment.id, &self.watcher);
            self.watched.remove(&payment.id);
        } else {
            self.watched.insert(payment.id.clone());
        }
        let view = view(payment, &label_of(&self.desk.hub, &payment.terminal), self.lang);
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
}

impl Drop for Session {
    fn drop(&mut self) {
        // What it was about to be told of, it watches as well.
        while let Some(payment) = self.mail.take() {
            self.watched.insert(payment.id.clone());
        }
        self.desk.hub.unwatch_all(&self.watcher);
        for id in &self.watched {
            self.desk.hub.unwatch(id, &self.watcher);
        }
    }
}

fn written(message: &RelayToTill) -> String {
    // Strings, numbers and lists: nothing in them can fail to be written.
    serde_json::to_string(message).unwrap_or_default()
}

//! What each message of a till does.

use super::asked::{About, No, between, instant, line, name, order, payment_id, raw};
use super::day::{events, totals};
use super::lists::views;
use super::protocol::{
    Charge, Language, ListedState, Relay, RelayToTill, Said, Secret, TillToRelay,
};
use super::session::{Reaction, Session};
use super::told::{exchanged, identified, refused, terminal_view};
use super::who::{Shown, Who, pair, redeem};
use crate::hub::{Asked, Refusal};
use crate::journal::{Filter, Listed};
use crate::payment::Resolution;
use crate::words::Lang;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// Something that takes time, and ends with an answer or without.
pub(super) type Work = BoxFuture<'static, Option<RelayToTill>>;

/// What a message leads to.
pub(super) enum Next {
    Answer(RelayToTill),
    Work(Work),
}

impl Session {
    /// Begins what a till asks for; past this door nothing is checked again.
    pub(super) fn understand(
        &mut self,
        message: TillToRelay,
        about: &About,
    ) -> Result<Option<Next>, No> {
        let hub = Arc::clone(&self.desk.hub);
        let till = self.who.as_ref().map(|who| who.name.clone()).unwrap_or_default();
        Ok(Some(match message {
            TillToRelay::Hello { client, lang, till, token, key } => {
                self.hello(&client, lang, Shown { till, token, key })?
            }
            TillToRelay::Pair { code, till, lang } => self.pair(code, till, lang),
            TillToRelay::Redeem { ticket, lang } => {
                self.lang = lang.map_or(self.lang, Lang::from);
                let key = redeem(&self.desk, &self.visitor, &ticket)?;
                Next::Answer(RelayToTill::Redeemed { key })
            }
            TillToRelay::Pay(charge) => self.pay(&charge, till, about)?,
            TillToRelay::Payment { id } => {
                let id = payment_id(&id)?;
                hub.watch(&id, &self.watcher)?;
                return Ok(None);
            }
            TillToRelay::Payments { since, state, from, to, limit, watch, n } => {
                let limit = between(limit.unwrap_or(100), 1, 1000, "limit")?;
                let state = state.map(|state| match state {
                    ListedState::Open => Listed::Open,
                    ListedState::Unknown => Listed::Unknown,
                    ListedState::Unacknowledged => Listed::Unacknowledged,
                });
                let moment = |at: Option<String>, what| at.map(|at| instant(&at, what)).transpose();
                let (from, to) = (moment(from, "from")?, moment(to, "to")?);
                let since = since.unwrap_or(0);
                let filter = Filter { since, state, till: None, from, to, limit };
                if watch == Some(true) {
                    // Before the list is read: nothing falls between the two.
                    hub.watch_all(&self.watcher);
                }
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
            TillToRelay::Overview { n } => {
                self.shows_overview = true;
                match self.overview(n) {
                    Reaction::Message(overview) => Next::Answer(overview),
                    Reaction::Close(..) => return Ok(None),
                }
            }
            TillToRelay::Totals { from, to, n } => self.work(about, totals(hub, from, to, n)),
            TillToRelay::Events { limit, n } => self.work(about, events(hub, limit, n)),
            TillToRelay::Doctor { n } => {
                let (doctor, lang) = (self.desk.doctor.clone(), self.lang);
                self.work(about, async move { Ok(Some(doctor.answer(lang, n).await)) })
            }
            TillToRelay::Origin { origin, decision, n } => {
                let desk = self.desk.clone();
                self.decided(about, n, async move { desk.decide(&origin, decision, &till).await })
            }
            TillToRelay::Revoke { till: revoked, n } => {
                let desk = self.desk.clone();
                self.decided(about, n, async move { desk.revoke(&revoked, &till).await })
            }
            TillToRelay::Ticket { n } => {
                let ticket = Secret(self.desk.access.ticket());
                Next::Answer(RelayToTill::Ticket { ticket, n })
            }
            TillToRelay::OpenPairing { till: named, terminals, operations, n } => {
                let pairing = self.desk.open_pairing(named, terminals, operations, &till)?;
                Next::Answer(RelayToTill::Pairing { pairing, n })
            }
            TillToRelay::ClosePairing { n } => {
                self.desk.access.close_pairing();
                self.decided(about, n, async { Ok(()) })
            }
            TillToRelay::Ping { n } => Next::Answer(RelayToTill::Pong { n }),
            TillToRelay::Pong { .. } => return Ok(None),
        }))
    }

    fn hello(&mut self, client: &str, lang: Language, shown: Shown) -> Result<Next, No> {
        let client = name(client, 128, "client")?;
        self.lang = lang.into();
        let who = Who::enter(&self.desk, &self.visitor, shown)?;
        let (till, master) = (who.name.clone(), who.is_master());
        tracing::info!(%client, %till, master, address = %self.visitor.address, "till connected");
        self.who = Some(who);
        let (hub, lang) = (Arc::clone(&self.desk.hub), self.lang);
        let about = About { to: "hello", ..About::default() };
        Ok(self.work(&about, async move {
            let state = Some(Listed::Unacknowledged);
            let (till_only, limit) = (Some(till.clone()), 1000);
            let filter = Filter { state, till: till_only, limit, ..Filter::default() };
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

    /// A code for a token; `hello` comes after.
    fn pair(&mut self, code: Secret, till: String, lang: Option<Language>) -> Next {
        self.lang = lang.map_or(self.lang, Lang::from);
        let (desk, visitor) = (self.desk.clone(), self.visitor.clone());
        self.work(&About { to: "pair", ..About::default() }, async move {
            let (token, till) = pair(desk, visitor, code, till).await?;
            Ok(Some(RelayToTill::Paired { token, till }))
        })
    }

    /// A decision of the person at the relay; what there is to see now is the answer.
    fn decided(
        &self,
        about: &About,
        n: Option<u64>,
        decision: impl Future<Output = Result<(), No>> + Send + 'static,
    ) -> Next {
        let (desk, lang) = (self.desk.clone(), self.lang);
        self.work(about, async move {
            decision.await?;
            Ok(Some(RelayToTill::Overview { overview: Box::new(desk.overview(lang)), n }))
        })
    }

    fn pay(&mut self, charge: &Charge, till: String, about: &About) -> Result<Next, No> {
        let id = payment_id(&charge.id)?;
        let order = order(charge)?;
        let despite = charge.despite.as_deref().map(payment_id).transpose()?;
        let asked = Asked { id, till, terminal: charge.terminal.clone(), order, despite };
        // Begun here and now: whatever this till says next finds it.
        let recorded = self.desk.hub.pay(asked, &self.watcher)?;
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
}

/// The answer comes by the watcher.
fn told(done: Result<(), Refusal>) -> Result<Option<RelayToTill>, No> {
    done.map(|()| None).map_err(No::from)
}

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::Fr => Lang::Fr,
            Language::En => Lang::En,
        }
    }
}

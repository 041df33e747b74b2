//! The icon in the panel: it shows how the relay is and passes on what a person
//! clicks. It owns no policy: everything it knows, and everything it has done, is
//! in the browser protocol, which it speaks with the relay's key, like the
//! relay's page.
//!
//! It works without a panel too: the relay runs on, and the icon appears when a
//! panel does.

mod icon;
mod menu;
mod state;

#[cfg(all(target_os = "linux", feature = "tray"))]
#[path = "linux.rs"]
mod panel;
#[cfg(all(any(windows, target_os = "macos"), feature = "tray"))]
#[path = "native/mod.rs"]
mod panel;
#[cfg(not(all(any(target_os = "linux", windows, target_os = "macos"), feature = "tray")))]
#[path = "none.rs"]
mod panel;

use crate::place::{self, Place, Verb};
use crate::words::{Lang, Sentence, Tray};
pub use icon::{Pixels, pixels};
pub use menu::{Click, Entry, Face, Light, face};
use panel::Panel;
use serde_json::{Value, json};
pub use state::State;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

/// How often what changes by itself is asked again: a code that ends, a switch
/// that another program turned, a panel that was not there.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// How far back the last payment is looked for.
const A_DAY: Duration = Duration::from_secs(24 * 3600);
/// As many payments come in one list.
const PAGE: u64 = 1000;

/// The connection to the relay, whoever carries it.
#[derive(Debug)]
pub struct Relay {
    /// What it says.
    pub says: mpsc::Receiver<Heard>,
    /// What is said to it; lost while nobody listens.
    pub say: mpsc::Sender<Value>,
    /// Whether it runs in this process.
    pub own: bool,
}

/// Something about the relay.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It let us in.
    Came,
    /// A message of the browser protocol.
    Said(Value),
    /// It does not answer any more.
    Went,
}

/// What a click does that is not the relay's business.
pub trait Hands: Send + Sync {
    /// Opens the relay's page in the browser, with a ticket of the relay's.
    ///
    /// # Errors
    /// With a sentence.
    fn open_page(&self, ticket: &str) -> Result<(), String>;
    /// Makes a diagnosis, shows its folder, and gives its place.
    ///
    /// # Errors
    /// With a sentence.
    fn bundle(&self) -> Result<PathBuf, String>;
}

/// Does the work of a program that shows the icon: on macOS beside the first thread, which is the
/// only one that may have it.
pub fn beside_the_icon<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    #[cfg(all(target_os = "macos", feature = "tray"))]
    return panel::beside(work);
    #[cfg(not(all(target_os = "macos", feature = "tray")))]
    work()
}

/// Shows the icon until a person has it closed. `at_login` is what makes the session start it.
pub async fn run(relay: Relay, hands: Arc<dyn Hands>, at_login: Option<&dyn Place>, lang: Lang) {
    let (clicked, mut clicks) = mpsc::unbounded_channel();
    let mut state = State::new(lang);
    state.own = relay.own;
    state.at_login = at_login.map(is_on);
    let panel = Panel::appear(face(&state, lang), clicked).await;
    let mut icon = Icon { relay, hands, at_login, lang, state, panel };
    let mut ticks = interval(LOOK_AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            heard = icon.relay.says.recv() => match heard {
                Some(heard) => icon.hear(&heard).await,
                None => return,
            },
            Some(click) = clicks.recv() => {
                if icon.click(click).await {
                    return;
                }
            }
            _ = ticks.tick() => icon.look_again().await,
        }
        icon.panel.show(face(&icon.state, lang)).await;
    }
}

struct Icon<'a> {
    relay: Relay,
    hands: Arc<dyn Hands>,
    at_login: Option<&'a dyn Place>,
    lang: Lang,
    state: State,
    panel: Panel,
}

impl Icon<'_> {
    async fn hear(&mut self, heard: &Heard) {
        match heard {
            Heard::Came => {
                self.state.up = true;
                let from = SystemTime::now().checked_sub(A_DAY).unwrap_or(SystemTime::UNIX_EPOCH);
                self.say(json!({ "type": "payments", "watch": true, "from": rfc3339(from), "limit": PAGE }))
                    .await;
                self.say(json!({ "type": "overview" })).await;
            }
            Heard::Went => self.state.went(),
            Heard::Said(message) => {
                self.state.hear(message);
                match message["type"].as_str() {
                    Some("pairing") => {
                        let code = message["code"].as_str().unwrap_or_default().to_owned();
                        self.tell(Tray::PairingNotice { code }).await;
                    }
                    Some("ticket") => {
                        let ticket = message["ticket"].as_str().unwrap_or_default();
                        if let Err(what) = self.hands.open_page(ticket) {
                            self.tell(Tray::Failed { what }).await;
                        }
                    }
                    Some("refused") => {
                        let message = message["message"].as_str().unwrap_or_default().to_owned();
                        self.tell(Tray::Refused { message }).await;
                    }
                    // A busy shop has more payments a day than come in one list.
                    Some("payments") => {
                        let list = message["payments"].as_array().map_or(&[][..], Vec::as_slice);
                        if let Some(last) = list.last().filter(|_| list.len() as u64 == PAGE) {
                            let since = &last["seq"];
                            self.say(json!({ "type": "payments", "since": since, "limit": PAGE }))
                                .await;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Does what is asked for; true when that is to leave.
    async fn click(&mut self, click: Click) -> bool {
        let decide = |origin: String, decision| json!({ "type": "origin", "origin": origin, "decision": decision });
        match click {
            Click::OpenPage => self.open_page().await,
            Click::SeeDistrust => {
                self.state.saw_distrust();
                self.open_page().await;
            }
            Click::Allow(origin) => self.say(decide(origin, "allow")).await,
            Click::Refuse(origin) => self.say(decide(origin, "refuse")).await,
            Click::OpenPairing => self.say(json!({ "type": "open_pairing" })).await,
            Click::ClosePairing => self.say(json!({ "type": "close_pairing" })).await,
            Click::StartAtLogin(on) => {
                let verb = if on { Verb::Install } else { Verb::Uninstall };
                let told = self.at_login.map(|at_login| place::carry_out(at_login, verb));
                if let Some(trouble) = told.and_then(|told| told.trouble) {
                    self.tell(Tray::Failed { what: trouble.to_string() }).await;
                }
                self.state.at_login = self.at_login.map(is_on);
            }
            Click::Bundle => {
                // It reads the whole journal, on a thread that no payment needs.
                let hands = Arc::clone(&self.hands);
                let made = spawn_blocking(move || hands.bundle()).await;
                match made.unwrap_or_else(|error| Err(error.to_string())) {
                    Ok(path) => {
                        self.tell(Tray::BundleReady { path: path.display().to_string() }).await;
                    }
                    Err(what) => self.tell(Tray::Failed { what }).await,
                }
            }
            // The menu was open while a payment began.
            Click::Quit if !self.state.may_quit() => self.tell(Tray::PaymentOpen).await,
            Click::Quit | Click::QuitAnyway => return true,
        }
        false
    }

    /// The relay gives a ticket for it, and no relay has no page.
    async fn open_page(&self) {
        match self.state.up {
            true => self.say(json!({ "type": "ticket" })).await,
            false => self.tell(Tray::Stopped).await,
        }
    }

    async fn look_again(&mut self) {
        if self.state.up {
            self.say(json!({ "type": "overview" })).await;
        }
        self.state.at_login = self.at_login.map(is_on);
        self.panel.look_again().await;
    }

    async fn say(&self, message: Value) {
        let _ = self.relay.say.send(message).await;
    }

    async fn tell(&self, tray: Tray) {
        let sentence = self.lang.say(&Sentence::Tray(tray));
        tracing::info!(%sentence, "told the person at the relay");
        self.panel.tell(&sentence).await;
    }
}

/// A person may have switched it off in the settings of the desktop.
fn is_on(at_login: &dyn Place) -> bool {
    at_login.read().is_installed()
}

fn rfc3339(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let milliseconds = i64::try_from(since.as_millis()).unwrap_or_default();
    crate::till::moment(crate::payment::Moment(milliseconds))
}

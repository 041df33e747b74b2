use super::exit::{Exit, say};
use super::run::{PATIENCE, announce, ready, stop, until_told_to_stop};
use super::till::{Till, Trust, no_answer};
use super::{Common, bundle};
use crate::access::read_key;
use crate::config::{self, Config};
use crate::journal::JournalError;
use crate::place::Root;
use crate::relay::{Relay, StartError, page_link};
use crate::service;
use crate::tray::{self, Hands, Heard};
use crate::words::{Console, Sentence};
use anyhow::Result;
use clap::Args;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// How long a relay may take to let its icon in.
const CONNECT: Duration = Duration::from_secs(5);
/// How soon a relay that went away is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// The relay with an icon in the panel, until a person stops it.
#[derive(Debug, Args)]
pub(super) struct Tray {
    /// Where tills connect, instead of what the configuration says
    #[arg(long, value_name = "ADDR", env = "CAISSE_RELAY_LISTEN")]
    listen: Option<SocketAddr>,
}

impl Tray {
    pub(super) async fn show(self, common: &Common) -> Result<Exit> {
        let config = ready(self.listen, common)?;
        let (relay, door) = match Relay::start(config.clone(), Vec::new()).await {
            Ok(relay) => {
                announce(&relay, config.lang, common.json);
                let door = Door::of(&config, relay.address);
                (Some(relay), door)
            }
            Err(error) if another_may_run(&error) => {
                let door = Door::of(&config, config.local());
                // Whatever else holds the port or the folder, the reason is the first one.
                let Ok(till) = door.enter().await else { return Err(error.into()) };
                till.close().await;
                tell_of_another(&door, common.json);
                (None, door)
            }
            Err(error) => return Err(error.into()),
        };
        let (heard, says) = mpsc::channel(64);
        let (say, said) = mpsc::channel(64);
        let link = tray::Relay { says, say, own: relay.is_some() };
        let carried = tokio::spawn(carry(door.clone(), heard, said));
        let hands = Arc::new(RealHands { door, common: common.clone() });
        let at_login = service::at_login(&common.program()?, &Root::new(None));
        tokio::select! {
            () = tray::run(link, hands, at_login.as_deref(), config.lang) => {}
            () = until_told_to_stop() => {}
        }
        carried.abort();
        if let Some(relay) = relay {
            stop(relay, PATIENCE, config.lang).await;
        }
        Ok(Exit::Done)
    }
}

fn another_may_run(error: &StartError) -> bool {
    matches!(error, StartError::Listen { .. } | StartError::Journal(JournalError::Held { .. }))
}

fn tell_of_another(door: &Door, json: bool) {
    if json {
        let url = format!("wss://{}/till", door.address);
        super::exit::print(&serde_json::json!({ "type": "joined", "url": url }));
    } else {
        say(&door.config.lang.say(&Sentence::Console(Console::AnotherRuns)));
    }
}

/// How to come in to the relay with its key.
#[derive(Debug, Clone)]
struct Door {
    address: SocketAddr,
    config: Config,
}

impl Door {
    fn of(config: &Config, address: SocketAddr) -> Door {
        Door { address, config: config.clone() }
    }

    async fn enter(&self) -> Result<Till> {
        let key = Some(read_key(&self.config.data_dir)?);
        let trust = Trust::of(&self.config);
        timeout(CONNECT, Till::connect(self.address, &trust, self.config.lang, key))
            .await
            .map_err(|_| no_answer(self.address, self.config.lang))?
    }
}

/// Carries what the relay and the icon say to each other, and comes back when
/// the relay does.
async fn carry(door: Door, heard: mpsc::Sender<Heard>, mut said: mpsc::Receiver<Value>) {
    loop {
        if let Ok(mut till) = door.enter().await {
            let _ = heard.send(Heard::Came).await;
            loop {
                let carried = tokio::select! {
                    message = till.next() => match message {
                        Ok(message) => heard.send(Heard::Said(message)).await.is_ok(),
                        Err(_) => false,
                    },
                    message = said.recv() => match message {
                        Some(message) => till.say_json(&message).await.is_ok(),
                        None => return,
                    },
                };
                if !carried {
                    break;
                }
            }
        }
        if heard.send(Heard::Went).await.is_err() {
            return;
        }
        sleep(AGAIN).await;
        // What was clicked while nobody listened is not done minutes later.
        while said.try_recv().is_ok() {}
    }
}

/// What a click does beside the relay.
struct RealHands {
    door: Door,
    common: Common,
}

impl Hands for RealHands {
    fn open_page(&self, ticket: &str) -> Result<(), String> {
        open::that_detached(page_link(self.door.address, ticket)).map_err(|error| error.to_string())
    }

    fn bundle(&self) -> Result<PathBuf, String> {
        let folder = config::platform_downloads();
        // This thread's own: the doctor is slow, and the relay's runtime has payments.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let made = bundle::make(&self.common, Some(self.door.address), &folder);
        let path = runtime.block_on(made).map_err(|error| format!("{error:#}"))?;
        // Who has no file manager finds it by its name.
        let _ = open::that_detached(folder);
        Ok(path)
    }
}

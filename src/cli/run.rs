use super::exit::{Exit, print, say};
use super::{Common, signal};
use crate::config::Config;
use crate::relay::Relay;
use crate::words::{Lang, Program, Sentence};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;

/// How long a relay that is told to stop waits for the payments under way.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The relay, until it is told to stop.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Where tills connect, instead of what the configuration says
    #[arg(long, value_name = "ADDR", env = "CAISSE_RELAY_LISTEN")]
    listen: Option<SocketAddr>,
}

impl Run {
    pub(super) async fn run(self, common: &Common) -> Result<Exit> {
        self.run_until(common, until_told_to_stop()).await
    }

    /// The same, told to stop in another way.
    pub(super) async fn run_until(
        self,
        common: &Common,
        told_to_stop: impl Future<Output = ()>,
    ) -> Result<Exit> {
        let config = ready(self.listen, common)?;
        let lang = config.lang;
        let relay = Relay::start(config, Vec::new()).await?;
        announce(&relay, lang, common.json);
        told_to_stop.await;
        stop(relay, PATIENCE, lang).await;
        Ok(Exit::Done)
    }
}

/// What a relay is started with, in a process that is ready for it.
pub(super) fn ready(listen: Option<SocketAddr>, common: &Common) -> Result<Config> {
    let mut config = common.configuration()?;
    if let Some(listen) = listen {
        config.listen_on(listen)?;
    }
    if config.terminals.is_empty() {
        tracing::warn!("no terminal in the configuration: add one under [[terminals]]");
    }
    // Each till is an open file, and many systems begin with 1024.
    if let Err(error) = rlimit::increase_nofile_limit(65_536) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    Ok(config)
}

/// Says it to the person at the terminal.
pub(super) fn tell(words: Program, lang: Lang) {
    say(&lang.say(&Sentence::Program(words)));
}

/// Says where the relay is.
pub(super) fn announce(relay: &Relay, lang: Lang, json: bool) {
    if json {
        print(&json!({
            "type": "listening",
            "url": relay.url(),
            "page": relay.page(),
            "ca": relay.ca_file,
            "fingerprint": relay.fingerprint,
            "metrics": relay.metrics.map(|address| format!("http://{address}/metrics")),
        }));
    } else {
        tell(Program::Listens { url: relay.url() }, lang);
        tell(Program::Page { url: relay.page() }, lang);
        if let Some(address) = relay.metrics {
            tell(Program::Numbers { url: format!("http://{address}/metrics") }, lang);
        }
        tell(Program::Certificate { path: relay.ca_file.display().to_string() }, lang);
    }
}

/// Stops a relay; a second signal does not wait for the payments under way.
pub(super) async fn stop(relay: Relay, patience: Duration, lang: Lang) {
    tracing::info!("stopping: no new payment is taken");
    let left = tokio::select! {
        left = relay.stop(patience) => left,
        () = until_told_to_stop() => 1,
    };
    if left > 0 {
        tell(Program::LeftOpen, lang);
    }
}

/// As the system says it.
pub(super) async fn until_told_to_stop() {
    signal::told_to_stop().await;
}

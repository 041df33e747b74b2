use super::exit::{Exit, print, say};
use super::{Common, exit, signal};
use crate::config::Config;
use crate::relay::Relay;
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
        let relay = Relay::start(ready(self.listen, common)?, Vec::new()).await?;
        announce(&relay, common.json);
        told_to_stop.await;
        stop(relay, PATIENCE).await;
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

/// Says where the relay is.
pub(super) fn announce(relay: &Relay, json: bool) {
    if json {
        print(&json!({
            "type": "listening",
            "url": relay.url(),
            "page": relay.page(),
            "ca": relay.ca_file,
            "fingerprint": relay.fingerprint,
        }));
    } else {
        say(&format!("Caisse Relay listens on {}", relay.url()));
        say(&format!("  page         {}", relay.page()));
        say(&format!("  certificate  {}", relay.ca_file.display()));
    }
}

/// Stops a relay; a second signal does not wait for the payments under way.
pub(super) async fn stop(relay: Relay, patience: Duration) {
    tracing::info!("stopping: no new payment is taken");
    let left = tokio::select! {
        left = relay.stop(patience) => left,
        () = until_told_to_stop() => 1,
    };
    if left > 0 {
        exit::say(
            "Un paiement n'était pas terminé : il est « inconnu ». / A payment was not over: it is “unknown”.",
        );
    }
}

/// As the system says it.
pub(super) async fn until_told_to_stop() {
    signal::told_to_stop().await;
}

//! A whole relay: the journal, the certificate, the listeners and the hub, put
//! together from a configuration, and taken apart again.

use crate::ca::{self, Authority, CaError, Names};
use crate::config::Config;
use crate::hub::Hub;
use crate::journal::{Journal, JournalError};
use crate::mdns;
use crate::onboarding::{self, Onboarding};
use crate::payment::Moment;
use crate::server::{self, Certificate, Extra, Guard, Settings, TlsError};
use rustls::pki_types::CertificateDer;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};

/// How often the certificate is compared with the clock and this machine's addresses.
const RENEWAL: Duration = Duration::from_secs(60);
/// How often old payments are forgotten.
const PRUNING: Duration = Duration::from_secs(24 * 3600);

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The certificate authority.
    #[error(transparent)]
    Authority(#[from] CaError),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The port.
    #[error(
        "cannot listen on {address}: {cause}; stop the program that uses this port, or set `listen` to another one"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The port of the page for tablets.
    #[error(
        "cannot listen on {address} for tablets: {cause}; stop the program that uses this port, or set `onboarding_port` to another one"
    )]
    Onboarding {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
}

impl StartError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            StartError::Journal(error) => error.code(),
            StartError::Authority(_) => "authority_unusable",
            StartError::Tls(_) => "certificate_unusable",
            StartError::Listen { .. } | StartError::Onboarding { .. } => "port_in_use",
        }
    }
}

/// A relay that runs.
#[derive(Debug)]
pub struct Relay {
    /// Where tills connect, with the port that the system chose for 0.
    pub address: SocketAddr,
    /// The certificate of the authority, for who has to trust it.
    pub ca_file: PathBuf,
    /// Its SHA-256.
    pub fingerprint: String,
    /// The hub.
    pub hub: Arc<Hub>,
    /// The page that gives tablets the certificate, where the configuration wants it.
    pub onboarding: Option<Arc<Onboarding>>,
    /// What it goes by on the network: `caisse-relay.local`, where it is announced.
    pub name: watch::Receiver<Option<String>>,
    stopping: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    upkeep: Vec<JoinHandle<()>>,
}

/// Where a data folder keeps the journal.
pub fn journal_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("journal")
}

/// Where a data folder keeps the certificate authority.
pub fn ca_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("ca")
}

/// Now, by the system's clock.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Relay {
    /// Starts a relay. `extra` are files that only this run serves.
    ///
    /// # Errors
    /// With a sentence that says what to do.
    pub async fn start(config: Config, extra: Vec<Extra>) -> Result<Relay, StartError> {
        let journal = Journal::open(&journal_folder(&config.data_dir), now())?;
        let recovered = journal.recovered();
        if recovered.unknown + recovered.not_sent > 0 {
            tracing::warn!(
                unknown = recovered.unknown,
                not_sent = recovered.not_sent,
                "payments that the last stop left open were closed"
            );
        }
        let folder = ca_folder(&config.data_dir);
        let authority = Authority::open(&folder, &ca::host_name(), SystemTime::now())?;
        let listeners = listen(&config).await?;
        let address = listeners[0].local_addr().unwrap_or(config.listen);
        let announced = config.mdns.filter(|_| !address.ip().is_loopback()).map(|label| {
            let memory = config.data_dir.join("mdns");
            let id = authority.fingerprint().replace(':', "")[..8].to_lowercase();
            mdns::Settings { label, listen: address, id, memory }
        });
        let names: BTreeSet<_> = announced.iter().map(mdns::Settings::first_name).collect();
        let wanted = Names::of_this_machine().and(names.clone());
        let leaf = authority.leaf(&wanted, SystemTime::now())?;
        let certificate = Certificate::new(&leaf)?;
        let terminals = config.terminals.into_iter().map(Into::into).collect();
        let hub = Hub::new(terminals, journal, now);
        let guard = Arc::new(Guard::new(leaf.names.dns.iter().cloned(), config.allow_origins));
        let (stopping, stopped) = watch::channel(false);
        let (ca_file, fingerprint) =
            (authority.certificate_file().to_owned(), authority.fingerprint());
        let mut servers = Vec::new();
        let (naming, name) = watch::channel(None);
        if let Some(settings) = announced {
            servers.push(tokio::spawn(mdns::announce(settings, naming, stopped.clone())));
        }
        let onboarding = match config.onboarding {
            Some(port) => {
                let (listener, local) = listen_for_tablets(address.ip(), port).await?;
                let settings = onboarding::Settings {
                    address: local,
                    relay_port: address.port(),
                    guard: Arc::clone(&guard),
                    name: name.clone(),
                };
                let onboarding = Onboarding::new(&authority, settings);
                let serving = onboarding::serve(listener, Arc::clone(&onboarding), stopped.clone());
                servers.push(tokio::spawn(serving));
                Some(onboarding)
            }
            None => None,
        };
        let upkeep = vec![
            tokio::spawn(renew(Renewal {
                authority: Arc::new(authority),
                served: leaf.chain,
                certificate: Arc::clone(&certificate),
                guard: Arc::clone(&guard),
                names,
                name: name.clone(),
            })),
            tokio::spawn(prune(Arc::clone(&hub), config.keep)),
        ];
        let settings = Settings { hub: Arc::clone(&hub), guard, certificate, extra };
        servers.push(tokio::spawn(server::serve(listeners, settings, stopped)));
        Ok(Relay {
            address,
            ca_file,
            fingerprint,
            hub,
            onboarding,
            name,
            stopping,
            servers,
            upkeep,
        })
    }

    /// The address that tills connect to.
    pub fn url(&self) -> String {
        format!("wss://{}/till", self.address)
    }

    /// The address of the relay's page.
    pub fn page(&self) -> String {
        format!("https://{}/", self.address)
    }

    /// Takes no new payment, waits `patience` for those under way, records those
    /// that the terminals still have as unknown, and stops. Gives how many.
    pub async fn stop(self, patience: Duration) -> usize {
        self.hub.stop();
        let left = self.hub.settled(patience).await;
        self.stopping.send_replace(true);
        for server in self.servers {
            let _ = server.await;
        }
        for task in self.upkeep {
            task.abort();
            let _ = task.await;
        }
        left
    }
}

async fn listen(config: &Config) -> Result<Vec<TcpListener>, StartError> {
    let address = config.listen;
    let first =
        TcpListener::bind(address).await.map_err(|cause| StartError::Listen { address, cause })?;
    let mut listeners = vec![first];
    if let Some(reserve) = config.reserve {
        match TcpListener::bind(reserve).await {
            Ok(listener) => listeners.push(listener),
            // The relay works without it.
            Err(error) => tracing::warn!(%reserve, %error, "no port in reserve"),
        }
    }
    Ok(listeners)
}

async fn listen_for_tablets(
    ip: IpAddr,
    port: u16,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let address = SocketAddr::new(ip, port);
    let failed = |cause| StartError::Onboarding { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// What the certificate's renewal works with.
struct Renewal {
    authority: Arc<Authority>,
    served: Vec<CertificateDer<'static>>,
    certificate: Arc<Certificate>,
    guard: Arc<Guard>,
    /// Every name that the relay went by on the network since its start: tills may
    /// still use an old one.
    names: BTreeSet<String>,
    name: watch::Receiver<Option<String>>,
}

/// Renews the certificate before it ends, and when this machine has a new address
/// or the relay a new name.
async fn renew(mut this: Renewal) {
    let mut ticks = interval(RENEWAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = this.name.changed() => {}
        }
        if let Some(name) = this.name.borrow_and_update().clone() {
            this.guard.also_known_as(&name);
            this.names.insert(name);
        }
        let (authority, names) = (Arc::clone(&this.authority), this.names.clone());
        let leaf = spawn_blocking(move || {
            authority.leaf(&Names::of_this_machine().and(names), SystemTime::now())
        });
        match leaf.await {
            Ok(Ok(leaf)) if leaf.chain != this.served => match this.certificate.swap(&leaf) {
                Ok(()) => {
                    tracing::info!(names = ?leaf.names, "certificate renewed");
                    this.served = leaf.chain;
                }
                Err(error) => tracing::error!(%error, "certificate not renewed"),
            },
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "certificate not renewed"),
            Err(error) => tracing::error!(%error, "certificate not renewed"),
        }
    }
}

async fn prune(hub: Arc<Hub>, keep: Duration) {
    let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
    let mut ticks = interval(PRUNING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Moment(now) = hub.now();
        match hub.prune(Moment(now.saturating_sub(keep))).await {
            Ok(0) => {}
            Ok(payments) => tracing::info!(payments, "old payments forgotten"),
            Err(error) => tracing::warn!(%error, "old payments kept"),
        }
    }
}

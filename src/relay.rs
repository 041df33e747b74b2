//! A whole relay: the journal, the certificate, the listeners and the hub, put
//! together from a configuration, and taken apart again.

mod certificate;

use crate::access::{Access, KeyError};
use crate::ca::{BroughtError, CaError};
use crate::config::Config;
use crate::doctor::{self, Port, Site};
use crate::health::Health;
use crate::hub::Hub;
use crate::journal::{Journal, JournalError};
use crate::mdns;
use crate::metrics::Metrics;
use crate::onboarding::{self, Onboarding};
use crate::outbox;
use crate::payment::Moment;
use crate::place::Root;
use crate::server::{self, Certificate, Extra, Guard, Settings, TlsError};
use crate::till::{Desk, Doctor, TabletLink, Tablets};
use certificate::{Renewal, Shown};
pub use certificate::{Served, Source, Trouble};
use futures_util::FutureExt;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often old payments are forgotten.
const PRUNING: Duration = Duration::from_secs(24 * 3600);

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The relay's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The certificate authority.
    #[error(transparent)]
    Authority(#[from] CaError),
    /// The certificate that someone brought.
    #[error(transparent)]
    Brought(#[from] BroughtError),
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
    /// The port where Prometheus reads.
    #[error(
        "cannot listen on {address} for Prometheus: {cause}; stop the program that uses this port, or set `metrics` to another one"
    )]
    Metrics {
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
            StartError::Key(KeyError::Journal(error)) => error.code(),
            StartError::Key(_) => "key_unusable",
            StartError::Authority(_) => "authority_unusable",
            StartError::Brought(error) => error.code(),
            StartError::Tls(_) => "certificate_unusable",
            StartError::Listen { .. }
            | StartError::Onboarding { .. }
            | StartError::Metrics { .. } => "port_in_use",
        }
    }
}

/// A relay that runs.
#[derive(Debug)]
pub struct Relay {
    /// Where this computer's programs reach it, with the port that the system chose for 0.
    pub address: SocketAddr,
    /// The certificate of the authority, for who has to trust it; the relay's own where someone
    /// brought it.
    pub ca_file: PathBuf,
    /// Its SHA-256.
    pub fingerprint: String,
    /// The certificate that is served now, and what is wrong with it.
    pub served: watch::Receiver<Served>,
    /// The hub, who may come in, and how the relay is.
    pub desk: Desk,
    /// The page that gives tablets the certificate, where the configuration wants it.
    pub onboarding: Option<Arc<Onboarding>>,
    /// Where Prometheus reads, beside the relay's own port, where the configuration wants it.
    pub metrics: Option<SocketAddr>,
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

/// Where a data folder keeps the log.
pub fn log_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("log")
}

/// Now, by the system's clock.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The address of the page of a relay on this computer, with the ticket that opens
/// it. It stands behind the `#`, which a browser sends to nobody.
pub fn page_link(address: SocketAddr, ticket: &str) -> String {
    format!("https://{address}/#ticket={ticket}")
}

impl Relay {
    /// Starts a relay. `extra` are files that only this run serves.
    ///
    /// # Errors
    /// With a sentence that says what to do.
    pub async fn start(config: Config, extra: Vec<Extra>) -> Result<Relay, StartError> {
        let journal = Arc::new(Journal::open(&journal_folder(&config.data_dir), now())?);
        let recovered = journal.recovered();
        if recovered.unknown + recovered.not_sent > 0 {
            tracing::warn!(
                unknown = recovered.unknown,
                not_sent = recovered.not_sent,
                "payments that the last stop left open were closed"
            );
        }
        let source = Source::of(&config);
        let announced = announced(&config, &source);
        let names: BTreeSet<_> = announced.iter().map(mdns::Settings::first_name).collect();
        let (leaf, anchor) = source.first(&names)?;
        let certificate = Certificate::new(&leaf)?;
        let listeners = listen(&config).await?;
        let port = listeners[0].local_addr().map_or(config.listen.port(), |address| address.port());
        let address = SocketAddr::new(config.local().ip(), port);

        let doctor = Arc::new(config.clone());
        let access =
            Access::open(Arc::clone(&journal), config.allow_origins, &config.data_dir, now)?;
        journal.keep_outbox(config.outbox.is_some()).await?;
        let terminals = config.terminals.into_iter().map(Into::into).collect();
        let health = Arc::new(Health::new(now));
        let hub = Hub::new(terminals, Arc::clone(&journal), now);
        let mut desk =
            Desk { hub, access, health, tablets: Tablets::default(), doctor: Doctor::default() };
        desk.doctor = called(doctor, address, &desk);
        let guard = Arc::new(Guard::new(leaf.names.dns.iter().cloned()));
        let (stopping, stopped) = watch::channel(false);
        let (renewed, served) = watch::channel(Served::of(&leaf));
        let (ca_file, fingerprint) = (anchor.file, anchor.fingerprint);
        let mut servers = Vec::new();
        let (naming, name) = watch::channel(None);
        if let Some(settings) = announced {
            let listen = SocketAddr::new(config.listen.ip(), port);
            let id = fingerprint.replace(':', "").chars().take(8).collect();
            let settings = mdns::Settings { listen, id, ..settings };
            servers.push(tokio::spawn(mdns::announce(settings, naming, stopped.clone())));
        }
        let onboarding = match (config.onboarding, source.anchor()?) {
            (Some(asked), Some(anchor)) => {
                let (listener, local) = listen_for_tablets(config.listen.ip(), asked).await?;
                let settings = onboarding::Settings {
                    address: local,
                    relay_port: port,
                    guard: Arc::clone(&guard),
                    name: name.clone(),
                };
                let onboarding = Onboarding::new(&anchor, settings);
                let serving = onboarding::serve(listener, Arc::clone(&onboarding), stopped.clone());
                servers.push(tokio::spawn(serving));
                Some(onboarding)
            }
            _ => None,
        };
        let shown = Shown {
            health: Arc::clone(&desk.health),
            anchor: (anchor.name, fingerprint.clone()),
            address,
            listen: config.listen,
            name: name.clone(),
        };
        shown.certificate(&leaf);
        let renewal = Renewal {
            source,
            certificate: Arc::clone(&certificate),
            guard: Arc::clone(&guard),
            told: renewed,
            shown,
            names,
            name: name.clone(),
        };
        let mut upkeep = vec![
            tokio::spawn(renewal.go_on(leaf)),
            tokio::spawn(prune(Arc::clone(&desk.hub), config.keep)),
            tokio::spawn(meet_strangers(Arc::clone(&desk.hub))),
        ];
        if let Some(settings) = config.outbox {
            let telling = outbox::deliver(Arc::clone(&desk.hub), journal, settings);
            upkeep.push(tokio::spawn(telling));
        }
        desk.tablets = Tablets::new(onboarding.clone().map(|onboarding| {
            move || {
                let link = onboarding.open_link().ok()?;
                Some(TabletLink { qr: onboarding::qr::svg(&link.url), url: link.url })
            }
        }));
        let metrics =
            Metrics::new(Arc::clone(&desk.hub), Arc::clone(&desk.access), Arc::clone(&desk.health));
        let mut scraped = None;
        if let Some(asked) = config.metrics {
            let (listener, local) = listen_for_prometheus(asked).await?;
            let (metrics, guard) = (metrics.clone(), Arc::clone(&guard));
            let serving = server::serve_metrics(listener, metrics, guard, stopped.clone());
            servers.push(tokio::spawn(serving));
            scraped = Some(local);
        }
        let settings = Settings { desk: desk.clone(), guard, certificate, extra, metrics };
        servers.push(tokio::spawn(server::serve(listeners, settings, stopped)));
        Ok(Relay {
            address,
            ca_file,
            fingerprint,
            served,
            desk,
            onboarding,
            metrics: scraped,
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
        self.desk.hub.stop();
        let left = self.desk.hub.settled(patience).await;
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

/// The first address and its loopback are needed; the relay works without the
/// ports in reserve.
async fn listen(config: &Config) -> Result<Vec<TcpListener>, StartError> {
    let mut listeners = Vec::new();
    for address in config.listeners() {
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            Err(cause) if address.port() == config.listen.port() => {
                return Err(StartError::Listen { address, cause });
            }
            Err(error) => tracing::warn!(%address, %error, "no port in reserve"),
        }
    }
    Ok(listeners)
}

/// The name to announce: a relay of the network, with a certificate that can have the name.
fn announced(config: &Config, source: &Source) -> Option<mdns::Settings> {
    let Source::Own(_) = source else { return None };
    let label = config.mdns.clone().filter(|_| !config.listen.ip().is_loopback())?;
    let memory = config.data_dir.join("mdns");
    // The port and what tells it from other relays are known once it has started.
    Some(mdns::Settings { label, listen: config.listen, id: String::new(), memory })
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

async fn listen_for_prometheus(
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |cause| StartError::Metrics { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// The doctor of this relay, for who holds its key.
fn called(config: Arc<Config>, address: SocketAddr, desk: &Desk) -> Doctor {
    let (hub, access, health) =
        (Arc::clone(&desk.hub), Arc::clone(&desk.access), Arc::clone(&desk.health));
    Doctor::new(move |lang| {
        let site = Site {
            file: None,
            program: None,
            journal: journal_folder(&config.data_dir),
            authority: ca_folder(&config.data_dir),
            config: Ok(Config::clone(&config)),
            root: Root::new(None),
            port: (address.to_string(), Port::Ours),
            now: now(),
        };
        let found = doctor::inside(site, hub.clone(), access.clone(), health.clone());
        found.map(move |found| found.iter().map(|found| lang.diagnose(found)).collect()).boxed()
    })
}

async fn meet_strangers(hub: Arc<Hub>) {
    hub.meet_strangers().await;
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

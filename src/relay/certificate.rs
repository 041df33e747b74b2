//! Where the relay's certificate comes from, and how it stays good while tills are connected.

use super::{StartError, ca_folder};
use crate::ca::{self, Anchor, Authority, Brought, CaError, Due, Leaf, Names, Stamp};
use crate::config::Config;
use crate::health::{CertificateFacts, Health};
use crate::near::is_near;
use crate::payment::Moment;
use crate::server::{Certificate, Guard};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

/// How often the certificate is compared with the clock, this machine's addresses and the files.
const RENEWAL: Duration = Duration::from_secs(60);

/// When a certificate that someone brought is worth a warning.
const ENDS_SOON: Duration = Duration::from_secs(30 * 24 * 3600);

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// The relay's own authority, in this folder.
    Own(PathBuf),
    /// Files of `[tls]`; no authority is made then.
    Brought(Brought),
}

/// The certificate that is served, for a status page or a tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Its SHA-256.
    pub fingerprint: String,
    /// When it ends.
    pub not_after: SystemTime,
    /// What a person should know about it.
    pub trouble: Option<Trouble>,
}

/// What is wrong with the certificate that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A new one is due, and the authority's key was thrown away.
    KeyForgotten(Due),
    /// The one that someone brought ends within 30 days, or has ended.
    EndsSoon,
    /// It could not be renewed, or the new files cannot be used: the old one goes on.
    NotRenewed(String),
}

/// What browsers have to trust.
pub(super) struct Anchored {
    pub(super) name: String,
    pub(super) file: PathBuf,
    pub(super) fingerprint: String,
}

/// What the status page shows of addresses and certificate.
pub(super) struct Shown {
    pub(super) health: Arc<Health>,
    /// The name and the SHA-256 of what browsers have to trust.
    pub(super) anchor: (String, String),
    pub(super) address: SocketAddr,
    pub(super) listen: SocketAddr,
    /// What it goes by on the network.
    pub(super) name: watch::Receiver<Option<String>>,
}

impl Shown {
    pub(super) fn certificate(&self, leaf: &Leaf) {
        let all = self.listen.ip().is_unspecified();
        let lan = leaf.names.addresses.iter().copied().filter(|address| {
            let lan = is_near(*address) && !address.is_loopback();
            lan && (all || *address == self.listen.ip())
        });
        let own = std::iter::once(self.address.ip());
        let url = |ip| format!("wss://{}/till", SocketAddr::new(ip, self.address.port()));
        let name = self.name.borrow().clone();
        let named = name.map(|name| format!("wss://{name}:{}/till", self.address.port()));
        let [own, lan] = [own.map(url).collect::<Vec<_>>(), lan.map(url).collect()];
        let urls = own.into_iter().chain(named).chain(lan).collect();
        let names = leaf.names.dns.iter().cloned();
        let names = names.chain(leaf.names.addresses.iter().map(ToString::to_string)).collect();
        let since = leaf.not_after.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let (authority, fingerprint) = self.anchor.clone();
        self.health.update(|facts| {
            facts.urls = urls;
            facts.certificate = Some(CertificateFacts {
                authority,
                fingerprint,
                names,
                not_after: Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            });
        });
    }
}

impl Served {
    pub(super) fn of(leaf: &Leaf) -> Served {
        // What is wrong comes with the first look at it, at once, and is then logged too.
        let fingerprint = ca::fingerprint(&leaf.chain[0]);
        Served { fingerprint, not_after: leaf.not_after, trouble: None }
    }
}

impl Source {
    /// What the configuration says.
    pub fn of(config: &Config) -> Source {
        match &config.tls {
            Some(files) => Source::Brought(files.clone()),
            None => Source::Own(ca_folder(&config.data_dir)),
        }
    }

    /// The certificate to begin with, and the file that browsers have to trust with its SHA-256.
    pub(super) fn first(&self, names: &BTreeSet<String>) -> Result<(Leaf, Anchored), StartError> {
        match self {
            Source::Own(folder) => {
                let now = SystemTime::now();
                let authority = Authority::open(folder, &ca::host_name(), now)?;
                let leaf = authority.leaf(&Names::of_this_machine().and(names.clone()), now)?;
                let anchored = Anchored {
                    name: authority.name().to_owned(),
                    file: authority.certificate_file().to_owned(),
                    fingerprint: authority.fingerprint(),
                };
                Ok((leaf, anchored))
            }
            Source::Brought(files) => {
                let leaf = files.read()?;
                let anchored = Anchored {
                    name: files.cert.display().to_string(),
                    file: files.cert.clone(),
                    fingerprint: ca::fingerprint(&leaf.chain[0]),
                };
                Ok((leaf, anchored))
            }
        }
    }

    /// The certificate to go on with. The authority is opened anew each time: `certs renew` may
    /// have made another, and a key that was thrown away is not to live on in this process.
    fn next(
        &self,
        names: BTreeSet<String>,
        last: &mut Option<Stamp>,
    ) -> Result<Option<Leaf>, String> {
        match self {
            Source::Own(folder) => {
                let now = SystemTime::now();
                // A relay that runs makes no authority: no browser would trust it.
                let anchor = Anchor::read(folder).map_err(|error| error.to_string())?;
                if anchor.is_none() {
                    return Err(format!("the authority in {} is gone", folder.display()));
                }
                let leaf = Authority::open(folder, &ca::host_name(), now).and_then(|authority| {
                    authority.leaf(&Names::of_this_machine().and(names), now)
                });
                leaf.map(Some).map_err(|error: CaError| error.to_string())
            }
            Source::Brought(files) => {
                let stamp = Some(files.stamp());
                if *last == stamp {
                    return Ok(None);
                }
                let leaf = files.read().map_err(|error| error.to_string())?;
                *last = stamp;
                Ok(Some(leaf))
            }
        }
    }

    /// The authority that devices are given: none beside a certificate that someone brought.
    pub(super) fn anchor(&self) -> Result<Option<Anchor>, CaError> {
        match self {
            Source::Own(folder) => Anchor::read(folder),
            Source::Brought(_) => Ok(None),
        }
    }

    fn trouble_with(&self, leaf_due: Option<Due>, not_after: SystemTime) -> Option<Trouble> {
        let soon = || not_after < SystemTime::now() + ENDS_SOON;
        match self {
            Source::Own(_) => leaf_due.map(Trouble::KeyForgotten),
            Source::Brought(_) => soon().then_some(Trouble::EndsSoon),
        }
    }
}

/// Renews the certificate before it ends, when this machine has a new address, and when someone
/// replaced the files.
pub(super) struct Renewal {
    pub(super) source: Source,
    pub(super) certificate: Arc<Certificate>,
    pub(super) guard: Arc<Guard>,
    pub(super) told: watch::Sender<Served>,
    pub(super) shown: Shown,
    /// Every name that the relay went by on the network since its start: tills may
    /// still use an old one.
    pub(super) names: BTreeSet<String>,
    pub(super) name: watch::Receiver<Option<String>>,
}

impl Renewal {
    pub(super) async fn go_on(self, leaf: Leaf) {
        let Renewal { source, certificate, guard, told, shown, mut names, mut name } = self;
        let (mut served, mut due, mut not_after) = (leaf.chain, leaf.due, leaf.not_after);
        let mut last = None;
        let mut ticks = interval(RENEWAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Ok(()) = name.changed() => names.extend(name.borrow_and_update().clone()),
            }
            let (asked, mut stamp, wanted) = (source.clone(), last, names.clone());
            let next = spawn_blocking(move || {
                let next = asked.next(wanted, &mut stamp);
                (next, stamp)
            });
            let next = match next.await {
                Ok((next, stamp)) => {
                    last = stamp;
                    next
                }
                Err(error) => Err(error.to_string()),
            };
            let trouble = match next {
                Ok(Some(leaf)) if leaf.chain != served => match certificate.swap(&leaf) {
                    Ok(()) => {
                        tracing::info!(names = ?leaf.names, "certificate renewed");
                        guard.rename(leaf.names.dns.iter().cloned());
                        shown.certificate(&leaf);
                        (served, due, not_after) = (leaf.chain, leaf.due, leaf.not_after);
                        source.trouble_with(due, not_after)
                    }
                    Err(error) => Some(Trouble::NotRenewed(error.to_string())),
                },
                Ok(Some(leaf)) => {
                    shown.certificate(&leaf);
                    due = leaf.due;
                    source.trouble_with(due, not_after)
                }
                Ok(None) => source.trouble_with(due, not_after),
                Err(error) => Some(Trouble::NotRenewed(error)),
            };
            let fingerprint = ca::fingerprint(&served[0]);
            tell(&told, Served { fingerprint, not_after, trouble });
        }
    }
}

/// Says a trouble once, not every minute.
fn tell(told: &watch::Sender<Served>, now: Served) {
    let news = told.send_if_modified(|before| {
        let news = *before != now;
        before.clone_from(&now);
        news
    });
    let ends = time::OffsetDateTime::from(now.not_after).date();
    match now.trouble {
        Some(Trouble::KeyForgotten(due)) if news => tracing::warn!(
            %due, %ends,
            "a new certificate is due and the authority's key was thrown away; {}", ca::ANEW
        ),
        Some(Trouble::EndsSoon) if news => {
            tracing::warn!(%ends, "the certificate of `tls` ends: replace its files");
        }
        Some(Trouble::NotRenewed(error)) if news => {
            tracing::error!(error, %ends, "certificate not renewed: the old one goes on");
        }
        _ => {}
    }
}

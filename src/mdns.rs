//! The relay's name on the shop's network: `caisse-relay.local`.
//!
//! Tills that know the relay by this name find it after DHCP has moved it. The
//! name is announced with the relay's private addresses and as the service
//! `_caisse-relay._tcp` (RFC 6762, RFC 6763), and a name that another machine
//! has already gives way to the next: `caisse-relay-2.local`. That one is
//! remembered, since a relay that took whichever name was free at its start
//! would swap tills with the other one after a power cut.
//!
//! mDNS is a library's work. What is ours is one name for everything: the
//! library renames each record of each interface by itself, so at the first
//! rename it is started again with the next name for all of them. And it looks
//! for others with its name only before it takes it: two relays that begin on a
//! network whose switch is not up yet both have it. So each looks for the other
//! relays too, and of two with one name the greater [`Settings::id`] gives way.

use mdns_sd::{DaemonEvent, IfKind, IfPredicate, ServiceDaemon, ServiceEvent, ServiceInfo};
use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The type of the service.
pub const SERVICE: &str = "_caisse-relay._tcp.local.";
/// The property of the service that holds [`Settings::id`].
const ID: &str = "id";
/// How often the addresses of this machine are looked at, in seconds. It is what
/// an idle relay wakes up for, and how long a till waits after DHCP moved it.
const LOOK_S: u32 = 10;
/// How long a farewell to the network may take.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long to wait when there is no mDNS here, before trying again.
const AGAIN: Duration = Duration::from_secs(60);
/// Names after which this is no collision but a fault of the network.
const LAST: u32 = 99;

/// A name for the network: one label of DNS, lower case, without `.local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// A label as people write it; `None` for what is none. Room is left for the
    /// number of a collision.
    pub fn new(text: &str) -> Option<Label> {
        let text = text.strip_suffix(".local").unwrap_or(text).to_ascii_lowercase();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let good = (1..=60).contains(&text.len())
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text != "localhost"
            && text.bytes().all(legal)
            && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        good.then_some(Label(text))
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `number`th name of this label: `caisse-relay.local`, then `caisse-relay-2.local`.
    fn host(&self, number: u32) -> String {
        if number < 2 { format!("{}.local", self.0) } else { format!("{}-{number}.local", self.0) }
    }
}

/// What to announce.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The wanted name.
    pub label: Label,
    /// Where tills connect.
    pub listen: SocketAddr,
    /// What tells this relay from the others of the shop, such as the beginning of
    /// its authority's fingerprint; at most 30 letters and digits.
    pub id: String,
    /// A file that remembers which name this relay got.
    pub memory: PathBuf,
}

impl Settings {
    /// The name to begin with: the one that this relay had last time.
    pub fn first_name(&self) -> String {
        self.label.host(remembered(&self.memory, &self.label))
    }
}

impl Settings {
    /// Whether this is another relay with our name, and ours to give up.
    fn gives_way(&self, server: &str, seen: &ServiceEvent) -> bool {
        let ServiceEvent::ServiceResolved(other) = seen else { return false };
        let id = other.get_property_val_str(ID).unwrap_or_default();
        other.get_hostname().eq_ignore_ascii_case(server) && id < self.id.as_str()
    }
}

/// Announces the name until `stopping` turns true, then takes it back. `name`
/// holds what the relay goes by, without the closing dot, and `None` while it
/// goes by none.
pub async fn announce(
    settings: Settings,
    name: watch::Sender<Option<String>>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut number = remembered(&settings.memory, &settings.label);
    loop {
        match hold(&settings, number, &name, stopping.clone()).await {
            Ok(Ended::Stopped) => return,
            Ok(Ended::Taken) if number < LAST => {
                let taken = settings.label.host(number);
                number = number.max(1) + 1;
                let next = settings.label.host(number);
                tracing::warn!(taken, next, "another machine has this name: the next is taken");
                remember(&settings.memory, &settings.label, number);
            }
            Ok(Ended::Taken) => {
                tracing::error!("every name is taken: the relay goes by its addresses only");
                tell(&name, None);
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "no mDNS here for now");
                tell(&name, None);
                tokio::select! {
                    () = sleep(AGAIN) => {}
                    _ = stopping.wait_for(|stopping| *stopping) => return,
                }
            }
        }
    }
}

enum Ended {
    Stopped,
    Taken,
}

/// Holds one name until the relay stops or another machine turns out to have it.
async fn hold(
    settings: &Settings,
    number: u32,
    name: &watch::Sender<Option<String>>,
    mut stopping: watch::Receiver<bool>,
) -> Result<Ended, mdns_sd::Error> {
    let host = settings.label.host(number);
    let daemon = ServiceDaemon::new()?;
    let events = daemon.monitor()?;
    let listen = settings.listen.ip();
    daemon.set_ip_check_interval(LOOK_S)?;
    daemon.disable_interface(IfKind::All)?;
    daemon.enable_interface(reaching(listen))?;
    // The instance is what people see in a list of services.
    let instance = format!("{} {}", settings.label.as_str(), settings.id);
    let (server, port) = (format!("{host}."), settings.listen.port());
    let properties = [(ID, settings.id.as_str())];
    let mut service = ServiceInfo::new(SERVICE, &instance, &server, "", port, &properties[..])?
        .enable_addr_auto();
    service.set_interfaces(vec![reaching(listen)]);
    daemon.register(service)?;
    let relays = daemon.browse(SERVICE)?;
    let ended = loop {
        let event = tokio::select! {
            event = events.recv_async() => event,
            Ok(seen) = relays.recv_async() => {
                if settings.gives_way(&server, &seen) {
                    tell(name, None);
                    break Ok(Ended::Taken);
                }
                continue;
            }
            _ = stopping.wait_for(|stopping| *stopping) => break Ok(Ended::Stopped),
        };
        match event {
            Ok(DaemonEvent::NameChange(change)) => {
                tracing::debug!(?change, "a name is taken");
                tell(name, None);
                break Ok(Ended::Taken);
            }
            Ok(DaemonEvent::Announce(service, interface)) => {
                tracing::debug!(service, interface, "announced");
                let new = tell(name, Some(&host));
                if new {
                    tracing::info!(name = host, "the network knows the relay by this name");
                }
            }
            Ok(DaemonEvent::IpAdd(address)) => tracing::debug!(%address, host, "new address"),
            Ok(DaemonEvent::IpDel(address)) => tracing::debug!(%address, host, "address gone"),
            Ok(DaemonEvent::Error(error)) => tracing::debug!(%error, "mDNS"),
            Ok(_) => {}
            Err(_) => break Err(mdns_sd::Error::Msg("the mDNS thread ended".into())),
        }
    };
    farewell(&daemon).await;
    ended
}

/// Says what the relay goes by; gives whether that is new.
fn tell(name: &watch::Sender<Option<String>>, now: Option<&String>) -> bool {
    name.send_if_modified(|name| {
        let new = name.as_ref() != now;
        *name = now.cloned();
        new
    })
}

/// Tells the network that the name is free again, and ends the library's thread.
async fn farewell(daemon: &ServiceDaemon) {
    if let Ok(ended) = daemon.shutdown() {
        let _ = timeout(FAREWELL, ended.recv_async()).await;
    }
}

/// The addresses by which a till reaches the relay: private ones that it listens on.
fn reaching(listen: IpAddr) -> IfKind {
    IfKind::Predicate(IfPredicate::new(move |interface| reaches(listen, interface.ip())))
}

/// A link-local IPv6 address is left out: in a URL it wants a zone, which no
/// browser takes.
fn reaches(listen: IpAddr, address: IpAddr) -> bool {
    let private = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    // A socket on [::] takes IPv4 too, except on Windows.
    let heard = match listen {
        IpAddr::V4(listen) if listen.is_unspecified() => address.is_ipv4(),
        IpAddr::V6(listen) if listen.is_unspecified() => address.is_ipv6() || !cfg!(windows),
        listen => listen == address,
    };
    private && heard
}

/// Which number this relay had for this label last time.
fn remembered(memory: &Path, label: &Label) -> u32 {
    let text = fs::read_to_string(memory).unwrap_or_default();
    let number = text.trim().strip_prefix(label.as_str()).and_then(|rest| rest.trim().parse().ok());
    number.filter(|number| (1..=LAST).contains(number)).unwrap_or(1)
}

fn remember(memory: &Path, label: &Label, number: u32) {
    let written: io::Result<()> = fs::write(memory, format!("{} {number}\n", label.as_str()));
    if let Err(error) = written {
        let file = memory.display();
        tracing::warn!(%file, %error, "the name is not remembered after a restart");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_label_of_dns() {
        assert_eq!(Label::new("Caisse-Relay.local").unwrap().as_str(), "caisse-relay");
        for good in ["caisse-relay", "a", "tpe2", "2eme-etage"] {
            assert!(Label::new(good).is_some(), "{good}");
        }
        let long = "a".repeat(61);
        for bad in ["", "-a", "a-", "a.b", "a b", "caissé", "1234", "localhost", ".local", &long] {
            assert_eq!(Label::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_addresses_that_a_till_of_the_network_reaches_are_announced() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        for (listen, address, wanted) in [
            ("0.0.0.0", "192.168.1.20", true),
            ("0.0.0.0", "169.254.3.4", true),
            ("0.0.0.0", "127.0.0.1", false),
            ("0.0.0.0", "82.64.1.2", false),
            ("0.0.0.0", "fd00::1", false),
            ("::", "fd00::1", true),
            ("::", "fe80::1", false),
            ("::", "::1", false),
            ("::", "2a01:e0a::1", false),
            ("::", "192.168.1.20", !cfg!(windows)),
            ("192.168.1.20", "192.168.1.20", true),
            ("192.168.1.20", "192.168.1.21", false),
            ("127.0.0.1", "127.0.0.1", false),
        ] {
            assert_eq!(reaches(ip(listen), ip(address)), wanted, "{listen} {address}");
        }
    }

    #[test]
    fn the_number_is_remembered_for_its_own_label_only() {
        let folder = tempfile::tempdir().unwrap();
        let memory = folder.path().join("mdns");
        let label = Label::new("caisse-relay").unwrap();
        assert_eq!(remembered(&memory, &label), 1);
        remember(&memory, &label, 3);
        assert_eq!(remembered(&memory, &label), 3);
        for other in ["caisse", "caisse-relay-b", "tpe"] {
            assert_eq!(remembered(&memory, &Label::new(other).unwrap()), 1, "{other}");
        }
        for spoilt in ["", "caisse-relay", "caisse-relay x", "caisse-relay 0", "caisse-relay 9999"]
        {
            fs::write(&memory, spoilt).unwrap();
            assert_eq!(remembered(&memory, &label), 1, "{spoilt}");
        }
        let settings =
            Settings { label, listen: "0.0.0.0:9443".parse().unwrap(), id: "a".into(), memory };
        remember(&settings.memory, &settings.label, 2);
        assert_eq!(settings.first_name(), "caisse-relay-2.local");
    }
}

//! Terminals of the network, found by asking who they are (`CD=I`): no money moves.
//!
//! Only addresses of the shop are asked, a few at a time, and never one that the
//! caller names as taken: a terminal that carries a payment is left alone.

mod arp;
mod examine;
mod identity;
mod network;

use crate::exchange::{Deadlines, Line, dial};
use crate::payment::Profile;
pub use examine::{Examined, examine};
use futures_util::StreamExt;
use futures_util::stream;
pub use identity::{Identity, Met, identify};
pub use network::{LARGEST, Network, NotANetwork, own_networks};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Where terminals listen: Ingenico and Nepting, Verifone, PAX with Nepting.
pub const PORTS: [u16; 3] = [8888, 5000, 20002];

/// How many addresses are asked at a time.
const ABREAST: usize = 64;
/// A terminal of the LAN takes a connection within milliseconds; one that wakes its radio takes longer.
const CONNECT: Duration = Duration::from_millis(800);

/// A port that somebody listens on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Where.
    pub address: SocketAddr,
    /// What it answered.
    pub identity: Identity,
    /// The address of its network card, where the system knows it.
    pub mac: Option<String>,
}

/// Asks every one of these addresses, on every one of these ports, who it is.
/// Gives those that took the connection, by address.
pub async fn sweep(addresses: Vec<IpAddr>, ports: &[u16], profile: &Profile) -> Vec<Heard> {
    let mut doors = Vec::new();
    for ip in addresses {
        doors.extend(ports.iter().map(|port| SocketAddr::new(ip, *port)));
    }
    let profile = Arc::new(profile.clone());
    let asked = stream::iter(doors).map(move |door| ask(door, Arc::clone(&profile)));
    let answers: Vec<Option<Heard>> = asked.buffer_unordered(ABREAST).collect().await;
    let mut heard: Vec<Heard> = answers.into_iter().flatten().collect();
    heard.sort_by_key(|heard| heard.address);
    heard
}

async fn ask(address: SocketAddr, profile: Arc<Profile>) -> Option<Heard> {
    let line = quick(&address.ip().to_string(), address.port());
    let Met { identity, .. } = identify(&line, &profile).await;
    let mac = || mac_of(address.ip());
    (!matches!(identity, Identity::NotReached(_))).then(|| Heard { address, identity, mac: mac() })
}

/// Which of these ports of a host take a connection. Nothing is sent.
pub async fn open_ports(host: &str, ports: impl IntoIterator<Item = u16>) -> Vec<u16> {
    let mut open = Vec::new();
    for port in ports {
        if dial(&quick(host, port)).await.is_ok() {
            open.push(port);
        }
    }
    open
}

/// The address of the network card behind an address that was just reached,
/// where the system knows it: not behind a router.
pub fn mac_of(address: IpAddr) -> Option<String> {
    #[cfg(target_os = "linux")]
    return arp::mac_in_proc(&std::fs::read_to_string("/proc/net/arp").ok()?, address);
    #[cfg(not(target_os = "linux"))]
    {
        let said = std::process::Command::new("arp").args(["-a", &address.to_string()]).output();
        arp::mac_in_listing(&String::from_utf8_lossy(&said.ok()?.stdout), address)
    }
}

fn quick(host: &str, port: u16) -> Line {
    let deadlines = Deadlines { connect: CONNECT, ..Deadlines::default() };
    Line { host: host.to_owned(), port, crlf: false, deadlines }
}

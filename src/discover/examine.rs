//! One terminal, and the way to it.

use super::{Identity, Met, PORTS, identify, open_ports, own_networks};
use crate::exchange::{Line, NotSent};
use crate::payment::Profile;
use std::net::IpAddr;
use tokio::net::lookup_host;

/// A terminal that was asked who it is, and what is known of the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// What it said.
    pub met: Met,
    /// The addresses of its name.
    pub addresses: Vec<IpAddr>,
    /// Whether one of them is in a network of this computer.
    pub same_network: bool,
    /// Where it refused its port: the ports of other terminals that it takes connections on.
    pub open: Vec<u16>,
}

impl Examined {
    /// Nothing is known.
    pub fn nothing() -> Examined {
        let met = Met { identity: Identity::Silent, address: None };
        Examined { met, addresses: Vec::new(), same_network: true, open: Vec::new() }
    }
}

/// Asks a terminal who it is, and looks why it does not answer.
pub async fn examine(line: &Line, profile: &Profile) -> Examined {
    let met = identify(line, profile).await;
    let addresses: Vec<IpAddr> = lookup_host((line.host.as_str(), line.port))
        .await
        .map(|found| found.map(|address| address.ip().to_canonical()).collect())
        .unwrap_or_default();
    let (networks, own) = own_networks();
    let here = |address: &IpAddr| {
        let direct = networks.iter().any(|network| network.contains(*address));
        address.is_loopback() || own.contains(address) || direct
    };
    let refused = met.identity == Identity::NotReached(NotSent::Refused);
    let others = PORTS.into_iter().filter(|port| refused && *port != line.port);
    let open = open_ports(&line.host, others).await;
    Examined { same_network: addresses.iter().any(here), met, addresses, open }
}

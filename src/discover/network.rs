//! The shop's networks.

use crate::near::is_near;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// As many addresses are asked at most.
pub const LARGEST: usize = 1024;

/// The text is no private IPv4 network of at most 1024 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no private network of at most {LARGEST} addresses; one is written 192.168.1.0/24")]
pub struct NotANetwork;

/// A private IPv4 network of at most 1024 addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: u32,
    prefix: u8,
}

impl Network {
    /// The network of this length around an address.
    fn around(address: Ipv4Addr, prefix: u8) -> Network {
        Network { first: address.to_bits() & mask(prefix), prefix }
    }

    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        matches!(address.to_canonical(), IpAddr::V4(address)
            if address.to_bits() & mask(self.prefix) == self.first)
    }

    /// The addresses that a terminal can have in it.
    pub fn hosts(&self) -> Vec<IpAddr> {
        let last = self.first | !mask(self.prefix);
        // The first and the last are the network itself and everybody in it.
        let hosts = if self.prefix >= 31 { self.first..=last } else { self.first + 1..=last - 1 };
        hosts.map(|bits| Ipv4Addr::from_bits(bits).into()).collect()
    }
}

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.first), self.prefix)
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Network, NotANetwork> {
        let (address, prefix) = text.split_once('/').ok_or(NotANetwork)?;
        let address: Ipv4Addr = address.parse().map_err(|_| NotANetwork)?;
        let prefix: u8 = prefix.parse().map_err(|_| NotANetwork)?;
        // A /22 has 1024 addresses.
        if !(22..=32).contains(&prefix) || !is_near(address.into()) {
            return Err(NotANetwork);
        }
        Ok(Network::around(address, prefix))
    }
}

/// The private networks that this computer is in, the 256 addresses around its
/// own where they are larger, and the addresses that are its own.
pub fn own_networks() -> (Vec<Network>, Vec<IpAddr>) {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut networks = Vec::new();
    let mut own = Vec::new();
    for interface in interfaces.into_iter().filter(|interface| !interface.is_loopback()) {
        own.push(interface.ip());
        if let if_addrs::IfAddr::V4(address) = &interface.addr
            && is_near(address.ip.into())
        {
            networks.push(Network::around(address.ip, address.prefixlen.max(24)));
        }
    }
    networks.sort_by_key(|network| network.first);
    networks.dedup();
    networks.truncate(LARGEST / 256);
    (networks, own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_private_and_not_too_large() {
        let network = |text: &str| text.parse::<Network>();
        assert_eq!(network("192.168.1.77/24").unwrap().to_string(), "192.168.1.0/24");
        assert_eq!(network("192.168.1.0/24").unwrap().hosts().len(), 254);
        assert_eq!(network("10.0.0.0/22").unwrap().hosts().len(), 1022);
        assert_eq!(
            network("10.0.0.9/32").unwrap().hosts(),
            ["10.0.0.9".parse::<IpAddr>().unwrap()]
        );
        for wrong in ["10.0.0.0/8", "10.0.0.0/21", "8.8.8.0/24", "10.0.0.0", "a/24", "10.0.0.0/33"]
        {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_is_in_its_own_network_only() {
        let network: Network = "192.168.1.0/24".parse().unwrap();
        for (address, inside) in
            [("192.168.1.0", true), ("192.168.1.255", true), ("192.168.2.1", false), ("::1", false)]
        {
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{address}");
        }
    }
}

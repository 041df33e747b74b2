//! What this machine is called, as certificates want it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The names and addresses by which tills reach a machine: what its leaf certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// DNS names, lower case, without the closing dot; always `localhost`.
    pub dns: BTreeSet<String>,
    /// Addresses; always `127.0.0.1` and `::1`.
    pub addresses: BTreeSet<IpAddr>,
}

impl Names {
    /// The names of this machine now: the loopback, its host name, its name in mDNS
    /// (`<host>.local`) and the addresses of its interfaces, public ones included: it is for the
    /// authority to leave out what it may not sign.
    pub fn of_this_machine() -> Names {
        let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "could not list the addresses of this machine");
            Vec::new()
        });
        let addresses = interfaces.into_iter().map(|interface| interface.ip());
        // A link-local IPv6 address wants a zone (`%eth0`), which no browser takes in a URL.
        let addresses = addresses.filter(|address| match address {
            IpAddr::V4(_) => true,
            IpAddr::V6(address) => !address.is_unicast_link_local(),
        });
        Names::of(&host_name(), addresses)
    }

    /// The names of a machine called `host`, in any case, with or without its domain. A host name
    /// that DNS does not allow (`TILL_1`, `Caisse n°1`) is left out; the rest remains.
    pub fn of(host: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Names {
        let mut dns = BTreeSet::from(["localhost".to_owned()]);
        if let Some(host) = dns_name(host) {
            let label = host.split('.').next().unwrap_or(&host);
            if label != "localhost" {
                dns.insert(format!("{label}.local"));
            }
            dns.insert(host);
        } else {
            tracing::debug!(host, "the host name is no DNS name: left out of the certificate");
        }
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let addresses = addresses.into_iter().map(|address| address.to_canonical());
        Names { dns, addresses: addresses.chain(loopback).collect() }
    }

    /// With these names too, such as the one that the machine goes by in mDNS.
    #[must_use]
    pub fn and(mut self, dns: impl IntoIterator<Item = String>) -> Names {
        self.dns.extend(dns.into_iter().filter_map(|name| dns_name(&name)));
        self
    }

    /// Whether a certificate for these names also serves all of `wanted`.
    pub(super) fn cover(&self, wanted: &Names) -> bool {
        self.dns.is_superset(&wanted.dns) && self.addresses.is_superset(&wanted.addresses)
    }
}

/// The host name of this machine as the operating system gives it, not always a DNS name.
pub fn host_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// The form in which browsers compare a host name (RFC 1123), or nothing if it is none: they
/// refuse a whole leaf for one name they cannot read.
pub(super) fn dns_name(host: &str) -> Option<String> {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Browsers read a name whose last label is a number, `1234` or `0x1f`, as an IPv4 address.
    let last = labels.last()?;
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    (name.len() <= 253 && !is_number && labels.iter().all(is_label)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(host: &str) -> Vec<String> {
        Names::of(host, []).dns.into_iter().collect()
    }

    #[test]
    fn a_machine_is_reached_by_its_name_and_by_its_name_in_mdns() {
        assert_eq!(dns("till-1"), ["localhost", "till-1", "till-1.local"]);
        assert_eq!(dns("TILL-1"), ["localhost", "till-1", "till-1.local"]);
        assert_eq!(dns("till-1.local"), ["localhost", "till-1.local"]);
        assert_eq!(
            dns("Till-1.Shop.Example.COM."),
            ["localhost", "till-1.local", "till-1.shop.example.com"]
        );
    }

    #[test]
    fn a_machine_called_localhost_has_no_second_name() {
        assert_eq!(dns("localhost"), ["localhost"]);
        assert_eq!(dns("localhost.localdomain"), ["localhost", "localhost.localdomain"]);
    }

    #[test]
    fn a_host_name_that_is_no_dns_name_is_left_out() {
        let long = "a".repeat(64);
        let longer = vec!["a".repeat(60); 5].join(".");
        for host in [
            "",
            ".",
            "..",
            "TILL_1",
            "Caisse 1",
            "caissé",
            "-till",
            "till-",
            "a..b",
            "*.local",
            "till\0",
            "1234",
            "192.168.1.20",
            "till.0x1f",
            "0x",
            "::1",
            &long,
            &longer,
        ] {
            assert_eq!(dns(host), ["localhost"], "{host:?}");
        }
    }

    #[test]
    fn the_loopback_is_always_there_and_each_address_once() {
        let lan: IpAddr = "192.168.1.20".parse().unwrap();
        let mapped: IpAddr = "::ffff:192.168.1.20".parse().unwrap();
        let names = Names::of("till-1", [lan, mapped]);
        let text: Vec<String> = names.addresses.iter().map(IpAddr::to_string).collect();
        assert_eq!(text, ["127.0.0.1", "192.168.1.20", "::1"]);
    }

    #[test]
    fn a_machine_may_have_names_beside_its_own() {
        let names = Names::of("till-1", []).and(["Caisse-Relay.local".into(), "a_b".into()]);
        let dns: Vec<_> = names.dns.into_iter().collect();
        assert_eq!(dns, ["caisse-relay.local", "localhost", "till-1", "till-1.local"]);
    }

    #[test]
    fn this_machine_has_at_least_the_loopback() {
        let names = Names::of_this_machine();
        assert!(names.cover(&Names::of("localhost", [])), "{names:?}");
    }

    #[test]
    fn more_names_cover_fewer_and_never_the_reverse() {
        let one = Names::of("till-1", []);
        let two = Names::of("till-1", ["10.0.0.1".parse().unwrap()]);
        assert!(two.cover(&one) && !one.cover(&two));
        assert!(!one.cover(&Names::of("till-2", [])));
    }
}

//! The names an authority may sign for (RFC 5280, 4.2.1.10): written into it when it is made, and
//! read back from it ever after, since a renamed machine or an authority put there by hand has
//! other limits than ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};
use x509_parser::extensions::{GeneralName, GeneralSubtree as ParsedSubtree};
use x509_parser::prelude::X509Certificate;

use super::names::{Names, dns_name};

/// Private, link-local and loopback networks. IPv6 must be among them: browsers apply a list of
/// IPv4 networks to `::1` too, and refuse it.
const NETWORKS: [(IpAddr, u8); 8] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8),
    (IpAddr::V6(Ipv6Addr::LOCALHOST), 128),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// Names that never lead to the Internet: RFC 6761, RFC 6762, the habit of home routers, RFC 8375.
const DOMAINS: [&str; 4] = ["localhost", "local", "lan", "home.arpa"];

/// What a new authority on a machine called `host` may sign for.
pub(super) fn for_host(host: &str) -> NameConstraints {
    let own = dns_name(host).filter(|name| {
        let usable = !may_be_top_level(name);
        if !usable {
            tracing::debug!(
                name,
                "might be a domain of the Internet: only its .local is certified"
            );
        }
        usable
    });
    let domains = DOMAINS.into_iter().map(str::to_owned).chain(own);
    let networks = NETWORKS.map(|(address, prefix)| CidrSubnet::from_addr_prefix(address, prefix));
    NameConstraints {
        permitted_subtrees: (networks.into_iter().map(GeneralSubtree::IpAddress))
            .chain(domains.map(GeneralSubtree::DnsName))
            .collect(),
        excluded_subtrees: Vec::new(),
    }
}

/// A permitted name carries every name below it: for a till called `shop` that would be every web
/// site in `.shop`. A top-level domain is letters only or an `xn--` label (ICANN's applicant
/// guidebook), so a digit or a hyphen makes a single label harmless, now and later.
fn may_be_top_level(name: &str) -> bool {
    name.starts_with("xn--") && !name.contains('.') || name.bytes().all(|b| b.is_ascii_alphabetic())
}

/// The limits of an authority, from its certificate.
#[derive(Debug)]
pub(super) struct Constraints {
    permitted: Vec<Subtree>,
    excluded: Vec<Subtree>,
}

#[derive(Debug)]
enum Subtree {
    Domain(String),
    Network { address: Vec<u8>, mask: Vec<u8> },
}

impl Constraints {
    /// Reads the limits; an authority without any may sign for everything.
    pub(super) fn of(authority: &X509Certificate<'_>) -> Result<Constraints, String> {
        let found = authority
            .name_constraints()
            .map_err(|error| format!("its name constraints cannot be read ({error})"))?;
        let subtrees = |list: Option<&Vec<ParsedSubtree<'_>>>| {
            list.into_iter().flatten().filter_map(|subtree| Subtree::of(&subtree.base)).collect()
        };
        let found = found.map(|extension| extension.value);
        Ok(Constraints {
            permitted: subtrees(found.and_then(|found| found.permitted_subtrees.as_ref())),
            excluded: subtrees(found.and_then(|found| found.excluded_subtrees.as_ref())),
        })
    }

    /// The part of `wanted` that may be signed. A leaf with one name too many is refused whole,
    /// by every browser, so the rest is left out.
    pub(super) fn permitted(&self, wanted: &Names) -> Names {
        let mut names = wanted.clone();
        // The caller may have added names as someone typed them.
        names.dns = wanted.dns.iter().filter_map(|name| dns_name(name)).collect();
        names.dns.retain(|name| self.permit(&Subtree::domain_holds(name), name));
        names.addresses.retain(|address| self.permit(&Subtree::network_holds(*address), address));
        names
    }

    /// `holds` answers nothing for a subtree of the other kind: a kind that is not listed at all
    /// is not limited.
    fn permit(
        &self,
        holds: &dyn Fn(&Subtree) -> Option<bool>,
        name: &dyn std::fmt::Display,
    ) -> bool {
        let mut listed = self.permitted.iter().filter_map(holds).peekable();
        let permitted = listed.peek().is_none() || listed.any(|held| held);
        let excluded = self.excluded.iter().filter_map(holds).any(|held| held);
        if !permitted || excluded {
            tracing::debug!(%name, "outside the limits of the authority: left out of the leaf");
        }
        permitted && !excluded
    }
}

impl Subtree {
    fn of(name: &GeneralName<'_>) -> Option<Subtree> {
        match name {
            GeneralName::DNSName(domain) => Some(Subtree::Domain(domain.to_ascii_lowercase())),
            GeneralName::IPAddress(bytes) => {
                let (address, mask) = bytes.split_at(bytes.len() / 2);
                Some(Subtree::Network { address: address.to_vec(), mask: mask.to_vec() })
            }
            _ => None,
        }
    }

    fn domain_holds(name: &str) -> impl Fn(&Subtree) -> Option<bool> {
        move |subtree| match subtree {
            // `.local` is written for `local` by some, and read so by browsers.
            Subtree::Domain(domain) => {
                let domain = domain.trim_start_matches('.');
                let above = name.strip_suffix(domain);
                Some(above.is_some_and(|above| {
                    above.is_empty() || domain.is_empty() || above.ends_with('.')
                }))
            }
            Subtree::Network { .. } => None,
        }
    }

    fn network_holds(address: IpAddr) -> impl Fn(&Subtree) -> Option<bool> {
        let octets = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        move |subtree| match subtree {
            Subtree::Domain(_) => None,
            Subtree::Network { address, mask } => Some(
                octets.len() == mask.len()
                    && (octets.iter().zip(address).zip(mask)).all(|((o, a), m)| o & m == a & m),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
    use x509_parser::prelude::FromDer;

    use super::*;

    /// The limits as they come back from a real certificate.
    fn limits(constraints: NameConstraints) -> Constraints {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.name_constraints = Some(constraints);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let (_, parsed) = X509Certificate::from_der(certificate.der()).unwrap();
        Constraints::of(&parsed).unwrap()
    }

    fn permits(limits: &Constraints, name: &str) -> bool {
        let mut names = Names::of("", []);
        names.dns.clear();
        names.addresses.clear();
        match name.parse::<IpAddr>() {
            Ok(address) => names.addresses.insert(address),
            Err(_) => names.dns.insert(name.to_owned()),
        };
        limits.permitted(&names) == names
    }

    #[test]
    fn private_addresses_are_permitted_and_no_other() {
        let limits = limits(for_host("till-1"));
        for inside in [
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.1.1",
            "127.0.0.1",
            "127.255.0.1",
            "::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
        ] {
            assert!(permits(&limits, inside), "{inside}");
        }
        for outside in [
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.1.1",
            "192.169.0.1",
            "100.64.0.1",
            "8.8.8.8",
            "0.0.0.0",
            "::",
            "::2",
            "2001:db8::1",
            "fec0::1",
            "fbff::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!permits(&limits, outside), "{outside}");
        }
    }

    #[test]
    fn local_names_are_permitted_and_no_other() {
        let limits = limits(for_host("till-1.shop.example.com"));
        for inside in [
            "localhost",
            "till-1.local",
            "a.b.local",
            "till-1.lan",
            "till-1.home.arpa",
            "till-1.shop.example.com",
        ] {
            assert!(permits(&limits, inside), "{inside}");
        }
        for outside in [
            "example.com",
            "shop.example.com",
            "till-2.shop.example.com",
            "till-1",
            "arpa",
            "notlocal",
            "evillan",
            "xtill-1.shop.example.com",
            "local.example.com",
        ] {
            assert!(!permits(&limits, outside), "{outside}");
        }
    }

    #[test]
    fn a_till_called_shop_gives_no_power_over_every_web_site_in_shop() {
        for host in ["shop", "SHOP", "fr", "com", "caisse", "xn--p1ai"] {
            let limits = limits(for_host(host));
            assert!(!permits(&limits, &format!("www.{host}").to_lowercase()), "{host}");
            assert!(permits(&limits, &format!("{host}.local").to_lowercase()), "{host}");
        }
        for host in ["till-1", "caisse2", "desktop-4f2a", "xn--p1ai.example.com"] {
            assert!(permits(&limits(for_host(host)), host), "{host}");
        }
    }

    #[test]
    fn an_impossible_host_name_adds_nothing() {
        for host in ["", ".", "TILL_1", "8.8.8.8", "*"] {
            let subtrees = for_host(host).permitted_subtrees;
            assert_eq!(subtrees.len(), NETWORKS.len() + DOMAINS.len(), "{host}");
        }
    }

    #[test]
    fn the_limits_of_an_authority_put_there_by_hand_are_its_own() {
        let company = limits(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName(".corp.example".into())],
            excluded_subtrees: vec![
                GeneralSubtree::DnsName("secret.corp.example".into()),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix([10, 9, 0, 0].into(), 16)),
            ],
        });
        assert!(permits(&company, "till.corp.example"));
        assert!(!permits(&company, "till.secret.corp.example"));
        assert!(!permits(&company, "localhost"));
        assert!(permits(&company, "8.8.8.8"), "addresses are not listed, so not limited");
        assert!(!permits(&company, "10.9.1.1"));

        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let (_, parsed) = X509Certificate::from_der(certificate.der()).unwrap();
        let unlimited = Constraints::of(&parsed).unwrap();
        assert!(permits(&unlimited, "www.example.com") && permits(&unlimited, "8.8.8.8"));
    }
}

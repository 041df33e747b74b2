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
            tracing::debug!(name, "might be a domain of the Internet: only its .local is certified");
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
                Some(Subtree::Network {
                    address: address.to_vec(),
                    mask: mask.to_vec(),
                })
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

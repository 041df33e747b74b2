//! The policies of managed browsers: what makes a browser let the allowed pages reach the relay
//! without asking the person, and what only policies can say of certificates.
//!
//! Chrome asks before a page may reach this machine (`LoopbackNetworkAllowedForUrls`) or the local
//! network (`LocalNetworkAllowedForUrls`); Firefox asks for fetch, and soon for WebSockets
//! (`LocalNetworkAccess`). The policies written here name the allowed origins and no others, and
//! what others wrote is kept.
//!
//! | file | platform |
//! |---|---|
//! | `chromium` | Linux: Chromium, Chrome and Edge, a file of our own in their managed folder |
//! | `firefox` | Linux and Windows: Firefox's one file, shared with whoever else wrote in it |
//! | `windows` | Windows: Chrome and Edge, lists in the registry |
//! | `macos` | macOS: what to deploy, since only a profile can |

#[cfg(all(unix, not(target_os = "macos")))]
mod chromium;
#[cfg(not(target_os = "macos"))]
mod firefox;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use crate::place::{Place, Root};
#[cfg(all(unix, not(target_os = "macos")))]
pub use chromium::{FAMILIES, Family, PolicyFile};
#[cfg(not(target_os = "macos"))]
pub use firefox::PoliciesFile;
use std::net::IpAddr;

/// Which pages may reach the relay, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The allowed origins, as `https://shop.example`.
    pub origins: Vec<String>,
    /// Whether the relay is on this machine's loopback.
    pub loopback: bool,
    /// Whether it is on the local network.
    pub network: bool,
}

impl Wish {
    /// These origins reach a relay that listens on this address.
    pub fn new(origins: impl IntoIterator<Item = String>, listen: IpAddr) -> Wish {
        Wish {
            origins: origins.into_iter().collect(),
            loopback: listen.is_loopback() || listen.is_unspecified(),
            network: !listen.is_loopback(),
        }
    }

    /// The hosts of the origins, without scheme and port.
    fn hosts(&self) -> Vec<String> {
        let host = |origin: &String| {
            let authority = origin.split_once("://").map_or(origin.as_str(), |(_, rest)| rest);
            let bare = match authority.rsplit_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
                _ => authority,
            };
            bare.to_owned()
        };
        let mut hosts: Vec<String> = self.origins.iter().map(host).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// Chromium's policies, each a list of the origins.
    fn chromium_policies(&self) -> impl Iterator<Item = &'static str> {
        let loopback = self.loopback.then_some("LoopbackNetworkAllowedForUrls");
        let network = self.network.then_some("LocalNetworkAllowedForUrls");
        loopback.into_iter().chain(network)
    }
}

/// The browsers that this platform lets be told.
pub fn browsers(wish: &Wish, root: &Root) -> Vec<Box<dyn Place>> {
    let mut browsers: Vec<Box<dyn Place>> = Vec::new();
    #[cfg(all(unix, not(target_os = "macos")))]
    browsers.extend(chromium::families(wish, root));
    #[cfg(windows)]
    browsers.extend(windows::families(wish));
    #[cfg(target_os = "macos")]
    {
        let _ = root;
        browsers.extend(macos::families(wish));
    }
    #[cfg(not(target_os = "macos"))]
    browsers.push(Box::new(firefox::Firefox::new(wish.clone(), root.clone())));
    browsers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_has_its_own_policy() {
        let of = |listen: &str| {
            let wish = Wish::new(["https://shop.example".into()], listen.parse().unwrap());
            wish.chromium_policies().collect::<Vec<_>>()
        };
        let (loopback, network) = ("LoopbackNetworkAllowedForUrls", "LocalNetworkAllowedForUrls");
        assert_eq!(of("127.0.0.1"), [loopback]);
        assert_eq!(of("::1"), [loopback]);
        assert_eq!(of("192.168.1.20"), [network]);
        assert_eq!(of("0.0.0.0"), [loopback, network]);
    }

    #[test]
    fn firefox_is_told_hosts() {
        let origins =
            ["https://b.example:8443", "http://a.example", "https://[::1]", "https://b.example"];
        let wish = Wish::new(origins.map(str::to_owned), [127, 0, 0, 1].into());
        assert_eq!(wish.hosts(), ["[::1]", "a.example", "b.example"]);
    }
}

//! One plain-HTTP page that gives a tablet the relay's certificate authority.
//!
//! | file | job |
//! |---|---|
//! | `link` | addresses that nobody guesses and that end by themselves |
//! | `door` | who gets in: connections, deadlines, headers |
//! | `page` | the page: which device comes first, and in which language |
//! | `profile` | the certificate in the forms that devices install |
//! | `qr` | a link as a QR code, for a terminal and for a page |
//!
//! It has to be plain HTTP: the device does not trust the relay yet. Whoever is
//! between the two could change what it says, so the page shows the fingerprint
//! to compare, and nothing here gives access to anything: the certificate is
//! public, and a till still has to be paired.
//!
//! Deliberately absent: a folder. Every byte is in the program.

mod door;
mod link;
mod page;
mod profile;
pub mod qr;

use crate::ca::Anchor;
use crate::server::Guard;
pub use door::serve;
pub use link::{LIFE, Link};
use link::{Links, State};
use rustls::pki_types::CertificateDer;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use tokio::sync::watch;

/// What devices are told, and where.
#[derive(Debug)]
pub struct Settings {
    /// Where the page is served: what its listener is bound to.
    pub address: SocketAddr,
    /// The port where tills connect.
    pub relay_port: u16,
    /// Which hosts may be named.
    pub guard: Arc<Guard>,
    /// The relay's name on the network, `caisse-relay.local`, where it has one.
    pub name: watch::Receiver<Option<String>>,
}

/// The page, its links, and what it hands out.
#[derive(Debug)]
pub struct Onboarding {
    settings: Settings,
    authority: Trusted,
    links: Links,
}

/// The authority, as devices have to trust it.
#[derive(Debug)]
struct Trusted {
    name: String,
    fingerprint: String,
    certificate: CertificateDer<'static>,
}

impl Onboarding {
    /// A page without a link yet: everything is unknown until one is opened.
    pub fn new(authority: &Anchor, settings: Settings) -> Arc<Onboarding> {
        let authority = Trusted {
            name: authority.name().to_owned(),
            fingerprint: authority.fingerprint(),
            certificate: authority.certificate().clone(),
        };
        Arc::new(Onboarding { settings, authority, links: Links::default() })
    }

    /// Opens a link to the page, good for [`LIFE`]. Others go on until their own end.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn open_link(&self) -> Result<Link, std::io::Error> {
        let host = SocketAddr::new(self.reachable(), self.settings.address.port());
        self.links.open(&format!("http://{host}"))
    }

    /// An address of this machine that the shop's devices can reach.
    fn reachable(&self) -> IpAddr {
        let bound = self.settings.address.ip();
        if bound.is_unspecified() { outward(bound).unwrap_or(bound) } else { bound }
    }
}

/// The address that this machine goes out with. Nothing is sent: connecting a
/// UDP socket only chooses a route. 192.0.2.0/24 and 2001:db8::/32 are in every
/// documentation and on no network, so the route is the default one.
fn outward(family: IpAddr) -> Option<IpAddr> {
    let v4 = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let v6 = || {
        let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).ok()?;
        socket.connect((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let found = v4().or_else(|| if family.is_ipv6() { v6() } else { None });
    found.or_else(|| first_private(family))
}

/// A shop's network may have no way out, and so no default route.
fn first_private(family: IpAddr) -> Option<IpAddr> {
    let names = crate::ca::Names::of_this_machine();
    let mut addresses = names.addresses.into_iter().filter(|address| !address.is_loopback());
    addresses.find(|address| match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => family.is_ipv6() && address.is_unique_local(),
    })
}

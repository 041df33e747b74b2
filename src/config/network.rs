use crate::mdns::Label;
use crate::near::is_near;
use crate::words::Mistake;
use std::net::SocketAddr;

/// A relay on the network announces its name unless it is told not to.
pub(super) fn announced() -> bool {
    true
}

/// The name for the network.
pub(super) fn name(typed: Option<&str>) -> Result<Option<Label>, Mistake> {
    let typed = typed.unwrap_or("caisse-relay");
    let label = Label::new(typed);
    let mistake = || Mistake::NoMdnsName { text: typed.into() }.of("mdns_name");
    label.ok_or_else(mistake).map(Some)
}

/// Where Prometheus reads, where it is wanted beside the relay's own port.
pub(super) fn metrics(
    typed: Option<SocketAddr>,
    listen: SocketAddr,
) -> Result<Option<SocketAddr>, Mistake> {
    match typed {
        Some(address) if !(is_near(address.ip()) || address.ip().is_unspecified()) => {
            Err(Mistake::PublicAddress { address: address.to_string() }.of("metrics"))
        }
        Some(address) if address.port() == listen.port() && listen.port() != 0 => {
            Err(Mistake::PortOfListen.of("metrics"))
        }
        typed => Ok(typed),
    }
}

/// The port of the page for tablets, where there is one.
pub(super) fn onboarding(
    wanted: bool,
    port: Option<u16>,
    listen: SocketAddr,
) -> Result<Option<u16>, Mistake> {
    match (wanted, port) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(Mistake::OnlyWithOnboarding.of("onboarding_port")),
        (true, _) if listen.ip().is_loopback() => {
            Err(Mistake::NoTabletReaches { listen: listen.to_string() }.of("onboarding"))
        }
        (true, port) if port == Some(listen.port()) && listen.port() != 0 => {
            Err(Mistake::PortOfListen.of("onboarding_port"))
        }
        (true, port) => Ok(Some(port.unwrap_or(9480))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_for_tablets_has_a_port_of_its_own() {
        let lan = "0.0.0.0:9443".parse().unwrap();
        assert_eq!(onboarding(true, None, lan), Ok(Some(9480)));
        assert_eq!(onboarding(true, Some(80), lan), Ok(Some(80)));
        assert_eq!(onboarding(false, None, lan), Ok(None));
        onboarding(true, Some(9443), lan).unwrap_err();
    }
}

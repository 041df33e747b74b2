use crate::mdns::Label;
use crate::near::is_near;
use std::net::SocketAddr;

/// Why there is no page beside a certificate that someone brought.
pub(super) const NOTHING_TO_GIVE: &str = "onboarding: with `tls` the relay has no authority of its \
     own to give; devices trust the one that signed your certificate";

/// A relay on the network announces its name unless it is told not to.
pub(super) fn announced() -> bool {
    true
}

/// The name for the network.
pub(super) fn name(typed: Option<&str>) -> Result<Option<Label>, String> {
    let typed = typed.unwrap_or("caisse-relay");
    let label = Label::new(typed).ok_or_else(|| {
        format!("mdns_name: `{typed}` is no name; letters, digits and `-`, 60 at most")
    });
    label.map(Some)
}

/// Where Prometheus reads, where it is wanted beside the relay's own port.
pub(super) fn metrics(
    typed: Option<SocketAddr>,
    listen: SocketAddr,
) -> Result<Option<SocketAddr>, String> {
    match typed {
        Some(address) if !(is_near(address.ip()) || address.ip().is_unspecified()) => Err(format!(
            "metrics: {address} is an address of the Internet; a relay serves the shop's own network"
        )),
        Some(address) if address.port() == listen.port() && listen.port() != 0 => Err(
            "metrics: another port than that of `listen`, which has them for this computer already"
                .into(),
        ),
        typed => Ok(typed),
    }
}

/// The port of the page for tablets, where there is one.
pub(super) fn onboarding(
    wanted: bool,
    port: Option<u16>,
    listen: SocketAddr,
) -> Result<Option<u16>, String> {
    match (wanted, port) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err("onboarding_port: only with `onboarding = true`".into()),
        (true, _) if listen.ip().is_loopback() => Err(format!(
            "onboarding: tablets cannot reach {listen}, a loopback address; let `listen` be an \
             address of the shop's network, such as 0.0.0.0:9443"
        )),
        (true, port) if port == Some(listen.port()) && listen.port() != 0 => {
            Err("onboarding_port: another one than the port of `listen`".into())
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

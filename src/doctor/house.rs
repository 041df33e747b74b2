//! The configuration, the port and the certificate.

use super::{Port, Site};
use crate::ca::{self, Inspected, Names};
use crate::journal;
use crate::near::is_near;
use crate::payment::Moment;
use crate::till::moment;
use crate::words::{Finding, House};
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

/// The relay renews 30 days before the end: later than that, it could not.
const SOON: Duration = Duration::from_secs(29 * 24 * 3600);

pub(super) fn look(site: &Site) -> Vec<Finding> {
    let mut found = configuration(site);
    found.push(port(site));
    found.extend(certificate(site));
    found.into_iter().map(Finding::from).collect()
}

fn configuration(site: &Site) -> Vec<House> {
    let file = site.file.as_ref().map(|file| file.display().to_string());
    match &site.config {
        Err(problem) => vec![House::ConfigBroken { problem: problem.clone() }],
        Ok(config) if config.terminals.is_empty() => {
            let platform = || crate::config::platform_file().display().to_string();
            vec![House::ConfigNoTerminal { file: file.unwrap_or_else(platform) }]
        }
        Ok(_) => vec![House::ConfigGood { file }],
    }
}

fn port(site: &Site) -> House {
    let (address, port) = site.port.clone();
    match port {
        Port::Ours => House::PortOurs { address },
        Port::Taken(who) => House::PortTaken { address, who },
        Port::Free => match journal::holder(&site.journal) {
            Some(process) => House::RelayElsewhere { process, address },
            None => House::PortFree { address },
        },
    }
}

fn certificate(site: &Site) -> Vec<House> {
    let brought = site.config.as_ref().ok().and_then(|config| config.tls.as_ref());
    let inspected = match brought {
        Some(files) => ca::inspect_file(&files.cert),
        None => ca::inspect(&site.authority),
    };
    match inspected {
        Err(why) => vec![House::CertificateUnreadable { why }],
        Ok(None) => vec![House::CertificateNone],
        Ok(Some(inspected)) => {
            let (now, brought) = (SystemTime::now(), brought.is_some());
            vec![
                dates(&inspected, now, brought),
                names(&inspected, &Names::of_this_machine(), brought),
            ]
        }
    }
}

fn dates(inspected: &Inspected, now: SystemTime, brought: bool) -> House {
    let until = day(inspected.not_after);
    if now < inspected.not_before {
        House::CertificateNotYet { from: day(inspected.not_before) }
    } else if now > inspected.not_after {
        House::CertificateEnded { until, brought }
    } else if now + SOON > inspected.not_after {
        House::CertificateEndsSoon { until, brought }
    } else {
        House::CertificateGood { until }
    }
}

/// The addresses and the `.local` name: other names may be ones that the
/// authority is not allowed to sign.
fn names(inspected: &Inspected, machine: &Names, brought: bool) -> House {
    let asked = |ip: &&IpAddr| {
        let self_given = matches!(ip, IpAddr::V4(ip) if ip.is_link_local());
        is_near(**ip) && !ip.is_loopback() && !self_given
    };
    let addresses = machine.addresses.difference(&inspected.names.addresses);
    let local = machine.dns.difference(&inspected.names.dns).filter(|n| n.ends_with(".local"));
    let missing = addresses.filter(asked).map(ToString::to_string).chain(local.cloned());
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        House::NamesGood
    } else {
        House::NamesMissing { names: missing.join(", "), brought }
    }
}

fn day(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let at = moment(Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)));
    at.get(..10).unwrap_or(&at).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected(addresses: &[&str]) -> Inspected {
        let now = SystemTime::now();
        let day = Duration::from_secs(24 * 3600);
        Inspected {
            names: Names::of("till-1", addresses.iter().map(|ip| ip.parse().unwrap())),
            not_before: now - day,
            not_after: now + 300 * day,
        }
    }

    #[test]
    fn a_certificate_is_judged_by_the_clock() {
        let (inspected, now) = (inspected(&[]), SystemTime::now());
        let day = Duration::from_secs(24 * 3600);
        let at = |now| dates(&inspected, now, false);
        assert!(matches!(at(now), House::CertificateGood { .. }));
        assert!(matches!(at(now + 280 * day), House::CertificateEndsSoon { .. }));
        assert!(matches!(at(now + 301 * day), House::CertificateEnded { .. }));
        assert!(matches!(at(now - 2 * day), House::CertificateNotYet { .. }));
    }

    #[test]
    fn an_address_of_the_shop_that_is_not_in_the_certificate_is_told() {
        let certificate = inspected(&["192.168.1.10"]);
        let machine = |ips: &[&str]| Names::of("till-1", ips.iter().map(|ip| ip.parse().unwrap()));
        assert_eq!(names(&certificate, &machine(&["192.168.1.10"]), false), House::NamesGood);
        let moved = names(&certificate, &machine(&["192.168.1.77", "8.8.8.8"]), false);
        assert_eq!(moved, House::NamesMissing { names: "192.168.1.77".into(), brought: false });
    }
}

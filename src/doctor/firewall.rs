//! Whether the firewall lets tills of the network in. Windows, macOS and Linux
//! differ here, and nowhere else in the doctor but in `sleep` and `autostart`.

use super::Site;
use crate::words::{Computer, Finding};
use std::ffi::OsStr;

/// The name of the rule that the installer makes.
#[cfg(windows)]
const RULE: &str = "Caisse Relay";

pub(super) fn look(site: &Site) -> Option<Finding> {
    let config = site.config.as_ref().ok()?;
    if config.listen.ip().is_loopback() {
        return Some(Computer::FirewallNotNeeded.into());
    }
    Some(on_the_network(config.listen.port(), site).into())
}

#[cfg(windows)]
fn on_the_network(port: u16, _site: &Site) -> Computer {
    let name = format!("name={RULE}");
    let words = ["advfirewall", "firewall", "show", "rule", &name].map(OsStr::new);
    let firewall = "Windows".to_owned();
    let command = format!(
        "netsh advfirewall firewall add rule name=\"{RULE}\" dir=in action=allow protocol=TCP localport={port} profile=private"
    );
    match crate::place::run("netsh.exe", "Windows", &words) {
        Ok(_) => Computer::FirewallOpen { firewall, port },
        Err(crate::place::Trouble::ToolFailed { .. }) => {
            Computer::FirewallClosed { firewall, port, command }
        }
        Err(_) => Computer::FirewallUnclear { firewall, port, command },
    }
}

#[cfg(target_os = "macos")]
fn on_the_network(port: u16, _site: &Site) -> Computer {
    let program = "/usr/libexec/ApplicationFirewall/socketfilterfw";
    let said = std::process::Command::new(program).arg(OsStr::new("--getglobalstate")).output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match said {
        Ok(said) if said.contains("State = 0") => Computer::FirewallNone,
        _ => Computer::FirewallUnclear {
            firewall: "macOS".into(),
            port,
            command: format!("sudo {program} --add /usr/local/bin/caisse-relay"),
        },
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn on_the_network(port: u16, site: &Site) -> Computer {
    let read = |path: &str| std::fs::read_to_string(site.root.path(path)).ok();
    let said = |tool: &'static str, words: &[&str]| {
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).collect();
        let said = crate::place::run(tool, tool, &words).ok()?;
        Some(String::from_utf8_lossy(&said).into_owned())
    };
    let here = !site.root.is_elsewhere();
    let ask = |tool, words: &[&str]| here.then(|| said(tool, words)).flatten();
    let nftables = "/etc/systemd/system/sysinit.target.wants/nftables.service";
    judge(
        port,
        &Linux {
            ufw_on: read("/etc/ufw/ufw.conf").is_some_and(|text| is_on(&text)),
            ufw: ask("ufw", &["status"]),
            firewalld: ask("firewall-cmd", &["--list-ports"]),
            nftables_on: site.root.path(nftables).symlink_metadata().is_ok(),
            nftables: ask("nft", &["list", "ruleset"]),
        },
    )
}

/// What Linux says; what only root is told is missing for others.
#[cfg(all(unix, not(target_os = "macos")))]
#[derive(Debug, Default)]
struct Linux {
    ufw_on: bool,
    ufw: Option<String>,
    firewalld: Option<String>,
    nftables_on: bool,
    nftables: Option<String>,
}

#[cfg(all(unix, not(target_os = "macos")))]
fn is_on(ufw_conf: &str) -> bool {
    ufw_conf.lines().any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes"))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn judge(port: u16, linux: &Linux) -> Computer {
    let found = |firewall: &str, open: Option<bool>, command: String| {
        let firewall = firewall.to_owned();
        match open {
            Some(true) => Computer::FirewallOpen { firewall, port },
            Some(false) => Computer::FirewallClosed { firewall, port, command },
            None => Computer::FirewallUnclear { firewall, port, command },
        }
    };
    if linux.ufw_on {
        let command = format!("sudo ufw allow from 192.168.0.0/16 to any port {port} proto tcp");
        return found("ufw", linux.ufw.as_deref().map(|said| ufw_allows(said, port)), command);
    }
    if let Some(ports) = &linux.firewalld {
        let command = format!(
            "sudo firewall-cmd --permanent --add-port={port}/tcp && sudo firewall-cmd --reload"
        );
        return found("firewalld", Some(firewalld_allows(ports, port)), command);
    }
    let command = format!("sudo nft add rule inet filter input tcp dport {port} accept");
    match &linux.nftables {
        Some(rules) if drops(rules) => found("nftables", Some(nft_allows(rules, port)), command),
        None if linux.nftables_on => found("nftables", None, command),
        _ => Computer::FirewallNone,
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn ufw_allows(said: &str, port: u16) -> bool {
    let port = port.to_string();
    said.contains("Status: inactive")
        || said.lines().any(|line| {
            let to = line.split_whitespace().next().unwrap_or_default();
            line.contains("ALLOW") && (to == port || to == format!("{port}/tcp"))
        })
}

#[cfg(all(unix, not(target_os = "macos")))]
fn firewalld_allows(ports: &str, port: u16) -> bool {
    ports.split_whitespace().filter_map(|entry| entry.strip_suffix("/tcp")).any(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let inside = |first: u16, last: u16| (first..=last).contains(&port);
        matches!((first.parse(), last.parse()), (Ok(first), Ok(last)) if inside(first, last))
    })
}

/// Whether what no rule names is kept out.
#[cfg(all(unix, not(target_os = "macos")))]
fn drops(rules: &str) -> bool {
    let input = |line: &&str| line.contains("hook input");
    rules.lines().filter(input).any(|line| line.contains("policy drop"))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn nft_allows(rules: &str, port: u16) -> bool {
    let port = port.to_string();
    rules.lines().any(|line| {
        let named = |word: &str| word.trim_matches(['{', '}', ',']) == port;
        line.contains("dport") && line.contains("accept") && line.split_whitespace().any(named)
    })
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_ufw_is_found() {
        let of = |ufw: Option<&str>| {
            let ufw = ufw.map(str::to_owned);
            judge(9443, &Linux { ufw_on: true, ufw, ..Linux::default() })
        };
        let active = "Status: active\n\nTo       Action  From\n--  --  --\n";
        let with = |rule: &str| format!("{active}{rule}\n");
        assert!(matches!(of(Some(active)), Computer::FirewallClosed { .. }));
        let open = with("9443/tcp                   ALLOW       192.168.0.0/16");
        assert!(matches!(of(Some(&open)), Computer::FirewallOpen { .. }));
        let denied = with("9443/tcp                   DENY        Anywhere");
        assert!(matches!(of(Some(&denied)), Computer::FirewallClosed { .. }));
        let other = with("19443/tcp                  ALLOW       Anywhere");
        assert!(matches!(of(Some(&other)), Computer::FirewallClosed { .. }));
        assert!(matches!(of(None), Computer::FirewallUnclear { .. }));
        assert!(is_on("# comment\nENABLED=yes\n") && !is_on("#ENABLED=yes\nENABLED=no\n"));
    }

    #[test]
    fn a_port_of_firewalld_may_be_in_a_range() {
        for (ports, open) in
            [("9443/tcp", true), ("9000-9500/tcp 22/tcp", true), ("9443/udp", false), ("", false)]
        {
            assert_eq!(firewalld_allows(ports, 9443), open, "{ports}");
        }
    }

    #[test]
    fn nftables_is_asked_only_where_it_keeps_out() {
        let of = |rules: &str| {
            let nftables = Some(rules.to_owned());
            judge(9443, &Linux { nftables, ..Linux::default() })
        };
        let chain = |policy: &str, rule: &str| {
            format!(
                "table inet filter {{\n chain input {{\n  type filter hook input priority 0; policy {policy};\n  {rule}\n }}\n}}\n"
            )
        };
        assert_eq!(of(""), Computer::FirewallNone);
        assert_eq!(of(&chain("accept", "")), Computer::FirewallNone);
        assert!(matches!(of(&chain("drop", "")), Computer::FirewallClosed { .. }));
        let rule = "tcp dport { 22, 9443 } accept";
        assert!(matches!(of(&chain("drop", rule)), Computer::FirewallOpen { .. }));
        let unread = Linux { nftables_on: true, ..Linux::default() };
        assert!(matches!(judge(9443, &unread), Computer::FirewallUnclear { .. }));
        assert_eq!(judge(9443, &Linux::default()), Computer::FirewallNone);
    }
}

//! Whether something starts the relay by itself.

use crate::place::Root;
use crate::words::{Computer, Finding};
#[cfg(all(unix, not(target_os = "macos")))]
use std::path::PathBuf;

/// The system's files that start a relay, and the person's below their folder of configurations.
#[cfg(all(unix, not(target_os = "macos")))]
const FILES: [&str; 5] = [
    "/etc/systemd/system/caisse-relay.service",
    "/usr/lib/systemd/system/caisse-relay.service",
    "/usr/lib/systemd/user/caisse-relay.service",
    "/etc/systemd/user/caisse-relay.service",
    "/etc/xdg/autostart/caisse-relay.desktop",
];
#[cfg(all(unix, not(target_os = "macos")))]
const OWN_FILES: [&str; 2] =
    ["systemd/user/caisse-relay.service", "autostart/caisse-relay.desktop"];

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn look(root: &Root) -> Option<Finding> {
    let named = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let named = named.filter(|folder| folder.is_absolute());
    let own = named.or_else(|| std::env::home_dir().map(|home| home.join(".config")));
    let own = own.into_iter().flat_map(|folder| OWN_FILES.map(|file| folder.join(file)));
    let files = FILES.map(|file| root.path(file)).into_iter().chain(own);
    let there = files.filter(|file| file.exists()).map(|file| file.display().to_string());
    Some(found(&there.collect::<Vec<_>>()).into())
}

/// Windows and macOS keep it where `service status` looks.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn look(_root: &Root) -> Option<Finding> {
    Some(Computer::AutostartUnclear.into())
}

/// The finding of the ways that are installed.
#[cfg(all(unix, not(target_os = "macos")))]
fn found(ways: &[String]) -> Computer {
    match ways {
        [] => Computer::AutostartNone,
        ways => Computer::Autostart { ways: ways.join(", ") },
    }
}

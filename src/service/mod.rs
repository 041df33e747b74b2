//! What starts the relay by itself, at the start of the machine or of a person's session.
//!
//! Each way is a [`Place`], with its three verbs, each of which reads again what it has done.
//!
//! | name | platform | file | what is started |
//! |---|---|---|---|
//! | `user` | Linux | `systemd` | `run`, with the person's session |
//! | `system` | Linux | `systemd` | `run`, with the machine, as a user of its own |
//! | `login` | Linux | `desktop` | `tray`, with the person's desktop |
//! | `login` | Windows | `windows::login` | `tray`, when this person logs in |
//! | `machine` | Windows | `windows::login` | `tray`, when anybody logs in |
//! | `service` | Windows | `windows::headless` | `run`, with the machine, as `LocalService` |
//! | `login` | macOS | `launchd` | `tray`, when this person logs in |
//!
//! One of them is enough: a second relay finds the journal held and says by whom.

#[cfg(all(unix, not(target_os = "macos")))]
mod desktop;
#[cfg(target_os = "macos")]
mod launchd;
#[cfg(all(unix, not(target_os = "macos")))]
mod systemd;
#[cfg(windows)]
mod windows;

use crate::place::{Belief, Found, Place, Root};
use std::path::PathBuf;
#[cfg(windows)]
pub use windows::serve;

/// The way that needs nobody to log in.
pub const WITH_THE_MACHINE: &str = if cfg!(windows) { "service" } else { "system" };

/// What is started.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its file.
    pub file: PathBuf,
    /// The configuration, where it is not the platform's.
    pub config: Option<PathBuf>,
    /// The data folder, where it is not the configuration's. What starts with the machine has one
    /// of its own and does not take this.
    pub data_dir: Option<PathBuf>,
}

impl Program {
    /// The command line, without quotes.
    fn words(&self, command: &str, own_folder: bool) -> Vec<String> {
        let mut words = vec![self.file.display().to_string(), command.to_owned()];
        if let Some(config) = &self.config {
            words.extend(["--config".into(), config.display().to_string()]);
        }
        if let (Some(folder), false) = (&self.data_dir, own_folder) {
            words.extend(["--data-dir".into(), folder.display().to_string()]);
        }
        words
    }
}

/// The ways of this platform. `root` is where the system's folders are.
pub fn ways(program: &Program, root: &Root) -> Vec<Box<dyn Place>> {
    let mut ways: Vec<Box<dyn Place>> = Vec::new();
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        ways.push(Box::new(systemd::Unit::user(program, root)));
        ways.push(Box::new(systemd::Unit::system(program, root)));
        ways.push(Box::new(desktop::Entry::new(program, root)));
    }
    #[cfg(windows)]
    ways.extend(windows::ways(program));
    #[cfg(target_os = "macos")]
    ways.push(Box::new(launchd::Agent::new(program)));
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let _ = root;
    ways
}

/// The person's own way to have the tray with their session, for the tray's menu: what runs now is
/// neither started nor stopped by it. None where everybody has the tray already and only an
/// administrator can change that.
pub fn at_login(program: &Program, root: &Root) -> Option<Box<dyn Place>> {
    #[cfg(target_os = "macos")]
    let ways: Vec<Box<dyn Place>> = {
        let _ = root;
        vec![Box::new(launchd::Agent::at_next_login(program))]
    };
    #[cfg(not(target_os = "macos"))]
    let ways = ways(program, root);
    let everybody = ways.iter().any(|way| way.name() == "machine" && way.read().is_installed());
    ways.into_iter().find(|way| way.name() == "login" && !everybody)
}

/// Something of ours that is not what is wanted now: the program has moved, or its options have
/// changed.
fn outdated() -> Found {
    Found { belief: Belief::Lacks, ours: true, leftovers: 1 }
}

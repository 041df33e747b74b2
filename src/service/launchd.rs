//! macOS: an agent of the person's session, which launchd starts again after a crash.

use super::{Program, outdated};
use crate::place::{self, Found, Place, Trouble, run};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

const LABEL: &str = "caisse-relay";
const TEMPLATE: &str = include_str!("caisse-relay.plist");

pub(super) struct Agent {
    program: Program,
    /// The person's; nothing without a home.
    home: Option<PathBuf>,
    /// Whether launchd hears of it now; otherwise it finds the file at the next login.
    now: bool,
}

impl Agent {
    pub(super) fn new(program: &Program) -> Agent {
        Agent { program: program.clone(), home: std::env::home_dir(), now: true }
    }

    /// For a tray that runs: launchd would start a second one, or end this one with its relay.
    pub(super) fn at_next_login(program: &Program) -> Agent {
        Agent { now: false, ..Agent::new(program) }
    }

    fn home(&self) -> Result<&Path, Trouble> {
        self.home.as_deref().ok_or(Trouble::NoHome)
    }

    fn file(&self) -> Result<PathBuf, Trouble> {
        Ok(self.home()?.join(format!("Library/LaunchAgents/{LABEL}.plist")))
    }

    fn text(&self) -> String {
        let escaped = |word: &String| {
            let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            format!("    <string>{word}</string>\n")
        };
        let words: String = self.program.words("tray", false).iter().map(escaped).collect();
        TEMPLATE.replace("@WORDS@\n", &words)
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let file = self.file()?;
        match fs::read(&file) {
            Ok(text) if text == self.text().as_bytes() => Ok(Found::holds()),
            Ok(_) => Ok(outdated()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::lacks()),
            Err(error) => Err(Trouble::with(&file, &error)),
        }
    }

    /// The person's graphical session, as launchd calls it.
    fn session(&self) -> Result<String, Trouble> {
        let home = self.home()?;
        let found = fs::metadata(home).map_err(|error| Trouble::with(home, &error))?;
        Ok(format!("gui/{}", found.uid()))
    }

    fn stop(&self) -> Result<(), Trouble> {
        let target = format!("{}/{LABEL}", self.session()?);
        // One that is not loaded cannot be unloaded, and that is what is wanted.
        let _ = run("launchctl", "macOS", &["bootout", &target].map(OsStr::new));
        Ok(())
    }
}

impl Place for Agent {
    fn name(&self) -> &'static str {
        "login"
    }

    fn serves(&self) -> &'static str {
        "launchd: caisse-relay tray"
    }

    fn wanted(&self) -> bool {
        true
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        let file = self.file()?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| place::replace(&file, self.text().as_bytes()))
            .map_err(|error| Trouble::with(&file, &error))?;
        if !self.now {
            return Ok(());
        }
        self.stop()?;
        let session = self.session()?;
        let words = [OsStr::new("bootstrap"), OsStr::new(&session), file.as_os_str()];
        run("launchctl", "macOS", &words).map(drop)
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        if self.now {
            self.stop()?;
        }
        let file = self.file()?;
        match fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Trouble::with(&file, &error)),
            _ => Ok(()),
        }
    }
}

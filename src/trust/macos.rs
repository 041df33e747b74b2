//! The keychains of macOS, which Safari, Chrome, Edge and Firefox read, by `security`.

use super::found;
use crate::ca::{Kin, Relation, fingerprint};
use crate::place::{Belief, Found, Place, Prompt, Trouble, Verb, run};
use std::ffi::OsStr;
use std::path::PathBuf;
use std::rc::Rc;

/// The user's keychain, and the machine's, which an administrator changes.
pub(super) fn keychains(kin: &Rc<Kin>) -> Vec<Box<dyn Place>> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let of = |name, machine, keychain| -> Box<dyn Place> {
        Box::new(Keychain { name, machine, keychain, kin: Rc::clone(kin) })
    };
    vec![
        of("macos-user", false, home.join("Library/Keychains/login.keychain-db")),
        of("macos-machine", true, "/Library/Keychains/System.keychain".into()),
    ]
}

struct Keychain {
    name: &'static str,
    machine: bool,
    keychain: PathBuf,
    kin: Rc<Kin>,
}

impl Keychain {
    fn ours(&self) -> Result<Vec<(Relation, Vec<u8>)>, Trouble> {
        let words = ["find-certificate", "-a", "-p"].map(OsStr::new);
        let words: Vec<&OsStr> = words.into_iter().chain([self.keychain.as_os_str()]).collect();
        let pem = security(&words)?;
        Ok(self.kin.among(&pem).into_iter().map(|(r, der)| (r, der.to_vec())).collect())
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let mut found = found(self.ours()?.into_iter().map(|(relation, _)| relation));
        if found.ours
            && let Some(anchor) = self.kin.current()
        {
            // In the keychain and not trusted for TLS is possible: ask what the system believes.
            let words = ["verify-cert", "-q", "-L", "-l", "-p", "ssl", "-c"].map(OsStr::new);
            let words: Vec<&OsStr> = words.into_iter().chain([anchor.file().as_os_str()]).collect();
            if security(&words).is_err() {
                found = Found { belief: Belief::Lacks, ours: true, leftovers: found.leftovers };
            }
        }
        Ok(found)
    }

    fn remove(&self, certificate: &[u8]) -> Result<(), Trouble> {
        let hash = fingerprint(certificate).replace(':', "");
        // With its trust settings (-t).
        let words = ["delete-certificate", "-t", "-Z", &hash].map(OsStr::new);
        let words: Vec<&OsStr> = words.into_iter().chain([self.keychain.as_os_str()]).collect();
        security(&words).map(drop).map_err(|trouble| self.without_rights(trouble))
    }

    fn without_rights(&self, trouble: Trouble) -> Trouble {
        match trouble {
            Trouble::ToolFailed { said, .. } if self.machine && said.contains("permission") => {
                Trouble::NeedsAdmin { path: self.keychain.clone() }
            }
            trouble => trouble,
        }
    }
}

impl Place for Keychain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serves(&self) -> &'static str {
        "Safari, Google Chrome, Microsoft Edge, Firefox"
    }

    fn wanted(&self) -> bool {
        !self.machine
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        let Some(anchor) = self.kin.current() else { return Ok(()) };
        for (_, old) in self.ours()?.into_iter().filter(|(r, _)| *r == Relation::Older) {
            self.remove(&old)?;
        }
        let admin: &[&str] = if self.machine { &["-d"] } else { &[] };
        let words =
            [&["add-trusted-cert"], admin, &["-r", "trustRoot", "-p", "ssl", "-k"]].concat();
        let words = words.into_iter().map(OsStr::new);
        let words: Vec<&OsStr> =
            words.chain([self.keychain.as_os_str(), anchor.file().as_os_str()]).collect();
        security(&words).map(drop).map_err(|trouble| self.without_rights(trouble))
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.ours()?.into_iter().try_for_each(|(_, certificate)| self.remove(&certificate))
    }

    fn prompt(&self, verb: Verb) -> Option<Prompt> {
        (verb != Verb::Status).then_some(Prompt::MacPassword)
    }
}

fn security(words: &[&OsStr]) -> Result<Vec<u8>, Trouble> {
    run("security", "macOS", words)
}

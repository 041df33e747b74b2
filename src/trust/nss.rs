//! The NSS database of the person who uses Chromium, Chrome or Edge, by `certutil`.

use super::found;
use crate::ca::{Kin, Relation};
use crate::place::{Found, Place, Trouble, run};
use crate::policy::FAMILIES;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const PACKAGE: &str = "libnss3-tools (nss-tools, nss)";

/// Trusted to name web sites, and for nothing else.
const TRUST: &str = "C,,";

/// The database of Chromium, and the one of Chromium as a snap where that is installed.
pub(super) fn databases(kin: &Rc<Kin>) -> Vec<Box<dyn Place>> {
    let home = PathBuf::from(env::var_os("HOME").unwrap_or_default());
    let old = home.join(".pki/nssdb");
    let data = env::var_os("XDG_DATA_HOME").filter(|folder| Path::new(folder).is_absolute());
    let new = data.map_or_else(|| home.join(".local/share"), PathBuf::from).join("pki/nssdb");
    // Chromium reads the old one if it exists and the new one otherwise: making the old one would
    // hide whatever the person has in the new one.
    let (read, hidden) = if old.is_dir() { (old, Some(new)) } else { (new, None) };
    let mut databases: Vec<Box<dyn Place>> = vec![Box::new(Nss {
        name: "nss",
        serves: "Chromium, Google Chrome, Microsoft Edge",
        wanted: read.is_dir() || FAMILIES.iter().any(crate::policy::Family::is_here),
        folder: read,
        hidden,
        kin: Rc::clone(kin),
    })];
    let snap = home.join("snap/chromium");
    if snap.is_dir() {
        databases.push(Box::new(Nss {
            name: "nss-snap",
            serves: "Chromium (snap)",
            wanted: true,
            folder: snap.join("current/.pki/nssdb"),
            hidden: None,
            kin: Rc::clone(kin),
        }));
    }
    databases
}

struct Nss {
    name: &'static str,
    serves: &'static str,
    wanted: bool,
    /// The database that the browser reads.
    folder: PathBuf,
    /// One that it does not read, as long as the other exists.
    hidden: Option<PathBuf>,
    kin: Rc<Kin>,
}

/// A certificate of ours in a database.
struct Entry {
    nickname: String,
    relation: Relation,
    trusted: bool,
}

impl Nss {
    fn try_read(&self) -> Result<Found, Trouble> {
        let hidden = self.hidden.as_deref().map(|folder| self.entries(folder)).transpose()?;
        let hidden = hidden.map_or(0, |entries| entries.len());
        if !exists(&self.folder) {
            return Ok(Found { leftovers: hidden, ..Found::absent() });
        }
        let entries = self.entries(&self.folder)?;
        // One that is there without being trusted is no more than a leftover.
        let relations = entries.iter().map(|entry| match entry.relation {
            Relation::Current if !entry.trusted => Relation::Older,
            relation => relation,
        });
        let found = found(relations);
        Ok(Found { leftovers: found.leftovers + hidden, ..found })
    }

    /// What of ours is in a database.
    fn entries(&self, folder: &Path) -> Result<Vec<Entry>, Trouble> {
        if !exists(folder) {
            return Ok(Vec::new());
        }
        let list = certutil(folder, &["-L"])?;
        let mut entries = Vec::new();
        for (nickname, trust) in String::from_utf8_lossy(&list).lines().filter_map(row) {
            // A name that `certutil` cannot find again is not one that we gave.
            let Ok(pem) = certutil(folder, &["-L", "-a", "-n", nickname]) else { continue };
            let trusted = trust.split(',').next().is_some_and(|sites| sites.contains('C'));
            entries.extend(self.kin.among(&pem).into_iter().map(|(relation, _)| Entry {
                nickname: nickname.to_owned(),
                relation,
                trusted,
            }));
        }
        Ok(entries)
    }

    fn remove_all(&self, folder: &Path) -> Result<(), Trouble> {
        for entry in self.entries(folder)? {
            certutil(folder, &["-D", "-n", &entry.nickname])?;
        }
        Ok(())
    }

    fn is_the_persons(&self) -> Result<(), Trouble> {
        // `sudo` keeps or changes HOME as it pleases; either way the database is not root's.
        if env::var_os("SUDO_USER").is_some_and(|user| !user.is_empty()) {
            Err(Trouble::NotAsRoot)
        } else {
            Ok(())
        }
    }
}

impl Place for Nss {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serves(&self) -> &'static str {
        self.serves
    }

    fn wanted(&self) -> bool {
        self.wanted
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        self.is_the_persons()?;
        let Some(anchor) = self.kin.current() else { return Ok(()) };
        self.uninstall()?;
        if !exists(&self.folder) {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
            made.map_err(|error| Trouble::with(&self.folder, &error))?;
            certutil(&self.folder, &["-N", "--empty-password"])?;
        }
        let file = anchor.file().to_string_lossy();
        certutil(&self.folder, &["-A", "-t", TRUST, "-n", anchor.name(), "-i", &file]).map(drop)
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.is_the_persons()?;
        self.hidden.iter().chain([&self.folder]).try_for_each(|folder| self.remove_all(folder))
    }
}

fn exists(folder: &Path) -> bool {
    folder.join("cert9.db").is_file()
}

/// A row of `certutil -L`: the nickname, and the trust after the last space.
fn row(line: &str) -> Option<(&str, &str)> {
    let (nickname, trust) = line.trim_end().rsplit_once(char::is_whitespace)?;
    let is_trust = trust.matches(',').count() == 2 && trust != "SSL,S/MIME,JAR/XPI";
    is_trust.then(|| (nickname.trim_end(), trust))
}

fn certutil(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, Trouble> {
    let mut database = OsString::from("sql:");
    database.push(folder);
    let words = [OsStr::new("-d"), &database];
    let words: Vec<&OsStr> = words.into_iter().chain(arguments.iter().map(OsStr::new)).collect();
    run("certutil", PACKAGE, &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_nickname_with_spaces_and_a_trust() {
        assert_eq!(
            row("Caisse Relay CA (t, 1)            C,,  "),
            Some(("Caisse Relay CA (t, 1)", "C,,"))
        );
        assert_eq!(row("a                                 CT,C,C"), Some(("a", "CT,C,C")));
        assert_eq!(row("b                                 ,,   "), Some(("b", ",,")));
        assert_eq!(row("Certificate Nickname       Trust Attributes"), None);
        assert_eq!(row("                           SSL,S/MIME,JAR/XPI"), None);
        assert_eq!(row(""), None);
    }
}

//! The system's store: what WebKit, curl and other programs read. Debian has a folder and
//! `update-ca-certificates`; Fedora and Arch have p11-kit's `trust`.

use super::found;
use crate::ca::{Kin, Relation};
use crate::place::{Found, Place, Root, Trouble, find, run};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const FOLDER: &str = "/usr/local/share/ca-certificates";
const FILE: &str = "caisse-relay.crt";

/// What programs read: Debian, Fedora, Arch.
const BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
];

/// `update-ca-certificates` of Debian, where the folders are not those of the machine.
const FOLDERS: [(&str, &str); 4] = [
    ("--certsconf", "/etc/ca-certificates.conf"),
    ("--localcertsdir", FOLDER),
    ("--etccertsdir", "/etc/ssl/certs"),
    ("--hooksdir", "/etc/ca-certificates/update.d"),
];

/// A certificate on its way out.
const REMOVED: &str = "removed.crt";

pub(super) struct System {
    kin: Rc<Kin>,
    root: Root,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Way {
    Debian,
    P11Kit,
}

impl System {
    pub(super) fn new(kin: Rc<Kin>, root: Root) -> System {
        System { kin, root }
    }

    fn way(&self) -> Option<Way> {
        if find("update-ca-certificates").is_some() && self.root.path(FOLDER).is_dir() {
            return Some(Way::Debian);
        }
        // It knows no other root than the machine's.
        (find("trust").is_some() && !self.root.is_elsewhere()).then_some(Way::P11Kit)
    }

    /// The files of ours in Debian's folder: an earlier version may have called them otherwise.
    fn files(&self) -> Result<Vec<(Relation, PathBuf)>, Trouble> {
        let folder = self.root.path(FOLDER);
        let entries = std::fs::read_dir(&folder).map_err(|error| Trouble::with(&folder, &error))?;
        let mut files = Vec::new();
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.extension().is_some_and(|extension| extension == "crt")
                && let Some(pem) = self.root.read(&path)?
                && let Some((relation, _)) = self.kin.among(&pem).into_iter().next()
            {
                files.push((relation, path));
            }
        }
        Ok(files)
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let Some(way) = self.way() else { return Ok(Found::absent()) };
        let mut in_bundle = Vec::new();
        for bundle in BUNDLES.map(|bundle| self.root.path(bundle)) {
            if let Some(pem) = self.root.read(&bundle)? {
                in_bundle = self.kin.among(&pem);
                break;
            }
        }
        let mut found = found(in_bundle.iter().map(|(relation, _)| *relation));
        if way == Way::Debian {
            // In the folder and not in the bundle: without effect until the next update.
            let held = found.ours;
            let stray = |relation: Relation| relation == Relation::Older || !held;
            found.leftovers = found
                .leftovers
                .max(self.files()?.iter().filter(|(relation, _)| stray(*relation)).count());
        }
        Ok(found)
    }

    fn update(&self) -> Result<(), Trouble> {
        let elsewhere = FOLDERS.map(|(option, folder)| (option, self.root.path(folder)));
        let mut words: Vec<&OsStr> = Vec::new();
        if self.root.is_elsewhere() {
            for (option, folder) in &elsewhere {
                words.extend([OsStr::new(option), folder.as_os_str()]);
            }
        }
        // Without it the links to a file that is gone stay behind.
        words.push(OsStr::new("--fresh"));
        run("update-ca-certificates", "ca-certificates", &words).map(drop)
    }

    /// `trust anchor --remove` wants the certificate itself: those of the bundle are ours to give.
    fn remove_anchors(&self) -> Result<(), Trouble> {
        for bundle in BUNDLES.map(|bundle| self.root.path(bundle)) {
            let Some(pem) = self.root.read(&bundle)? else { continue };
            for (_, certificate) in self.kin.among(&pem) {
                self.root.keep(REMOVED, &certificate)?;
                let removed = anchor("--remove", &self.root.memory(REMOVED));
                self.root.keep(REMOVED, b"")?;
                removed?;
            }
            break;
        }
        Ok(())
    }
}

fn anchor(verb: &str, file: &Path) -> Result<(), Trouble> {
    let words = [OsStr::new("anchor"), OsStr::new(verb), file.as_os_str()];
    run("trust", "p11-kit", &words).map(drop).map_err(|trouble| match trouble {
        // What it says to who is not root.
        Trouble::ToolFailed { said, .. }
            if said.contains("writable location") || said.contains("ermission denied") =>
        {
            Trouble::NeedsAdmin { path: "/etc".into() }
        }
        trouble => trouble,
    })
}

impl Place for System {
    fn name(&self) -> &'static str {
        "system"
    }

    fn serves(&self) -> &'static str {
        "WebKitGTK"
    }

    fn wanted(&self) -> bool {
        self.way().is_some()
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        let Some(anchor) = self.kin.current() else { return Ok(()) };
        let missing =
            Trouble::ToolMissing { tool: "update-ca-certificates", package: "ca-certificates" };
        match self.way().ok_or(missing)? {
            Way::Debian => {
                for (_, file) in self.files()? {
                    self.root.remove(&file)?;
                }
                self.root.write(&self.root.path(FOLDER).join(FILE), anchor.pem())?;
                self.update()
            }
            Way::P11Kit => {
                self.remove_anchors()?;
                self::anchor("--store", anchor.file())
            }
        }
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        match self.way() {
            Some(Way::Debian) => {
                for (_, file) in self.files()? {
                    self.root.remove(&file)?;
                }
                self.update()
            }
            Some(Way::P11Kit) => self.remove_anchors(),
            None => Ok(()),
        }
    }
}

use super::Wish;
use crate::place::{Found, Place, Root, Trouble, find};
use serde_json::{Map, Value};
use std::fs;
use std::path::PathBuf;

/// A browser made from Chromium.
#[derive(Debug)]
pub struct Family {
    /// Its stable name.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its folder of policies.
    folder: &'static str,
    /// Its programs.
    programs: &'static [&'static str],
}

/// The browsers that read policies from a folder on Linux.
pub const FAMILIES: [Family; 3] = [
    Family {
        name: "chromium",
        title: "Chromium",
        folder: "/etc/chromium/policies/managed",
        programs: &["chromium", "chromium-browser"],
    },
    Family {
        name: "chrome",
        title: "Google Chrome",
        folder: "/etc/opt/chrome/policies/managed",
        programs: &["google-chrome", "google-chrome-stable"],
    },
    Family {
        name: "edge",
        title: "Microsoft Edge",
        folder: "/etc/opt/edge/policies/managed",
        programs: &["microsoft-edge", "microsoft-edge-stable"],
    },
];

impl Family {
    /// What was found, or that there is no such browser and nothing of ours either.
    pub fn seen(&self, found: Found) -> Found {
        found.where_there_is(self.is_here())
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        self.programs.iter().any(|program| find(program).is_some())
    }
}

/// A file of our own in a browser's folder of policies.
#[derive(Debug)]
pub struct PolicyFile {
    root: Root,
    folder: PathBuf,
    name: &'static str,
}

impl PolicyFile {
    /// The file `name` for this browser.
    pub fn new(root: Root, family: &Family, name: &'static str) -> PolicyFile {
        PolicyFile { folder: root.path(family.folder), root, name }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// What is in it, against what should be.
    pub fn read(&self, wanted: &Map<String, Value>) -> Found {
        let text = match self.root.read(&self.path()) {
            Ok(Some(text)) => text,
            Ok(None) => return Found::lacks(),
            Err(trouble) => return Found::unclear(trouble),
        };
        let found: Option<Map<String, Value>> = serde_json::from_slice(&text).ok();
        if wanted.is_empty() || found.as_ref() != Some(wanted) {
            return Found { leftovers: 1, ..Found::lacks() };
        }
        match self.rival(wanted) {
            Some(trouble) => Found { ours: true, ..Found::unclear(trouble) },
            None => Found::holds(),
        }
    }

    /// Another file of the folder that sets one of these policies: Chromium takes one of the two.
    fn rival(&self, wanted: &Map<String, Value>) -> Option<Trouble> {
        let files = fs::read_dir(&self.folder).ok()?.filter_map(Result::ok);
        files.map(|file| file.path()).filter(|path| *path != self.path()).find_map(|path| {
            let text = fs::read(&path).ok()?;
            let set: Map<String, Value> = serde_json::from_slice(&text).ok()?;
            let policy = wanted.keys().find(|policy| set.contains_key(*policy))?.clone();
            Some(Trouble::Rival { path, policy })
        })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self, wanted: &Map<String, Value>) -> Result<(), Trouble> {
        let text = serde_json::to_vec_pretty(wanted).unwrap_or_default();
        self.root.write(&self.path(), &text)
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self) -> Result<(), Trouble> {
        self.root.remove(&self.path())
    }
}

/// Chromium, Chrome and Edge.
pub(super) fn families(wish: &Wish, root: &Root) -> Vec<Box<dyn Place>> {
    let place = |family: &'static Family| -> Box<dyn Place> {
        let list = Value::from(wish.origins.clone());
        let policies = wish.chromium_policies().filter(|_| !wish.origins.is_empty());
        Box::new(Chromium {
            family,
            file: PolicyFile::new(root.clone(), family, "caisse-relay.json"),
            policies: policies.map(|policy| (policy.to_owned(), list.clone())).collect(),
        })
    };
    FAMILIES.iter().map(place).collect()
}

struct Chromium {
    family: &'static Family,
    file: PolicyFile,
    policies: Map<String, Value>,
}

impl Place for Chromium {
    fn name(&self) -> &'static str {
        self.family.name
    }

    fn serves(&self) -> &'static str {
        self.family.title
    }

    fn wanted(&self) -> bool {
        self.family.is_here()
    }

    fn read(&self) -> Found {
        self.family.seen(self.file.read(&self.policies))
    }

    fn install(&self) -> Result<(), Trouble> {
        self.file.write(&self.policies)
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.file.remove()
    }
}

//! Chrome and Edge on Windows: each policy is a key of the registry with the values `1`, `2`, ….
//!
//! Others may have entries in the same lists. What we added is remembered in a key of our own,
//! and only that is taken away again.

use super::Wish;
use crate::place::{Belief, Found, Place, Trouble};
use std::io::{Error, ErrorKind, Result as Answer};
use std::path::PathBuf;
use windows_registry::{Key, LOCAL_MACHINE};

/// Every policy that we may ever have set.
const POLICIES: [&str; 2] = ["LoopbackNetworkAllowedForUrls", "LocalNetworkAllowedForUrls"];

/// Chrome and Edge.
pub(super) fn families(wish: &Wish) -> Vec<Box<dyn Place>> {
    let family = |name, title, path, program: &str| -> Box<dyn Place> {
        let folders = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"];
        let here = folders.iter().filter_map(std::env::var_os);
        let here = here.map(|folder| PathBuf::from(folder).join(program)).any(|file| file.exists());
        Box::new(Family { name, title, path, here, wish: wish.clone() })
    };
    vec![
        family(
            "chrome",
            "Google Chrome",
            r"Software\Policies\Google\Chrome",
            r"Google\Chrome\Application\chrome.exe",
        ),
        family(
            "edge",
            "Microsoft Edge",
            r"Software\Policies\Microsoft\Edge",
            r"Microsoft\Edge\Application\msedge.exe",
        ),
    ]
}

struct Family {
    name: &'static str,
    title: &'static str,
    path: &'static str,
    here: bool,
    wish: Wish,
}

impl Family {
    fn list(&self, policy: &str) -> String {
        format!(r"{}\{policy}", self.path)
    }

    /// Where is remembered what we added to a list.
    fn memory(&self, policy: &str) -> String {
        format!(r"Software\Caisse Relay\browser-policy\{}\{policy}", self.name)
    }

    fn trouble(&self, error: &Error) -> Trouble {
        let path = PathBuf::from(format!(r"HKLM\{}", self.path));
        Trouble::with(&path, error)
    }

    fn try_read(&self) -> Answer<Found> {
        let (mut holds, mut ours, mut leftovers) = (!self.wish.origins.is_empty(), false, 0);
        for policy in POLICIES {
            let wanted = self.wish.chromium_policies().any(|wanted| wanted == policy);
            let there = entries(&self.list(policy))?;
            let has = |origin: &String| there.iter().any(|(_, value)| value == origin);
            holds &= !wanted || self.wish.origins.iter().all(has);
            for (_, added) in entries(&self.memory(policy))?.iter().filter(|(_, o)| has(o)) {
                if wanted && self.wish.origins.contains(added) {
                    ours = true;
                } else {
                    leftovers += 1;
                }
            }
        }
        let belief = if holds { Belief::Holds } else { Belief::Lacks };
        Ok(Found { belief, ours, leftovers })
    }

    fn add(&self) -> Answer<()> {
        for policy in self.wish.chromium_policies() {
            let there = entries(&self.list(policy))?;
            let (list, memory) = (
                LOCAL_MACHINE.create(self.list(policy))?,
                LOCAL_MACHINE.create(self.memory(policy))?,
            );
            let used: Vec<u32> = there.iter().filter_map(|(name, _)| name.parse().ok()).collect();
            let mut free = (1..).filter(|number| !used.contains(number));
            let missing = |origin: &&String| there.iter().all(|(_, value)| value != *origin);
            for origin in self.wish.origins.iter().filter(missing) {
                let name = free.next().unwrap_or_default().to_string();
                memory.set_string(&name, origin)?;
                list.set_string(&name, origin)?;
            }
        }
        Ok(())
    }

    fn take_away(&self) -> Answer<()> {
        for policy in POLICIES {
            let added = entries(&self.memory(policy))?;
            if added.is_empty() {
                continue;
            }
            let path = self.list(policy);
            let there = entries(&path)?;
            if !there.is_empty() {
                let list = LOCAL_MACHINE.create(&path)?;
                for (name, _) in
                    there.iter().filter(|(_, value)| added.iter().any(|(_, o)| o == value))
                {
                    list.remove_value(name)?;
                }
            }
            if entries(&path)?.is_empty() {
                forget(&path)?;
            }
            forget(&self.memory(policy))?;
        }
        for empty in [
            format!(r"Software\Caisse Relay\browser-policy\{}", self.name),
            r"Software\Caisse Relay\browser-policy".to_owned(),
            r"Software\Caisse Relay".to_owned(),
        ] {
            if let Ok(key) = LOCAL_MACHINE.open(&empty)
                && key.keys()?.next().is_none()
                && key.values()?.next().is_none()
            {
                drop(key);
                forget(&empty)?;
            }
        }
        Ok(())
    }
}

/// The strings of a list with their names; none where there is no list.
fn entries(path: &str) -> Answer<Vec<(String, String)>> {
    let key: Key = match LOCAL_MACHINE.open(path).map_err(Error::from) {
        Ok(key) => key,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let values = key.values()?;
    Ok(values.filter_map(|(name, value)| Some((name, String::try_from(value).ok()?))).collect())
}

/// What is gone is removed.
fn forget(path: &str) -> Answer<()> {
    match LOCAL_MACHINE.remove_tree(path).map_err(Error::from) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

impl Place for Family {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serves(&self) -> &'static str {
        self.title
    }

    fn wanted(&self) -> bool {
        self.here
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(|error| Found::unclear(self.trouble(&error)))
    }

    fn install(&self) -> Result<(), Trouble> {
        self.take_away().and_then(|()| self.add()).map_err(|error| self.trouble(&error))
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.take_away().map_err(|error| self.trouble(&error))
    }
}

use super::Wish;
use crate::place::{Belief, Found, Place, Root, Trouble};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Where a distribution may have put policies, which `/etc/firefox` then hides from Firefox.
const ELSEWHERE: [&str; 5] = [
    "/usr/lib/firefox-esr/distribution/policies.json",
    "/usr/lib/firefox/distribution/policies.json",
    "/usr/lib64/firefox/distribution/policies.json",
    "/opt/firefox/distribution/policies.json",
    "/usr/share/firefox/distribution/policies.json",
];

/// What we added to the policy that others may share: only that is taken away again.
const MEMORY: &str = "firefox-policy.json";

/// The policy of the local network, and its lists.
const POLICY: &str = "LocalNetworkAccess";
const DOMAINS: &str = "SkipDomains";

/// Firefox's one file of policies. Others write in it too: what they wrote is kept.
#[derive(Debug)]
pub struct PoliciesFile {
    root: Root,
    path: PathBuf,
}

impl PoliciesFile {
    /// The file of this machine.
    pub fn new(root: Root) -> PoliciesFile {
        PoliciesFile { path: root.path(&place()), root }
    }

    /// A file of our own beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.path.with_file_name(name)
    }

    /// Whether Firefox is on this machine.
    pub fn has_reader() -> bool {
        #[cfg(windows)]
        return std::path::Path::new(&place()).ancestors().nth(2).is_some_and(|at| at.exists());
        #[cfg(not(windows))]
        ["firefox", "firefox-esr"].iter().any(|program| crate::place::find(program).is_some())
    }

    /// The policies there are.
    ///
    /// # Errors
    /// When the file is there and is not JSON.
    pub fn policies(&self) -> Result<Map<String, Value>, Trouble> {
        match self.document()?.remove("policies") {
            None => Ok(Map::new()),
            Some(Value::Object(policies)) => Ok(policies),
            Some(_) => Err(self.not_understood("`policies` is no object")),
        }
    }

    /// Replaces the policies by what `change` makes of them. A file with nothing left in it is
    /// removed.
    ///
    /// # Errors
    /// When the file is there and is not JSON, or another one would be hidden by it, or the system
    /// refuses.
    pub fn edit(
        &self,
        change: impl FnOnce(&mut Map<String, Value>) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let (mut document, mut policies) = (self.document()?, self.policies()?);
        change(&mut policies)?;
        document.remove("policies");
        if policies.is_empty() && document.is_empty() {
            return self.root.remove(&self.path);
        }
        if !self.path.exists()
            && let Some(path) =
                ELSEWHERE.map(|path| self.root.path(path)).into_iter().find(|p| p.exists())
        {
            return Err(Trouble::Rival { path, policy: "policies.json".into() });
        }
        document.insert("policies".into(), Value::Object(policies));
        let text = serde_json::to_vec_pretty(&document).unwrap_or_default();
        self.root.write(&self.path, &text)
    }

    /// The object of this name, made where there is none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn object<'a>(
        &self,
        within: &'a mut Map<String, Value>,
        name: &str,
    ) -> Result<&'a mut Map<String, Value>, Trouble> {
        let value = within.entry(name).or_insert_with(|| Value::Object(Map::new()));
        value.as_object_mut().ok_or_else(|| self.not_understood(&format!("`{name}` is no object")))
    }

    /// The list of this name, made where there is none.
    ///
    /// # Errors
    /// When it is something else.
    pub fn list<'a>(
        &self,
        within: &'a mut Map<String, Value>,
        name: &str,
    ) -> Result<&'a mut Vec<Value>, Trouble> {
        let value = within.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        value.as_array_mut().ok_or_else(|| self.not_understood(&format!("`{name}` is no list")))
    }

    /// What is wrong with the file.
    fn not_understood(&self, said: &str) -> Trouble {
        Trouble::NotUnderstood { path: self.path.clone(), said: said.to_owned() }
    }

    fn document(&self) -> Result<Map<String, Value>, Trouble> {
        let Some(text) = self.root.read(&self.path)? else { return Ok(Map::new()) };
        serde_json::from_slice(&text).map_err(|error| self.not_understood(&error.to_string()))
    }
}

#[cfg(windows)]
fn place() -> String {
    let programs = std::env::var("ProgramFiles").unwrap_or_else(|_| r"C:\Program Files".into());
    format!(r"{programs}\Mozilla Firefox\distribution\policies.json")
}

#[cfg(not(windows))]
fn place() -> String {
    "/etc/firefox/policies/policies.json".into()
}

/// Firefox's policy of the local network.
pub(super) struct Firefox {
    hosts: Vec<String>,
    root: Root,
    file: PoliciesFile,
}

/// What we added.
#[derive(Default)]
struct Added {
    domains: Vec<String>,
    enabled: bool,
}

impl Firefox {
    pub(super) fn new(wish: Wish, root: Root) -> Firefox {
        Firefox { hosts: wish.hosts(), file: PoliciesFile::new(root.clone()), root }
    }

    fn added(&self) -> Result<Added, Trouble> {
        let path = self.root.memory(MEMORY);
        let Some(text) = self.root.read(&path)? else { return Ok(Added::default()) };
        let memory: Value = serde_json::from_slice(&text)
            .map_err(|error| Trouble::NotUnderstood { path, said: error.to_string() })?;
        Ok(Added { domains: strings(memory.get(DOMAINS)), enabled: memory["Enabled"] == true })
    }

    fn remember(&self, added: &Added) -> Result<(), Trouble> {
        if added.domains.is_empty() && !added.enabled {
            return self.root.keep(MEMORY, b"");
        }
        let memory = json!({ DOMAINS: added.domains, "Enabled": added.enabled });
        self.root.keep(MEMORY, memory.to_string().as_bytes())
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let (policies, added) = (self.file.policies()?, self.added()?);
        let skipped = strings(policies.get(POLICY).and_then(|policy| policy.get(DOMAINS)));
        let there = |host: &&String| skipped.contains(host);
        let ours = added.domains.iter().filter(there);
        let (current, older): (Vec<_>, Vec<_>) = ours.partition(|host| self.hosts.contains(host));
        let holds = !self.hosts.is_empty() && self.hosts.iter().all(|host| there(&host));
        Ok(Found {
            belief: if holds { Belief::Holds } else { Belief::Lacks },
            ours: !current.is_empty(),
            leftovers: older.len(),
        })
    }
}

impl Place for Firefox {
    fn name(&self) -> &'static str {
        "firefox"
    }

    fn serves(&self) -> &'static str {
        "Firefox"
    }

    fn wanted(&self) -> bool {
        PoliciesFile::has_reader()
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear).where_there_is(self.wanted())
    }

    fn install(&self) -> Result<(), Trouble> {
        self.uninstall()?;
        let mut there = self.file.policies()?;
        let policy = self.file.object(&mut there, POLICY)?;
        let skipped = strings(policy.get(DOMAINS));
        let added = Added {
            domains: self.hosts.iter().filter(|host| !skipped.contains(host)).cloned().collect(),
            enabled: !policy.contains_key("Enabled"),
        };
        // Before it is done: after a crash in between there is something to forget, and nothing
        // that nobody remembers.
        self.remember(&added)?;
        self.file.edit(|policies| {
            let policy = self.file.object(policies, POLICY)?;
            if added.enabled {
                policy.insert("Enabled".into(), true.into());
            }
            self.file.list(policy, DOMAINS)?.extend(added.domains.into_iter().map(Value::from));
            Ok(())
        })
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        let added = self.added()?;
        if added.domains.is_empty() && !added.enabled {
            return Ok(());
        }
        if !self.file.policies()?.contains_key(POLICY) {
            return self.remember(&Added::default());
        }
        self.file.edit(|policies| {
            let policy = self.file.object(policies, POLICY)?;
            if added.enabled {
                policy.remove("Enabled");
            }
            let skipped = self.file.list(policy, DOMAINS)?;
            skipped.retain(|host| !added.domains.iter().any(|ours| host == ours));
            if skipped.is_empty() {
                policy.remove(DOMAINS);
            }
            if policy.is_empty() {
                policies.remove(POLICY);
            }
            Ok(())
        })?;
        self.remember(&Added::default())
    }
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(Value::as_str).map(str::to_owned).collect()
}

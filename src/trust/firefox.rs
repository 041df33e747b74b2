//! Firefox on Linux reads neither the system's store nor another browser's: its policies name the
//! certificates to install at its start.

use super::found;
use crate::ca::{Kin, Relation};
use crate::place::{Found, Place, Root, Trouble};
use crate::policy::PoliciesFile;
use serde_json::Value;
use std::rc::Rc;

/// Our copy: the relay's own folder is for its owner alone, and Firefox is another person's.
const COPY: &str = "caisse-relay.crt";

pub(super) struct Firefox {
    kin: Rc<Kin>,
    root: Root,
    file: PoliciesFile,
}

impl Firefox {
    pub(super) fn new(kin: Rc<Kin>, root: Root) -> Firefox {
        Firefox { kin, file: PoliciesFile::new(root.clone()), root }
    }

    /// How the policy names our copy.
    fn entry(&self) -> Value {
        self.file.beside(COPY).to_string_lossy().into_owned().into()
    }

    fn is_named(&self) -> Result<bool, Trouble> {
        let policies = self.file.policies()?;
        let list =
            policies.get("Certificates").and_then(|certificates| certificates.get("Install"));
        Ok(list.and_then(Value::as_array).is_some_and(|list| list.contains(&self.entry())))
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let copy = self.root.read(&self.file.beside(COPY))?;
        let named = self.is_named()?;
        let copies = copy.map(|pem| self.kin.among(&pem)).unwrap_or_default();
        let relations = copies.iter().map(|(relation, _)| *relation);
        match (named, copies.is_empty()) {
            (true, false) => Ok(found(relations)),
            (false, true) => Ok(Found::lacks()),
            // Half of it: without effect.
            _ => Ok(found(
                relations.map(|_| Relation::Older).chain(named.then_some(Relation::Older)),
            )),
        }
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
        let Some(anchor) = self.kin.current() else { return Ok(()) };
        self.root.write(&self.file.beside(COPY), anchor.pem())?;
        self.file.edit(|policies| {
            let certificates = self.file.object(policies, "Certificates")?;
            let list = self.file.list(certificates, "Install")?;
            if !list.contains(&self.entry()) {
                list.push(self.entry());
            }
            Ok(())
        })
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        // A file that does not name it is not touched, not even to be written the same.
        if self.is_named()? {
            self.file.edit(|policies| {
                let certificates = policies.get_mut("Certificates").and_then(Value::as_object_mut);
                let Some(certificates) = certificates else { return Ok(()) };
                if let Some(list) = certificates.get_mut("Install").and_then(Value::as_array_mut) {
                    list.retain(|named| *named != self.entry());
                    if list.is_empty() {
                        certificates.remove("Install");
                    }
                }
                if certificates.is_empty() {
                    policies.remove("Certificates");
                }
                Ok(())
            })?;
        }
        self.root.remove(&self.file.beside(COPY))
    }
}

//! Chromium's policies as a store, for who would rather not write in a person's database: the
//! whole machine trusts the authority, whoever sits at it. Only where it is asked for by name.

use crate::ca::Kin;
use crate::place::{Found, Place, Root, Trouble};
use crate::policy::{FAMILIES, Family, PolicyFile};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use std::rc::Rc;

/// Chromium, Chrome and Edge.
pub(super) fn families(kin: &Rc<Kin>, root: &Root) -> Vec<Box<dyn Place>> {
    let names = ["chromium-policy", "chrome-policy", "edge-policy"];
    let places = names.into_iter().zip(&FAMILIES).map(|(name, family)| -> Box<dyn Place> {
        let file = PolicyFile::new(root.clone(), family, "caisse-relay-ca.json");
        Box::new(Chromium { name, family, file, kin: Rc::clone(kin) })
    });
    places.collect()
}

struct Chromium {
    name: &'static str,
    family: &'static Family,
    file: PolicyFile,
    kin: Rc<Kin>,
}

impl Chromium {
    fn policies(&self) -> Map<String, Value> {
        let certificate = self.kin.current().map(|anchor| STANDARD.encode(anchor.certificate()));
        let policies = certificate.map(|text| ("CACertificates".to_owned(), Value::from([text])));
        policies.into_iter().collect()
    }
}

impl Place for Chromium {
    fn name(&self) -> &'static str {
        self.name
    }

    fn serves(&self) -> &'static str {
        self.family.title
    }

    fn wanted(&self) -> bool {
        false
    }

    fn read(&self) -> Found {
        self.family.seen(self.file.read(&self.policies()))
    }

    fn install(&self) -> Result<(), Trouble> {
        self.file.write(&self.policies())
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.file.remove()
    }
}

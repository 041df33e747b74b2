//! What the browsers of this computer believe and allow.

use super::Site;
use crate::ca::{self, Anchor, Kin};
use crate::place::{Belief, Found, Place};
use crate::policy::{self, Wish};
use crate::trust;
use crate::words::{Finding, House};
use std::rc::Rc;

pub(super) fn look(site: &Site) -> Vec<Finding> {
    let mut found = Vec::new();
    let config = site.config.as_ref().ok();
    // Whoever brought a certificate looks after the trust in it.
    let own = config.is_none_or(|config| config.tls.is_none());
    if own && let Ok(Some(anchor)) = Anchor::read(&site.authority) {
        let kin = Rc::new(Kin::new(Some(anchor), &ca::host_name()));
        for store in trust::stores(&kin, &site.root) {
            found.extend(store_found(store.as_ref(), &store.read()));
        }
        if found.is_empty() {
            found.push(House::NoStore);
        }
    }
    if let Some(config) = config.filter(|config| !config.allow_origins.is_empty()) {
        let origins = config.allow_origins.iter().map(|origin| origin.as_str().to_owned());
        let wish = Wish::new(origins, config.listen.ip());
        for browser in policy::browsers(&wish, &site.root) {
            found.extend(policy_found(browser.as_ref(), &browser.read()));
        }
    }
    found.into_iter().map(Finding::from).collect()
}

fn store_found(place: &dyn Place, found: &Found) -> Vec<House> {
    let (store, serves) = (place.name().to_owned(), place.serves().to_owned());
    let count = found.leftovers;
    let first = match &found.belief {
        Belief::Absent => None,
        Belief::Lacks if !place.wanted() => None,
        Belief::Holds => Some(House::StoreTrusts { store: store.clone(), serves }),
        Belief::Lacks => Some(House::StoreDoesNot { store: store.clone(), serves }),
        Belief::Unclear(trouble) => {
            Some(House::StoreUnclear { store: store.clone(), why: trouble.to_string() })
        }
    };
    let older = (count > 0).then_some(House::StoreLeftovers { store, count });
    first.into_iter().chain(older).collect()
}

fn policy_found(place: &dyn Place, found: &Found) -> Option<House> {
    let browser = place.serves().to_owned();
    match &found.belief {
        Belief::Absent => None,
        Belief::Lacks if !place.wanted() => None,
        _ if found.leftovers > 0 => Some(House::PolicyLeftovers { browser }),
        Belief::Holds => Some(House::PolicySet { browser }),
        Belief::Lacks => Some(House::PolicyNotSet { browser }),
        Belief::Unclear(trouble) => {
            Some(House::PolicyUnclear { browser, why: trouble.to_string() })
        }
    }
}

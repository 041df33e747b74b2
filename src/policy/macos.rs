//! macOS takes browser policies from configuration profiles only: what to deploy is printed.

use super::Wish;
use crate::place::{Found, Place, Trouble};

/// Chrome, Edge and Firefox.
pub(super) fn families(wish: &Wish) -> Vec<Box<dyn Place>> {
    let lists = |origins: &[String]| {
        let list = origins.join(", ");
        let policies = wish.chromium_policies().map(|policy| format!("{policy} = [{list}]"));
        policies.collect::<Vec<_>>().join(", ")
    };
    let chromium = lists(&wish.origins);
    let firefox = format!("LocalNetworkAccess = {{ SkipDomains = [{}] }}", wish.hosts().join(", "));
    let family = |name, title, domain: &str, policies: &str| -> Box<dyn Place> {
        Box::new(Family { name, title, what: format!("{domain}: {policies}") })
    };
    vec![
        family("chrome", "Google Chrome", "com.google.Chrome", &chromium),
        family("edge", "Microsoft Edge", "com.microsoft.Edge", &chromium),
        family("firefox", "Firefox", "org.mozilla.firefox", &firefox),
    ]
}

struct Family {
    name: &'static str,
    title: &'static str,
    what: String,
}

impl Family {
    fn by_hand(&self) -> Trouble {
        Trouble::ByHand { what: self.what.clone() }
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
        true
    }

    fn read(&self) -> Found {
        Found::unclear(self.by_hand())
    }

    fn install(&self) -> Result<(), Trouble> {
        Err(self.by_hand())
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        Err(self.by_hand())
    }
}

use super::Origin;
use crate::payment::Moment;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// As many origins may wait for a person at once; the oldest makes room.
const WAITING: usize = 20;

/// Whether a page may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Allowed,
    /// A person has refused it.
    Refused,
    /// It asks for the first time: a person has to be told.
    Asked,
    /// It has asked before and nobody has decided.
    Waiting,
}

/// What a person decides about an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its pages may come in.
    Allow,
    /// They may not, and do not wait any more.
    Refuse,
    /// As if nobody had decided: what the configuration says, else it may ask again.
    Forget,
}

impl Decision {
    pub(super) fn record(self) -> Option<bool> {
        match self {
            Decision::Allow => Some(true),
            Decision::Refuse => Some(false),
            Decision::Forget => None,
        }
    }

    pub(super) fn event(self) -> &'static str {
        match self {
            Decision::Allow => "origin_allowed",
            Decision::Refuse => "origin_refused",
            Decision::Forget => "origin_forgotten",
        }
    }
}

/// Where an origin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginState {
    /// Allowed by the configuration.
    Configured,
    /// Allowed by a person.
    Allowed,
    /// Refused by a person.
    Refused,
    /// Waiting for one.
    Waiting,
}

/// An origin as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginView {
    /// The origin.
    pub origin: Origin,
    /// Where it stands.
    pub state: OriginState,
    /// When it was decided or first asked; none for the configuration's.
    pub since: Option<Moment>,
}

#[derive(Debug, Default)]
pub(super) struct Origins {
    configured: BTreeSet<Origin>,
    decided: BTreeMap<Origin, (bool, Moment)>,
    waiting: VecDeque<(Origin, Moment)>,
}

impl Origins {
    pub(super) fn new(
        configured: impl IntoIterator<Item = Origin>,
        decided: Vec<(String, bool, Moment)>,
    ) -> Origins {
        let decided = decided.into_iter();
        Origins {
            configured: configured.into_iter().collect(),
            decided: decided
                .filter_map(|(text, allowed, at)| Some((Origin::new(&text)?, (allowed, at))))
                .collect(),
            waiting: VecDeque::new(),
        }
    }

    /// What a person decided goes before what the configuration says.
    pub(super) fn is_allowed(&self, origin: &Origin) -> bool {
        match self.decided.get(origin) {
            Some((allowed, _)) => *allowed,
            None => self.configured.contains(origin),
        }
    }

    pub(super) fn admit(&mut self, origin: &Origin, now: Moment) -> Admission {
        if self.is_allowed(origin) {
            return Admission::Allowed;
        }
        if self.decided.contains_key(origin) {
            return Admission::Refused;
        }
        if self.waiting.iter().any(|(waiting, _)| waiting == origin) {
            return Admission::Waiting;
        }
        self.waiting.truncate(WAITING - 1);
        self.waiting.push_front((origin.clone(), now));
        Admission::Asked
    }

    pub(super) fn decide(&mut self, origin: &Origin, decision: Decision, now: Moment) {
        self.waiting.retain(|(waiting, _)| waiting != origin);
        match decision.record() {
            Some(allowed) => self.decided.insert(origin.clone(), (allowed, now)),
            None => self.decided.remove(origin),
        };
    }

    /// Those that wait first, the newest of them on top.
    pub(super) fn views(&self) -> Vec<OriginView> {
        let waiting = self.waiting.iter().map(|(origin, at)| (origin, OriginState::Waiting, *at));
        let decided = self.decided.iter().map(|(origin, (allowed, at))| {
            let state = if *allowed { OriginState::Allowed } else { OriginState::Refused };
            (origin, state, *at)
        });
        let since_then = waiting.chain(decided).map(|(origin, state, at)| OriginView {
            origin: origin.clone(),
            state,
            since: Some(at),
        });
        let configured = self.configured.iter().filter(|o| !self.decided.contains_key(o));
        let configured = configured.map(|origin| OriginView {
            origin: origin.clone(),
            state: OriginState::Configured,
            since: None,
        });
        since_then.chain(configured).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::new(text).unwrap()
    }

    #[test]
    fn a_person_decides_over_the_configuration_and_may_take_it_back() {
        let shop = origin("https://shop.example");
        let mut origins = Origins::new([shop.clone()], vec![]);
        assert_eq!(origins.admit(&shop, Moment(1)), Admission::Allowed);
        origins.decide(&shop, Decision::Refuse, Moment(2));
        assert_eq!(origins.admit(&shop, Moment(3)), Admission::Refused);
        origins.decide(&shop, Decision::Forget, Moment(4));
        assert_eq!(origins.admit(&shop, Moment(5)), Admission::Allowed);
    }

    #[test]
    fn many_that_knock_push_each_other_out_and_nobody_else() {
        let mut origins = Origins::new([], vec![("https://shop.example".into(), true, Moment(0))]);
        for n in 0..1000 {
            let knocks = origin(&format!("https://{n}.example"));
            assert_eq!(origins.admit(&knocks, Moment(n)), Admission::Asked);
            assert_eq!(origins.admit(&knocks, Moment(n)), Admission::Waiting);
        }
        let views = origins.views();
        assert_eq!(views.len(), WAITING + 1);
        assert_eq!(views[0].origin, origin("https://999.example"), "the newest on top");
        assert!(origins.is_allowed(&origin("https://shop.example")));
    }
}

//! The tills of the network, each with its token.

use super::pairing::Offer;
use super::presence::Present;
use super::secret::Digest;
use crate::journal::TillRecord;
use crate::payment::{Moment, Operation};
use std::collections::BTreeMap;

/// Something that a till may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Take a payment.
    Debit,
    /// Pay back.
    Refund,
    /// Undo the last debit.
    Cancellation,
    /// Say what the terminal's ticket says, and free a terminal.
    Settle,
    /// Exchange raw fields with a terminal.
    Exchange,
}

impl Act {
    /// Every act and its stable name.
    pub const ALL: [(Act, &'static str); 5] = [
        (Act::Debit, "debit"),
        (Act::Refund, "refund"),
        (Act::Cancellation, "cancellation"),
        (Act::Settle, "settle"),
        (Act::Exchange, "exchange"),
    ];

    /// The stable name.
    pub fn code(self) -> &'static str {
        Act::ALL.iter().find(|(act, _)| *act == self).map_or("", |(_, code)| code)
    }

    /// The act of a stable name.
    pub fn from_code(code: &str) -> Option<Act> {
        Act::ALL.iter().find(|(_, known)| *known == code).map(|(act, _)| *act)
    }
}

impl From<Operation> for Act {
    fn from(operation: Operation) -> Act {
        match operation {
            Operation::Debit => Act::Debit,
            Operation::Refund => Act::Refund,
            Operation::Cancellation => Act::Cancellation,
        }
    }
}

/// What a paired till is called and may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Its name, by which it is listed and revoked.
    pub till: String,
    /// The terminals that it may use; without a list, all.
    pub terminals: Option<Vec<String>>,
    /// What it may do; without a list, everything.
    pub acts: Option<Vec<Act>>,
    token: Digest,
}

impl Pass {
    /// Whether it may use this terminal.
    pub fn reaches(&self, terminal: &str) -> bool {
        self.terminals.as_ref().is_none_or(|list| list.iter().any(|name| name == terminal))
    }

    /// Whether it may do this.
    pub fn permits(&self, act: Act) -> bool {
        self.acts.as_ref().is_none_or(|list| list.contains(&act))
    }
}

/// A paired till as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TillView {
    /// Its name.
    pub name: String,
    /// The terminals that it may use; without a list, all.
    pub terminals: Option<Vec<String>>,
    /// What it may do; without a list, everything.
    pub acts: Option<Vec<Act>>,
    /// When it was paired.
    pub paired_at: Moment,
    /// When it last came in, in this run of the relay.
    pub seen_at: Option<Moment>,
    /// How many connections it has now.
    pub connected: usize,
}

#[derive(Debug, Default)]
pub(super) struct Tills(BTreeMap<String, Paired>);

#[derive(Debug)]
struct Paired {
    pass: Pass,
    paired_at: Moment,
    seen_at: Option<Moment>,
}

/// What is recorded of a till that is paired now.
pub(super) fn record(name: String, token: &str, offer: &Offer, at: Moment) -> TillRecord {
    let acts = offer.acts.as_ref();
    TillRecord {
        name,
        token: Digest::of(token).bytes(),
        terminals: offer.terminals.clone(),
        acts: acts.map(|acts| acts.iter().map(|act| act.code().to_owned()).collect()),
        paired_at: at,
    }
}

impl Tills {
    pub(super) fn new(records: Vec<TillRecord>) -> Tills {
        let mut tills = Tills::default();
        for record in records {
            tills.add(record);
        }
        tills
    }

    pub(super) fn add(&mut self, record: TillRecord) -> Pass {
        let pass = Pass {
            till: record.name.clone(),
            terminals: record.terminals,
            // An act that this version does not know is permitted to nobody.
            acts: record
                .acts
                .map(|acts| acts.iter().filter_map(|act| Act::from_code(act)).collect()),
            // A digest of another length fits no token.
            token: Digest::from_bytes(&record.token).unwrap_or(Digest::of("")),
        };
        let paired = Paired { pass: pass.clone(), paired_at: record.paired_at, seen_at: None };
        self.0.insert(record.name, paired);
        pass
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn is_paired(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn pass(&self, token: &Digest) -> Option<Pass> {
        if *token == Digest::of("") {
            return None;
        }
        self.0.values().find(|till| till.pass.token == *token).map(|till| till.pass.clone())
    }

    pub(super) fn is_good(&self, pass: &Pass) -> bool {
        self.0.get(&pass.till).is_some_and(|till| till.pass == *pass)
    }

    pub(super) fn seen(&mut self, name: &str, at: Moment) {
        if let Some(till) = self.0.get_mut(name) {
            till.seen_at = Some(at);
        }
    }

    pub(super) fn views(&self, present: &Present) -> Vec<TillView> {
        let view = |(name, till): (&String, &Paired)| TillView {
            name: name.clone(),
            terminals: till.pass.terminals.clone(),
            acts: till.pass.acts.clone(),
            paired_at: till.paired_at,
            seen_at: till.seen_at,
            connected: present.of(name),
        };
        self.0.iter().map(view).collect()
    }
}

//! What a till has on record, as a page keeps it: ids before they are used,
//! outcomes before they are acknowledged. Whatever the relay says is compared
//! with what it said before.

use crate::plan::Plan;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;

/// What the relay says of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// `None` while it waits.
    pub outcome: Option<String>,
    pub charged: String,
    pub paid: Option<u64>,
    /// The terminal has named the amount.
    pub is_exact: bool,
    pub late: bool,
    pub durable: bool,
    pub resolved: Option<String>,
    pub acknowledged: bool,
}

impl View {
    pub fn of(payment: &Value) -> View {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let remarks = payment["remarks"].as_array();
        View {
            outcome: text(&payment["outcome"]),
            charged: text(&payment["charged"]).unwrap_or_default(),
            paid: payment["paid"].as_u64(),
            is_exact: remarks.is_none_or(|r| !r.iter().any(|r| r == "amount_not_confirmed")),
            late: payment["late"] == true,
            durable: payment["durable"] == true,
            resolved: text(&payment["resolved"]["charged"]),
            acknowledged: payment["acknowledged"] == true,
        }
    }

    pub fn is(&self, outcome: &str) -> bool {
        self.outcome.as_deref() == Some(outcome)
    }
}

/// One id, and everything a till knows of it.
pub struct Attempt {
    pub sale: String,
    pub plan: Plan,
    /// What the relay said last.
    pub view: Option<View>,
    /// The relay said that it has no record of it, and never will.
    pub never: bool,
    pub unknown_since: Option<Instant>,
}

/// The durable memory of one till.
#[derive(Default)]
pub struct Memory {
    pub attempts: BTreeMap<String, Attempt>,
    /// What the relay said that it may not say, in words.
    pub broken: Vec<String>,
}

impl Memory {
    /// Before `pay` is sent.
    pub fn store(&mut self, id: &str, sale: &str, plan: &Plan) {
        let attempt = Attempt {
            sale: sale.to_owned(),
            plan: plan.clone(),
            view: None,
            never: false,
            unknown_since: None,
        };
        self.attempts.insert(id.to_owned(), attempt);
    }

    pub fn view(&self, id: &str) -> Option<&View> {
        self.attempts.get(id)?.view.as_ref()
    }

    pub fn is_closed(&self, id: &str) -> bool {
        self.view(id).is_some_and(|view| view.outcome.is_some())
    }

    /// The relay said something of a payment.
    pub fn told(&mut self, payment: &Value) {
        let id = payment["id"].as_str().unwrap_or_default();
        let new = View::of(payment);
        let Some(attempt) = self.attempts.get_mut(id) else {
            self.broken.push(format!("{id}: told of a payment that no till of this name made"));
            return;
        };
        let plan = &attempt.plan;
        if payment["amount"] != plan.amount || payment["operation"] != plan.operation {
            self.broken.push(format!("{id}: told of another order"));
        }
        if attempt.never {
            self.broken.push(format!("{id}: no record, then {:?}", new.outcome));
        }
        if let Some(old) = &attempt.view
            && let Some(wrong) = contradiction(old, &new)
        {
            self.broken.push(format!("{id}: {wrong}"));
        }
        if new.is("unknown") && attempt.unknown_since.is_none() {
            attempt.unknown_since = Some(Instant::now());
        }
        attempt.view = Some(new);
    }

    /// The relay said that it has no record, which means that nothing was or will be sent.
    pub fn told_never(&mut self, id: &str) {
        let Some(attempt) = self.attempts.get_mut(id) else { return };
        // What was told before it was on record says so: `durable` is false.
        if let Some(view) = attempt.view.as_ref().filter(|view| view.durable) {
            self.broken.push(format!("{id}: {view:?}, then no record"));
        }
        attempt.never = true;
    }
}

/// What the protocol does not let follow.
fn contradiction(old: &View, new: &View) -> Option<String> {
    let Some(before) = old.outcome.as_deref() else {
        // Waiting: "no" becomes "maybe" when the request leaves; nothing else is promised.
        return None;
    };
    // Told although the disk refused it, and flagged: a restart may know less.
    if !old.durable {
        return None;
    }
    let Some(after) = new.outcome.as_deref() else {
        return Some(format!("{before}, then waiting"));
    };
    let late = before == "unknown" && new.late && (after == "approved" || after == "declined");
    if before != after && !late {
        return Some(format!("{before}, then {after}"));
    }
    if old.paid != new.paid && !late {
        return Some(format!("paid {:?}, then {:?}", old.paid, new.paid));
    }
    if old.resolved.is_some() && old.resolved != new.resolved {
        return Some(format!("resolved {:?}, then {:?}", old.resolved, new.resolved));
    }
    if old.acknowledged && !new.acknowledged && !late {
        return Some("acknowledged, then not".to_owned());
    }
    None
}

//! What a till has on record, as a page keeps it: ids before they are used,
//! outcomes before they are acknowledged. Whatever the relay says is compared
//! with what it said before.

use crate::plan::Plan;
use serde_json::{Value, json};
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
    /// What a person said, and who.
    pub resolved: Option<(String, String)>,
    pub contradicted: bool,
    /// While it waits: the terminal has the request.
    pub is_sent: bool,
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
            resolved: text(&payment["resolved"]["charged"]).zip(text(&payment["resolved"]["by"])),
            contradicted: payment["contradicted"] == true,
            is_sent: payment["step"] == "sent",
            acknowledged: payment["acknowledged"] == true,
        }
    }

    pub fn is(&self, outcome: &str) -> bool {
        self.outcome.as_deref() == Some(outcome)
    }

    /// Unknown, and nobody has settled it.
    pub fn is_in_doubt(&self) -> bool {
        self.is("unknown") && self.resolved.is_none()
    }

    /// Over for good, as far as the disk knows.
    pub fn is_settled(&self) -> bool {
        self.durable && self.outcome.is_some() && !self.is_in_doubt()
    }

    /// What is wrong in it, whatever was said before.
    fn wrong(&self) -> Option<String> {
        let terminal = match self.outcome.as_deref() {
            Some("approved") => Some("yes"),
            Some("declined" | "not_sent") => Some("no"),
            _ => None,
        };
        let person = self.resolved.as_ref().map(|(charged, _)| charged.as_str());
        let contradicted = terminal.is_some() && person.is_some() && terminal != person;
        if self.contradicted != contradicted {
            return Some(format!("contradicted: {}: {self:?}", self.contradicted));
        }
        let charged = match (terminal, person) {
            (Some(said), _) | (None, Some(said)) => said,
            // Waiting: "no" before the request leaves.
            (None, None) if self.outcome.is_none() => return None,
            (None, None) => "maybe",
        };
        (self.charged != charged).then(|| format!("charged {:?}: {self:?}", self.charged))
    }
}

/// What a person said of a payment in doubt.
pub struct Statement {
    pub by: String,
    pub charged: bool,
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
    /// Some line said `acknowledge`.
    pub is_acknowledged: bool,
    /// The payment in doubt that a person pays this one despite of.
    pub despite: Option<String>,
    /// Everybody who settled it, or tried to.
    pub statements: Vec<Statement>,
}

/// The durable memory of one till.
#[derive(Default)]
pub struct Memory {
    pub attempts: BTreeMap<String, Attempt>,
    /// What the relay said that it may not say, in words.
    pub broken: Vec<String>,
    /// Who was told that a terminal is released.
    pub released: Vec<String>,
    /// What tills did and heard beside paying, and how often.
    pub done: BTreeMap<&'static str, u64>,
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
            is_acknowledged: false,
            despite: None,
            statements: Vec::new(),
        };
        self.attempts.insert(id.to_owned(), attempt);
    }

    pub fn view(&self, id: &str) -> Option<&View> {
        self.attempts.get(id)?.view.as_ref()
    }

    pub fn is_closed(&self, id: &str) -> bool {
        self.view(id).is_some_and(|view| view.outcome.is_some())
    }

    /// What a till says to be paid.
    pub fn order(&self, id: &str) -> Value {
        let Some(attempt) = self.attempts.get(id) else { return Value::Null };
        let Attempt { sale, plan, despite, .. } = attempt;
        let register = id.rsplit('-').next();
        let mut order = json!({
            "type": "pay", "id": id, "terminal": plan.terminal, "operation": plan.operation,
            "amount": plan.amount, "currency": "EUR", "reference": sale, "register": register,
        });
        if let Some(first) = despite {
            order["despite"] = json!(first);
        }
        order
    }

    /// A person knows that this sale is in doubt, and pays it again.
    pub fn pays_despite(&mut self, id: &str, first: &str) {
        if let Some(attempt) = self.attempts.get_mut(id) {
            attempt.despite = Some(first.to_owned());
        }
    }

    /// A person says whether a payment in doubt was charged.
    pub fn states(&mut self, id: &str, charged: bool, till: &str) -> Value {
        let mut by = till.to_owned();
        if let Some(attempt) = self.attempts.get_mut(id) {
            by = format!("{till}, word {}", attempt.statements.len() + 1);
            attempt.statements.push(Statement { by: by.clone(), charged });
        }
        let said = if charged { "yes" } else { "no" };
        json!({ "type": "resolve", "id": id, "charged": said, "by": by })
    }

    pub fn is_in_doubt(&self, id: &str) -> bool {
        self.view(id).is_some_and(View::is_in_doubt)
    }

    /// A line says `acknowledge`; whether it is the first.
    pub fn acknowledges(&mut self, id: &str) -> bool {
        let attempt = self.attempts.get_mut(id);
        attempt.is_some_and(|attempt| !std::mem::replace(&mut attempt.is_acknowledged, true))
    }

    pub fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
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
        let (amount, operation) = (&payment["amount"], &payment["operation"]);
        if *amount != plan.amount
            || *operation != plan.operation
            || payment["reference"] != attempt.sale.as_str()
        {
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
        if let Some(wrong) = new.wrong() {
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
pub fn contradiction(old: &View, new: &View) -> Option<String> {
    let Some(before) = old.outcome.as_deref() else {
        // Waiting: "no" becomes "maybe" when the request leaves; nothing else is promised.
        let back = old.is_sent && new.outcome.is_none() && !new.is_sent;
        return back.then(|| "sent, then not".to_owned());
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

//! The three records side by side: what was charged, what the relay kept, what
//! the tills were told.

use crate::books::Line;
use crate::memory::{Attempt, Memory, View};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What the comparison found.
#[derive(Default)]
pub struct Verdict {
    pub payments: u64,
    pub charges: u64,
    pub double_charges: u64,
    pub approvals_lost: u64,
    pub wrong_outcomes: u64,
    pub unexplained: u64,
    pub unknown: BTreeMap<String, u64>,
    pub outcomes: BTreeMap<String, u64>,
    pub late: u64,
    /// One sentence for each finding.
    pub findings: Vec<String>,
}

impl Verdict {
    pub fn is_good(&self) -> bool {
        self.double_charges + self.approvals_lost + self.wrong_outcomes + self.unexplained == 0
    }

    pub fn of(
        memories: &[Memory],
        journal: &[Value],
        ledgers: &HashMap<String, Vec<Line>>,
        nameless: u64,
    ) -> Verdict {
        let mut verdict = Verdict::default();
        let mut recorded: HashMap<&str, &Value> = HashMap::new();
        for payment in journal {
            let id = payment["id"].as_str().unwrap_or_default();
            if recorded.insert(id, payment).is_some() {
                verdict.unexplained(format!("{id}: twice in the journal"));
            }
            verdict.count(payment);
        }
        let mut known = HashSet::new();
        let mut sales: HashMap<&str, Vec<&str>> = HashMap::new();
        for memory in memories {
            for broken in &memory.broken {
                verdict.wrong(broken.clone());
            }
            for (id, attempt) in &memory.attempts {
                known.insert(id.as_str());
                let lines = ledgers.get(id).map_or(&[][..], Vec::as_slice);
                let charges: Vec<_> = lines.iter().filter(|line| line.charged).collect();
                verdict.payments += 1;
                if !charges.is_empty() {
                    sales.entry(&attempt.sale).or_default().push(id);
                }
                verdict.compare(id, attempt, recorded.get(id.as_str()).copied(), &charges);
            }
        }
        for (sale, ids) in sales.iter().filter(|(_, ids)| ids.len() > 1) {
            verdict.double_charges += ids.len() as u64 - 1;
            verdict.findings.push(format!("double charge: sale {sale} is paid by {ids:?}"));
        }
        for id in recorded.keys().filter(|id| !known.contains(*id)) {
            verdict.unexplained(format!("{id}: in the journal, and no till asked for it"));
        }
        for id in ledgers.keys().filter(|id| !known.contains(id.as_str())) {
            verdict.unexplained(format!("{id}: in a ledger, and no till asked for it"));
        }
        for _ in 0..nameless {
            verdict.unexplained("a line of a ledger names no payment".to_owned());
        }
        verdict
    }

    fn count(&mut self, payment: &Value) {
        let outcome = payment["outcome"].as_str().unwrap_or("open");
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        self.late += u64::from(payment["late"] == true);
        if outcome == "unknown" {
            let reason = payment["reason"].as_str().unwrap_or("none");
            *self.unknown.entry(reason.to_owned()).or_default() += 1;
        }
    }

    fn compare(&mut self, id: &str, attempt: &Attempt, kept: Option<&Value>, charges: &[&Line]) {
        let charged = !charges.is_empty();
        self.charges += charges.len() as u64;
        if charges.len() > 1 {
            self.double_charges += charges.len() as u64 - 1;
            self.findings.push(format!("double charge: {id} is charged {} times", charges.len()));
        }
        if charges.iter().any(|line| line.amount != attempt.plan.amount) {
            self.wrong(format!("{id}: charged for another amount than asked"));
        }
        let record = kept.map(View::of);
        if charged && record.is_none() {
            self.unexplained(format!("{id}: charged, and not in the journal"));
        }
        if record.as_ref().is_some_and(|record| record.outcome.is_none()) {
            self.unexplained(format!("{id}: still open in the journal"));
        }
        if attempt.never && record.is_some() {
            self.wrong(format!("{id}: the till was told of no record, and there is one"));
        }
        if attempt.never && charged {
            self.wrong(format!("{id}: the till was told that nothing was sent, and it is charged"));
        }
        for (who, view) in [("till", attempt.view.as_ref()), ("journal", record.as_ref())] {
            let Some(view) = view else { continue };
            if let Some(wrong) = untrue(view, charges) {
                self.wrong(format!("{id}: the {who} has {wrong}"));
            }
        }
        match (&attempt.view, &record) {
            (Some(told), Some(record)) if told != record => {
                self.wrong(format!("{id}: the till has {told:?}, the journal {record:?}"));
            }
            // Told before it was on record, and flagged; then the relay died or
            // its disk was full, and the till was told that nothing was sent.
            (Some(told), None) if attempt.never && !told.durable && told.charged == "no" => {}
            (Some(told), None) => {
                self.wrong(format!("{id}: the till has {told:?}, the journal nothing"));
            }
            (None, _) if !attempt.never => {
                self.unexplained(format!("{id}: asked, and never an answer"));
            }
            _ => {}
        }
        let has = |view: &View| view.is("approved") || view.charged == "yes" || view.is("unknown");
        let views = [attempt.view.as_ref(), record.as_ref()];
        if charged && !views.iter().any(|view| view.is_some_and(has)) {
            self.approvals_lost += 1;
            self.findings.push(format!("approval lost: {id} is charged, and nobody knows"));
        }
    }

    fn wrong(&mut self, finding: String) {
        self.wrong_outcomes += 1;
        self.findings.push(format!("wrong outcome: {finding}"));
    }

    fn unexplained(&mut self, finding: String) {
        self.unexplained += 1;
        self.findings.push(format!("unexplained: {finding}"));
    }

    /// Everything, for programs.
    pub fn json(&self) -> Value {
        json!({
            "payments": self.payments,
            "charges": self.charges,
            "double_charges": self.double_charges,
            "approvals_lost": self.approvals_lost,
            "wrong_outcomes": self.wrong_outcomes,
            "unexplained": self.unexplained,
            "unknown": self.unknown,
            "outcomes": self.outcomes,
            "late": self.late,
        })
    }
}

/// What a view says that the ledgers do not.
fn untrue(view: &View, charges: &[&Line]) -> Option<String> {
    let outcome = view.outcome.as_deref()?;
    match (view.charged.as_str(), charges.first()) {
        ("yes", None) => Some(format!("{outcome}, charged yes, and it is not charged")),
        ("no", Some(_)) => Some(format!("{outcome}, charged no, and it is charged")),
        ("yes", Some(line)) => {
            let wrong = view.is_exact && view.paid.is_some_and(|paid| paid != line.paid);
            wrong.then(|| format!("{:?} paid, and {} was", view.paid, line.paid))
        }
        _ => None,
    }
}

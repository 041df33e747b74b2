//! The three records side by side: what was charged, what the relay kept, what
//! the tills were told.

use crate::books::Line;
use crate::memory::{Attempt, Memory, Statement, View};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A payment that was charged, and why although another one of its sale was.
struct Paid<'a> {
    id: &'a str,
    because: Option<&'static str>,
}

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
    /// Late answers that say the other than a person.
    pub contradicted: u64,
    /// Charged again for the same sale because a person said so.
    pub paid_twice_by_decision: BTreeMap<&'static str, u64>,
    /// What a person said and the ledgers do not.
    pub misjudged: u64,
    /// What tills did and heard beside paying.
    pub done: BTreeMap<&'static str, u64>,
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
        events: &[Value],
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
        let mut sales: HashMap<&str, Vec<Paid>> = HashMap::new();
        let happened = |kind: &str| -> HashSet<&str> {
            let named = events.iter().filter(|event| event["kind"] == kind);
            named.filter_map(|event| event["payment"].as_str()).collect()
        };
        let (despite, late) = (happened("despite"), happened("late"));
        for memory in memories {
            for broken in &memory.broken {
                verdict.wrong(broken.clone());
            }
            for (what, often) in &memory.done {
                *verdict.done.entry(what).or_default() += often;
            }
            for by in &memory.released {
                if !events.iter().any(|e| e["kind"] == "released" && e["by"] == by.as_str()) {
                    verdict
                        .unexplained(format!("{by:?} released a terminal, and no event says so"));
                }
            }
            for (id, attempt) in &memory.attempts {
                known.insert(id.as_str());
                let lines = ledgers.get(id).map_or(&[][..], Vec::as_slice);
                let charges: Vec<_> = lines.iter().filter(|line| line.charged).collect();
                verdict.payments += 1;
                let record = recorded.get(id.as_str()).copied();
                if record.is_some() && attempt.despite.is_some() != despite.contains(id.as_str()) {
                    let said = &attempt.despite;
                    verdict
                        .unexplained(format!("{id}: despite {said:?}, and not so in the events"));
                }
                if record.is_some_and(|r| r["late"] == true) != late.contains(id.as_str()) {
                    verdict.unexplained(format!("{id}: late, and not so in the events"));
                }
                if !charges.is_empty() {
                    let no = record.is_some_and(|r| r["resolved"]["charged"] == "no");
                    let because = match () {
                        () if attempt.despite.is_some() => Some("despite"),
                        () if no => Some("settled_as_not_charged"),
                        () => None,
                    };
                    sales.entry(&attempt.sale).or_default().push(Paid { id, because });
                }
                verdict.compare(id, attempt, record, &charges);
            }
        }
        for (sale, paid) in sales.iter().filter(|(_, paid)| paid.len() > 1) {
            verdict.paid_more_than_once(sale, paid);
        }
        verdict.guarded(journal, &despite);
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
        self.contradicted += u64::from(payment["contradicted"] == true);
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
        let settled = record.as_ref().and_then(|record| record.resolved.as_ref());
        let is_statement = |charged: &str, by: &str| {
            let same =
                |s: &Statement| s.by == by && (if s.charged { "yes" } else { "no" }) == charged;
            attempt.statements.iter().any(same)
        };
        if let Some((yes, by)) = settled.filter(|(yes, by)| !is_statement(yes, by)) {
            self.wrong(format!("{id}: settled as {yes} by {by:?}, who never said so"));
        }
        for (who, view) in [("till", attempt.view.as_ref()), ("journal", record.as_ref())] {
            let Some(view) = view else { continue };
            if view.is("unknown") && view.resolved.is_some() {
                // The person's word: it is theirs whether it is true.
                let is_untrue = (view.charged == "yes") != charged;
                self.misjudged += u64::from(is_untrue && who == "journal");
                continue;
            }
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

    /// A sale is charged once, but for those that a person took on.
    fn paid_more_than_once(&mut self, sale: &str, paid: &[Paid<'_>]) {
        let undecided = paid.iter().filter(|paid| paid.because.is_none()).count() as u64;
        let extra = paid.len() as u64 - 1;
        let double = undecided.saturating_sub(1);
        self.double_charges += double;
        if double > 0 {
            let ids: Vec<_> = paid.iter().map(|paid| paid.id).collect();
            self.findings.push(format!("double charge: sale {sale} is paid by {ids:?}"));
        }
        let mut explained = extra - double;
        for because in paid.iter().filter_map(|paid| paid.because) {
            if explained > 0 {
                *self.paid_twice_by_decision.entry(because).or_default() += 1;
                explained -= 1;
            }
        }
    }

    /// No second payment of a sale begins while the first is open or in doubt,
    /// unless a person says despite.
    fn guarded(&mut self, journal: &[Value], despite: &HashSet<&str>) {
        let mut sales: HashMap<&str, Vec<&Value>> = HashMap::new();
        for payment in journal {
            sales
                .entry(payment["reference"].as_str().unwrap_or_default())
                .or_default()
                .push(payment);
        }
        let id = |payment: &Value| payment["id"].as_str().unwrap_or_default().to_owned();
        for payments in sales.values() {
            for (n, second) in payments.iter().enumerate() {
                let took_on = despite.contains(id(second).as_str());
                for first in payments[..n].iter().filter(|_| !took_on) {
                    let text = |value: &Value| value.as_str().map(str::to_owned);
                    // One form of RFC 3339: their order is that of time.
                    let over = text(&first["closed_at"]).filter(|_| first["outcome"] != "unknown");
                    let settled = text(&first["resolved"]["at"]);
                    let free = [over, settled].into_iter().flatten().min();
                    if free.is_none_or(|free| text(&second["opened_at"]).is_none_or(|at| at < free))
                    {
                        let (first, second) = (id(first), id(second));
                        self.wrong(format!("{second} began while {first} was in doubt"));
                    }
                }
            }
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
            "contradicted": self.contradicted,
            "paid_twice_by_decision": self.paid_twice_by_decision,
            "misjudged": self.misjudged,
            "done": self.done,
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

//! Payments in doubt: a person reads the terminal's ticket, or does not; two
//! people say the same, or not.

use super::Till;
use super::tab::Tab;
use crate::memory::{View, contradiction};
use anyhow::Result;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::sleep;

impl Till {
    /// Somebody will look at it.
    pub(super) fn doubt(&mut self, id: &str, due: Instant) {
        if !self.doubts.iter().any(|(known, _)| known == id) {
            self.doubts.push((id.to_owned(), due));
        }
    }

    /// Waits until a payment is no more in doubt, or open.
    pub(super) async fn wait_for(&mut self, id: &str) {
        if self.ask(id).await.is_err() {
            self.lose(false);
        }
        if self.memory.is_in_doubt(id) {
            self.doubt(id, Instant::now());
        }
        while self.memory.is_in_doubt(id) && !self.world.is_over() {
            self.settle(false).await;
            sleep(Duration::from_millis(20)).await;
        }
        sleep(Duration::from_millis(20)).await;
    }

    /// The doubts that somebody looks at by now.
    pub(super) async fn settle_doubts(&mut self, now: bool) {
        for (id, due) in std::mem::take(&mut self.doubts) {
            let Some(attempt) = self.memory.attempts.get(&id) else { continue };
            let view = attempt.view.as_ref().filter(|_| !attempt.never);
            if !view.is_some_and(View::is_in_doubt) {
                continue;
            }
            let plan = attempt.plan.clone();
            let certain =
                attempt.unknown_since.is_some_and(|since| since.elapsed() > super::CERTAIN);
            let truth = self.world.books.charged(&id).or(certain.then_some(false));
            let looks = now || due <= Instant::now();
            if let Some(charged) = plan.guess.or(truth).filter(|_| looks) {
                let done = match plan.second_person {
                    Some(same) => self.resolve_by_two(&id, charged, same == charged).await,
                    None => self.resolve(&id, charged).await,
                };
                if done.is_err() {
                    self.lose(false);
                }
            }
            self.doubts.push((id, due));
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// One person at this till.
    async fn resolve(&mut self, id: &str, charged: bool) -> Result<()> {
        self.connect().await?;
        let resolve = self.memory.states(id, charged, &self.name);
        self.say(&resolve).await?;
        self.until(id, &resolve, |memory| !memory.is_in_doubt(id)).await
    }

    /// Two people at two desks at once: one of them settles it.
    async fn resolve_by_two(&mut self, id: &str, one: bool, other: bool) -> Result<()> {
        self.memory.count("settled_by_two");
        let mut desks = Vec::new();
        let mut said = Vec::new();
        for (desk, charged) in [("a", one), ("b", other)] {
            let name = format!("desk-{}-{desk}", self.name);
            desks.push(Tab::open(&self.world, &name).await?);
            said.push(self.memory.states(id, charged, &name));
        }
        for (desk, words) in desks.iter_mut().zip(&said) {
            desk.say(words).await?;
        }
        let mut answers = Vec::new();
        for desk in &mut desks {
            answers.push(desk.until(id, "resolve", |view| !view.is_in_doubt()).await?);
        }
        // Later than both answers.
        self.ask(id).await?;
        for desk in &mut desks {
            let known = desk.view(id).zip(self.memory.view(id));
            if let Some(wrong) = known.and_then(|(old, new)| contradiction(old, new)) {
                desk.broken.push(format!("{id}: told at a desk: {wrong}"));
            }
            self.memory.broken.append(&mut desk.broken);
        }
        if let Some(wrong) = self.memory.view(id).and_then(|now| unfair(now, &said, &answers)) {
            self.memory.broken.push(format!("{id}: settled by two: {wrong}"));
        }
        Ok(())
    }
}

/// What two people may not hear when they settle the same payment.
fn unfair(now: &View, said: &[Value], answers: &[Option<String>]) -> Option<String> {
    let winner = now.resolved.as_ref();
    for (words, answer) in said.iter().zip(answers) {
        let agrees = winner.map(|(charged, _)| words["charged"] == charged.as_str());
        let is_fair = match (answer.as_deref(), agrees) {
            // The disk refused, or a relay that died had it on no disk.
            (Some("journal_unavailable" | "journal_unreadable" | "unknown_payment"), _) => true,
            (Some("not_unknown"), Some(agrees)) => !agrees,
            // The terminal was quicker than both.
            (Some("not_unknown"), None) => !now.is("unknown"),
            (None, Some(agrees)) => agrees,
            _ => false,
        };
        if !is_fair {
            return Some(format!("{words} heard {answer:?}, and it is {now:?}"));
        }
    }
    None
}

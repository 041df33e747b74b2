//! One payment on one socket, from `pay` to the acknowledged outcome.

use super::Till;
use super::tab::Tab;
use crate::memory::{View, contradiction};
use crate::plan::{Manner, Plan};
use crate::world::Moment;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// How an attempt on one socket ended.
pub(super) enum Carried {
    /// It is over, or there is no record of it and never will be.
    Ended,
    /// It is refused while another payment of this sale is in doubt.
    InDoubt(String),
}

/// How often a busy terminal is asked again before another one is taken.
const BUSY: u32 = 12;

impl Till {
    /// From `pay` to the acknowledged outcome, on one socket; an error is a
    /// socket that broke. `manner` is taken the first time.
    pub(super) async fn carry(
        &mut self,
        id: &str,
        plan: &Plan,
        manner: &mut Option<Manner>,
    ) -> Result<Carried> {
        self.connect().await?;
        let pay = self.memory.order(id);
        let cancel = json!({ "type": "cancel", "id": id });
        let ask = json!({ "type": "payment", "id": id });
        let first = manner.take();
        let mut tab = None;
        if !self.memory.is_closed(id) {
            let same_again = first.is_some() || self.chance.permille(500);
            self.say(if same_again { &pay } else { &ask }).await?;
            self.world.saw(Moment::Asked);
            match first {
                Some(Manner::Repeats) => self.say(&pay).await?,
                Some(Manner::AsksAgain) => {
                    self.say(&ask).await?;
                    self.say(&ask).await?;
                }
                Some(Manner::Cancels) => {
                    sleep(self.chance.micros(5000)).await;
                    self.memory.count("cancelled_early");
                    self.say(&cancel).await?;
                }
                Some(Manner::BreaksAtOnce) => {
                    sleep(self.chance.micros(3000)).await;
                    return Err(self.vanish());
                }
                Some(Manner::PaysAgain) => {
                    let probe = super::again(id, super::PROBE);
                    let order = self.memory.order(&probe);
                    if order.is_object() {
                        self.say(&order).await?;
                    }
                }
                Some(Manner::TwoTabs) => tab = self.second_tab(&pay).await,
                Some(Manner::Reloads) => {
                    let old = self.socket.take();
                    self.connect().await?;
                    self.say(&pay).await?;
                    drop(old);
                }
                _ => {}
            }
        }
        let mut busy = 0;
        let mut wishes = first == Some(Manner::CancelsWhenSent);
        while !self.memory.is_closed(id) {
            let message = self.hear().await?;
            if message["id"] != id {
                continue;
            }
            if first == Some(Manner::BreaksWhenTold) {
                return Err(self.vanish());
            }
            if wishes && message["step"] == "sent" {
                wishes = false;
                self.memory.count("cancelled_when_sent");
                self.say(&cancel).await?;
            }
            if message["type"] != "refused" || message["to"] == "cancel" {
                continue;
            }
            if message["held_by"]["payment"].is_string() && plan.releases {
                self.release(&plan.terminal).await?;
            }
            match message["code"].as_str().unwrap_or_default() {
                "unknown_payment" | "id_denied" => {
                    self.memory.told_never(id);
                    return Ok(Carried::Ended);
                }
                "possible_double_charge" => {
                    return Ok(Carried::InDoubt(self.guarded(id, &message)));
                }
                "terminal_busy" if busy >= BUSY => self.say(&ask).await?,
                "terminal_busy" | "journal_unavailable" | "rate_limited" | "shutting_down" => {
                    busy += 1;
                    sleep(Duration::from_millis(5) + self.chance.millis(50)).await;
                    self.say(&pay).await?;
                }
                "journal_unreadable" => {
                    sleep(self.chance.millis(50)).await;
                    self.say(&ask).await?;
                }
                code => {
                    self.memory.broken.push(format!("{id}: refused: {code}"));
                    bail!("refused");
                }
            }
        }
        self.world.saw(Moment::Told);
        if let Some(tab) = tab
            && self.tabs_agree(id, tab).await.is_err()
        {
            // The second tab broke, and not this one.
            self.memory.count("tab_broke");
        }
        if first == Some(Manner::ForgetsOutcome) {
            return Err(self.vanish());
        }
        if first == Some(Manner::CancelsAfter) {
            self.memory.count("cancelled_after");
            self.say(&cancel).await?;
            while self.hear().await?["id"] != id {}
        }
        if plan.releases && self.memory.is_in_doubt(id) {
            self.release(&plan.terminal).await?;
        }
        if first == Some(Manner::ReusesId) {
            self.reuse(id, pay).await?;
        }
        self.acknowledge(id, first == Some(Manner::AcknowledgesTwice)).await?;
        Ok(Carried::Ended)
    }

    /// The relay refuses a second payment of a sale: it has to name one that is
    /// open or in doubt.
    fn guarded(&mut self, id: &str, refusal: &Value) -> String {
        self.memory.count("guarded");
        let first = refusal["first"].as_str().unwrap_or_default().to_owned();
        let sale = self.memory.attempts.get(id).map(|attempt| attempt.sale.clone());
        let is_settled = self.memory.view(&first).is_some_and(View::is_settled);
        let is_another = self.memory.attempts.get(&first).map(|first| first.sale.clone()) != sale;
        if is_settled || is_another || first == id {
            self.memory.broken.push(format!("{id}: refused because of {first:?}"));
        }
        first
    }

    /// The same page a second time, that pays the same at the same moment.
    async fn second_tab(&mut self, pay: &Value) -> Option<Tab> {
        self.memory.count("two_tabs");
        let mut tab = Tab::open(&self.world, &self.name).await.ok()?;
        tab.say(pay).await.ok()?;
        Some(tab)
    }

    /// What the second tab has heard and hears now is what this one knows.
    async fn tabs_agree(&mut self, id: &str, mut tab: Tab) -> Result<()> {
        let asked = tab.say(&json!({ "type": "payment", "id": id })).await;
        let heard = match asked {
            Ok(()) => tab.until(id, "payment", |view| view.outcome.is_some()).await,
            Err(broken) => Err(broken),
        };
        self.memory.broken.append(&mut tab.broken);
        let refused = heard?;
        let here = self.memory.view(id);
        let there = tab.view(id);
        let wrong = match (here, there) {
            (Some(here), Some(there)) => {
                // Either may have heard it first.
                contradiction(here, there).filter(|_| contradiction(there, here).is_some())
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.memory.broken.push(format!("{id}: the two tabs: {wrong}"));
        }
        if refused.is_none() {
            self.memory.acknowledges(id);
            tab.say(&json!({ "type": "acknowledge", "id": id })).await?;
        }
        Ok(())
    }

    /// The id again, for another order: it has to be refused.
    async fn reuse(&mut self, id: &str, mut pay: Value) -> Result<()> {
        pay["amount"] = json!(1);
        self.say(&pay).await?;
        loop {
            let message = self.hear().await?;
            if message["id"] == id && message["to"] == "pay" {
                if message["code"] != "id_reused" {
                    self.memory.broken.push(format!("{id}: reused: {}", message["code"]));
                }
                return Ok(());
            }
        }
    }
}

//! One payment on one socket, from `pay` to the acknowledged outcome.

use super::Till;
use crate::plan::{Manner, Plan};
use crate::world::Moment;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

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
    ) -> Result<()> {
        self.connect().await?;
        let pay = json!({
            "type": "pay", "id": id, "terminal": plan.terminal, "operation": plan.operation,
            "amount": plan.amount, "currency": "EUR", "reference": id,
        });
        let ask = json!({ "type": "payment", "id": id });
        let first = manner.take();
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
                    self.say(&json!({ "type": "cancel", "id": id })).await?;
                }
                Some(Manner::BreaksAtOnce) => {
                    sleep(self.chance.micros(3000)).await;
                    return self.vanish();
                }
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
        while !self.memory.is_closed(id) {
            let message = self.hear().await?;
            if message["id"] != id {
                continue;
            }
            if first == Some(Manner::BreaksWhenTold) {
                return self.vanish();
            }
            if message["type"] != "refused" || message["to"] == "cancel" {
                continue;
            }
            match message["code"].as_str().unwrap_or_default() {
                "unknown_payment" | "id_denied" => {
                    self.memory.told_never(id);
                    return Ok(());
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
        if first == Some(Manner::ForgetsOutcome) {
            return self.vanish();
        }
        if first == Some(Manner::ReusesId) {
            self.reuse(id, pay).await?;
        }
        self.acknowledge(id, first == Some(Manner::AcknowledgesTwice)).await
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

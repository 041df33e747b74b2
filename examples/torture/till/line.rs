//! A till's line to the relay, and the small talk on it.

use super::Till;
use crate::memory::{Memory, View};
use crate::socket::Socket;
use crate::world::Moment;
use anyhow::{Context, Error, Result, anyhow, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Longer than any payment takes while the relay lives.
const PATIENCE: Duration = Duration::from_secs(10);

impl Till {
    pub(super) async fn acknowledge(&mut self, id: &str, twice: bool) -> Result<()> {
        let outcome = self.memory.view(id).and_then(|view| view.outcome.clone());
        if self.chance.permille(60) {
            self.acknowledge_another(id).await?;
        }
        let mut acknowledge = json!({ "type": "acknowledge", "id": id });
        if self.chance.permille(500) {
            acknowledge["outcome"] = json!(outcome);
        }
        self.memory.acknowledges(id);
        self.say(&acknowledge).await?;
        self.world.saw(Moment::Acknowledged);
        if twice {
            // The second time with the outcome.
            let with_outcome = json!({ "type": "acknowledge", "id": id, "outcome": outcome });
            self.say(&with_outcome).await?;
        }
        self.until(id, &acknowledge, |memory| memory.view(id).is_some_and(|view| view.acknowledged))
            .await
    }

    /// With an outcome that it does not have: that has to be refused.
    async fn acknowledge_another(&mut self, id: &str) -> Result<()> {
        let Some(view) = self.memory.view(id).cloned() else { return Ok(()) };
        let all = ["approved", "declined", "not_sent", "unknown"];
        // Otherwise an acknowledgement may still be on its way on another line.
        let is_first = self.memory.acknowledges(id);
        let others: Vec<&str> = all.into_iter().filter(|other| !view.is(other)).collect();
        let other = *self.chance.pick(&others);
        self.memory.count("acknowledged_as_another");
        self.say(&json!({ "type": "acknowledge", "id": id, "outcome": other })).await?;
        loop {
            let heard = self.hear().await?;
            if heard["id"] != id {
                continue;
            }
            if heard["type"] == "refused" && heard["to"] == "acknowledge" {
                return Ok(());
            }
            let is_new = heard["acknowledged"] == true && is_first;
            if is_new && heard["outcome"] != other {
                self.memory.broken.push(format!("{id}: acknowledged as {other}: {heard}"));
            }
            if is_new {
                return Ok(());
            }
        }
    }

    /// Says it again until it is so, while the relay refuses for want of a disk.
    pub(super) async fn until(
        &mut self,
        id: &str,
        message: &Value,
        is_so: impl Fn(&Memory) -> bool,
    ) -> Result<()> {
        let ask = json!({ "type": "payment", "id": id });
        while !is_so(&self.memory) {
            let heard = self.hear().await?;
            if heard["id"] != id || heard["type"] != "refused" || heard["to"] != message["type"] {
                continue;
            }
            match heard["code"].as_str().unwrap_or_default() {
                "journal_unavailable" | "journal_unreadable" | "rate_limited" => {
                    sleep(Duration::from_millis(30) + self.chance.millis(100)).await;
                    self.say(message).await?;
                }
                "unknown_payment" => {
                    self.memory.told_never(id);
                    return Ok(());
                }
                // It is not what this till believes: it asks what it is.
                code => {
                    let believed = self.memory.view(id).cloned();
                    self.say(&ask).await?;
                    while self.hear().await?["id"] != id {}
                    let is_closed = believed.as_ref().is_some_and(View::is_settled);
                    if code == "not_closed" && is_closed {
                        self.memory.broken.push(format!("{id}: {message} refused: {code}"));
                    }
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) async fn ask(&mut self, id: &str) -> Result<()> {
        self.connect().await?;
        self.say(&json!({ "type": "payment", "id": id })).await?;
        // What is heard before this is answered may be older than the question.
        self.pings += 1;
        let n = self.pings;
        self.say(&json!({ "type": "ping", "n": n })).await?;
        loop {
            let message = self.hear().await?;
            let is_asked = message["to"] == "payment" && message["id"] == id;
            if is_asked && message["code"] == "unknown_payment" {
                self.memory.told_never(id);
            }
            if message["type"] == "pong" && message["n"] == n {
                return Ok(());
            }
        }
    }

    pub(super) async fn connect(&mut self) -> Result<()> {
        while self.socket.is_none() {
            if self.world.is_over() {
                bail!("over");
            }
            match Socket::open(&self.world, &self.name).await {
                // The welcome comes beside the answers to what is said at once.
                Ok(socket) if self.chance.permille(400) => {
                    self.socket = Some(socket);
                    if self.chance.permille(300) {
                        let list =
                            json!({ "type": "payments", "state": "unacknowledged", "limit": 1000 });
                        self.say(&list).await?;
                    }
                }
                Ok(socket) => {
                    self.socket = Some(socket);
                    while self.socket.is_some() {
                        match self.hear().await {
                            Ok(message) if message["type"] == "welcome" => return Ok(()),
                            Ok(_) => {}
                            Err(_) => self.lose(false),
                        }
                    }
                    sleep(self.chance.millis(20)).await;
                }
                Err(_) => sleep(Duration::from_millis(2) + self.chance.millis(20)).await,
            }
        }
        Ok(())
    }

    pub(super) async fn say(&mut self, message: &Value) -> Result<()> {
        self.socket.as_mut().context("no socket")?.say(message).await
    }

    pub(super) async fn hear(&mut self) -> Result<Value> {
        let message = self.socket.as_mut().context("no socket")?.next(PATIENCE).await?;
        let listed = |list: &Value| list.as_array().cloned().unwrap_or_default();
        match message["type"].as_str().unwrap_or_default() {
            "payment" => self.note(&message),
            "welcome" => listed(&message["unacknowledged"]).iter().for_each(|p| self.note(p)),
            "payments" => {
                let (all, name) = (listed(&message["payments"]), self.name.clone());
                let mine = all.iter().filter(|p| p["till"] == name.as_str());
                mine.for_each(|p| self.note(p));
            }
            "released" => {
                self.memory.count("released");
                self.memory.released.push(format!("{} {}", self.name, message["n"]));
            }
            "refused" if message["to"] == "hello" => bail!("not welcome"),
            "refused" if message["to"] == "release" => {
                let code = message["code"].as_str().unwrap_or_default();
                if !["not_held", "journal_unavailable", "rate_limited"].contains(&code) {
                    self.memory.broken.push(format!("release refused: {message}"));
                }
            }
            _ => {}
        }
        Ok(message)
    }

    /// Somebody has looked at a terminal that does not answer, and frees it.
    pub(super) async fn release(&mut self, terminal: &str) -> Result<()> {
        self.releases += 1;
        let by = format!("{} {}", self.name, self.releases);
        let n = self.releases;
        self.say(&json!({ "type": "release", "terminal": terminal, "by": by, "n": n })).await
    }

    fn note(&mut self, payment: &Value) {
        self.memory.told(payment);
        let id = payment["id"].as_str().unwrap_or_default();
        if payment["acknowledged"] == true || payment["outcome"].is_null() {
            self.unsaid.remove(id);
        } else {
            self.unsaid.insert(id.to_owned());
        }
    }

    /// The page is closed, or the cable is pulled.
    pub(super) fn vanish(&mut self) -> Error {
        self.world.cut();
        let reset = self.chance.permille(500);
        self.lose(reset);
        anyhow!("gone")
    }

    pub(super) fn lose(&mut self, reset: bool) {
        if let Some(socket) = self.socket.take() {
            socket.vanish(reset);
        }
    }
}

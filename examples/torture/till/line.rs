//! A till's line to the relay, and the small talk on it.

use super::Till;
use crate::memory::Memory;
use crate::socket::Socket;
use crate::world::Moment;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

/// Longer than any payment takes while the relay lives.
const PATIENCE: Duration = Duration::from_secs(10);

impl Till {
    pub(super) async fn acknowledge(&mut self, id: &str, twice: bool) -> Result<()> {
        let acknowledge = json!({ "type": "acknowledge", "id": id });
        self.say(&acknowledge).await?;
        self.world.saw(Moment::Acknowledged);
        if twice {
            self.say(&acknowledge).await?;
        }
        self.until(id, &acknowledge, |memory| memory.view(id).is_some_and(|view| view.acknowledged))
            .await
    }

    /// A person has read the terminal's ticket.
    pub(super) async fn resolve(&mut self, id: &str, charged: bool) -> Result<()> {
        self.connect().await?;
        let said = if charged { "yes" } else { "no" };
        let resolve = json!({ "type": "resolve", "id": id, "charged": said, "by": "the oracle" });
        self.say(&resolve).await?;
        self.until(id, &resolve, |memory| {
            memory.view(id).is_some_and(|view| view.resolved.is_some() || !view.is("unknown"))
        })
        .await
    }

    /// Says it again until it is so, while the relay refuses for want of a disk.
    async fn until(
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
                _ => {
                    self.say(&ask).await?;
                    self.hear().await?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    pub(super) async fn ask(&mut self, id: &str) -> Result<()> {
        self.connect().await?;
        self.say(&json!({ "type": "payment", "id": id })).await?;
        loop {
            let message = self.hear().await?;
            if message["id"] == id && message["code"] == "unknown_payment" {
                self.memory.told_never(id);
            }
            if message["id"] == id {
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
                Ok(socket) => {
                    let waiting = socket.welcome["unacknowledged"].as_array().cloned();
                    self.socket = Some(socket);
                    waiting.unwrap_or_default().iter().for_each(|payment| self.note(payment));
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
        if message["type"] == "payment" {
            self.note(&message);
        }
        Ok(message)
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
    pub(super) fn vanish(&mut self) -> Result<()> {
        self.world.cut();
        let reset = self.chance.permille(500);
        self.lose(reset);
        bail!("gone")
    }

    pub(super) fn lose(&mut self, reset: bool) {
        if let Some(socket) = self.socket.take() {
            socket.vanish(reset);
        }
    }
}

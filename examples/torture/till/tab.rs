//! A second line to the relay: the same page in another tab, or somebody else's.

use crate::memory::{View, contradiction};
use crate::socket::Socket;
use crate::world::World;
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// Longer than any payment takes while the relay lives.
const PATIENCE: Duration = Duration::from_secs(10);

/// It has heard what it has heard: what the other line heard may be older or
/// newer, so each is compared with itself.
pub struct Tab {
    socket: Socket,
    seen: HashMap<String, View>,
    /// What the relay said that it may not say, in words.
    pub broken: Vec<String>,
}

impl Tab {
    pub async fn open(world: &World, name: &str) -> Result<Tab> {
        let socket = Socket::open(world, name).await?;
        Ok(Tab { socket, seen: HashMap::new(), broken: Vec::new() })
    }

    pub async fn say(&mut self, message: &Value) -> Result<()> {
        self.socket.say(message).await
    }

    pub fn view(&self, id: &str) -> Option<&View> {
        self.seen.get(id)
    }

    /// Hears until `is_so` of this payment, or until a message of this type about
    /// it is refused: then with the code.
    pub async fn until(
        &mut self,
        id: &str,
        to: &str,
        is_so: impl Fn(&View) -> bool,
    ) -> Result<Option<String>> {
        loop {
            let message = self.socket.next(PATIENCE).await?;
            match message["type"].as_str().unwrap_or_default() {
                "welcome" => {
                    for payment in message["unacknowledged"].as_array().into_iter().flatten() {
                        self.note(payment);
                    }
                }
                "payment" => self.note(&message),
                "refused" if message["to"] == "hello" => bail!("not welcome"),
                "refused" if message["to"] == to && message["id"] == id => {
                    return Ok(message["code"].as_str().map(str::to_owned));
                }
                _ => {}
            }
            if message["type"] == "payment"
                && message["id"] == id
                && self.view(id).is_some_and(&is_so)
            {
                return Ok(None);
            }
        }
    }

    fn note(&mut self, payment: &Value) {
        let id = payment["id"].as_str().unwrap_or_default();
        let new = View::of(payment);
        if let Some(old) = self.seen.get(id)
            && let Some(wrong) = contradiction(old, &new)
        {
            self.broken.push(format!("{id}: in a second tab: {wrong}"));
        }
        self.seen.insert(id.to_owned(), new);
    }
}

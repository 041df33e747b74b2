use super::Common;
use super::exit::{Exit, print, say};
use super::till::Connection;
use crate::relay::page_link;
use crate::till::TillToRelay;
use crate::words::{Console, Sentence};
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// The page of the relay that runs, for who may read its key.
#[derive(Debug, Args)]
pub(super) struct Page {
    /// Print the page's address, good once and for a minute, and open nothing
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    connection: Connection,
}

impl Page {
    pub(super) async fn open(self, common: &Common) -> Result<Exit> {
        let config = common.configuration()?;
        let lang = self.connection.lang.unwrap_or(config.lang);
        let address = self.connection.relay.unwrap_or(config.local());
        let mut relay = self.connection.open_with_key(common).await?;
        relay.say(&TillToRelay::Ticket { n: None }).await?;
        let answer = relay.hear("ticket").await?;
        relay.close().await;
        let link = page_link(address, answer["ticket"].as_str().unwrap_or_default());
        let opened = !self.print && open::that_detached(&link).is_ok();
        match (common.json, opened) {
            (true, opened) => {
                print(&json!({ "type": "page", "url": link, "opened": opened }));
            }
            (false, true) => say(&lang.say(&Sentence::Console(Console::PageOpens))),
            (false, false) if self.print => say(&link),
            (false, false) => say(&lang.say(&Sentence::Console(Console::NoBrowser { link }))),
        }
        Ok(if self.print || opened { Exit::Done } else { Exit::Failed })
    }
}

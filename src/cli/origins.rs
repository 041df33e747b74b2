use super::Common;
use super::exit::{Exit, print, say};
use super::till::{Connection, Refused};
use crate::till::{Decided, TillToRelay};
use crate::words::{Console, Sentence};
use anyhow::Result;
use clap::{Args, Subcommand};

/// The pages that may connect, by their origin.
#[derive(Debug, Args)]
pub(super) struct Origins {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the origins that are allowed, refused or waiting
    List,
    /// Let the pages of an origin in: https://shop.example
    Allow { origin: String },
    /// Keep the pages of an origin out
    Refuse { origin: String },
    /// Take a decision back
    Forget { origin: String },
}

impl Origins {
    pub(super) async fn obey(self, common: &Common) -> Result<Exit> {
        let mut till = self.connection.open_with_key(common).await?;
        let (message, sentence) = match self.verb {
            Verb::List => (TillToRelay::Overview { n: None }, None),
            Verb::Allow { origin } => decided(origin, Decided::Allow),
            Verb::Refuse { origin } => decided(origin, Decided::Refuse),
            Verb::Forget { origin } => decided(origin, Decided::Forget),
        };
        till.say(&message).await?;
        let exit = match till.hear("overview").await {
            Ok(overview) => {
                let list = overview["origins"].as_array().cloned().unwrap_or_default();
                match sentence {
                    Some(sentence) if !common.json => say(&till.lang.say(&sentence)),
                    None if list.is_empty() && !common.json => {
                        say(&till.lang.say(&Sentence::Console(Console::NoOrigins)));
                    }
                    _ => list.iter().for_each(|origin| match common.json {
                        true => print(origin),
                        false => {
                            let text = |key: &str| origin[key].as_str().unwrap_or_default();
                            let line = format!("{:<11} {}", text("state"), text("origin"));
                            say(&line);
                        }
                    }),
                }
                Exit::Done
            }
            Err(error) => error.downcast::<Refused>()?.show(common.json),
        };
        till.close().await;
        Ok(exit)
    }
}

fn decided(origin: String, decision: Decided) -> (TillToRelay, Option<Sentence>) {
    let sentence = match decision {
        Decided::Allow => Console::OriginAllowed { origin: origin.clone() },
        Decided::Refuse => Console::OriginRefused { origin: origin.clone() },
        Decided::Forget => Console::OriginForgotten { origin: origin.clone() },
    };
    (TillToRelay::Origin { origin, decision, n: None }, Some(Sentence::Console(sentence)))
}

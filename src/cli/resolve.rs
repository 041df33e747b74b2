use super::Common;
use super::exit::{Exit, print, say};
use super::misuse::one_of;
use super::till::{Connection, Refused};
use crate::till::{Said, TillToRelay};
use anyhow::Result;
use clap::Args;

/// What a person read on the terminal's ticket.
#[derive(Debug, Args)]
pub(super) struct Resolve {
    /// The payment's id
    id: String,
    /// Whether the ticket says that it was done
    #[arg(long, value_name = "yes|no", hide_possible_values = true,
        value_parser = one_of::<Said>(&["yes", "no"]))]
    charged: Said,
    /// Who read it
    #[arg(long)]
    by: String,
    /// What else there is to say
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Resolve {
    pub(super) async fn settle(self, common: &Common) -> Result<Exit> {
        let Resolve { id, charged, by, note, connection } = self;
        let mut till = connection.open(common).await?;
        till.say(&TillToRelay::Resolve { id, charged, by, note }).await?;
        let (answer, exit) = match till.hear("payment").await {
            Ok(payment) => (payment, Exit::Done),
            Err(error) => (error.downcast::<Refused>()?.0, Exit::Refused),
        };
        if common.json {
            print(&answer);
        } else {
            say(answer["advice"].as_str().or(answer["message"].as_str()).unwrap_or_default());
        }
        till.close().await;
        Ok(exit)
    }
}

use super::Common;
use super::discover::Discover;
use super::exit::{Exit, print, say};
use super::till::{Connection, Refused};
use crate::till::TillToRelay;
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::Value;

/// The terminals of the relay that runs, or others.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Terminals {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Look for terminals on the network by asking who they are; no money moves
    Discover(Discover),
}

impl Terminals {
    pub(super) async fn obey(self, common: &Common) -> Result<Exit> {
        match self.action {
            None => list(&self.connection, common).await,
            Some(Action::Discover(discover)) => discover.search(common).await,
        }
    }
}

/// Lists the terminals of the relay that runs.
async fn list(connection: &Connection, common: &Common) -> Result<Exit> {
    let till = connection.open(common).await?;
    for terminal in till.welcome["terminals"].as_array().into_iter().flatten() {
        if common.json {
            print(terminal);
            continue;
        }
        let text = |key: &str| terminal[key].as_str().unwrap_or_default();
        let holder = terminal["held_by"]["till"].as_str();
        let holder = holder.map(|till| format!("  {till}")).unwrap_or_default();
        say(&format!("{:<16} {:<24} {}{holder}", text("name"), text("label"), text("state")));
    }
    till.close().await;
    Ok(Exit::Done)
}

/// Asks a terminal who it is.
#[derive(Debug, Args)]
pub(super) struct Identify {
    /// The terminal's name; may be left out where there is one
    terminal: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Identify {
    pub(super) async fn ask(self, common: &Common) -> Result<Exit> {
        let mut till = self.connection.open(common).await?;
        till.say(&TillToRelay::Identify { terminal: self.terminal, n: None }).await?;
        let (answer, exit) = match till.hear("terminal").await {
            Ok(answer) if answer["state"] == "ready" => (answer, Exit::Done),
            Ok(answer) => (answer, Exit::Failed),
            Err(error) => (error.downcast::<Refused>()?.0, Exit::Refused),
        };
        if common.json {
            print(&answer);
        } else {
            say(&sentence(&answer));
        }
        till.close().await;
        Ok(exit)
    }
}

fn sentence(answer: &Value) -> String {
    let text = |key: &str| answer[key].as_str();
    let details = ["version", "terminal_id"].map(text).into_iter().flatten();
    let details: Vec<_> = details.collect();
    let message = text("message").unwrap_or_default();
    if details.is_empty() {
        message.to_owned()
    } else {
        format!("{message} ({})", details.join(", "))
    }
}

/// Frees a terminal that is held by a payment without an answer.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// The terminal's name; may be left out where there is one
    terminal: Option<String>,
    /// Who has looked at the terminal
    #[arg(long)]
    by: String,
    #[command(flatten)]
    connection: Connection,
}

impl Release {
    pub(super) async fn free(self, common: &Common) -> Result<Exit> {
        let mut till = self.connection.open(common).await?;
        till.say(&TillToRelay::Release { terminal: self.terminal, by: self.by, n: None }).await?;
        let (answer, exit) = match till.hear("released").await {
            Ok(answer) => (answer, Exit::Done),
            Err(error) => (error.downcast::<Refused>()?.0, Exit::Refused),
        };
        if common.json {
            print(&answer);
        } else if let Some(message) = answer["message"].as_str() {
            say(message);
        }
        till.close().await;
        Ok(exit)
    }
}

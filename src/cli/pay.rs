use super::Common;
use super::exit::{Exit, print, say};
use super::misuse::one_of;
use super::till::{Connection, Refused, Till};
use crate::payment::{Currency, read_amount};
use crate::till::{Charge, MeansAsked, OperationAsked, TillToRelay};
use crate::words::{Lang, Misuse, Program, Sentence};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// A payment through the relay, as a till would make it.
#[derive(Debug, Args)]
pub(super) struct Pay {
    /// The terminal's name; may be left out where there is one
    #[arg(long)]
    terminal: Option<String>,
    /// The amount, such as 12.50
    #[arg(long)]
    amount: String,
    /// Three letters of ISO 4217
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Pay the customer back
    #[arg(long, conflicts_with = "cancellation")]
    refund: bool,
    /// Undo the last debit, where the terminal knows how
    #[arg(long)]
    cancellation: bool,
    /// With what the customer pays
    #[arg(long, value_name = "card|cheque|ancv", hide_possible_values = true,
        value_parser = one_of::<MeansAsked>(&["card", "cheque", "ancv"]))]
    means: Option<MeansAsked>,
    /// The merchant's reference, printable ASCII
    #[arg(long)]
    reference: Option<String>,
    /// Ask for the ticket's text
    #[arg(long)]
    receipt: bool,
    /// Accept that less is paid
    #[arg(long)]
    partial: bool,
    /// The till's number, 01 to 99
    #[arg(long)]
    register: Option<String>,
    /// Pay although the payment with this id, for the same reference, is in doubt
    #[arg(long, value_name = "ID")]
    despite: Option<String>,
    /// Seconds to wait for the terminal's answer
    #[arg(long)]
    timeout: Option<u64>,
    /// The payment's id; one is made without it. The same id is the same payment
    #[arg(long)]
    id: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

impl Pay {
    pub(super) async fn pay(self, common: &Common) -> Result<Exit> {
        let charge = self.charge(self.connection.lang.unwrap_or_else(|| common.lang()))?;
        let mut till = self.connection.open(common).await?;
        let mut progress = Progress::new(common.json);
        let closed = carry_out(&mut till, charge.clone(), &mut progress).await;
        let exit = match closed {
            Ok(payment) => {
                let outcome = payment["outcome"].as_str().unwrap_or_default();
                // An unknown stays on the list until a person has settled it.
                if payment["durable"] == true && outcome != "unknown" {
                    acknowledge(&mut till, charge.id).await;
                }
                Exit::of(outcome)
            }
            Err(error) => match error.downcast_ref::<Refused>() {
                Some(Refused(message)) => {
                    progress.refused(message);
                    Exit::Refused
                }
                None => {
                    lost(&error, &charge.id, till.lang, common.json);
                    Exit::Unknown
                }
            },
        };
        till.close().await;
        Ok(exit)
    }

    fn charge(&self, lang: Lang) -> Result<Charge> {
        let wrong = |misuse| lang.say(&Sentence::Misuse(misuse));
        let currency = Currency::from_letters(&self.currency)
            .with_context(|| wrong(Misuse::NotACurrency { value: self.currency.clone() }))?;
        let Some(amount) = read_amount(&self.amount, currency) else {
            let (value, currency) = (self.amount.clone(), self.currency.clone());
            bail!(wrong(Misuse::NotAnAmount { value, currency }));
        };
        let operation = match (self.refund, self.cancellation) {
            (true, _) => OperationAsked::Refund,
            (_, true) => OperationAsked::Cancellation,
            _ => OperationAsked::Debit,
        };
        Ok(Charge {
            id: self.id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
            terminal: self.terminal.clone(),
            operation,
            amount: amount.minor(),
            currency: self.currency.clone(),
            means: self.means,
            reference: self.reference.clone(),
            receipt: self.receipt.then_some(true),
            partial: self.partial.then_some(true),
            register: self.register.clone(),
            despite: self.despite.clone(),
            timeout: self.timeout,
        })
    }
}

/// A failure here changes nothing of what the terminal did.
async fn acknowledge(till: &mut Till, id: String) {
    let said = till.say(&TillToRelay::Acknowledge { id, outcome: None }).await;
    let heard = match said {
        Ok(()) => till.hear("payment").await.map(drop),
        Err(error) => Err(error),
    };
    if let Err(error) = heard {
        let words = Program::NotAcknowledged { why: format!("{error:#}") };
        eprintln!("caisse-relay: {}", till.lang.say(&Sentence::Program(words)));
    }
}

/// The connection broke after the order was given.
fn lost(error: &anyhow::Error, id: &str, lang: Lang, json: bool) {
    let words = Program::MayBeCharged { why: format!("{error:#}"), id: id.to_owned() };
    let message = lang.say(&Sentence::Program(words));
    if json {
        print(
            &serde_json::json!({ "type": "error", "code": "connection_lost", "id": id, "message": message }),
        );
    }
    eprintln!("caisse-relay: {message}");
}

/// Pays, showing every step, until the payment is closed.
pub(super) async fn carry_out(
    till: &mut Till,
    charge: Charge,
    progress: &mut Progress,
) -> Result<Value> {
    let id = charge.id.clone();
    till.say(&TillToRelay::Pay(Box::new(charge))).await?;
    loop {
        let payment = till.hear("payment").await?;
        if payment["id"] != id.as_str() {
            continue;
        }
        progress.show(&payment);
        if payment["phase"] == "closed" {
            return Ok(payment);
        }
    }
}

/// One line that changes as the payment goes on; every step with `--json`.
pub(super) struct Progress {
    json: bool,
    live: bool,
}

impl Progress {
    pub(super) fn new(json: bool) -> Progress {
        Progress { json, live: std::io::stdout().is_terminal() }
    }

    pub(super) fn show(&mut self, payment: &Value) {
        if self.json {
            return print(payment);
        }
        let advice = payment["advice"].as_str().unwrap_or_default();
        let closed = payment["phase"] == "closed";
        if !self.live {
            return say(advice);
        }
        let end = if closed { "\n" } else { "" };
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "\r\x1b[2K{advice}{end}").and_then(|()| out.flush());
    }

    pub(super) fn refused(&mut self, message: &Value) {
        if self.json {
            return print(message);
        }
        say(message["message"].as_str().unwrap_or_default());
    }
}

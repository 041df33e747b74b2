use super::exit::{Exit, print, say};
use super::{Common, export};
use crate::config::Config;
use crate::journal::{Filter, Listed, Reader};
use crate::payment::{Payment, PaymentId};
use crate::relay;
use crate::till::{PaymentView, moment, view};
use crate::words::{self, Misuse, Program, Sentence};
use anyhow::{Context, Result, bail};
use clap::{Subcommand, ValueEnum};

/// The record of payments.
#[derive(Debug, Subcommand)]
pub(super) enum Journal {
    /// List payments, oldest first
    List {
        /// Only those in this state
        #[arg(long)]
        state: Option<State>,
        /// Only those after this number
        #[arg(long, default_value_t = 0)]
        since: u64,
        /// At most this many, the last ones
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show one payment
    Show {
        /// Its id
        id: String,
    },
    /// List what people and the relay did beside the payments: released, despite, late
    Events,
    /// Write every payment to standard output
    Export {
        /// As a table, or as one JSON object a line
        #[arg(long, default_value = "csv")]
        format: Format,
        /// Only those after this number
        #[arg(long, default_value_t = 0)]
        since: u64,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum State {
    Open,
    Unknown,
    Unacknowledged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Csv,
    Json,
}

impl Journal {
    pub(super) fn read(self, common: &Common) -> Result<Exit> {
        let config = common.configuration()?;
        let reader = Reader::open(&relay::journal_folder(&config.data_dir))?;
        match self {
            Journal::List { state, since, limit } => {
                let state = state.map(|state| match state {
                    State::Open => Listed::Open,
                    State::Unknown => Listed::Unknown,
                    State::Unacknowledged => Listed::Unacknowledged,
                });
                let filter = Filter { since, state, limit: usize::MAX, ..Filter::default() };
                let payments = reader.payments(&filter)?;
                for payment in &payments[payments.len().saturating_sub(limit)..] {
                    if common.json {
                        print(&shown(payment, &config));
                    } else {
                        say(&line(payment, &config));
                    }
                }
            }
            Journal::Events => {
                for event in reader.events()? {
                    let payment = event.payment.map(|id| id.to_string());
                    print(&serde_json::json!({
                        "at": moment(event.at),
                        "kind": event.kind,
                        "payment": payment,
                        "terminal": event.terminal,
                        "by": event.by,
                        "note": event.note,
                    }));
                }
            }
            Journal::Show { id } => {
                let id = PaymentId::new(&id).with_context(|| {
                    config.lang.say(&Sentence::Misuse(Misuse::NotAnId { value: id.clone() }))
                })?;
                let Some(payment) = reader.payment(&id)? else {
                    let words = Program::NotInJournal { id: id.to_string() };
                    bail!(config.lang.say(&Sentence::Program(words)));
                };
                let shown = shown(&payment, &config);
                if common.json {
                    print(&shown);
                } else {
                    say(&serde_json::to_string_pretty(&shown)?);
                }
            }
            Journal::Export { format, since } => {
                let filter = Filter { since, limit: usize::MAX, ..Filter::default() };
                let payments = reader.payments(&filter)?;
                let views = payments.iter().map(|payment| shown(payment, &config));
                if format == Format::Json || common.json {
                    export::json(views, config.lang)?;
                } else {
                    export::csv(views, config.lang)?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn shown(payment: &Payment, config: &Config) -> PaymentView {
    let terminal = config.terminals.iter().find(|terminal| terminal.name == payment.terminal);
    let label = terminal.map_or(payment.terminal.as_str(), |terminal| &terminal.label);
    view(payment, label, config.lang)
}

fn line(payment: &Payment, config: &Config) -> String {
    let view = shown(payment, config);
    let outcome = view.outcome.unwrap_or("open");
    let amount = words::amount(payment.order.amount, payment.order.currency, config.lang);
    let flag = if payment.acknowledged { ' ' } else { '*' };
    format!(
        "{:>6}{flag} {} {:<12} {:>14} {:<9} {:<12} {}",
        view.seq, view.opened_at, view.operation, amount, outcome, view.terminal, view.id
    )
}

//! One terminal, asked who it is.

use crate::exchange::{
    Answer, Deadlines, Dialogue, ExchangeError, Line, NotSent, Unanswered, dial, wants_ticket,
};
use crate::payment::{Profile, identification};
use crate::wire::Tag;
use std::net::IpAddr;
use std::time::Duration;

/// How long a terminal may take to say who it is; no customer is involved.
const IDENTIFICATION: Duration = Duration::from_secs(5);

/// What a terminal says when it is asked who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// It speaks Caisse-AP: its `CZ` and its own `CJ`.
    Ready {
        /// The protocol version that it answered with.
        version: Option<String>,
        /// The 12 characters that name it.
        identifier: Option<String>,
    },
    /// It could not be reached.
    NotReached(NotSent),
    /// It was reached and did not answer.
    Silent,
    /// It is set to the older protocol.
    ConcertV2,
    /// It answered something else.
    NotUnderstood,
}

/// A terminal that was asked who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// What it said.
    pub identity: Identity,
    /// The address that took the connection.
    pub address: Option<IpAddr>,
}

/// Asks a terminal who it is.
pub async fn identify(line: &Line, profile: &Profile) -> Met {
    let line =
        Line { deadlines: Deadlines { answer: IDENTIFICATION, ..line.deadlines }, ..line.clone() };
    match dial(&line).await {
        Ok(dialogue) => {
            let address = dialogue.peer();
            Met { identity: ask(dialogue, profile).await, address }
        }
        Err(why) => Met { identity: Identity::NotReached(why), address: None },
    }
}

async fn ask(mut dialogue: Dialogue, profile: &Profile) -> Identity {
    let request = identification(profile);
    let answer = match dialogue.send(&request).await {
        Ok(()) => {
            let answer = dialogue.answer(IDENTIFICATION, wants_ticket(&request)).await;
            answer.map_err(ExchangeError::from)
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => identity(&answer),
        Err(ExchangeError::NotSent(reason)) => Identity::NotReached(reason),
        Err(ExchangeError::Unanswered(Unanswered::ConcertV2)) => Identity::ConcertV2,
        Err(ExchangeError::Unanswered(Unanswered::Garbled | Unanswered::TooLong)) => {
            Identity::NotUnderstood
        }
        Err(ExchangeError::Unanswered(_)) => Identity::Silent,
    }
}

/// Any status will do: a terminal that refuses the identification understood it.
fn identity(answer: &Answer) -> Identity {
    match answer.messages.iter().find(|message| message.get(Tag::STATUS).is_some()) {
        Some(message) => Identity::Ready {
            version: message.text(Tag::VERSION),
            identifier: message.text(Tag::IDENTIFIER),
        },
        None => Identity::NotUnderstood,
    }
}

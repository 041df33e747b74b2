//! What is wrong with a command line, in the language of the person who typed it.

use crate::discover::{LARGEST, NotANetwork};
use crate::words::{Lang, Misuse, Sentence};
use clap::Error;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::error::Error as _;
use std::net::AddrParseError;
use std::num::ParseIntError;
use std::process;

/// Takes one of these words, which the browser protocol has too; a mistake names them all.
pub(super) fn one_of<T>(words: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value(Value::String(word)))
}

/// Says it and ends the program, with 2; with 0 where it is the help or the version that was asked
/// for.
pub(super) fn end(error: &Error, lang: Lang) -> ! {
    let Some(misuse) = of(error) else { error.exit() };
    let say = |misuse| lang.say(&Sentence::Misuse(misuse));
    eprintln!("caisse-relay: {}\n", say(misuse));
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage).to_owned();
        eprintln!("{}\n", say(Misuse::Usage { usage }));
    }
    eprintln!("{}", say(Misuse::MoreHelp));
    process::exit(2)
}

/// None for what is no mistake, and for what the library has said better.
fn of(error: &Error) -> Option<Misuse> {
    let text = |kind| error.get(kind).and_then(first);
    let all = |kind| error.get(kind).map(list).unwrap_or_default();
    let argument = || text(ContextKind::InvalidArg);
    let value = || text(ContextKind::InvalidValue);
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            Misuse::NotExpected { word: argument()?, nearest: text(ContextKind::SuggestedArg) }
        }
        ErrorKind::InvalidSubcommand => Misuse::NoSuchCommand {
            word: text(ContextKind::InvalidSubcommand)?,
            nearest: text(ContextKind::SuggestedSubcommand),
        },
        ErrorKind::MissingSubcommand => Misuse::NoCommand {
            command: text(ContextKind::InvalidSubcommand)?,
            known: all(ContextKind::ValidSubcommand),
        },
        ErrorKind::MissingRequiredArgument => {
            Misuse::Missing { arguments: all(ContextKind::InvalidArg) }
        }
        ErrorKind::InvalidValue => match (argument()?, value()?) {
            (argument, value) if value.is_empty() => Misuse::NoValue { argument },
            (argument, value) => {
                Misuse::NoneOf { argument, value, known: all(ContextKind::ValidValue) }
            }
        },
        ErrorKind::ValueValidation => {
            let (argument, value) = (argument()?, value()?);
            let source = error.source()?;
            if source.is::<AddrParseError>() {
                Misuse::NotAnAddress { argument, value }
            } else if source.is::<ParseIntError>() {
                Misuse::NotANumber { argument, value }
            } else if source.is::<NotANetwork>() {
                Misuse::NotANetwork { argument, value, largest: LARGEST }
            } else {
                return None;
            }
        }
        ErrorKind::TooManyValues => Misuse::TakesNoValue { argument: argument()?, value: value()? },
        ErrorKind::ArgumentConflict => {
            let (argument, other) = (argument()?, all(ContextKind::PriorArg));
            match argument == other {
                true => Misuse::Twice { argument },
                false => Misuse::NotTogether { argument, other },
            }
        }
        _ => return None,
    })
}

fn first(value: &ContextValue) -> Option<String> {
    match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}

fn list(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(texts) => texts.join(", "),
        _ => String::new(),
    }
}

//! What a person and a script are told when a command fails: a sentence in the configured
//! language, and a code that stays.

use super::{Common, certs};
use crate::access::KeyError;
use crate::ca::{BroughtError, CaError};
use crate::config::{Config, ConfigError};
use crate::journal::JournalError;
use crate::relay::StartError;
use crate::words::{Authority, Lang, Sentence, Start};
use std::fmt::Display;
use std::path::Path;

/// The sentence, where the error is one that people meet; else what the program or the system says.
pub(super) fn sentence(error: &anyhow::Error, common: &Common) -> String {
    let lang = common.file().map_or(Lang::default(), |file| Config::language(&file));
    in_words(error, lang).unwrap_or_else(|| format!("{error:#}"))
}

/// The same, in this language.
pub(super) fn in_words(error: &anyhow::Error, lang: Lang) -> Option<String> {
    let start = error.downcast_ref::<ConfigError>().map(configuration);
    let start = start.or_else(|| error.downcast_ref::<StartError>().map(relay));
    let start = start.or_else(|| error.downcast_ref::<JournalError>().and_then(journal));
    let start = start.or_else(|| error.downcast_ref::<CaError>().map(authority));
    let start = start.or_else(|| error.downcast_ref::<BroughtError>().map(brought));
    start.map(|start| lang.say(&Sentence::Start(start)))
}

/// The stable code of an error.
pub(super) fn code(error: &anyhow::Error) -> &'static str {
    let config = error.downcast_ref::<ConfigError>().map(ConfigError::code);
    let start = || error.downcast_ref::<StartError>().map(StartError::code);
    let journal = || error.downcast_ref::<JournalError>().map(JournalError::code);
    let brought = || error.downcast_ref::<BroughtError>().map(BroughtError::code);
    let inapplicable = || error.downcast_ref::<certs::Inapplicable>().map(|_| "tls_in_use");
    let others = || brought().or_else(inapplicable);
    config.or_else(start).or_else(journal).or_else(others).unwrap_or("failed")
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn text(said: &impl Display) -> String {
    said.to_string()
}

fn configuration(error: &ConfigError) -> Start {
    match error {
        ConfigError::Unreadable { path, cause } => {
            Start::ConfigUnreadable { path: shown(path), cause: text(cause) }
        }
        ConfigError::Invalid { path, line, problem } => {
            Start::ConfigInvalid { path: shown(path), line: *line, mistake: problem.clone() }
        }
        ConfigError::Nonsense { path, problem } => {
            Start::ConfigNonsense { path: shown(path), mistake: problem.clone() }
        }
    }
}

fn relay(error: &StartError) -> Start {
    let taken = |address: &dyn Display, cause: &dyn Display, key| Start::PortTaken {
        address: address.to_string(),
        cause: cause.to_string(),
        key,
    };
    let unwritable = |error: &JournalError| Start::JournalUnwritable { cause: error.to_string() };
    match error {
        StartError::Journal(error) => journal(error).unwrap_or_else(|| unwritable(error)),
        StartError::Key(KeyError::Journal(error)) => {
            journal(error).unwrap_or_else(|| unwritable(error))
        }
        StartError::Key(KeyError::Unusable { path, cause }) => {
            Start::KeyUnusable { path: shown(path), cause: text(cause) }
        }
        StartError::Authority(error) => authority(error),
        StartError::Brought(error) => brought(error),
        StartError::Tls(error) => Start::CertificateUnusable { cause: text(error) },
        StartError::Listen { address, cause } => taken(address, cause, "listen"),
        StartError::Onboarding { address, cause } => taken(address, cause, "onboarding_port"),
        StartError::Metrics { address, cause } => taken(address, cause, "metrics"),
    }
}

/// None for what is a payment's and no person's.
fn journal(error: &JournalError) -> Option<Start> {
    Some(match error {
        JournalError::Held { folder, process } => {
            Start::JournalHeld { folder: shown(folder), process: process.clone() }
        }
        JournalError::Unusable { path, cause } => {
            Start::JournalUnusable { path: shown(path), cause: cause.clone() }
        }
        JournalError::Write(cause) => Start::JournalUnwritable { cause: cause.clone() },
        JournalError::Read(cause) => Start::JournalUnreadable { cause: cause.clone() },
        JournalError::AlreadyThere => return None,
    })
}

fn authority(error: &CaError) -> Start {
    let path = |path: &Path| shown(path);
    Start::Authority(match error {
        CaError::Folder { path: at, cause } => {
            Authority::Folder { path: path(at), cause: text(cause) }
        }
        CaError::Unreadable { path: at, cause } => {
            Authority::Unreadable { path: path(at), cause: text(cause) }
        }
        CaError::Unwritable { path: at, cause } => {
            Authority::Unwritable { path: path(at), cause: text(cause) }
        }
        CaError::Corrupt { path: at, reason } => {
            Authority::Corrupt { path: path(at), reason: text(reason) }
        }
        CaError::Halved { present, missing } => {
            Authority::Halved { present: path(present), missing: path(missing) }
        }
        CaError::Mismatched { certificate, key } => {
            Authority::Mismatched { certificate: path(certificate), key: path(key) }
        }
        CaError::Forgotten { path: at } => Authority::Forgotten { path: path(at) },
        CaError::Ended { path: at, ended } => {
            Authority::Ended { path: path(at), ended: text(ended) }
        }
        CaError::NotBegun { path: at, begins, now } => {
            Authority::NotBegun { path: path(at), begins: text(begins), now: text(now) }
        }
        CaError::Clock { now } => Authority::Clock { now: text(now) },
        CaError::Random => Authority::Random,
        CaError::Signing(cause) => Authority::Signing { cause: text(cause) },
    })
}

fn brought(error: &BroughtError) -> Start {
    match error {
        BroughtError::Unreadable { path, cause } => {
            Start::TlsUnreadable { path: shown(path), cause: text(cause) }
        }
        BroughtError::Unusable { path, reason } => {
            Start::TlsUnusable { path: shown(path), cause: reason.clone() }
        }
        BroughtError::Mismatched { cert, key } => {
            Start::TlsMismatched { cert: shown(cert), key: shown(key) }
        }
    }
}

//! Whether there is a newer relay. Nothing is downloaded or installed.

use super::Common;
use super::exit::{Exit, print, say};
use crate::config::Config;
use crate::journal::{Filter, Listed, Reader};
use crate::payment::Moment;
use crate::relay::journal_folder;
use crate::till::moment;
use crate::update::{self, Found, UpdateError};
use crate::words::{Sentence, Update as Words};
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;

/// Newer relays.
#[derive(Debug, Subcommand)]
pub(super) enum Update {
    /// Ask the configured place whether there is a newer relay; nothing is downloaded or installed
    Check,
}

impl Update {
    pub(super) async fn obey(self, common: &Common) -> Result<Exit> {
        let Update::Check = self;
        let config = common.configuration()?;
        let Some(source) = &config.update else {
            return Ok(refuse(&config, common, "update_not_configured", Words::NotConfigured));
        };
        match payment_open(&config) {
            Ok(false) => {}
            Ok(true) => return Ok(refuse(&config, common, "payment_open", Words::PaymentOpen)),
            Err(error) => {
                let words = Words::JournalUnreadable { why: format!("{error:#}") };
                return Ok(refuse(&config, common, "journal_unreadable", words));
            }
        }
        let current = env!("CARGO_PKG_VERSION").parse()?;
        match update::check(source, &current, &config.data_dir).await {
            Ok(found) => {
                tell(&found, &config, common.json);
                Ok(Exit::Done)
            }
            Err(error) => Ok(refuse(&config, common, error.code(), words(error))),
        }
    }
}

/// Whether a payment is open: it is on record before anything of it leaves, whether the relay
/// that carries it can be asked or not.
fn payment_open(config: &Config) -> Result<bool> {
    let folder = journal_folder(&config.data_dir);
    if !folder.exists() {
        return Ok(false);
    }
    let filter = Filter { state: Some(Listed::Open), limit: 1, ..Filter::default() };
    Ok(!Reader::open(&folder)?.payments(&filter)?.is_empty())
}

/// Says why nothing is known, and ends the command.
fn refuse(config: &Config, common: &Common, code: &str, why: Words) -> Exit {
    let message = config.lang.say(&Sentence::Update(why));
    if common.json {
        print(&json!({ "type": "error", "code": code, "message": message }));
    }
    eprintln!("caisse-relay: {message}");
    Exit::Failed
}

fn words(error: UpdateError) -> Words {
    match error {
        UpdateError::Unreachable(place, why) => Words::Unreachable { place, why },
        UpdateError::TooLarge(place) => Words::TooLarge { place },
        UpdateError::WrongKey(place) => Words::WrongKey { place },
        UpdateError::BadSignature(place) => Words::BadSignature { place },
        UpdateError::NotUnderstood(place, why) => Words::NotUnderstood { place, why },
        UpdateError::Older(place, offered, known) => Words::Older { place, offered, known },
    }
}

fn tell(found: &Found, config: &Config, as_json: bool) {
    let Found { manifest, newer } = found;
    let current = env!("CARGO_PKG_VERSION");
    let package = manifest.package();
    let notes = config.lang.pick(&manifest.notes.0, &manifest.notes.1);
    let seconds = manifest.published.unix_timestamp();
    let published = moment(Moment(seconds.saturating_mul(1000)));
    if as_json {
        return print(&json!({
            "type": "update",
            "current": current,
            "newest": manifest.version.to_string(),
            "newer": newer,
            "published": published,
            "notes": notes,
            "platform": update::platform(),
            "url": package.map(|package| &package.url),
            "sha256": package.map(|package| &package.sha256),
        }));
    }
    let told = |words: Words| say(&config.lang.say(&Sentence::Update(words)));
    if !newer {
        return told(Words::UpToDate { current: current.into() });
    }
    let newest = manifest.version.to_string();
    let date = published.split('T').next().unwrap_or_default().to_owned();
    told(Words::Newer { current: current.into(), newest, published: date });
    if !notes.is_empty() {
        told(Words::Notes { text: notes.clone() });
    }
    told(match package.cloned() {
        Some(update::Package { url, sha256 }) => Words::Package { url, sha256 },
        None => Words::NoPackage { platform: update::platform() },
    });
    told(Words::NothingInstalled);
}

use crate::outbox::{Server, Settings};
use crate::words::Mistake;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// As typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedOutbox {
    shop: String,
    postgres: String,
    password_file: Option<PathBuf>,
    ca: Option<PathBuf>,
}

/// Files are beside the configuration.
pub(super) fn outbox(typed: TypedOutbox, beside: &Path) -> Result<Settings, Mistake> {
    if typed.shop.is_empty() || typed.shop.len() > 64 {
        return Err(Mistake::Characters { least: 1, most: 64 }.of("shop"));
    }
    let server = Server::new(
        &typed.postgres,
        typed.password_file.map(|file| beside.join(file)),
        typed.ca.map(|file| beside.join(file)),
    )?;
    Ok(Settings { shop: typed.shop, server })
}

use crate::outbox::{Server, Settings};
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
pub(super) fn outbox(typed: TypedOutbox, beside: &Path) -> Result<Settings, String> {
    if typed.shop.is_empty() || typed.shop.len() > 64 {
        return Err("shop: 1 to 64 characters, the name of this relay in the chain".into());
    }
    let server = Server::new(
        &typed.postgres,
        typed.password_file.map(|file| beside.join(file)),
        typed.ca.map(|file| beside.join(file)),
    )?;
    Ok(Settings { shop: typed.shop, server })
}

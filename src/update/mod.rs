//! Whether there is a newer relay: a signed manifest, from the place that the configuration
//! names. Nothing is downloaded but the manifest and its signature, and nothing is installed.
//!
//! The manifest is JSON, `….json`, and its signature, by minisign, lies beside it under the same
//! name with `.minisig` behind. Who can change what that place serves can hide a newer relay;
//! it cannot offer another one, nor an older one than was offered before.

mod fetch;
mod manifest;
mod memory;

pub use fetch::Place;
use fetch::fetch;
pub use manifest::{Manifest, Package, platform};
use memory::Memory;
use minisign_verify::{Error as Minisign, PublicKey, Signature};
use semver::Version;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where to look, and whom to believe.
#[derive(Debug, Clone)]
pub struct Source {
    /// The manifest.
    pub manifest: Place,
    /// Who signs it.
    pub key: Key,
    /// The authorities of the server's certificate, PEM, where they are not those of the Web.
    pub ca: Option<PathBuf>,
}

/// The public key of who signs manifests.
#[derive(Clone)]
pub struct Key(PublicKey);

impl Key {
    /// Reads it as `minisign` prints it, without its comment.
    pub fn new(text: &str) -> Option<Key> {
        PublicKey::from_base64(text.trim()).ok().map(Key)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// Why nobody knows whether there is a newer relay. Each begins with the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateError {
    /// It cannot be read, and why.
    Unreachable(String, String),
    /// It is longer than a manifest.
    TooLarge(String),
    /// Another key has signed it.
    WrongKey(String),
    /// The key has not signed this.
    BadSignature(String),
    /// It is signed and is no manifest, and why.
    NotUnderstood(String, String),
    /// It is older than one before, or offers less than what runs: what it offers, and what is
    /// known.
    Older(String, String, String),
}

impl UpdateError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            UpdateError::Unreachable(..) => "update_unreachable",
            UpdateError::TooLarge(_) => "update_too_large",
            UpdateError::WrongKey(_) => "update_wrong_key",
            UpdateError::BadSignature(_) => "update_bad_signature",
            UpdateError::NotUnderstood(..) => "update_not_understood",
            UpdateError::Older(..) => "update_older",
        }
    }
}

/// What the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The newest relay.
    pub manifest: Manifest,
    /// Whether it is newer than what runs.
    pub newer: bool,
}

/// Reads the manifest and judges it. `current` is what runs; `data_dir` remembers the newest
/// manifest that was ever seen.
///
/// # Errors
/// Nobody knows then whether there is a newer relay.
pub async fn check(
    source: &Source,
    current: &Version,
    data_dir: &Path,
) -> Result<Found, UpdateError> {
    let place = source.manifest.to_string();
    let bytes = fetch(&source.manifest, source.ca.as_deref()).await?;
    let signature = fetch(&source.manifest.signature(), source.ca.as_deref()).await?;
    verify(&source.key, &place, &bytes, &signature)?;
    let manifest =
        Manifest::parse(&bytes).map_err(|why| UpdateError::NotUnderstood(place.clone(), why))?;
    let older = |known: String| UpdateError::Older(place, manifest.version.to_string(), known);
    if manifest.version < *current {
        return Err(older(current.to_string()));
    }
    let memory = Memory::of(data_dir);
    if let Some(known) = memory.newest().filter(|known| manifest.is_before(known)) {
        return Err(older(known.to_string()));
    }
    memory.keep(&manifest);
    Ok(Found { newer: manifest.version > *current, manifest })
}

fn verify(key: &Key, place: &str, bytes: &[u8], signature: &[u8]) -> Result<(), UpdateError> {
    let bad = || UpdateError::BadSignature(place.to_owned());
    let text = std::str::from_utf8(signature).map_err(|_| bad())?;
    let signature = Signature::decode(text).map_err(|_| bad())?;
    key.0.verify(bytes, &signature, false).map_err(|error| match error {
        Minisign::UnexpectedKeyId => UpdateError::WrongKey(place.to_owned()),
        _ => bad(),
    })
}

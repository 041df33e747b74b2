//! The relay's key: who can read the file is the person at the relay.

use super::secret::{self, Digest};
use crate::journal::JournalError;
use crate::rights::{self, For};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Its file in the data folder, readable by its owner only.
pub const KEY_FILE: &str = "relay.key";

/// Why who may come in cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key's file.
    #[error("cannot use the relay's key {}: {cause}; delete the file, and the relay makes another", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Reads the key, as the command line does on behalf of who may read it.
///
/// # Errors
/// When there is none, or it may not be read.
pub fn read_key(folder: &Path) -> Result<String, KeyError> {
    let path = folder.join(KEY_FILE);
    let text = fs::read_to_string(&path).and_then(|text| {
        let text = text.trim().to_owned();
        if text.len() == 43 { Ok(text) } else { Err(io::ErrorKind::InvalidData.into()) }
    });
    text.map_err(|cause| KeyError::Unusable { path, cause })
}

/// The key; no log and no panic shows it.
pub(super) struct Key {
    text: String,
    digest: Digest,
}

impl Key {
    pub(super) fn is(&self, key: &str) -> bool {
        Digest::of(key) == self.digest
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// Reads the key or makes it.
pub(super) fn open(folder: &Path) -> Result<Key, KeyError> {
    let path = folder.join(KEY_FILE);
    if !path.exists() {
        make(&path).map_err(|cause| KeyError::Unusable { path, cause })?;
    }
    let text = read_key(folder)?;
    Ok(Key { digest: Digest::of(&text), text })
}

fn make(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = rights::open(&mut options, path, For::Owner)?;
    writeln!(file, "{}", secret::random())?;
    file.sync_all()
}

//! The newest manifest that this relay has seen: an older one that is signed all the same must not
//! take it back.

use super::manifest::{Manifest, Manifested};
use crate::rights::{self, For};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) struct Memory(PathBuf);

impl Memory {
    pub(super) fn of(data_dir: &Path) -> Memory {
        Memory(data_dir.join("update").join("newest"))
    }

    /// What was seen; nothing before the first time.
    pub(super) fn newest(&self) -> Option<Manifested> {
        Manifested::parse(&fs::read_to_string(&self.0).ok()?)
    }

    /// A folder that cannot be written is no reason to say nothing of a newer relay.
    pub(super) fn keep(&self, manifest: &Manifest) {
        if let Err(error) = self.write(&manifest.seen().to_string()) {
            tracing::warn!(path = %self.0.display(), %error, "not remembered");
        }
    }

    fn write(&self, text: &str) -> io::Result<()> {
        if let Some(folder) = self.0.parent() {
            rights::make_folder(folder)?;
        }
        let new = self.0.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        let mut file = rights::open(&mut options, &new, For::Owner)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.0)
    }
}

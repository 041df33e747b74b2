use super::JournalError;
use crate::rights::{self, For};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;

/// Keeps a second relay from the same journal. The lock belongs to the system:
/// it goes with the process, however that ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(folder: &Path) -> Result<Lock, JournalError> {
        let path = folder.join("journal.lock");
        // Apart from the lock: a locked file cannot be read on Windows.
        let holder = folder.join("journal.pid");
        let unusable = |cause: String| JournalError::Unusable { path: path.clone(), cause };
        // Windows locks no file that is open for appending only.
        let file = private(OpenOptions::new().read(true).append(true), &path)
            .map_err(|error| unusable(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => {
                private(OpenOptions::new().write(true).truncate(true), &holder)
                    .and_then(|mut file| write!(file, "{}", std::process::id()))
                    .map_err(|error| unusable(error.to_string()))?;
                Ok(Lock { _file: file })
            }
            Err(TryLockError::WouldBlock) => Err(JournalError::Held {
                folder: folder.to_owned(),
                process: fs::read_to_string(&holder).unwrap_or_else(|_| "?".into()),
            }),
            Err(TryLockError::Error(error)) => Err(unusable(error.to_string())),
        }
    }
}

/// Opens a file that only its owner may read, and makes it when it is missing.
fn private(options: &mut OpenOptions, path: &Path) -> std::io::Result<File> {
    rights::open(options.create(true), path, For::Owner)
}

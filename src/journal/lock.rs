use super::JournalError;
use std::fs::{self, File, OpenOptions, TryLockError};
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
        let file = OpenOptions::new()
            .create(true)
            // Windows locks no file that is open for appending only.
            .read(true)
            .append(true)
            .open(&path)
            .map_err(|error| unusable(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => {
                fs::write(&holder, std::process::id().to_string())
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

//! Who may read the relay's files, and how a folder is made durable: what each system says in its
//! own words.
//!
//! Unix has modes. On Windows a file has the rights of its folder, which is in the profile of the
//! person who runs the relay: closed to others, administrators excepted.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Who may read a file from its first moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The person who runs the relay.
    Owner,
    /// Every user of this machine; only the owner writes.
    Everyone,
}

/// Opens a file; a new one is readable for those.
///
/// # Errors
/// What the system says.
pub fn open(options: &mut OpenOptions, path: &Path, who: For) -> io::Result<File> {
    system::create_for(options, who);
    options.open(path)
}

/// A file that is opened with these later, if it is new, is readable for those.
pub fn create_for(options: &mut OpenOptions, who: For) {
    system::create_for(options, who);
}

/// Makes a folder and those above it for the owner alone. One that is there keeps its rights.
///
/// # Errors
/// What the system says.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    system::make_for_owner(&mut builder);
    builder.create(path)
}

/// Closes a file to everybody but its owner.
///
/// # Errors
/// What the system says.
pub fn close(path: &Path) -> io::Result<()> {
    system::close(path)
}

/// Lets everybody read a file or enter a folder, whatever the person's habits are.
///
/// # Errors
/// What the system says.
pub fn open_to_everyone(path: &Path) -> io::Result<()> {
    system::open_to_everyone(path)
}

/// Whether others than the owner may read it.
pub fn others_may_read(found: &Metadata) -> bool {
    system::others_may_read(found)
}

/// Whether others than the owner may write in it.
pub fn others_may_write(found: &Metadata) -> bool {
    system::others_may_write(found)
}

/// Makes the names in a folder durable: new files, renames, removals.
///
/// # Errors
/// What the system says.
pub fn keep_names(folder: &Path) -> io::Result<()> {
    system::keep_names(folder)
}

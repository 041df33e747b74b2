//! The rights are those of the folder above; a rename is durable without a call of ours.

use super::For;
use std::fs::{DirBuilder, Metadata, OpenOptions};
use std::io;
use std::path::Path;

pub(super) fn create_for(_options: &mut OpenOptions, _who: For) {}

pub(super) fn make_for_owner(_builder: &mut DirBuilder) {}

pub(super) fn close(_path: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn open_to_everyone(_path: &Path) -> io::Result<()> {
    Ok(())
}

pub(super) fn others_may_read(_found: &Metadata) -> bool {
    false
}

pub(super) fn others_may_write(_found: &Metadata) -> bool {
    false
}

pub(super) fn keep_names(_folder: &Path) -> io::Result<()> {
    Ok(())
}

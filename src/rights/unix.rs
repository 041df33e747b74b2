use super::For;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

pub(super) fn create_for(options: &mut OpenOptions, who: For) {
    options.mode(match who {
        For::Owner => 0o600,
        For::Everyone => 0o644,
    });
}

pub(super) fn make_for_owner(builder: &mut DirBuilder) {
    builder.mode(0o700);
}

pub(super) fn close(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, PermissionsExt::from_mode(0o600))
}

pub(super) fn open_to_everyone(path: &Path) -> io::Result<()> {
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(path, PermissionsExt::from_mode(mode))
}

pub(super) fn others_may_read(found: &Metadata) -> bool {
    found.permissions().mode() & 0o077 != 0
}

pub(super) fn others_may_write(found: &Metadata) -> bool {
    found.permissions().mode() & 0o022 != 0
}

pub(super) fn keep_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

//! The folder of the certificates: one process at a time, files that are old or new and never
//! half, keys that only their owner can read.
//!
//! What rights are on each system is [`rights`]'s business.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::CaError;
use crate::rights::{self, For};

/// The readers of a key.
pub(super) const SECRET: For = For::Owner;

/// The readers of a certificate.
pub(super) const PUBLIC: For = For::Everyone;

const LOCK: &str = "ca.lock";

#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder if need be, for its owner alone. The rights of one that is there are left
    /// as they are: someone may have opened it for another user to read `ca.pem`.
    pub(super) fn open(path: &Path) -> Result<Folder, CaError> {
        let failed = |cause| CaError::Folder { path: path.to_owned(), cause };
        let path = std::path::absolute(path).map_err(failed)?;
        rights::make_folder(&path).map_err(failed)?;
        let folder = Folder { path };
        if rights::others_may_write(&fs::metadata(&folder.path).map_err(failed)?) {
            tracing::warn!(folder = %folder.path.display(), "others may write among the keys");
        }
        Ok(folder)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Waits for the other process, a `certs renew` beside the service, and holds it off until
    /// the result is dropped.
    pub(super) fn lock(&self) -> Result<File, CaError> {
        let path = self.file(LOCK);
        let locked = rights::open(OpenOptions::new().write(true).create(true), &path, SECRET)
            .and_then(|file| file.lock().map(|()| file));
        locked.map_err(|cause| CaError::Folder { path, cause })
    }

    /// The bytes of a file, or nothing if there is no such file.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CaError> {
        match fs::read(self.file(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(CaError::Unreadable { path: self.file(name), cause }),
        }
    }

    /// As [`read`](Self::read), for a key: one that others can read, as after a restored backup,
    /// is closed to them again.
    pub(super) fn read_secret(&self, name: &str) -> Result<Option<Vec<u8>>, CaError> {
        let path = self.file(name);
        if let Ok(found) = fs::metadata(&path)
            && found.is_file()
            && rights::others_may_read(&found)
        {
            tracing::warn!(file = %path.display(), "others could read this key: closed to them");
            rights::close(&path).map_err(|cause| CaError::Unwritable { path, cause })?;
        }
        self.read(name)
    }

    /// Replaces a file in one step, durably: a crash or a full disk leaves the old one.
    pub(super) fn write(&self, name: &str, bytes: &[u8], who: For) -> Result<(), CaError> {
        let path = self.file(name);
        let draft = self.file(&format!("{name}.new"));
        let written = self.replace(&path, &draft, bytes, who);
        written.map_err(|cause| {
            // Best effort: the next write clears it as well.
            let _ = fs::remove_file(&draft);
            CaError::Unwritable { path, cause }
        })
    }

    /// Removes a file, durably; one that is not there is removed already.
    pub(super) fn remove(&self, name: &str) -> Result<(), CaError> {
        let path = self.file(name);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            removed => removed,
        };
        let removed = removed.and_then(|()| rights::keep_names(&self.path));
        removed.map_err(|cause| CaError::Unwritable { path, cause })
    }

    fn replace(&self, path: &Path, draft: &Path, bytes: &[u8], who: For) -> io::Result<()> {
        // A draft left by a crash may have any mode, and the mode is set at creation only.
        match fs::remove_file(draft) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = rights::open(OpenOptions::new().write(true).create_new(true), draft, who)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(draft, path)?;
        // The name is durable once its folder is.
        rights::keep_names(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_behind() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(&home.path().join("a/b")).unwrap();
        assert!(folder.read("x").unwrap().is_none());
        folder.write("x", b"a long first text", SECRET).unwrap();
        fs::write(folder.file("x.new"), b"left by a crash, and longer than the next").unwrap();
        folder.write("x", b"second", SECRET).unwrap();
        assert_eq!(folder.read("x").unwrap().unwrap(), b"second");
        assert!(!folder.file("x.new").exists());
    }

    #[test]
    fn a_write_that_fails_keeps_the_old_file_and_names_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        folder.write("x", b"old", SECRET).unwrap();
        // A draft that cannot be cleared: the superuser may write anywhere else.
        fs::create_dir_all(folder.file("x.new/inside")).unwrap();
        let error = folder.write("x", b"new", SECRET).unwrap_err();
        assert!(matches!(&error, CaError::Unwritable { path, .. } if path.ends_with("x")));
        assert_eq!(folder.read("x").unwrap().unwrap(), b"old");
    }

    #[test]
    fn a_key_that_could_not_be_put_in_place_is_not_left_lying_about() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        fs::create_dir(folder.file("x")).unwrap();
        folder.write("x", b"new", SECRET).unwrap_err();
        assert!(!folder.file("x.new").exists());
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("certs");
        fs::write(&path, b"").unwrap();
        let error = Folder::open(&path).unwrap_err();
        assert!(error.to_string().contains("certs"), "{error}");
    }

    #[test]
    fn the_lock_holds_off_a_second_holder_until_it_is_dropped() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        let held = folder.lock().unwrap();
        let other = File::open(folder.file(LOCK)).unwrap();
        assert!(other.try_lock().is_err());
        drop(held);
        other.try_lock().unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_key_is_its_owners_from_its_first_moment() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(&home.path().join("a/b")).unwrap();
        let mode_of = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode_of(folder.file("")), 0o700);

        // An empty draft that others can read must not lend its mode to the key.
        fs::write(folder.file("key.new"), b"").unwrap();
        folder.write("key", b"secret", SECRET).unwrap();
        assert_eq!(mode_of(folder.file("key")), 0o600);
        let created = rights::open(
            OpenOptions::new().write(true).create_new(true),
            &folder.file("n"),
            SECRET,
        );
        assert_eq!(created.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_could_read_is_closed_to_them() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().unwrap();
        let folder = Folder::open(home.path()).unwrap();
        folder.write("key", b"secret", SECRET).unwrap();
        fs::set_permissions(folder.file("key"), PermissionsExt::from_mode(0o644)).unwrap();
        assert_eq!(folder.read_secret("key").unwrap().unwrap(), b"secret");
        let found = fs::metadata(folder.file("key")).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}

use super::Trouble;
use crate::rights;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Which folders were made for our files, one a line, so that they go with them.
const MADE: &str = "made-folders";

/// The system's folders. Another root than `/` is for tests and images.
#[derive(Debug, Clone)]
pub struct Root(Option<PathBuf>);

impl Root {
    /// The system's folders below `prefix`; the machine's own without one.
    pub fn new(prefix: Option<PathBuf>) -> Root {
        // The system's programs change folder, and what is written names files.
        Root(prefix.map(|prefix| std::path::absolute(&prefix).unwrap_or(prefix)))
    }

    /// Whether this is not the machine itself.
    pub fn is_elsewhere(&self) -> bool {
        self.0.is_some()
    }

    /// An absolute path of the system, below this root.
    pub fn path(&self, absolute: &str) -> PathBuf {
        match &self.0 {
            Some(prefix) => prefix.join(absolute.trim_start_matches('/')),
            None => absolute.into(),
        }
    }

    /// Where is kept what has to be remembered to take everything away again.
    pub fn memory(&self, name: &str) -> PathBuf {
        self.memories().join(name)
    }

    fn memories(&self) -> PathBuf {
        #[cfg(windows)]
        if let (None, Some(data)) = (&self.0, std::env::var_os("ProgramData")) {
            return Path::new(&data).join("caisse-relay");
        }
        self.path("/var/lib/caisse-relay")
    }

    /// The text of a file, or nothing if there is no such file.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
        match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(Trouble::File { path: path.to_owned(), said: error.to_string() }),
        }
    }

    /// Replaces a file in one step, readable by everybody whatever the umask; remembers the
    /// folders that it had to make.
    ///
    /// # Errors
    /// When the system refuses; the old file is then untouched.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        let missing: Vec<_> = folder.ancestors().take_while(|above| !above.exists()).collect();
        if !missing.is_empty() {
            // Before they are made: a crash in between leaves a line too many, not a folder.
            let mut made = self.made()?;
            made.extend(missing.iter().map(|folder| (*folder).to_owned()));
            self.remember(&made)?;
            for folder in missing.into_iter().rev() {
                make(folder).map_err(|error| Trouble::with(folder, &error))?;
            }
        }
        replace(path, bytes).map_err(|error| Trouble::with(path, &error))
    }

    /// Removes a file of ours, and the folders that were made for it if nothing else is in them.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self, path: &Path) -> Result<(), Trouble> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Trouble::with(path, &error));
            }
            _ => {}
        }
        let mut made = self.made()?;
        if made.is_empty() {
            return Ok(());
        }
        // The deepest first, so that each is empty when its turn comes.
        made.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        made.retain(|folder| fs::remove_dir(folder).is_err() && folder.exists());
        self.remember(&made)
    }

    fn made(&self) -> Result<Vec<PathBuf>, Trouble> {
        let lines = self.read(&self.memory(MADE))?.unwrap_or_default();
        let lines = String::from_utf8_lossy(&lines).into_owned();
        Ok(lines.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect())
    }

    fn remember(&self, made: &[PathBuf]) -> Result<(), Trouble> {
        let lines: String = made.iter().map(|folder| format!("{}\n", folder.display())).collect();
        self.keep(MADE, lines.as_bytes())
    }

    /// Writes a memory; an empty one is removed, and the folder of memories with the last.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let (path, folder) = (self.memory(name), self.memories());
        let kept = if bytes.is_empty() {
            let removed = match fs::remove_file(&path) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                removed => removed,
            };
            // It stays while something else is in it: another memory, or a service's data.
            let _ = fs::remove_dir(&folder);
            removed
        } else {
            let missing = folder.ancestors().take_while(|above| !above.exists());
            let missing: Vec<_> = missing.collect();
            let made: io::Result<()> = missing.into_iter().rev().try_for_each(make);
            made.and_then(|()| replace(&path, bytes))
        };
        kept.map_err(|error| Trouble::with(&path, &error))
    }
}

fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    rights::open_to_everyone(folder)
}

/// Replaces a file in one step, readable by everybody whatever the umask.
///
/// # Errors
/// What the system says; the old file is then untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A name of its own beside the file: a folder of policies is read while we write.
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    let draft = path.with_file_name(name);
    let written = fs::File::create(&draft)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| rights::open_to_everyone(&draft))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

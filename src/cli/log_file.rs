//! The log of a relay in files of bounded size, beside its journal.

use crate::rights::{self, For};
use file_rotate::compression::Compression;
use file_rotate::suffix::AppendCount;
use file_rotate::{ContentLimit, FileRotate};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file that is written; older ones have `.1` to `.6` behind their name.
const NAME: &str = "caisse-relay.log";
/// A file that is longer makes place for a new one.
const LONGEST: usize = 2 * 1024 * 1024;
/// As many older files are kept.
const OLDER: usize = 6;

/// The files, for the one process that holds them.
pub(super) struct LogFile {
    files: FileRotate<AppendCount>,
    _held: File,
}

impl LogFile {
    /// The files in this folder, readable for the owner alone. `None` when another process
    /// writes them: two would take them away from each other.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn open(folder: &Path) -> io::Result<Option<LogFile>> {
        LogFile::of_length(folder, LONGEST)
    }

    fn of_length(folder: &Path, longest: usize) -> io::Result<Option<LogFile>> {
        rights::make_folder(folder)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        let held = rights::open(&mut options, &folder.join("lock"), For::Owner)?;
        match held.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        rights::create_for(&mut options, For::Owner);
        // The library writes into nothing where it cannot open the file: say so instead.
        options.open(folder.join(NAME))?;
        let limit = ContentLimit::BytesSurpassed(longest);
        let name = folder.join(NAME);
        let scheme = AppendCount::new(OLDER);
        let files = FileRotate::new(name, scheme, limit, Compression::None, Some(options));
        Ok(Some(LogFile { files, _held: held }))
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.files.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.files.flush()
    }
}

/// The last lines of the files in this folder, this many bytes at most; none where there are no
/// files.
pub(super) fn last_lines(folder: &Path, longest: u64) -> Option<String> {
    let older = (1..=OLDER).map(|number| format!("{NAME}.{number}"));
    let newest_first = std::iter::once(NAME.to_owned()).chain(older);
    let mut left = longest;
    let mut parts = Vec::new();
    for path in newest_first.map(|name| folder.join(name)) {
        match end_of(&path, left) {
            Ok(part) if left > 0 => {
                left = left.saturating_sub(part.len() as u64);
                parts.push(part);
            }
            _ => break,
        }
    }
    parts.reverse();
    (!parts.is_empty()).then(|| String::from_utf8_lossy(&parts.concat()).into_owned())
}

/// The end of a file, from the beginning of a line.
fn end_of(path: &PathBuf, longest: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(longest);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    file.take(longest).read_to_end(&mut bytes)?;
    if skipped > 0 {
        let line = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..line);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_stays_bounded_whatever_is_written_and_its_end_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::of_length(folder.path(), 1000).unwrap().unwrap();
        assert!(LogFile::of_length(folder.path(), 1000).unwrap().is_none(), "one process writes");
        for number in 0..5000 {
            writeln!(log, "line {number} of a flood that somebody on the network makes").unwrap();
        }
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        let bytes: u64 = files.iter().map(|file| file.metadata().unwrap().len()).sum();
        assert!(bytes < 7 * 1100 && files.len() == 8, "{bytes} bytes in {} files", files.len());
        for file in files {
            assert!(!rights::others_may_read(&file.metadata().unwrap()), "{:?}", file.path());
        }
        let last = last_lines(folder.path(), 2500).unwrap();
        assert!(last.len() <= 2500 && last.ends_with("makes\n"), "{last}");
        let numbers: Vec<u32> =
            last.lines().map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(numbers.last(), Some(&4999));
        assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1) && numbers.len() > 20);
        drop(log);
        assert!(LogFile::of_length(folder.path(), 1000).unwrap().is_some());
        assert_eq!(last_lines(&folder.path().join("none"), 100), None);
    }
}

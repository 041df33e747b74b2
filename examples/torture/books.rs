//! The terminals' ledgers on the disk: what was really charged.

use serde_json::Value;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One line of a ledger.
#[derive(Debug, Clone)]
pub struct Line {
    pub charged: bool,
    pub amount: u64,
    pub paid: u64,
}

/// All ledgers, read as far as they are written.
pub struct Books(Mutex<Open>);

struct Open {
    files: Vec<(PathBuf, u64)>,
    lines: HashMap<String, Vec<Line>>,
    /// Lines that name no payment.
    nameless: u64,
}

impl Books {
    pub fn new(files: Vec<PathBuf>) -> Books {
        let files = files.into_iter().map(|path| (path, 0)).collect();
        Books(Mutex::new(Open { files, lines: HashMap::new(), nameless: 0 }))
    }

    /// What a person reads on the terminal's tickets: `None` when there is none
    /// of this payment.
    pub fn charged(&self, id: &str) -> Option<bool> {
        let mut open = self.open();
        open.read();
        open.lines.get(id).map(|lines| lines.iter().any(|line| line.charged))
    }

    /// Whether one payment was charged twice: then there is nothing to wait for.
    pub fn has_double(&self) -> bool {
        let mut open = self.open();
        open.read();
        let twice = |lines: &Vec<Line>| lines.iter().filter(|line| line.charged).count() > 1;
        open.lines.values().any(twice)
    }

    /// Everything, and how many lines name no payment.
    pub fn all(&self) -> (HashMap<String, Vec<Line>>, u64) {
        let mut open = self.open();
        open.read();
        (open.lines.clone(), open.nameless)
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn read(&mut self) {
        for (path, at) in &mut self.files {
            let Ok(mut file) = File::open(&path) else { continue };
            let mut fresh = Vec::new();
            if file.seek(SeekFrom::Start(*at)).is_err() || file.read_to_end(&mut fresh).is_err() {
                continue;
            }
            let whole = fresh.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            *at += whole as u64;
            for line in fresh[..whole].split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
                let line: Value = serde_json::from_slice(line).unwrap_or_default();
                let number = |key: &str| line[key].as_u64().unwrap_or_default();
                let kept = Line {
                    charged: line["charged"] == true,
                    amount: number("amount"),
                    paid: number("paid"),
                };
                // Every attempt of a sale has a register of its own.
                match (line["reference"].as_str(), line["register"].as_str()) {
                    (Some(sale), Some(register)) => {
                        let id = format!("{sale}-{register}");
                        self.lines.entry(id).or_default().push(kept);
                    }
                    _ => self.nameless += 1,
                }
            }
        }
    }
}

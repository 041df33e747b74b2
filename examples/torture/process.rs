//! The real relay and the real simulators, as processes: this program again,
//! with the product's command line.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The first argument that makes this program the product.
pub const AS_PRODUCT: &str = "relay";

/// Ignored, the signal of a file that may not grow becomes an error of the write.
const FREE: &str = "trap '' XFSZ; exec \"$@\"";
const FULL: &str = "trap '' XFSZ; ulimit -S -f 1; exec \"$@\"";

/// A process that is killed when this is dropped.
pub struct Process {
    child: Child,
    /// Read no further, and kept open.
    _stdout: BufReader<ChildStdout>,
    /// What it said first.
    pub listening: Value,
}

/// The product, with these arguments. A full disk is one whose files may not grow.
fn product(arguments: &[&str], disk_is_full: bool) -> Result<Command> {
    let mut command = Command::new("bash");
    command
        .args(["-c", if disk_is_full { FULL } else { FREE }, "bash"])
        .arg(std::env::current_exe()?)
        .arg(AS_PRODUCT)
        .args(arguments)
        .env_remove("CAISSE_RELAY_CONFIG")
        .env_remove("CAISSE_RELAY_DATA_DIR")
        .env_remove("CAISSE_RELAY_LISTEN")
        .env_remove("CAISSE_RELAY_LOG")
        .env_remove("CAISSE_RELAY_DIE_AT")
        .env_remove("CAISSE_RELAY_PLANT")
        .stdin(Stdio::null());
    Ok(command)
}

impl Process {
    /// Starts a relay; returns when it listens. `die_at` and `plant` are heard
    /// by builds with the feature `faults`.
    pub fn relay(
        folder: &Path,
        die_at: Option<&str>,
        plant: Option<&str>,
        disk_is_full: bool,
    ) -> Result<Process> {
        let config = folder.join("caisse-relay.toml");
        let mut command =
            product(&["run", "--json", "--config", &config.to_string_lossy()], disk_is_full)?;
        if let Some(place) = die_at {
            command.env("CAISSE_RELAY_DIE_AT", place);
        }
        if let Some(bug) = plant {
            command.env("CAISSE_RELAY_PLANT", bug);
        }
        let log = OpenOptions::new().create(true).append(true).open(folder.join("relay.log"))?;
        Process::start(command, log)
    }

    /// Starts a terminal.
    pub fn simulator(folder: &Path, name: &str, ledger: &Path) -> Result<Process> {
        let script = folder.join("script.toml");
        let ledger = ledger.to_string_lossy();
        let command = product(
            &[
                "simulate",
                "--json",
                "--log",
                "error",
                "--listen",
                "127.0.0.1:0",
                "--script",
                &script.to_string_lossy(),
                "--ledger",
                &ledger,
            ],
            false,
        )?;
        Process::start(command, File::create(folder.join(format!("{name}.log")))?)
    }

    fn start(mut command: Command, log: File) -> Result<Process> {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn()?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut process =
            Process { child, _stdout: BufReader::new(stdout), listening: Value::Null };
        let mut line = String::new();
        process._stdout.read_line(&mut line)?;
        process.listening =
            serde_json::from_str(&line).with_context(|| format!("it said {line:?}"))?;
        ensure!(process.listening["type"] == "listening", "it said {line}");
        Ok(process)
    }

    /// Where it listens.
    pub fn address(&self) -> Result<SocketAddr> {
        let text = self.listening["address"].as_str().or(self.listening["url"].as_str());
        let text = text.context("no address")?.trim_start_matches("wss://");
        Ok(text.trim_end_matches("/till").parse()?)
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// No file of it may grow beyond this.
    pub fn limit_files(&self, limit: &str) {
        let pid = self.child.id().to_string();
        let limit = format!("--fsize={limit}:unlimited");
        let _ = Command::new("prlimit").args(["--pid", &pid, &limit]).status();
    }

    /// Tells it to stop, as a person would.
    pub fn ask_to_stop(&self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What the product's own command line says of the journal: its payments, and
/// what people and the relay did beside them.
pub fn journal(folder: &Path) -> Result<(Vec<Value>, Vec<Value>)> {
    let payments = lines(folder, &["journal", "export", "--format", "json"])?;
    Ok((payments, lines(folder, &["journal", "events"])?))
}

fn lines(folder: &Path, command: &[&str]) -> Result<Vec<Value>> {
    let config = folder.join("caisse-relay.toml");
    let config = config.to_string_lossy();
    let output = product(&[command, &["--config", &config]].concat(), false)?
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the journal cannot be exported");
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Ok(serde_json::from_slice(line)?)).collect()
}

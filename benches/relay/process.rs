//! The relay itself: the binary, as a process of its own.

use anyhow::{Context, Result};
use caisse_relay::access;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The relay's binary, built like the bench.
pub const BINARY: &str = env!("CARGO_BIN_EXE_caisse-relay");

/// A relay that runs; killed when this is dropped.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
    /// The certificate to trust.
    pub ca: PathBuf,
    /// Its configuration.
    pub config: PathBuf,
    /// What the person at the relay shows.
    pub key: String,
}

impl Process {
    /// Starts it; returns when it says that it listens. It logs as it does in a
    /// shop, into a file.
    pub fn start(folder: &Path, terminals: &[SocketAddr]) -> Result<Process> {
        fs::create_dir_all(folder)?;
        let config = folder.join("caisse-relay.toml");
        let mut text = "data_dir = \"data\"\n".to_owned();
        for (index, terminal) in terminals.iter().enumerate() {
            let (host, port) = (terminal.ip(), terminal.port());
            writeln!(
                text,
                "[[terminals]]\nname = \"t{index}\"\naddress = \"{host}\"\nport = {port}"
            )?;
        }
        fs::write(&config, text)?;
        let log = folder.join("relay.log");
        let mut child = Command::new(BINARY)
            .args(["run", "--json", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .env_remove("CAISSE_RELAY_DATA_DIR")
            .env_remove("CAISSE_RELAY_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .context(BINARY)?;
        let stdout = child.stdout.take().context("no standard output")?;
        // From here on it is stopped whatever happens.
        let mut process = Process {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            ca: PathBuf::new(),
            config,
            key: String::new(),
        };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let listening: serde_json::Value = serde_json::from_str(&line).with_context(|| {
            format!("the relay did not start: {}", fs::read_to_string(&log).unwrap_or_default())
        })?;
        let text = |name: &str| listening[name].as_str().unwrap_or_default().to_owned();
        let url = text("url");
        process.address = url
            .strip_prefix("wss://")
            .and_then(|rest| rest.split('/').next())
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("no address in `{line}`"))?;
        process.ca = text("ca").into();
        process.key = access::read_key(&folder.join("data"))?;
        Ok(process)
    }

    /// Resident memory; `None` where the system has no `/proc`.
    pub fn memory_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        resident.trim().trim_end_matches("kB").trim().parse().ok()
    }

    /// How often its threads were woken since they began.
    pub fn wake_ups(&self) -> Option<u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let woken = threads.flatten().filter_map(|thread| {
            let status = fs::read_to_string(thread.path().join("status")).ok()?;
            let slept =
                status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            slept?.trim().parse::<u64>().ok()
        });
        Some(woken.sum())
    }

    /// Processor time since it began, also of threads that have ended; to 10 ms.
    pub fn processor_all_ms(&self) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // After the name, which may hold anything: the 14th and the 15th field.
        let fields: Vec<_> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field)?.parse::<u64>().ok();
        Some(10 * (ticks(11)? + ticks(12)?))
    }

    /// Processor time of all its threads; `None` where the system has no `/proc`.
    pub fn processor_ns(&self) -> Option<u64> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let ran = threads.flatten().filter_map(|thread| {
            let schedule = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            schedule.split(' ').next()?.parse::<u64>().ok()
        });
        Some(ran.sum())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The real program, as a process.

use crate::shop::{Till, config_text};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_caisse-relay");

/// A relay in a process of its own; killed at the end of the story at the latest.
pub struct Running {
    pub child: Child,
    pub url: String,
    pub ca_file: PathBuf,
}

/// Writes a configuration and gives its path.
pub fn configure(folder: &Path, terminals: &[(&str, SocketAddr)], settings: &str) -> PathBuf {
    let path = folder.join("caisse-relay.toml");
    fs::write(&path, config_text(folder, terminals, settings)).unwrap();
    path
}

impl Running {
    pub fn start(config: &Path) -> Running {
        Running::from(Command::new(PROGRAM).arg("run").arg("--config").arg(config).arg("--json"))
    }

    /// From a command that prints the relay's `listening` line.
    pub fn from(command: &mut Command) -> Running {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).expect("it says where it listens");
        assert_eq!(listening["type"], "listening");
        let text = |key: &str| listening[key].as_str().unwrap().to_owned();
        Running { child, url: text("url"), ca_file: text("ca").into() }
    }

    /// Where it listens for tills: an IP address with its port.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("wss://").trim_end_matches("/till")
    }

    pub async fn till(&self, name: &str) -> Till {
        Till::enter(&self.url, &self.ca_file, name).await
    }

    /// As a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the program to its end.
pub async fn program(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    tokio::task::spawn_blocking(move || {
        let once = || Command::new(PROGRAM).args(&arguments).output();
        // Wine fails to start a program now and then: ERROR_INTERNAL_ERROR, never seen of Windows.
        let wine = |error: &std::io::Error| cfg!(windows) && error.raw_os_error() == Some(1359);
        once().or_else(|error| if wine(&error) { once() } else { Err(error) }).unwrap()
    })
    .await
    .unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

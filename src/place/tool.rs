use super::Trouble;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where administrators' programs are; an ordinary user's `PATH` often lacks it.
const BESIDE_PATH: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// A program of this machine, or nothing.
pub fn find(tool: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(BESIDE_PATH.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(tool)).find(|file| file.is_file())
}

/// Runs a program to its end and gives what it wrote. It asks nobody anything on this terminal.
///
/// # Errors
/// When it is missing or fails.
pub fn run(
    tool: &'static str,
    package: &'static str,
    arguments: &[&OsStr],
) -> Result<Vec<u8>, Trouble> {
    let missing = Trouble::ToolMissing { tool, package };
    let program = find(tool).ok_or(missing)?;
    let done = Command::new(&program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Trouble::with(&program, &error))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(Trouble::ToolFailed {
        command: spelt(&program, arguments),
        said: last.map_or_else(|| done.status.to_string(), |line| line.trim().to_owned()),
    })
}

fn spelt(program: &Path, arguments: &[&OsStr]) -> String {
    let words = std::iter::once(program.as_os_str()).chain(arguments.iter().copied());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}

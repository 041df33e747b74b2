//! The `Run` keys of the registry: what Windows starts when a person logs in.

use super::command_line;
use crate::place::{Found, Place, Trouble};
use crate::service::{Program, outdated};
use std::io::{Error, ErrorKind};
use std::path::Path;
use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};

const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const VALUE: &str = "Caisse Relay";
/// The same program without a console window, where the installer has put it.
const WINDOWLESS: &str = "caisse-relayw.exe";

pub(super) struct Run {
    machine: bool,
    program: Program,
}

impl Run {
    /// When this person logs in.
    pub(super) fn user(program: &Program) -> Run {
        Run { machine: false, program: program.clone() }
    }

    /// When anybody does.
    pub(super) fn machine(program: &Program) -> Run {
        Run { machine: true, program: program.clone() }
    }

    fn hive(&self) -> &'static Key {
        if self.machine { LOCAL_MACHINE } else { CURRENT_USER }
    }

    fn command(&self) -> String {
        let mut program = self.program.clone();
        let windowless = program.file.with_file_name(WINDOWLESS);
        if windowless.is_file() {
            program.file = windowless;
        }
        command_line(&program.words("tray", false))
    }

    fn trouble(&self, error: Error) -> Trouble {
        let hive = if self.machine { "HKLM" } else { "HKCU" };
        Trouble::with(Path::new(&format!(r"{hive}\{KEY}")), &error)
    }

    fn value(&self) -> Result<Option<String>, Error> {
        let value = self.hive().open(KEY).and_then(|key| key.get_string(VALUE));
        match value.map_err(Error::from) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Place for Run {
    fn name(&self) -> &'static str {
        if self.machine { "machine" } else { "login" }
    }

    fn serves(&self) -> &'static str {
        "Windows: caisse-relay tray"
    }

    fn wanted(&self) -> bool {
        !self.machine
    }

    fn read(&self) -> Found {
        match self.value() {
            Ok(Some(text)) if text == self.command() => Found::holds(),
            Ok(Some(_)) => outdated(),
            Ok(None) => Found::lacks(),
            Err(error) => Found::unclear(self.trouble(error)),
        }
    }

    fn install(&self) -> Result<(), Trouble> {
        let key = self.hive().create(KEY);
        let set = key.and_then(|key| key.set_string(VALUE, self.command()));
        set.map_err(|error| self.trouble(error.into()))
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        if self.value().map_err(|error| self.trouble(error))?.is_none() {
            return Ok(());
        }
        let removed = self.hive().create(KEY).and_then(|key| key.remove_value(VALUE));
        removed.map_err(|error| self.trouble(error.into()))
    }
}

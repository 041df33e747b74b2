//! systemd: a unit of the person or of the machine, and the link that starts it.
//!
//! The package of a distribution brings the same units. Where it is the package's program that is
//! to be started, its unit is linked and none is written.

use super::{Program, outdated};
use crate::place::{self, Found, Place, Root, Trouble, run};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const NAME: &str = "caisse-relay.service";

/// The program of a distribution's package.
const PACKAGED: &str = "/usr/bin/caisse-relay";

/// What only one person can read, so that a user of its own cannot start it.
const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];

pub(super) struct Unit {
    system: bool,
    program: Program,
    /// Where units are written; nothing without a home.
    folder: Option<PathBuf>,
    root: Root,
}

impl Unit {
    /// The person's.
    pub(super) fn user(program: &Program, root: &Root) -> Unit {
        let folder = place::config_home().map(|home| home.join("systemd/user"));
        Unit { system: false, program: program.clone(), folder, root: root.clone() }
    }

    /// The machine's.
    pub(super) fn system(program: &Program, root: &Root) -> Unit {
        let folder = Some(root.path("/etc/systemd/system"));
        Unit { system: true, program: program.clone(), folder, root: root.clone() }
    }

    fn text(&self) -> String {
        let template = match self.system {
            true => include_str!("caisse-relay.system.service"),
            false => include_str!("caisse-relay.user.service"),
        };
        let words = self.program.words("run", self.system);
        let command: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        template.replace("@COMMAND@", &command.join(" "))
    }

    fn folder(&self) -> Result<&Path, Trouble> {
        self.folder.as_deref().ok_or(Trouble::NoHome)
    }

    /// The package's unit, where it starts just this.
    fn packaged(&self) -> Option<PathBuf> {
        let kind = if self.system { "system" } else { "user" };
        let unit = self.root.path(&format!("/usr/lib/systemd/{kind}")).join(NAME);
        let same = self.program.file == Path::new(PACKAGED) && self.program.config.is_none();
        let same = same && (self.system || self.program.data_dir.is_none());
        (same && unit.is_file()).then_some(unit)
    }

    fn wants(&self) -> Result<PathBuf, Trouble> {
        let target = if self.system { "multi-user" } else { "default" };
        Ok(self.folder()?.join(format!("{target}.target.wants")).join(NAME))
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let own = self.folder()?.join(NAME);
        let link = fs::read_link(self.wants()?).ok();
        let text = self.root.read(&own)?;
        let right = match self.packaged() {
            Some(packaged) => text.is_none() && link.as_ref() == Some(&packaged),
            None => text.as_deref() == Some(self.text().as_bytes()) && link.as_ref() == Some(&own),
        };
        Ok(match (right, text, link) {
            (true, ..) => Found::holds(),
            (false, None, None) => Found::lacks(),
            _ => outdated(),
        })
    }

    fn try_install(&self) -> Result<(), Trouble> {
        let file = &self.program.file;
        if self.system && HOMES.iter().any(|home| file.starts_with(home)) {
            return Err(Trouble::Misplaced { path: file.clone() });
        }
        self.take_away()?;
        let own = self.folder()?.join(NAME);
        let unit = match self.packaged() {
            Some(packaged) => packaged,
            None => {
                self.write(&own, self.text().as_bytes())?;
                own
            }
        };
        let wants = self.wants()?;
        let folder = wants.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(|error| Trouble::with(folder, &error))?;
        symlink(unit, &wants).map_err(|error| Trouble::with(&wants, &error))?;
        self.tell(&["daemon-reload"])?;
        self.tell(&["restart", NAME])
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Trouble> {
        let folder = path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(|error| Trouble::with(folder, &error))?;
        place::replace(path, bytes).map_err(|error| Trouble::with(path, &error))
    }

    fn take_away(&self) -> Result<(), Trouble> {
        let (own, wants) = (self.folder()?.join(NAME), self.wants()?);
        for path in [&wants, &own] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Trouble::with(path, &error));
                }
                _ => {}
            }
        }
        // It stays while another unit is wanted there.
        let _ = fs::remove_dir(wants.parent().unwrap_or(Path::new("/")));
        Ok(())
    }

    /// Whether a systemd runs that these units are for.
    fn manager_runs(&self) -> bool {
        if self.root.is_elsewhere() {
            return false;
        }
        match self.system {
            true => Path::new("/run/systemd/system").is_dir(),
            false => std::env::var_os("XDG_RUNTIME_DIR")
                .is_some_and(|folder| Path::new(&folder).join("systemd/private").exists()),
        }
    }

    /// Without a systemd, the unit starts with the next session or the next start.
    fn tell(&self, words: &[&str]) -> Result<(), Trouble> {
        if !self.manager_runs() {
            return Ok(());
        }
        let user = (!self.system).then_some("--user");
        let words: Vec<_> = user.into_iter().chain(words.iter().copied()).map(OsStr::new).collect();
        run("systemctl", "systemd", &words).map(drop)
    }

    /// A person's unit is not for the superuser's home.
    fn refuse_sudo(&self) -> Result<(), Trouble> {
        let sudo = std::env::var_os("SUDO_USER").is_some_and(|user| !user.is_empty());
        if sudo && !self.system { Err(Trouble::NotAsRoot) } else { Ok(()) }
    }
}

/// A word of `ExecStart`.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    let escaped = word.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('%', "%%").replace('$', "$$"))
}

impl Place for Unit {
    fn name(&self) -> &'static str {
        if self.system { "system" } else { "user" }
    }

    fn serves(&self) -> &'static str {
        "systemd: caisse-relay run"
    }

    fn wanted(&self) -> bool {
        !self.system
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        self.refuse_sudo()?;
        self.try_install()
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        self.refuse_sudo()?;
        // Before its unit goes: systemd knows what it has to stop.
        self.tell(&["stop", NAME])?;
        self.take_away()?;
        self.tell(&["daemon-reload"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_and_signs_is_one_word() {
        assert_eq!(quoted("/usr/bin/caisse-relay"), "/usr/bin/caisse-relay");
        assert_eq!(quoted("/opt/La Caisse/100%"), r#""/opt/La Caisse/100%%""#);
        assert_eq!(quoted(r#"/a "b" \ $c"#), r#""/a \"b\" \\ $$c""#);
    }
}

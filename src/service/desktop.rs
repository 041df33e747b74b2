//! The desktop's own list of what starts with a session, for the tray.
//!
//! A package puts an entry into `/etc/xdg/autostart` for everybody; the person's entry of the same
//! name goes before it, and one that is hidden switches it off.

use super::{Program, outdated};
use crate::place::{self, Found, Place, Root, Trouble};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const NAME: &str = "caisse-relay.desktop";
const EVERYBODY: &str = "/etc/xdg/autostart/caisse-relay.desktop";
const TEMPLATE: &str = include_str!("caisse-relay.desktop");

pub(super) struct Entry {
    program: Program,
    /// The person's; nothing without a home.
    file: Option<PathBuf>,
    root: Root,
}

impl Entry {
    pub(super) fn new(program: &Program, root: &Root) -> Entry {
        let file = place::config_home().map(|home| home.join("autostart").join(NAME));
        Entry { program: program.clone(), file, root: root.clone() }
    }

    fn file(&self) -> Result<&Path, Trouble> {
        self.file.as_deref().ok_or(Trouble::NoHome)
    }

    fn text(&self) -> String {
        let words = self.program.words("tray", false);
        let command: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        TEMPLATE.replace("@COMMAND@", &command.join(" "))
    }

    fn hidden() -> &'static str {
        "[Desktop Entry]\nType=Application\nName=Caisse Relay\nHidden=true\n"
    }

    /// Whether everybody's entry starts just this.
    fn everybodys(&self) -> Result<bool, Trouble> {
        let text = self.root.read(&self.root.path(EVERYBODY))?;
        Ok(text.as_deref() == Some(self.text().as_bytes()))
    }

    fn everybody_has_one(&self) -> bool {
        self.root.path(EVERYBODY).exists()
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let own = self.root.read(self.file()?)?;
        Ok(match own.as_deref() {
            Some(text) if text == self.text().as_bytes() => Found::holds(),
            Some(text) if text == Self::hidden().as_bytes() => Found::lacks(),
            Some(_) => outdated(),
            None if self.everybodys()? => Found::holds(),
            None if self.everybody_has_one() => outdated(),
            None => Found::lacks(),
        })
    }

    fn remove(&self) -> Result<(), Trouble> {
        let file = self.file()?;
        match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Trouble::with(file, &error)),
            _ => Ok(()),
        }
    }

    fn write(&self, text: &str) -> Result<(), Trouble> {
        let file = self.file()?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder)
            .and_then(|()| place::replace(file, text.as_bytes()))
            .map_err(|error| Trouble::with(file, &error))
    }
}

/// A word of `Exec`: quoted, and once more for the file itself.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@,=".contains(c);
    if word.chars().all(plain) {
        return word.to_owned();
    }
    let escaped = word.chars().flat_map(|c| match c {
        '"' | '`' | '$' => vec!['\\', '\\', c],
        '\\' => vec!['\\'; 4],
        '%' => vec!['%', '%'],
        c => vec![c],
    });
    format!("\"{}\"", escaped.collect::<String>())
}

impl Place for Entry {
    fn name(&self) -> &'static str {
        "login"
    }

    fn serves(&self) -> &'static str {
        "desktop: caisse-relay tray"
    }

    fn wanted(&self) -> bool {
        false
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        if self.everybodys()? { self.remove() } else { self.write(&self.text()) }
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        if self.everybody_has_one() { self.write(Self::hidden()) } else { self.remove() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_spaces_and_signs_is_one_word() {
        assert_eq!(quoted("/usr/bin/caisse-relay"), "/usr/bin/caisse-relay");
        assert_eq!(quoted("/opt/La Caisse"), r#""/opt/La Caisse""#);
        assert_eq!(quoted("/a$b%"), r#""/a\\$b%%""#);
    }
}

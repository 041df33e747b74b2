//! Whether the icon, and the relay with it, start when the session opens.

use std::io;
use std::path::Path;

/// The platform's way.
pub trait AtLogin: Send + Sync {
    /// Whether they start.
    fn is_on(&self) -> bool;
    /// Whether they shall start from now on.
    ///
    /// # Errors
    /// When the system refuses.
    fn turn(&self, on: bool) -> io::Result<()>;
}

/// This platform's way, for a program that is started with these words; none
/// where the relay knows no way. `configuration` is the folder of the person's
/// settings.
pub fn at_login(configuration: &Path, words: Vec<String>) -> Option<Box<dyn AtLogin>> {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        let file = configuration.join("autostart").join("caisse-relay.desktop");
        Some(Box::new(desktop::DesktopFile { file, words }))
    }
    #[cfg(windows)]
    {
        let _ = configuration;
        Some(Box::new(registry::RunValue { words }))
    }
    #[cfg(target_os = "macos")]
    {
        let _ = (configuration, words);
        None
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
mod desktop {
    use super::AtLogin;
    use std::path::PathBuf;
    use std::{fs, io};

    /// A file in the autostart folder (XDG Desktop Application Autostart 0.5).
    pub(super) struct DesktopFile {
        pub(super) file: PathBuf,
        pub(super) words: Vec<String>,
    }

    impl AtLogin for DesktopFile {
        fn is_on(&self) -> bool {
            // A person may have switched it off in the settings of the desktop.
            let text = fs::read_to_string(&self.file).unwrap_or_default();
            let off = |line: &str| {
                let line = line.replace(' ', "");
                ["Hidden=true", "X-GNOME-Autostart-enabled=false"].contains(&line.as_str())
            };
            !text.is_empty() && !text.lines().any(off)
        }

        fn turn(&self, on: bool) -> io::Result<()> {
            if !on {
                return match fs::remove_file(&self.file) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    removed => removed,
                };
            }
            if let Some(folder) = self.file.parent() {
                fs::create_dir_all(folder)?;
            }
            let exec: Vec<_> = self.words.iter().map(|word| quoted(word)).collect();
            let text = format!(
                "[Desktop Entry]\nType=Application\nName=Caisse Relay\nExec={}\nTerminal=false\n\
                 Comment=Paiements par carte pour la caisse\nX-GNOME-Autostart-enabled=true\n",
                exec.join(" ")
            );
            fs::write(&self.file, text)
        }
    }

    /// As an `Exec` key wants it: quoted for its own rules, then escaped for the
    /// file's (Desktop Entry Specification 1.5, "The Exec key").
    pub(super) fn quoted(word: &str) -> String {
        let mut quoted = String::from('"');
        for char in word.chars() {
            match char {
                '"' | '`' | '$' => quoted.extend(['\\', '\\', char]),
                '\\' => quoted.push_str("\\\\\\\\"),
                '%' => quoted.push_str("%%"),
                _ => quoted.push(char),
            }
        }
        quoted + "\""
    }
}

#[cfg(windows)]
mod registry {
    use super::AtLogin;
    use std::io;
    use windows_registry::CURRENT_USER;

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
    const NAME: &str = "Caisse Relay";

    /// A value of the person's `Run` key.
    pub(super) struct RunValue {
        pub(super) words: Vec<String>,
    }

    impl AtLogin for RunValue {
        fn is_on(&self) -> bool {
            CURRENT_USER.open(RUN).and_then(|key| key.get_string(NAME)).is_ok()
        }

        fn turn(&self, on: bool) -> io::Result<()> {
            let key = CURRENT_USER.create(RUN).map_err(io::Error::from)?;
            if on {
                // No file name holds a quotation mark; one with spaces needs them.
                let words: Vec<_> = self.words.iter().map(|word| format!("\"{word}\"")).collect();
                return key.set_string(NAME, words.join(" ")).map_err(io::Error::from);
            }
            match key.remove_value(NAME) {
                Err(_) if !self.is_on() => Ok(()),
                removed => removed.map_err(io::Error::from),
            }
        }
    }
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn starting_with_the_session_is_a_file_that_comes_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let words = ["/opt/my apps/caisse-relay", "tray"].map(str::to_owned);
        let at_login = at_login(folder.path(), words.into()).unwrap();
        assert!(!at_login.is_on());
        at_login.turn(false).unwrap();
        at_login.turn(true).unwrap();
        assert!(at_login.is_on());
        let file = folder.path().join("autostart/caisse-relay.desktop");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("\nExec=\"/opt/my apps/caisse-relay\" \"tray\"\n"), "{text}");

        let off = text.replace("enabled=true", "enabled=false");
        fs::write(&file, off).unwrap();
        assert!(!at_login.is_on(), "switched off in the desktop's settings");
        at_login.turn(true).unwrap();
        assert!(at_login.is_on());
        at_login.turn(false).unwrap();
        assert!(!at_login.is_on() && !file.exists());
    }

    #[test]
    fn words_with_signs_reach_the_program_as_they_are() {
        assert_eq!(desktop::quoted("a b%$\""), r#""a b%%\\$\\"""#);
        assert_eq!(desktop::quoted("a\\b"), r#""a\\\\b""#);
    }
}

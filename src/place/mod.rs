//! The places of this machine, outside the relay's own folders, where the relay leaves something
//! that browsers read: certificate stores and policies.
//!
//! Each has the same three verbs, whatever it is: read what it believes, install, uninstall.
//! [`carry_out`] says them; it does nothing where nothing is to be done, and believes a place only
//! after it has read it again.
//!
//! | file | job |
//! |---|---|
//! | `root` | files in the system's folders: whole, readable by all, and the folders made for them gone again |
//! | `tool` | the system's own programs |
//! | `trouble` | why a place did not do what it was asked |

mod root;
mod tool;
mod trouble;

pub use root::{Root, replace};
use std::path::PathBuf;
pub use tool::{find, run};
pub use trouble::Trouble;

/// One certificate store, one browser's policies, or one way to start the relay by itself.
pub trait Place {
    /// Its stable name, as `--store` and `--browser` take it.
    fn name(&self) -> &'static str;

    /// The programs that read it.
    fn serves(&self) -> &'static str;

    /// Whether `install` means it when it is not named.
    fn wanted(&self) -> bool;

    /// What it holds now.
    fn read(&self) -> Found;

    /// Makes it hold what is ours, and nothing older of ours.
    ///
    /// # Errors
    /// When it could not be changed.
    fn install(&self) -> Result<(), Trouble>;

    /// Takes everything of ours away.
    ///
    /// # Errors
    /// When it could not be changed.
    fn uninstall(&self) -> Result<(), Trouble>;

    /// What the system asks the person before it does it.
    fn prompt(&self, _verb: Verb) -> Option<Prompt> {
        None
    }
}

/// The person's folder of configurations, as XDG calls it; nothing without a home.
pub fn config_home() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let named = named.filter(|folder| folder.is_absolute());
    named.or_else(|| std::env::home_dir().map(|home| home.join(".config")))
}

/// What is done to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Read it, change nothing.
    Status,
    /// Put ours there.
    Install,
    /// Take ours away.
    Uninstall,
}

/// A question that the system asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Windows shows a warning with the certificate's thumbprint.
    WindowsWarning,
    /// macOS asks for the password.
    MacPassword,
}

/// What a place holds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whether it holds what it should.
    pub belief: Belief,
    /// Whether it holds ours, of this very installation, because we put it there.
    pub ours: bool,
    /// How many other things of ours are there: older certificates, other origins.
    pub leftovers: usize,
}

/// What a place believes.
#[derive(Debug, Clone)]
pub enum Belief {
    /// It holds ours and acts on it.
    Holds,
    /// It does not.
    Lacks,
    /// There is no such place on this machine.
    Absent,
    /// Nobody can tell.
    Unclear(Trouble),
}

impl Found {
    /// Ours, alone.
    pub fn holds() -> Found {
        Found { belief: Belief::Holds, ours: true, leftovers: 0 }
    }

    /// Nothing of ours.
    pub fn lacks() -> Found {
        Found { belief: Belief::Lacks, ours: false, leftovers: 0 }
    }

    /// No such place.
    pub fn absent() -> Found {
        Found { belief: Belief::Absent, ours: false, leftovers: 0 }
    }

    /// Nobody can tell.
    pub fn unclear(trouble: Trouble) -> Found {
        Found { belief: Belief::Unclear(trouble), ours: false, leftovers: 0 }
    }

    /// The same, or no such place: where nothing is in it, and no program that would read it.
    pub fn where_there_is(self, reader: bool) -> Found {
        let nothing = self.is_clean() && matches!(self.belief, Belief::Lacks);
        if nothing && !reader { Found::absent() } else { self }
    }

    /// Ours and nothing older of ours.
    pub fn is_installed(&self) -> bool {
        matches!(self.belief, Belief::Holds) && self.leftovers == 0
    }

    /// Nothing of ours, whatever else there is.
    pub fn is_clean(&self) -> bool {
        // It may still hold what someone else put there.
        !self.ours && self.leftovers == 0 && !matches!(self.belief, Belief::Unclear(_))
    }
}

/// What became of a place.
#[derive(Debug)]
pub struct Told {
    /// Its stable name.
    pub name: &'static str,
    /// The programs that read it.
    pub serves: &'static str,
    /// What it holds now, read again.
    pub found: Found,
    /// Whether anything was changed.
    pub changed: bool,
    /// Why it does not hold what was asked; a place that cannot be read says so in `found`.
    pub trouble: Option<Trouble>,
}

/// Says one verb to one place.
pub fn carry_out(place: &dyn Place, verb: Verb) -> Told {
    let before = place.read();
    let tell = |found, changed, trouble| {
        let (name, serves) = (place.name(), place.serves());
        Told { name, serves, found, changed, trouble }
    };
    let (done, is_done, otherwise): (_, fn(&Found) -> bool, _) = match verb {
        Verb::Status => return tell(before, false, None),
        Verb::Install if before.is_installed() => return tell(before, false, None),
        Verb::Uninstall if before.is_clean() => return tell(before, false, None),
        Verb::Install => (place.install(), Found::is_installed, Trouble::NotTaken),
        Verb::Uninstall => (place.uninstall(), Found::is_clean, Trouble::StillThere),
    };
    let after = place.read();
    match (done, &after.belief) {
        (Err(trouble), _) => tell(after, false, Some(trouble)),
        (Ok(()), _) if is_done(&after) => tell(after, true, None),
        (Ok(()), Belief::Unclear(trouble)) => {
            let trouble = trouble.clone();
            tell(after, true, Some(trouble))
        }
        (Ok(()), _) => tell(after, true, Some(otherwise)),
    }
}

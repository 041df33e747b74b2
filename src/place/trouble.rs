use std::io;
use std::path::{Path, PathBuf};

/// Why a place did not do what it was asked. The sentence for people is in `words`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It belongs to the whole machine.
    #[error("an administrator has to do it: no right to change {}", path.display())]
    NeedsAdmin {
        /// What could not be changed.
        path: PathBuf,
    },
    /// It belongs to the person who uses the browser, and this is the superuser.
    #[error("it belongs to the person who uses the browser: run it as that person")]
    NotAsRoot,
    /// A program of the system is missing.
    #[error("the program {tool} is missing; the package {package} has it")]
    ToolMissing {
        /// The program.
        tool: &'static str,
        /// The package that has it.
        package: &'static str,
    },
    /// A program of the system failed.
    #[error("{command} failed: {said}")]
    ToolFailed {
        /// The command line.
        command: String,
        /// Its last words.
        said: String,
    },
    /// A file could not be read or written.
    #[error("{}: {said}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        said: String,
    },
    /// A file of someone else's is not what it should be, and is left alone.
    #[error("{} cannot be understood: {said}", path.display())]
    NotUnderstood {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        said: String,
    },
    /// Another file sets the same policy; which of them wins is not ours to say.
    #[error("{} sets {policy} too", path.display())]
    Rival {
        /// The other file.
        path: PathBuf,
        /// The policy.
        policy: String,
    },
    /// This platform wants its own deployment tool.
    #[error("to be deployed by hand: {what}")]
    ByHand {
        /// What to deploy.
        what: String,
    },
    /// There is no home folder to write in.
    #[error("no home folder")]
    NoHome,
    /// The program is where only one person can start it.
    #[error("only one person can start {}", path.display())]
    Misplaced {
        /// The program.
        path: PathBuf,
    },
    /// It said yes and does not hold it.
    #[error("it accepted the change and does not show it")]
    NotTaken,
    /// Something of ours is still there.
    #[error("something of ours is still there")]
    StillThere,
}

impl Trouble {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Trouble::NeedsAdmin { .. } => "needs_admin",
            Trouble::NotAsRoot => "not_as_root",
            Trouble::ToolMissing { .. } => "tool_missing",
            Trouble::ToolFailed { .. } => "tool_failed",
            Trouble::File { .. } => "file_failed",
            Trouble::NotUnderstood { .. } => "file_not_understood",
            Trouble::Rival { .. } => "rival_policy",
            Trouble::ByHand { .. } => "by_hand",
            Trouble::NoHome => "no_home",
            Trouble::Misplaced { .. } => "misplaced",
            Trouble::NotTaken => "not_taken",
            Trouble::StillThere => "still_there",
        }
    }

    /// What the system said of a file.
    pub fn with(path: &Path, error: &io::Error) -> Trouble {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Trouble::NeedsAdmin { path: path.to_owned() },
            _ => Trouble::File { path: path.to_owned(), said: error.to_string() },
        }
    }
}

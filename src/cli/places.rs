//! `install`, `status` and `uninstall`, said to stores, to browsers or to what starts programs.

use super::Common;
use super::exit::{Exit, print, say};
use crate::config;
use crate::place::{self, Belief, Place, Prompt, Root, Told, Trouble, Verb};
use crate::words::{Lang, Misuse, Notice, Sentence};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the system's folders are.
#[derive(Debug, Clone, Args)]
pub(super) struct System {
    /// Below this folder instead of `/`: for tests and images
    #[arg(long, value_name = "DIR", hide = true)]
    root: Option<PathBuf>,
}

impl System {
    /// Where they are.
    pub(super) fn of_this_machine() -> System {
        System { root: None }
    }

    pub(super) fn root(&self) -> Root {
        Root::new(self.root.clone())
    }
}

/// What the places are, and how they are named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// `certs … --store`.
    Stores,
    /// `browser-policy … --browser`.
    Policies,
    /// `service … --as`.
    Services,
}

/// One verb for some places.
pub(super) struct Work<'a> {
    pub(super) subject: Subject,
    pub(super) verb: Verb,
    /// Those that were named; the usual ones without a name.
    pub(super) named: &'a [String],
    pub(super) lang: Lang,
    pub(super) common: &'a Common,
    pub(super) data_dir: &'a Path,
    /// Of the authority, for who has to compare it.
    pub(super) fingerprint: Option<String>,
}

impl Work<'_> {
    /// Does it, place by place: one that fails stops no other.
    pub(super) fn carry_out(&self, places: &[Box<dyn Place>]) -> Result<Exit> {
        let known: Vec<&str> = places.iter().map(|place| place.name()).collect();
        if let Some(name) = self.named.iter().find(|name| !known.contains(&name.as_str())) {
            let misuse = Misuse::NoneOf {
                argument: self.subject.option().into(),
                value: name.clone(),
                known: known.join(", "),
            };
            bail!(self.lang.say(&Sentence::Misuse(misuse)));
        }
        let is_named = |place: &dyn Place| self.named.iter().any(|name| name == place.name());
        let (mut exit, mut restart) = (Exit::Done, BTreeSet::new());
        for place in places.iter().map(AsRef::as_ref) {
            let verb = match self.verb {
                _ if !self.named.is_empty() && !is_named(place) => continue,
                Verb::Install if self.named.is_empty() && !place.wanted() => {
                    match place.read().belief {
                        // So that nobody wonders where it is.
                        Belief::Absent => Verb::Status,
                        _ => continue,
                    }
                }
                verb => verb,
            };
            self.announce_prompt(place, verb);
            let told = place::carry_out(place, verb);
            let unread = verb != Verb::Status && matches!(told.found.belief, Belief::Unclear(_));
            if told.trouble.is_some() || unread {
                exit = Exit::Failed;
            }
            if told.changed && told.trouble.is_none() {
                restart.extend(told.serves.split(", "));
            }
            self.show(&told, place.wanted() || is_named(place));
        }
        let browsers = self.subject != Subject::Services;
        if browsers && !restart.is_empty() && !self.common.json {
            let browsers = restart.into_iter().collect::<Vec<_>>().join(", ");
            say(&self.lang.tell(&Notice::RestartBrowser { browsers }));
        }
        Ok(exit)
    }

    /// Before the system asks; not when nothing will be done.
    fn announce_prompt(&self, place: &dyn Place, verb: Verb) {
        let notice = match place.prompt(verb) {
            Some(Prompt::WindowsWarning) => Notice::WindowsWarningComes {
                fingerprint: self.fingerprint.clone().unwrap_or_default(),
            },
            Some(Prompt::MacPassword) => Notice::MacPasswordComes,
            None => return,
        };
        let found = place.read();
        let nothing_to_do = match verb {
            Verb::Install => found.is_installed(),
            _ => found.is_clean(),
        };
        if !nothing_to_do && !self.common.json {
            say(&self.lang.tell(&notice));
        }
    }

    fn show(&self, told: &Told, used: bool) {
        let trouble = told.trouble.as_ref();
        if self.common.json {
            let unread = match &told.found.belief {
                Belief::Unclear(trouble) => Some(trouble),
                _ => None,
            };
            print(&json!({
                "type": self.subject.json(),
                "name": told.name,
                "serves": told.serves,
                "state": self.subject.state(&told.found.belief),
                "leftovers": told.found.leftovers,
                "changed": told.changed,
                "error": trouble.or(unread).map(|trouble| self.error(told, trouble)),
            }));
            return;
        }
        let mut sentences = Vec::new();
        match (trouble, told.changed, self.verb) {
            (Some(trouble), ..) => sentences.push(self.lang.tell(&self.notice(told, trouble))),
            (None, true, Verb::Uninstall) => sentences.push(self.lang.tell(&Notice::Removed)),
            (None, true, _) => sentences.push(self.lang.tell(&Notice::Installed)),
            (None, false, _) => sentences.push(self.lang.tell(&self.state(told, used))),
        }
        if told.found.leftovers > 0 && trouble.is_none() {
            let count = told.found.leftovers;
            sentences.push(self.lang.tell(&Notice::Older { count }));
        }
        say(&format!("{:<16} {}", told.name, told.serves));
        sentences.iter().for_each(|sentence| say(&format!("{:<16} {sentence}", "")));
    }

    fn state(&self, told: &Told, used: bool) -> Notice {
        match (&told.found.belief, self.subject) {
            (Belief::Holds, Subject::Stores) => Notice::Trusted,
            (Belief::Holds, Subject::Policies) => Notice::PolicySet,
            (Belief::Holds, Subject::Services) => Notice::StartsByItself,
            (Belief::Lacks, _) if !used => Notice::NotUsed,
            (Belief::Lacks, Subject::Stores) => Notice::NotTrusted,
            (Belief::Lacks, Subject::Policies) => Notice::PolicyNotSet,
            (Belief::Lacks, Subject::Services) => Notice::DoesNotStart,
            (Belief::Absent, _) => Notice::NotHere,
            (Belief::Unclear(trouble), _) => {
                Notice::CannotTell { why: self.lang.tell(&self.notice(told, trouble)) }
            }
        }
    }

    fn error(&self, told: &Told, trouble: &Trouble) -> Value {
        let command = match trouble {
            Trouble::NeedsAdmin { .. } => Some(self.command(told.name, true)),
            Trouble::NotAsRoot => Some(self.command(told.name, false)),
            _ => None,
        };
        let message = self.lang.tell(&self.notice(told, trouble));
        json!({ "code": trouble.code(), "message": message, "command": command })
    }

    fn notice(&self, told: &Told, trouble: &Trouble) -> Notice {
        let shown = |path: &Path| path.display().to_string();
        match trouble.clone() {
            Trouble::NeedsAdmin { .. } => Notice::NeedsAdmin {
                command: self.command(told.name, true),
                elevated: cfg!(windows),
            },
            Trouble::NotAsRoot => Notice::NotAsRoot { command: self.command(told.name, false) },
            Trouble::ToolMissing { tool, package } => {
                Notice::ToolMissing { tool: tool.into(), package: package.into() }
            }
            Trouble::ToolFailed { command, said } => Notice::ToolFailed { command, said },
            Trouble::File { path, said } => Notice::FileFailed { path: shown(&path), said },
            Trouble::NotUnderstood { path, said } => {
                Notice::FileNotUnderstood { path: shown(&path), said }
            }
            Trouble::Rival { path, policy } => Notice::RivalPolicy { path: shown(&path), policy },
            Trouble::ByHand { what } => Notice::DeployByHand { what },
            Trouble::NoHome => Notice::NoHome,
            Trouble::Misplaced { path } => Notice::Misplaced { path: shown(&path) },
            Trouble::NotTaken => Notice::NotTaken,
            Trouble::StillThere => Notice::StillThere,
        }
    }

    /// This very command for one place, by someone with other rights: with every path spelt out,
    /// because the home folder changes with the person.
    fn command(&self, place: &str, as_administrator: bool) -> String {
        let verb = match self.verb {
            Verb::Install => "install",
            Verb::Status => "status",
            Verb::Uninstall => "uninstall",
        };
        let program = std::env::current_exe().unwrap_or_else(|_| "caisse-relay".into());
        let config = self.common.config.clone();
        // What starts the relay leaves the platform's folders to the platform.
        let spell_out = self.subject != Subject::Services;
        let platforms = || Some(config::platform_file()).filter(|file| spell_out && file.exists());
        let config = config.or_else(platforms);
        let spelt = |path: &Path| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            let path = path.display().to_string();
            if path.contains(' ') { format!("\"{path}\"") } else { path }
        };
        let mut words = Vec::new();
        if as_administrator && cfg!(unix) {
            words.push("sudo".to_owned());
        }
        words.extend([spelt(&program), self.subject.command().into(), verb.into()]);
        words.extend([self.subject.option().into(), place.into()]);
        if let Some(config) = config {
            words.extend(["--config".into(), spelt(&config)]);
        }
        if spell_out || self.common.data_dir.is_some() {
            words.extend(["--data-dir".into(), spelt(self.data_dir)]);
        }
        words.join(" ")
    }
}

impl Subject {
    fn command(self) -> &'static str {
        match self {
            Subject::Stores => "certs",
            Subject::Policies => "browser-policy",
            Subject::Services => "service",
        }
    }

    fn option(self) -> &'static str {
        match self {
            Subject::Stores => "--store",
            Subject::Policies => "--browser",
            Subject::Services => "--as",
        }
    }

    fn json(self) -> &'static str {
        match self {
            Subject::Stores => "store",
            Subject::Policies => "browser_policy",
            Subject::Services => "service",
        }
    }

    fn state(self, belief: &Belief) -> &'static str {
        match (belief, self) {
            (Belief::Holds, Subject::Stores) => "trusted",
            (Belief::Holds, Subject::Policies) => "set",
            (Belief::Holds, Subject::Services) => "installed",
            (Belief::Lacks, Subject::Stores) => "not_trusted",
            (Belief::Lacks, Subject::Policies) => "not_set",
            (Belief::Lacks, Subject::Services) => "not_installed",
            (Belief::Absent, _) => "absent",
            (Belief::Unclear(_), _) => "unknown",
        }
    }
}

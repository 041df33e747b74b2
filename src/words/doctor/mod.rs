//! What the doctor says of each check: how it is, and what to do about it. The
//! code, the state and the sentence of a finding stand side by side.

mod computer;
mod house;
mod shop;

use super::{Lang, fr};
pub use computer::Computer;
pub use house::House;
pub use shop::Shop;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wellness {
    /// As it should be.
    Ok,
    /// It works, or cannot be told, and is worth a look.
    Warning,
    /// It does not work.
    Failure,
}

impl Wellness {
    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Wellness::Ok => "ok",
            Wellness::Warning => "warning",
            Wellness::Failure => "failure",
        }
    }
}

/// What a check found. Names, paths and commands come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Of the relay's own things: configuration, port, certificate, browsers.
    House(House),
    /// Of the computer: clock, firewall, sleep, journal, disk.
    Computer(Computer),
    /// Of what is around: terminals, pages, tills.
    Shop(Shop),
}

/// A finding in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The stable name of the finding.
    pub code: &'static str,
    /// How the check ended.
    pub state: Wellness,
    /// The terminal, the store or the browser that it is about.
    pub about: Option<String>,
    /// A sentence.
    pub message: String,
    /// What to do.
    pub remedy: Option<String>,
}

impl Lang {
    /// How a check ended, in a word.
    pub fn wellness(self, state: Wellness) -> &'static str {
        match state {
            Wellness::Ok => self.pick("bon", "good"),
            Wellness::Warning => self.pick("attention", "warning"),
            Wellness::Failure => self.pick("ÉCHEC", "FAILURE"),
        }
    }

    /// The finding in this language.
    pub fn diagnose(self, finding: &Finding) -> Checked {
        let checked = match finding {
            Finding::House(house) => house::said(house, self),
            Finding::Computer(computer) => computer::said(computer, self),
            Finding::Shop(shop) => shop::said(shop, self),
        };
        let set = |text: String| self.pick(fr::typeset(&text), text);
        Checked { message: set(checked.message), remedy: checked.remedy.map(set), ..checked }
    }
}

impl From<House> for Finding {
    fn from(house: House) -> Finding {
        Finding::House(house)
    }
}

impl From<Computer> for Finding {
    fn from(computer: Computer) -> Finding {
        Finding::Computer(computer)
    }
}

impl From<Shop> for Finding {
    fn from(shop: Shop) -> Finding {
        Finding::Shop(shop)
    }
}

fn ok(code: &'static str, message: String) -> Checked {
    Checked { code, state: Wellness::Ok, about: None, message, remedy: None }
}

fn warning(code: &'static str, message: String, remedy: String) -> Checked {
    Checked { code, state: Wellness::Warning, about: None, message, remedy: Some(remedy) }
}

fn failure(code: &'static str, message: String, remedy: String) -> Checked {
    Checked { code, state: Wellness::Failure, about: None, message, remedy: Some(remedy) }
}

impl Checked {
    fn about(self, about: &str) -> Checked {
        Checked { about: Some(about.to_owned()), ..self }
    }

    fn hint(self, remedy: String) -> Checked {
        Checked { remedy: Some(remedy), ..self }
    }
}

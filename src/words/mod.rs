//! Every sentence that a person is told, in French and in English.
//!
//! A sentence says what happened, what it means for the money, and what to do
//! next. The two languages are two total functions over [`Sentence`], so one
//! that lacks a language does not compile.

mod console;
mod doctor;
mod en;
mod entry;
mod fr;
mod help;
mod labels;
mod machine;
mod mistake;
mod misuse;
mod program;
mod start;
mod tray;
mod update;

use crate::payment::{Amount, Currency, NotSent, Operation, Why};
pub use console::Console;
pub use doctor::{Checked, Computer, Finding, House, Shop, Wellness};
pub use entry::Entry;
pub use help::{FRAME, exit_codes, help_in_french, texts};
pub use labels::{application, read_mode, report};
pub use machine::{Due, Notice};
pub use mistake::Mistake;
pub use misuse::Misuse;
pub use program::Program;
pub use start::{Authority, Start};
pub use tray::Tray;
pub use update::Update;

/// A language. French first: it is what a shop in France gets when it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Lang {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// The one of two texts that is in this language.
    pub fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Lang::Fr => french,
            Lang::En => english,
        }
    }

    /// What is wrong with a configuration or a script, without the file's name.
    pub fn say_mistake(self, mistake: &Mistake) -> String {
        let plain = mistake::mistaken(mistake, self);
        self.pick(fr::typeset(&plain), plain)
    }

    /// The sentence in this language.
    pub fn say(self, sentence: &Sentence) -> String {
        match self {
            Lang::Fr => fr::say(sentence),
            Lang::En => en::say(sentence),
        }
    }
}

/// Something to tell a person. Amounts and names come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand in fr.rs and en.rs")]
pub enum Sentence {
    // A payment, while it waits.
    Connecting { terminal: String },
    WithTerminal { act: Operation, terminal: String },
    PressRedKey { act: Operation, terminal: String },
    // A payment that is over.
    Done { act: Operation, paid: String },
    DoneUnconfirmed { act: Operation, asked: String },
    DonePartly { act: Operation, paid: String, asked: String, rest: String },
    DoneWithMore { act: Operation, paid: String, asked: String },
    Declined { act: Operation, why: String },
    NotSent { act: Operation, why: NotSent, terminal: String },
    Unknown { act: Operation, why: Why, terminal: String },
    SettledCharged { by: String },
    SettledNotCharged { by: String },
    Contradicted { by: String, said: bool, what: String },
    NotOnDisk { what: String },
    // Refusals.
    BadMessage { detail: String },
    BadAmount,
    BadCurrency { currency: String },
    BadReference,
    UnknownTerminal { asked: Option<String>, known: String },
    TerminalBusy { till: String },
    PossibleDoubleCharge { first: String },
    NotHeld { terminal: String },
    RelayStops,
    IdReused,
    IdDenied,
    UnknownPayment,
    NotClosed,
    OutcomeChanged,
    NotUnknown,
    MeansOnlyForDebit,
    MovesMoney,
    JournalUnavailable,
    NotRecordedNow,
    JournalUnreadable,
    ShuttingDown,
    RateLimited,
    // Who may come in, and closing a connection.
    Entry(Entry),
    Console(Console),
    Tray(Tray),
    Program(Program),
    Misuse(Misuse),
    Start(Start),
    Update(Update),
    SilentTill,
    TooManyBadMessages,
    NoProtocol,
    Stopping,
    // Identification and raw exchanges.
    TerminalReady { terminal: String },
    TerminalSilent { terminal: String },
    TerminalConcertV2 { terminal: String },
    TerminalNotUnderstood { terminal: String },
    TerminalNotReached { why: NotSent, terminal: String },
    ExchangeUnanswered { terminal: String },
}

/// An amount for people: `12,50 EUR` in French, `12.50 EUR` in English.
pub fn amount(amount: Amount, currency: Currency, lang: Lang) -> String {
    let decimals = currency.decimals();
    let digits = format!("{:0width$}", amount.minor(), width = decimals + 1);
    let (units, cents) = digits.split_at(digits.len() - decimals);
    let mark = if decimals == 0 { "" } else { lang.pick(",", ".") };
    format!("{units}{mark}{cents} {}", currency.letters())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_the_decimals_of_their_currency() {
        let write = |minor, letters, lang| {
            amount(Amount::new(minor).unwrap(), Currency::from_letters(letters).unwrap(), lang)
        };
        assert_eq!(write(1250, "EUR", Lang::Fr), "12,50 EUR");
        assert_eq!(write(5, "EUR", Lang::En), "0.05 EUR");
        assert_eq!(write(1000, "XPF", Lang::Fr), "1000 XPF");
        assert_eq!(write(1, "TND", Lang::Fr), "0,001 TND");
    }
}

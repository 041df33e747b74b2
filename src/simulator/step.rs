use crate::words::Mistake;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;

/// What the terminal does with one payment, refund or cancellation.
///
/// Every key has a default: `[[step]]` alone is a terminal that approves by
/// chip, and obeys the magic amounts. Amounts are in minor units (cents).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Only requests of this amount take this step, whenever they come; it is
    /// then no part of the story. Absent: the step has its place in the story.
    pub amount: Option<u64>,
    /// Milliseconds between the request and the outcome: the time of the card
    /// and of the bank. 0.
    pub delay_ms: u64,
    /// How it ends: `by_amount`, `approve`, `decline`, `person`, `silence`,
    /// `close`, `reset`, `garbage`, `concert_v2`. `by_amount`.
    pub outcome: Outcome,
    /// `AF`, up to 50 characters; `""` for none. Absent: none when approved,
    /// `04` when declined. Beside `approve`, `"01"` is what PayXpert sends and
    /// `"09"` a terminal that contradicts itself.
    pub report: Option<String>,
    /// Two characters of the bank that make `AF` the extended one of 29 bytes:
    /// `"51"` insufficient funds, `"14"` invalid card. Absent: short `AF`.
    pub issuer_code: Option<String>,
    /// Up to 21 characters for the cashier inside the extended `AF`. Empty.
    pub issuer_message: String,
    /// `CB` of the answer: `padded` to 8 digits, `plain`, `absent`. `padded`.
    pub answer_amount: AnswerAmount,
    /// Whether an answer that is no success carries `CB` too. false.
    pub amount_on_failure: bool,
    /// `CF` of the answer: `terminal` data as Ingenico sends, `echo` of the
    /// request's as Nepting does, `absent`. `terminal`.
    pub private: Private,
    /// Where `AE` and `AF` stand in the answer: `first`, `middle`, `last`. `middle`.
    pub status_position: StatusPosition,
    /// The amount really paid: less than asked is a partial payment, more is a
    /// tip. Absent: the amount asked.
    pub paid: Option<u64>,
    /// Whether the card is held to the reader. false: its chip is read.
    pub contactless: bool,
    /// `AA`, up to 64 characters: `"4970101234567890"` for a terminal that masks
    /// nothing, `""` for none. Absent: a masked test number.
    pub card: Option<String>,
    /// `AC`, 1 to 10 characters. Absent: the number of the transaction, 6 digits.
    pub authorization: Option<String>,
    /// `ZT`, when the till asks for it with `CK=1xx`: `plain`, `wrapped` at 76
    /// columns, `wrong_length` (one more than its bytes), `broken` base64,
    /// `whole_card` (number unmasked), `none`. `plain`.
    pub receipt: Receipt,
    /// Fields to replace in the answer, or to add at its end: `{ CD = "1", ZZ = "?" }`.
    /// An empty value leaves the field out. Empty.
    pub fields: BTreeMap<String, String>,
    /// How the answer is cut on its way: `"whole"`, `"every_byte"`,
    /// `"before_status"`, `"after_status"`, or a list of byte offsets such as
    /// `[3, 40]`. `"whole"`.
    pub split: Split,
    /// Milliseconds between two pieces of the answer. 20.
    pub pause_ms: u64,
    /// Only this many bytes of the answer are sent. Absent: all.
    pub cut_at: Option<usize>,
    /// Characters sent in front of the answer, one byte each: `"\u0002"`. Empty.
    pub junk: String,
    /// First answers `AE=11` (accepted, outcome not known), then the real
    /// answer on the same socket this many milliseconds later. Absent: not.
    pub accepted_first_ms: Option<u64>,
    /// The connection after the answer: `close`, `keep_open`, `reset`. `close`.
    pub after: After,
    /// Refuses any request that holds `BF`, with `AF=09`, as newer Ingenico
    /// software does. false.
    pub refuse_partial: bool,
    /// Whether the money moves, instead of what goes with the outcome: yes for
    /// `approve`, `silence`, `close`, `reset` and `garbage`, no for the others.
    pub charged: Option<bool>,
    /// Whether the transaction goes on when the till hangs up during `delay_ms`,
    /// as real terminals do. true; false abandons it and charges nothing.
    pub finishes_alone: bool,
}

impl Default for Step {
    fn default() -> Step {
        Step {
            amount: None,
            delay_ms: 0,
            outcome: Outcome::ByAmount,
            report: None,
            issuer_code: None,
            issuer_message: String::new(),
            answer_amount: AnswerAmount::Padded,
            amount_on_failure: false,
            private: Private::Terminal,
            status_position: StatusPosition::Middle,
            paid: None,
            contactless: false,
            card: None,
            authorization: None,
            receipt: Receipt::Plain,
            fields: BTreeMap::new(),
            split: Split::Whole,
            pause_ms: 20,
            cut_at: None,
            junk: String::new(),
            accepted_first_ms: None,
            after: After::Close,
            refuse_partial: false,
            charged: None,
            finishes_alone: true,
        }
    }
}

impl Step {
    /// A step with this outcome and every other key at its default.
    pub fn new(outcome: Outcome) -> Step {
        Step { outcome, ..Step::default() }
    }

    /// Approves by chip.
    pub fn approve() -> Step {
        Step::new(Outcome::Approve)
    }

    /// Declines with this `AF`; an empty one sends none.
    pub fn decline(report: &str) -> Step {
        Step { report: Some(report.to_owned()), ..Step::new(Outcome::Decline) }
    }

    /// Charges and never answers.
    pub fn silence() -> Step {
        Step::new(Outcome::Silence)
    }

    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), Mistake> {
        let at_most = |key: &str, text: &str, most: usize| {
            let length = text.chars().count();
            if length > most {
                return Err(Mistake::TooLong { length, most }.of(key));
            }
            match text.chars().find(|&c| u32::from(c) > 0xFF) {
                Some(character) => Err(Mistake::NoLatin1 { character }.of(key)),
                None => Ok(()),
            }
        };
        at_most("report", self.report.as_deref().unwrap_or_default(), 50)?;
        at_most("issuer_message", &self.issuer_message, 21)?;
        at_most("card", self.card.as_deref().unwrap_or_default(), 64)?;
        at_most("authorization", self.authorization.as_deref().unwrap_or_default(), 10)?;
        at_most("junk", &self.junk, 4096)?;
        if let Some(code) = &self.issuer_code {
            at_most("issuer_code", code, 2)?;
            if self.report.as_ref().is_some_and(|report| report.len() != 2) {
                return Err(Mistake::TwoBesideIssuerCode.of("report"));
            }
        }
        for (tag, value) in &self.fields {
            if crate::wire::Tag::new(tag.as_bytes()).is_none() {
                return Err(Mistake::NoTag { text: tag.clone() }.of("fields"));
            }
            at_most(tag, value, crate::wire::MAX_VALUE)?;
        }
        Ok(())
    }
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As the table of magic amounts says, and approved for any other amount;
    /// with the screen on, a person decides for any other amount.
    ByAmount,
    /// Done, `AE=10`.
    Approve,
    /// Not done, `AE=01`.
    Decline,
    /// Waits for a key on the screen; after 120 s nobody came, `AF=08`.
    Person,
    /// Never answers and keeps the socket.
    Silence,
    /// Closes without an answer.
    Close,
    /// Resets the connection without an answer.
    Reset,
    /// Answers bytes that are no message.
    Garbage,
    /// Answers `NAK` as a terminal set to the older Concert V2 does; charges nothing.
    ConcertV2,
}

/// How an answer writes its amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerAmount {
    /// Zeros in front up to 8 digits.
    Padded,
    /// No zeros in front, except up to 2 digits.
    Plain,
    /// No `CB` at all.
    Absent,
}

/// What an answer carries in `CF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Private {
    /// Data of the terminal, whatever the till sent.
    Terminal,
    /// What the till sent.
    Echo,
    /// No `CF`.
    Absent,
}

/// Where the status stands in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusPosition {
    /// After `CZ` and `CJ`.
    First,
    /// After the authorization.
    Middle,
    /// At the very end, after the ticket.
    Last,
}

/// The ticket of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// None, although asked.
    None,
    /// Base64 on one line.
    Plain,
    /// Base64 in lines of 76 characters, with a last line feed.
    Wrapped,
    /// A `ZT` that announces one byte more than it has.
    WrongLength,
    /// An `AK` that is no base64.
    Broken,
    /// The whole card number in the text.
    WholeCard,
}

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// The terminal closes it.
    Close,
    /// The terminal keeps it and would read another request.
    KeepOpen,
    /// The terminal resets it.
    Reset,
}

/// Where an answer is cut into pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// One piece.
    Whole,
    /// One byte a piece.
    EveryByte,
    /// Two pieces, the second begins with `AE`.
    BeforeStatus,
    /// Two pieces, the first ends with `AE`.
    AfterStatus,
    /// A new piece at each offset, counted from the first byte sent.
    At(Vec<usize>),
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Split, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Split;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str(
                    "\"whole\", \"every_byte\", \"before_status\", \"after_status\" or a list of byte offsets",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Split, E> {
                match text {
                    "whole" => Ok(Split::Whole),
                    "every_byte" => Ok(Split::EveryByte),
                    "before_status" => Ok(Split::BeforeStatus),
                    "after_status" => Ok(Split::AfterStatus),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Split, A::Error> {
                let mut offsets = Vec::new();
                while let Some(offset) = seq.next_element()? {
                    offsets.push(offset);
                }
                Ok(Split::At(offsets))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

use super::script::Script;
use crate::wire::{Message, Tag};
use serde::{Deserialize, Serialize};

/// A request that moves money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    /// What is asked.
    pub operation: Operation,
    /// `CB`, minor units.
    pub amount: u64,
    /// `CE`, three digits.
    pub currency: String,
    /// `CA`, two digits.
    pub register: String,
    /// `CF` as the till sent it.
    pub reference: Option<String>,
    /// Whether the till accepts that less is paid: `BF=1`.
    pub partial: bool,
    /// Whether it is a cheque or a voucher, `CC=00C` or `00V`: no card, no bank.
    pub paper: bool,
    /// Whether the till asks for an answer at once, before the outcome: `BA=1`.
    pub immediate: bool,
}

/// A request that moves money, by its `CD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `CD=0`.
    Debit,
    /// `CD=1`.
    Refund,
    /// `CD=2`, of the last debit and of its full amount.
    Cancellation,
}

/// What a valid request wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// `CD` 0, 1 or 2.
    Money(Ask),
    /// `CD=3`, the last transaction again.
    Duplicata,
    /// `CD=I` or `CD=P`: there is nothing to decide.
    Service,
}

/// The `AF` of a request that the terminal does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// `09`, `12` or `13`.
    pub report: &'static str,
    /// What was asked, where it could be read: it goes to the ledger.
    pub ask: Option<Ask>,
}

impl Fault {
    fn new(report: &'static str) -> Fault {
        Fault { report, ask: None }
    }
}

/// Whether every mandatory field is there: what follows can only be optional.
pub(super) fn has_mandatory_fields(message: &Message) -> bool {
    let has = |tags: &[Tag]| tags.iter().all(|&tag| message.get(tag).is_some());
    let pays = matches!(message.get(Tag::ACTION), Some(b"0" | b"1" | b"2"));
    has(&[Tag::IDENTIFIER, Tag::REGISTER, Tag::ACTION])
        && (!pays || has(&[Tag::AMOUNT, Tag::CURRENCY]))
}

/// Reads a request as a strict terminal does.
pub(super) fn read(message: &Message, script: &Script) -> Result<Wish, Fault> {
    let fields = message.fields();
    let repeated = |at: usize| fields[..at].iter().any(|earlier| earlier.tag == fields[at].tag);
    if fields.iter().any(|field| field.value.is_empty()) || (0..fields.len()).any(repeated) {
        return Err(Fault::new("09"));
    }
    let fits = |tag, fits: fn(&[u8]) -> bool| message.get(tag).filter(|value| fits(value));
    let (Some(_), Some(_), Some(register), Some(&[action])) = (
        fits(Tag::VERSION, |value| value.len() == 4 && value.iter().all(u8::is_ascii_digit)),
        fits(Tag::IDENTIFIER, |value| value.len() == 12),
        fits(Tag::REGISTER, |value| value.len() == 2 && value.iter().all(u8::is_ascii_digit)),
        message.get(Tag::ACTION),
    ) else {
        return Err(Fault::new("09"));
    };
    let operation = match action {
        b'0' => Operation::Debit,
        b'1' => Operation::Refund,
        b'2' => Operation::Cancellation,
        b'3' => return Ok(Wish::Duplicata),
        b'I' | b'P' => return Ok(Wish::Service),
        _ => return Err(Fault::new("12")),
    };
    let (Some(amount), Some(currency)) = (
        message.get(Tag::AMOUNT).and_then(amount),
        fits(Tag::CURRENCY, |value| value.len() == 3 && value.iter().all(u8::is_ascii_digit)),
    ) else {
        return Err(Fault::new("09"));
    };
    let ask = Ask {
        operation,
        amount,
        currency: latin1(currency),
        register: latin1(register),
        reference: message.get(Tag::PRIVATE).map(latin1),
        partial: message.get(Tag::PARTIAL) == Some(b"1"),
        paper: matches!(message.get(Tag::APPLICATION), Some(b"00C" | b"00V")),
        immediate: message.get(Tag::IMMEDIATE) == Some(b"1"),
    };
    if script.currencies.contains(&ask.currency) {
        Ok(Wish::Money(ask))
    } else {
        Err(Fault { report: "13", ask: Some(ask) })
    }
}

fn amount(digits: &[u8]) -> Option<u64> {
    let whole = (2..=12).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let amount =
        digits.iter().fold(0, |sum, &digit| sum * 10 + u64::from(digit.wrapping_sub(b'0')));
    (whole && amount > 0).then_some(amount)
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Decoder;

    const DEBIT: &str = "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978";

    fn report(request: &str) -> Option<&'static str> {
        let mut decoder = Decoder::new();
        decoder.feed(request.as_bytes());
        read(&decoder.into_messages()[0], &Script::default()).err().map(|fault| fault.report)
    }

    #[test]
    fn a_request_must_be_one_that_a_terminal_takes() {
        assert_eq!(report(DEBIT), None);
        for (found, replaced, expected) in [
            ("CZ0040300", "CZ00403A0", "09"),
            ("CJ012012345678901", "", "09"),
            ("CJ012012345678901", "CJ003012", "09"),
            ("CA00201", "", "09"),
            ("CA00201", "CA0011", "09"),
            ("CA00201", "CA00201CA00201", "09"),
            ("CB0041590", "", "09"),
            ("CB0041590", "CB0015", "09"),
            ("CB0041590", "CB00200", "09"),
            ("CB0041590", "CB0130000000001590", "09"),
            ("CB0041590", "CB00515.90", "09"),
            ("CD0010", "", "09"),
            ("CD0010", "CD00200", "09"),
            ("CD0010", "CD001X", "12"),
            ("CD0010", "CD0017", "12"),
            ("CE003978", "", "09"),
            ("CE003978", "CE003EUR", "09"),
            ("CE003978", "CE003978CF000", "09"),
            ("CE003978", "CE003840", "13"),
        ] {
            let request = DEBIT.replace(found, replaced);
            assert_eq!(report(&request), Some(expected), "{request}");
        }
    }

    #[test]
    fn an_identification_needs_neither_amount_nor_currency() {
        assert_eq!(report("CZ0040300CJ012012345678901CA00201CD001I"), None);
        assert_eq!(report("CZ0040320CJ012012345678901CA00201CD0013CK003100"), None);
    }
}

use super::coded::coded;
use super::{Amount, Currency};
use std::fmt;
use std::time::Duration;

/// A short text with a bounded alphabet, checked where it enters.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $longest:literal, $allows:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The text, when it is one of these.
            pub fn new(text: &str) -> Option<$name> {
                let allows: fn(u8) -> bool = $allows;
                let good = (1..=$longest).contains(&text.len()) && text.bytes().all(allows);
                good.then(|| $name(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}

checked_text! {
    /// The till's name for a payment, made once and paid once: 1 to 64 letters,
    /// digits, `-`, `_`, `.` or `:`.
    PaymentId, 64, |byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte)
}

checked_text! {
    /// The merchant's reference, sent as `CF`: 1 to 99 printable ASCII characters.
    Reference, 99, |byte| matches!(byte, b' '..=b'~')
}

/// The till's number, `CA`: 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Register(u8);

impl Register {
    /// Register 01.
    pub const FIRST: Register = Register(1);

    /// A register from its one or two digits.
    pub fn new(text: &str) -> Option<Register> {
        let digits = matches!(text.len(), 1..=2) && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits)?;
        (1..=99).contains(&number).then_some(Register(number))
    }

    /// The value of `CA`.
    pub fn digits(self) -> String {
        format!("{:02}", self.0)
    }
}

coded! {
    /// What moves the money, `CD`.
    Operation {
        /// `0`, the customer pays.
        Debit = "debit",
        /// `1`, the customer is paid back; the amount is positive and not tied to a sale.
        Refund = "refund",
        /// `2`, a debit is undone, where the terminal knows it.
        Cancellation = "cancellation",
    }
}

impl Operation {
    /// The value of `CD`.
    pub fn digit(self) -> &'static str {
        match self {
            Operation::Debit => "0",
            Operation::Refund => "1",
            Operation::Cancellation => "2",
        }
    }
}

coded! {
    /// With what the customer pays.
    Means {
        /// A card or a telephone: the terminal chooses the application.
        Card = "card",
        /// A cheque, `CC` = `00C`; the terminal needs a cheque reader.
        Cheque = "cheque",
        /// Holiday vouchers, `CC` = `00V`.
        Ancv = "ancv",
    }
}

/// What the till asks, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What moves the money.
    pub operation: Operation,
    /// How much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// With what.
    pub means: Means,
    /// The merchant's reference.
    pub reference: Option<Reference>,
    /// Ask for the ticket's text; `None` leaves it to the terminal's profile.
    pub receipt: Option<bool>,
    /// Accept that less is paid; `None` leaves it to the terminal's profile.
    pub partial: Option<bool>,
    /// The till's number; `None` leaves it to the terminal's profile.
    pub register: Option<Register>,
    /// How long to wait for the answer; `None` leaves it to the terminal's profile.
    pub timeout: Option<Duration>,
}

impl Order {
    /// An order of the ordinary kind: by card, everything else as the terminal's profile says.
    pub fn new(operation: Operation, amount: Amount, currency: Currency) -> Order {
        Order {
            operation,
            amount,
            currency,
            means: Means::Card,
            reference: None,
            receipt: None,
            partial: None,
            register: None,
            timeout: None,
        }
    }
}

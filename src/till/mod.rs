//! A connected till: what it may say, what it is told, and one session from
//! `hello` to the end. The only place that knows the JSON of the browser
//! protocol (`web-client/PROTOCOL.md`).

mod asked;
mod lists;
mod mail;
mod protocol;
mod session;
mod socket;
mod told;

pub use protocol::{
    Bad, Charge, Field, Language, ListedState, MeansAsked, OperationAsked, Paid, PaymentView,
    RelayToTill, SUB_PROTOCOL, Said, TillToRelay, parse,
};
pub use session::serve;
pub use socket::{Ended, Heard, Visitor, Voice};
pub use told::{label_of, moment, view};

//! A connected till: what it may say, what it is told, and one session from
//! `hello` to the end. The only place that knows the JSON of the browser
//! protocol (`web-client/PROTOCOL.md`).

mod asked;
mod day;
mod desk;
mod doctor;
mod lists;
mod mail;
mod pace;
mod protocol;
mod requests;
mod session;
mod socket;
mod told;
mod who;

pub use desk::{Desk, TabletLink, Tablets};
pub use doctor::{Doctor, check_view};
pub use protocol::{
    Bad, Charge, CheckView, Decided, Field, Language, ListedState, MeansAsked, OperationAsked,
    Paid, PaymentView, Permitted, RelayToTill, SUB_PROTOCOL, Said, Secret, TillToRelay, Wellness,
    parse,
};
pub use session::serve;
pub use socket::{Ended, Heard, Visitor, Voice};
pub use told::{label_of, moment, view};

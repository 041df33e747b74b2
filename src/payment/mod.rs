//! What a payment is: what the till asks, how we ask the terminal, how we
//! understand what it says. Pure: no socket, no clock, no JSON.
//!
//! ```text
//!             pay                    answer AE=10, nothing beside it says otherwise
//!   (order) ───────▶ Connecting ─▶ Sent ─────────────────────────────▶ Approved(paid)
//!      │                │            │ ─────────── answer AE=01 ─────▶ Declined
//!      │ refused        │            │
//!      ▼                ▼            ▼
//!   never journaled   NotSent     silence · reset · garbled · AE=11 · restart
//!                                    └───▶ Unknown ─(late answer or a person)─▶ resolved
//! ```

mod amount;
mod coded;
mod judge;
mod life;
mod order;
mod outcome;
mod receipt;
mod report;
mod request;

pub use amount::{Amount, Currency, read as read_amount};
pub use judge::judge;
pub use life::{Evidence, Moment, Payment, Resolution, State};
pub use order::{Means, Operation, Order, PaymentId, Reference, Register};
pub use outcome::{Approval, Charged, Decline, Doubt, NotSent, Outcome, Remark, Why};
pub use receipt::{Receipt, ticket};
pub use report::Report;
pub use request::{Profile, duplicate, identification, other as other_request, payment as request};

//! Caisse-AP messages and their bytes.
//!
//! A message is fields one after the other: a tag of two letters, a length of
//! three digits, the value. `CZ`, the protocol version, comes first; there is
//! no total length, no end mark and no checksum. The till sends one message
//! and the terminal answers with one.
//!
//! `wire` knows no socket, no clock and no JSON.

mod codec;
mod mask;
mod message;
mod tag;

pub use codec::{Decoder, EncodeError, MAX_VALUE, Position, encode, nested};
pub use mask::{mask, mask_numbers};
pub use message::{Field, Message};
pub use tag::Tag;

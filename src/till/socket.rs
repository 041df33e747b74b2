//! What a session hears and says, whatever carries it.

use crate::access::Origin;
use std::net::IpAddr;

/// Something from the till's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A text message.
    Text(String),
    /// A binary message, which the protocol does not have.
    Binary,
    /// A message over 64 KiB.
    TooLong,
}

/// Something to the till's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// A text message.
    Text(String),
    /// The end, with a close code and a sentence.
    Close(u16, String),
}

/// Who came through the door.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The name it goes by when `hello` gives none: the page's origin.
    pub name: String,
    /// Where it comes from.
    pub address: IpAddr,
    /// Its page, unless that is the relay's own or it is no browser.
    pub page: Option<Origin>,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The till went.
    Left,
    /// We closed, with this code.
    Closed(u16),
    /// The till takes no more messages.
    Stuck,
}

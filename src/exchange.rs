//! One TCP dialogue with a terminal: dial, send once, read until the answer is
//! whole. Says whether the request left.
//!
//! The protocol gives an answer no length and no end mark, so
//! [`Dialogue::answer`] is where "whole" is decided, and nowhere else: a final
//! `AE` has come, the bytes end on a field boundary, and nothing followed for a
//! quiet window; or the terminal closed. A single `recv` once read a paid
//! answer as a failure.

use crate::near::is_near;
use crate::wire::{self, Decoder, Message, Position, Tag};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

/// More than this is no answer: real ones are under 4 KiB.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a terminal may go on after a final status, however little it pauses.
const LONGEST_TAIL: Duration = Duration::from_secs(15);
/// How long a terminal that sent a Concert V2 control byte may still send a V3 answer.
const CONCERT_V2_WINDOW: Duration = Duration::from_millis(1500);
/// ENQ, ACK and NAK: the control bytes of Concert V2.
const CONCERT_V2: [u8; 3] = [0x05, 0x06, 0x15];

/// How to reach a terminal and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A host name, an IPv4 or an IPv6 address.
    pub host: String,
    /// Its TCP port; 8888 on most terminals.
    pub port: u16,
    /// Send CR LF after the request, as one vendor's guide asks.
    pub crlf: bool,
    /// How long to wait for what.
    pub deadlines: Deadlines,
}

impl Line {
    /// Where the terminal is, for people.
    pub fn host_and_port(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The separate deadlines of one dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For the TCP connection, names included.
    pub connect: Duration,
    /// From the request to a final `AE`: a customer is looking for a card.
    pub answer: Duration,
    /// Silence after a final `AE`, on a field boundary, that ends the answer.
    pub quiet: Duration,
    /// The same while a ticket was asked for and has not come.
    pub receipt_quiet: Duration,
    /// Silence inside a field after a final `AE`: some terminals announce a
    /// byte too many.
    pub truncated: Duration,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(180),
            quiet: Duration::from_millis(300),
            receipt_quiet: Duration::from_millis(1500),
            truncated: Duration::from_secs(5),
        }
    }
}

/// Why no byte of the request left the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// The name has no address.
    #[error("the name of the terminal has no address")]
    NoSuchHost,
    /// The name leads out of the shop: somebody points it there.
    #[error("the name of the terminal leads to a public address")]
    PublicAddress,
    /// Nothing listens: asleep, the wrong port, or Caisse-AP over IP is off.
    #[error("the terminal refused the connection")]
    Refused,
    /// No route, or the network said no.
    #[error("the terminal cannot be reached")]
    Unreachable,
    /// Nothing answered in time: switched off, or another address.
    #[error("the terminal did not accept the connection in time")]
    ConnectTimeout,
    /// It accepted the connection, then closed it before we wrote.
    #[error("the terminal closed the connection before the request was sent")]
    Lost,
    /// The request is not one that the protocol can carry.
    #[error("the request cannot be written in this protocol")]
    BadRequest,
}

/// Why there is no answer to a request that left: the card may be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// Nothing in time.
    #[error("the terminal did not answer in time")]
    Silence,
    /// The terminal closed the connection without an answer.
    #[error("the terminal closed the connection without an answer")]
    Closed,
    /// The connection broke.
    #[error("the connection broke")]
    Reset,
    /// What came is no message of this protocol.
    #[error("the answer cannot be read")]
    Garbled,
    /// Over 64 KiB without a status.
    #[error("the answer does not end")]
    TooLong,
    /// ENQ, ACK or NAK: the older protocol.
    #[error("the terminal is set to Concert V2")]
    ConcertV2,
}

/// A dialogue that gave no answer, with the fact that matters: did the request leave?
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Nothing left: the card cannot have been charged.
    #[error(transparent)]
    NotSent(#[from] NotSent),
    /// It left: the card may have been charged.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

/// What the terminal answered, card data masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One message; two when the terminal first says that it has accepted the request.
    pub messages: Vec<Message>,
    /// The last field stopped short.
    pub truncated: bool,
}

/// An open connection to a terminal. Dropping it closes the connection; the
/// terminal goes on with what it was asked.
#[derive(Debug)]
pub struct Dialogue {
    stream: TcpStream,
    decoder: Decoder,
    crlf: bool,
    deadlines: Deadlines,
}

/// Opens the connection. Sends nothing.
///
/// # Errors
/// [`NotSent`], and it is one because nothing was written.
pub async fn dial(line: &Line) -> Result<Dialogue, NotSent> {
    let connecting = async {
        let addresses = lookup_host((line.host.as_str(), line.port)).await;
        let addresses = addresses.map_err(|_| NotSent::NoSuchHost)?;
        let mut failure = NotSent::NoSuchHost;
        for address in in_the_shop(&line.host, addresses)? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    failure = NotSent::Refused;
                }
                Err(_) => failure = NotSent::Unreachable,
            }
        }
        Err(failure)
    };
    let stream = timeout(line.deadlines.connect, connecting)
        .await
        .unwrap_or(Err(NotSent::ConnectTimeout))?;
    // The request is one small write: Nagle's algorithm could only delay it.
    stream.set_nodelay(true).map_err(|_| NotSent::Lost)?;
    Ok(Dialogue { stream, decoder: Decoder::new(), crlf: line.crlf, deadlines: line.deadlines })
}

/// An address that stands in the configuration is meant. A name may be answered
/// by anybody: what it says is dialled where it is in the shop.
fn in_the_shop(
    host: &str,
    addresses: impl Iterator<Item = SocketAddr>,
) -> Result<Vec<SocketAddr>, NotSent> {
    if host.parse::<IpAddr>().is_ok() {
        return Ok(addresses.collect());
    }
    let (near, far): (Vec<_>, Vec<_>) = addresses.partition(|address| is_near(address.ip()));
    if near.is_empty() && !far.is_empty() { Err(NotSent::PublicAddress) } else { Ok(near) }
}

/// A whole exchange: dial, send, answer.
///
/// # Errors
/// See [`ExchangeError`].
pub async fn ask(line: &Line, request: &Message) -> Result<Answer, ExchangeError> {
    let mut dialogue = dial(line).await?;
    dialogue.send(request).await?;
    Ok(dialogue.answer(line.deadlines.answer, wants_ticket(request)).await?)
}

/// Whether a request asks for the ticket's text in the answer: `CK` = `1xx`.
pub fn wants_ticket(request: &Message) -> bool {
    request.get(Tag::TICKET_MODE).is_some_and(|mode| mode.starts_with(b"1"))
}

impl Dialogue {
    /// The address that took the connection.
    pub fn peer(&self) -> Option<IpAddr> {
        self.stream.peer_addr().ok().map(|address| address.ip().to_canonical())
    }

    /// How long this terminal is waited for.
    pub fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    /// Sends the request, in one write.
    ///
    /// # Errors
    /// `NotSent` only while the system has taken no byte of it.
    pub async fn send(&mut self, request: &Message) -> Result<(), ExchangeError> {
        let mut bytes = wire::encode(request).map_err(|error| {
            tracing::error!(%error, "request not encodable");
            NotSent::BadRequest
        })?;
        if self.crlf {
            bytes.extend_from_slice(b"\r\n");
        }
        self.still_open()?;
        let taken = self.stream.write(&bytes).await.map_err(|_| NotSent::Lost)?;
        self.stream.write_all(&bytes[taken..]).await.map_err(|_| Unanswered::Reset)?;
        tracing::debug!(?request, "sent");
        Ok(())
    }

    /// A busy terminal may accept a connection and close it at once: seen
    /// before the write, that proves that nothing was sent. What it says before
    /// it was asked is not the answer.
    fn still_open(&self) -> Result<(), NotSent> {
        let mut early = [0; 512];
        loop {
            match self.stream.try_read(&mut early) {
                Ok(0) => return Err(NotSent::Lost),
                Ok(bytes) => tracing::warn!(bytes, "the terminal spoke before it was asked"),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(_) => return Err(NotSent::Lost),
            }
        }
    }

    /// Reads until the answer is whole or `patience` is over. After
    /// [`Unanswered::Silence`] it may be called again: the connection is still
    /// listened to, and what already came is kept.
    ///
    /// # Errors
    /// [`Unanswered`] when there is nothing to judge.
    pub async fn answer(
        &mut self,
        patience: Duration,
        wants_ticket: bool,
    ) -> Result<Answer, Unanswered> {
        let deadline = Instant::now() + patience;
        let mut last_byte = Instant::now();
        let mut status_at = None;
        let mut buffer = [0; 4096];
        loop {
            let wait = match self.waits_for(wants_ticket) {
                Waits::ForStatus => deadline,
                Waits::ForQuiet(window) => {
                    let began = *status_at.get_or_insert(last_byte);
                    (last_byte + window).min(began + LONGEST_TAIL)
                }
            };
            let read = match timeout_at(wait, self.stream.read(&mut buffer)).await {
                Err(_) => return self.conclude(Unanswered::Silence),
                Ok(Err(_)) => return self.conclude(Unanswered::Reset),
                Ok(Ok(0)) => return self.conclude(Unanswered::Closed),
                Ok(Ok(read)) => read,
            };
            last_byte = Instant::now();
            self.decoder.feed(&buffer[..read]);
            if self.decoder.received() > LONGEST_ANSWER {
                return self.conclude(Unanswered::TooLong);
            }
        }
    }

    fn waits_for(&self, wants_ticket: bool) -> Waits {
        let Deadlines { quiet, receipt_quiet, truncated, .. } = self.deadlines;
        let has_ticket = || self.decoder.messages().any(|m| m.get(Tag::TICKET).is_some());
        match (self.has_final_status(), self.decoder.position()) {
            (true, Position::Boundary) if wants_ticket && !has_ticket() => {
                Waits::ForQuiet(receipt_quiet)
            }
            (true, Position::Boundary) => Waits::ForQuiet(quiet),
            (true, Position::Inside) => Waits::ForQuiet(truncated),
            (_, Position::Malformed) => Waits::ForQuiet(quiet),
            (_, Position::Before) if self.speaks_concert_v2() => Waits::ForQuiet(CONCERT_V2_WINDOW),
            (false, _) | (_, Position::Before) => Waits::ForStatus,
        }
    }

    /// What the bytes so far amount to, now that no more are waited for.
    fn conclude(&mut self, end: Unanswered) -> Result<Answer, Unanswered> {
        let position = self.decoder.position();
        let has_status = self.decoder.messages().any(|m| m.text(Tag::STATUS).is_some());
        if self.decoder.skipped() > 0 {
            tracing::warn!(bytes = self.decoder.skipped(), "bytes before the answer");
        }
        // Whole but for its status: the terminal that hung up meant it so.
        let is_whole = position == Position::Boundary && end == Unanswered::Closed;
        if !has_status && !is_whole {
            return Err(match (position, end) {
                (Position::Before, _) if self.speaks_concert_v2() => Unanswered::ConcertV2,
                (Position::Malformed, _) => Unanswered::Garbled,
                (Position::Before, Unanswered::Silence | Unanswered::Closed)
                    if self.decoder.skipped() > 0 =>
                {
                    Unanswered::Garbled
                }
                _ => end,
            });
        }
        let truncated = position != Position::Boundary;
        let mut messages = std::mem::take(&mut self.decoder).into_messages();
        messages.iter_mut().for_each(wire::mask);
        tracing::debug!(?messages, truncated, "answer");
        Ok(Answer { messages, truncated })
    }

    /// `AE=11` only says that the request was accepted: the answer is to come.
    fn has_final_status(&self) -> bool {
        self.decoder.messages().any(|m| m.text(Tag::STATUS).is_some_and(|status| status != "11"))
    }

    fn speaks_concert_v2(&self) -> bool {
        self.decoder.first_skipped().is_some_and(|byte| CONCERT_V2.contains(&byte))
    }
}

enum Waits {
    /// Until the answer deadline: no final status has come.
    ForStatus,
    /// Until nothing came for this long.
    ForQuiet(Duration),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_into_the_shop_and_not_out_of_it() {
        let (near, far): (SocketAddr, SocketAddr) =
            ("192.168.1.50:8888".parse().unwrap(), "203.0.113.9:8888".parse().unwrap());
        let dialled = |host, all: &[SocketAddr]| in_the_shop(host, all.iter().copied());
        assert_eq!(dialled("tpe.lan", &[far, near]), Ok(vec![near]));
        assert_eq!(dialled("tpe.lan", &[far]), Err(NotSent::PublicAddress));
        assert_eq!(dialled("tpe.lan", &[]), Ok(vec![]));
        assert_eq!(dialled("203.0.113.9", &[far]), Ok(vec![far]), "it stands in the configuration");
    }
}

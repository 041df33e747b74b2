//! A six-digit code, shown by the relay and typed at the till, buys a token.

use super::secret;
use super::tills::Act;
use crate::payment::Moment;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// How long a code is good.
const GOOD_FOR: Duration = Duration::from_secs(300);
/// Wrong codes after which the open one is gone: 5 guesses of a million.
const TRIES: u32 = 5;
/// Wrong codes of one address in [`GOOD_FOR`] after which it is not listened to.
const TRIES_OF_ONE: u32 = 10;
/// Addresses that are remembered for that; a flood of them forgets the oldest.
const ADDRESSES: usize = 1024;

/// What a code is good for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The name that the till will have; without one, the till says it.
    pub till: Option<String>,
    /// The terminals that it may use; without a list, all.
    pub terminals: Option<Vec<String>>,
    /// What it may do; without a list, everything.
    pub acts: Option<Vec<Act>>,
}

/// A code that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCode {
    /// Six digits.
    pub code: String,
    /// When it ends.
    pub until: Moment,
    /// What it is good for.
    pub offer: Offer,
}

/// Why a till is not paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotPaired {
    /// Another code is open.
    WrongCode {
        /// Wrong ones that it still stands.
        left: u32,
    },
    /// No code is open: it was never opened, used, too old, or guessed at too often.
    Closed,
    /// This address guessed too often.
    TooOften,
    /// A till with this name is paired.
    NameTaken,
    /// The disk refuses to record it.
    NotRecorded,
}

impl NotPaired {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            NotPaired::WrongCode { .. } => "bad_code",
            NotPaired::Closed => "pairing_closed",
            NotPaired::TooOften => "rate_limited",
            NotPaired::NameTaken => "till_taken",
            NotPaired::NotRecorded => "journal_unavailable",
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Pairing {
    open: Option<Open>,
    wrong: HashMap<IpAddr, (u32, Instant)>,
}

#[derive(Debug)]
struct Open {
    shown: OpenCode,
    ends: Instant,
    tries: u32,
    /// A till has it, and is on its way to the disk.
    taken: bool,
}

impl Pairing {
    pub(super) fn open(&mut self, offer: Offer, Moment(now): Moment) -> OpenCode {
        let until = Moment(now.saturating_add(300_000));
        let shown = OpenCode { code: secret::digits(), until, offer };
        let ends = Instant::now() + GOOD_FOR;
        self.open = Some(Open { shown: shown.clone(), ends, tries: TRIES, taken: false });
        shown
    }

    pub(super) fn close(&mut self) {
        self.open = None;
    }

    pub(super) fn current(&self) -> Option<OpenCode> {
        let open = self.open.as_ref().filter(|open| Instant::now() < open.ends);
        open.map(|open| open.shown.clone())
    }

    /// The till that took this code is on record.
    pub(super) fn used(&mut self, code: &str) {
        self.open = self.open.take().filter(|open| open.shown.code != code);
    }

    /// The till that took this code is not on record: another try is allowed.
    pub(super) fn give_back(&mut self, code: &str) {
        if let Some(open) = self.open.as_mut().filter(|open| open.shown.code == code) {
            open.taken = false;
        }
    }

    /// What the code is good for. It is taken then: of tills that race for it,
    /// one gets it.
    pub(super) fn try_code(&mut self, address: IpAddr, code: &str) -> Result<Offer, NotPaired> {
        let now = Instant::now();
        self.wrong.retain(|_, (_, since)| now - *since < GOOD_FOR);
        if self.wrong.get(&address).is_some_and(|(tries, _)| *tries >= TRIES_OF_ONE) {
            return Err(NotPaired::TooOften);
        }
        if self.open.as_ref().is_some_and(|open| open.taken) {
            return Err(NotPaired::Closed);
        }
        let open = self.open.as_mut().filter(|open| now < open.ends);
        let result = match open {
            Some(open) if open.shown.code == code => {
                open.taken = true;
                return Ok(open.shown.offer.clone());
            }
            Some(open) => {
                open.tries -= 1;
                match open.tries {
                    0 => Err(NotPaired::Closed),
                    left => Err(NotPaired::WrongCode { left }),
                }
            }
            None => Err(NotPaired::Closed),
        };
        if result == Err(NotPaired::Closed) {
            self.open = None;
        }
        if self.wrong.len() >= ADDRESSES
            && let Some(oldest) = self.wrong.iter().min_by_key(|(_, (_, at))| *at).map(|(a, _)| *a)
        {
            self.wrong.remove(&oldest);
        }
        self.wrong.entry(address).or_insert((0, now)).0 += 1;
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 20));

    fn wrong(right: &str) -> &'static str {
        if right == "000000" { "000001" } else { "000000" }
    }

    #[test]
    fn a_code_stands_four_wrong_ones() {
        let mut pairing = Pairing::default();
        assert_eq!(pairing.try_code(TILL, "123456"), Err(NotPaired::Closed), "none is open");
        let code = pairing.open(Offer::default(), Moment(0)).code;
        for left in [4, 3, 2, 1] {
            let tried = pairing.try_code(TILL, wrong(&code));
            assert_eq!(tried, Err(NotPaired::WrongCode { left }));
        }
        assert_eq!(
            pairing.try_code(TILL, &code),
            Ok(Offer::default()),
            "the right one still works"
        );
        pairing.give_back(&code);
        assert_eq!(pairing.try_code(TILL, wrong(&code)), Err(NotPaired::Closed));
        assert_eq!(pairing.try_code(TILL, &code), Err(NotPaired::Closed), "it is gone");
    }

    #[test]
    fn a_code_is_taken_by_one_till_until_it_is_used_or_given_back() {
        let mut pairing = Pairing::default();
        let code = pairing.open(Offer::default(), Moment(0)).code;
        let other = "192.168.1.21".parse().unwrap();
        assert!(pairing.try_code(TILL, &code).is_ok());
        assert_eq!(pairing.try_code(other, &code), Err(NotPaired::Closed), "too late");
        pairing.give_back(&code);
        assert!(pairing.try_code(other, &code).is_ok(), "its name was taken, say");
        pairing.used(&code);
        assert_eq!(pairing.current(), None);
    }

    #[test]
    fn who_guesses_and_guesses_is_not_listened_to() {
        let mut pairing = Pairing::default();
        let guessed = (0..1_000_000)
            .filter(|_| {
                let code = pairing.open(Offer::default(), Moment(0)).code;
                pairing.try_code(TILL, wrong(&code)) != Err(NotPaired::TooOften)
            })
            .take(100)
            .count();
        assert_eq!(guessed, 10);
        let code = pairing.open(Offer::default(), Moment(0)).code;
        assert_eq!(
            pairing.try_code(TILL, &code),
            Err(NotPaired::TooOften),
            "even when it is right"
        );
        let other = "192.168.1.21".parse().unwrap();
        assert_eq!(pairing.try_code(other, &code), Ok(Offer::default()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_good_for_five_minutes() {
        let mut pairing = Pairing::default();
        let code = pairing.open(Offer::default(), Moment(0)).code;
        tokio::time::advance(Duration::from_secs(299)).await;
        assert!(pairing.current().is_some() && pairing.try_code(TILL, &code).is_ok());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(pairing.current().is_none());
        assert_eq!(pairing.try_code(TILL, &code), Err(NotPaired::Closed));
    }
}

//! A link to the relay's page, good once and for a minute: what a browser is
//! started with is seen by every program of the computer and stays in its history.

use super::secret::{self, Digest};
use std::time::Duration;
use tokio::time::Instant;

/// How long a ticket is good.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Tickets that are open at a time; one more ends the oldest.
const OPEN: usize = 16;
/// Wrong tickets in [`GOOD_FOR`] after which none is looked at.
const TRIES: usize = 10;

/// Why a ticket gets nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotRedeemed {
    /// It was used, is older than a minute, or was never one.
    Bad,
    /// Too many wrong ones came before it.
    TooOften,
}

#[derive(Debug, Default)]
pub(super) struct Tickets {
    /// With the end of each, oldest first.
    open: Vec<(Digest, Instant)>,
    /// When the last wrong ones were shown.
    wrong: Vec<Instant>,
}

impl Tickets {
    /// 256 random bits, kept as a digest.
    pub(super) fn issue(&mut self) -> String {
        let (ticket, now) = (secret::random(), Instant::now());
        self.open.retain(|(_, ends)| now < *ends);
        if self.open.len() >= OPEN {
            self.open.remove(0);
        }
        self.open.push((Digest::of(&ticket), now + GOOD_FOR));
        ticket
    }

    /// A ticket that is good is gone then.
    pub(super) fn redeem(&mut self, ticket: &str) -> Result<(), NotRedeemed> {
        let (digest, now) = (Digest::of(ticket), Instant::now());
        self.open.retain(|(_, ends)| now < *ends);
        self.wrong.retain(|at| now - *at < GOOD_FOR);
        if self.wrong.len() >= TRIES {
            return Err(NotRedeemed::TooOften);
        }
        match self.open.iter().position(|(open, _)| *open == digest) {
            Some(place) => {
                self.open.remove(place);
                Ok(())
            }
            None => {
                self.wrong.push(now);
                Err(NotRedeemed::Bad)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn a_ticket_is_good_once_and_for_a_minute() {
        let mut tickets = Tickets::default();
        let (used, late) = (tickets.issue(), tickets.issue());
        assert_ne!(used, late);
        assert_eq!(tickets.redeem(&used), Ok(()));
        assert_eq!(tickets.redeem(&used), Err(NotRedeemed::Bad));
        advance(GOOD_FOR).await;
        assert_eq!(tickets.redeem(&late), Err(NotRedeemed::Bad));
        let late = tickets.issue();
        advance(GOOD_FOR - Duration::from_secs(1)).await;
        assert_eq!(tickets.redeem(&late), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_guesses_is_not_listened_to_for_a_minute() {
        let mut tickets = Tickets::default();
        let good = tickets.issue();
        for _ in 0..TRIES {
            assert_eq!(tickets.redeem("a guess"), Err(NotRedeemed::Bad));
        }
        assert_eq!(tickets.redeem(&good), Err(NotRedeemed::TooOften));
        advance(GOOD_FOR).await;
        let good = tickets.issue();
        assert_eq!(tickets.redeem(&good), Ok(()));
    }

    #[tokio::test]
    async fn as_many_as_anybody_opens_take_no_more_room() {
        let mut tickets = Tickets::default();
        let first = tickets.issue();
        let others: Vec<_> = (0..OPEN).map(|_| tickets.issue()).collect();
        assert_eq!(tickets.open.len(), OPEN);
        assert_eq!(tickets.redeem(&first), Err(NotRedeemed::Bad));
        assert!(others.iter().all(|other| tickets.redeem(other).is_ok()));
    }
}

use tokio::time::Instant;

/// Messages a second that a till of the network may send for long.
const PER_SECOND: u128 = 50;
/// Messages that it may send at once.
const AT_ONCE: u128 = 200;

/// How fast a till of the network talks. One of this computer may talk as fast
/// as it likes: who runs programs here could do worse.
#[derive(Debug)]
pub(super) struct Pace {
    /// In thousandths of a message.
    left: u128,
    since: Instant,
}

impl Pace {
    pub(super) fn new() -> Pace {
        Pace { left: AT_ONCE * 1000, since: Instant::now() }
    }

    /// Whether one more message is within the pace.
    pub(super) fn allows_one(&mut self) -> bool {
        let now = Instant::now();
        let earned = (now - self.since).as_millis() * PER_SECOND;
        if earned > 0 {
            self.since = now;
        }
        self.left = (self.left + earned).min(AT_ONCE * 1000);
        match self.left.checked_sub(1000) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_allowed_and_a_flood_is_not() {
        let mut pace = Pace::new();
        assert_eq!((0..1000).filter(|_| pace.allows_one()).count(), 200);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!((0..1000).filter(|_| pace.allows_one()).count(), 50);
    }
}

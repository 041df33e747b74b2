use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// How long a link is good: time to walk to a tablet and through its settings.
pub const LIFE: Duration = Duration::from_secs(15 * 60);
/// Links that are remembered, so that an old one is told that it is over.
const KEPT: usize = 32;

/// A link to the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `http://192.168.1.20:9480/o/<128 random bits>/`.
    pub url: String,
    /// When it ends.
    pub expires: SystemTime,
}

/// What a link is worth now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    Over,
    Open { left: Duration },
}

/// Links by the hash of their token: comparing hashes tells nothing about the
/// token by the time it takes.
#[derive(Debug, Default)]
pub(super) struct Links(Mutex<VecDeque<(Vec<u8>, Instant)>>);

impl Links {
    pub(super) fn open(&self, origin: &str) -> io::Result<Link> {
        let mut token = [0; 16];
        SystemRandom::new()
            .fill(&mut token)
            .map_err(|_| io::Error::other("the system has no randomness"))?;
        let token: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        links.truncate(KEPT - 1);
        links.push_front((hash(&token), Instant::now() + LIFE));
        let url = format!("{origin}/o/{token}/");
        Ok(Link { url, expires: SystemTime::now() + LIFE })
    }

    pub(super) fn state(&self, token: &str) -> State {
        let hash = hash(token);
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((_, end)) = links.iter().find(|(known, _)| *known == hash) else {
            return State::Unknown;
        };
        match end.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => State::Open { left },
            _ => State::Over,
        }
    }
}

fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn token(link: &Link) -> &str {
        link.url.trim_end_matches('/').rsplit('/').next().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_is_good_for_fifteen_minutes_and_then_over() {
        let links = Links::default();
        let link = links.open("http://10.0.0.1:9480").unwrap();
        assert_eq!(links.state(token(&link)), State::Open { left: LIFE });
        advance(LIFE - Duration::from_secs(1)).await;
        let second = links.open("http://10.0.0.1:9480").unwrap();
        assert_eq!(links.state(token(&link)), State::Open { left: Duration::from_secs(1) });
        advance(Duration::from_secs(1)).await;
        assert_eq!(links.state(token(&link)), State::Over);
        assert!(matches!(links.state(token(&second)), State::Open { .. }), "each its own end");
    }

    #[tokio::test]
    async fn nobody_guesses_a_token() {
        let links = Links::default();
        let link = links.open("http://10.0.0.1:9480").unwrap();
        assert_eq!(token(&link).len(), 32);
        assert_ne!(token(&link), token(&links.open("http://10.0.0.1:9480").unwrap()));
        for wrong in ["", "0", &token(&link)[1..], &format!("{}0", token(&link))] {
            assert_eq!(links.state(wrong), State::Unknown, "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_person_who_opens_many_links_fills_no_memory() {
        let links = Links::default();
        let first = links.open("http://10.0.0.1:9480").unwrap();
        for _ in 0..KEPT * 3 {
            links.open("http://10.0.0.1:9480").unwrap();
        }
        assert_eq!(links.0.lock().unwrap().len(), KEPT);
        assert_eq!(links.state(token(&first)), State::Unknown);
    }
}

//! How the relay itself is: what the status page, the tray and the command
//! line show to the person who looks after it.

use crate::payment::Moment;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// What is known, and who is told when it changes.
#[derive(Debug)]
pub struct Health {
    facts: watch::Sender<Facts>,
    clock: fn() -> Moment,
    started_at: Moment,
    handshakes_failed: AtomicU64,
}

/// What is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The addresses that tills connect to, this computer's own first.
    pub urls: Vec<String>,
    /// The certificate that is served.
    pub certificate: Option<CertificateFacts>,
    /// The last who did not trust it.
    pub distrust: Option<Distrust>,
}

/// The certificate that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// The name of the authority that browsers have to trust.
    pub authority: String,
    /// The SHA-256 of its certificate.
    pub fingerprint: String,
    /// The names and addresses that the relay's certificate is for.
    pub names: Vec<String>,
    /// When the relay's certificate ends.
    pub not_after: Moment,
}

/// Browsers and devices that broke off because of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrust {
    /// How many times, since the start.
    pub count: u64,
    /// The last time.
    pub at: Moment,
    /// Who it was then.
    pub address: IpAddr,
}

impl Health {
    /// Nothing is known yet. `clock` tells the time.
    pub fn new(clock: fn() -> Moment) -> Health {
        Health {
            facts: watch::Sender::default(),
            clock,
            started_at: clock(),
            handshakes_failed: AtomicU64::default(),
        }
    }

    /// When the relay started.
    pub fn started_at(&self) -> Moment {
        self.started_at
    }

    /// What is known now.
    pub fn facts(&self) -> Facts {
        self.facts.borrow().clone()
    }

    /// Tells of every change from now on.
    pub fn changes(&self) -> watch::Receiver<Facts> {
        self.facts.subscribe()
    }

    /// Changes what is known.
    pub fn update(&self, change: impl FnOnce(&mut Facts)) {
        self.facts.send_if_modified(|facts| {
            let before = facts.clone();
            change(facts);
            *facts != before
        });
    }

    /// Counts a TLS handshake that came to nothing, for another reason than distrust.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// How many TLS handshakes came to nothing since the start.
    pub fn handshakes_failed(&self) -> u64 {
        self.handshakes_failed.load(Ordering::Relaxed)
    }

    /// Counts one who does not trust the certificate.
    pub fn distrusted(&self, address: IpAddr) {
        let at = (self.clock)();
        self.update(|facts| {
            let count = facts.distrust.as_ref().map_or(0, |before| before.count) + 1;
            facts.distrust = Some(Distrust { count, at, address });
        });
    }
}

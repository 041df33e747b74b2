//! What everything in the campaign shares.

use crate::books::Books;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::Instant;
use tokio::sync::watch;

/// Something that the relay can be killed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Moment {
    /// The terminal took a connection.
    Dialled = 1,
    /// The terminal has the request.
    Requested = 2,
    /// The answer begins to leave the terminal.
    Answered = 3,
    /// A till said `pay`.
    Asked = 4,
    /// A till was told an outcome.
    Told = 5,
    /// A till said `acknowledge`.
    Acknowledged = 6,
}

/// All of them.
pub const MOMENTS: [Moment; 6] = [
    Moment::Dialled,
    Moment::Requested,
    Moment::Answered,
    Moment::Asked,
    Moment::Told,
    Moment::Acknowledged,
];

pub struct World {
    pub seed: u64,
    pub terminals: u64,
    /// Where the relay listens, while it does.
    pub relay: watch::Receiver<Option<SocketAddr>>,
    pub tls: OnceLock<Arc<ClientConfig>>,
    pub books: Books,
    /// The payments still to be asked.
    pub quota: AtomicI64,
    pub until: Instant,
    /// After so many findings no more payments are asked.
    pub enough: u64,
    /// No more faults.
    pub calm: AtomicBool,
    /// Everything ends.
    pub over: AtomicBool,
    pub kills: AtomicU64,
    pub cuts: AtomicU64,
    pub disk_full: AtomicU64,
    /// What no relay may say, as far as tills noticed.
    pub found: AtomicU64,
    armed: AtomicU8,
    pub killer: OnceLock<Thread>,
}

impl World {
    pub fn new(
        seed: u64,
        terminals: u64,
        relay: watch::Receiver<Option<SocketAddr>>,
        books: Books,
        quota: i64,
        until: Instant,
        enough: u64,
    ) -> World {
        World {
            seed,
            terminals,
            relay,
            tls: OnceLock::new(),
            books,
            quota: AtomicI64::new(quota),
            until,
            enough,
            calm: AtomicBool::new(false),
            over: AtomicBool::new(false),
            kills: AtomicU64::new(0),
            cuts: AtomicU64::new(0),
            disk_full: AtomicU64::new(0),
            found: AtomicU64::new(0),
            armed: AtomicU8::new(0),
            killer: OnceLock::new(),
        }
    }

    pub fn is_calm(&self) -> bool {
        self.calm.load(SeqCst)
    }

    pub fn is_over(&self) -> bool {
        self.over.load(SeqCst)
    }

    /// Whether another payment may be asked.
    pub fn takes_one(&self) -> bool {
        !self.is_over()
            && Instant::now() < self.until
            && self.found.load(SeqCst) < self.enough
            && self.quota.fetch_sub(1, SeqCst) > 0
    }

    pub fn cut(&self) {
        self.cuts.fetch_add(1, SeqCst);
    }

    /// Wakes the killer at the next of these.
    pub fn arm(&self, moment: Option<Moment>) {
        self.armed.store(moment.map_or(0, |moment| moment as u8), SeqCst);
    }

    pub fn is_armed(&self) -> bool {
        self.armed.load(SeqCst) != 0
    }

    /// This happens now.
    pub fn saw(&self, moment: Moment) {
        if self.armed.compare_exchange(moment as u8, 0, SeqCst, SeqCst).is_ok()
            && let Some(killer) = self.killer.get()
        {
            killer.unpark();
        }
    }

    /// What a till trusts: the relay's authority and nothing else.
    pub fn trust(&self, ca: &Path) -> anyhow::Result<()> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(ca)? {
            roots.add(certificate?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let _ = self.tls.set(Arc::new(config));
        Ok(())
    }
}

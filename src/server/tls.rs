use crate::ca::Leaf;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use std::sync::{Arc, PoisonError, RwLock};

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the certificate: {0}; run `caisse-relay certs renew`")]
pub struct TlsError(#[from] rustls::Error);

/// The certificate that is served. Swapping it drops no connection: those that
/// are open keep the one they began with.
#[derive(Debug)]
pub struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Serves this one first.
    ///
    /// # Errors
    /// When the key does not fit the certificate.
    pub fn new(leaf: &Leaf) -> Result<Arc<Certificate>, TlsError> {
        Ok(Arc::new(Certificate(RwLock::new(certified(leaf)?))))
    }

    /// Serves this one from now on.
    ///
    /// # Errors
    /// When the key does not fit the certificate; the old one stays.
    pub fn swap(&self, leaf: &Leaf) -> Result<(), TlsError> {
        let certified = certified(leaf)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
        Ok(())
    }

    /// TLS 1.2 and 1.3. The provider is ring: it let the first till in 5.5 ms
    /// after start where aws-lc-rs took 62, and it builds for every platform
    /// tried; its slow release pace is the price.
    pub(super) fn server_config(self: &Arc<Self>) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .expect("ring has both versions")
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        // Offered h2, Firefox takes it for WebSockets too and fails.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl ResolvesServerCert for Certificate {
    /// One certificate for every name: browsers send no name for an address.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn certified(leaf: &Leaf) -> Result<Arc<CertifiedKey>, TlsError> {
    let key: PrivateKeyDer<'static> = leaf.key.clone_key();
    Ok(Arc::new(CertifiedKey::from_der(leaf.chain.clone(), key, &default_provider())?))
}

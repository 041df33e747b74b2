//! A certificate that someone else made for this relay, and its key: `[tls]` of the configuration.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::leaf::{Leaf, names_of};
use super::system_time;

/// The two files, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The certificate, then those between it and its authority.
    pub cert: PathBuf,
    /// Its key: PKCS #8, PKCS #1 or SEC 1.
    pub key: PathBuf,
}

/// Why the files cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum BroughtError {
    /// One of them cannot be read.
    #[error("cannot read {}: {cause}; correct `tls` in the configuration, or give this user the right to read it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// One of them is something else.
    #[error("cannot use {}: {reason}; correct `tls` in the configuration, or replace the file", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// They are not a pair.
    #[error("{} is not the key of {}; correct `tls` in the configuration, or replace both", key.display(), cert.display())]
    Mismatched {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

impl BroughtError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            BroughtError::Unreadable { .. } => "tls_unreadable",
            BroughtError::Unusable { .. } => "tls_unusable",
            BroughtError::Mismatched { .. } => "tls_mismatched",
        }
    }
}

/// What tells a replaced file from the one that was read: a copy may keep an old date, but not
/// the size and the date of another.
pub type Stamp = [Option<(SystemTime, u64)>; 2];

impl Brought {
    /// When the files were last changed; nothing of one that is missing.
    pub fn stamp(&self) -> Stamp {
        [&self.cert, &self.key].map(|path| {
            let found = fs::metadata(path).ok()?;
            Some((found.modified().ok()?, found.len()))
        })
    }

    /// The certificate and its key, as a TLS server wants them.
    ///
    /// # Errors
    /// When a browser could not be served with them. One that has ended can: the browser says so.
    pub fn read(&self) -> Result<Leaf, BroughtError> {
        let unusable =
            |path: &Path, reason: String| BroughtError::Unusable { path: path.to_owned(), reason };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(&self.cert)?).collect();
        let chain = chain
            .map_err(|error| unusable(&self.cert, format!("not a PEM certificate ({error})")))?;
        let Some(first) = chain.first() else {
            return Err(unusable(&self.cert, "no PEM certificate in it".into()));
        };
        let (_, parsed) = X509Certificate::from_der(first)
            .map_err(|error| unusable(&self.cert, format!("not an X.509 certificate ({error})")))?;
        let names = names_of(&parsed).map_err(|reason| unusable(&self.cert, reason))?;
        if names.dns.is_empty() && names.addresses.is_empty() {
            return Err(unusable(
                &self.cert,
                "it names no host (subjectAltName): no browser takes it".into(),
            ));
        }
        let not_after = system_time(parsed.validity().not_after.to_datetime());
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|error| unusable(&self.key, format!("no PEM private key in it ({error})")))?;
        match CertifiedKey::from_der(chain.clone(), key.clone_key(), &default_provider()) {
            Ok(_) => Ok(Leaf { chain, key, names, not_after, fresh: false, due: None }),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(BroughtError::Mismatched { cert: self.cert.clone(), key: self.key.clone() })
            }
            Err(error) => Err(unusable(&self.key, error.to_string())),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, BroughtError> {
    fs::read(path).map_err(|cause| BroughtError::Unreadable { path: path.to_owned(), cause })
}

//! The certificates of the relay: a local authority made at the first start, and the leaf
//! certificate it signs for this machine.
//!
//! | file | job |
//! |---|---|
//! | `names` | what this machine is called, as certificates want it |
//! | `constraints` | the names the authority may ever sign for, written into it and read back |
//! | `folder` | the files: locked, written whole, keys for their owner only |
//! | `leaf` | the certificate shown to browsers, and when a new one is due |
//!
//! Deliberately absent: this layer opens no socket and reads no clock; the caller gives the time.
//! Every function that touches the folder blocks on the disk.

mod constraints;
mod folder;
mod leaf;
mod names;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::prelude::{FromDer, X509Certificate};

use constraints::Constraints;
use folder::{Folder, PUBLIC, SECRET};

pub use leaf::Leaf;
pub use names::{Names, host_name};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// Ten years, the life of a till: a new authority means a visit to every browser.
const LIFETIME: time::Duration = time::Duration::days(3650);

/// How far certificates reach back, for tills whose clock is behind ours.
const BACK_DATING: time::Duration = time::Duration::days(1);

/// A till with a dead clock battery starts in 1970 or 2000. An authority made then would have
/// ended by the time the clock is right, so none is made before this program existed.
const EARLIEST: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

/// The local certificate authority: P-256, ten years, and good for private addresses and local
/// names only, so that a stolen key opens no web site.
#[derive(Debug)]
pub struct Authority {
    folder: Folder,
    certificate_file: PathBuf,
    certificate: CertificateDer<'static>,
    pem: Vec<u8>,
    name: String,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    constraints: Constraints,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Opens the authority kept in `folder`, or makes one there at the first start.
    ///
    /// `host` is the machine's name, as [`host_name`] gives it. It matters at the first start
    /// only: the names the authority may sign for are then fixed for its ten years.
    ///
    /// # Errors
    ///
    /// An authority that cannot be used is never replaced, because browsers trust it: the error
    /// names the file and what to do.
    pub fn open(folder: &Path, host: &str, now: SystemTime) -> Result<Authority, CaError> {
        let folder = Folder::open(folder)?;
        let _lock = folder.lock()?;
        match (folder.read(CERTIFICATE)?, folder.read_secret(KEY)?) {
            (Some(certificate), Some(key)) => Authority::read(folder, &certificate, &key),
            (None, None) => Authority::make(folder, host, date(now)),
            (Some(_), None) => Err(CaError::Halved {
                present: folder.file(CERTIFICATE),
                missing: folder.file(KEY),
            }),
            (None, Some(_)) => Err(CaError::Halved {
                present: folder.file(KEY),
                missing: folder.file(CERTIFICATE),
            }),
        }
    }

    /// The certificate to install in the trust stores: `ca.pem`, an absolute path. Only the owner
    /// may enter its folder, so a store read by another user wants a copy.
    pub fn certificate_file(&self) -> &Path {
        &self.certificate_file
    }

    /// The certificate of the authority, as in [`certificate_file`](Self::certificate_file).
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The common name, unlike that of any other authority: `Caisse Relay CA (till-1, 3fa2b1c4)`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the certificate as browsers show it: `AA:BB:…`, 32 bytes.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.certificate);
        let bytes: Vec<String> = digest.as_ref().iter().map(|b| format!("{b:02X}")).collect();
        bytes.join(":")
    }

    /// When the authority ends; no leaf outlives it.
    pub fn not_after(&self) -> SystemTime {
        system_time(self.not_after)
    }

    fn make(folder: Folder, host: &str, now: OffsetDateTime) -> Result<Authority, CaError> {
        if now < EARLIEST {
            return Err(CaError::Clock { now: now.date() });
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial_number()?);
        params.not_before = now.saturating_sub(BACK_DATING);
        params.not_after = now.saturating_add(LIFETIME);
        params.distinguished_name = distinguished_name(&common_name(host)?);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Name constraints say nothing of signed programs or mail, which Windows would believe
        // from any root: the purpose closes that door.
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints = Some(constraints::for_host(host));
        let certificate = params.self_signed(&key)?.pem();
        let key = key.serialize_pem();

        folder.write(KEY, key.as_bytes(), SECRET)?;
        folder.write(CERTIFICATE, certificate.as_bytes(), PUBLIC)?;
        let authority = Authority::read(folder, certificate.as_bytes(), key.as_bytes())?;
        tracing::info!(
            name = authority.name,
            file = %authority.certificate_file.display(),
            "made a certificate authority"
        );
        Ok(authority)
    }

    fn read(folder: Folder, pem: &[u8], key: &[u8]) -> Result<Authority, CaError> {
        let certificate_file = folder.file(CERTIFICATE);
        let corrupt = |reason: String| CaError::Corrupt {
            path: certificate_file.clone(),
            reason,
        };
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates = certificates
            .map_err(|error| corrupt(format!("not a PEM certificate ({error})")))?;
        let [certificate] = <[_; 1]>::try_from(certificates)
            .map_err(|found| corrupt(format!("{} certificates in it, not one", found.len())))?;
        let (_, parsed) = X509Certificate::from_der(&certificate)
            .map_err(|error| corrupt(format!("not an X.509 certificate ({error})")))?;
        if !parsed.is_ca() {
            return Err(corrupt("its certificate is not an authority's".into()));
        }
        let key = key_pair(key).map_err(|reason| CaError::Corrupt {
            path: folder.file(KEY),
            reason,
        })?;
        if key.subject_public_key_info() != parsed.public_key().raw {
            return Err(CaError::Mismatched {
                certificate: certificate_file,
                key: folder.file(KEY),
            });
        }
        let constraints = Constraints::of(&parsed).map_err(corrupt)?;
        let common_name = parsed.subject().iter_common_name().next();
        let name = common_name.and_then(|name| name.as_str().ok());
        let name = name.unwrap_or("Caisse Relay CA").to_owned();
        let validity = parsed.validity();
        let not_before = validity.not_before.to_datetime();
        let not_after = validity.not_after.to_datetime();
        let issuer = Issuer::from_ca_cert_der(&certificate, key)?;
        Ok(Authority {
            folder,
            certificate_file,
            certificate,
            pem: pem.to_vec(),
            name,
            not_before,
            not_after,
            constraints,
            issuer,
        })
    }
}

/// Why there is no certificate to serve. The disk, the clock or a file of the authority is at
/// fault; each sentence says which, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The folder could not be made or locked.
    #[error("could not open the folder {path}: {cause}; give this user the right to write in it")]
    Folder {
        /// The folder, or the lock file in it.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the authority is there and could not be read.
    #[error("could not read {path}: {cause}; give this user the right to read it, or restore it")]
    Unreadable {
        /// `ca.pem` or `ca.key`.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file could not be written; what was there before is untouched.
    #[error("could not write {path}: {cause}; free some disk, or let this user write there")]
    Unwritable {
        /// The file that was to be written.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file of the authority holds something else.
    #[error("cannot use {path}: {reason}; restore ca.pem and ca.key from a backup, or {AFRESH}")]
    Corrupt {
        /// `ca.pem` or `ca.key`.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// One of the two files of the authority is missing.
    #[error("{present} is there but {missing} is not; restore it from a backup, or {AFRESH}")]
    Halved {
        /// The file that is there.
        present: PathBuf,
        /// The file that is not.
        missing: PathBuf,
    },
    /// The two files of the authority are not a pair.
    #[error("{key} is not the key of {certificate}; restore both from one backup, or {AFRESH}")]
    Mismatched {
        /// `ca.pem`.
        certificate: PathBuf,
        /// `ca.key`.
        key: PathBuf,
    },
    /// The authority has ended.
    #[error("the authority in {path} ended on {ended}; {AFRESH}")]
    Ended {
        /// `ca.pem`.
        path: PathBuf,
        /// Its last day, UTC.
        ended: time::Date,
    },
    /// The clock is before the authority's first day, and there is no earlier leaf to show.
    #[error("the authority in {path} begins on {begins} but the clock says {now}; set the clock")]
    NotBegun {
        /// `ca.pem`.
        path: PathBuf,
        /// Its first day, UTC.
        begins: time::Date,
        /// The day the caller gave, UTC.
        now: time::Date,
    },
    /// The clock is too wrong to make an authority by.
    #[error("no authority can be made while the clock says {now}; set the clock and start again")]
    Clock {
        /// The day the caller gave, UTC.
        now: time::Date,
    },
    /// The operating system gave no random bytes.
    #[error("could not make a certificate: the system gave no random bytes; restart the machine")]
    Random,
    /// A certificate could not be put together.
    #[error("could not sign a certificate: {0}; please report this as a bug")]
    Signing(#[from] rcgen::Error),
}

/// The way out when there is no backup, said in full since browsers will refuse the relay.
const AFRESH: &str = "delete ca.pem and ca.key together and start the relay: \
     it makes a new authority, which every browser must then be told to trust";

fn key_pair(pem: &[u8]) -> Result<KeyPair, String> {
    let key = PrivateKeyDer::from_pem_slice(pem)
        .map_err(|error| format!("no PEM private key in it ({error})"))?;
    KeyPair::try_from(key.secret_der()).map_err(|error| format!("no usable key in it ({error})"))
}

/// Tells two authorities apart in a trust store: after a reinstallation the same machine has two.
/// X.520 allows 64 characters, hence the cut.
fn common_name(host: &str) -> Result<String, CaError> {
    let name = names::dns_name(host).unwrap_or_else(|| "this machine".to_owned());
    let label: String = name.split('.').take(1).flat_map(|label| label.chars().take(32)).collect();
    Ok(format!("Caisse Relay CA ({label}, {:08x})", u32::from_be_bytes(random()?)))
}

fn distinguished_name(common_name: &str) -> DistinguishedName {
    // rcgen's own default gives issuer and subject one name, which OpenSSL takes for self-signed.
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Caisse Relay");
    name.push(DnType::CommonName, common_name);
    name
}

/// 127 random bits, positive and with no leading zero byte, as DER wants integers.
fn serial_number() -> Result<SerialNumber, CaError> {
    let mut bytes: [u8; 16] = random()?;
    bytes[0] = bytes[0] & 0x7f | 0x40;
    Ok(SerialNumber::from(bytes.to_vec()))
}

fn random<const N: usize>() -> Result<[u8; N], CaError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| CaError::Random)?;
    Ok(bytes)
}

/// Whole seconds, as certificates count; a clock before 1970 reads 1970.
fn date(now: SystemTime) -> OffsetDateTime {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let seconds = time::Duration::seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
    OffsetDateTime::UNIX_EPOCH.saturating_add(seconds)
}

fn system_time(date: OffsetDateTime) -> SystemTime {
    let seconds = u64::try_from(date.unix_timestamp()).unwrap_or(0);
    UNIX_EPOCH + Duration::from_secs(seconds)
}

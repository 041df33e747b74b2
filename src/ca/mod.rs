//! The certificates of the relay: a local authority made at the first start, and the leaf
//! certificate it signs for this machine.
//!
//! | file | job |
//! |---|---|
//! | `anchor` | the public half, and which certificates in a store are ours |
//! | `brought` | a certificate that someone else made |
//! | `names` | what this machine is called, as certificates want it |
//! | `constraints` | the names the authority may ever sign for, written into it and read back |
//! | `folder` | the files: locked, written whole, keys for their owner only |
//! | `leaf` | the certificate shown to browsers, and when a new one is due |
//! | `error` | why there is no certificate, and what to do |
//!
//! Deliberately absent: this layer opens no socket and reads no clock; the caller gives the time.
//! Every function that touches the folder blocks on the disk.

mod anchor;
mod brought;
mod constraints;
mod error;
mod folder;
mod inspect;
mod leaf;
mod names;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData, SerialNumber,
};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::prelude::{FromDer, X509Certificate};

use constraints::Constraints;
use folder::{Folder, PUBLIC, SECRET};

pub use anchor::{Anchor, Kin, Relation, fingerprint};
pub use brought::{Brought, BroughtError, Stamp};
pub use error::{ANEW, CaError};
pub use inspect::{Inspected, inspect, inspect_file};
pub use leaf::{Due, Leaf};
pub use names::{Names, host_name};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// Says that the key was thrown away on purpose: one that is merely missing is an accident, and
/// its remedy is a backup.
const FORGOTTEN: &str = "ca.forgotten";

/// The subject of every authority; trust stores are searched for it.
const ORGANIZATION: &str = "Caisse Relay";
const NAME: &str = "Caisse Relay CA";

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
    /// Nothing once the key was thrown away.
    issuer: Option<Issuer<'static, KeyPair>>,
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
            (Some(certificate), Some(key)) => Authority::read(folder, &certificate, Some(&key)),
            (Some(certificate), None) if folder.read(FORGOTTEN)?.is_some() => {
                Authority::read(folder, &certificate, None)
            }
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
        fingerprint(&self.certificate)
    }

    /// When the authority ends; no leaf outlives it.
    pub fn not_after(&self) -> SystemTime {
        system_time(self.not_after)
    }

    /// Whether the key was thrown away: this authority signs nothing any more.
    pub fn key_is_forgotten(&self) -> bool {
        self.issuer.is_none()
    }

    /// Throws the key away. The leaf there is goes on until it ends.
    ///
    /// # Errors
    /// When the disk failed: the key may then still be there.
    pub fn forget_key(&mut self) -> Result<(), CaError> {
        let _lock = self.folder.lock()?;
        // The note first: after a crash in between there is a key with a note, which is a key.
        self.folder.write(
            FORGOTTEN,
            b"The key was thrown away by `certs forget-key`.\n",
            PUBLIC,
        )?;
        self.folder.remove(KEY)?;
        self.issuer = None;
        tracing::info!(name = self.name, "the authority's key was thrown away");
        Ok(())
    }

    /// Makes a new authority in place of the one in `folder`. Browsers trust the old one and not
    /// this one: it has to be installed.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn replace(folder: &Path, host: &str, now: SystemTime) -> Result<Authority, CaError> {
        let folder = Folder::open(folder)?;
        let _lock = folder.lock()?;
        let authority = Authority::make(folder, host, date(now))?;
        authority.folder.remove(FORGOTTEN)?;
        Ok(authority)
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
        let authority = Authority::read(folder, certificate.as_bytes(), Some(key.as_bytes()))?;
        tracing::info!(
            name = authority.name,
            file = %authority.certificate_file.display(),
            "made a certificate authority"
        );
        Ok(authority)
    }

    fn read(folder: Folder, pem: &[u8], key: Option<&[u8]>) -> Result<Authority, CaError> {
        let certificate_file = folder.file(CERTIFICATE);
        let corrupt = |reason: String| CaError::Corrupt { path: certificate_file.clone(), reason };
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let certificates =
            certificates.map_err(|error| corrupt(format!("not a PEM certificate ({error})")))?;
        let [certificate] = <[_; 1]>::try_from(certificates)
            .map_err(|found| corrupt(format!("{} certificates in it, not one", found.len())))?;
        let (_, parsed) = X509Certificate::from_der(&certificate)
            .map_err(|error| corrupt(format!("not an X.509 certificate ({error})")))?;
        if !parsed.is_ca() {
            return Err(corrupt("its certificate is not an authority's".into()));
        }
        let key = key.map(key_pair).transpose();
        let key = key.map_err(|reason| CaError::Corrupt { path: folder.file(KEY), reason })?;
        if key.as_ref().is_some_and(|k| k.subject_public_key_info() != parsed.public_key().raw) {
            return Err(CaError::Mismatched {
                certificate: certificate_file,
                key: folder.file(KEY),
            });
        }
        let constraints = Constraints::of(&parsed).map_err(corrupt)?;
        let common_name = parsed.subject().iter_common_name().next();
        let name = common_name.and_then(|name| name.as_str().ok());
        let name = name.unwrap_or(NAME).to_owned();
        let validity = parsed.validity();
        let not_before = validity.not_before.to_datetime();
        let not_after = validity.not_after.to_datetime();
        let issuer = key.map(|key| Issuer::from_ca_cert_der(&certificate, key)).transpose()?;
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

fn key_pair(pem: &[u8]) -> Result<KeyPair, String> {
    let key = PrivateKeyDer::from_pem_slice(pem)
        .map_err(|error| format!("no PEM private key in it ({error})"))?;
    KeyPair::try_from(key.secret_der()).map_err(|error| format!("no usable key in it ({error})"))
}

/// Tells two authorities apart in a trust store: after a reinstallation the same machine has two.
/// X.520 allows 64 characters, hence the cut.
fn common_name(host: &str) -> Result<String, CaError> {
    Ok(format!("{NAME} ({}, {:08x})", label(host), u32::from_be_bytes(random()?)))
}

fn label(host: &str) -> String {
    let name = names::dns_name(host).unwrap_or_else(|| "this machine".to_owned());
    name.split('.').take(1).flat_map(|label| label.chars().take(32)).collect()
}

fn distinguished_name(common_name: &str) -> DistinguishedName {
    // rcgen's own default gives issuer and subject one name, which OpenSSL takes for self-signed.
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, ORGANIZATION);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use ring::digest;
    use tempfile::TempDir;

    use super::*;

    /// A till's first day, and its folder, which goes with it.
    pub(super) const TODAY: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    pub(super) fn days(days: i64) -> SystemTime {
        system_time(TODAY.saturating_add(time::Duration::days(days)))
    }

    pub(super) fn first_start(host: &str) -> (TempDir, Authority) {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::open(&folder.path().join("certs"), host, days(0)).unwrap();
        (folder, authority)
    }

    fn again(authority: &Authority) -> Result<Authority, CaError> {
        Authority::open(&authority.folder.file(""), "till-1", days(1))
    }

    #[test]
    fn the_authority_is_made_once() {
        let (_folder, first) = first_start("till-1");
        let second = again(&first).unwrap();
        assert_eq!(first.certificate(), second.certificate());
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.name(), second.name());
        assert_eq!(first.not_after(), second.not_after());
        let pem = fs::read(first.certificate_file()).unwrap();
        assert_eq!(&CertificateDer::from_pem_slice(&pem).unwrap(), first.certificate());
    }

    #[test]
    fn the_authority_is_p256_for_ten_years_and_signs_leaves_only() {
        let (_folder, authority) = first_start("till-1");
        let (_, parsed) = X509Certificate::from_der(authority.certificate()).unwrap();
        assert_eq!(parsed.public_key().parsed().unwrap().key_size(), 256);
        assert_eq!(parsed.signature_algorithm.algorithm.to_string(), "1.2.840.10045.4.3.2");
        let basic = parsed.basic_constraints().unwrap().unwrap();
        assert!(basic.critical && basic.value.ca);
        assert_eq!(basic.value.path_len_constraint, Some(0));
        let usage = parsed.key_usage().unwrap().unwrap();
        assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
        assert!(!usage.value.digital_signature());
        let purpose = parsed.extended_key_usage().unwrap().unwrap().value;
        assert!(purpose.server_auth && !purpose.code_signing && !purpose.any);
        assert!(parsed.name_constraints().unwrap().unwrap().critical);
        assert_eq!(parsed.validity().not_before.to_datetime(), TODAY - time::Duration::DAY);
        assert_eq!(authority.not_after(), days(3650));
        parsed.verify_signature(None).unwrap();
    }

    #[test]
    fn two_authorities_of_one_machine_can_be_told_apart() {
        let ((_a, one), (_b, two)) = (first_start("Till-1"), first_start("Till-1"));
        assert!(one.name().starts_with("Caisse Relay CA (till-1, "), "{}", one.name());
        assert_ne!(one.name(), two.name());
        assert_ne!(one.fingerprint(), two.fingerprint());
        let serial = |authority: &Authority| {
            X509Certificate::from_der(authority.certificate()).unwrap().1.serial.clone()
        };
        assert_ne!(serial(&one), serial(&two));
        assert_eq!(serial(&one).bits(), 127);
    }

    #[test]
    fn a_long_or_impossible_host_name_still_makes_a_common_name() {
        for host in ["", "Caisse n°1", "TILL_1", &"a".repeat(63), &"a".repeat(300)] {
            let (_folder, authority) = first_start(host);
            assert!(authority.name().len() <= 64, "{}", authority.name());
        }
    }

    #[test]
    fn the_fingerprint_is_the_one_browsers_show() {
        let (_folder, authority) = first_start("till-1");
        let fingerprint = authority.fingerprint();
        assert_eq!(fingerprint.len(), 32 * 3 - 1);
        let digest = digest::digest(&digest::SHA256, authority.certificate());
        assert!(fingerprint.starts_with(&format!("{:02X}:", digest.as_ref()[0])));
        assert!(fingerprint.bytes().all(|b| b":0123456789ABCDEF".contains(&b)));
    }

    #[test]
    fn a_dead_clock_makes_no_authority() {
        let folder = tempfile::tempdir().unwrap();
        for now in [UNIX_EPOCH, UNIX_EPOCH - Duration::from_secs(1), days(-10_000)] {
            let error = Authority::open(folder.path(), "till-1", now).unwrap_err();
            assert!(matches!(error, CaError::Clock { .. }), "{error}");
        }
        assert!(!folder.path().join(KEY).exists());
    }

    #[test]
    fn a_clock_in_the_far_future_does_not_panic() {
        let folder = tempfile::tempdir().unwrap();
        // The year 15580: a certificate ends with 9999, and the clock of Windows with 30828.
        let far = UNIX_EPOCH + Duration::from_secs(u64::from(u32::MAX) * 100);
        let _ = Authority::open(folder.path(), "till-1", far);
    }

    /// Spoils one file, expects an error that names it, and expects both files untouched.
    fn spoilt(name: &str, bytes: Option<&[u8]>) -> CaError {
        let (_folder, authority) = first_start("till-1");
        let path = authority.folder.file(name);
        match bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let files = || [CERTIFICATE, KEY].map(|name| fs::read(authority.folder.file(name)).ok());
        let before = files();
        let error = again(&authority).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(error.to_string().contains("delete ca.pem and ca.key together"), "{error}");
        assert_eq!(files(), before, "{error}");
        error
    }

    #[test]
    fn a_damaged_authority_is_an_error_and_is_never_replaced() {
        for name in [CERTIFICATE, KEY] {
            assert!(matches!(spoilt(name, None), CaError::Halved { .. }));
            for bytes in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n"] {
                let error = spoilt(name, Some(bytes.as_bytes()));
                assert!(matches!(error, CaError::Corrupt { .. }), "{error}");
            }
            let error = spoilt(name, Some(b"\xff\x00\xfe"));
            assert!(matches!(error, CaError::Corrupt { .. }), "{error}");
        }
    }

    #[test]
    fn files_of_two_authorities_are_no_authority() {
        let (_folder, other) = first_start("till-1");
        for name in [CERTIFICATE, KEY] {
            let bytes = fs::read(other.folder.file(name)).unwrap();
            let error = spoilt(name, Some(&bytes));
            assert!(matches!(error, CaError::Mismatched { .. }), "{error}");
        }
        let pem = fs::read(other.certificate_file()).unwrap();
        let error = spoilt(CERTIFICATE, Some(&pem.repeat(2)));
        assert!(error.to_string().contains("2 certificates in it"), "{error}");
    }

    #[test]
    fn a_leaf_in_the_place_of_the_authority_is_refused() {
        let (_folder, authority) = first_start("till-1");
        let leaf = authority.leaf(&Names::of("till-1", []), days(0)).unwrap();
        let pem = fs::read(authority.folder.file("relay.pem")).unwrap();
        let (first, _) = pem.split_at(pem.len() - authority.pem.len());
        fs::write(authority.certificate_file(), first).unwrap();
        fs::write(
            authority.folder.file(KEY),
            fs::read(authority.folder.file("relay.key")).unwrap(),
        )
        .unwrap();
        let error = again(&authority).unwrap_err();
        assert!(error.to_string().contains("not an authority's"), "{error} {leaf:?}");
    }

    #[test]
    fn an_unreadable_file_is_not_a_missing_one() {
        let (_folder, authority) = first_start("till-1");
        // A folder in its place, because the superuser reads any file.
        fs::remove_file(authority.folder.file(KEY)).unwrap();
        fs::create_dir(authority.folder.file(KEY)).unwrap();
        let error = again(&authority).unwrap_err();
        assert!(matches!(error, CaError::Unreadable { .. }), "{error}");
        assert!(error.to_string().contains("ca.key"), "{error}");
    }

    #[test]
    fn two_first_starts_at_once_make_one_authority() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Authority::open(folder.path(), "till-1", days(0)).unwrap().fingerprint();
        let fingerprints = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(fingerprints.iter().all(|other| *other == fingerprints[0]), "{fingerprints:?}");
    }

    #[test]
    fn no_key_is_printed() {
        let (_folder, authority) = first_start("till-1");
        let leaf = authority.leaf(&Names::of("till-1", []), days(0)).unwrap();
        let printed = format!("{authority:?} {leaf:?}");
        let secret = leaf.key.secret_der()[40..48].iter().map(u8::to_string);
        assert!(!printed.contains(&secret.collect::<Vec<_>>().join(", ")));
        assert!(printed.contains("elided"), "{printed}");
    }

    #[test]
    fn a_key_that_was_thrown_away_is_gone_and_the_leaf_goes_on() {
        let (_folder, mut authority) = first_start("till-1");
        let names = Names::of("till-1", []);
        let leaf = authority.leaf(&names, days(0)).unwrap();
        authority.forget_key().unwrap();
        assert!(!authority.folder.file(KEY).exists());

        let reopened = again(&authority).unwrap();
        for authority in [authority, reopened] {
            assert!(authority.key_is_forgotten());
            let kept = authority.leaf(&names, days(1)).unwrap();
            assert_eq!((kept.chain, kept.due), (leaf.chain.clone(), None));
            for (names, at, due) in [
                (names.clone(), days(340), Due::EndsSoon),
                (names.clone(), days(369), Due::Ended),
                (Names::of("till-2", []), days(1), Due::NewName),
            ] {
                let kept = authority.leaf(&names, at).unwrap();
                assert_eq!((kept.chain, kept.due), (leaf.chain.clone(), Some(due)));
            }
            let error = authority.renew(&names, days(1)).unwrap_err();
            assert!(matches!(error, CaError::Forgotten { .. }), "{error}");
        }
    }

    #[test]
    fn a_key_that_is_missing_without_a_note_is_an_accident() {
        let (_folder, authority) = first_start("till-1");
        fs::remove_file(authority.folder.file(KEY)).unwrap();
        assert!(matches!(again(&authority), Err(CaError::Halved { .. })));
    }

    #[test]
    fn a_new_authority_takes_the_place_of_one_without_a_key() {
        let (_folder, mut old) = first_start("till-1");
        old.leaf(&Names::of("till-1", []), days(0)).unwrap();
        old.forget_key().unwrap();
        let folder = old.folder.file("");
        let new = Authority::replace(&folder, "till-1", days(1)).unwrap();
        assert_ne!(new.fingerprint(), old.fingerprint());
        assert!(!again(&new).unwrap().key_is_forgotten());
        let leaf = new.leaf(&Names::of("till-1", []), days(1)).unwrap();
        assert!(leaf.fresh && leaf.chain[1] == *new.certificate());
    }
}

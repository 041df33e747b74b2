//! The public half of an authority: what trust stores hold. It is read without the key and
//! without a lock, so that another user, an administrator, can install it.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ring::digest;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{CERTIFICATE, CaError, NAME, ORGANIZATION, label};

/// The certificate of an authority, as stores take it.
#[derive(Debug, Clone)]
pub struct Anchor {
    file: PathBuf,
    pem: Vec<u8>,
    certificate: CertificateDer<'static>,
    name: String,
}

impl Anchor {
    /// The authority kept in `folder`, or nothing before the first start.
    ///
    /// # Errors
    /// When its file is there and cannot be used.
    pub fn read(folder: &Path) -> Result<Option<Anchor>, CaError> {
        let file = std::path::absolute(folder.join(CERTIFICATE))
            .map_err(|cause| CaError::Folder { path: folder.to_owned(), cause })?;
        let pem = match fs::read(&file) {
            Ok(pem) => pem,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(CaError::Unreadable { path: file, cause }),
        };
        let corrupt = |reason: String| CaError::Corrupt { path: file.clone(), reason };
        let certificate = CertificateDer::from_pem_slice(&pem)
            .map_err(|error| corrupt(format!("not a PEM certificate ({error})")))?;
        let name = common_name(&certificate)
            .ok_or_else(|| corrupt("its certificate has no name".to_owned()))?;
        Ok(Some(Anchor { file: file.clone(), pem, certificate, name }))
    }

    /// `ca.pem`, an absolute path.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The file's text.
    pub fn pem(&self) -> &[u8] {
        &self.pem
    }

    /// The certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Its common name: `Caisse Relay CA (till-1, 3fa2b1c4)`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the certificate as browsers show it.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.certificate)
    }
}

/// SHA-256 of a certificate as browsers show it: `AA:BB:…`, 32 bytes.
pub fn fingerprint(certificate: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, certificate);
    let bytes: Vec<String> = digest.as_ref().iter().map(|b| format!("{b:02X}")).collect();
    bytes.join(":")
}

/// What a certificate in a store is to this relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The authority that signs the relay's certificate now.
    Current,
    /// An authority that an earlier installation on this machine made.
    Older,
    /// Anything else, the authority of another machine's relay included: a till may use both.
    Stranger,
}

/// Tells the certificates of this machine's relay from all others.
#[derive(Debug)]
pub struct Kin {
    current: Option<Anchor>,
    names: BTreeSet<String>,
}

impl Kin {
    /// `current` is this relay's authority, `host` the machine's name.
    pub fn new(current: Option<Anchor>, host: &str) -> Kin {
        // The machine may have been renamed since the authority was made.
        let own = current.as_ref().and_then(|anchor| machine(&anchor.name)).map(str::to_owned);
        Kin { names: own.into_iter().chain([label(host)]).collect(), current }
    }

    /// This relay's authority.
    pub fn current(&self) -> Option<&Anchor> {
        self.current.as_ref()
    }

    /// What this certificate is to us. The current one is known by its bytes; an older one can
    /// only be known by what it says of itself.
    pub fn of(&self, certificate: &[u8]) -> Relation {
        if self.current.as_ref().is_some_and(|anchor| *anchor.certificate == *certificate) {
            return Relation::Current;
        }
        let mark = NAME.as_bytes();
        // Stores hold hundreds: parse those only that can be ours.
        if !certificate.windows(mark.len()).any(|bytes| bytes == mark) {
            return Relation::Stranger;
        }
        let ours = || {
            let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
            let organization = parsed.subject().iter_organization().next()?.as_str().ok()?;
            let name = parsed.subject().iter_common_name().next()?.as_str().ok()?;
            let made_here = self.names.contains(machine(name)?);
            Some(organization == ORGANIZATION && made_here && parsed.is_ca())
        };
        if ours() == Some(true) { Relation::Older } else { Relation::Stranger }
    }

    /// Those of a PEM text that are ours.
    pub fn among(&self, pem: &[u8]) -> Vec<(Relation, CertificateDer<'static>)> {
        CertificateDer::pem_slice_iter(pem)
            .filter_map(Result::ok)
            .map(|certificate| (self.of(&certificate), certificate))
            .filter(|(relation, _)| *relation != Relation::Stranger)
            .collect()
    }
}

/// The machine in `Caisse Relay CA (till-1, 3fa2b1c4)`.
fn machine(name: &str) -> Option<&str> {
    let inside = name.strip_prefix(NAME)?.strip_prefix(" (")?.strip_suffix(')')?;
    inside.rsplit_once(", ").map(|(machine, _)| machine)
}

fn common_name(certificate: &[u8]) -> Option<String> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let name = parsed.subject().iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::tests::first_start;
    use super::*;

    fn kin(authority: &super::super::Authority, host: &str) -> Kin {
        let folder = authority.certificate_file().parent().unwrap();
        Kin::new(Anchor::read(folder).unwrap(), host)
    }

    #[test]
    fn the_current_one_is_known_by_its_bytes_and_an_older_one_by_its_machine() {
        let ((_a, now), (_b, before), (_c, elsewhere)) =
            (first_start("till-1"), first_start("till-1"), first_start("till-2"));
        let kin = kin(&now, "till-1");
        assert_eq!(kin.of(now.certificate()), Relation::Current);
        assert_eq!(kin.of(before.certificate()), Relation::Older);
        assert_eq!(kin.of(elsewhere.certificate()), Relation::Stranger);
        assert_eq!(kin.of(b"Caisse Relay CA (till-1, 00000000)"), Relation::Stranger);
    }

    #[test]
    fn a_renamed_machine_still_knows_its_own() {
        let ((_a, now), (_b, before), (_c, renamed)) =
            (first_start("till-1"), first_start("till-1"), first_start("counter"));
        let kin = kin(&now, "counter");
        assert_eq!(kin.of(before.certificate()), Relation::Older);
        assert_eq!(kin.of(renamed.certificate()), Relation::Older);
    }

    #[test]
    fn without_an_authority_every_one_of_this_machine_is_older() {
        let (_folder, before) = first_start("till-1");
        let kin = Kin::new(None, "till-1");
        assert_eq!(kin.of(before.certificate()), Relation::Older);
        let found = kin.among(&std::fs::read(before.certificate_file()).unwrap());
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn an_anchor_is_what_the_authority_says_it_is() {
        let (_folder, authority) = first_start("till-1");
        let folder = authority.certificate_file().parent().unwrap();
        let anchor = Anchor::read(folder).unwrap().unwrap();
        assert_eq!(anchor.name(), authority.name());
        assert_eq!(anchor.fingerprint(), authority.fingerprint());
        assert_eq!(anchor.file(), authority.certificate_file());
        assert!(Anchor::read(&folder.join("nowhere")).unwrap().is_none());
        std::fs::write(anchor.file(), "no certificate").unwrap();
        assert!(matches!(Anchor::read(folder), Err(CaError::Corrupt { .. })));
    }
}

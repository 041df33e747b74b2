//! The certificate shown to browsers, and when a new one is due.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::SystemTime;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::{Duration, OffsetDateTime};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::folder::{PUBLIC, SECRET};
use super::names::Names;
use super::{Authority, BACK_DATING, CaError, date, key_pair, serial_number, system_time};

const CHAIN: &str = "relay.pem";
const KEY: &str = "relay.key";

/// 397 days with the back-dating, both ends included: what browsers take from any authority.
const LIFETIME: Duration = Duration::days(396).saturating_sub(Duration::SECOND);

/// A new leaf is due when fewer days are left: long enough for a till that is off in August.
const RENEWAL: Duration = Duration::days(30);

/// The certificate of the relay with its key, as a TLS server wants them.
#[derive(Debug)]
pub struct Leaf {
    /// The certificate of the relay, then that of the authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the first certificate: P-256, PKCS #8.
    pub key: PrivateKeyDer<'static>,
    /// What the certificate is good for.
    pub names: Names,
    /// When it ends; at most 397 days after it began.
    pub not_after: SystemTime,
    /// Whether this call signed it. A leaf renewed by another process is not fresh: to see a
    /// change, compare `chain`.
    pub fresh: bool,
}

impl Authority {
    /// The leaf in the folder if it is still good for `names` at `now`, else a new one, written
    /// to the folder. Cheap enough to be asked every few minutes.
    ///
    /// A new one is due when fewer than 30 days are left, or it is not valid yet, or one of
    /// `names` is not in it, or another authority signed it, or it cannot be read. Names this
    /// authority may not sign are left out, and are no reason for a new one; nor is an address
    /// that vanished.
    ///
    /// # Errors
    ///
    /// The authority has ended, or the disk failed. A clock that is behind the authority is an
    /// error only if there is no leaf at all: tills with a right clock accept the one there is.
    pub fn leaf(&self, names: &Names, now: SystemTime) -> Result<Leaf, CaError> {
        let _lock = self.folder.lock()?;
        let (names, now) = (self.constraints.permitted(names), date(now));
        let due = match self.kept() {
            Ok(kept) if now < self.not_before => {
                tracing::warn!(clock = %now.date(), "the clock is behind the authority's first day");
                return Ok(kept.leaf);
            }
            Ok(kept) => match self.due(&kept, &names, now) {
                None => return Ok(kept.leaf),
                Some(reason) => reason.to_owned(),
            },
            Err(reason) => reason,
        };
        self.issue(names, now, &due)
    }

    /// A new leaf, written to the folder, whatever the state of the old one.
    ///
    /// # Errors
    ///
    /// The clock is outside the authority's ten years, or the disk failed.
    pub fn renew(&self, names: &Names, now: SystemTime) -> Result<Leaf, CaError> {
        let _lock = self.folder.lock()?;
        self.issue(self.constraints.permitted(names), date(now), "it was asked for")
    }

    fn due(&self, kept: &Kept, names: &Names, now: OffsetDateTime) -> Option<&'static str> {
        if kept.not_before > now {
            Some("the one in the folder is not valid yet")
        } else if kept.not_after < now {
            Some("the one in the folder has ended")
        } else if kept.not_after - now < RENEWAL && kept.not_after < self.end(now) {
            // In the authority's last month a new leaf would last no longer, so none is made.
            Some("the one in the folder ends soon")
        } else if !kept.leaf.names.cover(names) {
            Some("the machine has a new name or address")
        } else {
            None
        }
    }

    fn end(&self, now: OffsetDateTime) -> OffsetDateTime {
        now.saturating_add(LIFETIME).min(self.not_after)
    }

    fn issue(&self, names: Names, now: OffsetDateTime, due: &str) -> Result<Leaf, CaError> {
        let leaf = self.sign(names, now)?;
        tracing::info!(due, names = ?leaf.names, "signed a new certificate for the relay");
        Ok(leaf)
    }

    /// Signs without asking whether it may, and writes the leaf to the folder.
    fn sign(&self, names: Names, now: OffsetDateTime) -> Result<Leaf, CaError> {
        let path = || self.certificate_file.clone();
        if now > self.not_after {
            return Err(CaError::Ended {
                path: path(),
                ended: self.not_after.date(),
            });
        }
        if now < self.not_before {
            return Err(CaError::NotBegun {
                path: path(),
                begins: self.not_before.date(),
                now: now.date(),
            });
        }
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.serial_number = Some(serial_number()?);
        params.not_before = now.saturating_sub(BACK_DATING).max(self.not_before);
        params.not_after = self.end(now);
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Caisse Relay");
        // GnuTLS holds a CN against the DNS constraints, so it can only be a name we sign for.
        if names.dns.contains("localhost") {
            params.distinguished_name.push(DnType::CommonName, "localhost");
        }
        for name in &names.dns {
            params.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
        }
        let addresses = names.addresses.iter().copied().map(SanType::IpAddress);
        params.subject_alt_names.extend(addresses);
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;

        // A crash between the two leaves a pair that does not match: the next call signs again.
        let chain = [certificate.pem().as_bytes(), &self.pem].concat();
        self.folder.write(KEY, key.serialize_pem().as_bytes(), SECRET)?;
        self.folder.write(CHAIN, &chain, PUBLIC)?;
        Ok(Leaf {
            chain: vec![certificate.into(), self.certificate.clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            names,
            not_after: system_time(params.not_after),
            fresh: true,
        })
    }

    /// The leaf in the folder, or why it cannot be served by this authority at any time.
    fn kept(&self) -> Result<Kept, String> {
        let read = |bytes: Result<Option<Vec<u8>>, CaError>| match bytes {
            Ok(bytes) => bytes.ok_or_else(|| "there is none in the folder".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let chain = read(self.folder.read(CHAIN))?;
        let key = key_pair(&read(self.folder.read_secret(KEY))?)?;

        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
        let chain = chain.map_err(|error| format!("{CHAIN} is damaged: {error}"))?;
        let [certificate, authority] = &chain[..] else {
            return Err(format!("{CHAIN} does not hold two certificates"));
        };
        let damaged = |error| format!("{CHAIN} is damaged: {error}");
        let (_, leaf) = X509Certificate::from_der(certificate).map_err(damaged)?;
        let (_, issuer) = X509Certificate::from_der(authority).map_err(damaged)?;
        if *authority != self.certificate
            || leaf.verify_signature(Some(issuer.public_key())).is_err()
        {
            return Err("another authority signed the one in the folder".into());
        }
        if key.subject_public_key_info() != leaf.public_key().raw {
            return Err(format!("{KEY} is not the key of {CHAIN}"));
        }
        let names = names_of(&leaf)?;
        if self.constraints.permitted(&names) != names {
            return Err("the one in the folder has a name this authority may not sign".into());
        }
        let not_before = leaf.validity().not_before.to_datetime();
        let not_after = leaf.validity().not_after.to_datetime();
        Ok(Kept {
            not_before,
            not_after,
            leaf: Leaf {
                key: key.into(),
                names,
                not_after: system_time(not_after),
                fresh: false,
                chain,
            },
        })
    }
}

struct Kept {
    leaf: Leaf,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

fn names_of(leaf: &X509Certificate<'_>) -> Result<Names, String> {
    let found = leaf.subject_alternative_name();
    let found = found.map_err(|error| format!("the names in {CHAIN} cannot be read ({error})"))?;
    let mut names = Names {
        dns: BTreeSet::new(),
        addresses: BTreeSet::new(),
    };
    for name in found.iter().flat_map(|extension| &extension.value.general_names) {
        match name {
            GeneralName::DNSName(name) => {
                names.dns.insert((*name).to_owned());
            }
            GeneralName::IPAddress(bytes) => {
                let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
                names.addresses.extend(v4.or(v6));
            }
            _ => {}
        }
    }
    Ok(names)
}

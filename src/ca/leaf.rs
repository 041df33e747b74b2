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

pub(super) const CHAIN: &str = "relay.pem";
const KEY: &str = "relay.key";

/// 366 days with the back-dating, both ends included: the most that Mozilla advises, under the
/// 397 that browsers take from any authority.
const LIFETIME: Duration = Duration::days(365).saturating_sub(Duration::SECOND);

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
    /// When it ends; at most 366 days after it began.
    pub not_after: SystemTime,
    /// Whether this call signed it. A leaf renewed by another process is not fresh: to see a
    /// change, compare `chain`.
    pub fresh: bool,
    /// Why a new one is due, when nobody can sign it: the authority's key was thrown away.
    pub due: Option<Due>,
}

/// Why a new certificate is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It begins later: the clock was wrong when it was made, or is now.
    NotYetValid,
    /// It has ended.
    Ended,
    /// It ends within 30 days.
    EndsSoon,
    /// The machine has a name or an address that is not in it.
    NewName,
}

impl Due {
    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Due::NotYetValid => "not_yet_valid",
            Due::Ended => "ended",
            Due::EndsSoon => "ends_soon",
            Due::NewName => "new_name",
        }
    }
}

impl std::fmt::Display for Due {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Due::NotYetValid => "the one in the folder is not valid yet",
            Due::Ended => "the one in the folder has ended",
            Due::EndsSoon => "the one in the folder ends soon",
            Due::NewName => "the machine has a new name or address",
        })
    }
}

impl Authority {
    /// The leaf in the folder if it is still good for `names` at `now`, else a new one, written
    /// to the folder. Cheap enough to be asked every few minutes.
    ///
    /// A new one is due when fewer than 30 days are left, or it is not valid yet, or one of
    /// `names` is not in it, or another authority signed it, or it cannot be read. Names this
    /// authority may not sign are left out, and are no reason for a new one; nor is an address
    /// that vanished. Without the authority's key the one there is stays, and says that it is due.
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
                due if self.issuer.is_none() => return Ok(Leaf { due, ..kept.leaf }),
                Some(due) => due.to_string(),
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

    fn due(&self, kept: &Kept, names: &Names, now: OffsetDateTime) -> Option<Due> {
        if kept.not_before > now {
            Some(Due::NotYetValid)
        } else if kept.not_after < now {
            Some(Due::Ended)
        } else if kept.not_after - now < RENEWAL && kept.not_after < self.end(now) {
            // In the authority's last month a new leaf would last no longer, so none is made.
            Some(Due::EndsSoon)
        } else if !kept.leaf.names.cover(names) {
            Some(Due::NewName)
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
        let issuer = self.issuer.as_ref().ok_or_else(|| CaError::Forgotten { path: path() })?;
        if now > self.not_after {
            return Err(CaError::Ended { path: path(), ended: self.not_after.date() });
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
        let certificate = params.signed_by(&key, issuer)?;

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
            due: None,
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
                due: None,
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

pub(super) fn names_of(leaf: &X509Certificate<'_>) -> Result<Names, String> {
    let found = leaf.subject_alternative_name();
    let found = found.map_err(|error| format!("the names in {CHAIN} cannot be read ({error})"))?;
    let mut names = Names { dns: BTreeSet::new(), addresses: BTreeSet::new() };
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::time::{Duration as StdDuration, UNIX_EPOCH};

    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::ring::default_provider;
    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

    use super::super::tests::{days, first_start};
    use super::*;

    fn till(addresses: &[&str]) -> Names {
        Names::of("till-1", addresses.iter().map(|text| text.parse().unwrap()))
    }

    fn roots(authority: &Authority) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate().clone()).unwrap();
        Arc::new(roots)
    }

    /// What a browser that trusts the authority says of the leaf, for one name, on one day.
    fn check(
        authority: &Authority,
        leaf: &Leaf,
        name: &str,
        now: SystemTime,
    ) -> Result<(), String> {
        WebPkiServerVerifier::builder_with_provider(roots(authority), default_provider().into())
            .build()
            .unwrap()
            .verify_server_cert(
                &leaf.chain[0],
                &[],
                &ServerName::try_from(name.to_owned()).unwrap(),
                &[],
                UnixTime::since_unix_epoch(now.duration_since(UNIX_EPOCH).unwrap()),
            )
            .map(drop)
            .map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn a_browser_that_trusts_the_authority_accepts_the_leaf_by_every_name() {
        let (_folder, authority) = first_start("till-1");
        let lan = ["192.168.1.20", "10.1.2.3", "172.20.0.9", "fd00::20"];
        let leaf = authority.leaf(&till(&lan), days(0)).unwrap();
        for name in ["127.0.0.1", "::1", "localhost", "till-1", "till-1.local"] {
            check(&authority, &leaf, name, days(0)).unwrap();
        }
        for name in lan {
            check(&authority, &leaf, name, days(0)).unwrap();
        }
        for name in ["192.168.1.21", "till-2.local", "www.example.com"] {
            let error = check(&authority, &leaf, name, days(0)).unwrap_err();
            assert!(error.contains("NotValidForName"), "{name} {error}");
        }
    }

    #[test]
    fn a_leaf_for_a_public_name_is_refused_even_if_the_key_signs_it() {
        let (_folder, authority) = first_start("till-1");
        let now = date(days(0));
        for public in ["www.example.com", "example.shop", "8.8.8.8", "2001:db8::1"] {
            let mut names = till(&[]);
            match public.parse() {
                Ok(address) => names.addresses.insert(address),
                Err(_) => names.dns.insert(public.to_owned()),
            };
            let leaf = authority.sign(names, now).unwrap();
            for name in [public, "localhost"] {
                let error = check(&authority, &leaf, name, days(0)).unwrap_err();
                assert!(error.contains("NameConstraintViolation"), "{name} {error}");
            }
            // Nor does the relay go on serving such a leaf, which no browser takes.
            let next = authority.leaf(&till(&[]), days(0)).unwrap();
            assert!(next.fresh);
            check(&authority, &next, "localhost", days(0)).unwrap();
        }
    }

    #[test]
    fn names_outside_the_limits_are_left_out_and_the_others_still_work() {
        let (_folder, authority) = first_start("till-1");
        let mut names = till(&["82.64.1.2", "100.64.0.1", "2a01:e0a::1", "192.168.1.20"]);
        for name in ["www.example.com", "till_1.local", "ça.local", "", "TILL-1.LOCAL."] {
            names.dns.insert(name.into());
        }
        let leaf = authority.leaf(&names, days(0)).unwrap();
        assert_eq!(leaf.names, till(&["192.168.1.20"]));
        check(&authority, &leaf, "192.168.1.20", days(0)).unwrap();
        assert!(!authority.leaf(&names, days(0)).unwrap().fresh, "left out is not missing");
    }

    #[test]
    fn a_renamed_machine_keeps_to_the_limits_of_its_first_day() {
        let (_folder, authority) = first_start("till-1");
        let leaf = authority.leaf(&Names::of("till-2", []), days(0)).unwrap();
        let dns: Vec<&str> = leaf.names.dns.iter().map(String::as_str).collect();
        assert_eq!(dns, ["localhost", "till-2.local"]);
        check(&authority, &leaf, "till-2.local", days(0)).unwrap();
        assert!(!authority.leaf(&Names::of("till-2", []), days(1)).unwrap().fresh);
    }

    #[test]
    fn a_browser_shakes_hands_with_the_leaf_as_read_from_the_folder() {
        let (_folder, authority) = first_start("till-1");
        authority.leaf(&till(&[]), days(0)).unwrap();
        let leaf = authority.leaf(&till(&[]), days(0)).unwrap();
        assert!(!leaf.fresh);
        let config = ServerConfig::builder_with_provider(default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(leaf.chain, leaf.key)
            .unwrap();
        let mut server = ServerConnection::new(config.into()).unwrap();
        let mut config = ClientConfig::builder_with_provider(default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots(&authority))
            .with_no_client_auth();
        config.time_provider = Arc::new(Noon);
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let mut client = ClientConnection::new(config.into(), name).unwrap();
        let mut wire = Vec::new();
        while client.is_handshaking() || server.is_handshaking() {
            client.write_tls(&mut wire).unwrap();
            server.read_tls(&mut &wire[..]).unwrap();
            server.process_new_packets().unwrap();
            wire.clear();
            server.write_tls(&mut wire).unwrap();
            client.read_tls(&mut &wire[..]).unwrap();
            client.process_new_packets().unwrap();
            wire.clear();
        }
    }

    #[derive(Debug)]
    struct Noon;

    impl rustls::time_provider::TimeProvider for Noon {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(days(0).duration_since(UNIX_EPOCH).ok()?))
        }
    }

    #[test]
    fn the_leaf_is_p256_for_servers_and_at_most_366_days() {
        let (_folder, authority) = first_start("till-1");
        let leaf = authority.leaf(&till(&[]), days(0)).unwrap();
        let (_, parsed) = X509Certificate::from_der(&leaf.chain[0]).unwrap();
        assert_eq!(parsed.public_key().parsed().unwrap().key_size(), 256);
        assert!(!parsed.is_ca());
        let purpose = parsed.extended_key_usage().unwrap().unwrap().value;
        assert!(purpose.server_auth && !purpose.client_auth && !purpose.any);
        assert!(parsed.key_usage().unwrap().unwrap().value.digital_signature());
        let common_names: Vec<_> = parsed.subject().iter_common_name().collect();
        assert_eq!(common_names.len(), 1);
        assert_eq!(common_names[0].as_str().unwrap(), "localhost");
        assert_ne!(parsed.subject().to_string(), parsed.issuer().to_string());
        let validity = parsed.validity();
        let (from, until) = (validity.not_before.to_datetime(), validity.not_after.to_datetime());
        // Both ends count.
        assert!(until - from + Duration::SECOND <= Duration::days(366));
        assert!(until - from > Duration::days(365));
        assert_eq!(system_time(from), days(-1));
        assert_eq!(system_time(until), leaf.not_after);
        check(&authority, &leaf, "localhost", leaf.not_after).unwrap();
        let after = leaf.not_after + StdDuration::from_secs(1);
        check(&authority, &leaf, "localhost", after).unwrap_err();
    }

    #[test]
    fn the_leaf_is_kept_until_its_last_month() {
        let (_folder, authority) = first_start("till-1");
        let first = authority.leaf(&till(&[]), days(0)).unwrap();
        assert!(first.fresh);
        let kept = authority.leaf(&till(&[]), days(334)).unwrap();
        assert!(!kept.fresh);
        assert_eq!((&kept.chain, &kept.key), (&first.chain, &first.key));
        assert_eq!((kept.names, kept.not_after), (first.names, first.not_after));
        let next = authority.leaf(&till(&[]), days(336)).unwrap();
        assert!(next.fresh);
        assert_ne!(next.chain[0], first.chain[0]);
        assert_ne!(next.key, first.key);
        assert_eq!(authority.leaf(&till(&[]), days(337)).unwrap().chain, next.chain);
    }

    #[test]
    fn a_new_address_wants_a_new_leaf_and_a_lost_one_does_not() {
        let (_folder, authority) = first_start("till-1");
        authority.leaf(&till(&["192.168.1.20"]), days(0)).unwrap();
        assert!(!authority.leaf(&till(&[]), days(1)).unwrap().fresh);
        let moved = authority.leaf(&till(&["192.168.1.30"]), days(2)).unwrap();
        assert!(moved.fresh);
        check(&authority, &moved, "192.168.1.30", days(2)).unwrap();
        let mut named = till(&[]);
        named.dns.insert("till-1.lan".into());
        assert!(authority.leaf(&named, days(3)).unwrap().fresh);
    }

    #[test]
    fn a_leaf_of_the_future_is_replaced() {
        let (_folder, authority) = first_start("till-1");
        authority.leaf(&till(&[]), days(500)).unwrap();
        let leaf = authority.leaf(&till(&[]), days(1)).unwrap();
        assert!(leaf.fresh);
        check(&authority, &leaf, "localhost", days(1)).unwrap();
    }

    #[test]
    fn renewal_signs_even_when_the_leaf_is_good() {
        let (_folder, authority) = first_start("till-1");
        let first = authority.leaf(&till(&[]), days(0)).unwrap();
        let renewed = authority.renew(&till(&[]), days(0)).unwrap();
        assert!(renewed.fresh);
        assert_ne!(renewed.chain[0], first.chain[0]);
        assert_eq!(authority.leaf(&till(&[]), days(0)).unwrap().chain, renewed.chain);
    }

    #[test]
    fn a_damaged_leaf_is_simply_signed_again() {
        let (_folder, authority) = first_start("till-1");
        let damages: [fn(&std::path::Path); 5] = [
            |file| fs::remove_file(file).unwrap(),
            |file| fs::write(file, "").unwrap(),
            |file| fs::write(file, b"\xff\x00 not PEM").unwrap(),
            |file| {
                let text = fs::read_to_string(file).unwrap();
                fs::write(file, &text[..text.len() / 2]).unwrap();
            },
            |file| {
                let text = fs::read_to_string(file).unwrap();
                fs::write(file, text.replacen("\nMI", "\nMJ", 1)).unwrap();
            },
        ];
        for name in [CHAIN, KEY] {
            for (number, damage) in damages.iter().enumerate() {
                authority.leaf(&till(&[]), days(0)).unwrap();
                damage(&authority.folder.file(name));
                let leaf = authority.leaf(&till(&[]), days(0)).unwrap();
                assert!(leaf.fresh, "{name} {number}");
                check(&authority, &leaf, "localhost", days(0)).unwrap();
                assert!(!authority.leaf(&till(&[]), days(0)).unwrap().fresh, "{name} {number}");
            }
        }
    }

    #[test]
    fn a_key_of_another_leaf_is_noticed() {
        let (_folder, authority) = first_start("till-1");
        authority.leaf(&till(&[]), days(0)).unwrap();
        let old = fs::read(authority.folder.file(KEY)).unwrap();
        authority.renew(&till(&[]), days(0)).unwrap();
        fs::write(authority.folder.file(KEY), old).unwrap();
        assert!(authority.leaf(&till(&[]), days(0)).unwrap().fresh);
    }

    #[test]
    fn a_leaf_of_another_authority_is_not_served() {
        let ((_a, ours), (_b, theirs)) = (first_start("till-1"), first_start("till-1"));
        theirs.leaf(&till(&[]), days(0)).unwrap();
        for name in [CHAIN, KEY] {
            fs::copy(theirs.folder.file(name), ours.folder.file(name)).unwrap();
        }
        let leaf = ours.leaf(&till(&[]), days(0)).unwrap();
        assert!(leaf.fresh);

        // Nor if our certificate is put under it.
        theirs.leaf(&till(&[]), days(0)).unwrap();
        let chain = fs::read(theirs.folder.file(CHAIN)).unwrap();
        let forged = [&chain[..chain.len() - theirs.pem.len()], &ours.pem].concat();
        fs::write(ours.folder.file(CHAIN), forged).unwrap();
        fs::copy(theirs.folder.file(KEY), ours.folder.file(KEY)).unwrap();
        assert!(ours.leaf(&till(&[]), days(0)).unwrap().fresh);
    }

    #[test]
    fn no_leaf_outlives_the_authority_nor_is_renewed_in_vain() {
        let (_folder, authority) = first_start("till-1");
        let leaf = authority.leaf(&till(&[]), days(3640)).unwrap();
        assert_eq!(leaf.not_after, authority.not_after());
        assert!(!authority.leaf(&till(&[]), days(3649)).unwrap().fresh);
        for error in [
            authority.leaf(&till(&[]), days(3651)).unwrap_err(),
            authority.renew(&till(&[]), days(3651)).unwrap_err(),
        ] {
            assert!(matches!(error, CaError::Ended { .. }), "{error}");
            assert!(error.to_string().contains("ended on 2036-11-20"), "{error}");
        }
    }

    #[test]
    fn no_leaf_begins_before_the_authority() {
        let (_folder, authority) = first_start("till-1");
        let slow = days(0) - StdDuration::from_secs(12 * 3600);
        let leaf = authority.leaf(&till(&[]), slow).unwrap();
        let (_, parsed) = X509Certificate::from_der(&leaf.chain[0]).unwrap();
        assert_eq!(parsed.validity().not_before.to_datetime(), authority.not_before);
    }

    #[test]
    fn a_clock_behind_the_authority_keeps_the_leaf_there_is() {
        let (_folder, authority) = first_start("till-1");
        let error = authority.leaf(&till(&[]), UNIX_EPOCH).unwrap_err();
        assert!(matches!(error, CaError::NotBegun { .. }), "{error}");
        assert!(error.to_string().contains("the clock says 1970-01-01; set the clock"), "{error}");
        let leaf = authority.leaf(&till(&[]), days(0)).unwrap();
        let kept = authority.leaf(&till(&["192.168.1.20"]), UNIX_EPOCH).unwrap();
        assert_eq!(kept.chain, leaf.chain);
        authority.renew(&till(&[]), UNIX_EPOCH).unwrap_err();
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_the_keys() {
        use std::os::unix::fs::PermissionsExt;

        let (_folder, authority) = first_start("till-1");
        authority.leaf(&till(&[]), days(0)).unwrap();
        let mode = |name: &str| {
            let found = fs::metadata(authority.folder.file(name)).unwrap();
            found.permissions().mode() & 0o777
        };
        assert_eq!((mode(""), mode("ca.key"), mode("relay.key")), (0o700, 0o600, 0o600));
        assert_eq!(mode("ca.pem") & 0o600, 0o600);
        let mut files: Vec<_> = fs::read_dir(authority.folder.file(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files, ["ca.key", "ca.lock", "ca.pem", "relay.key", "relay.pem"]);
    }
}

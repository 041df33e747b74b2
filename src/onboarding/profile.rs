use super::Trusted;
use super::page::escaped;
use crate::words::Lang;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use uuid::Builder;

const PROFILE: &str = include_str!("../../web-client/onboarding/caisse-relay.mobileconfig");

/// The certificate as PEM (RFC 7468).
pub(super) fn pem(authority: &Trusted) -> String {
    let lines = base64_lines(&authority.certificate, 64, "");
    format!("-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n")
}

/// A configuration profile for iPadOS, iOS and macOS with the certificate in
/// it. It is not signed: the only key that could sign it is the one that the
/// device does not trust yet.
pub(super) fn mobileconfig(authority: &Trusted, lang: Lang) -> String {
    let description = lang.pick(
        "Ajoute l'autorité de certification du relais de paiement de ce commerce. Elle ne peut \
         certifier que des adresses privées et des noms locaux.",
        "Adds the certificate authority of this shop's payment relay. It can certify private \
         addresses and local names only.",
    );
    let certificate = base64_lines(&authority.certificate, 52, "\t\t\t\t");
    let fingerprint = authority.fingerprint.replace(':', "").to_lowercase();
    let values = [
        ("{{name}}", escaped(&authority.name)),
        ("{{description}}", description.to_owned()),
        ("{{certificate}}", certificate),
        // The same authority replaces its own profile, and no other.
        ("{{identifier}}", format!("caisse-relay.{}", &fingerprint[..16])),
        ("{{profile_uuid}}", stable_uuid("profile", authority)),
        ("{{payload_uuid}}", stable_uuid("certificate", authority)),
    ];
    values.iter().fold(PROFILE.to_owned(), |text, (mark, value)| text.replace(mark, value))
}

/// The same for the same authority, so that installing twice leaves one.
fn stable_uuid(what: &str, authority: &Trusted) -> String {
    let seed = digest(&SHA256, format!("{what} {}", authority.fingerprint).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&seed.as_ref()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid().to_string().to_uppercase()
}

fn base64_lines(bytes: &[u8], width: usize, indent: &str) -> String {
    let text: Vec<char> = STANDARD.encode(bytes).chars().collect();
    text.chunks(width)
        .map(|line| format!("{indent}{}\n", line.iter().collect::<String>()))
        .collect()
}

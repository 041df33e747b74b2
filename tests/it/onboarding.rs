//! A tablet gets the relay's certificate, and nobody gets anything else.

use crate::shop::config;
use caisse_relay::onboarding::{LIFE, Link, qr};
use caisse_relay::relay::Relay;
use plist::Value;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A relay that serves the page, and a link to it.
struct Shop {
    relay: Relay,
    link: Link,
    _folder: TempDir,
}

/// An answer of HTTP.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Shop {
    async fn open() -> Shop {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path(), &[], "");
        config.onboarding = Some(0);
        let relay = Relay::start(config, vec![]).await.unwrap();
        let link = relay.onboarding.as_ref().unwrap().open_link().unwrap();
        Shop { relay, link, _folder: folder }
    }

    /// Where the page is served.
    fn address(&self) -> SocketAddr {
        self.link.url.split('/').nth(2).unwrap().parse().unwrap()
    }

    /// The path of a file behind the link.
    fn path(&self, file: &str) -> String {
        format!("{}{file}", self.link.url.split_once(&self.address().to_string()).unwrap().1)
    }

    async fn get(&self, file: &str, headers: &str) -> Answer {
        let host = self.address().to_string();
        self.ask("GET", &self.path(file), &host, headers).await
    }

    async fn ask(&self, method: &str, path: &str, host: &str, headers: &str) -> Answer {
        self.say(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")).await
    }

    async fn say(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
        let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Answer { status, head, body: answer.get(end + 4..).unwrap_or_default().to_vec() }
    }

    fn authority(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&self.relay.ca_file).unwrap()
    }
}

impl Answer {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[tokio::test]
async fn a_tablet_downloads_the_authority_in_every_form_that_devices_install() {
    let shop = Shop::open().await;
    let der = shop.get("caisse-relay.crt", "").await;
    assert_eq!(der.status, 200);
    assert!(der.head.contains("content-type: application/x-x509-ca-cert"), "{}", der.head);
    assert!(der.head.contains("filename=\"caisse-relay.crt\""), "{}", der.head);
    assert_eq!(der.body, shop.authority().as_ref());

    let pem = shop.get("caisse-relay.pem", "").await;
    assert_eq!(CertificateDer::from_pem_slice(&pem.body).unwrap(), shop.authority());
    let page = shop.get("", "").await;
    assert!(page.text().contains(&shop.relay.fingerprint), "the fingerprint to compare");
}

#[tokio::test]
async fn an_ipad_installs_a_profile_that_holds_the_authority() {
    let shop = Shop::open().await;
    let read = |answer: &Answer| {
        let profile = Value::from_reader_xml(&answer.body[..]).unwrap();
        profile.into_dictionary().unwrap()
    };
    let answer = shop.get("caisse-relay.mobileconfig", "Accept-Language: en\r\n").await;
    assert!(answer.head.contains("content-type: application/x-apple-aspen-config"));
    let profile = read(&answer);
    let text = |key: &str| profile[key].as_string().unwrap();
    assert_eq!(
        (text("PayloadType"), profile["PayloadVersion"].as_signed_integer()),
        ("Configuration", Some(1))
    );
    assert!(text("PayloadDescription").starts_with("Adds the certificate authority"));
    let payloads = profile["PayloadContent"].as_array().unwrap();
    assert_eq!(payloads.len(), 1);
    let payload = payloads[0].as_dictionary().unwrap();
    assert_eq!(payload["PayloadType"].as_string(), Some("com.apple.security.root"));
    assert_eq!(payload["PayloadContent"].as_data(), Some(shop.authority().as_ref()));
    assert_ne!(payload["PayloadUUID"], profile["PayloadUUID"]);
    assert_ne!(payload["PayloadIdentifier"], profile["PayloadIdentifier"]);
    let uuid = uuid::Uuid::parse_str(text("PayloadUUID")).unwrap();
    assert_eq!(uuid.get_version_num(), 8);

    let french = read(&shop.get("caisse-relay.mobileconfig", "Accept-Language: fr\r\n").await);
    assert_eq!(french["PayloadUUID"], profile["PayloadUUID"], "installing twice leaves one");
    assert!(french["PayloadDescription"].as_string().unwrap().starts_with("Ajoute l'autorité"));
    let other = Shop::open().await;
    let other = read(&other.get("caisse-relay.mobileconfig", "").await);
    assert_ne!(other["PayloadUUID"], profile["PayloadUUID"], "another relay is another profile");
    assert_ne!(other["PayloadIdentifier"], profile["PayloadIdentifier"]);
}

#[tokio::test]
async fn the_page_speaks_the_devices_language_and_begins_with_the_device_at_hand() {
    let shop = Shop::open().await;
    let first = |page: &str| {
        let rest = page.split_once("<details class=\"device\" data-testid=\"").unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    };
    for (agent, wanted) in [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605", "apple"),
        ("Mozilla/5.0 (Linux; Android 15; SM-X210) Chrome/156", "android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/156", "windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/153", "other"),
    ] {
        let page = shop.get("", &format!("User-Agent: {agent}\r\n")).await;
        assert_eq!(first(page.text()), wanted, "{agent}");
        assert!(page.text().contains("<html lang=\"fr\">"));
    }
    let english = shop.get("", "Accept-Language: en-GB,en;q=0.9\r\n").await;
    assert!(english.text().contains("<html lang=\"en\">"));
    assert!(english.head.contains("vary: accept-language"), "{}", english.head);
    // Somebody chose.
    let chosen = shop.get("fr", "Accept-Language: en\r\n").await;
    assert!(chosen.text().contains("<html lang=\"fr\">"));
}

#[tokio::test]
async fn the_page_may_load_the_relays_picture_and_nothing_else_from_elsewhere() {
    let shop = Shop::open().await;
    let page = shop.get("", "").await;
    let picture = format!("https://127.0.0.1:{}/client/trusted.svg", shop.relay.address.port());
    assert!(page.text().contains(&format!("data-test=\"{picture}\"")), "{}", page.text());
    let policy = page.head.lines().find(|line| line.starts_with("content-security-policy:"));
    assert_eq!(
        policy.unwrap(),
        format!(
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; \
             img-src 'self' {picture}; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        )
    );
    for inline in ["<style", " style=", "<script>", " onclick", "javascript:"] {
        assert!(!page.text().contains(inline), "{inline}");
    }
    for file in ["", "onboarding.css", "trust.js", "qr.svg", "caisse-relay.crt", "unknown"] {
        let answer = shop.get(file, "").await;
        for header in [
            "content-security-policy: default-src 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.head.contains(header), "{file}: {}", answer.head);
        }
    }
}

#[tokio::test]
async fn the_link_ends_and_says_so_and_another_may_be_opened() {
    let shop = Shop::open().await;
    let left = shop.link.expires.duration_since(std::time::SystemTime::now()).unwrap();
    assert!(left <= LIFE && left > LIFE - Duration::from_secs(60), "{left:?}");
    assert_eq!(shop.get("", "").await.status, 200);
    tokio::time::pause();
    tokio::time::advance(LIFE).await;
    tokio::time::resume();
    for file in ["", "fr", "caisse-relay.crt", "caisse-relay.mobileconfig", "trust.js"] {
        let over = shop.get(file, "Accept-Language: en\r\n").await;
        assert_eq!(over.status, 410, "{file}");
        assert!(over.text().contains("This link is over"), "{file}: {}", over.text());
    }
    let link = shop.relay.onboarding.as_ref().unwrap().open_link().unwrap();
    assert_ne!(link, shop.link);
    let path = link.url.split_once(&shop.address().to_string()).unwrap().1.to_owned();
    let again = shop.ask("GET", &path, &shop.address().to_string(), "").await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn everything_else_is_unknown() {
    let shop = Shop::open().await;
    let host = shop.address().to_string();
    let token = shop.path("").trim_matches('/').split_once('/').unwrap().1.to_owned();
    let wrong = format!("/o/{}0/", &token[..token.len() - 1].to_uppercase());
    for path in [
        "/",
        "/o/",
        "/o//",
        "/favicon.ico",
        "/o/00000000000000000000000000000000/",
        "/o/00000000000000000000000000000000/caisse-relay.crt",
        &wrong,
        &format!("/o/{token}/ca.key"),
        &format!("/o/{token}/../../ca.key"),
        &format!("/o/{token}/..%2fca.key"),
        &format!("/o/{token}/fr/"),
        "/till",
        "/client/caisse-relay.js",
        "/demo/",
    ] {
        let answer = shop.ask("GET", path, &host, "").await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.head.contains("server:"), "{path}: {}", answer.head);
    }
}

#[tokio::test]
async fn only_reading_is_possible_and_nothing_is_taken() {
    let shop = Shop::open().await;
    let host = shop.address().to_string();
    let head = shop.ask("HEAD", &shop.path("caisse-relay.crt"), &host, "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        let answer = shop.ask(method, &shop.path(""), &host, "").await;
        assert_eq!(answer.status, 405, "{method}");
    }
    for body in ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"] {
        assert_eq!(shop.ask("GET", &shop.path(""), &host, body).await.status, 413, "{body}");
    }
}

#[tokio::test]
async fn a_name_that_somebody_pointed_here_is_refused() {
    let shop = Shop::open().await;
    for host in ["evil.example", "evil.example:9480", "127.0.0.1.evil.example", ""] {
        let answer = shop.ask("GET", &shop.path(""), host, "").await;
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.text().contains(&shop.relay.fingerprint));
    }
    let without = shop.say(&format!("GET {} HTTP/1.0\r\n\r\n", shop.path(""))).await;
    assert_eq!(without.status, 421);
    let page = shop.ask("GET", &shop.path(""), "localhost:1", "").await;
    assert!(page.text().contains(&format!("https://localhost:{}", shop.relay.address.port())));
}

#[tokio::test]
async fn headers_that_never_end_are_not_waited_for() {
    let shop = Shop::open().await;
    let mut slow = Vec::new();
    for _ in 0..16 {
        let mut stream = TcpStream::connect(shop.address()).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    // All the places of this address are taken, so the next is turned away.
    assert_eq!(shop.get("", "").await.status, 0);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    for mut stream in slow {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
    }
    assert_eq!(shop.get("", "").await.status, 200, "the places are free again");
    let long = format!("X-Long: {}\r\n", "a".repeat(64 * 1024));
    assert_eq!(shop.get("", &long).await.status, 431);
}

#[tokio::test]
async fn the_page_ends_with_the_relay() {
    let shop = Shop::open().await;
    let address = shop.address();
    let waiting = TcpStream::connect(address).await.unwrap();
    assert_eq!(shop.get("", "").await.status, 200);
    shop.relay.stop(Duration::ZERO).await;
    drop(waiting);
    TcpStream::connect(address).await.unwrap_err();
}

#[tokio::test]
async fn a_relay_that_is_not_told_to_serves_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(config(folder.path(), &[], ""), vec![]).await.unwrap();
    assert!(relay.onboarding.is_none());
}

#[tokio::test]
async fn the_relay_shows_the_picture_that_the_page_asks_for() {
    let shop = Shop::open().await;
    let mut stream = crate::shop::tls(shop.relay.address, &shop.relay.ca_file).await;
    let host = shop.relay.address;
    let request =
        format!("GET /client/trusted.svg?1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: image/svg+xml"), "{answer}");
    assert!(answer.contains("cross-origin-resource-policy: cross-origin"), "{answer}");
}

#[tokio::test]
async fn a_link_fits_a_small_code() {
    let shop = Shop::open().await;
    let drawn = qr::terminal(&shop.link.url);
    assert!(drawn.lines().count() <= 24, "an 80 × 24 terminal shows it:\n{drawn}");
    let picture = shop.get("qr.svg", "").await;
    assert!(picture.text().starts_with("<svg"), "{}", picture.text());
    assert_eq!(picture.text(), qr::svg(&shop.link.url));
}

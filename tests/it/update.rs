//! Whether there is a newer relay, from a manifest that somebody has signed.

use crate::program::{Running, configure, program, stderr, stdout};
use crate::shop::{Terminal, debit, new_id};
use minisign::KeyPair;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a server has: the whole answer behind each path.
type Pages = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// An HTTPS server with a certificate of its own.
struct Server {
    address: SocketAddr,
    pages: Pages,
    asked: Arc<AtomicUsize>,
    ca_file: PathBuf,
}

impl Server {
    async fn start(folder: &Path) -> Server {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let ca_file = folder.join("server.pem");
        fs::write(&ca_file, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (pages, asked) = (Pages::default(), Arc::new(AtomicUsize::new(0)));
        let (served, count) = (Arc::clone(&pages), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, served) = (acceptor.clone(), Arc::clone(&served));
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(byte);
                    }
                    let head = String::from_utf8(head).unwrap();
                    let path = head.split(' ').nth(1).unwrap();
                    let page = served.lock().unwrap().get(path).cloned();
                    let answer = page.unwrap_or_else(|| status("404 Not Found", "", b"no"));
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Server { address, pages, asked, ca_file }
    }

    fn has(&self, path: &str, answer: Vec<u8>) {
        self.pages.lock().unwrap().insert(path.to_owned(), answer);
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

fn status(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn ok(body: &[u8]) -> Vec<u8> {
    status("200 OK", "", body)
}

fn platform() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

fn manifest(version: &str, published: &str) -> Vec<u8> {
    let package = json!({ "url": "https://a.example/caisse-relay.deb", "sha256": "ab".repeat(32) });
    let manifest = json!({
        "version": version,
        "published": published,
        "notes": { "fr": "Plus rapide.", "en": "Faster." },
        "packages": { platform(): package, "amiga-68k": package },
    });
    manifest.to_string().into_bytes()
}

fn sign(key: &KeyPair, bytes: &[u8]) -> Vec<u8> {
    let signed = minisign::sign(Some(&key.pk), &key.sk, Cursor::new(bytes), None, None);
    signed.unwrap().to_string().into_bytes()
}

/// A till PC whose configuration names a manifest and who signs it.
struct Computer {
    folder: TempDir,
    key: KeyPair,
    config: PathBuf,
    server: Server,
}

impl Computer {
    async fn new(settings: &str) -> Computer {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate_unencrypted_keypair().unwrap();
        let server = Server::start(folder.path()).await;
        let config = configure(folder.path(), &[], "");
        let computer = Computer { folder, key, config, server };
        computer.looks_at(&computer.server.url("/stable/manifest.json"), settings);
        computer
    }

    fn looks_at(&self, place: &str, settings: &str) {
        configure(self.folder.path(), &[], "");
        let text = fs::read_to_string(&self.config).unwrap();
        let key = self.key.pk.to_base64();
        let ca = &self.server.ca_file;
        let update = format!(
            "{settings}\n{text}\n[update]\nmanifest = {place:?}\npublic_key = {key:?}\nca = {ca:?}\n"
        );
        fs::write(&self.config, update).unwrap();
    }

    /// The server has this manifest from now on, with this signature.
    fn offers(&self, bytes: &[u8], signature: &[u8]) {
        self.server.has("/stable/manifest.json", ok(bytes));
        self.server.has("/stable/manifest.json.minisig", ok(signature));
    }

    fn offers_signed(&self, version: &str, published: &str) {
        let bytes = manifest(version, published);
        self.offers(&bytes, &sign(&self.key, &bytes));
    }

    async fn check(&self) -> (i32, Value) {
        let config = self.config.to_str().unwrap();
        let output = program(&["update", "check", "--json", "--config", config]).await;
        let said = stdout(&output);
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().unwrap(), said)
    }

    /// Why nothing is known; the sentence is on standard error too.
    async fn code(&self) -> String {
        let (exit, said) = self.check().await;
        assert_eq!((exit, &said["type"]), (1, &json!("error")), "{said}");
        assert!(said["message"].as_str().unwrap().ends_with('.'), "{said}");
        said["code"].as_str().unwrap().to_owned()
    }
}

const DAY: &str = "2026-11-20T08:00:00Z";
const NEXT_DAY: &str = "2026-11-21T08:00:00Z";

#[tokio::test]
async fn a_newer_relay_is_told_with_its_package_and_nothing_is_downloaded() {
    let computer = Computer::new("").await;
    computer.offers_signed("99.1.0", DAY);
    let (exit, said) = computer.check().await;
    assert_eq!(exit, 0, "{said}");
    let expected = json!({
        "type": "update", "current": env!("CARGO_PKG_VERSION"), "newest": "99.1.0", "newer": true,
        "published": "2026-11-20T08:00:00.000Z", "notes": "Plus rapide.", "platform": platform(),
        "url": "https://a.example/caisse-relay.deb", "sha256": "ab".repeat(32),
    });
    assert_eq!(said, expected);
    assert_eq!(computer.server.asked.load(Ordering::SeqCst), 2, "the manifest and its signature");
    let config = computer.config.to_str().unwrap().to_owned();
    let told = stdout(&program(&["update", "check", "--config", &config]).await);
    for part in
        ["99.1.0", "publiée le 2026-11-20", "Plus rapide.", "abab", "Rien n'a été téléchargé"]
    {
        assert!(told.contains(part), "{told}");
    }
    computer.offers_signed(env!("CARGO_PKG_VERSION"), NEXT_DAY);
    fs::remove_dir_all(computer.folder.path().join("data/update")).unwrap();
    let (exit, said) = computer.check().await;
    assert_eq!((exit, &said["newer"]), (0, &json!(false)));
}

#[tokio::test]
async fn a_manifest_may_lie_on_a_disk() {
    let computer = Computer::new("lang = \"en\"").await;
    let bytes = manifest("99.1.0", DAY);
    fs::write(computer.folder.path().join("m.json"), &bytes).unwrap();
    fs::write(computer.folder.path().join("m.json.minisig"), sign(&computer.key, &bytes)).unwrap();
    computer.looks_at("m.json", "lang = \"en\"");
    assert_eq!(computer.check().await.1["notes"], "Faster.");
    assert_eq!(computer.server.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn nothing_is_looked_for_unless_the_configuration_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[], "");
    let output = program(&["update", "check", "--config", config.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("[update]"), "{}", stderr(&output));
    let output =
        program(&["update", "check", "--json", "--config", config.to_str().unwrap()]).await;
    assert!(stdout(&output).contains("update_not_configured"));
}

#[tokio::test]
async fn what_is_not_signed_by_the_key_is_not_believed() {
    let computer = Computer::new("").await;
    let bytes = manifest("99.1.0", DAY);
    let good = sign(&computer.key, &bytes);
    let mut changed = bytes.clone();
    let at = changed.windows(6).position(|part| part == b"99.1.0").unwrap();
    changed[at] = b'8';
    computer.offers(&changed, &good);
    assert_eq!(computer.code().await, "update_bad_signature");
    computer.offers(&bytes, b"untrusted comment: nothing\nat all\n");
    assert_eq!(computer.code().await, "update_bad_signature");
    // The comment is signed too.
    let comment = String::from_utf8(good.clone()).unwrap().replace("timestamp", "timestomp");
    assert_ne!(comment.as_bytes(), good);
    computer.offers(&bytes, comment.as_bytes());
    assert_eq!(computer.code().await, "update_bad_signature");
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    computer.offers(&bytes, &sign(&other, &bytes));
    assert_eq!(computer.code().await, "update_wrong_key");
    let nonsense = b"{\"version\":\"99\"}";
    computer.offers(nonsense, &sign(&computer.key, nonsense));
    assert_eq!(computer.code().await, "update_not_understood");
    computer.offers(&bytes, &good);
    assert_eq!(computer.check().await.0, 0, "and the right one is");
}

#[tokio::test]
async fn an_older_manifest_does_not_take_a_newer_one_back() {
    let computer = Computer::new("").await;
    computer.offers_signed("0.0.1", NEXT_DAY);
    assert_eq!(computer.code().await, "update_older", "older than what runs");
    computer.offers_signed("99.2.0", NEXT_DAY);
    assert_eq!(computer.check().await.0, 0);
    computer.offers_signed("99.1.0", NEXT_DAY);
    assert_eq!(computer.code().await, "update_older");
    computer.offers_signed("99.2.0", DAY);
    assert_eq!(computer.code().await, "update_older", "its notes and addresses are older");
    computer.offers_signed("99.2.0", NEXT_DAY);
    assert_eq!(computer.check().await.0, 0);
}

#[tokio::test]
async fn a_place_that_does_not_answer_as_it_should_is_told() {
    let computer = Computer::new("").await;
    assert_eq!(computer.code().await, "update_unreachable", "404");
    let bytes = manifest("99.1.0", DAY);
    computer.server.has("/stable/manifest.json", ok(&bytes));
    assert_eq!(computer.code().await, "update_unreachable", "no signature");
    let away = "Location: https://evil.example/\r\n";
    computer.server.has("/stable/manifest.json", status("302 Found", away, b""));
    assert_eq!(computer.code().await, "update_unreachable", "a redirection is not followed");
    computer.server.has("/stable/manifest.json", ok(&vec![b' '; 70_000]));
    assert_eq!(computer.code().await, "update_too_large");
    let endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".iter().copied();
    let endless = endless.chain(std::iter::repeat_n(b' ', 1_000_000)).collect();
    computer.server.has("/stable/manifest.json", endless);
    assert_eq!(computer.code().await, "update_too_large", "without a length");
    fs::write(computer.folder.path().join("m.json"), vec![b' '; 70_000]).unwrap();
    computer.looks_at("m.json", "");
    assert_eq!(computer.code().await, "update_too_large", "a file");
    computer.looks_at("none.json", "");
    assert_eq!(computer.code().await, "update_unreachable", "no file");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    computer.looks_at(&format!("https://localhost:{}/m.json", free.port()), "");
    assert_eq!(computer.code().await, "update_unreachable", "nobody");
}

#[tokio::test]
async fn a_server_that_shows_another_certificate_is_not_asked() {
    let computer = Computer::new("").await;
    computer.offers_signed("99.1.0", DAY);
    // The authorities of the Web have not signed it.
    let text = fs::read_to_string(&computer.config).unwrap();
    let ca = text.lines().find(|line| line.starts_with("ca = ")).unwrap().to_owned();
    fs::write(&computer.config, text.replace(&ca, "")).unwrap();
    assert_eq!(computer.code().await, "update_unreachable");
    let by_address = computer.server.url("/stable/manifest.json").replace("localhost", "127.0.0.1");
    computer.looks_at(&by_address, "");
    assert_eq!(computer.code().await, "update_unreachable", "it is for another name");
}

#[tokio::test]
async fn nothing_is_looked_for_while_a_payment_is_open() {
    let slow = Terminal::slow().await;
    let computer = Computer::new("").await;
    computer.offers_signed("99.1.0", DAY);
    let text = fs::read_to_string(&computer.config).unwrap();
    let terminal = format!(
        "[[terminals]]\nname = \"a\"\naddress = \"127.0.0.1\"\nport = {}\n",
        slow.address.port()
    );
    fs::write(&computer.config, text + &terminal).unwrap();
    let relay = Running::start(&computer.config);
    let mut till = relay.till("Caisse 1").await;
    let id = new_id();
    till.say(debit(&id, 12_50)).await;
    till.sent(&id).await;
    assert_eq!(computer.code().await, "payment_open");
    relay.kill();
    assert_eq!(computer.code().await, "payment_open", "nobody knows yet what became of it");
    assert_eq!(computer.server.asked.load(Ordering::SeqCst), 0);
    let relay = Running::start(&computer.config);
    assert_eq!(computer.check().await.0, 0, "it is over, as unknown");
    relay.kill();
}

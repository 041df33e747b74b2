//! Where the relay's certificate comes from: a key that is thrown away, and a certificate that
//! someone brings.

use crate::program::{Running, configure, program, stderr, stdout};
use crate::shop::{Terminal, Till, config};
use caisse_relay::ca::Authority;
use caisse_relay::relay::{Relay, Trouble};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// A folder with a configuration and no terminal.
struct Office {
    folder: TempDir,
    config: PathBuf,
}

impl Office {
    fn open() -> Office {
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), &[], "");
        Office { folder, config }
    }

    /// An office whose configuration names a certificate.
    fn with_tls(terminals: &[(&str, std::net::SocketAddr)]) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), terminals, "");
        let text = fs::read_to_string(&config).unwrap();
        let (top, terminals) = text.split_at(text.find("[[").unwrap_or(text.len()));
        let tls = "[tls]\ncert = \"own.pem\"\nkey = \"own.key\"\n";
        fs::write(&config, format!("{top}{tls}{terminals}")).unwrap();
        Office { folder, config }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn certs(&self, words: &str) -> (Option<i32>, String, String) {
        let config = self.config.to_str().unwrap();
        let words: Vec<&str> =
            words.split(' ').chain(["--config", config]).filter(|word| !word.is_empty()).collect();
        let output = program(&[&["certs"], &words[..]].concat()).await;
        (output.status.code(), stdout(&output), stderr(&output))
    }

    async fn show(&self) -> Value {
        let (code, out, err) = self.certs("show --json").await;
        assert_eq!(code, Some(0), "{err}");
        serde_json::from_str(&out).unwrap()
    }
}

fn openssl(folder: &Path, words: &str) {
    let output =
        Command::new("openssl").args(words.split(' ')).current_dir(folder).output().unwrap();
    assert!(
        output.status.success(),
        "openssl {words}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A company's authority `name-ca.pem`, and from it a certificate for this machine in `name.pem`,
/// with its key in `name.key`.
fn issue(folder: &Path, name: &str, kind: &str, days: u32) {
    openssl(
        folder,
        &format!(
            "req -x509 {kind} -nodes -days 30 -keyout {name}-ca.key -out {name}-ca.pem -subj /CN={name}-ca \
             -addext basicConstraints=critical,CA:TRUE"
        ),
    );
    openssl(
        folder,
        &format!(
            "req -x509 {kind} -nodes -days {days} -keyout {name}.key -out {name}.pem -subj /CN=till \
             -CA {name}-ca.pem -CAkey {name}-ca.key -addext basicConstraints=critical,CA:FALSE \
             -addext subjectAltName=IP:127.0.0.1,DNS:till.shop.example"
        ),
    );
}

const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
const RSA: &str = "-newkey rsa:2048";

#[tokio::test]
async fn the_key_is_destroyed_only_after_a_yes() {
    let office = Office::open();
    let key = office.path("data/ca/ca.key");
    office.show().await;
    assert!(key.exists());
    // Nobody is there to answer: standard input is empty.
    let (code, out, err) = office.certs("forget-key").await;
    assert_eq!(code, Some(1));
    assert!(out.contains("Rien n'a été détruit") && err.contains("va être détruite"), "{out}{err}");
    assert!(key.exists());

    let (code, out, _) = office.certs("forget-key --yes").await;
    assert_eq!(code, Some(0));
    assert!(out.contains("La clé est détruite"), "{out}");
    assert!(!key.exists());
    assert_eq!(office.certs("forget-key --yes").await.0, Some(0), "twice is once");
}

#[tokio::test]
async fn without_its_key_the_relay_goes_on_and_says_what_to_do_when_renewal_is_due() {
    let office = Office::open();
    let before = office.show().await;
    assert_eq!((before["key"].as_str(), &before["due"]), (Some("kept"), &Value::Null));
    office.certs("forget-key --yes").await;
    let after = office.show().await;
    assert_eq!(after["key"], "forgotten");
    assert_eq!(after["fingerprint"], before["fingerprint"]);
    let relay = Running::start(&office.config);
    relay.till("Caisse 1").await;

    let (code, _, err) = office.certs("renew").await;
    assert_eq!(code, Some(1));
    assert!(err.contains("certs renew --new-authority"), "{err}");
    let (code, out, _) = office.certs("renew --new-authority").await;
    assert_eq!(code, Some(0));
    assert!(out.contains("certs install"), "{out}");
    let renewed = office.show().await;
    assert_ne!(renewed["fingerprint"], before["fingerprint"]);
    assert_eq!(renewed["key"], "kept");
}

#[cfg_attr(windows, ignore = "the certificate is made with openssl, which wine has not")]
#[tokio::test]
async fn a_certificate_that_someone_brings_is_served_and_no_authority_is_made() {
    for kind in [EC, RSA] {
        let terminal = Terminal::start().await;
        let office = Office::with_tls(&[("comptoir", terminal.address)]);
        issue(office.folder.path(), "own", kind, 20);
        let relay = Running::start(&office.config);
        Till::enter(&relay.url, &office.path("own-ca.pem"), "Caisse 1").await;
        assert!(!office.path("data/ca").exists());

        // The command line trusts exactly this certificate, whatever signed it.
        let address = relay.address();
        let config = office.config.to_str().unwrap();
        let pay = ["pay", "--amount", "5", "--relay", address, "--config", config];
        let paid = program(&pay).await;
        assert_eq!(paid.status.code(), Some(0), "{}", stderr(&paid));
        issue(office.folder.path(), "own", kind, 20);
        let other = program(&pay).await;
        assert!(
            stderr(&other).contains("n'est pas celui auquel faire confiance"),
            "{}",
            stderr(&other)
        );
        assert_eq!(terminal.charges().len(), 1);

        let shown = office.show().await;
        assert_eq!(shown["names"], serde_json::json!(["till.shop.example", "127.0.0.1"]));
        assert_eq!(shown["due"], "ends_soon");
        for verb in ["install", "renew", "forget-key --yes"] {
            let (code, out, _) = office.certs(&format!("{verb} --json")).await;
            assert_eq!(code, Some(1), "{verb}");
            assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["code"], "tls_in_use");
        }
    }
}

#[cfg_attr(windows, ignore = "the certificate is made with openssl, which wine has not")]
#[tokio::test]
async fn bad_files_are_refused_at_the_start_each_with_its_code() {
    let office = Office::with_tls(&[]);
    let started = async || {
        let config = office.config.to_str().unwrap();
        let output = program(&["run", "--config", config, "--json"]).await;
        assert_eq!(output.status.code(), Some(1));
        let error: Value = serde_json::from_str(stdout(&output).lines().next().unwrap()).unwrap();
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    };
    let (code, message) = started().await;
    assert_eq!(code, "tls_unreadable");
    assert!(message.contains("own.pem"), "{message}");

    issue(office.folder.path(), "own", EC, 20);
    issue(office.folder.path(), "other", EC, 20);
    let good = fs::read(office.path("own.key")).unwrap();
    fs::copy(office.path("other.key"), office.path("own.key")).unwrap();
    assert_eq!(started().await.0, "tls_mismatched");
    for bad in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
        fs::write(office.path("own.key"), bad).unwrap();
        let (code, message) = started().await;
        assert_eq!(code, "tls_unusable");
        assert!(message.contains("own.key"), "{message}");
    }
    fs::write(office.path("own.key"), good).unwrap();
    // A certificate for no host at all, as a company's root is.
    fs::copy(office.path("own-ca.pem"), office.path("own.pem")).unwrap();
    fs::copy(office.path("own-ca.key"), office.path("own.key")).unwrap();
    let (code, message) = started().await;
    assert_eq!(code, "tls_unusable");
    assert!(message.contains("subjectAltName"), "{message}");
}

#[cfg_attr(windows, ignore = "the certificate is made with openssl, which wine has not")]
#[tokio::test]
async fn replaced_files_are_served_within_a_minute_and_broken_ones_never() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    issue(folder.path(), "first", EC, 90);
    issue(folder.path(), "second", EC, 20);
    let put = |name: &str| {
        for ending in ["pem", "key"] {
            fs::copy(at(&format!("{name}.{ending}")), at(&format!("own.{ending}"))).unwrap();
        }
    };
    put("first");
    let mut config = config(folder.path(), &[], "");
    config.tls = Some(caisse_relay::ca::Brought { cert: at("own.pem"), key: at("own.key") });
    let relay = Relay::start(config, Vec::new()).await.unwrap();
    let mut served = relay.served.clone();
    Till::enter(&relay.url(), &at("first-ca.pem"), "Caisse 1").await;

    // Half a copy: the old one goes on.
    fs::write(at("own.pem"), "-----BEGIN CERT").unwrap();
    a_minute_passes().await;
    let broken =
        |told: &caisse_relay::relay::Served| matches!(&told.trouble, Some(Trouble::NotRenewed(_)));
    let told = served.wait_for(broken).await.unwrap().clone();
    assert!(format!("{told:?}").contains("own.pem"), "{told:?}");
    Till::enter(&relay.url(), &at("first-ca.pem"), "Caisse 2").await;

    put("second");
    a_minute_passes().await;
    let ends_soon = |told: &caisse_relay::relay::Served| told.trouble == Some(Trouble::EndsSoon);
    served.wait_for(ends_soon).await.unwrap();
    Till::enter(&relay.url(), &at("second-ca.pem"), "Caisse 3").await;
    relay.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn a_relay_that_runs_takes_a_new_authority_and_makes_none_itself() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("data/ca");
    let relay = Relay::start(config(folder.path(), &[], ""), Vec::new()).await.unwrap();
    let mut served = relay.served.clone();
    let first = fs::read(ca.join("ca.pem")).unwrap();
    let new = Authority::replace(&ca, "till-1", SystemTime::now()).unwrap();
    let before = served.borrow().fingerprint.clone();
    a_minute_passes().await;
    served.wait_for(|told| told.fingerprint != before).await.unwrap();
    assert_ne!(fs::read(new.certificate_file()).unwrap(), first);
    Till::enter(&relay.url(), new.certificate_file(), "Caisse 1").await;

    // Somebody clears the folder: what browsers trust goes on.
    let trusted = folder.path().join("trusted.pem");
    fs::copy(new.certificate_file(), &trusted).unwrap();
    fs::remove_dir_all(&ca).unwrap();
    a_minute_passes().await;
    let gone = |told: &caisse_relay::relay::Served| matches!(&told.trouble, Some(Trouble::NotRenewed(why)) if why.contains("is gone"));
    served.wait_for(gone).await.unwrap();
    assert!(!ca.exists());
    Till::enter(&relay.url(), &trusted, "Caisse 2").await;
    relay.stop(Duration::ZERO).await;
}

/// The relay's clock is a minute further; the files are then read by a thread of its own.
async fn a_minute_passes() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
}

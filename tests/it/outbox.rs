//! The chain's database is told of every payment, whatever breaks on the way. With the real
//! PostgreSQL; where none is installed the stories say so and are over.

use crate::program::{Running, configure};
use crate::shop::{Shop, Terminal, approve_after, new_id};
use caisse_relay::simulator::Step;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;
use tokio_postgres::{Client, Config, NoTls};

/// The user that it runs as where the tests are root's, which PostgreSQL refuses to be.
const NOBODY: u32 = 65534;
const PASSWORD: &str = "coquelicot-7731";

/// A database of its own, with TLS, that nobody else knows.
struct Database {
    folder: TempDir,
    bin: PathBuf,
    port: u16,
    server: Option<Child>,
}

impl Database {
    /// None, with a word, where PostgreSQL is not installed.
    fn create() -> Option<Database> {
        let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|all| all.map(|entry| entry.unwrap().path().join("bin")).collect())
            .unwrap_or_default();
        found.retain(|bin| bin.join("initdb").exists());
        found.sort();
        let Some(bin) = found.pop() else {
            eprintln!("skipped: no PostgreSQL on this computer");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let database = Database { folder: tempfile::tempdir().unwrap(), bin, port, server: None };
        fs::set_permissions(database.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        database.certificate();
        fs::write(database.path("password"), PASSWORD).unwrap();
        database.own("password");
        if database.is_root() {
            chown(database.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let made = database
            .program("initdb")
            .args(["--no-sync", "-U", "caisse", "-A", "scram-sha-256", "-D"])
            .arg(database.path("data"))
            .arg("--pwfile")
            .arg(database.path("password"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(database)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn is_root(&self) -> bool {
        fs::metadata("/proc/self").unwrap().uid() == 0
    }

    fn own(&self, name: &str) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        if self.is_root() {
            chown(self.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    fn program(&self, name: &str) -> Command {
        let path = self.bin.join(name);
        if !self.is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        let id = NOBODY.to_string();
        command.args([format!("--reuid={id}"), format!("--regid={id}"), "--clear-groups".into()]);
        command.arg(path).current_dir("/");
        command
    }

    /// An authority, and a certificate of it for `localhost`.
    fn certificate(&self) {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        fs::write(self.path("ca.pem"), authority.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &authority).unwrap();
        fs::write(self.path("server.crt"), leaf.pem()).unwrap();
        fs::write(self.path("server.key"), key.serialize_pem()).unwrap();
        self.own("server.key");
    }

    fn start(&mut self) {
        let setting = |name: &str, value: &str| ["-c".to_owned(), format!("{name}={value}")];
        let server = self
            .program("postgres")
            .arg("-D")
            .arg(self.path("data"))
            .args(setting("port", &self.port.to_string()))
            .args(setting("listen_addresses", "127.0.0.1"))
            .args(setting("unix_socket_directories", ""))
            .args(setting("fsync", "off"))
            .args(setting("ssl", "on"))
            .args(setting("ssl_cert_file", self.path("server.crt").to_str().unwrap()))
            .args(setting("ssl_key_file", self.path("server.key").to_str().unwrap()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.server = Some(server);
    }

    fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // At once, and so that it can start again.
        let pid = server.id().to_string();
        Command::new("kill").args(["-INT", &pid]).status().unwrap();
        server.wait().unwrap();
    }

    /// What the relay's configuration says of it.
    fn settings(&self, ca: &Path) -> String {
        format!(
            "\n[outbox]\nshop = \"lyon-2\"\npostgres = \"host=localhost hostaddr=127.0.0.1 port={} user=caisse dbname=postgres\"\npassword_file = {:?}\nca = {ca:?}\n",
            self.port,
            self.path("password"),
        )
    }

    async fn look(&self) -> Client {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port).user("caisse").password(PASSWORD);
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            match config.dbname("postgres").connect(NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return client;
                }
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// The rows, once there are so many that are good.
    async fn rows(&self, count: usize, good: impl Fn(&Value) -> bool) -> Vec<Value> {
        let client = self.look().await;
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let rows: Vec<Value> = client
                .query("SELECT to_jsonb(p)::text FROM caisse_relay_payment p ORDER BY number", &[])
                .await
                .map(|rows| rows.iter().map(|row| row.get::<_, String>(0)).collect())
                .map(|texts: Vec<String>| {
                    texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
                })
                .unwrap_or_default();
            if rows.len() == count && rows.iter().all(&good) {
                return rows;
            }
            assert!(Instant::now() < end, "{rows:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.stop();
    }
}

fn any(_: &Value) -> bool {
    true
}

#[tokio::test]
async fn every_payment_and_what_becomes_of_it_is_told_without_the_card() {
    let Some(mut database) = Database::create() else { return };
    database.start();
    database.look().await;
    let settings = format!("answer_s = 1{}", database.settings(&database.path("ca.pem")));
    let shop = Shop::with(&settings).await;
    let mut till = shop.till("Caisse 1").await;
    let card = "4970 1012 3456 7899";
    let approved = till
        .pay(json!({ "type": "pay", "id": new_id(), "operation": "debit", "amount": 1250, "currency": "EUR", "reference": format!("ticket {card}") }))
        .await;
    shop.terminal.will(Step::decline("05"));
    let declined = till.debit(990).await;
    shop.terminal.will(approve_after(3500));
    let unknown = till.debit(500).await;
    assert_eq!(unknown["outcome"], "unknown");
    let rows = database.rows(3, any).await;
    for (row, payment) in rows.iter().zip([&approved, &declined, &unknown]) {
        for key in ["id", "till", "terminal", "amount", "paid", "currency", "outcome", "charged"] {
            assert_eq!(row[key], payment[key], "{key} {row:#}");
        }
        assert_eq!(row["shop"], "lyon-2");
        assert_eq!(
            &row["opened_at"].as_str().unwrap()[..19],
            &payment["opened_at"].as_str().unwrap()[..19]
        );
    }
    assert_eq!(rows[0]["card"], approved["receipt"]["card"]);
    assert_eq!(rows[0]["authorization"], approved["receipt"]["authorization"]);
    let text = serde_json::to_string(&rows).unwrap();
    assert!(!text.contains(card) && rows[0]["reference"].as_str().unwrap().starts_with("ticket"));

    // The terminal answers late: the same row, not another one.
    let late = database.rows(3, |row| row["outcome"] != "unknown").await;
    let row = late.iter().find(|row| row["id"] == unknown["id"]).unwrap();
    assert_eq!((&row["outcome"], &row["late"]), (&json!("approved"), &json!(true)));

    // And a person settles one.
    shop.terminal.will(Step::silence());
    let doubt = till.debit(700).await;
    let id = doubt["id"].as_str().unwrap();
    till.say(json!({ "type": "resolve", "id": id, "charged": "yes", "by": "Zoé", "note": "vu" }))
        .await;
    let rows = database.rows(4, |row| row["charged"] != "maybe").await;
    let row = rows.iter().find(|row| row["id"] == doubt["id"]).unwrap();
    assert_eq!((&row["outcome"], &row["settled_by"]), (&json!("unknown"), &json!("Zoé")));
    assert_eq!(row["settled_charged"], true);
}

#[tokio::test]
async fn a_database_that_is_away_delays_nothing_and_is_told_when_it_is_back() {
    let Some(mut database) = Database::create() else { return };
    let settings = database.settings(&database.path("ca.pem"));
    let shop = Shop::with(&settings).await;
    let mut till = shop.till("Caisse 1").await;
    let started = Instant::now();
    let mut ids = Vec::new();
    for _ in 0..20 {
        let payment = till.debit(1250).await;
        assert_eq!(payment["outcome"], "approved");
        ids.push(payment["id"].as_str().unwrap().to_owned());
        till.acknowledge(ids.last().unwrap()).await;
    }
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    // A restart forgets nothing of it.
    let shop = shop.restart_with(&settings).await;
    database.start();
    let rows = database.rows(20, any).await;
    let told: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(told, ids);
    // It goes away in the middle of the day, too.
    database.stop();
    let mut till = shop.till("Caisse 1").await;
    till.debit(100).await;
    database.start();
    database.rows(21, any).await;
}

#[tokio::test]
async fn a_relay_that_is_killed_tells_the_rest_and_nothing_twice() {
    let Some(mut database) = Database::create() else { return };
    database.start();
    database.look().await;
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = database.settings(&database.path("ca.pem"));
    let config = configure(folder.path(), &[("comptoir", terminal.address)], &settings);
    let mut ids = Vec::new();
    // The outbox tells a second after a payment: some of these end before, some while, some after.
    for pause in [0, 900, 1000, 1050, 1100, 1500] {
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        for _ in 0..5 {
            ids.push(till.debit(1250).await["id"].as_str().unwrap().to_owned());
        }
        sleep(Duration::from_millis(pause)).await;
        relay.kill();
    }
    let _relay = Running::start(&config);
    let rows = database.rows(ids.len(), any).await;
    let mut told: Vec<String> =
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    told.sort();
    ids.sort();
    assert_eq!(told, ids);
}

#[tokio::test]
async fn a_database_that_another_authority_signed_is_told_nothing() {
    let Some(mut database) = Database::create() else { return };
    database.start();
    let client = database.look().await;
    fs::rename(database.path("ca.pem"), database.path("right.pem")).unwrap();
    let other = Database::create().unwrap();
    let shop = Shop::with(&database.settings(&other.path("ca.pem"))).await;
    let mut till = shop.till("Caisse 1").await;
    assert_eq!(till.debit(1250).await["outcome"], "approved");
    sleep(Duration::from_millis(2500)).await;
    let there = client.query_one("SELECT to_regclass('caisse_relay_payment') IS NULL", &[]).await;
    assert!(there.unwrap().get::<_, bool>(0));
    // Once the right file is there, the next try gets through.
    fs::copy(database.path("right.pem"), other.path("ca.pem")).unwrap();
    database.rows(1, any).await;
}

#[tokio::test]
async fn without_an_outbox_the_journal_keeps_no_lines_for_one() {
    let Some(mut database) = Database::create() else { return };
    let shop = Shop::open().await;
    let mut till = shop.till("Caisse 1").await;
    let before = till.debit(1250).await;
    till.acknowledge(before["id"].as_str().unwrap()).await;
    let lines = |folder: &Path| {
        let file = folder.join("data/journal/journal.sqlite3");
        let journal = rusqlite::Connection::open(file).unwrap();
        journal.query_row("SELECT count(*) FROM outbox", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(lines(shop.folder()), 0);
    // From the day it is wanted, what the journal still has is told too.
    let settings = database.settings(&database.path("ca.pem"));
    let shop = shop.restart_with(&settings).await;
    assert_eq!(lines(shop.folder()), 1);
    database.start();
    let rows = database.rows(1, any).await;
    assert_eq!(rows[0]["id"], before["id"]);
}

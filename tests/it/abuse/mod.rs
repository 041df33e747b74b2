//! The abuse table: what somebody may try against the relay, what comes back,
//! and that a till is served all the while. `tests/abuse.md` is what was seen;
//! `UPDATE_ABUSE=1` writes it anew.

mod attacker;
mod http;
mod network;
mod origins;
mod protocol;
mod table;
mod tls;
mod websocket;

use crate::program::{PROGRAM, Running, configure};
use crate::shop::{Terminal, Till, debit, new_id};
use caisse_relay::access::read_key;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

/// What the good till is paid, again and again; nobody else asks for this.
const GOOD: u64 = 12_50;

/// The real program, a terminal, and a till that goes on taking payments.
pub struct World {
    pub address: SocketAddr,
    pub ca_file: PathBuf,
    pub url: String,
    pub key: String,
    pub terminal: Terminal,
    paid: watch::Receiver<usize>,
    folder: TempDir,
}

/// A row of the table.
pub struct Row {
    pub tried: &'static str,
    /// What has to come back.
    pub back: &'static str,
    attempt: Attempt,
}

type Attempt = Box<dyn FnOnce(Arc<World>) -> BoxFuture<'static, String> + Send>;

pub fn row<F>(
    tried: &'static str,
    back: &'static str,
    attempt: impl FnOnce(Arc<World>) -> F + Send + 'static,
) -> Row
where
    F: Future<Output = String> + Send + 'static,
{
    Row { tried, back, attempt: Box::new(|world| attempt(world).boxed()) }
}

/// Starts a relay with these words; its log goes to a file.
fn start(folder: &TempDir, words: &[&str], config: &Path) -> Running {
    let mut command = Command::new("bash");
    command.args(["-c", "exec \"$@\" 2>\"$0\""]).arg(folder.path().join("log"));
    Running::from(command.args(words).arg(config).env("RUST_BACKTRACE", "1"))
}

/// A relay that keeps its log, and the till that takes payments for as long as
/// it is asked to.
struct Shift {
    relay: Running,
    till: JoinHandle<()>,
    world: Arc<World>,
}

impl Shift {
    async fn begins() -> Shift {
        let terminal = Terminal::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
        let relay = start(&folder, &[PROGRAM, "run", "--json", "--config"], &config);
        let till = relay.till("Caisse 1").await;
        let address = relay.address();
        let address = address.parse().unwrap();
        Shift::goes_on(relay, till, terminal, folder, address)
    }

    /// With a till that has said hello; `address` is where others connect.
    fn goes_on(
        relay: Running,
        mut till: Till,
        terminal: Terminal,
        folder: TempDir,
        address: SocketAddr,
    ) -> Shift {
        let (count, paid) = watch::channel(0);
        let till = tokio::spawn(async move {
            loop {
                let began = Instant::now();
                let told = pays(&mut till).await;
                till.acknowledge(told["id"].as_str().unwrap()).await;
                assert!(began.elapsed() < Duration::from_secs(5), "the till waits");
                count.send_modify(|count| *count += 1);
                sleep(Duration::from_millis(20)).await;
            }
        });
        let world = World {
            address,
            ca_file: relay.ca_file.clone(),
            url: format!("wss://{address}/till"),
            key: read_key(&folder.path().join("data")).unwrap(),
            terminal,
            paid,
            folder,
        };
        Shift { relay, till, world: Arc::new(world) }
    }

    /// Nothing has happened to the relay or the till.
    fn ends(mut self) {
        assert!(!self.till.is_finished(), "the till's payments went wrong");
        self.till.abort();
        assert!(self.relay.child.try_wait().unwrap().is_none(), "the relay ended");
        let log = std::fs::read_to_string(self.world.folder.path().join("log")).unwrap();
        assert!(!log.contains("panicked"), "{log}");
    }
}

impl World {
    /// A till that says hello.
    pub async fn till(&self) -> Till {
        Till::enter(&self.url, &self.ca_file, "Caisse 2").await
    }

    /// A link to the relay's page, as its person gets one.
    pub async fn ticket(&self) -> String {
        let mut person = Till::silent(&self.url, &self.ca_file).await;
        let hello = json!({ "type": "hello", "client": "x", "lang": "fr", "key": self.key });
        person.say(hello).await;
        person.hear("welcome").await;
        person.say(json!({ "type": "ticket" })).await;
        person.hear("ticket").await["ticket"].as_str().unwrap().to_owned()
    }

    /// Another name for the relay, with its port.
    pub fn named(&self, name: &str) -> String {
        format!("{name}:{}", self.address.port())
    }

    /// Tries what the row says; what came back, once the till has taken a whole
    /// payment after it began.
    async fn suffers(self: Arc<Self>, attempt: Attempt) -> String {
        let mut paid = self.paid.clone();
        let before = *paid.borrow();
        let came = timeout(Duration::from_secs(100), attempt(Arc::clone(&self))).await;
        // The first of two may have begun before.
        let served = paid.wait_for(|paid| *paid >= before + 2);
        timeout(Duration::from_secs(20), served).await.expect("no till is served").unwrap();
        let charges = self.terminal.charges();
        let foreign: Vec<_> = charges.iter().filter(|charge| charge.amount != GOOD).collect();
        assert!(foreign.is_empty(), "somebody was charged: {foreign:?}");
        came.unwrap_or_else(|_| "nothing, for 100 s".into())
    }
}

/// A payment; another till may have the terminal for a moment.
async fn pays(till: &mut Till) -> Value {
    loop {
        let id = new_id();
        till.say(debit(&id, GOOD)).await;
        let told = till.next().await.expect("the relay closed");
        if told["code"] != "terminal_busy" {
            assert_ne!(told["type"], "refused", "{told:#}");
            let told = till.until(&id, |payment| payment["phase"] == "closed").await;
            assert_eq!(told["outcome"], "approved", "{told:#}");
            return told;
        }
        sleep(Duration::from_millis(1)).await;
    }
}

/// Tries a group of rows, many at once; gives what came back beside each.
async fn suffer(world: &Arc<World>, rows: Vec<Row>) -> Vec<table::Line> {
    let tries = rows.into_iter().map(|Row { tried, back, attempt }| {
        let world = Arc::clone(world);
        async move { table::Line { tried, back, came: world.suffers(attempt).await } }
    });
    stream::iter(tries).buffered(24).collect().await
}

#[tokio::test]
async fn nothing_that_comes_over_the_loopback_harms_a_till() {
    let shift = Shift::begins().await;
    let world = &shift.world;
    let groups = [
        ("TLS", tls::rows()),
        ("HTTP", http::rows()),
        ("Host and Origin", origins::rows()),
        ("WebSocket", websocket::rows()),
        ("The protocol", protocol::rows()),
        ("Other pages, and who has no key", protocol::forgeries()),
    ];
    let seen = groups.map(|(group, rows)| async move { (group, suffer(world, rows).await) });
    let mut seen = futures_util::future::join_all(seen).await;
    // Alone: it drives every other stranger out.
    seen.push(("Crowds", suffer(world, vec![tls::half_open()]).await));
    table::compare(&seen);
    shift.ends();
}

/// A text of the relay.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

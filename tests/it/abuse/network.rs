//! Other computers of the shop's network. The relay runs in a network namespace
//! of its own, this test in another, and a cable is between them.

use super::attacker::{Heard, Raw, hello, rest, statuses};
use super::{Row, Shift, World, row, start, suffer, table, text};
use crate::program::{PROGRAM, configure};
use crate::shop::{Terminal, Till, tls_over};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::spawn_blocking;

const INSIDE: &str = "CAISSE_RELAY_TEST_INSIDE";
const RELAY: &str = "192.168.77.1";
/// The computer with the good till and the terminal.
const SHOP: &str = "192.168.77.20";
/// An address of the Internet that has found its way in.
const PUBLIC: &str = "203.0.113.9";

#[tokio::test]
async fn nothing_that_comes_over_the_network_harms_a_till() {
    if std::env::var_os(INSIDE).is_some() {
        return inside().await;
    }
    let works = |flag: &&str| {
        let tried = Command::new("unshare").args([*flag, "true"]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let Some(flag) = ["-n", "-rn"].into_iter().find(works) else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs network namespaces");
        return eprintln!("not run: this user may not make a network namespace");
    };
    let again = "abuse::network::nothing_that_comes_over_the_network_harms_a_till";
    let mut inside = Command::new("unshare");
    inside.arg(flag).arg(std::env::current_exe().unwrap()).args(["--exact", again, "--nocapture"]);
    let status = spawn_blocking(move || inside.env(INSIDE, "1").status().unwrap()).await.unwrap();
    assert!(status.success(), "{status}");
}

/// The relay's computer.
struct Computer {
    holder: Child,
    config: PathBuf,
    local: String,
}

/// Set once, before any row is tried.
static COMPUTER: OnceLock<Computer> = OnceLock::new();

fn run(words: &str) {
    let mut words = words.split(' ');
    let status = Command::new(words.next().unwrap()).args(words.clone()).status();
    assert!(status.unwrap().success(), "{words:?}");
}

/// Lays the cable; gives who holds the relay's namespace.
fn cable() -> Child {
    let holder = Command::new("unshare").args(["-n", "cat"]).stdin(Stdio::piped()).spawn().unwrap();
    let pid = holder.id();
    let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    while namespace(&pid.to_string()) == namespace("self") {
        std::thread::sleep(Duration::from_millis(5));
    }
    run("ip link set lo up");
    run(&format!("ip link add till0 type veth peer name relay0 netns {pid}"));
    for last in 20..50 {
        run(&format!("ip addr add 192.168.77.{last}/24 dev till0"));
    }
    run(&format!("ip addr add {PUBLIC}/32 dev till0"));
    run("ip link set till0 up");
    for words in [
        "ip link set lo up".to_owned(),
        format!("ip addr add {RELAY}/24 dev relay0"),
        "ip link set relay0 up".to_owned(),
        "ip route add 203.0.113.0/24 dev relay0".to_owned(),
    ] {
        run(&format!("nsenter -t {pid} -n {words}"));
    }
    holder
}

async fn inside() {
    let holder = cable();
    let pid = holder.id().to_string();
    let terminal = Terminal::at(&format!("{SHOP}:0")).await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let words = ["nsenter", "-t", &pid, "-n", PROGRAM, "run", "--json", "--listen", "0.0.0.0:0"];
    let relay = start(&folder, &[&words[..], &["--config"]].concat(), &config);
    let local = relay.address().to_owned();
    let port = local.rsplit(':').next().unwrap().to_owned();
    let computer = COMPUTER.get_or_init(|| Computer { holder, config, local });

    let url = format!("wss://{RELAY}:{port}/till");
    let code = computer.code(&["--till", "Caisse 1"]).await;
    let mut till = Till::silent(&url, &relay.ca_file).await;
    till.say(json!({ "type": "pair", "code": code, "till": "x" })).await;
    let token = till.hear("paired").await["token"].clone();
    let mut hello = hello();
    hello["token"] = token;
    till.say(hello).await;
    assert_eq!(till.hear("welcome").await["till"], "Caisse 1");

    let address = format!("{RELAY}:{port}").parse().unwrap();
    let shift = Shift::goes_on(relay, till, terminal, folder, address);
    let world = &shift.world;
    let mut seen = vec![("The network", suffer(world, rows()).await)];
    // One after another: there is one code at a time, and one crowd.
    for (group, rows) in [("Pairing", pairing()), ("Crowds of the network", crowds())] {
        let mut lines = Vec::new();
        for row in rows {
            lines.extend(suffer(world, vec![row]).await);
        }
        seen.push((group, lines));
    }
    table::compare(&seen);
    shift.ends();
}

impl Computer {
    /// What a command says that a person gives at the relay.
    async fn obeys(&'static self, words: &[&str]) -> Value {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.holder.id().to_string(), "-n", PROGRAM]).args(words);
        command.args(["--json", "--config"]).arg(&self.config);
        command.env("CAISSE_RELAY_LISTEN", &self.local);
        let output = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().next().map_or(Value::Null, |line| serde_json::from_str(line).unwrap())
    }

    /// A code, as `caisse-relay pair` shows it.
    async fn code(&'static self, words: &[&str]) -> String {
        text(&self.obeys(&[&["pair", "--no-wait"], words].concat()).await["code"])
    }
}

fn computer() -> &'static Computer {
    COMPUTER.get().unwrap()
}

impl World {
    async fn tcp_from(&self, source: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((source.parse::<IpAddr>().unwrap(), 0).into()).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// A WebSocket that comes from this address.
    async fn from(&self, source: &str) -> Raw {
        let stream = tls_over(self.tcp_from(source).await, &self.ca_file).await;
        Raw::over(stream, &self.address.to_string(), "").await.unwrap()
    }

    /// Comes from an address, shows this, and says this.
    async fn shows(&self, source: &str, shown: Value, says: &Value) -> String {
        let mut raw = self.from(source).await;
        let mut hello = hello();
        hello.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
        raw.say(&hello).await;
        match raw.answer().await.as_str() {
            "welcome" => {
                raw.say(says).await;
                raw.answer().await
            }
            refused => refused.to_owned(),
        }
    }

    /// Comes from an address and trades this code.
    async fn trades(&self, source: &str, code: &str, till: &str) -> Result<String, String> {
        let mut raw = self.from(source).await;
        raw.say(&json!({ "type": "pair", "code": code, "till": till })).await;
        match raw.hear().await {
            Heard::Text(message) if message["type"] == "paired" => Ok(text(&message["token"])),
            Heard::Text(message) => Err(text(&message["code"])),
            other => panic!("{other:?}"),
        }
    }

    /// A till that is paired with these words of the command line: its token.
    async fn paired(&self, till: &str, words: &[&str]) -> Value {
        let code = computer().code(&[&["--till", till], words].concat()).await;
        json!({ "token": self.trades(SHOP, &code, "x").await.unwrap() })
    }
}

fn overview() -> Value {
    json!({ "type": "overview" })
}

/// These pair tills of their own, one after another in one row.
fn rows() -> Vec<Row> {
    vec![
        row("a till without a token", "closed with 4401", |world| async move {
            world.shows("192.168.77.30", json!({}), &overview()).await
        }),
        row("an invented token", "closed with 4401", |world| async move {
            world.shows("192.168.77.30", json!({ "token": "x".repeat(43) }), &overview()).await
        }),
        row(
            "the right key of the relay, from the network",
            "refused: `not_permitted`",
            |world| async move {
                world.shows("192.168.77.30", json!({ "key": world.key }), &overview()).await
            },
        ),
        row("an address of the Internet", "hung up before TLS", |world| async move {
            let mut stream = world.tcp_from(PUBLIC).await;
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes).await;
            if bytes.is_empty() { "hung up before TLS".into() } else { format!("{bytes:?}") }
        }),
        row("a name pointed at the relay by DNS, from the network", "421", |world| async move {
            let stream = tls_over(world.tcp_from("192.168.77.31").await, &world.ca_file).await;
            Raw::over(stream, "evil.example", "").await.err().unwrap_or_default()
        }),
        row("the relay's numbers, `/metrics`, from the network", "404", |world| async move {
            let mut stream = tls_over(world.tcp_from("192.168.77.31").await, &world.ca_file).await;
            let request = format!(
                "GET /metrics HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                world.address
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            statuses(&rest(&mut stream).await)
        }),
        row("a page that nobody allowed, on a tablet", "closed with 4403", |world| async move {
            let stream = tls_over(world.tcp_from("192.168.77.31").await, &world.ca_file).await;
            let origin = "Origin: https://evil.example\r\n";
            let raw = Raw::over(stream, &world.address.to_string(), origin).await;
            raw.ok().unwrap().fate().await
        }),
        row(
            "a paired till: an overview, the right key, a refund from a kiosk, 400 messages at once; then revoked",
            "refused: `not_permitted`, refused: `not_permitted`, refused: `not_permitted`, \
             closed with 4400; closed with 4401, closed with 4401",
            |world| async move {
                let kiosk = world.paired("Borne", &["--operations", "debit"]).await;
                let asks = world.shows("192.168.77.32", kiosk.clone(), &overview()).await;
                let mut both = kiosk.clone();
                both["key"] = json!(world.key);
                let holds = world.shows("192.168.77.32", both, &overview()).await;
                let refund = json!({
                    "type": "pay", "id": "refund", "operation": "refund", "amount": 66_66,
                    "currency": "EUR",
                });
                let takes = world.shows("192.168.77.32", kiosk.clone(), &refund).await;
                let mut raw = world.from("192.168.77.32").await;
                let mut hello = hello();
                hello["token"] = kiosk["token"].clone();
                raw.say(&hello).await;
                for n in 0..400 {
                    raw.say(&json!({ "type": "ping", "n": n })).await;
                }
                let fate = raw.fate().await;
                let floods = fate.split(", ").last().unwrap_or_default();

                let mut raw = world.from("192.168.77.32").await;
                raw.say(&hello).await;
                assert_eq!(raw.answer().await, "welcome");
                computer().obeys(&["tills", "revoke", "Borne"]).await;
                let leaves = raw.fate().await;
                let back = world.shows("192.168.77.32", kiosk, &overview()).await;
                format!("{asks}, {holds}, {takes}, {floods}; {leaves}, {back}")
            },
        ),
    ]
}

fn pairing() -> Vec<Row> {
    fn wrong(code: &str) -> &'static str {
        if code == "000000" { "000001" } else { "000000" }
    }
    vec![
        row("a code when none is open", "`pairing_closed`", |world| async move {
            format!("`{}`", world.trades("192.168.77.33", "123456", "T").await.unwrap_err())
        }),
        row(
            "5 wrong codes, each from another address; then the right one",
            "`bad_code`, `bad_code`, `bad_code`, `bad_code`, `pairing_closed`; `pairing_closed`",
            |world| async move {
                let code = computer().code(&[]).await;
                let mut heard = Vec::new();
                for last in 34..39 {
                    let source = format!("192.168.77.{last}");
                    let no = world.trades(&source, wrong(&code), "T").await.unwrap_err();
                    heard.push(format!("`{no}`"));
                }
                let right = world.trades("192.168.77.39", &code, "T").await.unwrap_err();
                format!("{}; `{right}`", heard.join(", "))
            },
        ),
        row(
            "one address that guesses at every new code; then the right one",
            "`rate_limited` after 10",
            |world| async move {
                for guess in 0.. {
                    let code = computer().code(&[]).await;
                    match world.trades("192.168.77.40", wrong(&code), "T").await.unwrap_err() {
                        no if no == "bad_code" => {}
                        no => {
                            let right = world.trades("192.168.77.40", &code, "T").await;
                            assert_eq!(right.unwrap_err(), no);
                            return format!("`{no}` after {guess}");
                        }
                    }
                }
                unreachable!()
            },
        ),
        row("a code that was used", "`pairing_closed`", |world| async move {
            let code = computer().code(&[]).await;
            world.trades("192.168.77.41", &code, "Caisse 3").await.unwrap();
            let again = world.trades("192.168.77.42", &code, "Caisse 4").await;
            format!("`{}`", again.unwrap_err())
        }),
        row(
            "20 tills that race for one code, 10 times",
            "one gets it each time",
            |world| async move {
                for round in 0..10 {
                    let code = computer().code(&[]).await;
                    let mut doors = Vec::new();
                    for n in 0..20 {
                        doors.push((world.from(&format!("192.168.77.{}", 20 + n)).await, n));
                    }
                    let race = doors.into_iter().map(|(mut raw, n)| {
                        let till = format!("Course {round}.{n}");
                        let pair = json!({ "type": "pair", "code": code, "till": till });
                        async move {
                            raw.say(&pair).await;
                            raw.answer().await
                        }
                    });
                    let heard = futures_util::future::join_all(race).await;
                    let won = heard.iter().filter(|answer| *answer == "paired").count();
                    if won != 1 {
                        return format!("{won} got it");
                    }
                }
                "one gets it each time".into()
            },
        ),
        row("the name of another till", "`till_taken`", |world| async move {
            let code = computer().code(&[]).await;
            format!("`{}`", world.trades("192.168.77.43", &code, "Caisse 1").await.unwrap_err())
        }),
    ]
}

fn crowds() -> Vec<Row> {
    vec![row(
        "40 connections of one address",
        "32 are let in, 8 hung up; another address is let in",
        |world: Arc<World>| async move {
            let mut crowd = Vec::new();
            for _ in 0..40 {
                crowd.push(world.tcp_from("192.168.77.44").await);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let gone = crowd.iter().filter(|stream| {
                // Those that are let in are waited for: there is nothing to read.
                !matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
            });
            let gone = gone.count();
            let other = world.shows("192.168.77.45", json!({}), &overview()).await;
            assert_eq!(other, "closed with 4401");
            format!("{} are let in, {gone} hung up; another address is let in", 40 - gone)
        },
    )]
}

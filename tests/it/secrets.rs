//! Card data and secrets are where they have to be and nowhere else: not in what
//! the relay prints, logs, records or tells, whatever goes wrong.

use crate::program::{PROGRAM, configure};
use crate::shop::{Door, TILL_DOOR, Terminal, Till, connect, debit, new_id, tls};
use caisse_relay::access::read_key;
use caisse_relay::simulator::Script;
use caisse_relay::till::{Secret, TillToRelay};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// What a talkative terminal says of the card and its holder, in every answer.
const TELLS: &str = r#"
card = "4970108264917890=39072011234567"
receipt = "whole_card"
fields = { AB = "39-07", AM = "0612349876", AN = "jean.secret@example.fr", BH = "0712349876", BI = "anne.secret@example.fr", ZZ = "4970 1082 6491 7890" }
"#;

/// The card of [`TELLS`] and that of 67.00, whole or without their ends, and the rest.
const CARD_DATA: [&str; 11] = [
    "4970108264917890",
    "4970 1082 6491 7890",
    "108264917",
    "39072011234567",
    "4970101234567890",
    "4970 1012 3456 7890",
    "39-07",
    "0612349876",
    "jean.secret",
    "0712349876",
    "anne.secret",
];

/// Six digits stand in many numbers; alone, and behind no point, they are a code.
fn is_in(bytes: &[u8], secret: &str) -> bool {
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    bytes.windows(secret.len()).enumerate().any(|(at, window)| {
        let before = at.checked_sub(1);
        let point = before.is_some_and(|at| bytes[at] == b'.');
        let part = secret.len() == 6 && (digit(before) || point || digit(Some(at + 6)));
        window == secret.as_bytes() && !part
    })
}

/// The program, and everything that it and its commands have let out.
struct Campaign {
    folder: PathBuf,
    config: PathBuf,
    address: String,
    ca_file: PathBuf,
    relay: Child,
    secrets: Vec<String>,
    let_out: Vec<(String, Vec<u8>)>,
}

impl Campaign {
    fn begins(folder: &Path, config: PathBuf) -> Campaign {
        let path = |name: &str| folder.join(name);
        let relay = Command::new(PROGRAM)
            .args(["run", "--json", "--log", "debug", "--config"])
            .arg(&config)
            .env("RUST_BACKTRACE", "1")
            .stdout(File::create(path("stdout")).unwrap())
            .stderr(File::create(path("stderr")).unwrap())
            .spawn()
            .unwrap();
        let listening: Value = loop {
            let said = fs::read_to_string(path("stdout")).unwrap();
            match said.lines().next().and_then(|line| serde_json::from_str(line).ok()) {
                Some(listening) => break listening,
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let text = |key: &str| listening[key].as_str().unwrap().to_owned();
        Campaign {
            address: text("url").trim_start_matches("wss://").trim_end_matches("/till").into(),
            ca_file: text("ca").into(),
            folder: folder.to_owned(),
            config,
            relay,
            secrets: vec![],
            let_out: vec![],
        }
    }

    fn hides(&mut self, secret: &str) -> String {
        assert!(secret.len() >= 6);
        self.secrets.push(secret.to_owned());
        secret.to_owned()
    }

    /// A command, what it prints, and what it fails with.
    async fn runs(&mut self, words: &[&str]) -> Value {
        let mut command = Command::new(PROGRAM);
        command.args(words).args(["--log", "debug", "--config"]).arg(&self.config);
        command.env("RUST_BACKTRACE", "1").env("CAISSE_RELAY_LISTEN", &self.address);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let line = output.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let first: Value = serde_json::from_slice(line).unwrap_or_default();
        let mut printed = String::from_utf8(output.stdout).unwrap();
        // These are what the commands are for.
        let meant = match first["type"].as_str() {
            Some("pairing") => first["code"].as_str(),
            Some("page") => first["url"].as_str(),
            _ => None,
        };
        if let Some(meant) = meant {
            printed = printed.replace(meant, "");
        }
        self.let_out.push((format!("{words:?}, output"), printed.into_bytes()));
        self.let_out.push((format!("{words:?}, errors"), output.stderr));
        first
    }

    async fn till(&self, origin: Option<&str>) -> Till {
        let url = format!("wss://{}/till", self.address);
        let door = Door { origin, ..TILL_DOOR };
        let socket = connect(&url, &self.ca_file, door).await.unwrap();
        Till { socket, welcome: Value::Null }
    }

    /// Hears until a message of this kind, or the end, and keeps everything.
    async fn hears(&mut self, till: &mut Till, kind: &str) -> Value {
        loop {
            let Ok(message) = till.next().await else { return Value::Null };
            let mut kept = message.clone();
            match message["type"].as_str() {
                Some("paired") => kept["token"] = Value::Null,
                Some("redeemed") => kept["key"] = Value::Null,
                _ => {}
            }
            self.let_out.push((format!("a till, {kind}"), kept.to_string().into_bytes()));
            // A terminal may be held for a moment by what came before.
            if kind == "payment" && message["code"] == "terminal_busy" {
                tokio::time::sleep(Duration::from_millis(50)).await;
                return message;
            }
            if message["type"] == kind && message["phase"].as_str().is_none_or(|p| p == "closed") {
                return message;
            }
        }
    }

    /// Says this as the first thing, and hears the end or the refusal.
    async fn tries(&mut self, message: Value) {
        let mut till = self.till(None).await;
        till.say(message).await;
        self.hears(&mut till, "refused").await;
    }

    /// Every byte that the relay wrote, but for the keys that only its owner reads.
    fn keeps(&mut self) {
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "zip") {
                    let mut zip = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
                    for index in 0..zip.len() {
                        let mut part = zip.by_index(index).unwrap();
                        let name = part.name().unwrap().into_owned();
                        let mut bytes = Vec::new();
                        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
                        self.let_out.push((format!("the diagnosis, {name}"), bytes));
                    }
                } else if path.extension().is_none_or(|extension| extension != "key") {
                    self.let_out.push((path.display().to_string(), fs::read(&path).unwrap()));
                }
            }
        }
    }
}

impl Drop for Campaign {
    fn drop(&mut self) {
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

#[tokio::test]
async fn card_data_and_secrets_are_nowhere_where_they_need_not_be() {
    let terminal = Terminal::at("127.0.0.1:0").await;
    let folder = tempfile::tempdir().unwrap();
    let settings = "answer_s = 1\nlate_s = 1\nreceipt = true\nrecovery = \"duplicata\"";
    let config = configure(folder.path(), &[("comptoir", terminal.address)], settings);
    let mut campaign = Campaign::begins(folder.path(), config);
    let key = campaign.hides(&read_key(&folder.path().join("data")).unwrap());

    // A till is paired, with a wrong code first.
    let code = campaign.runs(&["pair", "--no-wait", "--json", "--till", "Caisse 1"]).await;
    let code = campaign.hides(code["code"].as_str().unwrap());
    let wrong = campaign.hides(if code == "918273" { "918274" } else { "918273" });
    let mut till = campaign.till(None).await;
    till.say(json!({ "type": "pair", "code": wrong, "till": "x" })).await;
    campaign.hears(&mut till, "refused").await;
    till.say(json!({ "type": "pair", "code": code, "till": "x" })).await;
    let token = campaign.hears(&mut till, "paired").await;
    let token = campaign.hides(token["token"].as_str().unwrap());
    let hello = json!({ "type": "hello", "client": "tests", "lang": "fr" });
    let with = |name: &str, value: &Value| {
        let mut hello = hello.clone();
        hello[name] = value.clone();
        hello
    };
    till.say(with("token", &json!(token))).await;
    campaign.hears(&mut till, "welcome").await;

    // The link of the relay's page: one ticket is used twice, of which once too often, one never.
    for used in [true, false] {
        let link = campaign.runs(&["page", "--print", "--json"]).await;
        let (_, ticket) = link["url"].as_str().unwrap().split_once("#ticket=").unwrap();
        let ticket = campaign.hides(ticket);
        if used {
            let redeem = json!({ "type": "redeem", "ticket": ticket });
            let mut page = campaign.till(None).await;
            page.say(redeem.clone()).await;
            assert_eq!(campaign.hears(&mut page, "redeemed").await["key"], key);
            campaign.tries(redeem.clone()).await;
            campaign.tries(json!({ "type": "redeem", "ticket": [ticket] })).await;
            campaign.tries(json!({ "type": "hello", "ticket": ticket })).await;
        }
    }

    // Whatever the terminal does with what it knows.
    for (amount, step) in [
        (67_00, String::new()),
        (10_00, format!("outcome = \"approve\"\n{TELLS}")),
        (11_00, format!("outcome = \"decline\"\nreport = \"04\"\n{TELLS}")),
        (12_00, "outcome = \"garbage\"\njunk = \"4970108264917890\"".into()),
        (13_00, format!("outcome = \"approve\"\njunk = \"AA0164970108264917890\"\n{TELLS}")),
        (14_00, format!("outcome = \"approve\"\ncut_at = 200\n{TELLS}")),
        (15_00, format!("outcome = \"approve\"\ncut_at = 120\nafter = \"reset\"\n{TELLS}")),
        (16_00, format!("outcome = \"approve\"\ndelay_ms = 1300\n{TELLS}")),
        (17_00, format!("outcome = \"approve\"\naccepted_first_ms = 200\n{TELLS}")),
        (18_00, format!("outcome = \"approve\"\nreport = \"09\"\n{TELLS}")),
    ] {
        let script = Script::parse(&format!("[[step]]\n{step}")).unwrap();
        terminal.simulator.will(script);
        let id = loop {
            let id = new_id();
            till.say(debit(&id, amount)).await;
            // One before it may change once more.
            let told = loop {
                let told = campaign.hears(&mut till, "payment").await;
                if told["id"] == id.as_str() {
                    break told;
                }
            };
            if told["type"] == "payment" {
                break id;
            }
        };
        let shown = campaign.runs(&["journal", "show", &id, "--json"]).await;
        assert_eq!(shown["id"], id.as_str(), "{shown}");
        till.say(json!({ "type": "release", "by": "Z", "n": amount })).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        till.say(json!({ "type": "exchange", "fields": [{ "tag": "CD", "value": "3" }] })).await;
        till.say(json!({ "type": "identify" })).await;
        till.say(json!({ "type": "payments" })).await;
        campaign.hears(&mut till, "payments").await;
    }
    let seen = &campaign.let_out;
    let found = |text: &str| seen.iter().any(|(_, bytes)| is_in(bytes, text));
    assert!(found("497010******7890"), "the campaign saw no card, so it proves nothing");

    // Secrets in every wrong place.
    let bad = json!(campaign.hides(&"b4dK".repeat(11)[..43]));
    for message in [
        with("key", &bad),
        with("token", &bad),
        with("key", &json!([bad])),
        with("steal", &bad),
        json!({ "type": "redeem", "ticket": bad }),
        json!({ "type": "pair", "code": code.parse::<u64>().unwrap(), "till": "x" }),
        json!({ "type": "pair", "code": [code], "till": "x" }),
        json!({ "type": "revoke", "till": "x", "token": token }),
    ] {
        campaign.tries(message).await;
    }
    let mut page = campaign.till(Some("https://shop.example")).await;
    page.say(with("key", &json!(key))).await;
    campaign.hears(&mut page, "refused").await;
    let mut stream = tls(campaign.address.parse().unwrap(), &campaign.ca_file).await;
    let asks = format!(
        "GET /?token={token}&key={key} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
         Cookie: key={key}\r\nConnection: close\r\n\r\n",
        campaign.address
    );
    stream.write_all(asks.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    campaign.let_out.push(("a page".into(), answer));
    let mut stream = tls(campaign.address.parse().unwrap(), &campaign.ca_file).await;
    let asks = asks.replace("/?token", "/metrics?token");
    stream.write_all(asks.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(is_in(&answer, "caisse_relay_payments_total"));
    campaign.let_out.push(("the numbers".into(), answer));

    // The command line, to the end.
    terminal.will(caisse_relay::simulator::Step::default());
    for words in [
        &["pay", "--amount", "67.00"][..],
        &["pay", "--amount", "67.00", "--json"],
        &["identify", "--json"],
        &["terminals", "--json"],
        &["tills", "list", "--json"],
        &["origins", "list"],
        &["journal", "list", "--json"],
        &["journal", "list"],
        &["journal", "events", "--json"],
        &["journal", "export", "--format", "csv"],
        &["journal", "export", "--format", "json"],
        &["tills", "revoke", "Caisse 1"],
        &["bundle", "--json", "--to", folder.path().join("bundle").to_str().unwrap()],
    ] {
        campaign.runs(words).await;
    }
    campaign.hears(&mut till, "the end").await;
    campaign.keeps();
    for place in ["log/caisse-relay.log", "the diagnosis, log.txt", "the diagnosis, doctor.txt"] {
        let kept =
            campaign.let_out.iter().find(|(name, _)| name.replace('\\', "/").ends_with(place));
        assert!(kept.is_some_and(|(_, bytes)| bytes.len() > 100), "no {place}");
    }
    let panics = campaign.let_out.iter().any(|(_, bytes)| is_in(bytes, "panicked at"));
    assert!(!panics, "something panicked");

    let mut found = Vec::new();
    let secrets = campaign.secrets.iter().map(String::as_str);
    for secret in secrets.chain(CARD_DATA) {
        for (place, bytes) in &campaign.let_out {
            if is_in(bytes, secret) {
                found.push(format!("{secret} in {place}: {}", String::from_utf8_lossy(bytes)));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Everything until the other side hangs up.
async fn rest(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(stream, &mut bytes).await;
    bytes
}

#[test]
fn a_message_that_ends_up_in_a_panic_shows_no_secret() {
    let secret = || Some(Secret("s3cret-s3cret".into()));
    let hello = TillToRelay::Hello {
        client: "tests".into(),
        lang: caisse_relay::till::Language::Fr,
        till: None,
        token: secret(),
        key: secret(),
    };
    let pair = TillToRelay::Pair { code: secret().unwrap(), till: "x".into(), lang: None };
    assert!(!format!("{hello:?} {pair:?}").contains("s3cret"));
}

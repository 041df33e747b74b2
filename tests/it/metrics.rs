//! The relay in numbers: they are the ones that happened, and nobody reads more in them.

use crate::shop::{Shop, Terminal, config_text, debit, new_id, tls, tls_trusting};
use caisse_relay::config::Config;
use caisse_relay::relay::Relay;
use caisse_relay::simulator::Step;
use rustls::pki_types::ServerName;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request; the whole answer.
async fn get(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str, host: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn scrape(relay: &Relay) -> String {
    let stream = tls(relay.address, &relay.ca_file).await;
    let answer = get(stream, "/metrics", &relay.address.to_string()).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let media_type = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert!(head.to_lowercase().contains(media_type), "{head}");
    body.to_owned()
}

/// Reads the text by the rules of OpenMetrics: every sample below the type that it belongs to,
/// counters that end with `_total`, bands that go upwards to the count, one end.
fn read(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let (mut family, mut kind) = ("", "");
    let mut described = Vec::new();
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1, "{text}");
    for line in text.lines().take_while(|line| *line != "# EOF") {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.splitn(3, ' ');
            let (what, name, rest) =
                (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
            assert!(["HELP", "TYPE"].contains(&what) && !rest.is_empty(), "{line}");
            if what == "TYPE" {
                (family, kind) = (name, rest);
                assert!(["counter", "gauge", "histogram", "info"].contains(&kind), "{line}");
            } else {
                described.push(name);
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        let suffix = bare.strip_prefix(family).unwrap_or_else(|| panic!("{line} below {family}"));
        let fits = match kind {
            "counter" => suffix == "_total",
            "gauge" => suffix.is_empty(),
            "info" => suffix == "_info",
            _ => ["_sum", "_count", "_bucket"].contains(&suffix),
        };
        assert!(fits && described.contains(&family), "{line}");
        assert!(bare.starts_with("caisse_relay_"), "{line}");
        assert!(bare.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
        let before = samples.insert(name.to_owned(), value.parse().unwrap());
        assert_eq!(before, None, "{line} is there twice");
    }
    for (name, count) in &samples {
        if let Some(family) = name.strip_suffix("_count") {
            let last = format!("{family}_bucket{{le=\"+Inf\"}}");
            assert_eq!(samples.get(&last), Some(count), "{text}");
        }
    }
    let bands = text.lines().filter(|line| line.contains("_bucket{"));
    let bands: Vec<_> = bands.map(|line| line.rsplit_once(' ').unwrap()).collect();
    for pair in bands.windows(2) {
        let family = |name: &str| name.split('{').next().unwrap().to_owned();
        let count = |text: &str| text.parse::<u64>().unwrap();
        let same = family(pair[0].0) == family(pair[1].0);
        assert!(!same || count(pair[0].1) <= count(pair[1].1), "{pair:?}");
    }
    samples
}

fn payments(outcome: &str) -> String {
    format!("caisse_relay_payments_total{{outcome=\"{outcome}\"}}")
}

#[tokio::test]
async fn the_numbers_are_those_of_what_happened() {
    let shop = Shop::with("answer_s = 1\nlate_s = 0").await;
    let nothing = read(&scrape(&shop.relay).await);
    for outcome in ["approved", "declined", "not_sent", "unknown"] {
        assert_eq!(nothing[&payments(outcome)], 0.0, "there before the first, for who adds up");
    }
    let up = "caisse_relay_terminal_up{terminal=\"comptoir\"}";
    assert!(!nothing.contains_key(up), "nobody knows yet");

    let mut till = shop.till("Caisse de Marie").await;
    for _ in 0..3 {
        assert_eq!(till.debit(12_50).await["outcome"], "approved");
    }
    for amount in [51_00, 53_00] {
        shop.terminal.will(Step::default());
        assert_eq!(till.debit(amount).await["outcome"], "declined");
    }
    let id = new_id();
    let mut order = debit(&id, 57_00);
    order["reference"] = json!("Commande 4711");
    assert_eq!(till.pay(order).await["outcome"], "unknown");
    let before = read(&scrape(&shop.relay).await);
    assert_eq!(before["caisse_relay_payments_in_doubt"], 1.0);
    assert_eq!(before[up], 1.0);
    till.say(json!({ "type": "resolve", "id": id, "charged": "yes", "by": "Marie" })).await;
    till.until(&id, |payment| payment["resolved"].is_object()).await;
    // The same again is not another one.
    till.say(json!({ "type": "resolve", "id": id, "charged": "yes", "by": "Marie" })).await;
    till.say(debit(&id, 57_00)).await;

    let text = scrape(&shop.relay).await;
    let after = read(&text);
    for (outcome, count) in
        [("approved", 3.0), ("declined", 2.0), ("not_sent", 0.0), ("unknown", 1.0)]
    {
        assert_eq!(after[&payments(outcome)], count, "{outcome}\n{text}");
    }
    assert_eq!(after["caisse_relay_payment_seconds_count"], 6.0);
    assert!(after["caisse_relay_payment_seconds_sum"] > 0.0, "{text}");
    assert_eq!(after["caisse_relay_payments_in_doubt"], 0.0);
    assert_eq!(after["caisse_relay_unknown_cleared_total{by=\"person\"}"], 1.0);
    assert_eq!(after["caisse_relay_unknown_cleared_total{by=\"late_answer\"}"], 0.0);
    assert_eq!(after["caisse_relay_tills_connected"], 1.0);
    let commits = shop.relay.desk.hub.commit_times();
    let commits: u64 = commits.bands.iter().map(|(_, count)| count).sum();
    assert!(after["caisse_relay_journal_commit_seconds_count"] >= 12.0, "two for each payment");
    assert!(commits >= 12 && after["caisse_relay_journal_commit_seconds_sum"] > 0.0);
    for private in ["Marie", "Commande", "4711", id.as_str(), "57", "4970"] {
        let found = text.lines().any(|line| {
            !line.starts_with('#') && {
                let name = line.rsplit_once(' ').unwrap().0;
                name.contains(private)
            }
        });
        assert!(!found, "{private} in {text}");
    }
    drop(till);
}

#[tokio::test]
async fn a_terminal_that_is_held_and_one_that_is_gone_can_be_told_apart() {
    let slow = Terminal::slow().await;
    let folder = tempfile::tempdir().unwrap();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text =
        config_text(folder.path(), &[("caisse", slow.address), ("bar", gone)], "answer_s = 600");
    let relay =
        Relay::start(Config::parse(&text, Path::new("t.toml")).unwrap(), vec![]).await.unwrap();
    let mut till = crate::shop::Till::enter(&relay.url(), &relay.ca_file, "Caisse 1").await;
    let mut order = debit(&new_id(), 12_50);
    order["terminal"] = json!("bar");
    assert_eq!(till.pay(order).await["outcome"], "not_sent");
    let id = new_id();
    let mut order = debit(&id, 12_50);
    order["terminal"] = json!("caisse");
    till.say(order).await;
    till.sent(&id).await;
    let samples = read(&scrape(&relay).await);
    let of = |what: &str, name: &str| {
        samples[&format!("caisse_relay_terminal_{what}{{terminal=\"{name}\"}}")]
    };
    assert_eq!((of("held", "caisse"), of("up", "caisse")), (1.0, 1.0));
    assert_eq!((of("held", "bar"), of("up", "bar")), (0.0, 0.0));
    assert_eq!(samples[&payments("not_sent")], 1.0);
    relay.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn who_does_not_trust_the_certificate_and_who_speaks_no_tls_are_counted() {
    let shop = Shop::open().await;
    let other = Shop::open().await;
    let name = ServerName::from(shop.relay.address.ip());
    let distrusts = tls_trusting(shop.relay.address, name, &other.relay.ca_file).await;
    assert!(distrusts.is_err());
    let plain = TcpStream::connect(shop.relay.address).await.unwrap();
    let _ = get(plain, "/", "x").await;
    let counted = |samples: &BTreeMap<String, f64>, reason: &str| {
        samples[&format!("caisse_relay_tls_failures_total{{reason=\"{reason}\"}}")]
    };
    for _ in 0..100 {
        let samples = read(&scrape(&shop.relay).await);
        if counted(&samples, "distrusted") == 1.0 && counted(&samples, "handshake") == 1.0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", scrape(&shop.relay).await);
}

#[tokio::test]
async fn prometheus_has_a_port_of_its_own_where_the_configuration_says_so() {
    let shop = Shop::open().await;
    assert_eq!(shop.relay.metrics, None, "nobody listens who was not asked to");
    let folder = tempfile::tempdir().unwrap();
    let text = config_text(folder.path(), &[("comptoir", shop.terminal.address)], "");
    let config = Config::parse(&format!("metrics = \"127.0.0.1:0\"\n{text}"), Path::new("t.toml"));
    let relay = Relay::start(config.unwrap(), vec![]).await.unwrap();
    let address: SocketAddr = relay.metrics.unwrap();
    let ask = |path: &'static str, host: String| async move {
        get(TcpStream::connect(address).await.unwrap(), path, &host).await
    };
    let answer = ask("/metrics", address.to_string()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    read(answer.split_once("\r\n\r\n").unwrap().1);
    for path in ["/", "/till", "/status/status.js", "/metrics/"] {
        assert!(ask(path, address.to_string()).await.starts_with("HTTP/1.1 404"), "{path}");
    }
    let named = ask("/metrics", "evil.example".into()).await;
    assert!(named.starts_with("HTTP/1.1 421"), "a name that somebody pointed here: {named}");
    relay.stop(Duration::ZERO).await;
    assert!(TcpStream::connect(address).await.is_err(), "the port closes with the relay");
}

#[tokio::test]
async fn a_late_answer_clears_up_what_was_unknown_and_changes_no_count_before() {
    let shop = Shop::with("answer_s = 1\nlate_s = 30").await;
    shop.terminal.will(crate::shop::approve_after(1300));
    let mut till = shop.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    assert_eq!(till.outcome(&id).await["outcome"], "unknown");
    till.until(&id, |payment| payment["outcome"] == "approved").await;
    let samples = read(&scrape(&shop.relay).await);
    assert_eq!(samples["caisse_relay_unknown_cleared_total{by=\"late_answer\"}"], 1.0);
    assert_eq!((samples[&payments("unknown")], samples[&payments("approved")]), (1.0, 0.0));
    assert_eq!(samples["caisse_relay_payments_in_doubt"], 0.0);
}

#[tokio::test]
async fn an_approval_is_counted_once_although_it_is_told_again() {
    let shop = Shop::open().await;
    shop.terminal.will(Step::approve());
    let mut till = shop.till("Caisse 1").await;
    let id = till.debit(12_50).await["id"].as_str().unwrap().to_owned();
    till.payment(&id).await;
    till.acknowledge(&id).await;
    till.say(debit(&id, 12_50)).await;
    till.until(&id, |_| true).await;
    assert_eq!(read(&scrape(&shop.relay).await)[&payments("approved")], 1.0);
}

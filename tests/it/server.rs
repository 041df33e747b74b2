//! Who may come in, and how.

use crate::shop::{Door, Shop, TILL_DOOR, Till, connect, tls};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

/// One HTTP request over TLS; gives the whole answer.
async fn get(shop: &Shop, path: &str, host: &str) -> String {
    let mut stream = tls(shop.relay.address, &shop.relay.ca_file).await;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn pages_of_allowed_origins_and_programs_come_in() {
    let shop = Shop::open().await;
    let own = format!("https://{}", shop.relay.address);
    for origin in [None, Some("https://shop.example"), Some(own.as_str())] {
        let door = Door { origin, ..TILL_DOOR };
        let socket = connect(&shop.relay.url(), &shop.relay.ca_file, door).await.unwrap();
        let mut till = Till { socket, welcome: Value::Null };
        till.say(json!({ "type": "hello", "client": "x", "lang": "fr" })).await;
        assert_eq!(till.hear("welcome").await["till"], origin.unwrap_or("local"));
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_why_and_no_more() {
    let shop = Shop::open().await;
    for origin in
        ["https://evil.example", "null", "http://shop.example", "https://shop.example:444"]
    {
        let door = Door { origin: Some(origin), ..TILL_DOOR };
        let mut socket = connect(&shop.relay.url(), &shop.relay.ca_file, door).await.unwrap();
        let _ =
            socket.send(Message::Text(r#"{"type":"hello","client":"x","lang":"fr"}"#.into())).await;
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => {
                assert_eq!(u16::from(frame.code), 4403);
                assert!(frame.reason.contains(origin), "{}", frame.reason);
            }
            other => panic!("{origin}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_name_that_somebody_pointed_here_is_refused() {
    let shop = Shop::open().await;
    let door = Door { host: Some("evil.example"), ..TILL_DOOR };
    let refused = connect(&shop.relay.url(), &shop.relay.ca_file, door).await;
    assert_eq!(refused.err(), Some(421));
    assert!(get(&shop, "/", "evil.example").await.starts_with("HTTP/1.1 421"));
}

#[tokio::test]
async fn a_till_that_does_not_offer_the_protocol_is_told() {
    let shop = Shop::open().await;
    let door = Door { protocol: None, ..TILL_DOOR };
    let socket = connect(&shop.relay.url(), &shop.relay.ca_file, door).await.unwrap();
    let mut till = Till { socket, welcome: Value::Null };
    assert_eq!(till.closed().await, 4406);
}

#[tokio::test]
async fn pages_are_served_with_a_strict_policy() {
    let shop = Shop::open().await;
    let host = shop.relay.address.to_string();
    for path in ["/", "/demo/", "/client/caisse-relay.js", "/demo/demo.js", "/demo/demo.css"] {
        let page = get(&shop, path, &host).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{path}: {page}");
        assert!(page.contains("content-security-policy: default-src 'none'"), "{path}");
        assert!(page.contains("x-content-type-options: nosniff"), "{path}");
        let importable = page.contains("access-control-allow-origin: *");
        assert_eq!(importable, path.starts_with("/client/"), "{path}");
        assert!(!page.contains("<style") && !page.contains(" onclick"), "{path}");
    }
    for path in ["/etc/passwd", "/../Cargo.toml", "/client/", "/demo/../client"] {
        assert!(get(&shop, path, &host).await.starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[tokio::test]
async fn the_certificate_is_swapped_without_dropping_a_till() {
    use caisse_relay::ca::{Authority, Names, host_name};
    use caisse_relay::server::Certificate;
    use std::time::SystemTime;
    let folder = tempfile::tempdir().unwrap();
    let now = SystemTime::now();
    let authority = Authority::open(folder.path(), &host_name(), now).unwrap();
    let first = authority.leaf(&Names::of_this_machine(), now).unwrap();
    let certificate = Certificate::new(&first).unwrap();

    let shop = Shop::open().await;
    let settings = caisse_relay::server::Settings {
        desk: shop.relay.desk.clone(),
        guard: std::sync::Arc::new(caisse_relay::server::Guard::new([])),
        certificate: certificate.clone(),
        extra: vec![],
        metrics: caisse_relay::metrics::Metrics::new(
            shop.relay.desk.hub.clone(),
            shop.relay.desk.access.clone(),
            shop.relay.desk.health.clone(),
        ),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let serving = tokio::spawn(caisse_relay::server::serve(vec![listener], settings, stopping));
    let url = format!("wss://{address}/till");

    let served = |stream: &tokio_rustls::client::TlsStream<_>| {
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    };
    let mut before = Till::enter(&url, authority.certificate_file(), "Caisse 1").await;
    assert_eq!(served(before.socket.get_ref()), first.chain[0]);
    let second = authority.renew(&Names::of_this_machine(), now).unwrap();
    certificate.swap(&second).unwrap();
    let after = Till::enter(&url, authority.certificate_file(), "Caisse 2").await;
    assert_eq!(served(after.socket.get_ref()), second.chain[0]);
    assert_eq!(before.debit(12_50).await["outcome"], "approved");
    stop.send_replace(true);
    drop((before, after));
    serving.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_till_that_says_nothing_for_30_seconds_is_let_go() {
    use crate::guest::{Guest, desk};
    use caisse_relay::till::{Ended, Voice};
    use tokio::time::Instant;
    let folder = tempfile::tempdir().unwrap();
    let mut till = Guest::comes(&desk(folder.path()), "127.0.0.1", None);
    till.hello(json!({})).await.unwrap();

    let began = Instant::now();
    let mut pings = 0;
    let seconds = loop {
        match till.voice().await {
            Voice::Text(text) if text.contains(r#""type":"ping""#) => {
                pings += 1;
                if pings == 1 {
                    till.say(&json!({ "type": "pong", "n": 1 }));
                }
            }
            Voice::Text(_) => {}
            Voice::Close(code, _) => {
                assert_eq!(code, 4408);
                break began.elapsed().as_secs();
            }
        }
    };
    assert_eq!(seconds, 40, "30 seconds after the pong that came at 10");
    assert!(pings >= 3, "{pings}");
    assert_eq!(till.session.await.unwrap(), Ended::Closed(4408));
}

#[tokio::test]
async fn a_second_port_is_in_reserve() {
    use crate::shop::config;
    use caisse_relay::relay::Relay;
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path(), &[], "");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.reserve = Some(free);
    let relay = Relay::start(config, vec![]).await.unwrap();
    for address in [relay.address, free] {
        let url = format!("wss://{address}/till");
        assert_eq!(Till::enter(&url, &relay.ca_file, "Caisse 1").await.welcome["till"], "Caisse 1");
    }
}

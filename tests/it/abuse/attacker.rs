//! Bytes that no browser and no library would send.

use super::World;
use crate::shop::tls;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::client::TlsStream;

/// Longer than anything of the relay lasts.
const PATIENCE: Duration = Duration::from_secs(90);

/// When something ended: the deadline that it has to be, or the seconds it was.
pub fn after(seconds: u64, began: Instant) -> String {
    // The machine may be busy; a deadline never comes early.
    let took = began.elapsed().as_millis();
    let due = u128::from(seconds) * 1000;
    match (due.saturating_sub(500)..due + 8000).contains(&took) {
        true => format!("after {seconds} s"),
        false => format!("after {took} ms, not {seconds} s"),
    }
}

/// Everything until the other side hangs up.
pub async fn rest(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the relay does not hang up");
    bytes
}

/// One request, or what looks like some; what comes back until the end.
pub async fn exchange(world: &World, request: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = tls(world.address, &world.ca_file).await;
    let _ = stream.write_all(request.as_ref()).await;
    let _ = stream.flush().await;
    rest(&mut stream).await
}

/// The same; its statuses.
pub async fn http(world: &World, request: impl AsRef<[u8]>) -> String {
    statuses(&exchange(world, request).await)
}

/// The answers in these bytes: their status, and whether they carry what every
/// answer has to. The HTTP library's own are bare, and tell nothing either.
pub fn statuses(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut seen: Vec<(String, usize)> = Vec::new();
    for answer in text.split("HTTP/1.").skip(1) {
        let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase();
        let mut status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let secured = ["content-security-policy: default-src 'none'", "nosniff", "frame-ancestors"];
        let secured = secured.iter().all(|part| head.contains(part));
        let bare = head.contains("content-length: 0") && !head.contains("content-type");
        let tells = head.contains("\r\nserver:") || head.contains(env!("CARGO_PKG_VERSION"));
        if tells || !(secured || bare || status == "101") {
            status += " (its headers tell too much or too little)";
        }
        match seen.last_mut() {
            Some((last, count)) if *last == status => *count += 1,
            _ => seen.push((status, 1)),
        }
    }
    let seen: Vec<_> = seen
        .into_iter()
        .map(|(status, count)| if count > 1 { format!("{count} × {status}") } else { status })
        .collect();
    if seen.is_empty() { "hung up".into() } else { seen.join(", ") }
}

/// A WebSocket whose frames are made by hand.
pub struct Raw {
    pub stream: TlsStream<TcpStream>,
}

/// Something from the relay.
#[derive(Debug)]
pub enum Heard {
    Text(Value),
    Pong,
    Close(u16),
    /// The end without a close frame.
    Gone,
}

/// An upgrade to a WebSocket. Headers of the same name go before the usual ones.
pub fn upgrade(host: &str, headers: &str) -> String {
    let given = headers.to_ascii_lowercase();
    let mut request = format!("GET /till HTTP/1.1\r\nHost: {host}\r\n{headers}");
    for (name, value) in [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "caisse-relay.v1"),
    ] {
        if !given.contains(&format!("{}:", name.to_ascii_lowercase())) {
            request += &format!("{name}: {value}\r\n");
        }
    }
    request + "\r\n"
}

impl Raw {
    /// Connects; the error is what came instead of an upgrade.
    pub async fn connect(world: &World, host: &str, headers: &str) -> Result<Raw, String> {
        Raw::over(tls(world.address, &world.ca_file).await, host, headers).await
    }

    /// The same over a connection that is there.
    pub async fn over(
        mut stream: TlsStream<TcpStream>,
        host: &str,
        headers: &str,
    ) -> Result<Raw, String> {
        stream.write_all(upgrade(host, headers).as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match timeout(PATIENCE, stream.read_u8()).await.expect("no answer") {
                Ok(byte) => head.push(byte),
                Err(_) => return Err(statuses(&head)),
            }
        }
        let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
        assert!(!text.contains("sec-websocket-extensions"), "{text}");
        if text.starts_with("http/1.1 101") { Ok(Raw { stream }) } else { Err(statuses(&head)) }
    }

    /// A program's, which has not said hello.
    pub async fn open(world: &World) -> Raw {
        Raw::connect(world, &world.address.to_string(), "").await.unwrap()
    }

    /// A till's.
    pub async fn welcome(world: &World) -> Raw {
        let mut raw = Raw::open(world).await;
        raw.say(&hello()).await;
        match raw.hear().await {
            Heard::Text(message) if message["type"] == "welcome" => raw,
            other => panic!("{other:?}"),
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) -> bool {
        // Without it, TLS may keep what a busy socket does not take at once.
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }

    pub async fn say(&mut self, message: &Value) -> bool {
        self.send(&frame(0x81, message.to_string().as_bytes())).await
    }

    pub async fn hear(&mut self) -> Heard {
        timeout(PATIENCE, self.frame())
            .await
            .expect("the relay says nothing")
            .unwrap_or(Heard::Gone)
    }

    async fn frame(&mut self) -> std::io::Result<Heard> {
        loop {
            let (first, second) = (self.stream.read_u8().await?, self.stream.read_u8().await?);
            let length = match second {
                126 => usize::from(self.stream.read_u16().await?),
                127 => usize::try_from(self.stream.read_u64().await?).unwrap(),
                short => usize::from(short),
            };
            let mut payload = vec![0; length];
            self.stream.read_exact(&mut payload).await?;
            return Ok(match first & 0x0f {
                1 => {
                    let message: Value = serde_json::from_slice(&payload).unwrap();
                    crate::shop::check(&message);
                    if message["type"] == "ping" {
                        continue;
                    }
                    Heard::Text(message)
                }
                8 if length >= 2 => Heard::Close(u16::from_be_bytes([payload[0], payload[1]])),
                8 => Heard::Close(1005),
                10 => Heard::Pong,
                other => panic!("a frame of kind {other}"),
            });
        }
    }

    /// How it ends, and what was refused before.
    pub async fn fate(&mut self) -> String {
        let mut refused = BTreeMap::<String, usize>::new();
        let end = loop {
            match self.hear().await {
                Heard::Text(message) if message["type"] == "refused" => {
                    *refused.entry(super::text(&message["code"])).or_default() += 1;
                }
                Heard::Text(_) | Heard::Pong => {}
                Heard::Close(code) => break format!("closed with {code}"),
                Heard::Gone => break "hung up".into(),
            }
        };
        let refused = refused.into_iter().map(|(code, count)| format!("{count} × `{code}`, "));
        refused.collect::<String>() + &end
    }

    /// The answer to the last thing said: its type, or its code when it is refused.
    pub async fn answer(&mut self) -> String {
        match self.hear().await {
            Heard::Text(message) if message["type"] == "refused" => {
                format!("refused: `{}`", super::text(&message["code"]))
            }
            Heard::Text(message) => super::text(&message["type"]),
            Heard::Pong => "a pong".into(),
            Heard::Close(code) => format!("closed with {code}"),
            Heard::Gone => "hung up".into(),
        }
    }
}

pub fn hello() -> Value {
    json!({ "type": "hello", "client": "tests", "lang": "fr" })
}

/// A frame of a browser: its first byte, masked.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0xa5, 0x0f, 0x33, 0x5a];
    let mut frame = vec![first];
    match payload.len() {
        short @ ..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        long => {
            frame.push(0x80 | 127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Comes to the door and says hello: `welcome`, or how it is turned away.
pub async fn knock(world: &World, host: &str, headers: &str) -> String {
    match Raw::connect(world, host, headers).await {
        Err(status) => status,
        Ok(mut raw) => {
            raw.say(&hello()).await;
            raw.answer().await
        }
    }
}

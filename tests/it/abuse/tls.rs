//! Before TLS is there.

use super::attacker::{after, rest};
use super::{Row, World, row};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const ECDSA_AES: [u16; 1] = [0xc02b];
/// RSA with RC4, with 3DES, and none with NULL: what nobody should offer any more.
const BROKEN: [u16; 4] = [0x0005, 0x000a, 0x0002, 0x0003];
/// P-256 and ECDSA with SHA-256.
const EXTENSIONS: [u8; 16] = [0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3];

/// A ClientHello in its record.
fn client_hello(version: [u8; 2], suites: &[u16], extensions: &[u8]) -> Vec<u8> {
    let be = |number: usize| u16::try_from(number).unwrap().to_be_bytes();
    let mut body = version.to_vec();
    body.extend([7; 32]);
    body.push(0);
    body.extend(be(suites.len() * 2));
    body.extend(suites.iter().flat_map(|suite| suite.to_be_bytes()));
    body.extend([1, 0]);
    body.extend(be(extensions.len()));
    body.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend(be(body.len() + 4));
    record.extend([1, 0]);
    record.extend(be(body.len()));
    record.extend(body);
    record
}

/// Sends this and gives the alert that came back.
async fn alert(world: &World, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
    let mut records = answer.as_slice();
    while let [kind, _, _, high, low, rest @ ..] = records {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        if let (21, [_, description, ..]) = (*kind, &rest[..length]) {
            let name = match description {
                10 => "unexpected_message",
                22 => "record_overflow",
                40 => "handshake_failure",
                47 => "illegal_parameter",
                50 => "decode_error",
                70 => "protocol_version",
                120 => "no_application_protocol",
                _ => "another",
            };
            return format!("alert {description} `{name}`");
        }
        records = &rest[length..];
    }
    "hung up".into()
}

/// Says this much and no more.
async fn silence(world: &World, bytes: &[u8]) -> String {
    let began = Instant::now();
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    rest(&mut stream).await;
    format!("hung up {}", after(10, began))
}

pub fn rows() -> Vec<Row> {
    vec![
        row("plain HTTP to the TLS port", "alert 50 `decode_error`", |world| async move {
            alert(&world, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await
        }),
        row("an SSL 2 hello", "alert 50 `decode_error`", |world| async move {
            alert(&world, &[0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10, 1, 0, 0x80]).await
        }),
        row("an SSL 3 hello", "alert 40 `handshake_failure`", |world| async move {
            alert(&world, &client_hello([3, 0], &BROKEN, &[])).await
        }),
        row("a TLS 1.0 hello", "alert 70 `protocol_version`", |world| async move {
            alert(&world, &client_hello([3, 1], &[0xc009, 0xc013], &EXTENSIONS)).await
        }),
        row("a TLS 1.1 hello", "alert 70 `protocol_version`", |world| async move {
            alert(&world, &client_hello([3, 2], &[0xc009, 0xc013], &EXTENSIONS)).await
        }),
        row(
            "TLS 1.2 with RC4, 3DES and NULL ciphers only",
            "alert 40 `handshake_failure`",
            |world| async move { alert(&world, &client_hello([3, 3], &BROKEN, &EXTENSIONS)).await },
        ),
        row(
            "TLS for HTTP/2 only (ALPN `h2`)",
            "alert 120 `no_application_protocol`",
            |world| async move {
                let alpn = [&EXTENSIONS[..], &[0, 16, 0, 5, 0, 3, 2, b'h', b'2']].concat();
                alert(&world, &client_hello([3, 3], &ECDSA_AES, &alpn)).await
            },
        ),
        row("64 KiB of noise", "alert 50 `decode_error`", |world| async move {
            let noise: Vec<u8> =
                (0..65_536_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
            alert(&world, &noise).await
        }),
        row("a record longer than TLS allows", "alert 50 `decode_error`", |world| async move {
            alert(&world, &[&[22, 3, 1, 0xff, 0xff][..], &[0; 65_535]].concat()).await
        }),
        row(
            "a heartbeat that asks for 64 KiB (Heartbleed)",
            "alert 50 `decode_error`",
            |world| async move { alert(&world, &[24, 3, 2, 0, 3, 1, 0x40, 0]).await },
        ),
        row("a hello with a length of 16 MiB", "hung up", |world| async move {
            alert(&world, &[22, 3, 1, 0, 6, 1, 0xff, 0xff, 0xff, 3, 3]).await
        }),
        row("a connection that says nothing", "hung up after 10 s", |world| async move {
            silence(&world, &[]).await
        }),
        row("half a hello, then silence", "hung up after 10 s", |world| async move {
            silence(&world, &client_hello([3, 3], &ECDSA_AES, &EXTENSIONS)[..30]).await
        }),
        row(
            "a hello, and the rest of the handshake never",
            "hung up after 10 s",
            |world| async move { silence(&world, &client_hello([3, 3], &ECDSA_AES, &EXTENSIONS)).await },
        ),
        row("a hello one byte in 400 ms", "hung up after 10 s", |world| async move {
            let began = Instant::now();
            let mut stream = TcpStream::connect(world.address).await.unwrap();
            for byte in client_hello([3, 3], &ECDSA_AES, &EXTENSIONS) {
                if stream.write_all(&[byte]).await.is_err() {
                    break;
                }
                sleep(Duration::from_millis(400)).await;
            }
            format!("hung up {}", after(10, began))
        }),
        row("renegotiation in TLS 1.2", "refused: `no renegotiation`", |world| async move {
            renegotiates(&world).await
        }),
    ]
}

async fn renegotiates(world: &World) -> String {
    let address = world.address.to_string();
    let openssl = move || {
        let mut openssl = Command::new("openssl")
            .args(["s_client", "-connect", &address, "-tls1_2"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl is installed");
        // A line before the handshake's end would be taken for text.
        std::thread::sleep(Duration::from_secs(1));
        openssl.stdin.take().unwrap().write_all(b"R\n").unwrap();
        openssl.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(openssl).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    match said.contains("no renegotiation") {
        true => "refused: `no renegotiation`".into(),
        false => said.into_owned(),
    }
}

/// 5 000 connections that say nothing.
pub fn half_open() -> Row {
    row(
        "5 000 half-open connections",
        "a new till is let in and paid within 2 s",
        |world| async move {
            let mut crowd = Vec::new();
            for _ in 0..5000 {
                crowd.push(TcpStream::connect(world.address).await.unwrap());
            }
            let began = Instant::now();
            let mut till = world.till().await;
            super::pays(&mut till).await;
            let took = began.elapsed();
            drop(crowd);
            match took < Duration::from_secs(2) {
                true => "a new till is let in and paid within 2 s".into(),
                false => format!("a new till waits {took:?}"),
            }
        },
    )
}

//! Frames that no browser sends.

use super::attacker::{Raw, after, frame, hello, http, knock, rest, statuses, upgrade};
use super::{Row, row};
use crate::shop::tls;
use serde_json::json;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

/// Bytes of a till that has said hello, and how it ends.
fn frames(tried: &'static str, back: &'static str, bytes: Vec<u8>) -> Row {
    row(tried, back, move |world| async move {
        let mut raw = Raw::welcome(&world).await;
        raw.send(&bytes).await;
        raw.fate().await
    })
}

/// An upgrade with these headers, and what comes of it.
fn headers(tried: &'static str, back: &'static str, headers: &'static str) -> Row {
    row(tried, back, move |world| async move {
        let own = world.address.to_string();
        // A refusal leaves the connection open for another request.
        if let Err(status) = Raw::connect(&world, &own, headers).await {
            return status;
        }
        knock(&world, &own, headers).await
    })
}

pub fn rows() -> Vec<Row> {
    let mut rows = doors();
    rows.extend(broken());
    rows.extend(endless());
    rows
}

fn doors() -> Vec<Row> {
    vec![
        row("`/till` without an upgrade", "400", |world| async move {
            let page = "GET /till HTTP/1.1\r\nConnection: close\r\nHost: ";
            http(&world, format!("{page}{}\r\n\r\n", world.address)).await
        }),
        headers("no sub-protocol", "closed with 4406", "Sec-WebSocket-Protocol: \r\n"),
        headers("another sub-protocol", "closed with 4406", "Sec-WebSocket-Protocol: mqtt\r\n"),
        headers("version 8 of WebSocket", "400", "Sec-WebSocket-Version: 8\r\n"),
        row("an upgrade without a key", "400", |world| async move {
            let own = world.address.to_string();
            let request = upgrade(&own, "").replace("Sec-WebSocket-Key", "X-Key");
            let mut stream = tls(world.address, &world.ca_file).await;
            stream.write_all(request.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            statuses(&rest(&mut stream).await)
        }),
        headers(
            "compression is offered (a bomb needs it)",
            "welcome",
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
        ),
        row("frames right behind the request, before its answer", "welcome", |world| async move {
            let mut stream = tls(world.address, &world.ca_file).await;
            let mut early = upgrade(&world.address.to_string(), "").into_bytes();
            early.extend(frame(0x81, hello().to_string().as_bytes()));
            stream.write_all(&early).await.unwrap();
            stream.flush().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(tokio::io::AsyncReadExt::read_u8(&mut stream).await.unwrap());
            }
            Raw { stream }.answer().await
        }),
    ]
}

fn broken() -> Vec<Row> {
    let long = "x".repeat(65 * 1024);
    let fragment = vec![b'x'; 16 * 1024];
    let bomb = [&[frame(0x01, &fragment)][..], &vec![frame(0x00, &fragment); 8]].concat().concat();
    let mut announced = vec![0x81, 0xff];
    announced.extend((u64::MAX >> 1).to_be_bytes());
    announced.extend([0; 4]);
    vec![
        frames("a message of 65 KiB", "closed with 4400", frame(0x81, long.as_bytes())),
        frames("a frame that announces 2⁶³ bytes", "closed with 4400", announced),
        frames("fragments that add up to 144 KiB", "closed with 4400", bomb),
        frames("a frame that is not masked", "hung up", vec![0x81, 2, b'{', b'}']),
        frames("text that is not UTF-8", "hung up", frame(0x81, &[0xff, 0xfe, 0xfd])),
        frames("a kind of frame that does not exist", "hung up", frame(0x83, b"{}")),
        frames("a frame that claims to be compressed", "hung up", frame(0xc1, b"{}")),
        frames("a continuation of nothing", "hung up", frame(0x80, b"{}")),
        frames("a ping in fragments", "hung up", frame(0x09, b"")),
        frames("a ping of 200 bytes", "hung up", frame(0x89, &[0; 200])),
        frames("a close with a code that does not exist", "closed with 1002", frame(0x88, &[0, 1])),
        frames("a close of one byte", "hung up", frame(0x88, &[3])),
        frames(
            "11 binary frames",
            "9 × `bad_message`, closed with 4400",
            frame(0x82, b"{}").repeat(11),
        ),
    ]
}

fn endless() -> Vec<Row> {
    vec![
        row("empty fragments without end", "closed with 4408 after 30 s", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            let began = Instant::now();
            raw.send(&frame(0x01, b"")).await;
            let ended = loop {
                if !raw.send(&frame(0x00, b"")).await {
                    break "hung up".into();
                }
                if let Ok(ended) = timeout(Duration::from_millis(50), raw.fate()).await {
                    break ended;
                }
            };
            format!("{ended} {}", after(30, began))
        }),
        row("100 000 pings", "the last one is answered", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            let pings = frame(0x89, b"?").repeat(1000);
            for _ in 0..100 {
                assert!(raw.send(&pings).await);
            }
            match raw.answer().await.as_str() {
                "a pong" => "the last one is answered".into(),
                other => other.to_owned(),
            }
        }),
        row("who says hello and then half closes", "hung up", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            raw.stream.shutdown().await.unwrap();
            raw.fate().await
        }),
        row("who asks and asks, and never reads", "hung up within 90 s", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            let ask = json!({ "type": "payments", "limit": 1000 }).to_string();
            let flood = frame(0x81, ask.as_bytes()).repeat(100);
            let began = Instant::now();
            let ends = async { while raw.send(&flood).await {} };
            match timeout(Duration::from_secs(90), ends).await {
                Ok(()) => "hung up within 90 s".into(),
                Err(_) => format!("still there after {:?}", began.elapsed()),
            }
        }),
        row("half a frame, then silence", "closed with 4408 after 30 s", |world| async move {
            let mut raw = Raw::welcome(&world).await;
            let began = Instant::now();
            raw.send(&frame(0x81, b"{\"type\":\"ping\"}")[..9]).await;
            let ended = raw.fate().await;
            format!("{ended} {}", after(30, began))
        }),
    ]
}

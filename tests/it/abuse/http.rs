//! Requests that are none, too many, too long, or two at once.

use super::attacker::{after, http, rest, statuses};
use super::{Row, World, row};
use crate::shop::tls;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout};

/// A request with its own first line and headers, that ends the connection.
fn request(world: &World, line: &str, headers: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", world.address)
}

/// A row that sends one request.
fn one(
    tried: &'static str,
    back: &'static str,
    line: &'static str,
    headers: &'static str,
    body: &'static str,
) -> Row {
    row(tried, back, move |world| async move {
        http(&world, request(&world, line, headers) + body).await
    })
}

/// Writes this, then again and again what comes after, slowly; when it ends.
async fn drips(world: &World, first: String, drop: &[u8], seconds: u64) -> String {
    let mut stream = tls(world.address, &world.ca_file).await;
    let began = Instant::now();
    stream.write_all(first.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let dripping = async {
        while write.write_all(drop).await.is_ok() {
            sleep(Duration::from_millis(300)).await;
        }
        std::future::pending::<()>().await
    };
    let bytes = tokio::select! {
        bytes = rest(&mut read) => bytes,
        () = dripping => unreachable!(),
    };
    format!("{} {}", statuses(&bytes), after(seconds, began))
}

/// The same request to many paths: they all give one answer.
async fn everywhere(world: &World, paths: &[&str]) -> String {
    let mut seen = Vec::new();
    for path in paths {
        let status = http(world, request(world, &format!("GET {path}"), "")).await;
        if !seen.contains(&status) {
            seen.push(status);
        }
    }
    seen.join(", ")
}

pub fn rows() -> Vec<Row> {
    let mut rows = slow();
    rows.extend(shapes());
    rows.extend(methods());
    rows
}

fn slow() -> Vec<Row> {
    vec![
        row("TLS, then no request", "hung up after 10 s", |world| async move {
            drips(&world, String::new(), b"", 10).await
        }),
        row("headers one byte in 300 ms (slowloris)", "hung up after 10 s", |world| async move {
            drips(&world, "GET / HTTP/1.1\r\nX: ".into(), b"x", 10).await
        }),
        row("one header after another, slowly", "hung up after 10 s", |world| async move {
            drips(&world, "GET / HTTP/1.1\r\n".into(), b"X: x\r\n", 10).await
        }),
        row("a request, then nothing, kept alive", "200, hung up after 10 s", |world| async move {
            let first = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
            let came = drips(&world, first, b"", 10).await;
            came.replacen(" after", ", hung up after", 1)
        }),
        row(
            "a GET whose body of 1 GiB comes one byte in 300 ms",
            "200, then hung up",
            |world| async move {
                let line = "GET /status/icon.svg HTTP/1.1\r\nHost: ";
                let first =
                    format!("{line}{}\r\nContent-Length: 1073741824\r\n\r\n", world.address);
                let came = drips(&world, first, b"x", 0).await;
                came.split(" after").next().unwrap_or_default().to_owned() + ", then hung up"
            },
        ),
        row(
            "requests without end, and no answer is read",
            "hung up within 45 s",
            |world| async move {
                let mut stream = tls(world.address, &world.ca_file).await;
                let line = format!("GET /demo/demo.js HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
                let flood = line.repeat(100);
                let began = Instant::now();
                let ends = async { while stream.write_all(flood.as_bytes()).await.is_ok() {} };
                match timeout(Duration::from_secs(45), ends).await {
                    Ok(()) if began.elapsed() > Duration::from_secs(25) => {
                        "hung up within 45 s".into()
                    }
                    ended => format!("{ended:?} after {:?}", began.elapsed()),
                }
            },
        ),
    ]
}

fn shapes() -> Vec<Row> {
    vec![
        row("a header that does not end", "431", |world| async move {
            let endless = format!("X: {}", "x".repeat(1_000_000));
            http(&world, request(&world, "GET /", &endless)).await
        }),
        row("a thousand headers", "431", |world| async move {
            http(&world, request(&world, "GET /", &"X: x\r\n".repeat(1000))).await
        }),
        row("an address of 70 000 characters", "414", |world| async move {
            http(&world, request(&world, &format!("GET /{}", "x".repeat(70_000)), "")).await
        }),
        row(
            "paths out of the folder: `/../`, `%2e%2e`, `%2f`, `\\`, `//`, `/proc/self/environ`",
            "404",
            |world| async move {
                let paths = [
                    "/../../etc/passwd",
                    "/client/../../Cargo.toml",
                    "/client/%2e%2e/%2e%2e/etc/passwd",
                    "/client/..%2f..%2fetc%2fpasswd",
                    "/client/..\\..\\etc\\passwd",
                    "//etc/passwd",
                    "/proc/self/environ",
                    "/client/caisse-relay.js%00.html",
                    "/relay.key",
                    "/ca/ca-key.pem",
                    "/.git/config",
                ];
                everywhere(&world, &paths).await
            },
        ),
        one(
            "two `Content-Length`",
            "400",
            "GET /",
            "Content-Length: 0\r\nContent-Length: 5\r\n",
            "hello",
        ),
        one(
            "`Content-Length` and `Transfer-Encoding`: a second request in the body",
            "200",
            "GET /",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\nGET /demo/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        ),
        one("`Transfer-Encoding: xchunked`", "400", "GET /", "Transfer-Encoding: xchunked\r\n", ""),
        one("a length below zero", "400", "GET /", "Content-Length: -1\r\n", ""),
        one(
            "a length over 64 bits",
            "400",
            "GET /",
            "Content-Length: 99999999999999999999\r\n",
            "",
        ),
        one("a blank before the colon", "400", "GET /", "X : x\r\n", ""),
        one("a header folded onto two lines", "400", "GET /", "X: x\r\n y\r\n", ""),
        one("a zero byte in a header", "400", "GET /", "X: \0\r\n", ""),
        row("a request line without a version", "400", |world| async move {
            http(&world, "GET /\r\n\r\n").await
        }),
        row("HTTP/2 without asking for it", "hung up", |world| async move {
            http(&world, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await
        }),
        row("HTTP/1.0 with a Host", "200", |world| async move {
            http(&world, format!("GET / HTTP/1.0\r\nHost: {}\r\n\r\n", world.address)).await
        }),
        row("50 requests at once, the last closes", "50 × 200", |world| async move {
            let first = format!("GET /status/icon.svg HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
            http(&world, first.repeat(49) + &request(&world, "GET /status/icon.svg", "")).await
        }),
    ]
}

fn methods() -> Vec<Row> {
    vec![
        row(
            "POST, PUT, PATCH, DELETE, TRACE, OPTIONS and a method of one's own on `/` and `/till`",
            "405",
            |world| async move {
                let mut seen = Vec::new();
                for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "STEAL"] {
                    for path in ["/", "/till"] {
                        let line = format!("{method} {path}");
                        let status = http(&world, request(&world, &line, "")).await;
                        if !seen.contains(&status) {
                            seen.push(status);
                        }
                    }
                }
                seen.join(", ")
            },
        ),
        one("CONNECT to a terminal, as to a proxy", "421", "CONNECT 192.168.1.50:8888", "", ""),
        one(
            "GET of a terminal's address, as from a proxy",
            "421",
            "GET http://192.168.1.50:8888/",
            "",
            "",
        ),
        one("`Upgrade: h2c`", "200", "GET /", "Upgrade: h2c\r\nHTTP2-Settings: AA\r\n", ""),
        one(
            "`Expect: 100-continue` before a body",
            "405",
            "POST /",
            "Expect: 100-continue\r\nContent-Length: 5\r\n",
            "",
        ),
    ]
}

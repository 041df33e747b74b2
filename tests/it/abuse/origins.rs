//! Names and pages that are not the relay's.

use super::attacker::{Heard, Raw, http, knock};
use super::{Row, row};
use serde_json::json;

/// A request for a page with this `Host`.
fn host(tried: &'static str, back: &'static str, name: &'static str) -> Row {
    row(tried, back, move |world| async move {
        let name = name.replace("{port}", &world.address.port().to_string());
        let page = format!("GET / HTTP/1.1\r\n{name}Connection: close\r\n\r\n");
        http(&world, page).await
    })
}

/// A WebSocket of a page of this origin. `{port}` is the relay's.
fn origin(tried: &'static str, back: &'static str, origin: &'static str) -> Row {
    row(tried, back, move |world| async move {
        let origin = origin.replace("{port}", &world.address.port().to_string());
        knock(&world, &world.address.to_string(), &format!("Origin: {origin}\r\n")).await
    })
}

pub fn rows() -> Vec<Row> {
    vec![
        host("a name pointed here by DNS (rebinding)", "421", "Host: evil.example:{port}\r\n"),
        host("an address with a name behind it", "421", "Host: 127.0.0.1.evil.example\r\n"),
        host("`localhost.` with its final dot", "421", "Host: localhost.:{port}\r\n"),
        host("`localhost.evil.example`", "421", "Host: localhost.evil.example\r\n"),
        host("the address in decimal", "421", "Host: 2130706433:{port}\r\n"),
        host("the address in hexadecimal", "421", "Host: 0x7f000001:{port}\r\n"),
        host("the address in short, `127.1`", "421", "Host: 127.1:{port}\r\n"),
        host("a name and a password before the address", "421", "Host: a:b@127.0.0.1:{port}\r\n"),
        host("an empty Host", "421", "Host: \r\n"),
        host("no Host", "421", ""),
        host("two Hosts", "421", "Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
        row("a request line for another host than the Host", "421", |world| async move {
            let line = "GET https://evil.example/ HTTP/1.1\r\nConnection: close\r\n";
            http(&world, format!("{line}Host: {}\r\n\r\n", world.address)).await
        }),
        row("a WebSocket to a name pointed here by DNS", "421", |world| async move {
            let name = world.named("evil.example");
            knock(&world, &name, &format!("Origin: https://{name}\r\n")).await
        }),
        origin("a page that nobody allowed", "closed with 4403", "https://evil.example"),
        origin(
            "a page whose name begins like an allowed one",
            "closed with 4403",
            "https://shop.example.evil.example",
        ),
        origin(
            "an allowed name in the user's place",
            "closed with 4403",
            "https://shop.example@evil.example",
        ),
        origin("an allowed page's other port", "closed with 4403", "https://shop.example:8443"),
        origin("an allowed page without TLS", "closed with 4403", "http://shop.example"),
        origin(
            "the relay's own address, without TLS",
            "closed with 4403",
            "http://127.0.0.1:{port}",
        ),
        origin("another port of this computer", "closed with 4403", "https://127.0.0.1:1"),
        origin(
            "the relay by name, from its page by address",
            "closed with 4403",
            "https://localhost:{port}",
        ),
        origin("`null`: a sandboxed frame, a file", "closed with 4403", "null"),
        origin("`file://`", "closed with 4403", "file://"),
        origin("an extension of the browser", "closed with 4403", "chrome-extension://abcdef"),
        origin("an empty Origin", "closed with 4403", ""),
        origin(
            "two Origins, the first one allowed",
            "closed with 4403",
            "https://shop.example\r\nOrigin: https://evil.example",
        ),
        row(
            "200 pages that nobody knows, to fill the list of those that wait",
            "20 are shown, the last ones",
            |world| async move {
                let own = world.address.to_string();
                for n in 0..200 {
                    let origin = format!("Origin: https://page-{n}.example\r\n");
                    assert_eq!(knock(&world, &own, &origin).await, "closed with 4403");
                }
                let mut person = Raw::open(&world).await;
                person
                    .say(&json!({ "type": "hello", "client": "x", "lang": "en", "key": world.key }))
                    .await;
                person.say(&json!({ "type": "overview" })).await;
                let shown = loop {
                    match person.hear().await {
                        Heard::Text(message) if message["type"] == "overview" => break message,
                        Heard::Text(_) => {}
                        other => panic!("{other:?}"),
                    }
                };
                let waiting = shown["origins"].as_array().unwrap().iter();
                let waiting = waiting.filter(|origin| origin["state"] == "waiting").count();
                format!("{waiting} are shown, the last ones")
            },
        ),
    ]
}

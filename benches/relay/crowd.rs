//! Many tills at once: a till and a terminal each, one payment after the other,
//! acknowledged while the next one runs.

use crate::process::Process;
use crate::report::{MS, Report, percentile, ratio, rounded};
use crate::terminal::Terminal;
use crate::till::trusting;
use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use uuid::Uuid;

/// Till and terminal pairs.
const TILLS: usize = 1000;
/// Not counted.
const WARM_UP: Duration = Duration::from_secs(2);

pub type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// A till that has said hello.
pub async fn connect(relay: &Process, tls: &TlsConnector, name: &str) -> Result<Socket> {
    let stream = TcpStream::connect(relay.address).await?;
    stream.set_nodelay(true)?;
    let stream = tls.connect(ServerName::from(relay.address.ip()), stream).await?;
    let mut request = format!("wss://{}/till", relay.address).into_client_request()?;
    let protocol = HeaderValue::from_static(caisse_relay::till::SUB_PROTOCOL);
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let small = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(4096);
    let (mut socket, _) =
        tokio_tungstenite::client_async_with_config(request, stream, Some(small)).await?;
    let hello = format!(r#"{{"type":"hello","client":"bench","lang":"en","till":"{name}"}}"#);
    socket.send(Message::text(hello)).await?;
    while !hear(&mut socket).await?.starts_with(r#"{"type":"welcome""#) {}
    Ok(socket)
}

pub async fn hear(socket: &mut Socket) -> Result<Utf8Bytes> {
    loop {
        match socket.next().await.context("the relay went away")?? {
            Message::Text(text) => return Ok(text),
            Message::Close(frame) => bail!("the relay closed: {frame:?}"),
            _ => {}
        }
    }
}

/// Pays until it is over; the times of what was paid while it counts.
async fn pay(mut socket: Socket, terminal: usize, phase: Arc<AtomicU8>) -> Result<Vec<u64>> {
    let mut times = Vec::new();
    loop {
        let id = Uuid::new_v4();
        let begun = Instant::now();
        let counts = phase.load(Ordering::Relaxed);
        if counts == 2 {
            return Ok(times);
        }
        socket.send(Message::text(format!(
            r#"{{"type":"pay","id":"{id}","operation":"debit","amount":1590,"currency":"EUR","terminal":"t{terminal}"}}"#
        ))).await?;
        let about = format!(r#"{{"type":"payment","id":"{id}","#);
        loop {
            let text = hear(&mut socket).await?;
            if text.starts_with(r#"{"type":"refused""#) {
                bail!("refused: {text}");
            }
            if text.starts_with(&about) && text.contains(r#""phase":"closed""#) {
                anyhow::ensure!(text.contains(r#""outcome":"approved""#), "{text}");
                anyhow::ensure!(text.contains(r#""durable":true"#), "{text}");
                break;
            }
        }
        if counts == 1 && phase.load(Ordering::Relaxed) == 1 {
            times.push(u64::try_from(begun.elapsed().as_nanos())?);
        }
        socket.send(Message::text(format!(r#"{{"type":"acknowledge","id":"{id}"}}"#))).await?;
    }
}

pub fn measure(dir: &Path, seconds: u64, report: &mut Report) -> Result<()> {
    report.part("1000 tills pay on 1000 terminals, all on this machine");
    let relay = Process::start(&dir.join("crowd"), &Terminal::many(TILLS)?)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (times, processor) = runtime.block_on(async {
        let tls = TlsConnector::from(Arc::new(trusting(&relay.ca)?));
        let phase = Arc::new(AtomicU8::new(0));
        let mut sockets = Vec::new();
        for till in 0..TILLS {
            sockets.push(connect(&relay, &tls, &format!("till {till}")).await?);
        }
        let mut tills = JoinSet::new();
        for (terminal, socket) in sockets.into_iter().enumerate() {
            tills.spawn(pay(socket, terminal, Arc::clone(&phase)));
        }
        sleep(WARM_UP).await;
        let before = relay.processor_ns();
        phase.store(1, Ordering::Relaxed);
        sleep(Duration::from_secs(seconds)).await;
        phase.store(2, Ordering::Relaxed);
        let processor = relay.processor_ns().zip(before).map(|(after, before)| after - before);
        let mut times = Vec::new();
        while let Some(till) = tills.join_next().await {
            times.push(till??);
        }
        anyhow::Ok((times, processor))
    })?;
    let each: Vec<_> = times.iter().map(|times| times.len() as u64).collect();
    let mut all = times.concat();
    let paid = all.len() as u64;
    let (most, least) = (each.iter().max(), each.iter().min());
    report.figure("crowd_per_second", "durable payments a second", paid / seconds, "");
    let (p50, p99) = (percentile(&mut all, 50), percentile(&mut all, 99));
    report.figure("crowd_p50_ms", "p50", rounded(p50, MS), "ms");
    report.figure("crowd_p99_ms", "p99", rounded(p99, MS), "ms");
    let fairness = ratio(*most.unwrap_or(&0), *least.unwrap_or(&0));
    report.figure("crowd_fairness", "payments of the luckiest till over the least", fairness, "");
    let each = processor.and_then(|all| all.checked_div(paid)).map(|each| rounded(each, 1000));
    report.figure("crowd_processor_us", "the relay's processor time, a payment", each, "µs");
    let share = processor.map(|all| all / (seconds * 10 * MS));
    report.figure("crowd_share", "the relay's share of one core", share, "%");
    Ok(())
}

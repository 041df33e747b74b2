//! Many tills at once, a till and a terminal each. First as fast as they can,
//! one payment after the other: that is what the relay carries, and what one
//! waits for is then nothing but the queue of the others. Then half as many
//! payments, each till in its turn: that is what a payment waits for.

use crate::process::Process;
use crate::report::{MS, Report, US, percentile, ratio, rounded, tenths};
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
use tokio::time::{sleep, sleep_until};
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
async fn pay(
    mut socket: Socket,
    terminal: usize,
    every: Duration,
    phase: Arc<AtomicU8>,
) -> Result<(Socket, Vec<u64>)> {
    let mut times = Vec::new();
    // Each in its turn, or all at once where nobody waits for the next.
    let mut turn = tokio::time::Instant::now() + every * u32::try_from(terminal)? / 1000;
    loop {
        sleep_until(turn).await;
        turn += every;
        let id = Uuid::new_v4();
        let begun = Instant::now();
        let counts = phase.load(Ordering::Relaxed);
        if counts == 2 {
            return Ok((socket, times));
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

/// What came of one run.
struct Paid {
    each: Vec<u64>,
    all: Vec<u64>,
    processor: Option<u64>,
}

async fn run(
    relay: &Process,
    sockets: &mut Vec<Socket>,
    every: Duration,
    seconds: u64,
) -> Result<Paid> {
    let phase = Arc::new(AtomicU8::new(0));
    let mut tills = JoinSet::new();
    for (terminal, socket) in sockets.drain(..).enumerate() {
        tills.spawn(pay(socket, terminal, every, Arc::clone(&phase)));
    }
    sleep(WARM_UP).await;
    let before = relay.processor_ns();
    phase.store(1, Ordering::Relaxed);
    sleep(Duration::from_secs(seconds)).await;
    phase.store(2, Ordering::Relaxed);
    let processor =
        relay.processor_ns().zip(before).map(|(after, before)| after.saturating_sub(before));
    let (mut each, mut all) = (Vec::new(), Vec::new());
    while let Some(till) = tills.join_next().await {
        let (socket, times) = till??;
        sockets.push(socket);
        each.push(times.len() as u64);
        all.extend(times);
    }
    Ok(Paid { each, all, processor })
}

pub fn measure(dir: &Path, seconds: u64, report: &mut Report) -> Result<()> {
    report.part("1000 tills pay on 1000 terminals, all on this machine");
    let relay = Process::start(&dir.join("crowd"), &Terminal::many(TILLS)?)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (fast, mut half, rate) = runtime.block_on(async {
        let tls = TlsConnector::from(Arc::new(trusting(&relay.ca)?));
        let mut sockets = Vec::new();
        for till in 0..TILLS {
            sockets.push(connect(&relay, &tls, &format!("till {till}")).await?);
        }
        let fast = run(&relay, &mut sockets, Duration::ZERO, seconds).await?;
        let rate = (fast.all.len() as u64 / seconds / 2).max(1);
        let every = Duration::from_secs(TILLS as u64) / u32::try_from(rate)?;
        let half = run(&relay, &mut sockets, every, seconds).await?;
        anyhow::Ok((fast, half, rate))
    })?;
    let paid = fast.all.len() as u64;
    report.figure("crowd_per_second", "durable payments a second", paid / seconds, "");
    let (most, least) = (fast.each.iter().max(), fast.each.iter().min());
    let fairness = ratio(*most.unwrap_or(&0), *least.unwrap_or(&0));
    report.figure("crowd_fairness", "payments of the luckiest till over the least", fairness, "");
    let each = fast.processor.and_then(|all| all.checked_div(paid));
    let each = each.map(|each| rounded(each, US));
    report.figure("crowd_processor_us", "the relay's processor time, a payment", each, "µs");
    let share = fast.processor.map(|all| all / (seconds * 10 * MS));
    report.figure("crowd_share", "the relay's share of one core", share, "%");
    for (key, percent) in [("crowd_p50_ms", 50), ("crowd_p99_ms", 99)] {
        let name = format!("p{percent} at half of that, {rate} a second");
        let time = tenths(rounded(percentile(&mut half.all, percent), MS / 10));
        report.figure(key, &name, time, "ms");
    }
    Ok(())
}

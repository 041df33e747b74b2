//! What the relay takes when nothing happens.

use crate::crowd::{Socket, connect, hear};
use crate::process::{self, Process};
use crate::report::{MS, Report, percentile, rounded, tenths};
use crate::terminal::Terminal;
use crate::till::{Till, trusting};
use anyhow::Result;
use futures_util::SinkExt;
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tokio::runtime::Builder;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::Message;

/// Starts whose median is told.
const STARTS: usize = 5;
/// How long wake-ups are counted: the look at the certificate, every minute, shows.
const QUIET: Duration = Duration::from_secs(65);
/// How long heartbeats are watched: two of each till.
const ALIVE: Duration = Duration::from_secs(20);
/// Connections that are made at once.
const AT_ONCE: usize = 50;

/// How fast the relay is there, and what it costs to have it there.
pub fn start(dir: &Path, report: &mut Report) -> Result<()> {
    report.part("starting, and waiting for somebody");
    let terminal = Terminal::start()?;
    let folder = dir.join("idle");
    let (mut first, mut listening, mut accepting) = (0, Vec::new(), Vec::new());
    for start in 0..=STARTS {
        let begun = Instant::now();
        let relay = Process::start(&folder, &[terminal.address])?;
        let said = u64::try_from(begun.elapsed().as_nanos())?;
        drop(Till::handshake(&relay)?);
        let accepted = u64::try_from(begun.elapsed().as_nanos())?;
        if start == 0 {
            // Makes the authority, the certificate and the journal.
            first = accepted;
        } else {
            listening.push(said);
            accepting.push(accepted);
        }
    }
    let ms = |time: u64| tenths(rounded(time, MS / 10));
    let (listening, accepting) = (percentile(&mut listening, 50), percentile(&mut accepting, 50));
    report.figure("listening_ms", "spawn to `listening`", ms(listening), "ms");
    report.figure("accepting_ms", "spawn to the first TLS connection", ms(accepting), "ms");
    report.figure("first_start_ms", "the same, at the very first start", ms(first), "ms");
    let binary = std::fs::metadata(process::BINARY)?.len() / 1024;
    report.figure("binary_kib", "the program, one file", binary, "KiB");

    let relay = Process::start(&folder, &[terminal.address])?;
    // The threads that opened the files have ended after ten seconds without work.
    sleep(Duration::from_secs(12));
    report.figure("memory_idle_kib", "resident, idle", relay.memory_kib(), "KiB");
    let before = relay.wake_ups();
    sleep(QUIET);
    let woken = relay.wake_ups().zip(before).map(|(after, before)| after.saturating_sub(before));
    let name = format!("wake-ups in {} s, without a till", QUIET.as_secs());
    report.figure("wake_ups", &name, woken, "");
    Ok(())
}

/// Tills that are there and say so.
pub fn tills(dir: &Path, many: usize, report: &mut Report) -> Result<()> {
    report.part("tills that are connected and do nothing else");
    let terminal = Terminal::start()?;
    let relay = Process::start(&dir.join("tills"), &[terminal.address])?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let tls = TlsConnector::from(Arc::new(trusting(&relay.ca)?));
        // The first one makes what all share.
        let mut alive = vec![tokio::spawn(answer(connect(&relay, &tls, "first").await?))];
        let empty = relay.memory_kib();
        while alive.len() < many {
            let names: Vec<_> = (0..AT_ONCE.min(many + 1 - alive.len())).collect();
            let coming = names.iter().map(|_| connect(&relay, &tls, "a till"));
            for socket in futures_util::future::join_all(coming).await {
                alive.push(tokio::spawn(answer(socket?)));
            }
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let each = relay.memory_kib().zip(empty).map(|(full, empty)| {
            let bytes = (full - empty) * 1024 / many as u64;
            tenths(rounded(bytes * 10, 1024))
        });
        let name = format!("memory of one of {many} tills");
        report.figure("till_kib", &name, each, "KiB");
        let (before, begun) = (relay.processor_all_ms(), Instant::now());
        tokio::time::sleep(ALIVE).await;
        let wall = u64::try_from(begun.elapsed().as_millis())?;
        let share = relay
            .processor_all_ms()
            .zip(before)
            .map(|(after, before)| tenths((after - before) * 1000 / wall));
        let name = format!("one core's share with {many} heartbeats");
        report.figure("heartbeats_share", &name, share, "%");
        let left = alive.iter().filter(|till| till.is_finished()).count();
        anyhow::ensure!(left == 0, "{left} tills were let go");
        Ok(())
    })
}

/// What a page does with a heartbeat.
async fn answer(mut socket: Socket) -> Result<()> {
    loop {
        let text = hear(&mut socket).await?;
        if let Some(n) = text.strip_prefix(r#"{"type":"ping","n":"#) {
            let pong = format!(r#"{{"type":"pong","n":{n}"#);
            socket.send(Message::text(pong)).await?;
        }
    }
}

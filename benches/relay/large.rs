//! A journal of a million payments, eighteen months of them.

use crate::process::{BINARY, Process};
use crate::report::{MS, Report, US, percentile, ratio, rounded, tenths};
use crate::terminal::Terminal;
use crate::till::Till;
use anyhow::{Context, Result};
use caisse_relay::journal::{self, Journal};
use caisse_relay::payment::Moment;
use caisse_relay::relay;
use rusqlite::Connection;
use serde_json::json;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

const PAYMENTS: u64 = 1_000_000;
/// As many blocks with the disturbance as without.
const BLOCKS: usize = 10;
const BLOCK: usize = 100;
/// Of each question.
const QUESTIONS: usize = 21;

/// As the relay writes them: approved and acknowledged, one in a hundred
/// declined, the last one a moment ago.
const FILL: &str = "
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
INSERT INTO payment (id, till, terminal, operation, amount, currency, means, opened_at,
    may_have_left, sent_at, closed_at, outcome, paid, card, authorization, application, aid,
    contract, acknowledged_at)
SELECT lower(hex(randomblob(16))), 'Caisse ' || (i % 7), 't0', 'debit', 100 + i % 9000, 'EUR',
    'card', at, 1, at, at + 9000, iif(i % 100, 'approved', 'declined'),
    iif(i % 100, 100 + i % 9000, NULL), '497010******7890', '184117', '001', 'A0000000421010',
    '1234567', at + 9500
FROM (SELECT i, ?2 - (?1 - i) * 46656 AS at FROM n)";

fn fill(folder: &Path) -> Result<()> {
    let journal = relay::journal_folder(&folder.join("data"));
    std::fs::create_dir_all(&journal)?;
    drop(Journal::open(&journal, Moment(0))?);
    let connection = Connection::open(journal::file(&journal))?;
    // Nobody waits for these.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    let Moment(now) = relay::now();
    connection.execute(FILL, (PAYMENTS.cast_signed(), now - 60_000))?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Starting, asking, and what else goes on beside a payment.
pub fn measure(dir: &Path, report: &mut Report) -> Result<()> {
    report.part("a journal of 1 000 000 payments");
    let folder = dir.join("large");
    fill(&folder)?;
    let terminal = Terminal::start()?;
    // The first start makes the certificate.
    drop(Process::start(&folder, &[terminal.address])?);
    let mut accepting = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let relay = Process::start(&folder, &[terminal.address])?;
        drop(Till::handshake(&relay)?);
        accepting.push(u64::try_from(begun.elapsed().as_nanos())?);
    }
    let accepting = tenths(rounded(percentile(&mut accepting, 50), MS / 10));
    report.figure("large_accepting_ms", "spawn to the first TLS connection", accepting, "ms");
    let file = journal::file(&relay::journal_folder(&folder.join("data")));
    let size = std::fs::metadata(file)?.len() / 1024 / 1024;
    report.figure("large_file_mib", "the file", size, "MiB");
    let relay = Process::start(&folder, &[terminal.address])?;
    ask(&relay, report)?;
    report.part("with the same journal: a payment beside everything else");
    disturb(&relay, report)
}

/// What the relay's page asks when it is opened.
fn ask(relay: &Process, report: &mut Report) -> Result<()> {
    let mut page = Till::connect_with_key(relay)?;
    let now = OffsetDateTime::now_utc();
    let (from, to) = ((now - Duration::days(1)).format(&Rfc3339)?, now.format(&Rfc3339)?);
    let day = format!(r#""from":"{from}","to":"{to}""#);
    for (key, name, question, answer) in [
        ("overview", "the overview", r#"{"type":"overview"}"#.to_owned(), "overview"),
        (
            "day",
            "a day's 1000 payments",
            format!(r#"{{"type":"payments","limit":1000,{day}}}"#),
            "payments",
        ),
        (
            "doubt",
            "those in doubt",
            r#"{"type":"payments","state":"unknown","limit":1000}"#.into(),
            "payments",
        ),
        ("totals", "a day's totals", format!(r#"{{"type":"totals",{day}}}"#), "totals"),
        ("events", "the last events", r#"{"type":"events","limit":100}"#.into(), "events"),
    ] {
        let beginning = format!(r#"{{"type":"{answer}""#);
        let mut times = Vec::new();
        for _ in 0..QUESTIONS {
            let begun = Instant::now();
            page.ask(&question, &beginning).with_context(|| question.clone())?;
            times.push(u64::try_from(begun.elapsed().as_nanos())?);
        }
        let p50 = tenths(rounded(percentile(&mut times, 50), MS / 10));
        report.figure(&format!("large_{key}_ms"), name, p50, "ms");
    }
    Ok(())
}

/// A program that does the same again and again; killed when this is dropped.
struct Loop(Child);

impl Loop {
    fn of(relay: &Process, words: &str) -> Result<Loop> {
        let config = relay.config.display();
        let script = format!("while :; do '{BINARY}' --config '{config}' {words} >/dev/null; done");
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &script]).stdin(Stdio::null()).stderr(Stdio::null());
        Ok(Loop(shell.spawn()?))
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn disturb(relay: &Process, report: &mut Report) -> Result<()> {
    let mut till = Till::connect(relay)?;
    let mut paid = 0;
    let mut pay = || -> Result<Vec<u64>> {
        (0..BLOCK)
            .map(|_| {
                let begun = Instant::now();
                till.pay(paid, "t0")?;
                let took = u64::try_from(begun.elapsed().as_nanos())?;
                till.acknowledge(paid)?;
                paid += 1;
                Ok(took)
            })
            .collect()
    };
    pay()?;
    for (key, name) in [
        ("renewal", "certificates made again and again"),
        ("page", "a status page that is shown every change"),
        ("export", "an export of all payments, again and again"),
    ] {
        let (mut quiet, mut beside) = (Vec::new(), Vec::new());
        for _ in 0..BLOCKS {
            quiet.extend(pay()?);
            let _other: Box<dyn std::any::Any> = match key {
                "renewal" => Box::new(Loop::of(relay, "certs renew")?),
                "export" => Box::new(Loop::of(relay, "journal export")?),
                _ => {
                    let mut page = Till::connect_with_key(relay)?;
                    page.ask(r#"{"type":"overview"}"#, r#"{"type":"overview""#)?;
                    Box::new(page.read_on()?)
                }
            };
            beside.extend(pay()?);
        }
        let at = |times: &mut Vec<u64>, percent| percentile(times, percent);
        let (q50, q99) = (at(&mut quiet, 50), at(&mut quiet, 99));
        let (b50, b99) = (at(&mut beside, 50), at(&mut beside, 99));
        report.say(&format!(
            "  {name}: p50 {} to {} µs, p99 {} to {} µs",
            rounded(q50, US),
            rounded(b50, US),
            rounded(q99, US),
            rounded(b99, US)
        ));
        report.set(
            &format!("beside_{key}"),
            json!({
                "p50": ratio(b50, q50), "p99": ratio(b99, q99), "p99_us": rounded(b99, US),
            }),
        );
        report.say(&format!("  {:<52}p50 x {}, p99 x {}", "", ratio(b50, q50), ratio(b99, q99)));
    }
    Ok(())
}

//! What is counted.

use anyhow::{Result, bail, ensure};
use caisse_relay::exchange::{Deadlines, Line};
use caisse_relay::hub::{Asked, Hub, Terminal};
use caisse_relay::journal::Journal;
use caisse_relay::payment::{
    Amount, Currency, Moment, Operation, Order, Outcome, PaymentId, Profile, request,
};
use caisse_relay::wire::{Decoder, encode};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

/// Their names, and how often each runs for the smaller and the larger count.
pub const ALL: [(&str, u64, u64); 3] =
    [("encode", 1000, 11_000), ("decode", 1000, 11_000), ("payment", 50, 550)];

const ANSWER: &[u8] = b"CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978\
    AE00210AF00200AA016497010******7890AC006184117AI014A0000000421010\
    CC003001CI0011CG0101234567890CF013private data.";

pub fn run(case: &str, count: u64) -> Result<()> {
    match case {
        "encode" => {
            let message = request(&order()?, &Profile::default());
            for _ in 0..count {
                ensure!(!black_box(encode(black_box(&message)))?.is_empty(), "nothing");
            }
        }
        "decode" => {
            for _ in 0..count {
                let mut decoder = Decoder::new();
                decoder.feed(black_box(ANSWER));
                ensure!(black_box(decoder.into_messages()).len() == 1, "not one message");
            }
        }
        "payment" => Builder::new_current_thread().enable_all().build()?.block_on(pay(count))?,
        _ => bail!("no case {case}"),
    }
    Ok(())
}

fn order() -> Result<Order> {
    let Some(amount) = Amount::new(1590) else { bail!("no amount") };
    Ok(Order::new(Operation::Debit, amount, Currency::EUR))
}

/// Through the hub: both records, the exchange, what a till is told. The
/// terminal is here too; it is the same in every run.
async fn pay(count: u64) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 256];
            if matches!(stream.read(&mut request).await, Ok(1..)) {
                let _ = stream.write_all(ANSWER).await;
            }
        }
    });
    let deadlines = Deadlines::default();
    let line = Line { host: "127.0.0.1".into(), port, crlf: false, deadlines };
    let (name, late) = ("t0".to_owned(), Duration::from_secs(900));
    let terminal = Terminal::new(name.clone(), name, line, Profile::default(), late, false);
    let folder = tempfile::tempdir()?;
    let journal = Arc::new(Journal::open(folder.path(), Moment(0))?);
    let hub = Hub::new(vec![terminal], journal, || Moment(1_800_000_000_000));
    let (watcher, mut told) = mpsc::unbounded_channel();
    for number in 0..count {
        let Some(id) = PaymentId::new(&format!("{number:032}")) else { bail!("no id") };
        let (till, order) = ("Caisse 1".to_owned(), order()?);
        let asked = Asked { id, till, terminal: None, order, despite: None };
        let refused = |refusal| anyhow::anyhow!("{refusal:?}");
        hub.pay(asked, &watcher).map_err(refused)?.await.map_err(refused)?;
        loop {
            let Some(payment) = told.recv().await else { bail!("nobody tells") };
            match payment.outcome() {
                Some(Outcome::Approved(_)) => break,
                Some(other) => bail!("{other:?}"),
                None => {}
            }
        }
    }
    Ok(())
}

//! A terminal that answers at once, and the exchange without a relay.
//!
//! The product's simulator writes a ledger to disk and takes its time: it is a
//! terminal to develop against, not one to measure with.

use anyhow::{Result, ensure};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;

/// What the relay sends for 15.90 EUR: 56 bytes.
pub const REQUEST: &[u8] = b"CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978";
/// A card was accepted: 168 bytes.
pub const ANSWER: &[u8] = b"CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978\
    AE00210AF00200AA016497010******7890AC006184117AI014A0000000421010\
    CC003001CI0011CG0101234567890CF013private data.";
const _: () = assert!(REQUEST.len() == 56 && ANSWER.len() == 168);

/// A terminal on a port of its own, for as long as the process lives.
pub struct Terminal {
    pub address: SocketAddr,
}

impl Terminal {
    /// One that closes after its answer.
    pub fn start() -> Result<Terminal> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A connection that fails shows at the other end.
                let _ = answer(stream);
            }
        });
        Ok(Terminal { address })
    }

    /// One that leaves the end to the other side.
    pub fn that_stays() -> Result<Terminal> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut request = [0; 4096];
                    if matches!(stream.read(&mut request), Ok(1..)) {
                        let _ = stream.write_all(ANSWER);
                    }
                    let _ = stream.read(&mut request);
                });
            }
        });
        Ok(Terminal { address })
    }

    /// Many of the first kind, on one thread.
    pub fn many(count: usize) -> Result<Vec<SocketAddr>> {
        let listeners: std::io::Result<Vec<_>> =
            (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect();
        let listeners = listeners?;
        let addresses: std::io::Result<_> = listeners.iter().map(TcpListener::local_addr).collect();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_io().build();
            runtime.expect("a runtime").block_on(async move {
                for listener in listeners {
                    listener.set_nonblocking(true).expect("a listener that does not block");
                    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                    tokio::spawn(async move {
                        while let Ok((mut stream, _)) = listener.accept().await {
                            let mut request = [0; 256];
                            if matches!(stream.read(&mut request).await, Ok(1..)) {
                                let _ = stream.write_all(ANSWER).await;
                            }
                        }
                    });
                }
                std::future::pending::<()>().await;
            });
        });
        Ok(addresses?)
    }

    /// Dial, one write, read to the end.
    pub fn ask(&self) -> Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.write_all(REQUEST)?;
        let mut answer = Vec::with_capacity(4096);
        stream.read_to_end(&mut answer)?;
        ensure!(answer == ANSWER, "the terminal answered something else");
        Ok(())
    }
}

/// The request is one small write over loopback: it comes in one piece.
fn answer(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    if stream.read(&mut request)? > 0 {
        stream.write_all(ANSWER)?;
    }
    Ok(())
}

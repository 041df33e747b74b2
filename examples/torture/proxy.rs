//! The network between the relay and a terminal, which fails in every way that
//! a network can.

use crate::chance::Chance;
use crate::world::{Moment, World};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// Longer than any dialogue here: the relay gives up long before.
const LONGEST: Duration = Duration::from_secs(20);
/// Fewer bytes of a request than any terminal could take for a whole one.
const FEW: u64 = 25;
/// Longer than the relay's answer deadline.
const TOO_LATE_MS: u64 = 1050;

/// What happens to one connection.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Passes,
    /// Closed as soon as it is accepted, or reset.
    ClosedAtOnce(bool),
    /// So many bytes of the request arrive, then both ends are cut.
    RequestCut(usize),
    /// The request arrives; the relay's end is cut after so long, perhaps by a reset.
    CutAfterRequest(Duration, bool),
    /// The answer never arrives; the connection stays.
    AnswerSwallowed,
    /// So many bytes of the answer arrive, then the end, perhaps by a reset.
    AnswerCut(usize, bool),
    /// So many bytes of the answer arrive, then nothing for this long.
    AnswerStalls(usize, Duration),
    /// The answer arrives byte by byte.
    EveryByte(Duration),
    /// The answer waits.
    AnswerDelayed(Duration),
    /// Noise arrives in front of the answer, or inside it.
    Noise(usize),
    /// The answer arrives twice.
    Twice,
}

impl Fate {
    fn of(chance: &mut Chance) -> Fate {
        let bytes = |chance: &mut Chance| usize::try_from(1 + chance.below(150)).unwrap_or(1);
        match chance.below(1000) {
            0..10 => Fate::ClosedAtOnce(chance.permille(500)),
            10..20 => Fate::RequestCut(usize::try_from(1 + chance.below(FEW)).unwrap_or(1)),
            20..40 => Fate::CutAfterRequest(chance.micros(4000), chance.permille(500)),
            40..48 => Fate::AnswerSwallowed,
            48..68 => Fate::AnswerCut(bytes(chance), chance.permille(500)),
            68..74 => Fate::AnswerStalls(bytes(chance), Duration::from_millis(1400)),
            74..84 => Fate::EveryByte(chance.micros(1500)),
            84..100 => Fate::AnswerDelayed(chance.millis(60)),
            100..105 => {
                Fate::AnswerDelayed(Duration::from_millis(TOO_LATE_MS) + chance.millis(700))
            }
            105..115 => Fate::Noise(0),
            115..122 => Fate::Noise(bytes(chance)),
            122..132 => Fate::Twice,
            _ => Fate::Passes,
        }
    }
}

/// Stands before a terminal until the campaign ends.
pub async fn stand(world: Arc<World>, number: u64, listener: TcpListener, terminal: SocketAddr) {
    let mut count = 0;
    while let Ok((relay, _)) = listener.accept().await {
        take(&world, Chance::of(&[world.seed, 2, number, count]), relay, terminal);
        count += 1;
    }
}

/// Takes one connection of the relay, and lets it suffer.
pub fn take(world: &Arc<World>, mut chance: Chance, relay: TcpStream, terminal: SocketAddr) {
    world.saw(Moment::Dialled);
    let fate = if world.is_calm() { Fate::Passes } else { Fate::of(&mut chance) };
    let world = Arc::clone(world);
    tokio::spawn(async move {
        // A broken connection is what this is for.
        let _ = timeout(LONGEST, carry(&world, relay, terminal, fate, &mut chance)).await;
    });
}

fn cut(world: &World, socket: TcpStream, reset: bool) {
    world.cut();
    if reset {
        let _ = socket.set_zero_linger();
    }
}

async fn carry(
    world: &World,
    mut relay: TcpStream,
    terminal: SocketAddr,
    fate: Fate,
    chance: &mut Chance,
) -> io::Result<()> {
    relay.set_nodelay(true)?;
    if let Fate::ClosedAtOnce(reset) = fate {
        cut(world, relay, reset);
        return Ok(());
    }
    let mut terminal = TcpStream::connect(terminal).await?;
    terminal.set_nodelay(true)?;
    let mut request = vec![0; 4096];
    let length = relay.read(&mut request).await?;
    if length == 0 {
        return Ok(());
    }
    if let Fate::RequestCut(bytes) = fate {
        terminal.write_all(&request[..bytes.min(length)]).await?;
        sleep(chance.micros(2000)).await;
        cut(world, relay, chance.permille(500));
        return Ok(());
    }
    terminal.write_all(&request[..length]).await?;
    world.saw(Moment::Requested);
    if let Fate::CutAfterRequest(after, reset) = fate {
        sleep(after).await;
        cut(world, relay, reset);
        // The terminal's end stays a moment longer: it may be at the bank.
        sleep(chance.millis(50)).await;
        return Ok(());
    }
    converse(world, &mut relay, &mut terminal, fate).await?;
    if let Fate::AnswerCut(_, true) = fate {
        relay.set_zero_linger()?;
    }
    Ok(())
}

/// Passes what either says until one of them ends.
async fn converse(
    world: &World,
    relay: &mut TcpStream,
    terminal: &mut TcpStream,
    fate: Fate,
) -> io::Result<()> {
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    let mut passed = 0;
    loop {
        tokio::select! {
            read = relay.read(&mut asked) => match read? {
                0 => return Ok(()),
                bytes => terminal.write_all(&asked[..bytes]).await?,
            },
            read = terminal.read(&mut answered) => {
                let bytes = read?;
                if bytes == 0 && !matches!(fate, Fate::AnswerSwallowed) {
                    return relay.shutdown().await;
                }
                if bytes == 0 {
                    return swallow(relay).await;
                }
                world.saw(Moment::Answered);
                if !pass(world, relay, &answered[..bytes], fate, &mut passed).await? {
                    return Ok(());
                }
            }
        }
    }
}

/// Gives a part of the answer to the relay; false when that was the last of it.
async fn pass(
    world: &World,
    relay: &mut TcpStream,
    bytes: &[u8],
    fate: Fate,
    passed: &mut usize,
) -> io::Result<bool> {
    let before = *passed;
    *passed += bytes.len();
    match fate {
        Fate::AnswerSwallowed => {}
        Fate::AnswerCut(at, _) => {
            let left = at.saturating_sub(before).min(bytes.len());
            relay.write_all(&bytes[..left]).await?;
            if *passed >= at {
                world.cut();
                return Ok(false);
            }
        }
        Fate::AnswerStalls(at, pause) if before < at && *passed >= at => {
            relay.write_all(&bytes[..at - before]).await?;
            sleep(pause).await;
            relay.write_all(&bytes[at - before..]).await?;
        }
        Fate::EveryByte(pause) => {
            for byte in bytes {
                relay.write_all(&[*byte]).await?;
                sleep(pause).await;
            }
        }
        Fate::AnswerDelayed(pause) => {
            sleep(pause).await;
            relay.write_all(bytes).await?;
        }
        Fate::Noise(at) if before <= at && *passed >= at => {
            relay.write_all(&bytes[..at - before]).await?;
            relay.write_all(b"\x02\xff\x00~\x1b").await?;
            relay.write_all(&bytes[at - before..]).await?;
        }
        Fate::Twice => {
            relay.write_all(bytes).await?;
            relay.write_all(bytes).await?;
        }
        _ => relay.write_all(bytes).await?,
    }
    Ok(true)
}

/// Says nothing until the relay leaves.
async fn swallow(relay: &mut TcpStream) -> io::Result<()> {
    let mut chunk = [0; 512];
    while relay.read(&mut chunk).await? > 0 {}
    Ok(())
}

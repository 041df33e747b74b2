//! A terminal that lets connections wait: its queue is full now and then, and
//! the relay's first knock is not heard.

use crate::chance::Chance;
use crate::proxy::take;
use crate::world::World;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// A connection that is not made by then waits outside a full queue.
const KNOCK: Duration = Duration::from_millis(30);
/// More than the queue holds.
const MOST: usize = 5;

/// Fills its own queue, waits, and takes whom it finds there, again and again.
pub async fn stand(world: Arc<World>, number: u64, listener: TcpListener, terminal: SocketAddr) {
    let Ok(address) = listener.local_addr() else { return };
    for round in 0.. {
        let mut chance = Chance::of(&[world.seed, 2, number, round]);
        let mut own = Vec::new();
        while own.len() < MOST && !world.is_calm() {
            let Ok(Ok(socket)) = timeout(KNOCK, TcpStream::connect(address)).await else { break };
            own.push(socket);
        }
        sleep(chance.millis(800)).await;
        let names: Vec<_> = own.iter().filter_map(|socket| socket.local_addr().ok()).collect();
        let until = Instant::now() + chance.millis(800);
        while let Ok(Ok((relay, name))) = timeout_at(until, listener.accept()).await {
            if !names.contains(&name) {
                take(&world, Chance::of(&[chance.below(u64::MAX)]), relay, terminal);
            }
        }
    }
}

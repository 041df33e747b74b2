//! The relay's life: started, killed at the worst moments, kept from its disk,
//! and started again.

use crate::chance::Chance;
use crate::process::Process;
use crate::world::{MOMENTS, World};
use anyhow::Result;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{park_timeout, sleep};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Where a build with the feature `faults` can be told to die.
const PLACES: [&str; 10] = [
    "dialled",
    "opened",
    "recorded",
    "dialled_late",
    "sending",
    "sent",
    "answered",
    "closed",
    "told",
    "closed_late",
];
/// How long a relay lives at most before the next one.
const LIFE_MS: u64 = 1700;
/// How long a place is waited for.
const WAIT: Duration = Duration::from_millis(2500);

/// Runs relays on this thread until the campaign is over; tells where each is.
pub fn run(
    world: &Arc<World>,
    folder: &Path,
    plant: Option<&str>,
    place: &watch::Sender<Option<SocketAddr>>,
) -> Result<()> {
    let _ = world.killer.set(std::thread::current());
    let mut chance = Chance::of(&[world.seed, 1]);
    while !world.is_over() {
        let kind = chance.below(100);
        let die_at = (cfg!(feature = "faults") && kind < 25 && !world.is_calm())
            .then(|| *chance.pick(&PLACES));
        // Once in a while the disk is full already: it starts all the same, or says why not.
        let is_full = world.tls.get().is_some() && !world.is_calm() && chance.permille(30);
        world.disk_full.fetch_add(u64::from(is_full), SeqCst);
        let mut relay = match Process::relay(folder, die_at, plant, is_full) {
            Err(_) if is_full => continue,
            started => started?,
        };
        if world.tls.get().is_none() {
            world.trust(Path::new(relay.listening["ca"].as_str().unwrap_or_default()))?;
        }
        place.send_replace(Some(relay.address()?));
        live(world, &mut relay, &mut chance, kind, die_at.is_some(), is_full);
        if world.is_over() {
            place.send_replace(None);
            relay.ask_to_stop();
            let deadline = Instant::now() + Duration::from_secs(25);
            while !relay.has_ended() && Instant::now() < deadline {
                sleep(Duration::from_millis(5));
            }
            return Ok(());
        }
        relay.kill();
        world.kills.fetch_add(1, SeqCst);
        place.send_replace(None);
    }
    Ok(())
}

/// Returns when the relay is to be killed, or the campaign is over.
fn live(
    world: &World,
    relay: &mut Process,
    chance: &mut Chance,
    kind: u64,
    dies: bool,
    is_full: bool,
) {
    if dies && !is_full {
        let deadline = Instant::now() + WAIT;
        while !relay.has_ended() && Instant::now() < deadline && !world.is_calm() {
            sleep(Duration::from_millis(1));
        }
    } else {
        let life = Duration::from_millis(300) + chance.millis(LIFE_MS);
        wait(world, relay, life);
        if is_full {
            relay.limit_files("unlimited");
            wait(world, relay, chance.millis(1000));
        } else if (25..37).contains(&kind) {
            fill_the_disk(world, relay, chance);
        }
        if kind >= 95 && !world.is_calm() {
            // Told to stop, and not given the time.
            relay.ask_to_stop();
            wait(world, relay, chance.millis(300));
        } else if !world.is_calm() && kind < 85 {
            world.arm(Some(*chance.pick(&MOMENTS)));
            let deadline = Instant::now() + WAIT;
            while world.is_armed() && Instant::now() < deadline && !world.is_calm() {
                park_timeout(Duration::from_millis(100));
            }
            world.arm(None);
            let brief = if chance.permille(700) { 800 } else { 40_000 };
            sleep(chance.micros(brief));
        }
    }
    while world.is_calm() && !world.is_over() && !relay.has_ended() {
        sleep(Duration::from_millis(10));
    }
}

fn wait(world: &World, relay: &mut Process, life: Duration) {
    let deadline = Instant::now() + life;
    let ends = || world.is_calm() || world.is_over();
    while Instant::now() < deadline && !ends() && !relay.has_ended() {
        sleep(Duration::from_millis(5).min(life));
    }
}

/// For a while; half the time it is still full when the relay is killed.
fn fill_the_disk(world: &World, relay: &mut Process, chance: &mut Chance) {
    if world.is_calm() {
        return;
    }
    world.disk_full.fetch_add(1, SeqCst);
    relay.limit_files("1024");
    wait(world, relay, Duration::from_millis(50) + chance.millis(500));
    if chance.permille(500) || world.is_calm() {
        relay.limit_files("unlimited");
        wait(world, relay, chance.millis(1500));
    }
}

//! A till: a point of sale's page with its memory, its cashier and its bad luck.

mod carry;
mod doubt;
mod line;
mod tab;

use crate::chance::Chance;
use crate::memory::Memory;
use crate::plan::{Manner, Plan, SLOWEST_TERMINAL_MS};
use crate::socket::Socket;
use crate::world::World;
use carry::Carried;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// No payment takes that long, however often the relay dies and however slow
/// the machine is.
const LONGEST: Duration = Duration::from_secs(180);
/// What is added to the number of an attempt: the same sale again, to see that
/// it is refused, and despite a doubt.
const PROBE: u64 = 10;
const DESPITE: u64 = 20;
/// By then a terminal that has a request has written its ledger.
const CERTAIN: Duration = Duration::from_millis(SLOWEST_TERMINAL_MS + 2700);

pub struct Till {
    world: Arc<World>,
    number: u64,
    name: String,
    pub memory: Memory,
    /// How much of what is broken is counted.
    known: u64,
    socket: Option<Socket>,
    chance: Chance,
    /// Outcomes to acknowledge.
    unsaid: BTreeSet<String>,
    /// Unknown outcomes, and when somebody looks at the ticket.
    doubts: Vec<(String, Instant)>,
    /// How many times it has freed a terminal, or tried to.
    releases: u64,
    pings: u64,
}

/// What a sale does after an attempt.
enum Next {
    Done,
    /// Nothing was charged: a new id may be used.
    Again,
}

impl Till {
    pub fn new(world: Arc<World>, number: u64) -> Till {
        Till {
            chance: Chance::of(&[world.seed, 3, number]),
            name: format!("till-{number:02}"),
            world,
            number,
            memory: Memory::default(),
            known: 0,
            socket: None,
            unsaid: BTreeSet::new(),
            doubts: Vec::new(),
            releases: 0,
            pings: 0,
        }
    }

    /// Sells until the campaign has enough.
    pub async fn sell(&mut self) {
        let mut sale = 0;
        while self.world.takes_one() {
            sale += 1;
            self.sell_one(sale).await;
            self.settle(false).await;
        }
    }

    async fn sell_one(&mut self, sale: u64) {
        let (world, number) = (Arc::clone(&self.world), self.number);
        let name = format!("t{number:02}-{sale:06}");
        for attempt in 1..=4 {
            if attempt > 1 && !world.takes_one() {
                return;
            }
            let mut chance = Chance::of(&[world.seed, 4, number, sale, attempt]);
            let plan = Plan::of(&mut chance, number % world.terminals, world.terminals);
            let id = format!("{name}-{attempt:02}");
            self.memory.store(&id, &name, &plan);
            let (probe, despite) = (again(&id, PROBE), again(&id, DESPITE));
            if plan.manner == Manner::PaysAgain {
                self.memory.store(&probe, &name, &plan.clone().probe(&mut chance));
            }
            self.attempt(&id).await;
            // Where the relay has taken it, it is carried to its end too.
            if self.memory.view(&probe).is_some() {
                self.attempt(&probe).await;
            }
            if self.memory.is_in_doubt(&id) && plan.is_impatient && world.takes_one() {
                let home = chance.below(world.terminals);
                let other = Plan::of(&mut chance, home, world.terminals);
                if !self.memory.attempts.contains_key(&probe) {
                    self.memory.store(&probe, &name, &other.clone().probe(&mut chance));
                    self.attempt(&probe).await;
                }
                if plan.dares && world.takes_one() {
                    self.memory.count("despite");
                    self.memory.store(&despite, &name, &other);
                    self.memory.pays_despite(&despite, &id);
                    self.attempt(&despite).await;
                    self.doubt(&id, Instant::now());
                    self.what_next(&despite).await;
                    return;
                }
            }
            if matches!(self.what_next(&id).await, Next::Done) {
                return;
            }
        }
    }

    /// Carries one payment until its outcome is acknowledged, however often the
    /// line breaks.
    async fn attempt(&mut self, id: &str) {
        let Some(attempt) = self.memory.attempts.get(id) else { return };
        let plan = attempt.plan.clone();
        let is_despite = attempt.despite.is_some();
        let mut manner = Some(plan.manner);
        let began = Instant::now();
        while !self.world.is_over() {
            match self.carry(id, &plan, &mut manner).await {
                Ok(Carried::Ended) => break,
                Ok(Carried::InDoubt(first)) => {
                    // Nothing that was said on this line is heard any more.
                    self.lose(false);
                    if plan.is_probe {
                        break;
                    }
                    if is_despite {
                        self.memory.pays_despite(id, &first);
                    } else {
                        self.wait_for(&first).await;
                    }
                }
                Err(_) => self.lose(false),
            }
            if began.elapsed() > LONGEST {
                self.memory.broken.push(format!("{id}: no end of it in {LONGEST:?}"));
                break;
            }
        }
        let known = self.memory.broken.len() as u64;
        self.world.found.fetch_add(known - std::mem::replace(&mut self.known, known), SeqCst);
    }

    /// What a cashier does after an attempt.
    async fn what_next(&mut self, id: &str) -> Next {
        let Some(attempt) = self.memory.attempts.get(id) else { return Next::Done };
        let plan = attempt.plan.clone();
        let Some(view) = &attempt.view else { return Next::Again };
        let again = if plan.persists { Next::Again } else { Next::Done };
        match view.outcome.as_deref() {
            Some("declined" | "not_sent") => again,
            Some("unknown") => {
                let late = plan.person_is_late.then(|| self.chance.millis(4000));
                self.doubt(id, Instant::now() + late.unwrap_or_default());
                if late.is_some() {
                    return Next::Done;
                }
                while self.doubts.iter().any(|(doubt, _)| doubt == id) && !self.world.is_over() {
                    self.settle(false).await;
                    sleep(Duration::from_millis(20)).await;
                }
                match self.memory.view(id) {
                    Some(view) if view.charged == "no" => again,
                    _ => Next::Done,
                }
            }
            _ => Next::Done,
        }
    }

    /// What is left over from before: outcomes to acknowledge, doubts to settle.
    async fn settle(&mut self, now: bool) {
        for id in std::mem::take(&mut self.unsaid) {
            let acknowledged = match self.connect().await {
                Ok(()) => self.acknowledge(&id, false).await,
                lost => lost,
            };
            if acknowledged.is_err() {
                self.lose(false);
                self.unsaid.insert(id);
            }
        }
        self.settle_doubts(now).await;
    }

    fn has_nothing_left(&self) -> bool {
        self.doubts.is_empty() && self.unsaid.is_empty()
    }

    /// After the last sale: comes back until nothing is left to say or to hear.
    pub async fn collect(&mut self) {
        self.lose(false);
        let ids: Vec<String> = self.memory.attempts.keys().cloned().collect();
        for id in ids {
            let Some(attempt) = self.memory.attempts.get(&id) else { continue };
            // A late answer may still follow what a person said.
            let is_final =
                attempt.view.as_ref().is_some_and(|v| v.is_settled() && !v.is("unknown"));
            while !attempt_is_never(&self.memory, &id) && !is_final && !self.world.is_over() {
                match self.ask(&id).await {
                    Ok(()) => break,
                    Err(_) => self.lose(false),
                }
            }
            if self.memory.is_in_doubt(&id) {
                self.doubt(&id, Instant::now());
            }
        }
        while !self.world.is_over() && !self.has_nothing_left() {
            self.settle(true).await;
            sleep(Duration::from_millis(20)).await;
        }
        let _ = self.connect().await;
    }
}

fn attempt_is_never(memory: &Memory, id: &str) -> bool {
    memory.attempts.get(id).is_none_or(|attempt| attempt.never)
}

/// The id of a payment of the same sale.
fn again(id: &str, more: u64) -> String {
    let (sale, attempt) = id.rsplit_once('-').unwrap_or((id, "0"));
    format!("{sale}-{:02}", attempt.parse::<u64>().unwrap_or(0) + more)
}

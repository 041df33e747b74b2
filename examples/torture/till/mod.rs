//! A till: a point of sale's page with its memory, its cashier and its bad luck.

mod carry;
mod line;

use crate::chance::Chance;
use crate::memory::Memory;
use crate::plan::{Plan, SLOWEST_TERMINAL_MS};
use crate::socket::Socket;
use crate::world::World;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// No payment takes that long, however often the relay dies.
const LONGEST: Duration = Duration::from_secs(30);
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
            let id = format!("{name}-{attempt}");
            self.memory.store(&id, &name, &plan);
            if matches!(self.attempt(&id, &plan).await, Next::Done) {
                return;
            }
        }
    }

    async fn attempt(&mut self, id: &str, plan: &Plan) -> Next {
        let mut manner = Some(plan.manner);
        let began = Instant::now();
        while !self.world.is_over() {
            match self.carry(id, plan, &mut manner).await {
                Ok(()) => break,
                Err(_) => self.lose(false),
            }
            if began.elapsed() > LONGEST {
                self.memory.broken.push(format!("{id}: no end of it in {LONGEST:?}"));
                break;
            }
        }
        let known = self.memory.broken.len() as u64;
        self.world.found.fetch_add(known - std::mem::replace(&mut self.known, known), SeqCst);
        let Some(view) = self.memory.view(id) else { return Next::Again };
        let again = if plan.persists { Next::Again } else { Next::Done };
        match view.outcome.as_deref() {
            Some("declined" | "not_sent") => again,
            Some("unknown") => {
                let late = plan.person_is_late.then(|| self.chance.millis(4000));
                self.doubts.push((id.to_owned(), Instant::now() + late.unwrap_or_default()));
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
        for (id, due) in std::mem::take(&mut self.doubts) {
            let Some(attempt) = self.memory.attempts.get(&id) else { continue };
            let view = attempt.view.as_ref().filter(|_| !attempt.never);
            if !view.is_some_and(|view| view.is("unknown") && view.resolved.is_none()) {
                continue;
            }
            let certain = attempt.unknown_since.is_some_and(|since| since.elapsed() > CERTAIN);
            let truth = self.world.books.charged(&id).or(certain.then_some(false));
            let looks = now || due <= Instant::now();
            if let Some(charged) = truth.filter(|_| looks)
                && self.resolve(&id, charged).await.is_err()
            {
                self.lose(false);
            }
            self.doubts.push((id, due));
        }
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
            let is_final = attempt.view.as_ref().is_some_and(|view| {
                view.durable && (view.outcome.is_some() && !view.is("unknown"))
            });
            while !attempt_is_never(&self.memory, &id) && !is_final && !self.world.is_over() {
                match self.ask(&id).await {
                    Ok(()) => break,
                    Err(_) => self.lose(false),
                }
            }
            if self.memory.view(&id).is_some_and(|v| v.is("unknown") && v.resolved.is_none()) {
                self.doubts.push((id, Instant::now()));
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

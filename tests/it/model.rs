//! A model of one payment's life, and every way through it.
//!
//! Two tills, the hub, the journal, the terminal and the disk take their steps
//! in any order; the relay may crash between any two. The model checker visits
//! every state that can be reached and holds it against the invariants of
//! `lib.rs`. Each step names the function that it stands for: who changes one
//! changes the other. The words and what they say of the money are the
//! product's own ([`Outcome`]).
//!
//! `stateright` and not proptest-state-machine, because it visits all of the
//! states instead of some, and the shortest way to a broken rule is what it prints.
//!
//! What a till promises (PROTOCOL.md, rule 1) is part of the model: the page
//! that made the id pays at once; a page on a new socket asks first, and pays
//! again only what the relay knows.
//!
//! The model is of the rules. In two places the checker found that the code did
//! not keep them, [`Bug::ForgetsUnrecorded`] and [`Bug::AcknowledgesUnheard`]: the
//! stories at the end show that it does now.
//!
//! Not modelled: time (whatever may happen before a deadline may happen after
//! it), amounts, reading the journal from a broken disk, an orderly stop,
//! pruning, the duplicate (it moves no money), a panic in `carry_out`, an answer that contradicts itself (for the
//! hub that is a terminal that hangs up), the 10,000 ids that `Denied` keeps.

use crate::program::{PROGRAM, Running, configure};
use crate::shop::{Shop as Store, Terminal, Unreachable, debit, new_id};
use caisse_relay::payment::{Amount, Approval, Charged, Decline, NotSent, Outcome, Receipt, Why};
use caisse_relay::simulator::{Key, Outcome as Ends, Step as Does};
use serde_json::{Value, json};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

type Id = usize;
type Till = usize;
type Rule = Property<Shop>;

/// What the tills of a shop want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Story {
    /// Till 0 makes a payment; till 1 is the same page, open twice or reloaded.
    OneId,
    /// Each till makes a payment of its own on the one terminal.
    TwoIds,
}

/// A mistake that the rules have to catch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    /// What was not answered in time is sent again.
    Resend,
    /// An outcome is told as durable before it is.
    TellFirst,
    /// The request leaves before its record is durable.
    SendFirst,
    /// An id whose record failed is free again, although a till was told `not_sent`.
    ForgetsUnrecorded,
    /// `acknowledge` is taken for the outcome on record, whichever the till had heard.
    AcknowledgesUnheard,
    /// An id may be begun after a till was told `unknown_payment`.
    DeniesNothing,
    /// A restart takes every open payment for one of which nothing has left.
    RecoversAsNotSent,
    /// The answer deadline frees the terminal.
    DeadlineFrees,
}

#[derive(Debug, Clone, Copy)]
struct Shop {
    story: Story,
    bug: Option<Bug>,
    crashes: u8,
    fills: u8,
    cuts: u8,
}

/// The four words, as the product knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Word {
    Approved,
    Declined,
    NotSent,
    /// No usable answer, and none to wait for.
    Lost,
    /// No answer in time.
    Silent,
}

static OUTCOMES: LazyLock<[(Word, Outcome); 5]> = LazyLock::new(|| {
    let paid = Amount::new(1250).expect("an amount");
    [
        (
            Word::Approved,
            Outcome::Approved(Approval { paid, receipt: Receipt::default(), remarks: vec![] }),
        ),
        (Word::Declined, Outcome::Declined(Decline { report: None, receipt: Receipt::default() })),
        (Word::NotSent, Outcome::NotSent(NotSent::Cancelled)),
        (Word::Lost, Outcome::unknown(Why::ConnectionClosed)),
        (Word::Silent, Outcome::unknown(Why::Silence)),
    ]
});

impl Word {
    fn outcome(self) -> &'static Outcome {
        &OUTCOMES[self as usize].1
    }

    fn is_unknown(self) -> bool {
        self.outcome().charged() == Charged::Maybe
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    up: bool,
    disk_full: bool,
    /// The hub's memory, by id.
    live: [Phase; 2],
    denied: [bool; 2],
    /// The disk, by id.
    journal: [Option<Record>; 2],
    terminal: [Request; 2],
    tills: [TillState; 2],
    /// What was ever told of an id, to whom never mind.
    told: [Told; 2],
    crashes: u8,
    fills: u8,
    cuts: u8,
}

/// How far `carry_out` is with an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    None,
    /// Begun and not on record; `by` is the till that is refused if it never is.
    Dialling {
        by: Option<Till>,
    },
    /// On record as one that may have left; the terminal takes its time.
    Overdue,
    /// On record as one of which nothing has left.
    SlowDial,
    /// On record as one that may have left; the connection is open.
    Ready,
    /// The terminal has the request.
    Asked,
    /// The outcome is known and not on disk.
    Closing {
        word: Word,
        freed: bool,
    },
    /// The disk refused it; it is told, flagged.
    Unsaved {
        word: Word,
        freed: bool,
    },
    /// Over, and the terminal is still listened to; a person may have freed it.
    Listening {
        freed: bool,
    },
    /// A late answer is known and not on disk.
    ClosingLate {
        word: Word,
        unsaved: bool,
    },
}

/// A row of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Record {
    may_have_left: bool,
    closed: Option<Word>,
    late: bool,
    by_restart: bool,
    resolved: Option<bool>,
    /// Acknowledged, by a till that had heard this.
    acknowledged: Option<Word>,
}

/// What the terminal has of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Request {
    requests: u8,
    charges: u8,
    card: Card,
    line: Line,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Card {
    Idle,
    Asked,
    Done,
}

/// The connection of an id, once its request is on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Line {
    None,
    Open,
    Answered,
    HungUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TillState {
    online: bool,
    /// It has just made the id, or the relay said on this socket that it knows it.
    may_pay: bool,
    /// A `pay` is in a socket that the till has given up and the relay has not read.
    pay_on_its_way: bool,
    heard: Option<Word>,
    /// An `acknowledge` is on its way, from a till that had heard this.
    acknowledging: Option<Word>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Told {
    /// Every word, flagged or not.
    words: Words,
    /// The words told as being on disk.
    durable: Words,
    /// `refused` with `unknown_payment`.
    no_record: bool,
    contradicted: bool,
    id_denied: bool,
}

/// A set of words, a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Words(u8);

impl Words {
    fn insert(&mut self, word: Word) {
        self.0 |= 1 << word as u8;
    }

    fn contains(self, word: Word) -> bool {
        self.0 & 1 << word as u8 != 0
    }

    fn any(self, which: impl Fn(Word) -> bool) -> bool {
        OUTCOMES.iter().any(|(word, _)| self.contains(*word) && which(*word))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    // A till.
    Pays(Till),
    PaysAndIsCutOff(Till),
    PayArrives(Till),
    IsCutOff(Till),
    Asks(Till),
    SaysAcknowledge(Till),
    AcknowledgeArrives(Till),
    // A person.
    Cancels(Id),
    Resolves(Id, bool),
    Releases(Id),
    // The hub.
    Records(Id, Dialled),
    HoldsBack(Id),
    DialsLate(Id),
    IsNotReached(Id),
    Sends(Id),
    ReadsTheAnswer(Id),
    FindsTheLineClosed(Id),
    HasWaitedEnough(Id),
    Closes(Id),
    StopsListening(Id),
    HearsALateAnswer(Id),
    ClosesLate(Id),
    // The terminal.
    Charges(Id),
    Refuses(Id),
    Answers(Id),
    HangsUp(Id),
    // The machine.
    Crashes,
    Restarts,
    DiskFills,
    DiskIsCleaned,
}

/// What `carry_out` knows of the terminal when the first record is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialled {
    Connected,
    Refused,
    NotYet,
}

impl Shop {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn ids(&self) -> std::ops::Range<Id> {
        0..if self.story == Story::OneId { 1 } else { 2 }
    }

    fn id_of(&self, till: Till) -> Id {
        if self.story == Story::OneId { 0 } else { till }
    }

    /// `Watchers::tell`: every till that is there and is about this id.
    fn tell(&self, state: &mut State, id: Id, word: Word, durable: bool, except: Option<Till>) {
        for till in (0..2).filter(|&till| self.id_of(till) == id && Some(till) != except) {
            self.tell_till(state, till, word, durable);
        }
    }

    fn tell_till(&self, state: &mut State, till: Till, word: Word, durable: bool) {
        if !state.tills[till].online {
            return;
        }
        let id = self.id_of(till);
        state.tills[till].heard = Some(word);
        state.told[id].words.insert(word);
        if durable {
            state.told[id].durable.insert(word);
            // `Payment::is_contradicted`.
            let said = state.journal[id].and_then(|record| record.resolved);
            state.told[id].contradicted |= match word.outcome().charged() {
                Charged::Yes => said == Some(false),
                Charged::No => said == Some(true),
                Charged::Maybe => false,
            };
        }
    }

    /// `Hub::watch`, and with it what `payment` answers.
    fn watch(&self, state: &mut State, till: Till) {
        let id = self.id_of(till);
        // `Hub::find_among`: what lives comes before the journal.
        let (known, closed) = match (state.live[id], state.journal[id]) {
            (Phase::Unsaved { word, .. }, _) => (true, Some((word, false))),
            (Phase::None | Phase::Listening { .. } | Phase::ClosingLate { .. }, None) => {
                (false, None)
            }
            (Phase::None | Phase::Listening { .. } | Phase::ClosingLate { .. }, Some(record)) => {
                (true, record.closed.map(|word| (word, true)))
            }
            _ => (true, None),
        };
        state.tills[till].may_pay = known;
        if let Some((word, durable)) = closed {
            self.tell_till(state, till, word, durable);
        }
        if !known {
            state.denied[id] = true;
            state.told[id].no_record = true;
        }
    }

    /// `Hub::begin`.
    fn begin(&self, state: &mut State, till: Till, here: bool) {
        let id = self.id_of(till);
        let lives = matches!(
            state.live[id],
            Phase::Dialling { .. }
                | Phase::Overdue
                | Phase::SlowDial
                | Phase::Ready
                | Phase::Asked
                | Phase::Closing { .. }
                | Phase::Unsaved { .. }
        );
        if lives || state.journal[id].is_some() {
            if here {
                self.watch(state, till);
            }
            return;
        }
        if state.denied[id] && !self.has(Bug::DeniesNothing) {
            state.tills[till].may_pay = false;
            state.told[id].id_denied = true;
            return;
        }
        let unsaved = |phase: &Phase| {
            matches!(phase, Phase::Unsaved { .. } | Phase::ClosingLate { unsaved: true, .. })
        };
        if state.live.iter().any(unsaved) {
            return;
        }
        if state.live.iter().any(|phase| self.holds(*phase)) {
            return;
        }
        state.live[id] = Phase::Dialling { by: here.then_some(till) };
    }

    /// Where `Hold` is.
    fn holds(&self, phase: Phase) -> bool {
        match phase {
            Phase::None | Phase::ClosingLate { .. } => false,
            Phase::Dialling { .. }
            | Phase::Overdue
            | Phase::SlowDial
            | Phase::Ready
            | Phase::Asked => true,
            Phase::Closing { freed, .. } => !freed,
            Phase::Unsaved { word, freed } => word.outcome().may_come_late() && !freed,
            Phase::Listening { freed } => !freed && !self.has(Bug::DeadlineFrees),
        }
    }

    /// `Hub::close`: once when the outcome is known, again for as long as the disk refuses it.
    fn close(&self, state: &mut State, id: Id, word: Word, freed: bool) {
        if state.disk_full {
            state.live[id] = Phase::Unsaved { word, freed };
            self.tell(state, id, word, false, None);
            return;
        }
        let record = state.journal[id].get_or_insert_default();
        record.closed = Some(word);
        self.tell(state, id, word, true, None);
        state.live[id] = if word.outcome().may_come_late() {
            Phase::Listening { freed }
        } else {
            state.terminal[id].line = Line::None;
            Phase::None
        };
    }

    fn closing(&self, state: &mut State, id: Id, word: Word) {
        state.live[id] = Phase::Closing { word, freed: false };
        if self.has(Bug::TellFirst) {
            self.tell(state, id, word, true, None);
        }
    }
}

impl Request {
    fn new() -> Request {
        Request { requests: 0, charges: 0, card: Card::Idle, line: Line::None }
    }

    /// A terminal tells the truth, if it tells anything.
    fn word(&self) -> Word {
        if self.charges > 0 { Word::Approved } else { Word::Declined }
    }
}

impl Model for Shop {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let till = |online| TillState {
            online,
            may_pay: online,
            pay_on_its_way: false,
            heard: None,
            acknowledging: None,
        };
        vec![State {
            up: true,
            disk_full: false,
            live: [Phase::None; 2],
            denied: [false; 2],
            journal: [None; 2],
            terminal: [Request::new(); 2],
            tills: [till(true), till(self.story == Story::TwoIds)],
            told: Default::default(),
            crashes: self.crashes,
            fills: self.fills,
            cuts: self.cuts,
        }]
    }

    fn actions(&self, _: &State, steps: &mut Vec<Step>) {
        for till in 0..2 {
            steps.extend([
                Step::Pays(till),
                Step::PaysAndIsCutOff(till),
                Step::PayArrives(till),
                Step::IsCutOff(till),
                Step::Asks(till),
                Step::SaysAcknowledge(till),
                Step::AcknowledgeArrives(till),
            ]);
        }
        for id in self.ids() {
            steps.extend([
                Step::Cancels(id),
                Step::Resolves(id, true),
                Step::Resolves(id, false),
                Step::Releases(id),
                Step::Records(id, Dialled::Connected),
                Step::Records(id, Dialled::Refused),
                Step::Records(id, Dialled::NotYet),
                Step::HoldsBack(id),
                Step::DialsLate(id),
                Step::IsNotReached(id),
                Step::Sends(id),
                Step::ReadsTheAnswer(id),
                Step::FindsTheLineClosed(id),
                Step::HasWaitedEnough(id),
                Step::Closes(id),
                Step::StopsListening(id),
                Step::HearsALateAnswer(id),
                Step::ClosesLate(id),
                Step::Charges(id),
                Step::Refuses(id),
                Step::Answers(id),
                Step::HangsUp(id),
            ]);
        }
        steps.extend([Step::Crashes, Step::Restarts, Step::DiskFills, Step::DiskIsCleaned]);
    }

    fn next_state(&self, before: &State, step: Step) -> Option<State> {
        let mut state = before.clone();
        let possible = match step {
            Step::Pays(till)
            | Step::PaysAndIsCutOff(till)
            | Step::PayArrives(till)
            | Step::IsCutOff(till)
            | Step::Asks(till)
            | Step::SaysAcknowledge(till)
            | Step::AcknowledgeArrives(till) => state.up && self.till_step(&mut state, till, step),
            Step::Cancels(id) | Step::Resolves(id, _) | Step::Releases(id) => {
                state.up && self.person_step(&mut state, id, step)
            }
            Step::Charges(id) | Step::Refuses(id) | Step::Answers(id) | Step::HangsUp(id) => {
                self.terminal_step(&mut state, id, step)
            }
            Step::Crashes | Step::Restarts | Step::DiskFills | Step::DiskIsCleaned => {
                self.machine_step(&mut state, step)
            }
            Step::Records(id, _)
            | Step::HoldsBack(id)
            | Step::DialsLate(id)
            | Step::IsNotReached(id)
            | Step::Sends(id)
            | Step::ReadsTheAnswer(id)
            | Step::FindsTheLineClosed(id)
            | Step::HasWaitedEnough(id)
            | Step::Closes(id)
            | Step::StopsListening(id)
            | Step::HearsALateAnswer(id)
            | Step::ClosesLate(id) => state.up && self.hub_step(&mut state, id, step),
        };
        (possible && state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Rule> {
        rules().into_iter().chain(reachable(self.story)).collect()
    }
}

impl Shop {
    fn till_step(&self, state: &mut State, till: Till, step: Step) -> bool {
        let id = self.id_of(till);
        let TillState { online, may_pay, pay_on_its_way, heard, acknowledging } = state.tills[till];
        let cut_off = TillState {
            online: false,
            may_pay: false,
            pay_on_its_way,
            heard: None,
            acknowledging: None,
        };
        match step {
            // `Session::pay`.
            Step::Pays(_) if online && may_pay => self.begin(state, till, true),
            // The page is reloaded: what it wrote last is still on its way.
            Step::PaysAndIsCutOff(_) if online && may_pay && state.cuts > 0 => {
                state.cuts -= 1;
                state.tills[till] = TillState { pay_on_its_way: true, ..cut_off };
            }
            Step::PayArrives(_) if pay_on_its_way => {
                state.tills[till].pay_on_its_way = false;
                let may_pay = state.tills[till].may_pay;
                self.begin(state, till, false);
                // Whoever wrote that `pay` is not there to be refused.
                state.tills[till].may_pay = may_pay;
            }
            Step::IsCutOff(_) if online && state.cuts > 0 => {
                state.cuts -= 1;
                state.tills[till] = cut_off;
            }
            // `payment`, on a new socket the first thing: rule 1 of the protocol.
            Step::Asks(_) => {
                state.tills[till].online = true;
                self.watch(state, till);
            }
            // Two ids are acknowledged as one is: left out there, the states are a fifth.
            Step::SaysAcknowledge(_)
                if online && acknowledging.is_none() && self.story == Story::OneId =>
            {
                let known = state.journal[id].is_some_and(|record| record.acknowledged.is_none());
                if !known {
                    return false;
                }
                state.tills[till].acknowledging = heard;
            }
            // `Hub::acknowledge`.
            Step::AcknowledgeArrives(_) => {
                let Some(said) = acknowledging else { return false };
                state.tills[till].acknowledging = None;
                let unsaved =
                    matches!(state.live[id], Phase::Closing { .. } | Phase::Unsaved { .. });
                let Some(record) = &mut state.journal[id] else { return true };
                let meant = record.closed == Some(said) || self.has(Bug::AcknowledgesUnheard);
                let open = record.closed.is_none() || unsaved || state.disk_full;
                if meant && !open && record.acknowledged.is_none() {
                    record.acknowledged = Some(said);
                }
            }
            _ => return false,
        }
        true
    }

    fn person_step(&self, state: &mut State, id: Id, step: Step) -> bool {
        match step {
            // `Hub::cancel`: before the request left; after it nothing changes.
            Step::Cancels(_) if matches!(state.live[id], Phase::SlowDial | Phase::Ready) => {
                self.closing(state, id, Word::NotSent);
            }
            // `Hub::resolve`: only an outcome that is unknown, settled once, and on disk.
            Step::Resolves(_, charged) if !state.disk_full => {
                let lives = matches!(state.live[id], Phase::Closing { .. } | Phase::Unsaved { .. });
                let Some(record) = &mut state.journal[id] else { return false };
                let in_doubt = record.closed.is_some_and(Word::is_unknown);
                if lives || !in_doubt || record.resolved.is_some() {
                    return false;
                }
                record.resolved = Some(charged);
                // `Hub::free_terminal`.
                if let Phase::Listening { freed } = &mut state.live[id] {
                    *freed = true;
                }
            }
            // `Hub::release`.
            Step::Releases(_) if !state.disk_full => match &mut state.live[id] {
                Phase::Listening { freed } => *freed = true,
                Phase::Closing { word, freed } | Phase::Unsaved { word, freed }
                    if word.outcome().may_come_late() =>
                {
                    *freed = true;
                }
                _ => return false,
            },
            _ => return false,
        }
        true
    }

    fn hub_step(&self, state: &mut State, id: Id, step: Step) -> bool {
        match (step, state.live[id]) {
            // `Journal::opened` beside the dial, then `Hub::record`.
            (Step::Records(_, dialled), Phase::Dialling { by }) => {
                if self.has(Bug::SendFirst) && dialled == Dialled::Connected {
                    state.live[id] = Phase::Ready;
                    return true;
                }
                if state.disk_full {
                    state.live[id] = Phase::None;
                    self.tell(state, id, Word::NotSent, false, by);
                    let told = state.told[id].words.contains(Word::NotSent);
                    state.denied[id] |= told && !self.has(Bug::ForgetsUnrecorded);
                    return true;
                }
                state.journal[id] = Some(Record { may_have_left: true, ..Record::default() });
                match dialled {
                    Dialled::Connected => state.live[id] = Phase::Ready,
                    Dialled::NotYet => state.live[id] = Phase::Overdue,
                    Dialled::Refused => self.closing(state, id, Word::NotSent),
                }
            }
            // `Hub::hold_back`; a disk that refuses leaves it for a person.
            (Step::HoldsBack(_), Phase::Overdue) => {
                if !state.disk_full {
                    state.journal[id].get_or_insert_default().may_have_left = false;
                }
                state.live[id] = Phase::SlowDial;
            }
            // `slow_dial`: `Journal::sending` before the request goes.
            (Step::DialsLate(_), Phase::SlowDial) => {
                if state.disk_full {
                    self.closing(state, id, Word::NotSent);
                } else {
                    state.journal[id].get_or_insert_default().may_have_left = true;
                    state.live[id] = Phase::Ready;
                }
            }
            // `exchange::dial` fails, or `Dialogue::still_open` finds it closed.
            (Step::IsNotReached(_), Phase::SlowDial | Phase::Ready) => {
                self.closing(state, id, Word::NotSent);
            }
            // `Dialogue::send`.
            (Step::Sends(_), Phase::Ready) => {
                state.live[id] = Phase::Asked;
                let request = &mut state.terminal[id];
                request.requests += 1;
                (request.card, request.line) = (Card::Asked, Line::Open);
            }
            // `Dialogue::answer`, then `payment::judge`.
            (Step::ReadsTheAnswer(_), Phase::Asked)
                if state.terminal[id].line == Line::Answered =>
            {
                state.terminal[id].line = Line::None;
                let word = state.terminal[id].word();
                self.closing(state, id, word);
            }
            (Step::FindsTheLineClosed(_), Phase::Asked)
                if state.terminal[id].line == Line::HungUp =>
            {
                state.terminal[id].line = Line::None;
                self.closing(state, id, Word::Lost);
            }
            // The answer deadline: `Unanswered::Silence`.
            (Step::HasWaitedEnough(_), Phase::Asked) => {
                if self.has(Bug::Resend) && state.terminal[id].requests == 1 {
                    state.live[id] = Phase::Ready;
                } else {
                    self.closing(state, id, Word::Silent);
                }
            }
            (Step::Closes(_), Phase::Closing { word, freed }) => {
                self.close(state, id, word, freed);
            }
            // Every `DISK_RETRY`.
            (Step::Closes(_), Phase::Unsaved { word, freed }) if !state.disk_full => {
                self.close(state, id, word, freed);
            }
            // `Hub::listen`: the time is over, or the terminal hung up.
            (Step::StopsListening(_), Phase::Listening { .. }) => {
                state.terminal[id].line = Line::None;
                state.live[id] = Phase::None;
            }
            (Step::HearsALateAnswer(_), Phase::Listening { .. })
                if state.terminal[id].line == Line::Answered =>
            {
                state.terminal[id].line = Line::None;
                let word = state.terminal[id].word();
                state.live[id] = Phase::ClosingLate { word, unsaved: false };
            }
            // `Hub::close_late`.
            (Step::ClosesLate(_), Phase::ClosingLate { word, .. }) => {
                if state.disk_full {
                    state.live[id] = Phase::ClosingLate { word, unsaved: true };
                    self.tell(state, id, word, false, None);
                } else {
                    let record = state.journal[id].get_or_insert_default();
                    (record.closed, record.late) = (Some(word), true);
                    record.acknowledged = None;
                    self.tell(state, id, word, true, None);
                    state.live[id] = Phase::None;
                }
            }
            _ => return false,
        }
        true
    }

    fn terminal_step(&self, state: &mut State, id: Id, step: Step) -> bool {
        let request = &mut state.terminal[id];
        match step {
            Step::Charges(_) if request.card == Card::Asked => {
                request.charges += 1;
                request.card = Card::Done;
            }
            Step::Refuses(_) if request.card == Card::Asked => request.card = Card::Done,
            Step::Answers(_) if request.card == Card::Done && request.line == Line::Open => {
                request.line = Line::Answered;
            }
            // And goes on with what it was asked.
            Step::HangsUp(_) if request.line == Line::Open => request.line = Line::HungUp,
            _ => return false,
        }
        true
    }

    fn machine_step(&self, state: &mut State, step: Step) -> bool {
        match step {
            // A power cut: memory and sockets are gone, the disk and the terminal are not.
            Step::Crashes if state.up && state.crashes > 0 => {
                state.crashes -= 1;
                state.up = false;
                state.live = [Phase::None; 2];
                state.denied = [false; 2];
                for till in &mut state.tills {
                    *till = TillState {
                        online: false,
                        may_pay: false,
                        pay_on_its_way: false,
                        heard: None,
                        acknowledging: None,
                    };
                }
                for request in &mut state.terminal {
                    request.line = Line::None;
                }
            }
            // `Journal::open` and `rows::close_open`; without a disk there is no relay.
            Step::Restarts if !state.up && !state.disk_full => {
                state.up = true;
                for record in state.journal.iter_mut().flatten() {
                    if record.closed.is_none() {
                        let left = record.may_have_left && !self.has(Bug::RecoversAsNotSent);
                        record.closed = Some(if left { Word::Lost } else { Word::NotSent });
                        record.by_restart = true;
                    }
                }
            }
            Step::DiskFills if !state.disk_full && state.fills > 0 => {
                state.fills -= 1;
                state.disk_full = true;
            }
            Step::DiskIsCleaned if state.disk_full => state.disk_full = false,
            _ => return false,
        }
        true
    }
}

const ONE_REQUEST: &str = "no request leaves twice for one id";
const RECORD_FIRST: &str = "no byte leaves before its record is durable";
const OUTCOME_FIRST: &str = "no outcome is told as durable before it is";
const NO_MEANS_NO: &str = "what was told not sent or declined was not charged";
const YES_MEANS_YES: &str = "what was told approved was charged";
const CONTRADICTION: &str = "a person's no beside the terminal's yes is told as a contradiction";
const ONE_AT_A_TIME: &str = "a terminal carries one payment unless a person freed it";
const NO_RECORD: &str = "nothing leaves for an id that the relay said it does not know";
const UNDELIVERED: &str = "an outcome is acknowledged only by a till that heard it";
const CHARGED_IS_KEPT: &str = "what is charged is on record, and not as a no";

/// All there is of one id, for a rule to look at.
struct Seen<'a> {
    request: Request,
    record: Option<Record>,
    told: &'a Told,
    live: Phase,
}

impl State {
    fn each(&self, rule: impl Fn(&Seen) -> bool) -> bool {
        self.seen().all(|seen| rule(&seen))
    }

    fn some(&self, rule: impl Fn(&Seen) -> bool) -> bool {
        self.seen().any(|seen| rule(&seen))
    }

    fn seen(&self) -> impl Iterator<Item = Seen<'_>> {
        (0..2).map(|id| Seen {
            request: self.terminal[id],
            record: self.journal[id],
            told: &self.told[id],
            live: self.live[id],
        })
    }
}

impl Seen<'_> {
    fn record(&self) -> Record {
        self.record.unwrap_or_default()
    }

    fn was_told(&self, charged: Charged) -> bool {
        self.told.words.any(|word| word.outcome().charged() == charged)
    }
}

fn rules() -> Vec<Rule> {
    vec![
        Rule::always(ONE_REQUEST, |_, state| state.each(|id| id.request.requests <= 1)),
        Rule::always(RECORD_FIRST, |_, state| {
            state.each(|id| id.request.requests == 0 || id.record().may_have_left)
        }),
        // What is on record may have gone from unknown to yes or no since.
        Rule::always(OUTCOME_FIRST, |_, state| {
            state.each(|id| {
                let now = id.record().closed;
                let breaks =
                    |word: Word| now != Some(word) && !(now.is_some() && word.is_unknown());
                !id.told.durable.any(breaks)
            })
        }),
        Rule::always(NO_MEANS_NO, |_, state| {
            state.each(|id| !id.was_told(Charged::No) || id.request.charges == 0)
        }),
        Rule::always(YES_MEANS_YES, |_, state| {
            state.each(|id| !id.was_told(Charged::Yes) || id.request.charges == 1)
        }),
        Rule::always(CHARGED_IS_KEPT, |_, state| {
            state.each(|id| {
                let says_no = |word: Word| word.outcome().charged() == Charged::No;
                id.request.charges == 0 || id.record.is_some_and(|r| !r.closed.is_some_and(says_no))
            })
        }),
        Rule::always(CONTRADICTION, |_, state| {
            state.each(|id| {
                let said_no = id.record().resolved == Some(false);
                let told_yes = id.told.durable.contains(Word::Approved);
                !(said_no && told_yes) || id.told.contradicted
            })
        }),
        Rule::always(ONE_AT_A_TIME, |_, state| {
            let carried = state.live.iter().filter(|live| match live {
                Phase::Dialling { .. }
                | Phase::Overdue
                | Phase::SlowDial
                | Phase::Ready
                | Phase::Asked => true,
                Phase::Closing { freed, .. } | Phase::Listening { freed } => !freed,
                Phase::Unsaved { word, freed } => *word == Word::Silent && !freed,
                Phase::None | Phase::ClosingLate { .. } => false,
            });
            carried.count() <= 1
        }),
        Rule::always(NO_RECORD, |_, state| {
            state.each(|id| !id.told.no_record || id.request.requests == 0)
        }),
        Rule::always(UNDELIVERED, |_, state| {
            state.each(|id| {
                let Record { acknowledged, closed, .. } = id.record();
                acknowledged.is_none() || acknowledged == closed
            })
        }),
    ]
}

/// What has to be reachable, or the rules above hold for nothing.
fn reachable(story: Story) -> Vec<Rule> {
    let both = [
        Rule::sometimes("approved late", |_, state| {
            state.some(|id| id.record().late && id.told.durable.contains(Word::Approved))
        }),
        Rule::sometimes("charged, and unknown after a crash", |_, state| {
            state.some(|id| {
                let told = id.told.durable.contains(Word::Lost);
                id.record().by_restart && told && id.request.charges == 1
            })
        }),
        Rule::sometimes("not sent after a crash", |_, state| {
            state.some(|id| id.record().by_restart && id.told.durable.contains(Word::NotSent))
        }),
        Rule::sometimes("approved, and told again after a crash", |shop, state| {
            let heard = |till: &TillState| till.heard == Some(Word::Approved);
            state.crashes < shop.crashes && state.tills.iter().any(heard)
        }),
        Rule::sometimes("a person said no, and the terminal yes", |_, state| {
            state.some(|id| id.told.contradicted)
        }),
        Rule::sometimes("charged after the terminal hung up", |_, state| {
            state.some(|id| id.request.charges == 1 && id.told.durable.contains(Word::Lost))
        }),
        Rule::sometimes("told approved while the disk refuses it", |_, state| {
            let unsaved = |live| matches!(live, Phase::Unsaved { word: Word::Approved, .. });
            state.some(|id| unsaved(id.live) && id.told.words.contains(Word::Approved))
        }),
        Rule::sometimes("told approved, flagged, and unknown after a crash", |_, state| {
            state.some(|id| id.record().by_restart && id.told.words.contains(Word::Approved))
        }),
    ];
    let one_id = [
        Rule::sometimes("a late answer is acknowledged again", |_, state| {
            state.some(|id| id.record().late && id.record().acknowledged == Some(Word::Approved))
        }),
        Rule::sometimes("an old socket's pay comes too late", |_, state| {
            state.some(|id| id.told.id_denied)
        }),
        Rule::sometimes("two pages have heard it", |_, state| {
            state.tills.iter().all(|till| till.heard == Some(Word::Approved))
        }),
    ];
    let two_ids = [
        Rule::sometimes(
            "a freed terminal serves the next, and the late answer comes",
            |_, state| {
                let late = |live| matches!(live, Phase::ClosingLate { word: Word::Approved, .. });
                state.live.iter().any(|live| late(*live)) && state.live.contains(&Phase::Asked)
            },
        ),
        Rule::sometimes("both are charged, told and on record", |_, state| {
            state.each(|id| id.request.charges == 1 && id.told.durable.contains(Word::Approved))
        }),
    ];
    let mut all = Vec::from(both);
    match story {
        Story::OneId => all.extend(one_id),
        Story::TwoIds => all.extend(two_ids),
    }
    all
}

const ONE_ID: Shop = Shop { story: Story::OneId, bug: None, crashes: 2, fills: 1, cuts: 2 };
const TWO_IDS: Shop = Shop { story: Story::TwoIds, bug: None, crashes: 1, fills: 1, cuts: 0 };

/// Visits every state; gives how many there are.
fn every_way(shop: Shop) -> usize {
    let checked = shop.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
    println!("{} states, at most {} steps away", checked.unique_state_count(), checked.max_depth());
    checked.unique_state_count()
}

/// The rule that a mistake breaks, by the shortest way to it.
fn breaks(shop: Shop, bug: Bug, rule: &'static str) {
    let shop = Shop { bug: Some(bug), ..shop };
    let found = HasDiscoveries::AllOf([rule].into());
    let checked = shop.checker().finish_when(found).spawn_bfs().join();
    let way = checked.assert_any_discovery(rule).into_actions();
    println!("{rule}: {way:?}");
}

#[test]
fn one_id_from_two_pages_keeps_every_rule() {
    assert!(every_way(ONE_ID) > 50_000, "the model has lost most of its states");
}

#[test]
fn two_payments_on_one_terminal_keep_every_rule() {
    assert!(every_way(TWO_IDS) > 50_000, "the model has lost most of its states");
}

#[test]
fn sending_again_is_caught() {
    breaks(ONE_ID, Bug::Resend, ONE_REQUEST);
}

#[test]
fn telling_before_it_is_durable_is_caught() {
    breaks(ONE_ID, Bug::TellFirst, OUTCOME_FIRST);
}

#[test]
fn sending_before_it_is_durable_is_caught() {
    breaks(ONE_ID, Bug::SendFirst, RECORD_FIRST);
    breaks(ONE_ID, Bug::SendFirst, NO_RECORD);
}

#[test]
fn a_restart_that_says_not_sent_of_everything_is_caught() {
    breaks(ONE_ID, Bug::RecoversAsNotSent, NO_MEANS_NO);
    breaks(ONE_ID, Bug::RecoversAsNotSent, CHARGED_IS_KEPT);
}

#[test]
fn an_id_that_is_not_denied_is_caught() {
    breaks(ONE_ID, Bug::DeniesNothing, NO_RECORD);
}

#[test]
fn a_deadline_that_frees_the_terminal_is_caught() {
    breaks(TWO_IDS, Bug::DeadlineFrees, ONE_AT_A_TIME);
}

#[test]
fn an_id_that_is_free_again_after_not_sent_was_told_is_caught() {
    breaks(ONE_ID, Bug::ForgetsUnrecorded, NO_MEANS_NO);
}

#[test]
fn an_acknowledgement_of_what_nobody_heard_is_caught() {
    breaks(ONE_ID, Bug::AcknowledgesUnheard, UNDELIVERED);
}

// What the model found, as stories.

/// [`Bug::ForgetsUnrecorded`]: one page is told `not_sent`, the other one pays
/// with the same id, and the card is charged.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_id_of_which_a_till_was_told_not_sent_is_never_begun_again() {
    let (terminal, off) = (Terminal::start().await, Unreachable::new().await);
    let folder = tempfile::tempdir().unwrap();
    let terminals = [("comptoir", terminal.address), ("loin", off.address)];
    let config = configure(folder.path(), &terminals, "");
    let mut command = Command::new("bash");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "bash", PROGRAM, "run", "--json", "--config"]);
    let relay = Running::from(command.arg(&config));
    let disk = |limit: &str| {
        let (pid, limit) = (relay.child.id().to_string(), format!("--fsize={limit}:unlimited"));
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    };
    let (mut one, mut two) = (relay.till("Caisse 1").await, relay.till("Caisse 1").await);
    disk("1024");
    // The second page has to ask while the first one's payment waits for its record.
    let (id, told) = loop {
        // An id that is asked about too late is denied: the next one may be luckier.
        let id = new_id();
        one.say(order(&id, "loin")).await;
        two.say(json!({ "type": "payment", "id": id })).await;
        assert_eq!(one.refusal().await["code"], "journal_unavailable");
        let first = two.next().await.unwrap();
        if first["type"] == "payment" {
            let closed = first["phase"] == "closed";
            break (id.clone(), if closed { first } else { two.outcome(&id).await });
        }
    };
    assert_eq!((&told["outcome"], &told["charged"]), (&json!("not_sent"), &json!("no")));
    disk("unlimited");
    one.say(order(&id, "comptoir")).await;
    let answer = one.next().await.unwrap();
    assert_eq!(answer["code"], "id_denied", "{answer:#}");
    assert!(terminal.charges().is_empty());
}

#[cfg(target_os = "linux")]
fn order(id: &str, terminal: &str) -> Value {
    let mut order = debit(id, 12_50);
    order["terminal"] = json!(terminal);
    order
}

/// [`Bug::AcknowledgesUnheard`]: the till acknowledges "unknown" while "approved"
/// is on its way to it, loses its socket, and is never told.
#[tokio::test]
async fn an_acknowledgement_of_unknown_does_not_acknowledge_the_late_approval() {
    let shop = Store::with("answer_s = 1").await;
    shop.terminal.will(Does::new(Ends::Person));
    let (mut till, mut witness) = (shop.till("Caisse 1").await, shop.till("Caisse 2").await);
    let id = till.debit(12_50).await["id"].as_str().unwrap().to_owned();
    witness.payment(&id).await;
    while !shop.terminal.simulator.press(Key::Chip) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    witness.until(&id, |payment| payment["late"] == true).await;
    // This till has read "unknown" and nothing since.
    till.say(json!({ "type": "acknowledge", "id": id, "outcome": "unknown" })).await;
    while till.refusal().await["code"] != "outcome_changed" {}
    drop(till);
    let back = shop.till("Caisse 1").await;
    assert_eq!(back.welcome["unacknowledged"][0]["outcome"], "approved");
}

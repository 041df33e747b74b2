//! What a payment is and what the terminal does with it: its amount says it.

use crate::chance::Chance;

/// Amount, how often in a thousand, and what the terminal does then.
const MISBEHAVIOURS: &[(u64, u64, &str)] = &[
    (101, 60, "outcome = \"decline\"\nreport = \"04\""),
    (102, 10, "outcome = \"decline\"\nissuer_code = \"51\"\nissuer_message = \"FUNDS\""),
    (103, 10, "outcome = \"approve\"\nsplit = \"before_status\"\npause_ms = 20"),
    (104, 10, "outcome = \"approve\"\nsplit = \"every_byte\"\npause_ms = 0"),
    (105, 10, "outcome = \"approve\"\npaid = 120"),
    (106, 10, "outcome = \"approve\"\npaid = 90"),
    (107, 10, "outcome = \"approve\"\nanswer_amount = \"absent\"\nstatus_position = \"last\""),
    (108, 6, "outcome = \"close\""),
    (109, 6, "outcome = \"close\"\ncharged = false"),
    (110, 6, "outcome = \"reset\""),
    (111, 6, "outcome = \"reset\"\ncharged = false"),
    (112, 6, "outcome = \"garbage\""),
    (113, 6, "outcome = \"garbage\"\ncharged = false"),
    (114, 3, "outcome = \"silence\""),
    (115, 3, "outcome = \"silence\"\ncharged = false"),
    (116, 10, "outcome = \"approve\"\ndelay_ms = 1600"),
    (117, 6, "outcome = \"decline\"\nreport = \"06\"\ndelay_ms = 1500"),
    (118, 10, "outcome = \"approve\"\ndelay_ms = 1100\nafter = \"keep_open\""),
    (119, 6, "outcome = \"approve\"\nreport = \"09\""),
    (120, 5, "outcome = \"approve\"\nfields = { CD = \"1\" }"),
    (121, 5, "outcome = \"approve\"\nfields = { CE = \"840\" }"),
    (122, 10, "outcome = \"approve\"\naccepted_first_ms = 20"),
    (123, 2, "outcome = \"approve\"\naccepted_first_ms = 1200"),
    (124, 6, "outcome = \"approve\"\ncut_at = 30"),
    (125, 10, "outcome = \"approve\"\njunk = \"\\u0002\""),
    (126, 15, "outcome = \"approve\"\nafter = \"keep_open\""),
    (127, 10, "outcome = \"approve\"\nafter = \"reset\""),
    (128, 5, "outcome = \"concert_v2\""),
    (129, 10, "outcome = \"approve\"\ndelay_ms = 30\nfinishes_alone = false"),
    (130, 40, "outcome = \"approve\"\ndelay_ms = 20"),
    (131, 15, "outcome = \"approve\"\ndelay_ms = 100"),
];

/// Those of them that charge nothing.
const UNCHARGED: &[u64] = &[101, 102, 109, 111, 113, 115, 117];

/// No terminal takes longer than this with what it was asked.
pub const SLOWEST_TERMINAL_MS: u64 = 1600;

/// A terminal that is off.
pub const OFF: &str = "off";
/// A terminal that lets a connection wait.
pub const SLOW: &str = "slow";

/// The script of every terminal.
pub fn script() -> String {
    let mut script = "quiet_ms = 1\n".to_owned();
    for (amount, _, step) in MISBEHAVIOURS {
        script += &format!("[[step]]\namount = {amount}\n{step}\n");
    }
    script + "[[step]]\noutcome = \"approve\"\n"
}

/// How a till misbehaves once `pay` is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It waits.
    Waits,
    /// It says the same again at once.
    Repeats,
    /// It asks again and again.
    AsksAgain,
    /// It wishes that it had not, a moment later.
    Cancels,
    /// It wishes so when the terminal has the request.
    CancelsWhenSent,
    /// It wishes so when it is over.
    CancelsAfter,
    /// The same sale again under another id, at once.
    PaysAgain,
    /// The same page in a second tab.
    TwoTabs,
    /// Its socket breaks at once.
    BreaksAtOnce,
    /// Its socket breaks at the first message about the payment.
    BreaksWhenTold,
    /// It is reloaded: a new socket, `pay` again, while the old one lives.
    Reloads,
    /// It has heard the outcome and vanishes before it can note it.
    ForgetsOutcome,
    /// Says `acknowledge` twice.
    AcknowledgesTwice,
    /// Uses the id again for another order.
    ReusesId,
}

const MANNERS: &[(Manner, u64)] = &[
    (Manner::Repeats, 40),
    (Manner::AsksAgain, 40),
    (Manner::Cancels, 20),
    (Manner::CancelsWhenSent, 15),
    (Manner::CancelsAfter, 10),
    (Manner::PaysAgain, 25),
    (Manner::TwoTabs, 20),
    (Manner::BreaksAtOnce, 15),
    (Manner::BreaksWhenTold, 15),
    (Manner::Reloads, 15),
    (Manner::ForgetsOutcome, 15),
    (Manner::AcknowledgesTwice, 40),
    (Manner::ReusesId, 10),
];

/// One attempt to be paid, as the seed has it.
#[derive(Clone)]
pub struct Plan {
    pub terminal: String,
    pub operation: &'static str,
    pub amount: u64,
    pub manner: Manner,
    /// Where it was not paid, it is tried again.
    pub persists: bool,
    /// The person who settles doubts comes late.
    pub person_is_late: bool,
    /// That person does not read the ticket, and says this.
    pub guess: Option<bool>,
    /// Another person settles it at the same moment, and says the same or not.
    pub second_person: Option<bool>,
    /// While it is in doubt the cashier tries again under another id.
    pub is_impatient: bool,
    /// And pays despite the doubt.
    pub dares: bool,
    /// Whoever waits frees the terminal.
    pub releases: bool,
    /// It only tries whether the relay refuses: nothing is ever charged for it.
    pub is_probe: bool,
}

impl Plan {
    /// The plan of one attempt. `home` is the terminal beside the till.
    pub fn of(chance: &mut Chance, home: u64, terminals: u64) -> Plan {
        let at = if chance.permille(900) { home } else { chance.below(terminals) };
        let terminal = match chance.below(1000) {
            0..15 => OFF.to_owned(),
            15..30 => SLOW.to_owned(),
            _ => format!("tpe-{at:02}"),
        };
        let amount = amount(chance);
        let operation = if chance.permille(30) { "refund" } else { "debit" };
        let mut rest = chance.below(1000);
        let mut manner = Manner::Waits;
        for (kind, often) in MANNERS {
            if rest < *often {
                manner = *kind;
                break;
            }
            rest -= often;
        }
        Plan {
            terminal,
            operation,
            amount,
            manner,
            persists: chance.permille(600),
            person_is_late: chance.permille(200),
            guess: chance.permille(200).then(|| chance.permille(500)),
            second_person: chance.permille(300).then(|| chance.permille(500)),
            is_impatient: chance.permille(350),
            dares: chance.permille(600),
            releases: chance.permille(250),
            is_probe: false,
        }
    }

    /// The same, of an order that no terminal ever charges: should the first
    /// be over by now, it is taken, rightly.
    pub fn probe(mut self, chance: &mut Chance) -> Plan {
        self.amount = *chance.pick(UNCHARGED);
        self.operation = "debit";
        self.manner = Manner::Waits;
        self.persists = false;
        self.is_probe = true;
        self
    }
}

fn amount(chance: &mut Chance) -> u64 {
    let mut rest = chance.below(1000);
    for (amount, often, _) in MISBEHAVIOURS {
        if rest < *often {
            return *amount;
        }
        rest -= often;
    }
    2000 + chance.below(9000)
}

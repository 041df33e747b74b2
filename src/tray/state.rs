//! What is known of the relay, from what it says to who holds its key.

use crate::payment::{Amount, Currency};
use crate::words::{self, Lang};
use serde_json::Value;
use std::collections::HashSet;

/// What is known of the relay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// A relay answers.
    pub up: bool,
    /// It runs in this process.
    pub own: bool,
    /// It takes no new payment.
    pub stopping: bool,
    /// Its terminals.
    pub terminals: Vec<Terminal>,
    /// How many payments nobody knows the outcome of.
    pub unknown: u64,
    /// The disk refuses an outcome.
    pub unsaved: bool,
    /// The origins that wait for a person.
    pub waiting: Vec<String>,
    /// The pairing code that is open.
    pub pairing: Option<String>,
    /// The payment that was asked for last.
    pub last: Option<Last>,
    /// Whether the icon comes when the session opens, where that can be told.
    pub at_login: Option<bool>,
    lang: Lang,
    /// Browsers that did not trust the certificate, and how many a person knows of.
    distrust: u64,
    distrust_seen: u64,
    /// Payments that hold a terminal although they are over.
    over: HashSet<String>,
}

/// A terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Its name for people.
    pub label: String,
    /// Who holds it.
    pub held: Option<Held>,
}

/// Who holds a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The payment; none for an exchange without money.
    pub payment: Option<String>,
    /// The till.
    pub till: String,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    seq: u64,
    /// Written out.
    pub amount: String,
    /// As in the browser protocol; none while it is open.
    pub outcome: Option<String>,
    /// A person has said what the ticket says.
    pub settled: bool,
}

impl State {
    /// Nothing is known. `lang` is the language of amounts.
    pub fn new(lang: Lang) -> State {
        State { lang, ..State::default() }
    }

    /// The relay went away: what it said is worth nothing now.
    pub fn went(&mut self) {
        let (own, at_login, lang) = (self.own, self.at_login, self.lang);
        *self = State { own, at_login, lang, ..State::default() };
    }

    /// Takes in what the relay says.
    pub fn hear(&mut self, message: &Value) {
        match message["type"].as_str() {
            Some("overview") => self.overview(message),
            Some("payment") => self.payment(message),
            Some("payments") => {
                message["payments"].as_array().into_iter().flatten().for_each(|p| self.payment(p));
            }
            Some("pairing") => self.pairing = text(&message["code"]),
            Some("stopping") => self.stopping = true,
            _ => {}
        }
    }

    /// The tills that take a payment now. One whose payment is over, and whose
    /// terminal is only still listened to, takes none.
    pub fn paying(&self) -> Vec<&str> {
        let held = self.terminals.iter().filter_map(|terminal| terminal.held.as_ref());
        let open = |held: &&Held| held.payment.as_ref().is_some_and(|id| !self.over.contains(id));
        held.filter(open).map(|held| held.till.as_str()).collect()
    }

    /// Whether nothing is lost when the relay stops now.
    pub fn may_quit(&self) -> bool {
        !self.own || self.paying().is_empty()
    }

    /// Whether a browser does not trust the certificate, and nobody has looked yet.
    pub fn distrusts(&self) -> bool {
        self.distrust > self.distrust_seen
    }

    /// A person has looked.
    pub fn saw_distrust(&mut self) {
        self.distrust_seen = self.distrust;
    }

    fn overview(&mut self, overview: &Value) {
        let terminals = overview["terminals"].as_array().into_iter().flatten();
        self.terminals = terminals
            .map(|terminal| {
                let held = &terminal["held_by"];
                let till = text(&held["till"]);
                let held = till.map(|till| Held { payment: text(&held["payment"]), till });
                Terminal { label: text(&terminal["label"]).unwrap_or_default(), held }
            })
            .collect();
        let holding: HashSet<_> = self
            .terminals
            .iter()
            .filter_map(|terminal| terminal.held.as_ref()?.payment.as_ref())
            .collect();
        self.over.retain(|id| holding.contains(id));
        let origins = overview["origins"].as_array().into_iter().flatten();
        let waiting = origins.filter(|origin| origin["state"] == "waiting");
        self.waiting = waiting.filter_map(|origin| text(&origin["origin"])).collect();
        self.unknown = overview["unknown"].as_u64().unwrap_or_default();
        self.unsaved = overview["journal"]["unsaved"].as_u64().unwrap_or_default() > 0;
        self.pairing = text(&overview["pairing"]["code"]);
        self.distrust = overview["distrust"]["count"].as_u64().unwrap_or_default();
    }

    fn payment(&mut self, payment: &Value) {
        if payment["phase"] == "closed"
            && let Some(id) = text(&payment["id"])
        {
            self.over.insert(id);
        }
        let seq = payment["seq"].as_u64().unwrap_or_default();
        if self.last.as_ref().is_some_and(|last| last.seq > seq) {
            return;
        }
        let money = |key: &str| payment[key].as_u64().and_then(Amount::new);
        let currency = payment["currency"].as_str().and_then(Currency::from_letters);
        let amount = money("paid").or_else(|| money("amount")).zip(currency);
        self.last = Some(Last {
            seq,
            amount: amount
                .map(|(amount, currency)| words::amount(amount, currency, self.lang))
                .unwrap_or_default(),
            outcome: text(&payment["outcome"]),
            settled: !payment["resolved"].is_null(),
        });
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

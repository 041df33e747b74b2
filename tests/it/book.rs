//! The tables of the book (`docs`) are what the program says.
//! `UPDATE_BOOK=1 cargo test --test it book` writes them.

use caisse_relay::payment::{NotSent, Operation, Report, Why};
use caisse_relay::simulator::{MAGIC, Magic};
use caisse_relay::words::{
    Computer, Entry, Finding, House, Lang, Sentence, Shop, Wellness, report,
};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const LANGUAGES: [(Lang, &str); 2] = [(Lang::Fr, "fr"), (Lang::En, "en")];
const PROTOCOL: &str = include_str!("../../web-client/PROTOCOL.md");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Markdown that shows this text.
fn shown(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// A table of the book, in both languages: `rows` makes the cells of each.
fn check(file: &str, heads: [[&str; 2]; 2], rows: impl Fn(Lang) -> Vec<[String; 2]>) {
    for ((lang, folder), [first, second]) in LANGUAGES.into_iter().zip(heads) {
        let mut table = format!("| {first} | {second} |\n|---|---|\n");
        for [code, sentence] in rows(lang) {
            writeln!(table, "| {code} | {} |", shown(&sentence)).unwrap();
        }
        let path = root().join("docs").join(folder).join("words").join(file);
        if std::env::var_os("UPDATE_BOOK").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &table).unwrap();
        }
        let told = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            told == table,
            "docs/{folder}/words/{file} is not what the program says; run UPDATE_BOOK=1 cargo test --test it book"
        );
    }
}

const CASHIER: [[&str; 2]; 2] =
    [["code", "ce que lit le caissier"], ["code", "what the cashier reads"]];

fn terminal() -> String {
    "Comptoir".into()
}

#[test]
fn reasons_of_not_sent() {
    check("not_sent.md", CASHIER, |lang| {
        let said = |why: &NotSent| {
            let act = Operation::Debit;
            [
                format!("`{}`", why.code()),
                lang.say(&Sentence::NotSent { act, why: *why, terminal: terminal() }),
            ]
        };
        NotSent::ALL.iter().map(said).collect()
    });
}

#[test]
fn reasons_of_unknown() {
    check("unknown.md", CASHIER, |lang| {
        let said = |why: &Why| {
            let act = Operation::Debit;
            [
                format!("`{}`", why.code()),
                lang.say(&Sentence::Unknown { act, why: *why, terminal: terminal() }),
            ]
        };
        Why::ALL.iter().map(said).collect()
    });
}

#[test]
fn reports_of_the_terminal() {
    let heads = [["`AF`", "ce que dit le terminal"], ["`AF`", "what the terminal says"]];
    check("reports.md", heads, |lang| {
        let said = |code: u32| {
            let code = format!("{code:02}");
            [format!("`{code}`"), report(&Report::read(&code), lang)]
        };
        (0..=13).map(said).collect()
    });
}

#[test]
fn amounts_of_the_simulated_terminal() {
    let heads = [["montant", "ce qui se passe"], ["amount", "what happens"]];
    check("amounts.md", heads, |lang| {
        // The demonstration page sets them itself.
        let set = |text: &str| {
            let marks = [" :", " ;", "« ", " »"];
            marks.iter().fold(text.to_owned(), |text, mark| {
                text.replace(mark, &mark.replace(" ", "\u{a0}"))
            })
        };
        let said = |magic: &Magic| {
            let (units, cents) = (magic.amount / 100, magic.amount % 100);
            let amount = format!("`{units}{}{cents:02}`", lang.pick(',', '.'));
            [amount, set(lang.pick(magic.label_fr, magic.label_en))]
        };
        MAGIC.iter().map(said).collect()
    });
}

#[test]
fn answers_to_identify() {
    let heads = [["état", "ce que dit le relais"], ["state", "what the relay says"]];
    check("identify.md", heads, |lang| {
        let states = [
            ("ready", Sentence::TerminalReady { terminal: terminal() }),
            (
                "not_reached",
                Sentence::TerminalNotReached { why: NotSent::ConnectTimeout, terminal: terminal() },
            ),
            ("silent", Sentence::TerminalSilent { terminal: terminal() }),
            ("concert_v2", Sentence::TerminalConcertV2 { terminal: terminal() }),
            ("not_understood", Sentence::TerminalNotUnderstood { terminal: terminal() }),
        ];
        states.map(|(code, sentence)| [format!("`{code}`"), lang.say(&sentence)]).into()
    });
}

/// Every code of `refused`, with its sentences.
fn refusals() -> Vec<(&'static str, Sentence)> {
    use Sentence as S;
    vec![
        ("bad_message", S::BadMessage { detail: "…".into() }),
        ("bad_amount", S::BadAmount),
        ("bad_currency", S::BadCurrency { currency: "EURO".into() }),
        ("bad_reference", S::BadReference),
        (
            "unknown_terminal",
            S::UnknownTerminal { asked: Some("bar".into()), known: "comptoir".into() },
        ),
        ("unknown_terminal", S::UnknownTerminal { asked: None, known: "comptoir, bar".into() }),
        ("terminal_busy", S::TerminalBusy { till: "Caisse 2".into() }),
        ("id_reused", S::IdReused),
        ("possible_double_charge", S::PossibleDoubleCharge { first: "…".into() }),
        ("not_held", S::NotHeld { terminal: terminal() }),
        ("id_denied", S::IdDenied),
        ("unknown_payment", S::UnknownPayment),
        ("outcome_changed", S::OutcomeChanged),
        ("not_closed", S::NotClosed),
        ("not_unknown", S::NotUnknown),
        ("unsupported", S::MeansOnlyForDebit),
        ("unsupported", S::MovesMoney),
        ("journal_unavailable", S::JournalUnavailable),
        ("journal_unavailable", S::NotRecordedNow),
        ("journal_unreadable", S::JournalUnreadable),
        ("shutting_down", S::ShuttingDown),
        ("not_permitted", S::Entry(Entry::TerminalNotPermitted { terminal: terminal() })),
        ("not_permitted", S::Entry(Entry::ActNotPermitted)),
        ("not_permitted", S::Entry(Entry::OnlyWithKey)),
        ("bad_code", S::Entry(Entry::WrongCode { left: 4 })),
        ("bad_ticket", S::Entry(Entry::BadTicket)),
        ("pairing_closed", S::Entry(Entry::PairingClosed)),
        ("till_taken", S::Entry(Entry::TillTaken { till: "Caisse 2".into() })),
        ("bad_origin", S::Entry(Entry::NotAnOrigin { text: "boutique".into() })),
        ("unknown_till", S::Entry(Entry::NoSuchTill { till: "Caisse 2".into() })),
        ("rate_limited", S::RateLimited),
        ("rate_limited", S::Entry(Entry::PairingTooOften)),
    ]
}

#[test]
fn refusals_of_a_message() {
    check("refused.md", CASHIER, |lang| {
        let rows = refusals().into_iter();
        rows.map(|(code, sentence)| [format!("`{code}`"), lang.say(&sentence)]).collect()
    });
    let codes = PROTOCOL.split("## Codes of `refused`").nth(1).unwrap();
    let codes = codes.split("## ").next().unwrap().lines().filter(|row| row.starts_with("| `"));
    let published =
        codes.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    let mut count = 0;
    for code in published {
        count += 1;
        assert!(refusals().iter().any(|(known, _)| *known == code), "{code} has no sentence here");
    }
    assert!(count >= 24, "{count}");
}

/// Everything that the doctor finds fault with.
fn faults() -> Vec<Finding> {
    use {Computer as C, House as H, Shop as S};
    let text = |text: &str| text.to_owned();
    let (at, until, port) = (text("192.168.1.50:8888"), text("2027-01-31"), 9443);
    let store = || text("nss");
    let browser = || text("chromium");
    let house = [
        H::ConfigBroken { problem: text("…") },
        H::ConfigNoTerminal { file: text("caisse-relay.toml") },
        H::PortFree { address: text("127.0.0.1:9443") },
        H::PortTaken { address: text("127.0.0.1:9443"), who: None },
        H::RelayElsewhere { process: text("1234"), address: text("127.0.0.1:9443") },
        H::RelayNotAsked { why: text("…") },
        H::CertificateEndsSoon { until: until.clone(), brought: false },
        H::CertificateEnded { until: until.clone(), brought: false },
        H::CertificateNotYet { from: until },
        H::CertificateNone,
        H::CertificateUnreadable { why: text("…") },
        H::NamesMissing { names: text("192.168.1.20"), brought: false },
        H::StoreDoesNot { store: store(), serves: text("Chromium") },
        H::StoreLeftovers { store: store(), count: 1 },
        H::StoreUnclear { store: store(), why: text("…") },
        H::NoStore,
        H::PolicyLeftovers { browser: browser() },
        H::PolicyUnclear { browser: browser(), why: text("…") },
    ];
    let firewall = || text("ufw");
    let command = || text("sudo ufw allow 9443/tcp");
    let computer = [
        C::ClockImplausible { now: text("1970-01-01") },
        C::ClockBehindRecord { now: text("2026-01-01"), last: text("2026-11-23") },
        C::FirewallClosed { firewall: firewall(), port, command: command() },
        C::FirewallUnclear { firewall: firewall(), port, command: command() },
        C::SleepAfter { what: text("…") },
        C::SleepUnclear,
        C::AutostartOther { ways: text("…") },
        C::AutostartNone,
        C::AutostartUnclear,
        C::JournalDamaged { said: text("…"), file: text("payments.db") },
        C::JournalUnreadable { said: text("…") },
        C::Unknown { count: 1 },
        C::Unacknowledged { count: 1 },
        C::OutboxWaits { count: 1, since: text("2026-11-23") },
        C::RoomLow { free: text("90 MB") },
        C::RoomGone { free: text("1 MB") },
        C::RoomUnclear,
        C::Events { count: 1, last: text("…") },
    ];
    let at = || at.clone();
    let shop = [
        S::TerminalMoved {
            terminal: terminal(),
            from: text("192.168.1.50"),
            to: text("192.168.1.63"),
        },
        S::TerminalNoName { terminal: terminal(), host: text("tpe.local") },
        S::TerminalPublic { terminal: terminal(), host: text("tpe.example") },
        S::TerminalRefused { terminal: terminal(), at: at(), open: String::new() },
        S::TerminalTimeout { terminal: terminal(), at: at(), same_network: true },
        S::TerminalNoRoute { terminal: terminal(), at: at() },
        S::TerminalHangsUp { terminal: terminal(), at: at() },
        S::TerminalSilent { terminal: terminal(), at: at() },
        S::TerminalConcertV2 { terminal: terminal(), at: at() },
        S::TerminalNotUnderstood { terminal: terminal(), at: at() },
        S::PagesWaiting { origins: text("https://boutique.example") },
        S::PagesNone,
        S::TillsNone,
        S::Distrust { count: 1, who: text("192.168.1.30"), at: text("10:42") },
    ];
    let house = house.into_iter().map(Finding::from);
    house
        .chain(computer.into_iter().map(Finding::from))
        .chain(shop.into_iter().map(Finding::from))
        .collect()
}

#[test]
fn findings_of_the_doctor() {
    let heads = [
        ["code", "ce que dit le docteur, *et le remède*"],
        ["code", "what the doctor says, *and the remedy*"],
    ];
    check("doctor.md", heads, |lang| {
        let said = faults().into_iter().map(|finding| {
            let found = lang.diagnose(&finding);
            assert_ne!(found.state, Wellness::Ok, "{}", found.code);
            [
                format!("`{}`", found.code),
                format!("{} *{}*", found.message, found.remedy.unwrap_or_default()),
            ]
        });
        said.collect()
    });
    let told: Vec<_> = faults().iter().map(|finding| Lang::Fr.diagnose(finding).code).collect();
    for source in ["house", "computer", "shop"] {
        let source =
            fs::read_to_string(root().join("src/words/doctor").join(source).with_extension("rs"))
                .unwrap();
        for kind in ["warning(\n", "failure(\n"] {
            for rest in source.split(kind).skip(1) {
                let code = rest.split('"').nth(1).unwrap();
                assert!(told.contains(&code), "{code} is a finding that the book does not have");
            }
        }
    }
}

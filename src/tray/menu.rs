//! What the icon shows, from what is known of the relay: pure.

use super::state::State;
use crate::words::{Lang, Sentence, Tray};

/// The four states of the icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Light {
    /// Payments can be taken.
    Ready,
    /// A payment is in progress.
    Paying,
    /// Somebody has to look.
    Attention,
    /// No relay answers.
    Stopped,
}

/// The icon as it is to be seen, whatever draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// Its state.
    pub light: Light,
    /// The same as a sentence.
    pub tip: String,
    /// Its menu.
    pub menu: Vec<Entry>,
}

/// A line of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Something to read.
    Text(String),
    /// Something to click.
    Button(String, Click),
    /// Something that is on or off.
    Switch(String, bool, Click),
    /// A menu of its own.
    Group(String, Vec<Entry>),
    /// A line between two parts.
    Line,
}

/// What a person clicks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Click {
    /// The relay's page.
    OpenPage,
    /// The relay's page, because a browser does not trust the certificate.
    SeeDistrust,
    /// Pages of this origin may come in.
    Allow(String),
    /// They may not.
    Refuse(String),
    /// A code for a till of the network.
    OpenPairing,
    /// The code that is open is no longer good.
    ClosePairing,
    /// Whether the icon comes when the session opens.
    StartAtLogin(bool),
    /// A file for who helps.
    Bundle,
    /// The end, unless a payment is open.
    Quit,
    /// The end, although a payment is open.
    QuitAnyway,
}

/// What the icon shows.
pub fn face(state: &State, lang: Lang) -> Face {
    let say = |tray| lang.say(&Sentence::Tray(tray));
    let (light, tip) = light(state);
    Face { light, tip: say(tip), menu: menu(state, &say) }
}

fn light(state: &State) -> (Light, Tray) {
    let paying = state.paying();
    if !state.up {
        (Light::Stopped, Tray::Stopped)
    } else if !paying.is_empty() {
        (Light::Paying, Tray::Paying { tills: paying.join(", ") })
    } else if state.stopping {
        (Light::Attention, Tray::Stopping)
    } else if state.unsaved {
        (Light::Attention, Tray::Unsaved)
    } else if state.unknown > 0 {
        (Light::Attention, Tray::ToSettle { count: state.unknown })
    } else if !state.waiting.is_empty() {
        (Light::Attention, Tray::Waiting { count: state.waiting.len() })
    } else if state.distrusts() {
        (Light::Attention, Tray::Distrust)
    } else if state.terminals.is_empty() {
        (Light::Attention, Tray::NoTerminal)
    } else {
        (Light::Ready, Tray::Ready)
    }
}

fn menu(state: &State, say: &dyn Fn(Tray) -> String) -> Vec<Entry> {
    let button = |tray, click| Entry::Button(say(tray), click);
    let mut menu = Vec::new();
    if state.up {
        menu.extend(terminals(state, say));
        menu.push(Entry::Text(last_payment(state, say)));
        if state.unknown > 0 {
            menu.push(button(Tray::Settle { count: state.unknown }, Click::OpenPage));
        }
        if state.distrusts() {
            menu.push(button(Tray::Distrust, Click::SeeDistrust));
        }
        menu.push(Entry::Line);
        menu.extend(state.waiting.iter().map(|origin| {
            let choice = vec![
                button(Tray::Allow, Click::Allow(origin.clone())),
                button(Tray::Refuse, Click::Refuse(origin.clone())),
            ];
            Entry::Group(say(Tray::AsksToComeIn { origin: origin.clone() }), choice)
        }));
        match &state.pairing {
            Some(code) => {
                menu.push(Entry::Text(say(Tray::PairingCode { code: code.clone() })));
                menu.push(button(Tray::ClosePairing, Click::ClosePairing));
            }
            None => menu.push(button(Tray::OpenPairing, Click::OpenPairing)),
        }
        menu.push(button(Tray::OpenPage, Click::OpenPage));
    } else {
        menu.push(Entry::Text(say(Tray::Stopped)));
    }
    menu.push(Entry::Line);
    if let Some(on) = state.at_login {
        menu.push(Entry::Switch(say(Tray::StartAtLogin), on, Click::StartAtLogin(!on)));
    }
    menu.push(button(Tray::Bundle, Click::Bundle));
    let runs = if state.own { Tray::RunsHere } else { Tray::RunsElsewhere };
    let version = Tray::Version { version: env!("CARGO_PKG_VERSION").into() };
    let about = [version, Tray::Licence, runs].map(|line| Entry::Text(say(line)));
    menu.push(Entry::Group(say(Tray::About), about.into()));
    menu.push(quit(state, say));
    menu
}

/// Who closes the icon of another relay stops nothing. Who stops the relay during
/// a payment is asked first: the question is a menu, which every panel can show.
fn quit(state: &State, say: &dyn Fn(Tray) -> String) -> Entry {
    match (state.own, state.may_quit()) {
        (false, _) => Entry::Button(say(Tray::QuitIcon), Click::Quit),
        (true, true) => Entry::Button(say(Tray::Quit), Click::Quit),
        (true, false) => {
            let question = vec![
                Entry::Text(say(Tray::PaymentOpen)),
                Entry::Button(say(Tray::QuitAnyway), Click::QuitAnyway),
            ];
            Entry::Group(say(Tray::Quit), question)
        }
    }
}

fn terminals(state: &State, say: &dyn Fn(Tray) -> String) -> Vec<Entry> {
    if state.terminals.is_empty() {
        return vec![Entry::Text(say(Tray::NoTerminal))];
    }
    let line = |terminal: &super::state::Terminal| {
        let label = terminal.label.clone();
        Entry::Text(say(match &terminal.held {
            Some(held) => Tray::TerminalBusy { terminal: label, till: held.till.clone() },
            None => Tray::TerminalFree { terminal: label },
        }))
    };
    state.terminals.iter().map(line).collect()
}

fn last_payment(state: &State, say: &dyn Fn(Tray) -> String) -> String {
    let Some(last) = &state.last else { return say(Tray::NoPayment) };
    let what = match last.outcome.as_deref() {
        None => Tray::OutcomeOpen,
        Some("approved") => Tray::OutcomeApproved,
        Some("declined") => Tray::OutcomeDeclined,
        Some("not_sent") => Tray::OutcomeNotSent,
        Some(_) if last.settled => Tray::OutcomeSettled,
        Some(_) => Tray::OutcomeUnknown,
    };
    say(Tray::LastPayment { amount: last.amount.clone(), what: say(what) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn overview() -> Value {
        json!({
            "type": "overview",
            "unknown": 0,
            "journal": { "unsaved": 0 },
            "terminals": [{ "name": "bar", "label": "Bar", "state": "free", "held_by": null }],
            "origins": [{ "origin": "https://a.example", "state": "allowed" }],
            "pairing": null,
            "distrust": null,
        })
    }

    fn busy(payment: &str) -> Value {
        let mut busy = overview();
        let held_by = json!({ "payment": payment, "till": "Caisse 1" });
        busy["terminals"][0]["state"] = "busy".into();
        busy["terminals"][0]["held_by"] = held_by;
        busy
    }

    fn payment(id: &str, seq: u64, outcome: Option<&str>) -> Value {
        json!({
            "type": "payment", "id": id, "seq": seq, "amount": 1250, "paid": null,
            "currency": "EUR", "resolved": null, "outcome": outcome,
            "phase": if outcome.is_some() { "closed" } else { "waiting" },
        })
    }

    fn up(messages: &[Value]) -> State {
        let mut state = State::new(Lang::Fr);
        (state.up, state.own) = (true, true);
        messages.iter().for_each(|message| state.hear(message));
        state
    }

    fn shown(state: &State) -> (Light, Vec<String>) {
        let face = face(state, Lang::Fr);
        (face.light, flat(&face.menu))
    }

    fn flat(menu: &[Entry]) -> Vec<String> {
        let lines = menu.iter().flat_map(|entry| match entry {
            Entry::Text(text) | Entry::Button(text, _) => vec![text.clone()],
            Entry::Switch(text, on, _) => vec![format!("{text} {on}")],
            Entry::Group(text, inner) => {
                let inner = flat(inner).into_iter().map(|line| format!("{text} > {line}"));
                [text.clone()].into_iter().chain(inner).collect()
            }
            Entry::Line => vec!["-".into()],
        });
        lines.map(|line| line.replace('\u{a0}', " ")).collect()
    }

    fn clicks(menu: &[Entry]) -> Vec<Click> {
        let all = menu.iter().flat_map(|entry| match entry {
            Entry::Button(_, click) | Entry::Switch(_, _, click) => vec![click.clone()],
            Entry::Group(_, inner) => clicks(inner),
            Entry::Text(_) | Entry::Line => Vec::new(),
        });
        all.collect()
    }

    #[test]
    fn a_shop_at_rest_is_ready() {
        let (light, menu) = shown(&up(&[payment("a", 7, Some("approved")), overview()]));
        assert_eq!(light, Light::Ready);
        assert_eq!(
            menu,
            [
                "Bar : libre",
                "Dernier paiement : 12,50 EUR, accepté",
                "-",
                "Appairer une caisse du réseau…",
                "Ouvrir la page du relais…",
                "-",
                "Préparer un diagnostic…",
                "À propos",
                concat!("À propos > Caisse Relay ", env!("CARGO_PKG_VERSION")),
                "À propos > Licence MIT ou Apache-2.0",
                "À propos > Cette icône fait tourner le relais",
                "Arrêter le relais",
            ]
        );
    }

    #[test]
    fn a_payment_in_progress_is_seen_and_quitting_asks() {
        let state = up(&[overview(), payment("a", 1, None), busy("a")]);
        let (light, menu) = shown(&state);
        assert_eq!(light, Light::Paying);
        assert!(menu.contains(&"Bar : occupé par Caisse 1".into()), "{menu:?}");
        assert!(menu.contains(&"Dernier paiement : 12,50 EUR, en cours".into()), "{menu:?}");
        let question = "Arrêter le relais > Un paiement est en cours : arrêter quand même ?";
        assert!(menu.contains(&question.into()), "{menu:?}");
        let clicks = clicks(&face(&state, Lang::Fr).menu);
        assert!(clicks.contains(&Click::QuitAnyway) && !clicks.contains(&Click::Quit));

        let mut other = state.clone();
        other.own = false;
        let menu = shown(&other).1;
        assert_eq!(menu.last().unwrap(), "Fermer l'icône (le relais continue)");
    }

    #[test]
    fn a_terminal_that_an_unknown_payment_holds_asks_for_a_person() {
        let mut late = busy("a");
        late["unknown"] = 1.into();
        let state = up(&[overview(), busy("a"), payment("a", 1, Some("unknown")), late.clone()]);
        let (light, menu) = shown(&state);
        assert_eq!(light, Light::Attention, "nobody waits in front of the terminal");
        assert!(menu.contains(&"1 paiement inconnu à régler…".into()), "{menu:?}");
        assert!(state.may_quit(), "it is unknown already: stopping changes nothing");

        let next = up(&[busy("a"), payment("a", 1, Some("unknown")), late, busy("b")]);
        assert_eq!(shown(&next).0, Light::Paying);
    }

    #[test]
    fn an_origin_that_waits_is_allowed_or_refused() {
        let mut waits = overview();
        waits["origins"][0]["state"] = "waiting".into();
        let state = up(&[waits, overview()]);
        assert_eq!(shown(&state).0, Light::Ready, "the last overview counts");
        let mut waits = overview();
        waits["origins"][0]["state"] = "waiting".into();
        let state = up(&[waits]);
        assert_eq!(shown(&state).0, Light::Attention);
        let clicks = clicks(&face(&state, Lang::Fr).menu);
        assert_eq!(clicks[0], Click::Allow("https://a.example".into()));
        assert_eq!(clicks[1], Click::Refuse("https://a.example".into()));
    }

    #[test]
    fn distrust_asks_for_a_person_until_one_has_looked() {
        let distrusted = |count: u64| {
            let mut overview = overview();
            overview["distrust"] = json!({ "count": count });
            overview
        };
        let mut state = up(&[distrusted(2)]);
        assert_eq!(shown(&state).0, Light::Attention);
        state.saw_distrust();
        assert_eq!(shown(&state).0, Light::Ready);
        state.hear(&distrusted(3));
        assert_eq!(shown(&state).0, Light::Attention);
    }

    #[test]
    fn what_the_disk_refuses_and_a_code_that_is_open_are_shown() {
        let mut unsaved = overview();
        unsaved["journal"]["unsaved"] = 1.into();
        unsaved["pairing"] = json!({ "code": "123456" });
        let (light, menu) = shown(&up(&[unsaved]));
        assert_eq!(light, Light::Attention);
        assert!(menu.contains(&"Code d'appairage : 123456".into()), "{menu:?}");
        assert!(menu.contains(&"Fermer ce code".into()), "{menu:?}");
    }

    #[test]
    fn a_relay_that_does_not_answer_is_stopped_and_nothing_is_offered_that_needs_it() {
        let mut state = up(&[busy("a")]);
        state.went();
        let (light, menu) = shown(&state);
        assert_eq!(light, Light::Stopped);
        assert!(menu[0].starts_with("Arrêté"), "{menu:?}");
        let clicks = clicks(&face(&state, Lang::Fr).menu);
        assert_eq!(clicks, [Click::Bundle, Click::Quit]);
    }

    #[test]
    fn every_state_is_said_in_both_languages() {
        let state = up(&[busy("a"), payment("a", 1, Some("declined"))]);
        let (french, english) = (face(&state, Lang::Fr), face(&state, Lang::En));
        assert_ne!(french.tip, english.tip);
        assert_eq!(french.menu.len(), english.menu.len());
    }
}

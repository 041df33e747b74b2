//! What is around the relay.

use super::{Checked, failure, ok, warning};
use crate::words::Lang;

/// What was found of terminals, pages and tills.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Shop {
    TerminalReady { terminal: String, at: String, version: String, identifier: String },
    TerminalBusy { terminal: String, till: String },
    TerminalMoved { terminal: String, from: String, to: String },
    TerminalNoName { terminal: String, host: String },
    TerminalPublic { terminal: String, host: String },
    TerminalRefused { terminal: String, at: String, open: String },
    TerminalTimeout { terminal: String, at: String, same_network: bool },
    TerminalNoRoute { terminal: String, at: String },
    TerminalHangsUp { terminal: String, at: String },
    TerminalSilent { terminal: String, at: String },
    TerminalConcertV2 { terminal: String, at: String },
    TerminalNotUnderstood { terminal: String, at: String },
    PagesWaiting { origins: String },
    PagesNone,
    Pages { count: usize },
    Tills { paired: usize, connected: usize },
    TillsNone,
    Distrust { count: u64, who: String, at: String },
}

#[expect(clippy::too_many_lines, reason = "a table of sentences")]
pub(super) fn said(shop: &Shop, lang: Lang) -> Checked {
    use Shop as S;
    let pick = |french: String, english: String| lang.pick(french, english);
    let find = || {
        pick(
            "Si son adresse a changé : caisse-relay terminals discover.".into(),
            "If its address has changed: caisse-relay terminals discover.".into(),
        )
    };
    let caisse_ap = || {
        pick(
            "Sur le terminal, activez « Caisse AP » sur IP (Concert V3) ; le menu est celui de l'installateur.".into(),
            "On the terminal, switch on “Caisse AP” over IP (Concert V3); the menu is the installer's.".into(),
        )
    };
    let checked = match shop {
        S::TerminalReady { at, version, identifier, terminal } => ok(
            "terminal_ready",
            pick(
                format!("Le terminal {terminal} répond ({at}, {version}, {identifier})."),
                format!("The terminal {terminal} answers ({at}, {version}, {identifier})."),
            ),
        ),
        S::TerminalBusy { till, terminal } => ok(
            "terminal_busy",
            pick(
                format!("Le terminal {terminal} est occupé par {till} : il n'a pas été dérangé."),
                format!("The terminal {terminal} is busy with {till}: it was left alone."),
            ),
        ),
        S::TerminalMoved { from, to, terminal } => warning(
            "terminal_moved",
            pick(
                format!("Le terminal {terminal} a changé d'adresse : {from} est devenu {to}."),
                format!("The terminal {terminal} has another address: {from} became {to}."),
            ),
            pick(
                format!("Mettez address = \"{to}\" dans la configuration, ou réservez l'adresse dans la box."),
                format!("Set address = \"{to}\" in the configuration, or reserve the address in the router."),
            ),
        ),
        S::TerminalNoName { host, terminal } => failure(
            "terminal_no_name",
            pick(
                format!("Le terminal {terminal} : le nom {host} n'a pas d'adresse."),
                format!("The terminal {terminal}: the name {host} has no address."),
            ),
            pick(
                "Donnez son adresse IP dans la configuration. caisse-relay terminals discover la trouve.".into(),
                "Give its IP address in the configuration. caisse-relay terminals discover finds it.".into(),
            ),
        ),
        S::TerminalPublic { host, terminal } => failure(
            "terminal_public",
            pick(
                format!("Le terminal {terminal} : le nom {host} mène hors de la boutique, le relais n'y va pas."),
                format!("The terminal {terminal}: the name {host} leads out of the shop, and the relay does not go there."),
            ),
            pick("Donnez son adresse IP privée.".into(), "Give its private IP address.".into()),
        ),
        S::TerminalRefused { at, open, terminal } => failure(
            "terminal_refused",
            pick(
                format!("Le terminal {terminal} refuse la connexion ({at})."),
                format!("The terminal {terminal} refuses the connection ({at})."),
            ),
            if open.is_empty() {
                format!("{} {}", caisse_ap(), find())
            } else {
                pick(
                    format!("Il répond sur {open} : essayez ce port dans la configuration."),
                    format!("It takes connections on {open}: try this port in the configuration."),
                )
            },
        ),
        S::TerminalTimeout { at, same_network, terminal } => failure(
            "terminal_timeout",
            pick(
                format!("Le terminal {terminal} ne répond pas ({at}) : éteint, en veille, ou une autre adresse."),
                format!("The terminal {terminal} does not answer ({at}): switched off, asleep, or another address."),
            ),
            if *same_network {
                find()
            } else {
                pick(
                    format!("Cet ordinateur n'est pas dans le même réseau que {at} : branchez les deux sur la même box. {}", find()),
                    format!("This computer is not in the same network as {at}: connect both to the same router. {}", find()),
                )
            },
        ),
        S::TerminalNoRoute { at, terminal } => failure(
            "terminal_no_route",
            pick(
                format!("Aucune route vers le terminal {terminal} ({at})."),
                format!("There is no route to the terminal {terminal} ({at})."),
            ),
            pick(
                format!("Vérifiez le câble ou le Wi-Fi de cet ordinateur. {}", find()),
                format!("Check the cable or Wi-Fi of this computer. {}", find()),
            ),
        ),
        S::TerminalHangsUp { at, terminal } => failure(
            "terminal_hangs_up",
            pick(
                format!("Le terminal {terminal} raccroche aussitôt ({at}) : occupé, ou réglé autrement."),
                format!("The terminal {terminal} hangs up at once ({at}): busy, or set otherwise."),
            ),
            pick(
                "Regardez son écran : il doit être au repos. Réessayez ensuite.".into(),
                "Look at its screen: it has to be at rest. Then try again.".into(),
            ),
        ),
        S::TerminalSilent { at, terminal } => failure(
            "terminal_silent",
            pick(
                format!("Le terminal {terminal} accepte la connexion et ne dit rien ({at})."),
                format!("The terminal {terminal} takes the connection and says nothing ({at})."),
            ),
            caisse_ap(),
        ),
        S::TerminalConcertV2 { at, terminal } => failure(
            "terminal_concert_v2",
            pick(
                format!("Le terminal {terminal} est réglé sur l'ancien protocole Concert V2 ({at})."),
                format!("The terminal {terminal} is set to the older protocol Concert V2 ({at})."),
            ),
            caisse_ap(),
        ),
        S::TerminalNotUnderstood { at, terminal } => failure(
            "terminal_not_understood",
            pick(
                format!("Ce qui répond à la place du terminal {terminal} ({at}) ne parle pas Caisse-AP."),
                format!("What answers in place of the terminal {terminal} ({at}) does not speak Caisse-AP."),
            ),
            format!("{} {}", find(), caisse_ap()),
        ),
        S::PagesWaiting { origins } => warning(
            "pages_waiting",
            pick(format!("Des pages attendent d'être autorisées : {origins}."), format!("Pages wait to be allowed: {origins}.")),
            pick(
                "Si ce sont les vôtres : caisse-relay origins allow ADRESSE.".into(),
                "If they are yours: caisse-relay origins allow URL.".into(),
            ),
        ),
        S::PagesNone => warning(
            "pages_none",
            pick("Aucune page de caisse n'est autorisée.".into(), "No page of a till is allowed.".into()),
            pick(
                "Ajoutez son origine à allow_origins, ou : caisse-relay origins allow ADRESSE.".into(),
                "Add its origin to allow_origins, or: caisse-relay origins allow URL.".into(),
            ),
        ),
        S::Pages { count } => ok(
            "pages_allowed",
            pick(format!("Pages autorisées : {count}."), format!("Pages allowed: {count}.")),
        ),
        S::Tills { paired, connected } => ok(
            "tills_paired",
            pick(
                format!("Caisses du réseau appairées : {paired}, connectées : {connected}."),
                format!("Tills of the network paired: {paired}, connected: {connected}."),
            ),
        ),
        S::TillsNone => warning(
            "tills_none",
            pick(
                "Le relais écoute le réseau, et aucune caisse n'est appairée.".into(),
                "The relay listens to the network, and no till is paired.".into(),
            ),
            "caisse-relay pair".into(),
        ),
        S::Distrust { count, who, at } => warning(
            "distrust",
            pick(
                format!("{count} connexion(s) refusées par un navigateur qui ne connaît pas le certificat, la dernière de {who} à {at}."),
                format!("{count} connection(s) broken off by a browser that does not know the certificate, the last from {who} at {at}."),
            ),
            pick(
                "Sur cet appareil : caisse-relay certs install, ou la page d'accueil des tablettes.".into(),
                "On that device: caisse-relay certs install, or the page for tablets.".into(),
            ),
        ),
    };
    match terminal_of(shop) {
        Some(terminal) => checked.about(terminal),
        None => checked,
    }
}

fn terminal_of(shop: &Shop) -> Option<&str> {
    use Shop as S;
    match shop {
        S::TerminalReady { terminal, .. }
        | S::TerminalBusy { terminal, .. }
        | S::TerminalMoved { terminal, .. }
        | S::TerminalNoName { terminal, .. }
        | S::TerminalPublic { terminal, .. }
        | S::TerminalRefused { terminal, .. }
        | S::TerminalTimeout { terminal, .. }
        | S::TerminalNoRoute { terminal, .. }
        | S::TerminalHangsUp { terminal, .. }
        | S::TerminalSilent { terminal, .. }
        | S::TerminalConcertV2 { terminal, .. }
        | S::TerminalNotUnderstood { terminal, .. } => Some(terminal),
        _ => None,
    }
}

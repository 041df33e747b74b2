//! What the command line says to the person at the relay.

use super::Lang;

/// Something that the command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Console {
    Code { code: String, minutes: u64 },
    WhereToType { urls: String },
    OnlyThisComputer,
    TabletFirst { url: String },
    Paired { till: String },
    CodeEnded,
    OriginAllowed { origin: String },
    OriginRefused { origin: String },
    OriginForgotten { origin: String },
    NoOrigins,
    Revoked { till: String },
    NoTills,
    AnotherRuns,
    Everything,
    PageOpens,
    NoBrowser { link: String },
    NoNetwork,
    Searching { networks: String },
    LeftAlone { terminals: String },
    NothingFound,
    KnownAs { terminal: String, before: String },
    PasteThis,
    SpeaksConcertV2,
}

pub(super) fn say(console: &Console, lang: Lang) -> String {
    use Console as C;
    match console {
        C::Code { code, minutes } => lang.pick(
            format!("Code d'appairage : {code} (valable {minutes} minutes, 5 essais)"),
            format!("Pairing code: {code} (valid for {minutes} minutes, 5 tries)"),
        ),
        C::WhereToType { urls } => lang.pick(
            format!("Tapez-le sur la caisse, connectée à {urls}"),
            format!("Type it at the till, connected to {urls}"),
        ),
        C::OnlyThisComputer => lang.pick(
            "Ce relais n'écoute que son propre ordinateur : pour une caisse du réseau, mettez `listen` à \
             0.0.0.0:9443 dans sa configuration et redémarrez-le."
                .into(),
            "This relay listens on its own computer only: for a till of the network, set `listen` to \
             0.0.0.0:9443 in its configuration and restart it."
                .into(),
        ),
        C::TabletFirst { url } => lang.pick(
            format!("Une tablette qui ne connaît pas encore le relais ouvre d'abord cette page (15 minutes) : {url}"),
            format!("A tablet that does not know the relay yet opens this page first (15 minutes): {url}"),
        ),
        C::Paired { till } => lang.pick(
            format!("La caisse « {till} » est appairée."),
            format!("The till “{till}” is paired."),
        ),
        C::CodeEnded => lang.pick(
            "Le code n'est plus valable : aucune caisse n'a été appairée.".into(),
            "The code is no longer valid: no till was paired.".into(),
        ),
        C::OriginAllowed { origin } => lang.pick(
            format!("Les pages de {origin} peuvent se connecter."),
            format!("Pages of {origin} may connect."),
        ),
        C::OriginRefused { origin } => lang.pick(
            format!(
                "Les pages de {origin} ne peuvent pas se connecter. `caisse-relay origins forget {origin}` annule ce refus."
            ),
            format!(
                "Pages of {origin} may not connect. `caisse-relay origins forget {origin}` takes that back."
            ),
        ),
        C::OriginForgotten { origin } => lang.pick(
            format!("Rien n'est plus décidé pour {origin}."),
            format!("Nothing is decided about {origin} any more."),
        ),
        C::NoOrigins => lang.pick(
            "Aucune page n'est autorisée et aucune n'attend.".into(),
            "No page is allowed, and none waits.".into(),
        ),
        C::Revoked { till } => lang.pick(
            format!("L'accès de la caisse « {till} » est retiré."),
            format!("The access of the till “{till}” is taken back."),
        ),
        C::AnotherRuns => lang.pick(
            "Un autre relais tourne déjà sur cet ordinateur : l'icône montre celui-là.".into(),
            "Another relay runs on this computer already: the icon shows that one.".into(),
        ),
        C::NoTills => lang.pick(
            "Aucune caisse du réseau n'est appairée.".into(),
            "No till of the network is paired.".into(),
        ),
        C::PageOpens => lang.pick(
            "La page du relais s'ouvre dans le navigateur.".into(),
            "The relay's page opens in the browser.".into(),
        ),
        C::NoBrowser { link } => lang.pick(
            format!(
                "Aucun navigateur n'a pu être ouvert. Ouvrez cette adresse vous-même, et ne la donnez à personne : {link}"
            ),
            format!("No browser could be opened. Open this address yourself, and give it to nobody: {link}"),
        ),
        C::Everything => lang.pick("tout".into(), "everything".into()),
        C::NoNetwork => lang.pick(
            "Cet ordinateur n'est dans aucun réseau privé. Branchez-le, ou donnez un réseau : --network 192.168.1.0/24."
                .into(),
            "This computer is in no private network. Connect it, or name one: --network 192.168.1.0/24."
                .into(),
        ),
        C::Searching { networks } => lang.pick(
            format!("Recherche de terminaux dans {networks} ; aucun argent ne bouge."),
            format!("Looking for terminals in {networks}; no money moves."),
        ),
        C::LeftAlone { terminals } => lang.pick(
            format!("Un relais tourne et peut encaisser avec {terminals} : ces adresses ne sont pas dérangées."),
            format!("A relay runs and may be paying with {terminals}: these addresses are left alone."),
        ),
        C::NothingFound => lang.pick(
            "Aucun autre terminal n'a répondu. Vérifiez qu'il est allumé, sur le même réseau, avec « Caisse AP » sur IP activé.".into(),
            "No other terminal has answered. Check that it is on, in the same network, with “Caisse AP” over IP switched on.".into(),
        ),
        C::KnownAs { terminal, before } => lang.pick(
            format!("C'est « {terminal} », vu auparavant à {before}. Dans la configuration :"),
            format!("This is “{terminal}”, seen before at {before}. In the configuration:"),
        ),
        C::PasteThis => lang.pick(
            "À coller dans la configuration :".into(),
            "To paste into the configuration:".into(),
        ),
        C::SpeaksConcertV2 => lang.pick(
            "Réglé sur l'ancien protocole Concert V2 : activez « Caisse AP » sur IP (Concert V3).".into(),
            "Set to the older protocol Concert V2: switch on “Caisse AP” over IP (Concert V3).".into(),
        ),
    }
}

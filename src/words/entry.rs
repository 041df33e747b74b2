//! Who may come in, and why not.

use super::Lang;

/// What somebody at the door is told, or the person at the relay about them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Entry {
    OriginWaits { origin: String },
    OriginRefused { origin: String },
    NotAPage { origin: String },
    NotPaired,
    Revoked,
    BadKey,
    OnlyWithKey,
    BadTicket,
    TicketTooOften,
    WrongCode { left: u32 },
    PairingClosed,
    PairingTooOften,
    TillTaken { till: String },
    PairingNotRecorded,
    DecisionNotRecorded,
    NoSuchTill { till: String },
    NotAnOrigin { text: String },
    TerminalNotPermitted { terminal: String },
    ActNotPermitted,
    NoHello,
    BrowserDistrusts,
    DeviceDistrusts { address: String },
}

/// French and English stand together, so that one is not changed without the
/// other. The first six are close reasons: at most 123 bytes (RFC 6455).
pub(super) fn say(entry: &Entry, lang: Lang) -> String {
    use Entry as E;
    match entry {
        E::OriginWaits { origin } => lang.pick(
            format!("La page {origin} attend une autorisation, à donner sur le relais."),
            format!("The page {origin} waits to be allowed by a person at the relay."),
        ),
        E::OriginRefused { origin } => lang.pick(
            format!("La page {origin} a été refusée sur le relais."),
            format!("The page {origin} was refused by a person at the relay."),
        ),
        E::NotAPage { origin } => lang.pick(
            format!("La page {origin} ne peut pas être autorisée."),
            format!("The page {origin} cannot be allowed."),
        ),
        E::NotPaired => lang.pick(
            "Cette caisse n'est pas appairée : demandez un code au relais.".into(),
            "This till is not paired: ask the relay for a code.".into(),
        ),
        E::Revoked => lang.pick(
            "L'accès de cette caisse a été retiré sur le relais.".into(),
            "The access of this till was taken back at the relay.".into(),
        ),
        E::NoHello => lang.pick(
            "Aucun « hello » dans les 10 secondes.".into(),
            "No hello within 10 seconds.".into(),
        ),
        E::BadKey => lang.pick(
            "Cette clé n'est pas celle du relais. Rien n'a été changé ; rouvrez la page depuis l'icône du relais \
             ou avec `caisse-relay page`."
                .into(),
            "This key is not the relay's. Nothing was changed; open the page again from the relay's icon or \
             with `caisse-relay page`."
                .into(),
        ),
        E::BadTicket => lang.pick(
            "Ce lien a déjà servi, ou il a plus d'une minute. Relancez `caisse-relay page`, ou rouvrez la page depuis \
             l'icône du relais."
                .into(),
            "This link was used already, or is older than a minute. Run `caisse-relay page` again, or open the page \
             from the relay's icon."
                .into(),
        ),
        E::TicketTooOften => lang.pick(
            "Trop de liens faux : attendez une minute, puis relancez `caisse-relay page`.".into(),
            "Too many wrong links: wait a minute, then run `caisse-relay page` again.".into(),
        ),
        E::OnlyWithKey => lang.pick(
            "Seule la personne qui tient le relais peut faire cela, sur son ordinateur. Rien n'a été changé.".into(),
            "Only the person at the relay can do this, on its computer. Nothing was changed.".into(),
        ),
        E::WrongCode { left: 1 } => lang.pick(
            "Ce code n'est pas le bon. Il reste un essai.".into(),
            "This is not the code. One try is left.".into(),
        ),
        E::WrongCode { left } => lang.pick(
            format!("Ce code n'est pas le bon. Il reste {left} essais."),
            format!("This is not the code. {left} tries are left."),
        ),
        E::PairingClosed => lang.pick(
            "Aucun code n'est ouvert, ou il n'est plus valable. Demandez-en un nouveau sur le relais \
             (`caisse-relay pair`)."
                .into(),
            "No code is open, or it is no longer valid. Ask for a new one at the relay (`caisse-relay pair`)."
                .into(),
        ),
        E::PairingTooOften => lang.pick(
            "Trop de codes faux depuis cet appareil : attendez cinq minutes.".into(),
            "Too many wrong codes from this device: wait five minutes.".into(),
        ),
        E::TillTaken { till } => lang.pick(
            format!(
                "Une caisse « {till} » est déjà appairée : choisissez un autre nom, ou retirez d'abord son accès \
                 sur le relais."
            ),
            format!(
                "A till “{till}” is paired already: choose another name, or take back its access at the relay first."
            ),
        ),
        E::PairingNotRecorded => lang.pick(
            "Le relais ne peut pas enregistrer cette caisse : son disque est plein ou en panne. Libérez de \
             l'espace, puis recommencez avec le même code."
                .into(),
            "The relay cannot record this till: its disk is full or broken. Free some space, then try again with \
             the same code."
                .into(),
        ),
        E::DecisionNotRecorded => lang.pick(
            "Le relais ne peut pas enregistrer cette décision : son disque est plein ou en panne. Rien n'a changé."
                .into(),
            "The relay cannot record this decision: its disk is full or broken. Nothing has changed.".into(),
        ),
        E::NoSuchTill { till } => lang.pick(
            format!("Aucune caisse « {till} » n'est appairée. Rien n'a été changé."),
            format!("No till “{till}” is paired. Nothing was changed."),
        ),
        E::NotAnOrigin { text } => lang.pick(
            format!("« {text} » n'est pas l'origine d'une page ; on l'écrit https://boutique.example."),
            format!("“{text}” is not the origin of a page; one is written https://shop.example."),
        ),
        E::TerminalNotPermitted { terminal } => lang.pick(
            format!("Cette caisse n'a pas le droit d'utiliser le terminal « {terminal} ». Rien n'a été envoyé."),
            format!("This till may not use the terminal “{terminal}”. Nothing was sent."),
        ),
        E::ActNotPermitted => lang.pick(
            "Cette caisse n'a pas le droit de faire cela. Rien n'a été envoyé et rien n'a changé.".into(),
            "This till may not do this. Nothing was sent and nothing has changed.".into(),
        ),
        E::BrowserDistrusts => lang.pick(
            "Un navigateur de cet ordinateur ne fait pas confiance au certificat du relais : lancez \
             `caisse-relay certs install`, puis redémarrez le navigateur."
                .into(),
            "A browser on this machine does not trust the relay's certificate: run `caisse-relay certs install`, \
             then restart the browser."
                .into(),
        ),
        E::DeviceDistrusts { address } => lang.pick(
            format!(
                "L'appareil {address} ne fait pas confiance au certificat du relais : installez-le sur cet appareil."
            ),
            format!("The device {address} does not trust the relay's certificate: install it on that device."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_reasons_are_short_enough_for_a_page_of_an_ordinary_origin() {
        let origin = "https://boutique-de-la-gare.odoo.com".to_owned();
        for entry in [
            Entry::OriginWaits { origin: origin.clone() },
            Entry::OriginRefused { origin: origin.clone() },
            Entry::NotAPage { origin },
            Entry::NotPaired,
            Entry::Revoked,
            Entry::NoHello,
        ] {
            for lang in [Lang::Fr, Lang::En] {
                assert!(say(&entry, lang).len() <= 123, "{entry:?}");
            }
        }
    }
}

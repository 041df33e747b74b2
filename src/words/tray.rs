//! What the icon in the panel says.

use super::Lang;

/// Something that the icon, its menu or its notifications say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Tray {
    Ready,
    Paying { tills: String },
    ToSettle { count: u64 },
    Waiting { count: usize },
    Distrust,
    Unsaved,
    Stopping,
    Stopped,
    TerminalFree { terminal: String },
    TerminalBusy { terminal: String, till: String },
    NoTerminal,
    NoPayment,
    LastPayment { amount: String, what: String },
    OutcomeApproved,
    OutcomeDeclined,
    OutcomeNotSent,
    OutcomeUnknown,
    OutcomeSettled,
    OutcomeOpen,
    Settle { count: u64 },
    AsksToComeIn { origin: String },
    Allow,
    Refuse,
    OpenPairing,
    PairingCode { code: String },
    ClosePairing,
    PairingNotice { code: String },
    OpenPage,
    StartAtLogin,
    Bundle,
    About,
    Version { version: String },
    Licence,
    RunsHere,
    RunsElsewhere,
    Quit,
    QuitIcon,
    QuitAnyway,
    PaymentOpen,
    BundleReady { path: String },
    Failed { what: String },
    Refused { message: String },
}

pub(super) fn say(tray: &Tray, lang: Lang) -> String {
    use Tray as T;
    match tray {
        T::Ready => lang.pick("Prêt à encaisser.".into(), "Ready for payments.".into()),
        T::Paying { tills } => lang.pick(
            format!("Paiement en cours : {tills}."),
            format!("Payment in progress: {tills}."),
        ),
        T::ToSettle { count: 1 } => lang.pick(
            "Un paiement est inconnu : regardez le ticket du terminal.".into(),
            "A payment is unknown: look at the terminal's ticket.".into(),
        ),
        T::ToSettle { count } => lang.pick(
            format!("{count} paiements sont inconnus : regardez les tickets du terminal."),
            format!("{count} payments are unknown: look at the terminal's tickets."),
        ),
        T::Waiting { count: 1 } => lang
            .pick("Une page attend une autorisation.".into(), "A page waits to be allowed.".into()),
        T::Waiting { count } => lang.pick(
            format!("{count} pages attendent une autorisation."),
            format!("{count} pages wait to be allowed."),
        ),
        T::Distrust => lang.pick(
            "Un navigateur ne fait pas confiance au certificat du relais.".into(),
            "A browser does not trust the relay's certificate.".into(),
        ),
        T::Unsaved => lang.pick(
            "Le disque refuse un résultat : aucun nouveau paiement n'est accepté.".into(),
            "The disk refuses an outcome: no new payment is taken.".into(),
        ),
        T::Stopping => lang.pick(
            "Le relais s'arrête : il n'accepte plus de paiement.".into(),
            "The relay stops: it takes no new payment.".into(),
        ),
        T::Stopped => lang.pick(
            "Arrêté : aucun paiement par carte n'est possible depuis la caisse.".into(),
            "Stopped: no card payment is possible from the till.".into(),
        ),
        T::TerminalFree { terminal } => {
            lang.pick(format!("{terminal} : libre"), format!("{terminal}: free"))
        }
        T::TerminalBusy { terminal, till } => lang.pick(
            format!("{terminal} : occupé par {till}"),
            format!("{terminal}: busy with {till}"),
        ),
        T::NoTerminal => lang.pick(
            "Aucun terminal dans la configuration".into(),
            "No terminal in the configuration".into(),
        ),
        T::NoPayment => lang.pick(
            "Aucun paiement ces dernières 24 heures".into(),
            "No payment in the last 24 hours".into(),
        ),
        T::LastPayment { amount, what } => lang.pick(
            format!("Dernier paiement : {amount}, {what}"),
            format!("Last payment: {amount}, {what}"),
        ),
        T::OutcomeApproved => lang.pick("accepté".into(), "approved".into()),
        T::OutcomeDeclined => lang.pick("refusé".into(), "declined".into()),
        T::OutcomeNotSent => lang.pick("non envoyé".into(), "not sent".into()),
        T::OutcomeUnknown => lang.pick("inconnu".into(), "unknown".into()),
        T::OutcomeSettled => {
            lang.pick("réglé par une personne".into(), "settled by a person".into())
        }
        T::OutcomeOpen => lang.pick("en cours".into(), "in progress".into()),
        T::Settle { count: 1 } => {
            lang.pick("1 paiement inconnu à régler…".into(), "1 unknown payment to settle…".into())
        }
        T::Settle { count } => lang.pick(
            format!("{count} paiements inconnus à régler…"),
            format!("{count} unknown payments to settle…"),
        ),
        T::AsksToComeIn { origin } => lang
            .pick(format!("{origin} demande à se connecter"), format!("{origin} asks to connect")),
        T::Allow => lang.pick("Autoriser".into(), "Allow".into()),
        T::Refuse => lang.pick("Refuser".into(), "Refuse".into()),
        T::OpenPairing => {
            lang.pick("Appairer une caisse du réseau…".into(), "Pair a till of the network…".into())
        }
        T::PairingCode { code } => {
            lang.pick(format!("Code d'appairage : {code}"), format!("Pairing code: {code}"))
        }
        T::ClosePairing => lang.pick("Fermer ce code".into(), "Close this code".into()),
        T::PairingNotice { code } => lang.pick(
            format!("Code d'appairage : {code}. Tapez-le sur la caisse dans les 5 minutes."),
            format!("Pairing code: {code}. Type it at the till within 5 minutes."),
        ),
        T::OpenPage => {
            lang.pick("Ouvrir la page du relais…".into(), "Open the relay's page…".into())
        }
        T::StartAtLogin => lang.pick(
            "Démarrer à l'ouverture de session".into(),
            "Start when the session opens".into(),
        ),
        T::Bundle => lang.pick("Préparer un diagnostic…".into(), "Prepare a diagnosis…".into()),
        T::About => lang.pick("À propos".into(), "About".into()),
        T::Version { version } => format!("Caisse Relay {version}"),
        T::Licence => {
            lang.pick("Licence MIT ou Apache-2.0".into(), "Licence MIT or Apache-2.0".into())
        }
        T::RunsHere => lang
            .pick("Cette icône fait tourner le relais".into(), "This icon runs the relay".into()),
        T::RunsElsewhere => lang.pick(
            "Le relais tourne dans un autre programme".into(),
            "The relay runs in another program".into(),
        ),
        T::Quit => lang.pick("Arrêter le relais".into(), "Stop the relay".into()),
        T::QuitIcon => lang.pick(
            "Fermer l'icône (le relais continue)".into(),
            "Close the icon (the relay goes on)".into(),
        ),
        T::QuitAnyway => lang.pick("Arrêter quand même".into(), "Stop all the same".into()),
        T::PaymentOpen => lang.pick(
            "Un paiement est en cours : arrêter quand même ?".into(),
            "A payment is in progress: stop all the same?".into(),
        ),
        T::BundleReady { path } => lang.pick(
            format!("Le diagnostic est prêt : {path}. Il ne contient ni carte ni secret."),
            format!("The diagnosis is ready: {path}. It holds no card and no secret."),
        ),
        T::Failed { what } => {
            lang.pick(format!("Cela n'a pas marché : {what}"), format!("That did not work: {what}"))
        }
        T::Refused { message } => message.clone(),
    }
}

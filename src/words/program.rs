//! What the program says as it starts, pays, stops, and shows itself.

use super::Lang;

/// Something that the program says of itself. Addresses and paths come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Program {
    // The relay's start and end, each in front of what it is about.
    Listens { url: String },
    Page { url: String },
    Numbers { url: String },
    Certificate { path: String },
    LeftOpen,
    NoLog { folder: String, why: String },
    // The simulated terminal's.
    SimulatorListens { address: String },
    Screen { url: String },
    // The demo.
    DemoTerminal { address: String },
    DemoRelay { url: String },
    DemoTill,
    DemoAsks { amount: String },
    DemoAcknowledged,
    DemoLedger { charges: usize },
    DemoTillPage { url: String },
    DemoRelayPage { link: String },
    DemoRelayPageAgain { command: String },
    DemoWarning { path: String },
    DemoStops,
    // A till on the command line.
    NoRelay { address: String },
    OtherCertificate,
    NoAnswer { address: String },
    Silent,
    WentAway,
    Closed { why: String },
    NotAcknowledged { why: String },
    MayBeCharged { why: String, id: String },
    NotInJournal { id: String },
    // What a command cannot do, in front of what the system says.
    CannotListen { address: String },
    CannotRead { path: String },
    CannotOpen { path: String },
    NoCertificateIn { path: String },
    ExportIncomplete,
    DoctorUnfinished,
}

pub(super) fn say(program: &Program, lang: Lang) -> String {
    use Program as P;
    match program {
        P::Listens { url } => lang.pick(
            format!("Caisse Relay écoute sur {url}"),
            format!("Caisse Relay listens on {url}"),
        ),
        P::Page { url } => format!("  page         {url}"),
        P::Numbers { url } => {
            lang.pick(format!("  mesures      {url}"), format!("  metrics      {url}"))
        }
        P::Certificate { path } => {
            lang.pick(format!("  certificat   {path}"), format!("  certificate  {path}"))
        }
        P::LeftOpen => lang.pick(
            "Un paiement n'était pas terminé : il est « inconnu ». Regardez le ticket du terminal avant d'encaisser de nouveau.".into(),
            "A payment was not over: it is “unknown”. Look at the terminal's ticket before you charge again.".into(),
        ),
        P::NoLog { folder, why } => lang.pick(
            format!("aucun fichier de log ne peut être écrit dans {folder} ({why}) ; le relais continue sans"),
            format!("no log can be written in {folder} ({why}); the relay goes on without"),
        ),
        P::SimulatorListens { address } => lang.pick(
            format!("Le terminal simulé écoute sur {address}"),
            format!("Simulated terminal listens on {address}"),
        ),
        P::Screen { url } => {
            lang.pick(format!("  son écran    {url}"), format!("  its screen   {url}"))
        }
        P::DemoTerminal { address } => lang.pick(
            format!("un terminal simulé écoute sur {address}"),
            format!("a simulated terminal listens on {address}"),
        ),
        P::DemoRelay { url } => {
            lang.pick(format!("le relais écoute sur {url}"), format!("the relay listens on {url}"))
        }
        P::DemoTill => lang.pick(
            "une caisse se connecte par WebSocket sécurisé, et ne fait confiance qu'au certificat du relais".into(),
            "a till connects over secure WebSocket, trusting the relay's certificate only".into(),
        ),
        P::DemoAsks { amount } => lang.pick(
            format!("elle demande {amount} ; le client présente une carte"),
            format!("it asks for {amount}; the customer presents a card"),
        ),
        P::DemoAcknowledged => lang.pick(
            "la caisse a noté le résultat et l'acquitte".into(),
            "the till has recorded the outcome and acknowledges it".into(),
        ),
        P::DemoLedger { charges } => lang.pick(
            format!("encaissements dans le registre du terminal lui-même : {charges}"),
            format!("charges in the terminal's own ledger: {charges}"),
        ),
        P::DemoTillPage { url } => lang.pick(
            format!("Ouvrez la caisse de démonstration : {url}"),
            format!("Open the demo till:   {url}"),
        ),
        P::DemoRelayPage { link } => lang.pick(
            format!("Ouvrez la page du relais :           {link}"),
            format!("Open the relay's page: {link}"),
        ),
        P::DemoRelayPageAgain { command } => lang.pick(
            format!("    (ce lien sert une fois, dans la minute ; ensuite : {command})"),
            format!("    (this link is good once and within a minute; later: {command})"),
        ),
        P::DemoWarning { path } => lang.pick(
            format!("Le navigateur met en garde contre le certificat tant qu'il ne fait pas confiance à ce fichier : {path}"),
            format!("The browser warns about the certificate until it trusts this file: {path}"),
        ),
        P::DemoStops => {
            lang.pick("Ctrl-C arrête la démonstration.".into(), "Ctrl-C stops the demo.".into())
        }
        P::NoRelay { address } => lang.pick(
            format!("aucun relais n'écoute sur {address} ; démarrez-en un avec `caisse-relay run`"),
            format!("no relay listens on {address}; start one with `caisse-relay run`"),
        ),
        P::OtherCertificate => lang.pick(
            "le certificat du relais n'est pas celui auquel faire confiance".into(),
            "the relay's certificate is not the one to trust".into(),
        ),
        P::NoAnswer { address } => lang.pick(
            format!("le relais à {address} ne répond pas"),
            format!("the relay at {address} does not answer"),
        ),
        P::Silent => lang.pick("le relais ne dit plus rien".into(), "the relay went silent".into()),
        P::WentAway => {
            lang.pick("la liaison avec le relais s'est coupée".into(), "the relay went away".into())
        }
        P::Closed { why } => lang
            .pick(format!("le relais a fermé la liaison. {why}"), format!("the relay closed. {why}")),
        P::NotAcknowledged { why } => lang.pick(
            format!("le résultat n'est pas acquitté et sera redit : {why}"),
            format!("the outcome is not acknowledged and will be told again: {why}"),
        ),
        P::MayBeCharged { why, id } => lang.pick(
            format!(
                "{why} : la carte a peut-être été débitée ; redemandez avec `caisse-relay journal show {id}`, \
                 ou avec le même --id {id}"
            ),
            format!(
                "{why}: the card may be charged; ask again with `caisse-relay journal show {id}`, \
                 or with the same --id {id}"
            ),
        ),
        P::NotInJournal { id } => lang.pick(
            format!("aucun paiement {id} dans le journal : le relais ne l'a jamais enregistré, donc rien n'a été envoyé pour lui"),
            format!("no payment {id} in the journal: the relay never recorded it, so nothing was sent for it"),
        ),
        P::CannotListen { address } => lang.pick(
            format!("impossible d'écouter sur {address}"),
            format!("cannot listen on {address}"),
        ),
        P::CannotRead { path } => {
            lang.pick(format!("impossible de lire {path}"), format!("cannot read {path}"))
        }
        P::CannotOpen { path } => {
            lang.pick(format!("impossible d'ouvrir {path}"), format!("cannot open {path}"))
        }
        P::NoCertificateIn { path } => lang.pick(
            format!("aucun certificat dans {path}"),
            format!("there is no certificate in {path}"),
        ),
        P::ExportIncomplete => {
            lang.pick("l'export n'est pas complet".into(), "the export is not complete".into())
        }
        P::DoctorUnfinished => lang.pick(
            "l'examen n'est pas arrivé à son terme".into(),
            "the doctor did not come to an end".into(),
        ),
    }
}

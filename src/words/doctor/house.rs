//! The relay's own things.

use super::{Checked, failure, ok, warning};
use crate::words::Lang;

/// What was found of the relay's own things.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum House {
    ConfigGood { file: Option<String> },
    ConfigBroken { problem: String },
    ConfigNoTerminal { file: String },
    PortOurs { address: String },
    PortFree { address: String },
    PortTaken { address: String, who: Option<String> },
    RelayElsewhere { process: String, address: String },
    RelayNotAsked { why: String },
    CertificateGood { until: String },
    CertificateEndsSoon { until: String, brought: bool },
    CertificateEnded { until: String, brought: bool },
    CertificateNotYet { from: String },
    CertificateNone,
    CertificateUnreadable { why: String },
    NamesGood,
    NamesMissing { names: String, brought: bool },
    StoreTrusts { store: String, serves: String },
    StoreDoesNot { store: String, serves: String },
    StoreLeftovers { store: String, count: usize },
    StoreUnclear { store: String, why: String },
    NoStore,
    PolicySet { browser: String },
    PolicyNotSet { browser: String },
    PolicyLeftovers { browser: String },
    PolicyUnclear { browser: String, why: String },
}

#[expect(clippy::too_many_lines, reason = "a table of sentences")]
pub(super) fn said(house: &House, lang: Lang) -> Checked {
    use House as H;
    let pick = |french: String, english: String| lang.pick(french, english);
    let renew = |brought: bool| {
        if brought {
            pick(
                "Remplacez les fichiers de [tls] ; le relais les relit tout seul.".into(),
                "Replace the files of [tls]; the relay reads them by itself.".into(),
            )
        } else {
            pick(
                "Démarrez le relais : il renouvelle son certificat tout seul. S'il dit que la clé a été détruite : caisse-relay certs renew --new-authority, puis caisse-relay certs install."
                    .into(),
                "Start the relay: it renews its certificate by itself. If it says that the key was destroyed: caisse-relay certs renew --new-authority, then caisse-relay certs install."
                    .into(),
            )
        }
    };
    match house {
        H::ConfigGood { file: Some(file) } => ok(
            "config_good",
            pick(format!("La configuration est bonne : {file}."), format!("The configuration is good: {file}.")),
        ),
        H::ConfigGood { file: None } => ok(
            "config_good",
            pick("La configuration est bonne.".into(), "The configuration is good.".into()),
        ),
        H::ConfigBroken { problem } => failure(
            "config_broken",
            pick(
                format!("La configuration ne se lit pas : {problem}."),
                format!("The configuration cannot be read: {problem}."),
            ),
            pick(
                "Corrigez cette ligne, puis redémarrez le relais.".into(),
                "Correct this line, then restart the relay.".into(),
            ),
        ),
        H::ConfigNoTerminal { file } => warning(
            "config_no_terminal",
            pick(
                "La configuration n'a aucun terminal : rien ne peut être encaissé.".into(),
                "The configuration has no terminal: nothing can be paid.".into(),
            ),
            pick(
                format!("Lancez caisse-relay terminals discover et collez ses lignes dans {file}."),
                format!("Run caisse-relay terminals discover and paste its lines into {file}."),
            ),
        ),
        H::PortOurs { address } => ok(
            "port_ours",
            pick(format!("Le relais répond sur {address}."), format!("The relay answers on {address}.")),
        ),
        H::PortFree { address } => failure(
            "port_free",
            pick(
                format!("Aucun relais ne répond sur {address} : les caisses ne peuvent pas encaisser."),
                format!("No relay answers on {address}: tills cannot take payments."),
            ),
            pick("Démarrez-le : caisse-relay run.".into(), "Start it: caisse-relay run.".into()),
        ),
        H::PortTaken { address, who } => {
            let (fr, en) = match who {
                Some(who) => (format!("par {who}"), format!("by {who}")),
                None => ("par un autre programme".into(), "by another program".into()),
            };
            failure(
                "port_taken",
                pick(
                    format!("{address} est occupé {fr}, qui n'est pas ce relais."),
                    format!("{address} is taken {en}, which is not this relay."),
                ),
                pick(
                    "Arrêtez ce programme, ou donnez un autre port à `listen`.".into(),
                    "Stop that program, or give `listen` another port.".into(),
                ),
            )
        }
        H::RelayElsewhere { process, address } => warning(
            "relay_elsewhere",
            pick(
                format!("Un relais tourne (processus {process}), mais ne répond pas sur {address}."),
                format!("A relay runs (process {process}), but does not answer on {address}."),
            ),
            pick(
                "Il écoute ailleurs ou lit une autre configuration : redémarrez-le, ou donnez son adresse par --relay.".into(),
                "It listens elsewhere or reads another configuration: restart it, or give its address with --relay.".into(),
            ),
        ),
        H::RelayNotAsked { why } => warning(
            "relay_not_asked",
            pick(
                format!("Le relais qui tourne n'a pas été interrogé ({why}) : terminaux, pages et caisses n'ont pas été vérifiés."),
                format!("The relay that runs was not asked ({why}): terminals, pages and tills were not checked."),
            ),
            pick(
                "Lancez caisse-relay doctor depuis le compte qui lance le relais.".into(),
                "Run caisse-relay doctor from the account that runs the relay.".into(),
            ),
        ),
        H::CertificateGood { until } => ok(
            "certificate_good",
            pick(format!("Le certificat est bon jusqu'au {until}."), format!("The certificate is good until {until}.")),
        ),
        H::CertificateEndsSoon { until, brought } => warning(
            "certificate_ends_soon",
            pick(format!("Le certificat finit le {until}."), format!("The certificate ends {until}.")),
            renew(*brought),
        ),
        H::CertificateEnded { until, brought } => failure(
            "certificate_ended",
            pick(
                format!("Le certificat a fini le {until} : les navigateurs refusent le relais."),
                format!("The certificate ended {until}: browsers refuse the relay."),
            ),
            renew(*brought),
        ),
        H::CertificateNotYet { from } => failure(
            "certificate_not_yet",
            pick(
                format!("Le certificat ne commence que le {from} : l'horloge de cet ordinateur est sans doute fausse."),
                format!("The certificate begins on {from} only: this computer's clock is probably wrong."),
            ),
            pick("Mettez l'horloge à l'heure.".into(), "Set the clock.".into()),
        ),
        H::CertificateNone => warning(
            "certificate_none",
            pick(
                "Il n'y a pas encore de certificat : le relais le fait à son premier démarrage.".into(),
                "There is no certificate yet: the relay makes it at its first start.".into(),
            ),
            pick("Démarrez-le une fois : caisse-relay run.".into(), "Start it once: caisse-relay run.".into()),
        ),
        H::CertificateUnreadable { why } => failure(
            "certificate_unreadable",
            pick(format!("Le certificat ne se lit pas : {why}."), format!("The certificate cannot be read: {why}.")),
            pick(
                "Lancez caisse-relay doctor depuis le compte qui lance le relais, ou réparez ces fichiers.".into(),
                "Run caisse-relay doctor from the account that runs the relay, or repair these files.".into(),
            ),
        ),
        H::NamesGood => ok(
            "names_good",
            pick(
                "Le certificat vaut pour tous les noms et adresses de cet ordinateur.".into(),
                "The certificate is for every name and address of this computer.".into(),
            ),
        ),
        H::NamesMissing { names, brought } => warning(
            "names_missing",
            pick(
                format!("Le certificat ne vaut pas pour {names} : une caisse qui se connecte ainsi est refusée par son navigateur."),
                format!("The certificate is not for {names}: the browser of a till that connects so refuses it."),
            ),
            if *brought {
                pick(
                    "Connectez les caisses par un nom du certificat, ou demandez-en un autre.".into(),
                    "Connect tills by a name of the certificate, or ask for another one.".into(),
                )
            } else {
                renew(false)
            },
        ),
        H::StoreTrusts { store, serves } => ok(
            "store_trusts",
            pick(format!("{serves} fait confiance au relais ({store})."), format!("{serves} trusts the relay ({store}).")),
        )
        .about(store),
        H::StoreDoesNot { store, serves } => failure(
            "store_does_not",
            pick(
                format!("{serves} ne fait pas confiance au relais ({store})."),
                format!("{serves} does not trust the relay ({store})."),
            ),
            pick(
                format!("caisse-relay certs install --store {store}, puis fermez et rouvrez le navigateur."),
                format!("caisse-relay certs install --store {store}, then restart the browser."),
            ),
        )
        .about(store),
        H::StoreLeftovers { store, count } => warning(
            "store_leftovers",
            pick(
                format!("{count} ancien(s) certificat(s) du relais dans {store}."),
                format!("{count} older certificate(s) of the relay in {store}."),
            ),
            format!("caisse-relay certs install --store {store}"),
        )
        .about(store),
        H::StoreUnclear { store, why } => warning(
            "store_unclear",
            pick(
                format!("Impossible de dire si {store} fait confiance au relais : {why}."),
                format!("Nobody can tell whether {store} trusts the relay: {why}."),
            ),
            format!("caisse-relay certs status --store {store}"),
        )
        .about(store),
        H::NoStore => warning(
            "no_store",
            pick(
                "Aucun navigateur à vérifier pour ce compte.".into(),
                "No browser to check for this account.".into(),
            ),
            pick(
                "Lancez caisse-relay doctor depuis le compte qui utilise la caisse, sur l'ordinateur de la caisse.".into(),
                "Run caisse-relay doctor from the account that uses the till, on the till's computer.".into(),
            ),
        ),
        H::PolicySet { browser } => ok(
            "policy_set",
            pick(
                format!("{browser} laisse les pages autorisées joindre le relais."),
                format!("{browser} lets the allowed pages reach the relay."),
            ),
        )
        .about(browser),
        H::PolicyNotSet { browser } => ok(
            "policy_not_set",
            pick(
                format!("{browser} demande à la personne si une page peut joindre le relais."),
                format!("{browser} asks the person whether a page may reach the relay."),
            ),
        )
        .hint(pick(
            "Pour qu'il ne demande plus : caisse-relay browser-policy install.".into(),
            "For it not to ask: caisse-relay browser-policy install.".into(),
        ))
        .about(browser),
        H::PolicyLeftovers { browser } => warning(
            "policy_outdated",
            pick(
                format!("Les règles de {browser} nomment d'autres pages que la configuration."),
                format!("The policies of {browser} name other pages than the configuration."),
            ),
            "caisse-relay browser-policy install".into(),
        )
        .about(browser),
        H::PolicyUnclear { browser, why } => warning(
            "policy_unclear",
            pick(
                format!("Impossible de lire les règles de {browser} : {why}."),
                format!("The policies of {browser} cannot be read: {why}."),
            ),
            "caisse-relay browser-policy status".into(),
        )
        .about(browser),
    }
}

//! What `certs`, `browser-policy` and `service` tell the person who prepares a machine.

use super::{Lang, fr};

/// Something to tell who prepares a machine. Names, paths and commands come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below, in both languages")]
pub enum Notice {
    // What a certificate store holds.
    Trusted,
    NotTrusted,
    // What a browser's policies hold.
    PolicySet,
    PolicyNotSet,
    // What starts the relay.
    StartsByItself,
    DoesNotStart,
    // Of all.
    NotHere,
    NotUsed,
    CannotTell { why: String },
    Older { count: usize },
    Installed,
    Removed,
    RestartBrowser { browsers: String },
    WindowsWarningComes { fingerprint: String },
    MacPasswordComes,
    // Why something was not done.
    NeedsAdmin { command: String, elevated: bool },
    NotAsRoot { command: String },
    ToolMissing { tool: String, package: String },
    ToolFailed { command: String, said: String },
    FileFailed { path: String, said: String },
    FileNotUnderstood { path: String, said: String },
    RivalPolicy { path: String, policy: String },
    DeployByHand { what: String },
    NoHome,
    Misplaced { path: String },
    NotTaken,
    StillThere,
    NoOrigins,
    // The authority and its key.
    NoAuthority { folder: String },
    ForgetKeyMeans { until: String },
    ForgetKeyAsk,
    NothingForgotten,
    KeyForgotten { until: String },
    KeyIsForgotten,
    RenewalDue { why: Due, until: String },
    NewAuthority,
    TakenWithinAMinute,
    // A certificate that someone brought.
    BroughtInUse { cert: String },
    BroughtEndsSoon { until: String },
}

/// Why a new certificate is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "as above")]
pub enum Due {
    NotYetValid,
    Ended,
    EndsSoon,
    NewName,
}

impl Lang {
    /// The notice in this language.
    pub fn tell(self, notice: &Notice) -> String {
        match self {
            Lang::Fr => fr::typeset(&french(notice)),
            Lang::En => english(notice),
        }
    }
}

fn french(notice: &Notice) -> String {
    use Notice as N;
    match notice {
        N::Trusted => "fait confiance au relais".into(),
        N::NotTrusted => "ne fait pas confiance au relais".into(),
        N::NotHere => "absent de cette machine".into(),
        N::NotUsed => "en option, pas utilisé".into(),
        N::PolicySet => "laisse les pages autorisées joindre le relais".into(),
        N::PolicyNotSet => "demande à la personne".into(),
        N::StartsByItself => "démarre tout seul".into(),
        N::DoesNotStart => "ne démarre pas tout seul".into(),
        N::CannotTell { why } => format!("impossible à dire : {why}"),
        N::Older { count: 1 } => "un ancien reste du relais s'y trouve encore".into(),
        N::Older { count } => format!("{count} anciens restes du relais s'y trouvent encore"),
        N::Installed => "installé".into(),
        N::Removed => "retiré".into(),
        N::RestartBrowser { browsers } => format!(
            "Fermez puis rouvrez ces navigateurs, sinon ils ne verront pas le changement : {browsers}."
        ),
        N::WindowsWarningComes { fingerprint } => format!(
            "Windows va montrer un avertissement de sécurité. L'autorité ne vaut que pour les \
             adresses privées et les noms locaux ; répondez Oui si l'empreinte SHA-256 de ca.pem \
             est {fingerprint}."
        ),
        N::MacPasswordComes => {
            "macOS va demander le mot de passe de la session, pour modifier le trousseau.".into()
        }
        N::NeedsAdmin { command, elevated: false } => {
            format!("il faut les droits d'administrateur. Lancez : {command}")
        }
        N::NeedsAdmin { command, elevated: true } => format!(
            "il faut les droits d'administrateur. Ouvrez un terminal en tant qu'administrateur et \
             lancez : {command}"
        ),
        N::NotAsRoot { command } => format!(
            "ce magasin est celui de la personne qui utilise le navigateur. Lancez sans sudo : {command}"
        ),
        N::ToolMissing { tool, package } => {
            format!("le programme {tool} manque. Installez le paquet {package}, puis recommencez.")
        }
        N::ToolFailed { command, said } => format!("« {command} » a échoué : {said}"),
        N::FileFailed { path, said } => format!("{path} : {said}"),
        N::FileNotUnderstood { path, said } => format!(
            "{path} est illisible et n'a pas été modifié : {said}. Corrigez ce fichier, puis recommencez."
        ),
        N::RivalPolicy { path, policy } => format!(
            "{path} règle aussi {policy}, et le navigateur n'en garde qu'un. Réunissez les deux dans ce fichier."
        ),
        N::DeployByHand { what } => format!("à déployer par un profil de configuration : {what}"),
        N::NoHome => "il n'y a pas de dossier personnel où l'écrire".into(),
        N::Misplaced { path } => format!(
            "{path} n'est accessible qu'à une seule personne. Copiez d'abord le programme dans \
             /usr/local/bin, et lancez celui-là."
        ),
        N::NotTaken => "le changement a été accepté, mais ne se voit pas à la relecture".into(),
        N::StillThere => "il en reste quelque chose à la relecture".into(),
        N::NoOrigins => {
            "Aucune page à autoriser : ajoutez d'abord son origine à allow_origins dans la configuration.".into()
        }
        N::NoAuthority { folder } => format!(
            "Il n'y a pas encore d'autorité dans {folder} : démarrez le relais une fois, ou lancez \
             caisse-relay certs show sans sudo."
        ),
        N::ForgetKeyMeans { until } => format!(
            "La clé de l'autorité va être détruite. Personne ne pourra plus signer en son nom ; le \
             certificat du relais reste bon jusqu'au {until}, ou jusqu'à ce que la machine change \
             d'adresse ou de nom. Il faudra alors une nouvelle autorité, à installer de nouveau \
             dans chaque navigateur."
        ),
        N::ForgetKeyAsk => "Détruire la clé ? Tapez oui : ".into(),
        N::NothingForgotten => "Rien n'a été détruit.".into(),
        N::KeyForgotten { until } => {
            format!("La clé est détruite. Le certificat du relais est bon jusqu'au {until}.")
        }
        N::KeyIsForgotten => "la clé a été détruite : l'autorité ne signe plus rien".into(),
        N::RenewalDue { why, until } => format!(
            "Il faut un nouveau certificat ({}, fin le {until}), et la clé de l'autorité a été \
             détruite. Lancez caisse-relay certs renew --new-authority, puis caisse-relay certs \
             install sur chaque caisse.",
            match why {
                Due::NotYetValid => "l'actuel n'est pas encore valable",
                Due::Ended => "l'actuel est périmé",
                Due::EndsSoon => "l'actuel finit bientôt",
                Due::NewName => "la machine a un nouveau nom ou une nouvelle adresse",
            }
        ),
        N::NewAuthority => "Nouvelle autorité : aucun navigateur ne lui fait encore confiance. \
             Lancez caisse-relay certs install."
            .into(),
        N::TakenWithinAMinute => "Un relais en marche le prend dans la minute.".into(),
        N::BroughtInUse { cert } => format!(
            "Ce relais utilise le certificat {cert}, donné par [tls] dans la configuration : il n'a pas d'autorité à lui."
        ),
        N::BroughtEndsSoon { until } => format!(
            "Le certificat finit le {until} : remplacez les fichiers de [tls] ; le relais les relit tout seul."
        ),
    }
}

fn english(notice: &Notice) -> String {
    use Notice as N;
    match notice {
        N::Trusted => "trusts the relay".into(),
        N::NotTrusted => "does not trust the relay".into(),
        N::NotHere => "not on this machine".into(),
        N::NotUsed => "optional, not used".into(),
        N::PolicySet => "lets the allowed pages reach the relay".into(),
        N::PolicyNotSet => "asks the person".into(),
        N::StartsByItself => "starts by itself".into(),
        N::DoesNotStart => "does not start by itself".into(),
        N::CannotTell { why } => format!("cannot tell: {why}"),
        N::Older { count: 1 } => "an older remnant of the relay is still in it".into(),
        N::Older { count } => format!("{count} older remnants of the relay are still in it"),
        N::Installed => "installed".into(),
        N::Removed => "removed".into(),
        N::RestartBrowser { browsers } => {
            format!("Restart these browsers, or they will not see the change: {browsers}.")
        }
        N::WindowsWarningComes { fingerprint } => format!(
            "Windows is going to show a security warning. The authority is good for private \
             addresses and local names only; answer Yes if the SHA-256 of ca.pem is {fingerprint}."
        ),
        N::MacPasswordComes => {
            "macOS is going to ask for the password of this session, to change the keychain.".into()
        }
        N::NeedsAdmin { command, elevated: false } => {
            format!("an administrator has to do it. Run: {command}")
        }
        N::NeedsAdmin { command, elevated: true } => {
            format!(
                "an administrator has to do it. Open a terminal as administrator and run: {command}"
            )
        }
        N::NotAsRoot { command } => format!(
            "this store belongs to the person who uses the browser. Run without sudo: {command}"
        ),
        N::ToolMissing { tool, package } => {
            format!("the program {tool} is missing. Install the package {package}, then try again.")
        }
        N::ToolFailed { command, said } => format!("“{command}” failed: {said}"),
        N::FileFailed { path, said } => format!("{path}: {said}"),
        N::FileNotUnderstood { path, said } => {
            format!(
                "{path} cannot be understood and was not changed: {said}. Correct it, then try again."
            )
        }
        N::RivalPolicy { path, policy } => format!(
            "{path} sets {policy} too, and the browser keeps only one. Put both into that file."
        ),
        N::DeployByHand { what } => format!("to be deployed by a configuration profile: {what}"),
        N::NoHome => "there is no home folder to write it in".into(),
        N::Misplaced { path } => format!(
            "only one person can start {path}. Copy the program to /usr/local/bin first, and use \
             that one."
        ),
        N::NotTaken => "the change was accepted but does not show when read again".into(),
        N::StillThere => "something is still there when read again".into(),
        N::NoOrigins => {
            "No page to allow: first add its origin to allow_origins in the configuration.".into()
        }
        N::NoAuthority { folder } => format!(
            "There is no authority in {folder} yet: start the relay once, or run caisse-relay \
             certs show without sudo."
        ),
        N::ForgetKeyMeans { until } => format!(
            "The authority's key is going to be destroyed. Nobody can sign in its name any more; \
             the relay's certificate stays good until {until}, or until the machine changes its \
             address or name. A new authority is needed then, to be installed again in every browser."
        ),
        N::ForgetKeyAsk => "Destroy the key? Type yes: ".into(),
        N::NothingForgotten => "Nothing was destroyed.".into(),
        N::KeyForgotten { until } => {
            format!("The key is destroyed. The relay's certificate is good until {until}.")
        }
        N::KeyIsForgotten => "the key was destroyed: the authority signs nothing any more".into(),
        N::RenewalDue { why, until } => format!(
            "A new certificate is due ({}, ends {until}), and the authority's key was destroyed. \
             Run caisse-relay certs renew --new-authority, then caisse-relay certs install on every till.",
            match why {
                Due::NotYetValid => "this one is not valid yet",
                Due::Ended => "this one has ended",
                Due::EndsSoon => "this one ends soon",
                Due::NewName => "the machine has a new name or address",
            }
        ),
        N::NewAuthority => {
            "A new authority: no browser trusts it yet. Run caisse-relay certs install.".into()
        }
        N::TakenWithinAMinute => "A relay that runs takes it within a minute.".into(),
        N::BroughtInUse { cert } => format!(
            "This relay uses the certificate {cert}, given by [tls] in the configuration: it has no authority of its own."
        ),
        N::BroughtEndsSoon { until } => {
            format!(
                "The certificate ends {until}: replace the files of [tls]; the relay reads them by itself."
            )
        }
    }
}

//! What `update check` says.

use super::Lang;

/// Something about a newer relay. Versions, places and reasons come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Update {
    UpToDate { current: String },
    Newer { current: String, newest: String, published: String },
    Notes { text: String },
    Package { url: String, sha256: String },
    NoPackage { platform: String },
    NothingInstalled,
    NotConfigured,
    PaymentOpen,
    JournalUnreadable { why: String },
    Unreachable { place: String, why: String },
    TooLarge { place: String },
    WrongKey { place: String },
    BadSignature { place: String },
    NotUnderstood { place: String, why: String },
    Older { place: String, offered: String, known: String },
}

pub(super) fn say(update: &Update, lang: Lang) -> String {
    use Update as U;
    match update {
        U::UpToDate { current } => lang.pick(
            format!("Le relais est à jour : {current} est la version la plus récente."),
            format!("The relay is up to date: {current} is the newest version."),
        ),
        U::Newer { current, newest, published } => lang.pick(
            format!("Une version plus récente existe : {newest}, publiée le {published} (ici : {current})."),
            format!("There is a newer version: {newest}, published {published} (here: {current})."),
        ),
        U::Notes { text } => lang.pick(format!("Nouveautés : {text}"), format!("What is new: {text}")),
        U::Package { url, sha256 } => lang.pick(
            format!("Programme d'installation : {url}\nSHA-256 à comparer : {sha256}"),
            format!("Installer: {url}\nSHA-256 to compare: {sha256}"),
        ),
        U::NoPackage { platform } => lang.pick(
            format!("Le manifeste n'a rien pour ce système ({platform}) : demandez à qui le publie."),
            format!("The manifest has nothing for this system ({platform}): ask who publishes it."),
        ),
        U::NothingInstalled => lang.pick(
            "Rien n'a été téléchargé ni installé.".into(),
            "Nothing was downloaded or installed.".into(),
        ),
        U::NotConfigured => lang.pick(
            "La recherche de mises à jour est éteinte. Pour l'allumer, donnez `manifest` et `public_key` sous [update] dans la configuration.".into(),
            "Looking for updates is off. To switch it on, give `manifest` and `public_key` under [update] in the configuration.".into(),
        ),
        U::PaymentOpen => lang.pick(
            "Un paiement est en cours : rien n'a été cherché. Recommencez quand il sera terminé ; si aucun relais ne tourne, démarrez-le d'abord, il dira ce que ce paiement est devenu.".into(),
            "A payment is in progress: nothing was looked for. Try again when it is over; if no relay runs, start it first, it will say what became of that payment.".into(),
        ),
        U::JournalUnreadable { why } => lang.pick(
            format!("Impossible de savoir si un paiement est en cours ({why}) : rien n'a été cherché. Lancez caisse-relay doctor."),
            format!("Nobody knows whether a payment is in progress ({why}): nothing was looked for. Run caisse-relay doctor."),
        ),
        U::Unreachable { place, why } => lang.pick(
            format!("{place} ne peut pas être lu ({why}) : impossible de dire s'il y a une mise à jour. Vérifiez la connexion et `update.manifest`, puis recommencez."),
            format!("{place} cannot be read ({why}): nobody knows whether there is an update. Check the connection and `update.manifest`, then try again."),
        ),
        U::TooLarge { place } => lang.pick(
            format!("{place} est bien trop long pour un manifeste : il n'a pas été lu. Vérifiez `update.manifest`."),
            format!("{place} is far too long for a manifest: it was not read. Check `update.manifest`."),
        ),
        U::WrongKey { place } => lang.pick(
            format!("{place} est signé par une autre clé que `update.public_key` : n'installez rien qui vienne de là avant d'avoir comparé la clé avec qui publie le relais."),
            format!("{place} is signed by another key than `update.public_key`: install nothing that comes from there before you have compared the key with who publishes the relay."),
        ),
        U::BadSignature { place } => lang.pick(
            format!("La signature de {place} n'est pas la bonne : le manifeste a été modifié ou abîmé. N'installez rien qui vienne de là ; prévenez qui publie le relais."),
            format!("The signature of {place} is not right: the manifest was changed or damaged. Install nothing that comes from there; tell who publishes the relay."),
        ),
        U::NotUnderstood { place, why } => lang.pick(
            format!("{place} est signé, mais n'est pas un manifeste que ce relais comprend ({why}). Prévenez qui publie le relais."),
            format!("{place} is signed, but no manifest that this relay understands ({why}). Tell who publishes the relay."),
        ),
        U::Older { place, offered, known } => lang.pick(
            format!("{place} propose {offered}, plus ancien que ce qui est déjà connu ({known}) : n'installez pas cette version ; prévenez qui publie le relais."),
            format!("{place} offers {offered}, older than what is known already ({known}): do not install that version; tell who publishes the relay."),
        ),
    }
}

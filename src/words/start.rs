//! Why a relay does not start: its configuration, its files, its ports.

use super::Lang;
use super::mistake::{Mistake, mistaken};

/// Why a relay does not start. Paths, addresses and what the system says come written out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Start {
    ConfigUnreadable { path: String, cause: String },
    ConfigInvalid { path: String, line: usize, mistake: Mistake },
    ConfigNonsense { path: String, mistake: Mistake },
    JournalHeld { folder: String, process: String },
    JournalUnusable { path: String, cause: String },
    JournalUnwritable { cause: String },
    JournalUnreadable { cause: String },
    KeyUnusable { path: String, cause: String },
    PortTaken { address: String, cause: String, key: &'static str },
    CertificateUnusable { cause: String },
    Authority(Authority),
    TlsUnreadable { path: String, cause: String },
    TlsUnusable { path: String, cause: String },
    TlsMismatched { cert: String, key: String },
}

/// Why the relay's own authority signs nothing. Days are of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Authority {
    Folder { path: String, cause: String },
    Unreadable { path: String, cause: String },
    Unwritable { path: String, cause: String },
    Corrupt { path: String, reason: String },
    Halved { present: String, missing: String },
    Mismatched { certificate: String, key: String },
    Forgotten { path: String },
    Ended { path: String, ended: String },
    NotBegun { path: String, begins: String, now: String },
    Clock { now: String },
    Random,
    Signing { cause: String },
}

pub(super) fn say(start: &Start, lang: Lang) -> String {
    use Start as S;
    let both = |french: String, english: String| lang.pick(french, english);
    match start {
        S::ConfigUnreadable { path, cause } => both(
            format!("la configuration {path} ne se lit pas : {cause}"),
            format!("cannot read the configuration {path}: {cause}"),
        ),
        S::ConfigInvalid { path, line, mistake } => {
            let mistake = mistaken(mistake, lang);
            both(
                format!("{path}, ligne {line} : {mistake}"),
                format!("{path}, line {line}: {mistake}"),
            )
        }
        S::ConfigNonsense { path, mistake } => {
            let mistake = mistaken(mistake, lang);
            both(format!("{path} : {mistake}"), format!("{path}: {mistake}"))
        }
        S::JournalHeld { folder, process } => both(
            format!(
                "le journal de {folder} est tenu par le processus {process} ; arrêtez d'abord ce relais, ou donnez à celui-ci un autre data_dir"
            ),
            format!(
                "the journal in {folder} is held by process {process}; stop that relay first, or give this one another data_dir"
            ),
        ),
        S::JournalUnusable { path, cause } => both(
            format!(
                "le journal {path} ne s'ouvre pas : {cause} ; gardez le fichier, il dit ce qui a été payé, et restaurez une sauvegarde ou déplacez-le"
            ),
            format!(
                "cannot open the journal {path}: {cause}; keep the file, it is the record of what was paid, and restore it from a backup or move it away"
            ),
        ),
        S::JournalUnwritable { cause } => both(
            format!("le journal ne s'écrit pas : {cause} ; aucun paiement n'est pris avant"),
            format!("cannot write the journal: {cause}; no payment is taken before"),
        ),
        S::JournalUnreadable { cause } => both(
            format!(
                "le journal ne se lit pas : {cause} ; lancez la commande depuis le compte qui lance le relais, sinon vérifiez le disque"
            ),
            format!(
                "cannot read the journal: {cause}; run the command from the account that runs the relay, otherwise check the disk"
            ),
        ),
        S::KeyUnusable { path, cause } => both(
            format!(
                "la clé du relais {path} est inutilisable : {cause} ; supprimez le fichier, le relais en fait une autre"
            ),
            format!(
                "cannot use the relay's key {path}: {cause}; delete the file, and the relay makes another"
            ),
        ),
        S::PortTaken { address, cause, key } => both(
            format!(
                "impossible d'écouter sur {address} : {cause} ; arrêtez le programme qui a ce port, ou changez `{key}`"
            ),
            format!(
                "cannot listen on {address}: {cause}; stop the program that uses this port, or set `{key}` to another one"
            ),
        ),
        S::CertificateUnusable { cause } => both(
            format!("le certificat est inutilisable : {cause} ; lancez `caisse-relay certs renew`"),
            format!("cannot use the certificate: {cause}; run `caisse-relay certs renew`"),
        ),
        S::Authority(authority) => unsigned(authority, lang),
        S::TlsUnreadable { path, cause } => both(
            format!(
                "{path} ne se lit pas : {cause} ; corrigez `tls` dans la configuration, ou donnez à cet utilisateur le droit de le lire"
            ),
            format!(
                "cannot read {path}: {cause}; correct `tls` in the configuration, or give this user the right to read it"
            ),
        ),
        S::TlsUnusable { path, cause } => both(
            format!(
                "{path} est inutilisable : {cause} ; corrigez `tls` dans la configuration, ou remplacez le fichier"
            ),
            format!(
                "cannot use {path}: {cause}; correct `tls` in the configuration, or replace the file"
            ),
        ),
        S::TlsMismatched { cert, key } => both(
            format!(
                "{key} n'est pas la clé de {cert} ; corrigez `tls` dans la configuration, ou remplacez les deux"
            ),
            format!(
                "{key} is not the key of {cert}; correct `tls` in the configuration, or replace both"
            ),
        ),
    }
}

fn unsigned(authority: &Authority, lang: Lang) -> String {
    use Authority as A;
    let both = |french: String, english: String| lang.pick(french, english);
    let afresh = lang.pick(
        "supprimez ensemble ca.pem et ca.key et démarrez le relais : il fait une autre autorité, à laquelle chaque navigateur doit faire confiance de nouveau",
        "delete ca.pem and ca.key together and start the relay: it makes another authority, which every browser has to trust anew",
    );
    match authority {
        A::Folder { path, cause } => both(
            format!("le dossier {path} ne s'ouvre pas : {cause} ; donnez à cet utilisateur le droit d'y écrire"),
            format!("could not open the folder {path}: {cause}; give this user the right to write in it"),
        ),
        A::Unreadable { path, cause } => both(
            format!("{path} ne se lit pas : {cause} ; donnez à cet utilisateur le droit de le lire, ou restaurez-le"),
            format!("could not read {path}: {cause}; give this user the right to read it, or restore it"),
        ),
        A::Unwritable { path, cause } => both(
            format!("{path} ne s'écrit pas : {cause} ; libérez de la place, ou laissez cet utilisateur y écrire"),
            format!("could not write {path}: {cause}; free some disk, or let this user write there"),
        ),
        A::Corrupt { path, reason } => both(
            format!("{path} est inutilisable : {reason} ; restaurez ca.pem et ca.key d'une sauvegarde, ou {afresh}"),
            format!("cannot use {path}: {reason}; restore ca.pem and ca.key from a backup, or {afresh}"),
        ),
        A::Halved { present, missing } => both(
            format!("{present} est là mais pas {missing} ; restaurez-le d'une sauvegarde, ou {afresh}"),
            format!("{present} is there but {missing} is not; restore it from a backup, or {afresh}"),
        ),
        A::Mismatched { certificate, key } => both(
            format!("{key} n'est pas la clé de {certificate} ; restaurez les deux d'une même sauvegarde, ou {afresh}"),
            format!("{key} is not the key of {certificate}; restore both from one backup, or {afresh}"),
        ),
        A::Forgotten { path } => both(
            format!("la clé de l'autorité {path} a été détruite, elle ne signe donc plus rien ; lancez `caisse-relay certs renew --new-authority`, puis `caisse-relay certs install`"),
            format!("the key of the authority in {path} was thrown away, so it signs nothing; run `caisse-relay certs renew --new-authority`, then `caisse-relay certs install`"),
        ),
        A::Ended { path, ended } => both(
            format!("l'autorité {path} a pris fin le {ended} ; {afresh}"),
            format!("the authority in {path} ended on {ended}; {afresh}"),
        ),
        A::NotBegun { path, begins, now } => both(
            format!("l'autorité {path} commence le {begins} mais l'horloge dit {now} ; mettez l'ordinateur à l'heure ou, si elle est juste, {afresh}"),
            format!("the authority in {path} begins on {begins} but the clock says {now}; set the clock or, if it is right, {afresh}"),
        ),
        A::Clock { now } => both(
            format!("aucune autorité ne peut être faite quand l'horloge dit {now} ; mettez l'ordinateur à l'heure et redémarrez le relais"),
            format!("no authority can be made while the clock says {now}; set the clock and start again"),
        ),
        A::Random => both(
            "aucun certificat ne peut être fait : le système ne donne pas d'octets aléatoires ; redémarrez l'ordinateur".into(),
            "could not make a certificate: the system gave no random bytes; restart the machine".into(),
        ),
        A::Signing { cause } => both(
            format!("aucun certificat ne peut être signé : {cause} ; signalez ce défaut"),
            format!("could not sign a certificate: {cause}; please report this as a bug"),
        ),
    }
}

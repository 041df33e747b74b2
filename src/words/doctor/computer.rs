//! The computer that the relay runs on.

use super::{Checked, failure, ok, warning};
use crate::words::Lang;

/// What was found of the computer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Computer {
    ClockGood { now: String },
    ClockImplausible { now: String },
    ClockBehindRecord { now: String, last: String },
    FirewallNotNeeded,
    FirewallNone,
    FirewallOpen { firewall: String, port: u16 },
    FirewallClosed { firewall: String, port: u16, command: String },
    FirewallUnclear { firewall: String, port: u16, command: String },
    SleepNever,
    SleepAfter { what: String },
    SleepUnclear,
    Autostart { ways: String },
    AutostartOther { ways: String },
    AutostartNone,
    AutostartUnclear,
    JournalGood { payments: u64, size: String },
    JournalNone,
    JournalDamaged { said: String, file: String },
    JournalUnreadable { said: String },
    Unknown { count: u64 },
    Unacknowledged { count: u64 },
    OutboxGood,
    OutboxWaits { count: u64, since: String },
    RoomGood { free: String },
    RoomLow { free: String },
    RoomGone { free: String },
    RoomUnclear,
    EventsNone,
    Events { count: usize, last: String },
}

#[expect(clippy::too_many_lines, reason = "a table of sentences")]
pub(super) fn said(computer: &Computer, lang: Lang) -> Checked {
    use Computer as C;
    let pick = |french: String, english: String| lang.pick(french, english);
    let set_clock = || {
        pick(
            "Mettez l'ordinateur à l'heure : les navigateurs refusent un certificat hors de ses dates, et les paiements portent cette heure.".into(),
            "Set the computer's clock: browsers refuse a certificate outside its dates, and payments carry this time.".into(),
        )
    };
    let open_port = |command: &str| {
        pick(
            format!("Pour l'ouvrir au réseau de la boutique : {command}"),
            format!("To open it to the shop's network: {command}"),
        )
    };
    match computer {
        C::ClockGood { now } => {
            ok("clock_good", pick(format!("L'horloge dit {now}."), format!("The clock says {now}.")))
        }
        C::ClockImplausible { now } => failure(
            "clock_implausible",
            pick(format!("L'horloge dit {now} : c'est faux."), format!("The clock says {now}: that is wrong.")),
            set_clock(),
        ),
        C::ClockBehindRecord { now, last } => failure(
            "clock_behind",
            pick(
                format!("L'horloge dit {now}, mais le dernier paiement est du {last}."),
                format!("The clock says {now}, but the last payment is of {last}."),
            ),
            set_clock(),
        ),
        C::FirewallNotNeeded => ok(
            "firewall_not_needed",
            pick(
                "Le relais n'écoute que cet ordinateur : aucun pare-feu n'est concerné.".into(),
                "The relay listens to this computer only: no firewall is concerned.".into(),
            ),
        ),
        C::FirewallNone => ok(
            "firewall_none",
            pick("Aucun pare-feu actif.".into(), "No firewall is active.".into()),
        ),
        C::FirewallOpen { firewall, port } => ok(
            "firewall_open",
            pick(
                format!("{firewall} laisse entrer les caisses sur le port {port}."),
                format!("{firewall} lets tills in on port {port}."),
            ),
        ),
        C::FirewallClosed { firewall, port, command } => failure(
            "firewall_closed",
            pick(
                format!("{firewall} n'a pas de règle pour le port {port} : les caisses du réseau n'entrent pas."),
                format!("{firewall} has no rule for port {port}: tills of the network cannot come in."),
            ),
            open_port(command),
        ),
        C::FirewallUnclear { firewall, port, command } => warning(
            "firewall_unclear",
            pick(
                format!("Impossible de dire si {firewall} laisse entrer les caisses sur le port {port}."),
                format!("Nobody can tell whether {firewall} lets tills in on port {port}."),
            ),
            open_port(command),
        ),
        C::SleepNever => ok(
            "sleep_never",
            pick("L'ordinateur ne se met pas en veille tout seul.".into(), "The computer does not go to sleep by itself.".into()),
        ),
        C::SleepAfter { what } => warning(
            "sleep_on",
            pick(
                format!("L'ordinateur peut se mettre en veille tout seul ({what}) : le relais ne répond plus alors."),
                format!("The computer may go to sleep by itself ({what}): the relay does not answer then."),
            ),
            pick(
                "Désactivez la mise en veille sur secteur dans les réglages du système.".into(),
                "Switch off sleep while plugged in, in the system's settings.".into(),
            ),
        ),
        C::SleepUnclear => warning(
            "sleep_unclear",
            pick(
                "Impossible de dire si cet ordinateur se met en veille tout seul.".into(),
                "Nobody can tell whether this computer goes to sleep by itself.".into(),
            ),
            pick(
                "Vérifiez dans les réglages du système qu'il reste éveillé sur secteur.".into(),
                "Check in the system's settings that it stays awake while plugged in.".into(),
            ),
        ),
        C::Autostart { ways } => ok(
            "autostart_on",
            pick(format!("Le relais démarre tout seul ({ways})."), format!("The relay starts by itself ({ways}).")),
        ),
        C::AutostartOther { ways } => warning(
            "autostart_other",
            pick(
                format!("Ce qui démarre tout seul ({ways}) n'est pas ce programme-ci, ou l'est avec d'autres options."),
                format!("What starts by itself ({ways}) is not this program, or has other options."),
            ),
            "caisse-relay service install".into(),
        ),
        C::AutostartNone => warning(
            "autostart_off",
            pick(
                "Rien ne démarre le relais après un redémarrage de l'ordinateur.".into(),
                "Nothing starts the relay when the computer restarts.".into(),
            ),
            "caisse-relay service install".into(),
        ),
        C::AutostartUnclear => warning(
            "autostart_unclear",
            pick(
                "Impossible de dire si le relais démarre tout seul.".into(),
                "Nobody can tell whether the relay starts by itself.".into(),
            ),
            "caisse-relay service status".into(),
        ),
        C::JournalGood { payments, size } => ok(
            "journal_good",
            pick(
                format!("Le journal est sain : {payments} paiements, {size}."),
                format!("The journal is sound: {payments} payments, {size}."),
            ),
        ),
        C::JournalNone => ok(
            "journal_none",
            pick(
                "Il n'y a pas encore de journal : le relais le fait à son premier démarrage.".into(),
                "There is no journal yet: the relay makes it at its first start.".into(),
            ),
        ),
        C::JournalDamaged { said, file } => failure(
            "journal_damaged",
            pick(format!("Le journal est abîmé : {said}."), format!("The journal is damaged: {said}.")),
            pick(
                format!("Arrêtez le relais, gardez une copie de {file}, et restaurez une sauvegarde."),
                format!("Stop the relay, keep a copy of {file}, and restore a backup."),
            ),
        ),
        C::JournalUnreadable { said } => failure(
            "journal_unreadable",
            pick(format!("Le journal ne se lit pas : {said}."), format!("The journal cannot be read: {said}.")),
            pick(
                "Lancez caisse-relay doctor depuis le compte qui lance le relais ; sinon vérifiez le disque.".into(),
                "Run caisse-relay doctor from the account that runs the relay; otherwise check the disk.".into(),
            ),
        ),
        C::Unknown { count } => warning(
            "payments_unknown",
            pick(
                format!("{count} paiement(s) à vérifier : la carte a peut-être été débitée."),
                format!("{count} payment(s) to check: the card may have been charged."),
            ),
            pick(
                "Lisez le ticket du terminal, puis : caisse-relay resolve ID --charged yes|no --by NOM.".into(),
                "Read the terminal's ticket, then: caisse-relay resolve ID --charged yes|no --by NAME.".into(),
            ),
        ),
        C::Unacknowledged { count } => warning(
            "payments_unacknowledged",
            pick(
                format!("{count} résultat(s) de paiement qu'aucune caisse n'a confirmé avoir reçu."),
                format!("{count} outcome(s) of payments that no till has acknowledged."),
            ),
            pick(
                "Ouvrez la caisse qui a demandé : elle les reçoit en se connectant.".into(),
                "Open the till that asked: it is told when it connects.".into(),
            ),
        ),
        C::OutboxGood => ok(
            "outbox_good",
            pick(
                "La base de la chaîne de magasins connaît tous les paiements terminés.".into(),
                "The chain's database knows every payment that is over.".into(),
            ),
        ),
        C::OutboxWaits { count, since } => warning(
            "outbox_waits",
            pick(
                format!("{count} paiement(s) attendent d'être transmis à la base de la chaîne de magasins, le plus ancien depuis le {since}. Aucun n'est perdu : le journal les garde."),
                format!("{count} payment(s) wait to be told to the chain's database, the oldest since {since}. None is lost: the journal keeps them."),
            ),
            pick(
                "Vérifiez l'accès à Internet et la section [outbox] ; le journal technique du relais dit pourquoi.".into(),
                "Check the access to the Internet and the section [outbox]; the relay's log says why.".into(),
            ),
        ),
        C::RoomGood { free } => {
            ok("disk_good", pick(format!("{free} libres sur le disque."), format!("{free} are free on the disk.")))
        }
        C::RoomLow { free } => warning(
            "disk_low",
            pick(format!("Il ne reste que {free} sur le disque."), format!("Only {free} are left on the disk.")),
            pick(
                "Libérez de la place : sans elle le relais refuse les paiements.".into(),
                "Make room: without it the relay refuses payments.".into(),
            ),
        ),
        C::RoomGone { free } => failure(
            "disk_full",
            pick(
                format!("Le disque est plein ({free}) : le relais refuse les paiements."),
                format!("The disk is full ({free}): the relay refuses payments."),
            ),
            pick("Libérez de la place tout de suite.".into(), "Make room now.".into()),
        ),
        C::RoomUnclear => warning(
            "disk_unclear",
            pick("Le système ne dit pas la place libre.".into(), "The system does not tell the free room.".into()),
            pick("Vérifiez le disque.".into(), "Check the disk.".into()),
        ),
        C::EventsNone => ok(
            "events_none",
            pick("Rien de particulier depuis 7 jours.".into(), "Nothing unusual in the last 7 days.".into()),
        ),
        C::Events { count, last } => warning(
            "events_recent",
            pick(
                format!("{count} événement(s) depuis 7 jours ; le dernier : {last}."),
                format!("{count} event(s) in the last 7 days; the last one: {last}."),
            ),
            "caisse-relay journal events".into(),
        ),
    }
}

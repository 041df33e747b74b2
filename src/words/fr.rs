use super::Sentence;
use crate::payment::{NotSent, Operation, Why};

pub(super) fn say(sentence: &Sentence) -> String {
    typeset(&plain(sentence))
}

/// No line may break inside the guillemets or before a double punctuation mark.
pub(super) fn typeset(plain: &str) -> String {
    let marks = ["« ", " »", " :", " ;", " ?", " !"];
    marks
        .iter()
        .fold(plain.to_owned(), |text, mark| text.replace(mark, &mark.replace(' ', "\u{a0}")))
}

fn plain(sentence: &Sentence) -> String {
    use Sentence as S;
    match sentence {
        S::Connecting { terminal } => format!("Connexion au terminal « {terminal} »…"),
        S::WithTerminal { act: Operation::Debit, terminal } => {
            format!("Le client peut payer sur le terminal « {terminal} ».")
        }
        S::WithTerminal { act: Operation::Refund, terminal } => format!(
            "Remboursement en cours : le client présente sa carte sur le terminal « {terminal} »."
        ),
        S::WithTerminal { act: Operation::Cancellation, terminal } => {
            format!("Annulation en cours sur le terminal « {terminal} ».")
        }
        S::PressRedKey { act, terminal } => format!(
            "Abandon demandé, mais le terminal « {terminal} » a déjà la demande : appuyez sur sa \
             touche rouge. Tant que le terminal n'a pas répondu, il se peut encore que {}.",
            may_still(*act)
        ),
        S::Done { act, paid } => format!("{} de {paid} {}.", act_name(*act), accepted(*act)),
        S::DoneUnconfirmed { act, asked } => format!(
            "{} {} ; le terminal n'a pas répété le montant. Vérifiez sur son ticket qu'il est bien de {asked}.",
            act_name(*act),
            accepted(*act)
        ),
        S::DonePartly { act: Operation::Debit, paid, asked, rest } => format!(
            "Paiement partiel : {paid} payés sur {asked}. Encaissez le reste, {rest}, par un autre moyen."
        ),
        S::DonePartly { act: Operation::Refund, paid, asked, rest } => format!(
            "Remboursement partiel : {paid} rendus sur {asked}. Il reste {rest} à rendre au client."
        ),
        S::DonePartly { act: Operation::Cancellation, paid, asked, rest } => format!(
            "Annulation partielle : {paid} annulés sur {asked}. Il reste {rest} débités au client : \
             remboursez-les."
        ),
        S::DoneWithMore { act: Operation::Debit, paid, asked } => {
            format!("Paiement de {paid} accepté, pour {asked} demandés : la différence est un pourboire.")
        }
        S::DoneWithMore { act, paid, asked } => format!(
            "{} de {paid} {}, pour {asked} demandés. Vérifiez le montant sur le ticket du terminal.",
            act_name(*act),
            accepted(*act)
        ),
        S::Declined { act, why } => format!(
            "{} non {} : {why}. {}. Vous pouvez recommencer{}.",
            act_name(*act),
            made(*act),
            nothing(*act),
            if *act == Operation::Debit { " ou changer de moyen de paiement" } else { "" }
        ),
        S::NotSent { act, why, terminal } => not_sent(*act, *why, terminal),
        S::Unknown { act, why, terminal } => format!(
            "{} On ne sait pas si {}. Regardez le dernier ticket du terminal « {terminal} », puis \
             répondez oui ou non. Ne recommencez pas avant.",
            unknown(*why),
            in_doubt(*act)
        ),
        S::SettledCharged { by } => {
            format!("Réglé par {by} d'après le ticket du terminal : l'opération a bien eu lieu.")
        }
        S::SettledNotCharged { by } => format!(
            "Réglé par {by} d'après le ticket du terminal : l'opération n'a pas eu lieu. Vous pouvez recommencer."
        ),
        S::Contradicted { by, said, what } => format!(
            "Attention, deux réponses : {by} avait répondu {} d'après le ticket, et le terminal a \
             répondu depuis. Réponse du terminal : {what} Vérifiez le ticket et corrigez la caisse.",
            if *said { "oui" } else { "non" }
        ),
        S::NotOnDisk { what } => format!(
            "{what} Attention : le disque de l'ordinateur du relais refuse d'enregistrer ce résultat. \
             Notez-le sur papier et libérez de l'espace disque ; aucun nouveau paiement n'est possible d'ici là."
        ),
        S::BadMessage { detail } => {
            format!("Message de la caisse refusé ({detail}) : il n'a rien envoyé et rien changé. Signalez-le à votre intégrateur.")
        }
        S::BadAmount => "Montant refusé : il faut un nombre entier de centimes, de 1 à 999 999 999 999. \
                         Le terminal n'a rien reçu."
            .into(),
        S::BadCurrency { currency } => {
            format!("Devise « {currency} » inconnue : il faut trois lettres ISO 4217, comme EUR. Le terminal n'a rien reçu.")
        }
        S::BadReference => "Référence refusée : 1 à 99 caractères ASCII imprimables, sans accent. \
                            Le terminal n'a rien reçu."
            .into(),
        S::UnknownTerminal { asked: Some(asked), known } => {
            format!("Aucun terminal « {asked} » dans la configuration du relais ({known}). Rien n'a été envoyé.")
        }
        S::UnknownTerminal { asked: None, known } => {
            format!("Il faut dire quel terminal : {known}. Rien n'a été envoyé.")
        }
        S::TerminalBusy { till } => format!(
            "Le terminal est occupé par la caisse « {till} ». Rien n'a été envoyé ; attendez la fin de son opération, puis recommencez."
        ),
        S::PossibleDoubleCharge { first } => format!(
            "Un autre paiement de cette vente ({first}) n'est pas réglé : le client a peut-être déjà été débité. \
             Rien n'a été envoyé. Regardez le ticket du terminal et réglez d'abord ce paiement."
        ),
        S::NotHeld { terminal } => format!(
            "Le terminal « {terminal} » n'est pas retenu par un paiement sans réponse : il n'y a rien à libérer."
        ),
        S::RelayStops => "Le relais s'arrête : il ne prend plus de paiement et attend la fin de ceux en cours.".into(),
        S::IdReused => "Cet identifiant a déjà servi à un autre paiement. Rien n'a été envoyé ; \
                        signalez-le à votre intégrateur."
            .into(),
        S::IdDenied => "Ce paiement arrive trop tard : la caisse a déjà su que rien n'avait été envoyé. Rien n'a été \
                        envoyé ; recommencez-le depuis la caisse.".into(),
        S::UnknownPayment => {
            "Le relais n'a aucune trace de ce paiement : rien n'a été envoyé au terminal.".into()
        }
        S::OutcomeChanged => "Le terminal a répondu entre-temps : le résultat de ce paiement a changé. Enregistrez le nouveau résultat dans la caisse.".into(),
        S::NotClosed => "Ce paiement n'est pas terminé : attendez la réponse du terminal.".into(),
        S::NotUnknown => "Le résultat de ce paiement est déjà connu : rien n'a été changé.".into(),
        S::MeansOnlyForDebit => {
            "Le chèque et l'ANCV ne servent qu'à payer. Rien n'a été envoyé.".into()
        }
        S::MovesMoney => "Cette demande déplacerait de l'argent : elle doit passer par un paiement. \
                          Rien n'a été envoyé."
            .into(),
        S::JournalUnavailable => "Le relais ne peut pas enregistrer le paiement : son disque est plein \
                                  ou en panne. Rien n'a été envoyé. Libérez de l'espace disque, puis recommencez."
            .into(),
        S::ShuttingDown => {
            "Le relais s'arrête : il ne prend plus de paiement. Rien n'a été envoyé.".into()
        }
        S::NotRecordedNow => "Le relais ne peut pas enregistrer cette demande : son disque est plein ou en \
                              panne. Le paiement n'a pas changé : ne le refaites pas. Libérez de l'espace disque."
            .into(),
        S::JournalUnreadable => "Le relais ne peut pas relire ses paiements : son disque est en panne. Ce \
                                 paiement a peut-être déjà eu lieu : ne le refaites pas avant d'avoir vu le \
                                 ticket du terminal."
            .into(),
        S::RateLimited => "Trop de demandes à la fois : celle-ci n'a rien envoyé et rien changé. Attendez un \
                           instant, puis refaites-la."
            .into(),
        S::Tray(tray) => super::tray::say(tray, super::Lang::Fr),
        S::Program(program) => super::program::say(program, super::Lang::Fr),
        S::Misuse(misuse) => super::misuse::say(misuse, super::Lang::Fr),
        S::Start(start) => super::start::say(start, super::Lang::Fr),
        S::Update(update) => super::update::say(update, super::Lang::Fr),
        S::Console(console) => super::console::say(console, super::Lang::Fr),
        S::Entry(entry) => super::entry::say(entry, super::Lang::Fr),
        S::SilentTill => "Aucun message de la caisse depuis 30 secondes.".into(),
        S::TooManyBadMessages => "Trop de messages incompréhensibles.".into(),
        S::NoProtocol => "La caisse doit proposer le sous-protocole caisse-relay.v1.".into(),
        S::Stopping => "Le relais s'arrête.".into(),
        S::TerminalReady { terminal } => format!("Le terminal « {terminal} » est prêt."),
        S::TerminalSilent { terminal } => format!(
            "Le terminal « {terminal} » accepte la connexion mais ne répond pas. Il est peut-être occupé : regardez son écran."
        ),
        S::TerminalConcertV2 { terminal } => format!(
            "Le terminal « {terminal} » est réglé en Concert V2 ; réglez-le en Concert V3 / IP."
        ),
        S::TerminalNotUnderstood { terminal } => format!(
            "Ce qui répond à l'adresse du terminal « {terminal} » ne parle pas Caisse-AP. Vérifiez l'adresse, le port et le protocole du terminal."
        ),
        S::TerminalNotReached { why, terminal } => {
            let (cause, remedy) = unreached(*why);
            format!("Le terminal « {terminal} » n'a pas pu être joint : {cause}. {remedy}")
        }
        S::ExchangeUnanswered { terminal } => {
            format!("Le terminal « {terminal} » a reçu la demande et n'a pas répondu. Regardez son écran.")
        }
    }
}

fn act_name(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "Paiement",
        Operation::Refund => "Remboursement",
        Operation::Cancellation => "Annulation",
    }
}

fn accepted(act: Operation) -> &'static str {
    if act == Operation::Cancellation { "acceptée" } else { "accepté" }
}

fn made(act: Operation) -> &'static str {
    if act == Operation::Cancellation { "effectuée" } else { "effectué" }
}

/// What did not happen, for the money.
fn nothing(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "Rien n'a été débité",
        Operation::Refund => "Rien n'a été remboursé",
        Operation::Cancellation => "Rien n'a été annulé : le paiement d'origine reste débité",
    }
}

fn may_still(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "le client soit débité",
        Operation::Refund => "le client soit remboursé",
        Operation::Cancellation => "le paiement soit annulé",
    }
}

fn in_doubt(act: Operation) -> &'static str {
    match act {
        Operation::Debit => "le client a été débité",
        Operation::Refund => "le client a été remboursé",
        Operation::Cancellation => "le paiement a été annulé",
    }
}

fn not_sent(act: Operation, why: NotSent, terminal: &str) -> String {
    let nothing = nothing(act);
    match why {
        NotSent::Cancelled => {
            let given_up =
                if act == Operation::Cancellation { "abandonnée" } else { "abandonné" };
            format!("{} {given_up} avant l'envoi au terminal. {nothing}.", act_name(act))
        }
        NotSent::RelayRestarted => format!(
            "Le relais s'est arrêté avant l'envoi au terminal « {terminal} ». {nothing} ; vous pouvez recommencer."
        ),
        NotSent::NotRecorded => format!(
            "Le disque refuse d'enregistrer le paiement ; il n'a pas été envoyé. {nothing}. Libérez de l'espace disque, puis recommencez."
        ),
        why => {
            let (cause, remedy) = unreached(why);
            format!(
                "Le terminal « {terminal} » n'a pas pu être joint : {cause}. {nothing}. {remedy}"
            )
        }
    }
}

fn unreached(why: NotSent) -> (&'static str, &'static str) {
    match why {
        NotSent::NoSuchHost => (
            "son nom est inconnu du réseau",
            "Vérifiez l'adresse du terminal dans la configuration du relais.",
        ),
        NotSent::PublicAddress => (
            "son nom mène à une adresse sur Internet",
            "Écrivez l'adresse du terminal lui-même (comme 192.168.1.50) dans la configuration du relais.",
        ),
        NotSent::ConnectionRefused => (
            "il refuse la connexion",
            "Réveillez-le, vérifiez son port et son protocole (Concert V3 / IP), puis recommencez.",
        ),
        NotSent::Unreachable => (
            "aucun chemin réseau n'y mène",
            "Vérifiez le câble ou le Wi-Fi du terminal, puis recommencez.",
        ),
        NotSent::ConnectTimeout => (
            "il ne répond pas",
            "Vérifiez qu'il est allumé et que son adresse n'a pas changé, puis recommencez.",
        ),
        NotSent::ConnectionLost => (
            "il a fermé la connexion avant la demande",
            "Il est peut-être occupé : terminez ce qui est à son écran, puis recommencez.",
        ),
        NotSent::BadRequest => (
            "son profil donne une demande que le protocole ne permet pas",
            "Vérifiez ce terminal dans la configuration du relais.",
        ),
        NotSent::Cancelled | NotSent::RelayRestarted | NotSent::NotRecorded => {
            ("la demande n'est pas partie", "Vous pouvez recommencer.")
        }
    }
}

fn unknown(why: Why) -> &'static str {
    match why {
        Why::Silence => "Le terminal n'a pas répondu à temps.",
        Why::ConnectionClosed => "Le terminal a raccroché sans donner de réponse.",
        Why::ConnectionReset => "La liaison avec le terminal s'est coupée.",
        Why::GarbledAnswer | Why::AnswerTooLong | Why::NoStatus => {
            "La réponse du terminal est illisible."
        }
        Why::ConcertV2 => "Ce terminal est réglé en Concert V2 ; réglez-le en Concert V3 / IP.",
        Why::OnlyAccepted => "Le terminal a pris la demande mais n'a pas donné le résultat.",
        Why::Contradicted | Why::OtherAction | Why::OtherCurrency | Why::NothingPaid => {
            "La réponse du terminal se contredit."
        }
        Why::RelayStopped => "Le relais a été arrêté pendant que le terminal avait la demande.",
        Why::RelayFailed => "Le relais a eu une panne pendant que le terminal avait la demande.",
        Why::RelayRestarted => "Le relais s'est arrêté pendant que le terminal avait la demande.",
    }
}

//! What `--help` says. The English stands beside what it is about, in `cli`; here is its French.

mod commands;
mod options;

use super::{Lang, fr};

/// What stands around the texts, in the library's English.
pub const FRAME: &[(&str, &str)] = &[
    ("Usage", "Utilisation"),
    ("Commands", "Commandes"),
    ("Arguments", "Arguments"),
    ("Options", "Options"),
    ("COMMAND", "COMMANDE"),
    ("env", "variable"),
    ("default", "par défaut"),
    ("possible values", "valeurs possibles"),
];

/// Every text of the help that is not in its frame, in English and in French.
pub fn texts() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    commands::TEXTS.iter().chain(options::TEXTS).chain(options::VALUES)
}

/// The French of a text of the help, if there is one.
pub fn help_in_french(english: &str) -> Option<String> {
    let mut known = texts().chain(FRAME);
    known.find(|(known, _)| *known == english).map(|(_, french)| fr::typeset(french))
}

/// The exit codes, below the help.
pub fn exit_codes(lang: Lang) -> String {
    let codes = lang.pick(
        "\
Codes de sortie :
  0  fait ; pour un paiement : accepté
  1  quelque chose a échoué ; le message dit quoi
  2  la ligne de commande n'est pas comprise
  3  refusé par le terminal : rien n'a été débité
  4  pas envoyé : rien n'a été débité
  5  inconnu : la carte a peut-être été débitée, regardez le ticket du terminal
  6  refusé par le relais : rien n'a été envoyé",
        "\
Exit codes:
  0  done; a payment: approved
  1  something failed; the message says what
  2  the command line cannot be understood
  3  declined by the terminal: nothing was charged
  4  not sent: nothing was charged
  5  unknown: the card may be charged, look at the terminal's ticket
  6  refused by the relay: nothing was sent",
    );
    lang.pick(fr::typeset(codes), codes.into())
}

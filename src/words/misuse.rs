//! What is wrong with a command line.

use super::Lang;

/// A command line that cannot be understood. Options come as they are typed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Misuse {
    NotExpected { word: String, nearest: Option<String> },
    NoSuchCommand { word: String, nearest: Option<String> },
    NoCommand { command: String, known: String },
    Missing { arguments: String },
    NoValue { argument: String },
    TakesNoValue { argument: String, value: String },
    NoneOf { argument: String, value: String, known: String },
    NotAnAddress { argument: String, value: String },
    NotANumber { argument: String, value: String },
    NotANetwork { argument: String, value: String, largest: usize },
    NotTogether { argument: String, other: String },
    Twice { argument: String },
    // What only the command itself can see.
    NotACurrency { value: String },
    NotAnAmount { value: String, currency: String },
    NotLoopback { argument: &'static str, value: String },
    NotAnId { value: String },
    // Below it.
    Usage { usage: String },
    MoreHelp,
}

pub(super) fn say(misuse: &Misuse, lang: Lang) -> String {
    use Misuse as M;
    match misuse {
        M::NotExpected { word, nearest } => {
            let nearest = meant(nearest.as_deref(), lang);
            lang.pick(
                format!("« {word} » n'est pas attendu ici{nearest}"),
                format!("“{word}” is not expected here{nearest}"),
            )
        }
        M::NoSuchCommand { word, nearest } => {
            let nearest = meant(nearest.as_deref(), lang);
            lang.pick(
                format!("« {word} » n'est pas une commande{nearest}"),
                format!("“{word}” is no command{nearest}"),
            )
        }
        M::NoCommand { command, known } => lang.pick(
            format!("que doit faire `{command}` ? Une commande parmi : {known}"),
            format!("what is `{command}` to do? A command out of: {known}"),
        ),
        M::Missing { arguments } => {
            lang.pick(format!("il manque : {arguments}"), format!("this is missing: {arguments}"))
        }
        M::NoValue { argument } => lang.pick(
            format!("il manque la valeur de {argument}"),
            format!("the value of {argument} is missing"),
        ),
        M::TakesNoValue { argument, value } => lang.pick(
            format!("{argument} : une valeur de trop, « {value} »"),
            format!("{argument}: one value too many, “{value}”"),
        ),
        M::NoneOf { argument, value, known } => lang.pick(
            format!("{argument} : « {value} » n'est pas parmi : {known}"),
            format!("{argument}: “{value}” is not one of: {known}"),
        ),
        M::NotAnAddress { argument, value } => lang.pick(
            format!("{argument} : « {value} » n'est pas une adresse avec son port, comme 127.0.0.1:9443"),
            format!("{argument}: “{value}” is no address with its port, such as 127.0.0.1:9443"),
        ),
        M::NotANumber { argument, value } => lang.pick(
            format!("{argument} : « {value} » n'est pas un nombre entier qui convient"),
            format!("{argument}: “{value}” is no whole number that will do"),
        ),
        M::NotANetwork { argument, value, largest } => lang.pick(
            format!("{argument} : « {value} » n'est pas un réseau privé d'au plus {largest} adresses, comme 192.168.1.0/24"),
            format!("{argument}: “{value}” is no private network of at most {largest} addresses, such as 192.168.1.0/24"),
        ),
        M::NotTogether { argument, other } => lang.pick(
            format!("{argument} ne va pas avec {other}"),
            format!("{argument} does not go with {other}"),
        ),
        M::Twice { argument } => lang.pick(
            format!("{argument} ne se donne qu'une fois"),
            format!("{argument} can be given once only"),
        ),
        M::NotACurrency { value } => lang.pick(
            format!("--currency : « {value} » n'est pas un code ISO 4217"),
            format!("--currency: “{value}” is not an ISO 4217 code"),
        ),
        M::NotAnAmount { value, currency } => lang.pick(
            format!("--amount : « {value} » n'est pas un montant en {currency}"),
            format!("--amount: “{value}” is no amount in {currency}"),
        ),
        M::NotLoopback { argument, value } => lang.pick(
            format!("{argument} : {value} n'est pas une adresse de bouclage, comme 127.0.0.1:8080"),
            format!("{argument}: {value} is not a loopback address, such as 127.0.0.1:8080"),
        ),
        M::NotAnId { value } => lang.pick(
            format!("« {value} » n'est pas l'identifiant d'un paiement"),
            format!("“{value}” is no id of a payment"),
        ),
        M::Usage { usage } => {
            lang.pick(format!("Utilisation : {usage}"), format!("Usage: {usage}"))
        }
        M::MoreHelp => {
            lang.pick("Pour en savoir plus : --help".into(), "For more: --help".into())
        }
    }
}

fn meant(nearest: Option<&str>, lang: Lang) -> String {
    let question = |nearest| {
        lang.pick(
            format!(" ; vouliez-vous dire « {nearest} » ?"),
            format!("; did you mean “{nearest}”?"),
        )
    };
    nearest.map(question).unwrap_or_default()
}

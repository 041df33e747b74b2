//! What is wrong with a file that a person wrote: a configuration, or a script of the
//! simulated terminal.

use super::Lang;

/// What is wrong with a configuration or a script. Keys are written as in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences themselves stand below")]
pub enum Mistake {
    /// Of a key, or of one of the terminals.
    Of {
        key: String,
        mistake: Box<Mistake>,
    },
    /// In the words of the library that read it.
    Said {
        text: String,
    },
    UnknownKey {
        key: String,
        nearest: Option<String>,
    },
    NotAnOrigin {
        text: String,
    },
    NoMonths,
    NothingToGive,
    TwiceAddress {
        address: String,
        port: u16,
    },
    TwiceName {
        name: String,
    },
    PublicAddress {
        address: String,
    },
    PortOfListen,
    OnlyWithOnboarding,
    NoTabletReaches {
        listen: String,
    },
    NoMdnsName {
        text: String,
    },
    Characters {
        least: usize,
        most: usize,
    },
    NoHost {
        text: String,
    },
    Between {
        least: u64,
        most: u64,
    },
    FourDigits,
    TwelveCharacters,
    Register,
    NoManifest {
        text: String,
    },
    NoKey {
        text: String,
    },
    PasswordInside,
    HostMissing,
    AuthorityMissing,
    // Of a script of the simulated terminal.
    AtLine {
        line: usize,
        mistake: Box<Mistake>,
    },
    OfStep {
        number: usize,
        mistake: Box<Mistake>,
    },
    ThreeDigits {
        text: String,
    },
    TooLong {
        length: usize,
        most: usize,
    },
    NoLatin1 {
        character: char,
    },
    NoTag {
        text: String,
    },
    TwoBesideIssuerCode,
}

impl Mistake {
    /// This, of a key.
    pub fn of(self, key: &str) -> Mistake {
        Mistake::Of { key: key.into(), mistake: Box::new(self) }
    }
}

pub(super) fn mistaken(mistake: &Mistake, lang: Lang) -> String {
    use Mistake as M;
    let both = |french: String, english: String| lang.pick(french, english);
    match mistake {
        M::Of { key, mistake } => {
            let mistake = mistaken(mistake, lang);
            both(format!("{key} : {mistake}"), format!("{key}: {mistake}"))
        }
        M::Said { text } => text.clone(),
        M::UnknownKey { key, nearest: Some(nearest) } => both(
            format!("clé inconnue `{key}` ; vouliez-vous dire `{nearest}` ?"),
            format!("unknown key `{key}`; did you mean `{nearest}`?"),
        ),
        M::UnknownKey { key, nearest: None } => {
            both(format!("clé inconnue `{key}`"), format!("unknown key `{key}`"))
        }
        M::NotAnOrigin { text } => both(
            format!("`{text}` n'est pas une origine ; une origine s'écrit https://shop.example"),
            format!("`{text}` is no origin; one is written https://shop.example"),
        ),
        M::NoMonths => both(
            "1 au moins ; un numéro oublié pourrait être payé une seconde fois".into(),
            "1 at least; an id that is forgotten could be paid again".into(),
        ),
        M::NothingToGive => both(
            "avec `tls`, le relais n'a pas d'autorité à donner ; les appareils font confiance à celle qui a signé votre certificat".into(),
            "with `tls` the relay has no authority of its own to give; devices trust the one that signed your certificate".into(),
        ),
        M::TwiceAddress { address, port } => both(
            format!("{address} port {port} y est deux fois ; un terminal porte un seul paiement, il n'a donc qu'une entrée"),
            format!("{address} port {port} is there twice; one terminal carries one payment, so it has one entry"),
        ),
        M::TwiceName { name } => both(
            format!("le nom `{name}` y est deux fois"),
            format!("the name `{name}` is there twice"),
        ),
        M::PublicAddress { address } => both(
            format!("{address} est une adresse d'Internet ; un relais sert le réseau de la boutique"),
            format!("{address} is an address of the Internet; a relay serves the shop's own network"),
        ),
        M::PortOfListen => both(
            "un autre port que celui de `listen`".into(),
            "another port than that of `listen`".into(),
        ),
        M::OnlyWithOnboarding => both(
            "seulement avec `onboarding = true`".into(),
            "only with `onboarding = true`".into(),
        ),
        M::NoTabletReaches { listen } => both(
            format!("aucune tablette n'atteint {listen}, une adresse de cet ordinateur seul ; que `listen` soit une adresse du réseau de la boutique, comme 0.0.0.0:9443"),
            format!("tablets cannot reach {listen}, a loopback address; let `listen` be an address of the shop's network, such as 0.0.0.0:9443"),
        ),
        M::NoMdnsName { text } => both(
            format!("`{text}` n'est pas un nom ; des lettres, des chiffres et `-`, 60 au plus"),
            format!("`{text}` is no name; letters, digits and `-`, 60 at most"),
        ),
        M::Characters { least, most } => {
            both(format!("{least} à {most} caractères"), format!("{least} to {most} characters"))
        }
        M::NoHost { text } => both(
            format!("`{text}` n'est ni un nom d'hôte ni une adresse IP"),
            format!("`{text}` is no host name or IP address"),
        ),
        M::Between { least, most } => {
            both(format!("de {least} à {most}"), format!("{least} to {most}"))
        }
        M::FourDigits => {
            both("quatre chiffres, comme 0300".into(), "four digits, such as 0300".into())
        }
        M::TwelveCharacters => both("12 caractères".into(), "12 characters".into()),
        M::Register => both("de 01 à 99".into(), "01 to 99".into()),
        M::NoManifest { text } => both(
            format!("`{text}` n'est ni un fichier ni une adresse qui commence par https://"),
            format!("`{text}` is neither a file nor an address that begins with https://"),
        ),
        M::NoKey { text } => both(
            format!("`{text}` n'est pas une clé de minisign ; il en faut la deuxième ligne, de 56 caractères"),
            format!("`{text}` is no key of minisign; its second line, of 56 characters"),
        ),
        M::PasswordInside => both(
            "le mot de passe va dans un fichier à lui, password_file".into(),
            "the password belongs in a file of its own, password_file".into(),
        ),
        M::HostMissing => both("il manque un hôte".into(), "a host is missing".into()),
        M::AuthorityMissing => both(
            "sur un réseau, il faut TLS ; nommez le fichier du certificat de l'autorité qui a signé celui de la base".into(),
            "over a network only TLS will do; name the file with the certificate of the authority that signed the database's".into(),
        ),
        M::AtLine { line, mistake } => {
            let mistake = mistaken(mistake, lang);
            both(format!("ligne {line} : {mistake}"), format!("line {line}: {mistake}"))
        }
        M::OfStep { number, mistake } => {
            let mistake = mistaken(mistake, lang);
            both(format!("étape {number} : {mistake}"), format!("step {number}: {mistake}"))
        }
        M::ThreeDigits { text } => both(
            format!("`{text}` n'est pas un code de trois chiffres, comme 978"),
            format!("`{text}` is no code of three digits, such as 978"),
        ),
        M::TooLong { length, most } => both(
            format!("{length} caractères, et le protocole en permet {most}"),
            format!("{length} characters, and the protocol allows {most}"),
        ),
        M::NoLatin1 { character } => both(
            format!("`{character}` n'est pas un caractère Latin-1"),
            format!("`{character}` is no character of Latin-1"),
        ),
        M::NoTag { text } => both(
            format!("`{text}` n'est pas un champ du protocole, deux lettres majuscules"),
            format!("`{text}` is no field of the protocol, two capital letters"),
        ),
        M::TwoBesideIssuerCode => both(
            "exactement deux caractères à côté de `issuer_code`".into(),
            "exactly two characters beside `issuer_code`".into(),
        ),
    }
}

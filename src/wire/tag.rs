use std::fmt;

/// The name of a field: two upper-case letters.
///
/// A first letter `A` marks what the terminal says, `B` what the till says,
/// `C` what both say, `Z` a value that is itself made of fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag([u8; 2]);

impl Tag {
    /// `CZ`, version du protocole, four digits; always the first field.
    pub const VERSION: Tag = Tag(*b"CZ");
    /// `CJ`, identifiant protocole Concert: 12 characters. The terminal's is its own.
    pub const IDENTIFIER: Tag = Tag(*b"CJ");
    /// `CA`, numéro de caisse, `01` to `99`.
    pub const REGISTER: Tag = Tag(*b"CA");
    /// `CB`, montant, minor units, 2 to 12 digits. In an answer: what was paid.
    pub const AMOUNT: Tag = Tag(*b"CB");
    /// `CC`, application de paiement, three characters.
    pub const APPLICATION: Tag = Tag(*b"CC");
    /// `CD`, type d'action, one character.
    pub const ACTION: Tag = Tag(*b"CD");
    /// `CE`, devise, the three digits of ISO 4217.
    pub const CURRENCY: Tag = Tag(*b"CE");
    /// `CF`, données privées, 1 to 99 characters; some terminals answer with data of their own.
    pub const PRIVATE: Tag = Tag(*b"CF");
    /// `CG`, numéro de contrat commerçant, up to 10 characters.
    pub const CONTRACT: Tag = Tag(*b"CG");
    /// `CI`, mode de lecture, one digit.
    pub const READ_MODE: Tag = Tag(*b"CI");
    /// `CK`, gestion du ticket, three digits.
    pub const TICKET_MODE: Tag = Tag(*b"CK");
    /// `AA`, PAN, masked by most terminals and always by us.
    pub const CARD: Tag = Tag(*b"AA");
    /// `AB`, date d'expiration, YYMM; never kept.
    pub const EXPIRY: Tag = Tag(*b"AB");
    /// `AC`, numéro d'autorisation, 1 to 10 characters.
    pub const AUTHORIZATION: Tag = Tag(*b"AC");
    /// `AE`, statut de l'action: `10` done, `01` not done, `11` accepted.
    pub const STATUS: Tag = Tag(*b"AE");
    /// `AF`, complément de statut, 2 to 50 characters.
    pub const REPORT: Tag = Tag(*b"AF");
    /// `AI`, AID, up to 32 hexadecimal digits.
    pub const AID: Tag = Tag(*b"AI");
    /// `AK`, données ticket, base64, inside `ZT`.
    pub const TICKET_DATA: Tag = Tag(*b"AK");
    /// `AM`, telephone typed on the terminal; never kept.
    pub const CUSTOMER_PHONE: Tag = Tag(*b"AM");
    /// `AN`, e-mail typed on the terminal; never kept.
    pub const CUSTOMER_EMAIL: Tag = Tag(*b"AN");
    /// `BA`, délai de réponse: `1` asks for an answer before the outcome. Never sent.
    pub const IMMEDIATE: Tag = Tag(*b"BA");
    /// `BF`, paiement partiel: `1` accepted.
    pub const PARTIAL: Tag = Tag(*b"BF");
    /// `BH`, customer's telephone, sent by the till.
    pub const TILL_PHONE: Tag = Tag(*b"BH");
    /// `BI`, customer's e-mail, sent by the till.
    pub const TILL_EMAIL: Tag = Tag(*b"BI");
    /// `ZT`, ticket: a `CK` and an `AK` inside.
    pub const TICKET: Tag = Tag(*b"ZT");

    /// A tag from its two letters; `None` unless both are `A` to `Z`.
    pub fn new(letters: &[u8]) -> Option<Tag> {
        match letters {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Tag([a, b])),
            _ => None,
        }
    }

    pub(super) fn bytes(self) -> [u8; 2] {
        self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0[0] as char, self.0[1] as char)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

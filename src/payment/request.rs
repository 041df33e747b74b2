use super::{Means, Order, Register};
use crate::wire::{Field, Message, Tag};

/// What a terminal wants in every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// `CZ`, four digits; `0300` is what every terminal seen accepts.
    pub version: String,
    /// `CJ`, the 12 characters that name the till's vendor; not checked by the terminals seen.
    pub identifier: String,
    /// `CA`, unless the order says otherwise.
    pub register: Register,
    /// Ask for the ticket's text, unless the order says otherwise.
    pub receipt: bool,
    /// Accept that less is paid, unless the order says otherwise.
    pub partial: bool,
    /// Send the order's reference as `CF`.
    pub reference: bool,
}

impl Default for Profile {
    fn default() -> Profile {
        Profile {
            version: "0300".into(),
            identifier: "012345678901".into(),
            register: Register::FIRST,
            receipt: false,
            partial: false,
            reference: true,
        }
    }
}

/// The request for a payment. Only what was asked for is sent: newer terminals
/// break on a `BF=0` that older ones accepted (OCA l10n-france 645 to 648), and
/// `BA=1` would make `AE=10` mean something else than paid.
pub fn payment(order: &Order, profile: &Profile) -> Message {
    let mut fields = head(profile, order.register.unwrap_or(profile.register));
    fields.push(Field::new(Tag::AMOUNT, order.amount.digits()));
    fields.push(Field::new(Tag::ACTION, order.operation.digit()));
    fields.push(Field::new(Tag::CURRENCY, order.currency.digits()));
    match order.means {
        Means::Card => {}
        Means::Cheque => fields.push(Field::new(Tag::APPLICATION, "00C")),
        Means::Ancv => fields.push(Field::new(Tag::APPLICATION, "00V")),
    }
    if order.partial.unwrap_or(profile.partial) {
        fields.push(Field::new(Tag::PARTIAL, "1"));
    }
    if let Some(reference) = order.reference.as_ref().filter(|_| profile.reference) {
        fields.push(Field::new(Tag::PRIVATE, reference.as_str()));
    }
    if order.receipt.unwrap_or(profile.receipt) {
        fields.push(Field::new(Tag::TICKET_MODE, "100"));
    }
    Message::new(fields)
}

/// The request that asks a terminal who it is, `CD=I`; no money moves.
pub fn identification(profile: &Profile) -> Message {
    let mut fields = head(profile, profile.register);
    fields.push(Field::new(Tag::ACTION, "I"));
    Message::new(fields)
}

/// The request for the terminal's last transaction, `CD=3`; no money moves. Some
/// terminals want an amount and a currency beside it.
pub fn duplicate(order: &Order, profile: &Profile) -> Message {
    let mut fields = head(profile, order.register.unwrap_or(profile.register));
    fields.push(Field::new(Tag::AMOUNT, order.amount.digits()));
    fields.push(Field::new(Tag::ACTION, "3"));
    fields.push(Field::new(Tag::CURRENCY, order.currency.digits()));
    Message::new(fields)
}

/// A request of the till's own fields, with `CZ`, `CJ` and `CA` where it left
/// them out. `None` when it would move money: that goes through [`payment`].
pub fn other(fields: Vec<Field>, profile: &Profile) -> Option<Message> {
    let has = |tag| fields.iter().any(|field: &Field| field.tag == tag);
    let mut actions = fields.iter().filter(|field| field.tag == Tag::ACTION);
    let action = actions.next()?;
    // Of two, nobody knows which one a terminal obeys.
    if actions.next().is_some() {
        return None;
    }
    // Digits move money, and which ones differs from vendor to vendor. A blank
    // before one may be trimmed by the terminal.
    if !matches!(action.value.as_slice(), [b'3' | b'A'..=b'Z']) {
        return None;
    }
    let mut whole = head(profile, profile.register);
    whole.retain(|field| !has(field.tag));
    // A till may put its own CZ anywhere; on the wire it is first.
    let (version, rest): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|field| field.tag == Tag::VERSION);
    whole.splice(0..0, version);
    whole.extend(rest);
    Some(Message::new(whole))
}

fn head(profile: &Profile, register: Register) -> Vec<Field> {
    vec![
        Field::new(Tag::VERSION, profile.version.as_str()),
        Field::new(Tag::IDENTIFIER, profile.identifier.as_str()),
        Field::new(Tag::REGISTER, register.digits()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other_of(fields: &[(&str, &str)]) -> Option<String> {
        let fields = fields
            .iter()
            .map(|(tag, value)| Field::new(Tag::new(tag.as_bytes()).unwrap(), *value))
            .collect();
        let message = other(fields, &Profile::default())?;
        Some(String::from_utf8(crate::wire::encode(&message).unwrap()).unwrap())
    }

    #[test]
    fn a_raw_exchange_gets_the_head_it_lacks() {
        assert_eq!(
            other_of(&[("CD", "3"), ("CK", "100")]).unwrap(),
            "CZ0040300CJ012012345678901CA00201CD0013CK003100"
        );
        assert_eq!(
            other_of(&[("CD", "B"), ("CZ", "0320"), ("CA", "07")]).unwrap(),
            "CZ0040320CJ012012345678901CD001BCA00207"
        );
    }

    #[test]
    fn a_raw_exchange_moves_no_money() {
        for action in ["0", "1", "2", "4", "5", "6", "7", "8", "9", "01", " 0", "3 ", "i", ""] {
            assert_eq!(other_of(&[("CD", action), ("CB", "1590")]), None, "{action}");
        }
        assert_eq!(other_of(&[("CB", "1590")]), None);
        assert_eq!(
            other_of(&[("CD", "3"), ("CD", "0"), ("CB", "1590")]),
            None,
            "one hides another"
        );
    }
}

use crate::wire::{self, Field, Message, Tag};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// What the terminal says of the card and the operation; every part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// `AA`, at most the first 6 and last 4 digits.
    pub card: Option<String>,
    /// `AC`, the authorization number; there may be one on a refusal.
    pub authorization: Option<String>,
    /// `CC`, the payment application, three characters.
    pub application: Option<String>,
    /// `CI`, how the card was read, one digit.
    pub read_mode: Option<String>,
    /// `CG`, the merchant contract.
    pub contract: Option<String>,
    /// `AI`, the application identifier of the chip.
    pub aid: Option<String>,
    /// The ticket's text, card numbers hidden, lines separated by `\n`.
    pub ticket: Option<String>,
}

/// Terminals pad their base64 or not, and some wrap it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Receipt {
    /// Reads an answer. A ticket that cannot be decoded is left out: it never
    /// loses the payment.
    pub fn read(message: &Message) -> Receipt {
        Receipt {
            card: message.text(Tag::CARD),
            authorization: message.text(Tag::AUTHORIZATION),
            application: message.text(Tag::APPLICATION),
            read_mode: message.text(Tag::READ_MODE),
            contract: message.text(Tag::CONTRACT),
            aid: message.text(Tag::AID),
            ticket: ticket(message),
        }
    }
}

/// Whether a ticket came that nobody can read.
pub fn ticket_unreadable(message: &Message) -> bool {
    message.get(Tag::TICKET).is_some() && ticket(message).is_none()
}

/// The text of the tickets of an answer: `AK` inside `ZT`, or beside it.
pub fn ticket(message: &Message) -> Option<String> {
    let tickets = message.fields().iter().flat_map(|field| match field.tag {
        Tag::TICKET => wire::nested(&field.value),
        _ => vec![field.clone()],
    });
    let texts: Vec<String> =
        tickets.filter(|field| field.tag == Tag::TICKET_DATA).filter_map(decoded).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn decoded(data: Field) -> Option<String> {
    let base64: Vec<u8> =
        data.value.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = BASE64.decode(base64).ok().filter(|text| !text.is_empty())?;
    // A printer's control codes first: one inside a card number would hide it from the mask.
    let is_text = |byte: &u8| *byte == b'\n' || !char::from(*byte).is_control();
    let mut text: Vec<u8> = text.into_iter().filter(is_text).collect();
    wire::mask_numbers(&mut text);
    Some(text.into_iter().map(char::from).collect())
}

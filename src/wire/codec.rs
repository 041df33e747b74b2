use super::{Field, Message, Tag};
use std::mem;

/// The longest value a field can carry: its length has three digits.
pub const MAX_VALUE: usize = 999;

/// `CZ` is first and four digits long, so every message begins like this.
const BEGINNING: &[u8] = b"CZ004";
const HEADER: usize = 5;

/// Why a message cannot be put on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// `CZ` is mandatory, comes first and has four characters: a reader finds
    /// the beginning of a message by that.
    #[error("the first field of a message is CZ, of four characters")]
    VersionNotFirst,
    /// The protocol has no empty fields: a field without a value is left out.
    #[error("{0} is empty")]
    Empty(Tag),
    /// Over 999 bytes.
    #[error("{0} has {1} bytes and the protocol allows 999")]
    TooLong(Tag, usize),
    /// Something else than printable ASCII.
    #[error("{0} holds something else than printable ASCII")]
    NotAscii(Tag),
    /// A tag may stand once in a message.
    #[error("{0} is there twice")]
    Repeated(Tag),
}

/// The bytes of a message.
///
/// # Errors
/// Refuses what a terminal would refuse or misread: see [`EncodeError`].
pub fn encode(message: &Message) -> Result<Vec<u8>, EncodeError> {
    let fields = message.fields();
    if !fields.first().is_some_and(|field| field.tag == Tag::VERSION && field.value.len() == 4) {
        return Err(EncodeError::VersionNotFirst);
    }
    let mut bytes = Vec::with_capacity(fields.iter().map(|f| HEADER + f.value.len()).sum());
    for (index, Field { tag, value }) in fields.iter().enumerate() {
        if value.is_empty() {
            return Err(EncodeError::Empty(*tag));
        }
        if value.len() > MAX_VALUE {
            return Err(EncodeError::TooLong(*tag, value.len()));
        }
        if !value.iter().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(EncodeError::NotAscii(*tag));
        }
        if fields[..index].iter().any(|earlier| earlier.tag == *tag) {
            return Err(EncodeError::Repeated(*tag));
        }
        bytes.extend_from_slice(&tag.bytes());
        bytes.extend_from_slice(format!("{:03}", value.len()).as_bytes());
        bytes.extend_from_slice(value);
    }
    Ok(bytes)
}

/// Where the bytes read so far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// No message has begun.
    Before,
    /// After a whole field: the message may be complete, or go on.
    Boundary,
    /// Inside a field.
    Inside,
    /// At bytes that are no field; what follows cannot be read.
    Malformed,
}

/// Reads messages from bytes that arrive in pieces of any size.
///
/// Bytes before the first `CZ004` are skipped and counted. A second `CZ`
/// begins a second message. The caller bounds how much it feeds.
#[derive(Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    messages: Vec<Message>,
    current: Option<Message>,
    first_skipped: Option<u8>,
    skipped: usize,
    received: usize,
    malformed: bool,
}

impl Decoder {
    /// A decoder that has read nothing.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// Reads more bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.received += bytes.len();
        self.pending.extend_from_slice(bytes);
        if self.malformed || (self.current.is_none() && !self.find_beginning()) {
            return;
        }
        let pending = mem::take(&mut self.pending);
        let mut rest = without_line_end(&pending);
        while let Next::Field(field, after) = next_field(rest) {
            self.take(field);
            rest = without_line_end(after);
        }
        self.malformed = matches!(next_field(rest), Next::NoField);
        self.pending = rest.to_vec();
    }

    /// Where the bytes read so far end.
    pub fn position(&self) -> Position {
        match (self.malformed, &self.current) {
            (true, _) => Position::Malformed,
            (false, None) => Position::Before,
            (false, Some(_)) if self.pending.is_empty() => Position::Boundary,
            (false, Some(_)) => Position::Inside,
        }
    }

    /// Every message read so far; the last one as far as it came.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().chain(&self.current)
    }

    /// How many bytes were fed.
    pub fn received(&self) -> usize {
        self.received
    }

    /// How many bytes stood before the first message.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The first byte that stood before the first message.
    pub fn first_skipped(&self) -> Option<u8> {
        self.first_skipped
    }

    /// Every message read, the last one as far as it came.
    pub fn into_messages(mut self) -> Vec<Message> {
        self.messages.extend(self.current);
        self.messages
    }

    /// Drops what cannot be the start of a message; what may be is kept.
    fn find_beginning(&mut self) -> bool {
        let found = self.pending.windows(BEGINNING.len()).position(|bytes| bytes == BEGINNING);
        let may_begin = |from: &usize| BEGINNING.starts_with(&self.pending[*from..]);
        let junk =
            found.or_else(|| (0..self.pending.len()).find(may_begin)).unwrap_or(self.pending.len());
        if junk > 0 {
            self.skipped += junk;
            self.first_skipped.get_or_insert(self.pending[0]);
            self.pending.drain(..junk);
        }
        found.is_some()
    }

    fn take(&mut self, field: Field) {
        match &mut self.current {
            Some(current) if field.tag != Tag::VERSION => current.push(field),
            current => self.messages.extend(current.replace(Message::new(vec![field]))),
        }
    }
}

/// Some terminals end a message as a line; a field never begins like that.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(bytes.len());
    &bytes[end..]
}

/// The fields inside a constructed value such as `ZT`, as far as they can be read.
pub fn nested(value: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut rest = value;
    while let Next::Field(field, after) = next_field(rest) {
        fields.push(field);
        rest = after;
    }
    fields
}

enum Next<'a> {
    Field(Field, &'a [u8]),
    Incomplete,
    NoField,
}

fn next_field(bytes: &[u8]) -> Next<'_> {
    let letters = &bytes[..bytes.len().min(2)];
    let digits = &bytes[letters.len()..bytes.len().min(HEADER)];
    if !letters.iter().all(u8::is_ascii_uppercase) || !digits.iter().all(u8::is_ascii_digit) {
        return Next::NoField;
    }
    let Some(tag) = Tag::new(letters).filter(|_| digits.len() == 3) else {
        return Next::Incomplete;
    };
    let length = digits.iter().fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    match bytes.get(HEADER..HEADER + length) {
        Some(value) => Next::Field(Field::new(tag, value), &bytes[HEADER + length..]),
        None => Next::Incomplete,
    }
}

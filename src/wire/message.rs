use super::Tag;
use std::fmt;

/// One tag and its bytes.
///
/// `Debug` shows the length of the value, never the value: it may be a card
/// number, and a debug format ends in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// Which field.
    pub tag: Tag,
    /// Its bytes, 1 to 999 in what we send; a terminal may send none.
    pub value: Vec<u8>,
}

impl Field {
    /// A field from its tag and bytes.
    pub fn new(tag: Tag, value: impl Into<Vec<u8>>) -> Field {
        Field { tag, value: value.into() }
    }

    /// The value read as Latin-1, so that one stray byte never loses an answer.
    pub fn text(&self) -> String {
        self.value.iter().map(|&byte| char::from(byte)).collect()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.tag, self.value.len())
    }
}

/// The fields of one message, in the order of the wire, unknown ones included.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Message {
    fields: Vec<Field>,
}

impl Message {
    /// A message of these fields; nothing is checked before it is encoded.
    pub fn new(fields: Vec<Field>) -> Message {
        Message { fields }
    }

    /// The fields in order, duplicates included.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The fields, to be masked in place.
    pub fn fields_mut(&mut self) -> &mut Vec<Field> {
        &mut self.fields
    }

    /// The bytes of a field. Where a terminal repeats a tag, the first decides.
    pub fn get(&self, tag: Tag) -> Option<&[u8]> {
        self.fields.iter().find(|field| field.tag == tag).map(|field| field.value.as_slice())
    }

    /// The value of a field as Latin-1 text without the blanks around it;
    /// `None` when the field is absent or blank.
    pub fn text(&self, tag: Tag) -> Option<String> {
        let field = self.fields.iter().find(|field| field.tag == tag)?;
        let text = field.text().trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn push(&mut self, field: Field) {
        self.fields.push(field);
    }
}

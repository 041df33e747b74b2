//! Any bytes, in any pieces: never a panic, the same result whatever the
//! pieces, nothing invented, and what can be written again is read the same.

#![no_main]

use caisse_relay::wire::{self, Decoder, Message, Position, Tag};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, PartialEq)]
struct Told {
    messages: Vec<Message>,
    position: Position,
    received: usize,
    skipped: usize,
    first_skipped: Option<u8>,
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Told {
    let mut decoder = Decoder::new();
    pieces.for_each(|piece| decoder.feed(piece));
    Told {
        position: decoder.position(),
        received: decoder.received(),
        skipped: decoder.skipped(),
        first_skipped: decoder.first_skipped(),
        messages: decoder.into_messages(),
    }
}

/// Pieces of 0 to 15 bytes, as a seed wills.
fn pieces(bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let mut state = u32::from(seed);
    let mut rest = bytes;
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = (state >> 28) as usize;
        let (piece, after) = rest.split_at_checked(size).unwrap_or((rest, &[]));
        let is_over = rest.is_empty();
        rest = after;
        (!is_over).then_some(piece)
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((&seed, bytes)) = input.split_first() else { return };
    let whole = read([bytes].into_iter());
    assert_eq!(read(pieces(bytes, seed)), whole);
    assert_eq!(read(bytes.chunks(1)), whole);

    assert_eq!(whole.received, bytes.len());
    let fields = whole.messages.iter().flat_map(Message::fields);
    let spelt: Vec<u8> = fields
        .flat_map(|field| {
            let head = format!("{}{:03}", field.tag, field.value.len());
            [head.as_bytes(), &field.value].concat()
        })
        .collect();
    assert!(whole.messages.is_empty() || bytes[whole.skipped..].starts_with(&spelt));

    for mut message in whole.messages {
        if let Ok(bytes) = wire::encode(&message) {
            let again = read([bytes.as_slice()].into_iter());
            assert_eq!((again.position, again.skipped), (Position::Boundary, 0));
            assert_eq!(again.messages, [message.clone()]);
        }
        wire::mask(&mut message);
        assert_eq!(message.get(Tag::EXPIRY), None);
        message.fields().iter().for_each(|field| drop(wire::nested(&field.value)));
    }

    let mut text = bytes.to_vec();
    wire::mask_numbers(&mut text);
    assert_eq!(text.len(), bytes.len());
    let only_hidden =
        |(shown, was): (&u8, &u8)| shown == was || (*shown == b'*' && was.is_ascii_digit());
    assert!(text.iter().zip(bytes).all(only_hidden));
    let mut runs = text.split(|byte| !byte.is_ascii_digit());
    assert!(runs.all(|run| run.len() < 15), "no number as long as a card's");
});

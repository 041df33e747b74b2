//! The bytes of Caisse-AP: golden frames, round trips, any split, never a
//! panic, and one test for every field report that is about bytes.

use caisse_relay::wire::{self, Decoder, EncodeError, Field, MAX_VALUE, Message, Position, Tag};
use proptest::prelude::*;
use serde_json::Value;
use std::ops::Range;

/// The exchanges of `tests/vectors/vectors.json`.
pub(crate) fn vectors() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap().clone();
    assert!(vectors.len() >= 25, "the vectors have shrunk");
    vectors
}

/// HiPay, success with a ticket of 505 bytes in all: the base64 ends with a line feed.
pub(crate) const HIPAY_TICKET: &str = "CZ0040320CJ012999999999999CA00201CB00512345CC00300BCD0010\
    CE003978AC006184117AE00210CF0262023-05-04-010|custom dataCG0071234567ZT374CK003100AK361\
    ICBDQVJURSBCQU5DQUlSRQogICAgICBTQU5TIENPTlRBQ1QKQTAwMDAwMDAwNDEwMTAKTWFzdGVyQ2FyZApMZSAxOS8x\
    Mi8yMDIyIGEgMTM6NTc6MjIKSElQQVkKOTJMRVZBTExPSVMKMTIzNDU2NyAzOTAzMzQyMjUwMDA5NiAzMDAwNAojIyMj\
    IyMjIyMjIyM2MzY4CkQ2QzY5MUUxMkI3MEFDNDAKMDA1IDAwMSAwMDAwMTAgQyBAIApOVU0gQVVUTyA6IDE4NDExNwpN\
    T05UQU5UIDoKICAgICAgICAgMTIzLDQ1IEVVUgpERUJJVAoKVElDS0VUIENMSUVOVApBIENPTlNFUlZFUgo=\n";

/// The same ticket as in the vector `debit_receipt`, its base64 wrapped at 76 columns.
pub(crate) const WRAPPED_TICKET: &str = "CZ0040320CJ012012345678901CA00201CB0041590CC00300BCD0010\
    CE003978CF019order-123-payment-1AC006184117AE00210ZT099CK003100AK086\
    Q0FSVEUgQkFOQ0FJUkUKTU9OVEFOVCA6IDE1LDkwIEVVUgpUSUNLRVQgQ0xJRU5UCkEgQ09OU0VS\nVkVSCg==\n";

/// Published frames that are no vectors, by their number in the fact sheet.
const PUBLISHED: [(&str, &str); 9] = [
    ("P2", HIPAY_TICKET),
    ("C11 wrapped", WRAPPED_TICKET),
    (
        "P7",
        "CZ0040310CJ012247300123456CA00201CB0040300CD0011CE003978BH01118295910399\
         BI020your.email@gmail.comCK003120",
    ),
    ("P9 with BA", "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978BA0010"),
    (
        "P9 Nepting",
        "CZ0040320CJ012012345678901CA00201CB0041590CD0010CE003978CF019order-123-payment-1",
    ),
    ("P9 refusal", "CZ0040300AE00201AF00204"),
    ("P9 abandon", "CZ0040300AE00201AF00206"),
    ("P10", "CZ0040300CJ012345351663588CA00201CB0042500CC003001CD0010CE003978"),
    ("C18", "CZ0040320CJ012012345678901CA00201CD0013CK003100"),
];

/// Every frame at hand, with a name.
fn frames() -> Vec<(String, Vec<u8>)> {
    let mut frames: Vec<_> = PUBLISHED
        .iter()
        .map(|(name, frame)| ((*name).to_owned(), frame.as_bytes().to_vec()))
        .collect();
    for vector in vectors() {
        for side in ["request", "answer"] {
            if let Some(text) = vector[side].as_str() {
                frames.push((format!("{} {side}", vector["name"]), latin1(text)));
            }
        }
    }
    assert!(frames.len() >= 50);
    frames
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).unwrap()).collect()
}

fn tag(letters: &str) -> Tag {
    Tag::new(letters.as_bytes()).unwrap()
}

fn message(fields: &[(&str, &str)]) -> Message {
    Message::new(fields.iter().map(|(letters, value)| Field::new(tag(letters), *value)).collect())
}

/// Everything that a decoder tells about what it read.
#[derive(Debug, PartialEq)]
struct Told {
    messages: Vec<Message>,
    position: Position,
    received: usize,
    skipped: usize,
    first_skipped: Option<u8>,
}

fn read_pieces<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Told {
    let mut decoder = Decoder::new();
    pieces.into_iter().for_each(|piece| decoder.feed(piece));
    let told = Told {
        messages: decoder.messages().cloned().collect(),
        position: decoder.position(),
        received: decoder.received(),
        skipped: decoder.skipped(),
        first_skipped: decoder.first_skipped(),
    };
    assert_eq!(decoder.into_messages(), told.messages, "taken or looked at, the same messages");
    told
}

fn read(bytes: &[u8]) -> Told {
    read_pieces([bytes])
}

fn read_one(bytes: &[u8]) -> Message {
    let mut told = read(bytes);
    assert_eq!((told.messages.len(), told.position), (1, Position::Boundary));
    told.messages.remove(0)
}

/// The bytes of fields, spelt without the encoder.
fn spelt(messages: &[Message]) -> Vec<u8> {
    let fields = messages.iter().flat_map(Message::fields);
    fields
        .flat_map(|Field { tag, value }| {
            [format!("{tag}{:03}", value.len()).as_bytes(), value].concat()
        })
        .collect()
}

/// Cuts bytes at places, in whatever order they are given.
fn cut<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

fn thorough() -> ProptestConfig {
    ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() }
}

// ---- golden bytes

#[test]
fn a_published_answer_is_read_field_by_field() {
    let answer = read_one(
        b"CZ0040301CJ012330538600404CA00201CD0010CE003978CC003001CI0011AE00201\
          AF02904148HOLDER INVALID          ",
    );
    assert_eq!(
        answer,
        message(&[
            ("CZ", "0301"),
            ("CJ", "330538600404"),
            ("CA", "01"),
            ("CD", "0"),
            ("CE", "978"),
            ("CC", "001"),
            ("CI", "1"),
            ("AE", "01"),
            ("AF", "04148HOLDER INVALID          "),
        ])
    );
}

#[test]
fn a_published_request_is_written_byte_for_byte() {
    let request = message(&[
        ("CZ", "0300"),
        ("CJ", "247300123456"),
        ("CA", "01"),
        ("CB", "12345"),
        ("CD", "0"),
        ("CE", "978"),
    ]);
    assert_eq!(
        wire::encode(&request).unwrap(),
        b"CZ0040300CJ012247300123456CA00201CB00512345CD0010CE003978"
    );
}

#[test]
fn every_known_frame_is_read_whole_and_written_the_same() {
    let mut with_line_feeds = 0;
    for (name, frame) in frames() {
        let message = read_one(&frame);
        assert_eq!(spelt(std::slice::from_ref(&message)), frame, "{name}");
        if frame.contains(&b'\n') {
            // Read because terminals send it, never written.
            with_line_feeds += 1;
            assert_eq!(wire::encode(&message), Err(EncodeError::NotAscii(Tag::TICKET)), "{name}");
        } else {
            assert_eq!(wire::encode(&message).as_deref(), Ok(frame.as_slice()), "{name}");
        }
    }
    assert_eq!(with_line_feeds, 2);
}

#[test]
fn fields_keep_the_order_of_the_wire() {
    for vector in vectors().iter().filter(|vector| vector["request"].is_string()) {
        let request = read_one(&latin1(vector["request"].as_str().unwrap()));
        let tags: Vec<String> =
            request.fields().iter().map(|field| field.tag.to_string()).collect();
        assert_eq!(serde_json::json!(tags), vector["request_tags"], "{}", vector["name"]);
    }
}

// ---- round trip

fn a_value() -> impl Strategy<Value = Vec<u8>> {
    let byte = b' '..=b'~';
    prop_oneof![
        8 => prop::collection::vec(byte.clone(), 1..40),
        1 => prop::collection::vec(byte, MAX_VALUE - 3..=MAX_VALUE),
    ]
}

fn a_message() -> impl Strategy<Value = Message> {
    let tags = prop::sample::subsequence((0..26 * 26).collect::<Vec<u16>>(), 0..12).prop_shuffle();
    let fields = tags.prop_flat_map(|tags| {
        let values = prop::collection::vec(a_value(), tags.len());
        (Just(tags), values)
    });
    ("[0-9]{4}", fields).prop_map(|(version, (tags, values))| {
        let letter = |number: u16| b'A' + u8::try_from(number).unwrap();
        let others = tags
            .into_iter()
            .map(|number| Tag::new(&[letter(number / 26), letter(number % 26)]).unwrap())
            .zip(values)
            .map(|(tag, value)| Field::new(tag, value))
            .filter(|field| field.tag != Tag::VERSION);
        let version = Field::new(Tag::VERSION, version);
        Message::new(std::iter::once(version).chain(others).collect())
    })
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn what_is_written_is_read_back(message in a_message()) {
        let bytes = wire::encode(&message).unwrap();
        let told = read(&bytes);
        prop_assert_eq!(told.position, Position::Boundary);
        prop_assert_eq!(told.skipped, 0);
        prop_assert_eq!(told.messages, [message]);
    }

    #[test]
    fn messages_in_a_row_are_read_one_by_one(
        messages in prop::collection::vec(a_message(), 1..4),
        places in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|m| wire::encode(m).unwrap()).collect();
        let told = read_pieces(cut(&bytes, &places));
        prop_assert_eq!(told.position, Position::Boundary);
        prop_assert_eq!(told.messages, messages);
    }
}

// ---- any split

#[test]
fn every_frame_is_read_the_same_wherever_it_is_cut() {
    for (name, frame) in frames() {
        let whole = read(&frame);
        for place in 0..=frame.len() {
            let (before, after) = frame.split_at(place);
            assert_eq!(read_pieces([before, after]), whole, "{name} cut at {place}");
        }
        assert_eq!(read_pieces(frame.chunks(1)), whole, "{name} byte by byte");
    }
}

#[test]
fn a_frame_that_is_still_coming_says_where_it_stands() {
    for (name, frame) in frames() {
        let message = read_one(&frame);
        let mut ends = vec![0];
        for field in message.fields() {
            ends.push(ends[ends.len() - 1] + 5 + field.value.len());
        }
        for place in 0..=frame.len() {
            let told = read(&frame[..place]);
            let whole_fields = ends.iter().filter(|&&end| end <= place).count() - 1;
            let expected = match (whole_fields, ends.contains(&place)) {
                (0, _) => Position::Before,
                (_, true) => Position::Boundary,
                (_, false) => Position::Inside,
            };
            assert_eq!(told.position, expected, "{name} after {place} bytes");
            let read = told.messages.first().map_or(&[][..], Message::fields);
            assert_eq!(read, &message.fields()[..whole_fields], "{name} after {place} bytes");
        }
    }
}

// ---- never panics

/// A known frame that has lived through something.
fn a_damaged_frame() -> impl Strategy<Value = Vec<u8>> {
    let frames: Vec<Vec<u8>> = frames().into_iter().map(|(_, frame)| frame).collect();
    let flips = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let rest = prop::collection::vec(any::<u8>(), 0..12);
    (prop::sample::select(frames), flips, any::<prop::sample::Index>(), rest).prop_map(
        |(mut frame, flips, end, rest)| {
            for (place, mask) in flips {
                let place = place.index(frame.len());
                frame[place] ^= mask;
            }
            let end = end.index(frame.len() * 2).min(frame.len());
            frame.splice(end..frame.len().min(end + rest.len() / 2), rest);
            frame
        },
    )
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let looks_like_fields = "(CZ004[0-9]{4})?([A-C][A-C]00[0-9][ -~]{0,9}){0,9}";
    prop_oneof![
        a_damaged_frame(),
        prop::collection::vec(any::<u8>(), 0..200),
        looks_like_fields.prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn any_bytes_are_read_the_same_in_any_pieces(
        bytes in any_bytes(),
        places in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        let whole = read(&bytes);
        prop_assert_eq!(&read_pieces(cut(&bytes, &places)), &whole);
        prop_assert_eq!(&read_pieces(bytes.chunks(1)), &whole);
    }

    #[test]
    fn nothing_is_invented_and_nothing_is_moved(bytes in any_bytes()) {
        let told = read(&bytes);
        let spelt = spelt(&told.messages);
        prop_assert_eq!(told.received, bytes.len());
        prop_assert!(told.skipped <= bytes.len());
        // A line end between two fields is passed over; inside a value it is kept.
        let has_line_end = bytes.iter().any(|byte| b"\r\n".contains(byte));
        if !told.messages.is_empty() && !has_line_end {
            prop_assert!(bytes[told.skipped..].starts_with(&spelt));
            let is_all = told.skipped + spelt.len() == bytes.len();
            prop_assert_eq!(is_all, told.position == Position::Boundary);
        }
        for message in &told.messages {
            prop_assert_eq!(message.fields()[0].tag, Tag::VERSION);
        }
    }

    #[test]
    fn what_is_read_and_can_be_written_is_stable(bytes in any_bytes()) {
        for message in read(&bytes).messages {
            if let Ok(bytes) = wire::encode(&message) {
                prop_assert_eq!(read(&bytes).messages, [message]);
            }
        }
    }

    #[test]
    fn masking_and_nesting_survive_anything(bytes in any_bytes()) {
        let nested = wire::nested(&bytes);
        prop_assert!(bytes.starts_with(&spelt(&[Message::new(nested)])));
        let mut text = bytes.clone();
        wire::mask_numbers(&mut text);
        prop_assert_eq!(text.len(), bytes.len());
        for (shown, was) in text.iter().zip(&bytes) {
            prop_assert!(shown == was || (*shown == b'*' && was.is_ascii_digit()));
        }
        let mut runs = text.split(|byte| !byte.is_ascii_digit());
        prop_assert!(runs.all(|run| run.len() < 15), "no number as long as a card's");
        for mut message in read(&bytes).messages {
            wire::mask(&mut message);
            prop_assert_eq!(message.get(Tag::EXPIRY), None);
        }
    }
}

// ---- what the encoder refuses

#[test]
fn a_message_without_its_version_first_is_not_written() {
    for fields in [&[][..], &[("CA", "01")], &[("CA", "01"), ("CZ", "0300")]] {
        assert_eq!(wire::encode(&message(fields)), Err(EncodeError::VersionNotFirst));
    }
}

#[test]
fn a_version_of_another_length_is_not_written() {
    // Found by the fuzzer: nobody finds the beginning of such a message.
    for version in ["300", "03000", "0"] {
        let written = wire::encode(&message(&[("CZ", version), ("CA", "01")]));
        assert!(written.is_err(), "{version}: {written:?}");
    }
}

#[test]
fn an_empty_field_is_not_written() {
    let empty = message(&[("CZ", "0300"), ("CF", "")]);
    assert_eq!(wire::encode(&empty), Err(EncodeError::Empty(Tag::PRIVATE)));
}

#[test]
fn a_field_holds_999_bytes_and_not_one_more() {
    let of = |length: usize| message(&[("CZ", "0300"), ("CF", &"x".repeat(length))]);
    let bytes = wire::encode(&of(MAX_VALUE)).unwrap();
    assert!(bytes.starts_with(b"CZ0040300CF999x"));
    assert_eq!(read_one(&bytes), of(MAX_VALUE));
    assert_eq!(wire::encode(&of(1000)), Err(EncodeError::TooLong(Tag::PRIVATE, 1000)));
}

#[test]
fn only_printable_ascii_is_written() {
    for byte in 0..=u8::MAX {
        let mut fields = message(&[("CZ", "0300")]).fields().to_vec();
        fields.push(Field::new(Tag::PRIVATE, [b'a', byte]));
        let written = wire::encode(&Message::new(fields));
        let expected = if (0x20..0x7f).contains(&byte) {
            Ok([b"CZ0040300CF002a".as_slice(), &[byte]].concat())
        } else {
            Err(EncodeError::NotAscii(Tag::PRIVATE))
        };
        assert_eq!(written, expected, "{byte:#04x}");
    }
}

#[test]
fn a_tag_is_not_written_twice() {
    let twice = message(&[("CZ", "0300"), ("CB", "10"), ("CD", "0"), ("CB", "10")]);
    assert_eq!(wire::encode(&twice), Err(EncodeError::Repeated(Tag::AMOUNT)));
    let versions = message(&[("CZ", "0300"), ("CZ", "0300")]);
    assert_eq!(wire::encode(&versions), Err(EncodeError::Repeated(Tag::VERSION)));
}

#[test]
fn a_tag_is_two_capital_letters() {
    assert!(Tag::new(b"ZT").is_some());
    for letters in [&b"zt"[..], b"Z", b"", b"ZTA", b"Z1", b"Z ", "É".as_bytes()] {
        assert_eq!(Tag::new(letters), None, "{letters:?}");
    }
}

// ---- field reports

#[test]
fn junk_before_the_version_is_skipped_and_counted() {
    let told = read(b"\x02\r\nCZ0040301AE00210");
    assert_eq!((told.skipped, told.first_skipped), (3, Some(2)));
    assert_eq!(told.messages, [message(&[("CZ", "0301"), ("AE", "10")])]);
    assert_eq!(told.position, Position::Boundary);
}

#[test]
fn a_false_start_before_the_version_is_junk_too() {
    let told = read(b"CZCZ00CZ0040301AE00210");
    assert_eq!((told.skipped, told.messages.len()), (6, 1));
}

#[test]
fn junk_without_a_message_is_junk_however_long() {
    let told = read(&b"HTTP/1.1 400 Bad Request\r\n".repeat(100));
    assert_eq!((told.messages.len(), told.position), (0, Position::Before));
    assert_eq!((told.skipped, told.first_skipped), (2600, Some(b'H')));
}

#[test]
fn second_cz_starts_a_second_message() {
    let told = read(b"CZ0040300BA0011AE00211CZ0040301AE00210CB0041590");
    let accepted = message(&[("CZ", "0300"), ("BA", "1"), ("AE", "11")]);
    let done = message(&[("CZ", "0301"), ("AE", "10"), ("CB", "1590")]);
    assert_eq!(told.messages, [accepted, done]);
}

#[test]
fn a_version_inside_a_value_starts_nothing() {
    let told = read(b"CZ0040300CF014CZ0040301AE002AE00210");
    assert_eq!(told.messages.len(), 1);
    assert_eq!(told.messages[0].get(Tag::PRIVATE), Some(&b"CZ0040301AE002"[..]));
    assert_eq!(told.messages[0].get(Tag::STATUS), Some(&b"10"[..]));
}

#[test]
fn duplicate_tag_first_decides() {
    let answer = read_one(b"CZ0040300CB0041590AE00210CB0049999");
    assert_eq!(answer.get(Tag::AMOUNT), Some(&b"1590"[..]));
    assert_eq!(answer.text(Tag::AMOUNT).as_deref(), Some("1590"));
    assert_eq!(answer.fields().len(), 4, "and the second is kept");
}

#[test]
fn unknown_tags_are_kept_in_order() {
    let answer = read_one(b"CZ0040320OD003abcAP0131683187200000ZZ001?AE00210");
    let tags: Vec<String> = answer.fields().iter().map(|field| field.tag.to_string()).collect();
    assert_eq!(tags, ["CZ", "OD", "AP", "ZZ", "AE"]);
    assert_eq!(answer.get(tag("OD")), Some(&b"abc"[..]));
}

#[test]
fn ingenico_pads_the_amount() {
    let answer = read_one(b"CZ0040301CB00800001590AE00210");
    assert_eq!(answer.get(Tag::AMOUNT), Some(&b"00001590"[..]), "the wire tells what came");
}

#[test]
fn hipay_puts_the_status_before_the_amount() {
    let answer =
        read_one(b"CZ0040320CJ012999999999999AE00201AF00209CA00201CB00512345CD0010CE003978");
    assert_eq!(answer.text(Tag::STATUS).as_deref(), Some("01"));
    assert_eq!(answer.text(Tag::CURRENCY).as_deref(), Some("978"));
}

#[test]
fn hipay_refusal_announces_one_byte_too_many() {
    // ZT323 holds CK (8 bytes) and AK309 (314 bytes): 322, and one that never comes.
    let base64 = format!("{}\n", "QQ".repeat(154));
    let frame = format!("CZ0040320AC006184118AE00201AF00204ZT323CK003100AK309{base64}");
    let told = read(frame.as_bytes());
    assert_eq!(told.position, Position::Inside, "one byte is missing");
    assert_eq!(told.messages[0].text(Tag::STATUS).as_deref(), Some("01"));
    assert_eq!(told.messages[0].text(Tag::REPORT).as_deref(), Some("04"));
    assert_eq!(told.messages[0].get(Tag::TICKET), None);

    // The other reading: the byte comes, and is not the ticket's.
    let answer = read_one(format!("{frame}\n").as_bytes());
    let inside = wire::nested(answer.get(Tag::TICKET).unwrap());
    assert_eq!(inside.len(), 2);
    assert_eq!(inside[1], Field::new(Tag::TICKET_DATA, base64));
}

#[test]
fn base64_with_line_feeds_is_cut_by_its_length() {
    let answer = read_one(WRAPPED_TICKET.as_bytes());
    let ticket = wire::nested(answer.get(Tag::TICKET).unwrap());
    assert_eq!(ticket.iter().map(|field| field.value.len()).collect::<Vec<_>>(), [3, 86]);
    assert_eq!(ticket[1].value.iter().filter(|&&byte| byte == b'\n').count(), 2);

    let hipay = read_one(HIPAY_TICKET.as_bytes());
    assert_eq!(HIPAY_TICKET.len(), 505);
    let ticket = wire::nested(hipay.get(Tag::TICKET).unwrap());
    assert_eq!(ticket[1].value.len(), 361);
}

#[test]
fn a_ticket_that_is_no_fields_has_none() {
    assert_eq!(wire::nested(b"CARTE BANCAIRE"), []);
    assert_eq!(wire::nested(b""), []);
    assert_eq!(wire::nested(b"CK003100AK900abc"), [Field::new(Tag::TICKET_MODE, "100")]);
}

#[test]
fn several_tickets_in_one_are_all_read() {
    let ticket = wire::nested(b"CK003120AK004QUJDAK004REVG");
    let tags: Vec<Tag> = ticket.iter().map(|field| field.tag).collect();
    assert_eq!(tags, [Tag::TICKET_MODE, Tag::TICKET_DATA, Tag::TICKET_DATA]);
}

#[test]
fn nothing_is_read_after_bytes_that_are_no_field() {
    for broken in ["ae00210", "AE0x210", "A100210", "AE-0210", "\u{1}E00210"] {
        let told = read(format!("CZ0040301CA00201{broken}AE00210").as_bytes());
        assert_eq!(told.position, Position::Malformed, "{broken}");
        assert_eq!(told.messages, [message(&[("CZ", "0301"), ("CA", "01")])], "{broken}");
    }
}

#[test]
fn a_field_of_no_bytes_is_read_as_absent_text() {
    let answer = read_one(b"CZ0040301AF000CB003   AE00210");
    assert_eq!(answer.get(Tag::REPORT), Some(&b""[..]));
    assert_eq!((answer.text(Tag::REPORT), answer.text(Tag::AMOUNT)), (None, None));
    assert_eq!(answer.text(Tag::STATUS).as_deref(), Some("10"));
}

#[test]
fn an_accent_in_a_free_field_loses_nothing() {
    let answer = read_one(b"CZ0040301AF009Refus\xe9e !AE00201");
    assert_eq!(answer.text(Tag::REPORT).as_deref(), Some("Refusée !"));
    assert_eq!(answer.text(Tag::STATUS).as_deref(), Some("01"));
}

#[test]
fn a_concert_v2_byte_is_remembered() {
    for byte in [0x05, 0x06, 0x15] {
        let told = read(&[byte]);
        assert_eq!((told.first_skipped, told.position), (Some(byte), Position::Before));
        let told = read(&[&[byte][..], b"CZ0040301AE00210"].concat());
        assert_eq!((told.first_skipped, told.messages.len()), (Some(byte), 1));
    }
}

#[test]
fn the_first_bytes_of_an_answer_are_not_junk() {
    let frame = b"CZ0040301AE00210";
    for came in 1..9 {
        let told = read(&frame[..came]);
        assert_eq!((told.skipped, told.first_skipped), (0, None), "after {came} bytes");
    }
}

// ---- card data

fn masked(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    wire::mask_numbers(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_whole_card_number_in_an_answer_is_masked_and_its_expiry_dropped() {
    let mut answer = read_one(
        b"CZ0040301AA0164970101234567890AB0042811AM0100625698925AN011a@b.exampleAE00210\
          CF020pan 4970101234567890",
    );
    wire::mask(&mut answer);
    assert_eq!(answer.text(Tag::CARD).as_deref(), Some("497010******7890"));
    assert_eq!(answer.text(Tag::PRIVATE).as_deref(), Some("pan 497010******7890"));
    for gone in [Tag::EXPIRY, Tag::CUSTOMER_PHONE, Tag::CUSTOMER_EMAIL] {
        assert_eq!(answer.get(gone), None, "{gone}");
    }
    assert_eq!(answer.text(Tag::STATUS).as_deref(), Some("10"));
}

#[test]
fn a_field_never_shows_its_value_in_a_debug_format() {
    let answer = read_one(b"CZ0040301AA0164970101234567890");
    let shown = format!("{answer:?}");
    assert!(shown.contains("AA[16]"), "{shown}");
    assert!(!shown.contains("4970"), "{shown}");
}

#[test]
fn four_digits_before_a_card_number_uncover_nothing() {
    let shown = masked("LE 19/12 2022 4970 1012 3456 7890");
    assert!(shown.ends_with("7890"), "{shown}");
    assert!(!shown.contains("3456"), "only the last four may show: {shown}");
}

/// A card number in one of the ways they are printed, and the places of its digits.
fn a_printed_card() -> impl Strategy<Value = String> {
    let groupings = [&[16][..], &[19], &[15], &[4, 4, 4, 4], &[4, 6, 5], &[4, 4, 4, 4, 3]];
    let separator = prop::sample::select(vec![" ", "-", "."]);
    (prop::sample::select(groupings.to_vec()), separator, "[3-6][0-9]{18}").prop_map(
        |(sizes, separator, digits)| {
            let mut from = 0;
            let groups = sizes.iter().map(|size| {
                let group: Range<usize> = from..from + size;
                from = group.end;
                digits[group].to_owned()
            });
            groups.collect::<Vec<_>>().join(separator)
        },
    )
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn of_a_card_number_ten_digits_show_at_most(
        card in a_printed_card(),
        before in "([A-Za-z:]{0,9}[ \n])?",
        after in "([ \n][A-Za-z:]{0,9})?",
    ) {
        let shown = masked(&format!("{before}{card}{after}"));
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let number = digits(&card);
        let expected = format!("{}{}", &number[..6], &number[number.len() - 4..]);
        prop_assert_eq!(digits(&shown), expected, "{}", shown);
        prop_assert_eq!(shown.matches('*').count(), number.len() - 10);
    }

    #[test]
    fn a_text_without_long_numbers_is_left_alone(
        text in "([0-9]{1,3}|[0-9]{5,14}|[A-Za-z :,/]{1,9})( [a-z]{1,5} ([0-9]{1,3}|[0-9]{5,14})){0,5}",
    ) {
        prop_assert_eq!(masked(&text), text);
    }
}

#[test]
fn a_line_end_after_a_field_is_no_field() {
    for end in ["\r\n", "\n", "\r"] {
        let mut decoder = Decoder::new();
        decoder.feed(format!("CZ0040301AE00210{end}").as_bytes());
        assert_eq!(decoder.position(), Position::Boundary, "{end:?}");
        decoder.feed(b"AF00201");
        assert_eq!(decoder.messages().next().unwrap().fields().len(), 3);
    }
}

use super::{Field, Message, Tag};
use std::ops::RangeInclusive;

/// Digits of a card number that may stay visible at its beginning (PCI DSS 3.4.1).
const HEAD: usize = 6;
/// Digits of a card number that may stay visible at its end.
const TAIL: usize = 4;
/// The shortest run of digits taken for a card number in a text: 14 would hide
/// the SIRET that every French ticket prints.
const SHORTEST_RUN: usize = 15;
/// Digits in a row that printers make a group of.
const GROUP: RangeInclusive<usize> = 3..=7;
/// Bytes that may stand between two groups.
const LONGEST_GAP: usize = 3;
/// Fewer digits than [`SHORTEST_RUN`], and still a card number: Diners Club.
const DINERS: [usize; 3] = [4, 6, 4];

/// Takes the card data out of an answer, before anything else looks at it:
/// card numbers keep at most their first 6 and last 4 digits; the expiry date,
/// the customer's telephone and e-mail go.
///
/// `ZT` is left alone: its text is base64 and is masked where it is decoded.
pub fn mask(message: &mut Message) {
    const DROPPED: [Tag; 5] =
        [Tag::EXPIRY, Tag::CUSTOMER_PHONE, Tag::CUSTOMER_EMAIL, Tag::TILL_PHONE, Tag::TILL_EMAIL];
    message.fields_mut().retain(|field| !DROPPED.contains(&field.tag));
    for Field { tag, value } in message.fields_mut() {
        match *tag {
            Tag::CARD => *value = masked_card(value),
            Tag::TICKET => {}
            _ => mask_numbers(value),
        }
    }
}

/// Hides the middle of everything in a text that looks like a card number: 15
/// digits or more in a row, or groups of digits as cards print them.
pub fn mask_numbers(text: &mut [u8]) {
    let mut at = 0;
    while at < text.len() {
        let run = digits_at(text, at);
        if run >= SHORTEST_RUN {
            hide(text, &(at..at + run).collect::<Vec<_>>());
            at += run;
        } else if let Some((digits, end)) = grouped_at(text, at, run) {
            hide(text, &digits);
            at = end;
        } else {
            at += run.max(1);
        }
    }
}

/// `AA` may be masked, whole, or carry a whole magnetic track: what follows the
/// number goes, and what is too short to hide anything keeps its end only.
fn masked_card(value: &[u8]) -> Vec<u8> {
    let is_number = |byte: &u8| byte.is_ascii_digit() || b"#*xX.".contains(byte);
    let mut card: Vec<u8> = value.iter().copied().take_while(is_number).collect();
    let head = if card.len() < HEAD + TAIL + 3 { 0 } else { HEAD };
    let hidden = head..card.len().saturating_sub(TAIL).max(head);
    card[hidden].iter_mut().filter(|byte| byte.is_ascii_digit()).for_each(|byte| *byte = b'*');
    card
}

fn digits_at(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// What separates groups on one line: blanks, also the one that does not break,
/// and punctuation.
fn gap_at(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|byte| b" -._/\xa0".contains(byte)).count()
}

/// The places of the digits of a grouped card number that begins here with a
/// group of `first` digits, and where it ends. Groups that merely stand before
/// or after it are hidden with it: nobody can tell where it begins.
fn grouped_at(text: &[u8], start: usize, first: usize) -> Option<(Vec<usize>, usize)> {
    let alike = |size: usize| if first == 1 { size == 1 } else { GROUP.contains(&size) };
    let mut sizes = vec![first];
    let mut digits: Vec<usize> = (start..start + first).collect();
    let mut end = start + first;
    while alike(sizes[sizes.len() - 1])
        && let gap @ 1..=LONGEST_GAP = gap_at(text, end)
        && let size = digits_at(text, end + gap)
        && alike(size)
    {
        sizes.push(size);
        digits.extend(end + gap..end + gap + size);
        end += gap + size;
    }
    let is_card = sizes.len() > 1 && (digits.len() >= SHORTEST_RUN || sizes == DINERS);
    is_card.then_some((digits, end))
}

fn hide(text: &mut [u8], digits: &[usize]) {
    for &place in &digits[HEAD..digits.len() - TAIL] {
        text[place] = b'*';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(value: &str) -> String {
        let mut message = Message::new(vec![Field::new(Tag::CARD, value)]);
        mask(&mut message);
        message.fields()[0].text()
    }

    fn text(text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        mask_numbers(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_card_number_keeps_its_first_six_and_last_four_digits() {
        assert_eq!(card("4970101234567890"), "497010******7890");
        assert_eq!(card("497010######4242"), "497010######4242");
        assert_eq!(card("49701012####4242"), "497010**####4242");
        assert_eq!(card("************4242"), "************4242");
    }

    #[test]
    fn a_track_is_cut_after_the_card_number() {
        assert_eq!(card("4970101234567890=28112010000012345"), "497010******7890");
        assert_eq!(card("4970101234567890D2811"), "497010******7890");
    }

    #[test]
    fn a_short_number_keeps_its_last_four_digits() {
        assert_eq!(card("4242"), "4242");
        assert_eq!(card("1234567890"), "******7890");
        assert_eq!(card(""), "");
    }

    #[test]
    fn a_card_number_in_a_text_is_hidden_however_it_is_printed() {
        assert_eq!(text("PAN 4970101234567890 OK"), "PAN 497010******7890 OK");
        assert_eq!(text("PAN 4970 1012 3456 7890"), "PAN 4970 10** **** 7890");
        assert_eq!(text("PAN 4970-1012-3456-7890"), "PAN 4970-10**-****-7890");
        assert_eq!(text("3782 822463 10005"), "3782 82**** *0005");
        assert_eq!(text("6304 1234 5678 9012 345"), "6304 12** **** ***2 345");
        assert_eq!(text("PAN 4970  1012 / 3456_7890"), "PAN 4970  10** / ****_7890");
        assert_eq!(text("4 9 7 0 1 0 1 2 3 4 5 6 7 8 9 0"), "4 9 7 0 1 0 * * * * * * 7 8 9 0");
        assert_eq!(text("6304123456789012345"), "630412*********2345");
    }

    #[test]
    fn a_ticket_keeps_its_siret_contract_and_date() {
        let ticket = "1234567 39033422500096 30004\nLe 19/12/2022 a 13:57:22\n005 001 000010 C";
        assert_eq!(text(ticket), ticket);
    }

    #[test]
    fn the_expiry_date_and_the_customer_go() {
        let tags = [Tag::EXPIRY, Tag::CUSTOMER_PHONE, Tag::CUSTOMER_EMAIL, Tag::TILL_EMAIL];
        let mut message = Message::new(tags.iter().map(|&tag| Field::new(tag, "2811")).collect());
        mask(&mut message);
        assert_eq!(message.fields(), []);
    }
}

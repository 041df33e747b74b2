use super::answer::{CONTRACT, Card};
use super::ledger::Charge;
use super::request::Operation;
use super::step::Receipt;
use crate::wire::{MAX_VALUE, Message, Tag};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Android's default base64, which PayXpert's terminals use, breaks lines here.
const COLUMNS: usize = 76;

/// The value of `ZT`: the ticket management asked and the ticket; empty when
/// the till did not ask for a ticket, or the script gives none.
pub(super) fn field(request: &Message, charge: &Charge, card: &Card, receipt: Receipt) -> Vec<u8> {
    let Some(&[b'1', copies, format]) = request.get(Tag::TICKET_MODE) else {
        return Vec::new();
    };
    if receipt == Receipt::None {
        return Vec::new();
    }
    let copies: &[&str] = match copies {
        b'1' => &["COMMERCANT"],
        b'2' => &["CLIENT", "COMMERCANT"],
        _ => &["CLIENT"],
    };
    let mut text: String = copies.iter().map(|copy| ticket(charge, card, copy)).collect();
    if format == b'1' {
        text = format!("<pre>{text}</pre>");
    }
    let mut data = STANDARD.encode(text);
    if receipt == Receipt::Wrapped {
        data = wrapped(&data);
    }
    if receipt == Receipt::Broken {
        data = data.replace(['Q', 'I'], "%");
    }
    let mut value = format!("{}003", Tag::TICKET_MODE).into_bytes();
    value.extend_from_slice(&[b'1', request_byte(request, 1), request_byte(request, 2)]);
    value.extend_from_slice(format!("{}{:03}{data}", Tag::TICKET_DATA, data.len()).as_bytes());
    // Two long tickets may not fit; a terminal then sends none.
    if value.len() < MAX_VALUE { value } else { Vec::new() }
}

fn request_byte(request: &Message, at: usize) -> u8 {
    request.get(Tag::TICKET_MODE).and_then(|mode| mode.get(at)).copied().unwrap_or(b'0')
}

fn wrapped(base64: &str) -> String {
    let mut lines = String::new();
    for (index, character) in base64.chars().enumerate() {
        if index > 0 && index % COLUMNS == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines + "\n"
}

fn ticket(charge: &Charge, card: &Card, copy: &str) -> String {
    let title = match charge.operation {
        Operation::Debit => "DEBIT",
        Operation::Refund => "CREDIT",
        Operation::Cancellation => "ANNULATION",
    };
    let (date, time) = date(&charge.at);
    let authorization = match &charge.authorization {
        Some(number) => format!("NO AUTO : {number}\n"),
        None => String::new(),
    };
    let verdict = if charge.charged { "" } else { "TRANSACTION NON ABOUTIE\n" };
    let amount = money(if charge.charged { charge.paid } else { charge.amount }, &charge.currency);
    format!(
        "CARTE BANCAIRE\n{aid}\nLE {date} A {time}\nTERMINAL SIMULE\n{CONTRACT}\n{number}\n\
         NO {seq:06}\n{authorization}MONTANT :\n{amount:>20}\n{title}\n{verdict}TICKET {copy}\nA CONSERVER\n",
        aid = card.aid,
        number = printed(&card.number),
        seq = charge.seq % 1_000_000,
    )
}

/// French tickets show the last four digits of a masked card.
fn printed(number: &str) -> String {
    match number.bytes().all(|byte| byte.is_ascii_digit()) {
        true => number.to_owned(),
        false => {
            let end: String =
                number.chars().skip(number.chars().count().saturating_sub(4)).collect();
            format!("############{end}")
        }
    }
}

/// Day and time of an RFC 3339 date, as tickets write them.
fn date(at: &str) -> (String, String) {
    let part = |from, to| at.get(from..to).unwrap_or_default();
    (format!("{}/{}/{}", part(8, 10), part(5, 7), part(2, 4)), part(11, 19).to_owned())
}

/// An amount in words that a ticket prints: `15,90 EUR`.
fn money(amount: u64, currency: &str) -> String {
    let (name, decimals) = match currency {
        "978" => ("EUR", 2),
        "953" => ("XPF", 0),
        "952" => ("XOF", 0),
        "950" => ("XAF", 0),
        "392" => ("JPY", 0),
        "756" => ("CHF", 2),
        "840" => ("USD", 2),
        "826" => ("GBP", 2),
        "788" => ("TND", 3),
        other => (other, 2),
    };
    let unit = 10_u64.pow(decimals);
    match decimals {
        0 => format!("{amount} {name}"),
        _ => format!(
            "{},{:0width$} {name}",
            amount / unit,
            amount % unit,
            width = usize::try_from(decimals).unwrap_or(2)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::{Authorization, Ending, Entry, Ledger};
    use super::super::step::Step;
    use super::*;
    use crate::wire::{Decoder, nested};

    async fn charge(amount: u64, currency: &str) -> Charge {
        let entry = Entry {
            operation: Operation::Debit,
            amount,
            paid: amount,
            currency: currency.to_owned(),
            outcome: Ending::Approved,
            report: None,
            authorization: Authorization::Numbered,
            reference: None,
            register: "01".to_owned(),
        };
        Ledger::in_memory().append(entry).await.unwrap()
    }

    async fn value(mode: &str, receipt: Receipt) -> Vec<u8> {
        let mut decoder = Decoder::new();
        decoder.feed(format!("CZ0040320CK003{mode}").as_bytes());
        let card = Card::of(&Step::default());
        field(&decoder.into_messages()[0], &charge(1590, "978").await, &card, receipt)
    }

    async fn decoded(mode: &str, receipt: Receipt) -> String {
        let value = value(mode, receipt).await;
        let fields = nested(&value);
        assert_eq!(fields[0].text(), mode);
        assert_eq!(value.len(), 13 + fields[1].value.len());
        let base64: Vec<u8> =
            fields[1].value.iter().copied().filter(|byte| *byte != b'\n').collect();
        String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_ticket_is_the_one_of_a_french_terminal() {
        let text = decoded("100", Receipt::Plain).await;
        for line in [
            "CARTE BANCAIRE",
            "############4242",
            "NO AUTO : 000001",
            "           15,90 EUR",
            "TICKET CLIENT",
        ] {
            assert!(text.lines().any(|printed| printed == line), "{line}: {text}");
        }
        assert_eq!(decoded("100", Receipt::Wrapped).await.len(), text.len());
        let both = decoded("120", Receipt::Plain).await;
        assert!(both.contains("TICKET CLIENT") && both.contains("TICKET COMMERCANT"), "{both}");
        assert!(decoded("101", Receipt::Plain).await.starts_with("<pre>"));
    }

    #[tokio::test]
    async fn a_ticket_may_be_missing_wrapped_or_broken() {
        for mode in ["000", "010"] {
            assert_eq!(value(mode, Receipt::Plain).await, b"");
        }
        assert_eq!(value("100", Receipt::None).await, b"");
        let wrapped = nested(&value("100", Receipt::Wrapped).await)[1].text();
        assert!(wrapped.ends_with('\n') && wrapped.lines().all(|line| line.len() <= COLUMNS));
        assert_eq!(wrapped.lines().next().unwrap().len(), COLUMNS);
        let broken = nested(&value("100", Receipt::Broken).await)[1].text();
        assert!(STANDARD.decode(broken).is_err());
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(money(5, "978"), "0,05 EUR");
        assert_eq!(money(1000, "953"), "1000 XPF");
        assert_eq!(money(1001, "788"), "1,001 TND");
        assert_eq!(money(123_456, "999"), "1234,56 999");
    }
}

//! Any order and any answer have an outcome, and money is only said to have
//! moved, or not, when the terminal says so and nothing beside it says otherwise.

#![no_main]

use arbitrary::Arbitrary;
use caisse_relay::exchange::{Answer, ExchangeError, NotSent, Unanswered};
use caisse_relay::payment::{
    Amount, Charged, Currency, Means, Operation, Order, Outcome, Profile, Receipt, Reference,
    Register, judge, request,
};
use caisse_relay::wire::{self, Field, Message, Tag};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    operation: u8,
    minor: u64,
    currency: u8,
    means: u8,
    register: Option<u8>,
    reference: Option<String>,
    receipt: Option<bool>,
    partial: Option<bool>,
    answered: Answered,
}

#[derive(Arbitrary, Debug)]
enum Answered {
    With { messages: Vec<Vec<(u8, Said)>>, truncated: bool },
    NotSent(u8),
    Unanswered(u8),
}

#[derive(Arbitrary, Debug)]
enum Said {
    Telling(u8),
    Anything(Vec<u8>),
}

const TAGS: [Tag; 16] = [
    Tag::STATUS,
    Tag::STATUS,
    Tag::REPORT,
    Tag::ACTION,
    Tag::CURRENCY,
    Tag::AMOUNT,
    Tag::REGISTER,
    Tag::CARD,
    Tag::EXPIRY,
    Tag::AUTHORIZATION,
    Tag::APPLICATION,
    Tag::TICKET,
    Tag::TICKET_DATA,
    Tag::IMMEDIATE,
    Tag::PRIVATE,
    Tag::VERSION,
];

const TELLING: [&[u8]; 20] = [
    b"10",
    b"01",
    b"11",
    b" 10",
    b"",
    b"00",
    b"0",
    b"1",
    b"2",
    b"978",
    b"953",
    b"09",
    b"1590",
    b"00000000",
    b"999999999999",
    b"4970101234567890",
    b"CK003100AK008QUJDREVG",
    b"CK003100AK024NDk3MDEwMTIzNDU2Nzg5MA==",
    b"04148HOLDER INVALID          ",
    b"Carte refus\xe9e",
];

fn pick<T: Copy>(from: &[T], index: u8) -> T {
    from[usize::from(index) % from.len()]
}

fn order(input: &Input) -> Option<Order> {
    let amount = Amount::new(input.minor)?;
    let currency = Currency::from_letters(pick(&["EUR", "XPF", "TND"], input.currency))?;
    Some(Order {
        means: pick(Means::ALL, input.means),
        register: input.register.and_then(|number| Register::new(&number.to_string())),
        reference: input.reference.as_deref().and_then(Reference::new),
        receipt: input.receipt,
        partial: input.partial,
        ..Order::new(pick(Operation::ALL, input.operation), amount, currency)
    })
}

fn answer(answered: &Answered) -> Result<Answer, ExchangeError> {
    let field = |(tag, said): &(u8, Said)| match said {
        Said::Telling(index) => Field::new(pick(&TAGS, *tag), pick(&TELLING, *index)),
        Said::Anything(bytes) => Field::new(pick(&TAGS, *tag), bytes.as_slice()),
    };
    match answered {
        Answered::With { messages, truncated } => {
            let message = |fields: &Vec<_>| Message::new(fields.iter().map(field).collect());
            let mut messages: Vec<Message> = messages.iter().map(message).collect();
            messages.iter_mut().for_each(wire::mask);
            Ok(Answer { messages, truncated: *truncated })
        }
        Answered::NotSent(reason) => {
            let reasons = [NotSent::NoSuchHost, NotSent::Refused, NotSent::Lost];
            Err(pick(&reasons, *reason).into())
        }
        Answered::Unanswered(reason) => {
            let reasons = [Unanswered::Silence, Unanswered::Reset, Unanswered::ConcertV2];
            Err(pick(&reasons, *reason).into())
        }
    }
}

fn contradicted(message: &Message, order: &Order) -> bool {
    let differs = |tag, asked: &str| message.text(tag).is_some_and(|said| said != asked);
    let report = message.text(Tag::REPORT);
    let code: String = report.iter().flat_map(|report| report.chars().take(2)).collect();
    let denies = code.bytes().all(|byte| byte.is_ascii_digit())
        && report.is_some()
        && !["00", "01"].contains(&code.as_str());
    let amount = message.text(Tag::AMOUNT).and_then(|said| said.parse::<u64>().ok());
    denies
        || amount == Some(0)
        || differs(Tag::ACTION, order.operation.digit())
        || differs(Tag::CURRENCY, &order.currency.digits())
}

/// No text that leaves holds a whole card number.
fn shows_no_card(receipt: &Receipt) {
    let texts = [&receipt.card, &receipt.authorization, &receipt.application, &receipt.ticket];
    for text in texts.into_iter().flatten() {
        let runs = text.split(|char: char| !char.is_ascii_digit());
        assert!(runs.map(str::len).all(|run| run < 15), "{text}");
    }
}

fuzz_target!(|input: Input| {
    let Some(order) = order(&input) else { return };
    let profile = Profile::default();
    let asked = request(&order, &profile);
    let bytes = wire::encode(&asked).expect("every order can be written");
    let mut decoder = wire::Decoder::new();
    decoder.feed(&bytes);
    assert_eq!(decoder.into_messages(), [asked]);

    let answer = answer(&input.answered);
    let outcome = judge(&order, &profile, answer.clone());
    let Ok(answer) = answer else {
        let not_sent = matches!(input.answered, Answered::NotSent(_));
        assert_eq!(outcome.charged(), if not_sent { Charged::No } else { Charged::Maybe });
        return;
    };
    let says = |message: &&Message, status: &str| {
        message.text(Tag::STATUS).is_some_and(|said| said == status)
    };
    let done: Vec<&Message> = answer.messages.iter().filter(|m| says(m, "10")).collect();
    let not_done = answer.messages.iter().any(|m| says(&m, "01"));
    match outcome {
        Outcome::Approved(approval) => {
            assert!(!done.is_empty() && !not_done);
            assert!(done.iter().all(|message| !contradicted(message, &order)));
            shows_no_card(&approval.receipt);
        }
        Outcome::Declined(decline) => {
            assert!(not_done && done.is_empty());
            shows_no_card(&decline.receipt);
        }
        Outcome::Unknown(doubt) => shows_no_card(&doubt.receipt),
        Outcome::NotSent(_) => panic!("it was answered"),
    }
});

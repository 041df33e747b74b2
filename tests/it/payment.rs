//! What a payment is: how it is asked for, and what is believed of the answer.
//! The whole truth table, every vector, and one test for every field report
//! that once changed what a shop believed about its money.

use crate::wire::{HIPAY_TICKET, WRAPPED_TICKET, vectors};
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, Engine};
use caisse_relay::exchange::{self, Answer, ExchangeError, Unanswered};
use caisse_relay::payment::{
    Amount, Approval, Charged, Currency, Decline, Doubt, Means, Moment, NotSent, Operation, Order,
    Outcome, Payment, PaymentId, Profile, Reference, Register, Remark, Resolution, State, Why,
    identification, judge, read_amount, request,
};
use caisse_relay::wire::{self, Decoder, Field, Message, Tag};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::HashSet;

// ---- the vocabulary

fn debit(minor: u64) -> Order {
    Order::new(Operation::Debit, Amount::new(minor).unwrap(), Currency::EUR)
}

/// What `exchange` would hand over for these bytes.
fn answered(bytes: impl AsRef<[u8]>) -> Answer {
    let mut decoder = Decoder::new();
    decoder.feed(bytes.as_ref());
    let truncated = decoder.position() != wire::Position::Boundary;
    let mut messages = decoder.into_messages();
    messages.iter_mut().for_each(wire::mask);
    Answer { messages, truncated }
}

fn judged(order: &Order, bytes: impl AsRef<[u8]>) -> Outcome {
    judge(order, &Profile::default(), Ok(answered(bytes)))
}

/// The outcome of a debit of 15.90 EUR answered with these fields.
fn after(fields: &str) -> Outcome {
    judged(&debit(1590), format!("CZ0040301{fields}"))
}

fn approved(outcome: Outcome) -> Approval {
    match outcome {
        Outcome::Approved(approval) => approval,
        other => panic!("not approved: {other:?}"),
    }
}

fn declined(outcome: Outcome) -> Decline {
    match outcome {
        Outcome::Declined(decline) => decline,
        other => panic!("not declined: {other:?}"),
    }
}

fn doubt(outcome: Outcome) -> Doubt {
    match outcome {
        Outcome::Unknown(doubt) => doubt,
        other => panic!("not in doubt: {other:?}"),
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).unwrap()).collect()
}

fn written(message: &Message) -> String {
    String::from_utf8(wire::encode(message).unwrap()).unwrap()
}

fn field(tag: &str, value: impl AsRef<str>) -> String {
    let value = value.as_ref();
    format!("{tag}{:03}{value}", value.chars().count())
}

/// A `ZT` around the base64 of a ticket.
fn ticket_of(base64: &str) -> String {
    field("ZT", field("CK", "100") + &field("AK", base64))
}

// ---- every vector

fn order_of(vector: &Value) -> Option<Order> {
    let order = &vector["order"];
    let operation = Operation::from_code(order["operation"].as_str()?)?;
    let amount = Amount::new(order["amount"].as_u64()?)?;
    let currency = Currency::from_letters(order["currency"].as_str()?)?;
    Some(Order {
        means: order["means"].as_str().map_or(Means::Card, |code| Means::from_code(code).unwrap()),
        reference: order["reference"].as_str().map(|text| Reference::new(text).unwrap()),
        receipt: order["receipt"].as_bool(),
        partial: order["partial"].as_bool(),
        ..Order::new(operation, amount, currency)
    })
}

fn profile_of(vector: &Value) -> Profile {
    let profile = &vector["profile"];
    let Some(version) = profile["version"].as_str() else { return Profile::default() };
    Profile {
        version: version.into(),
        identifier: profile["register_id"].as_str().unwrap().into(),
        register: Register::new(profile["register"].as_str().unwrap()).unwrap(),
        ..Profile::default()
    }
}

#[test]
fn every_vector_is_asked_for_byte_by_byte() {
    let mut asked = 0;
    for vector in vectors() {
        let Some(expected) = vector["request"].as_str() else { continue };
        let tags = vector["request_tags"].as_array().unwrap();
        let profile = profile_of(&vector);
        let made = match order_of(&vector) {
            // Never sent by us.
            Some(_) if tags.contains(&"BA".into()) => continue,
            Some(order) => request(&order, &profile),
            None if vector["order"]["operation"] == "identify" => identification(&profile),
            None => continue,
        };
        asked += 1;
        assert_eq!(written(&made), expected, "{}", vector["name"]);
    }
    assert!(asked >= 20);
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let mut judged = 0;
    for vector in vectors() {
        let (Some(answer), Some(code)) =
            (vector["answer"].as_str(), vector["expect"]["outcome"].as_str())
        else {
            continue;
        };
        judged += 1;
        let name = &vector["name"];
        let expect = |key: &str| vector["expect"].get(key);
        // An order that is none of ours was still answered.
        let order = order_of(&vector).unwrap_or_else(|| debit(100));
        let outcome = judge(&order, &profile_of(&vector), Ok(answered(latin1(answer))));
        assert_eq!(outcome.code(), code, "{name}");
        let (receipt, report) = match &outcome {
            Outcome::Approved(approval) => {
                assert_eq!(expect("paid"), Some(&approval.paid.minor().into()), "{name}");
                assert_eq!(approval.remarks, [], "{name}");
                (&approval.receipt, None)
            }
            Outcome::Declined(decline) => (&decline.receipt, decline.report.as_ref()),
            Outcome::Unknown(doubt) => (&doubt.receipt, doubt.report.as_ref()),
            Outcome::NotSent(_) => panic!("{name}: {outcome:?}"),
        };
        for (key, found) in [
            ("authorization", receipt.authorization.as_ref()),
            ("application", receipt.application.as_ref()),
            ("read_mode", receipt.read_mode.as_ref()),
            ("ticket", receipt.ticket.as_ref()),
            ("report", report.map(|report| &report.code)),
            ("issuer_code", report.and_then(|report| report.issuer_code.as_ref())),
        ] {
            if let Some(expected) = expect(key) {
                assert_eq!(expected, &serde_json::json!(found), "{name}: {key}");
            }
        }
    }
    assert!(judged >= 20);
}

// ---- how it is asked for

#[test]
fn an_amount_under_ten_cents_has_two_digits() {
    // OCA l10n-france padded another variable, and sent `CB0015`.
    for (minor, expected) in [(1, "CB00201"), (9, "CB00209"), (10, "CB00210"), (100, "CB003100")] {
        let frame = written(&request(&debit(minor), &Profile::default()));
        assert!(frame.contains(&format!("{expected}CD0010")), "{frame}");
    }
}

#[test]
fn a_currency_is_three_digits_and_has_its_own_minor_unit() {
    for (letters, minor, expected) in [
        ("XPF", 1000, "CB0041000CD0010CE003953"),
        ("BHD", 1500, "CB0041500CD0010CE003048"),
        ("TND", 1, "CB00201CD0010CE003788"),
    ] {
        let currency = Currency::from_letters(letters).unwrap();
        let order = Order { currency, ..debit(minor) };
        let frame = written(&request(&order, &Profile::default()));
        assert!(frame.ends_with(expected), "{frame}");
    }
}

#[test]
fn the_operation_is_the_action_and_the_amount_stays_positive() {
    for (operation, digit) in
        [(Operation::Debit, "0"), (Operation::Refund, "1"), (Operation::Cancellation, "2")]
    {
        let order = Order { operation, ..debit(1590) };
        let asked = request(&order, &Profile::default());
        assert_eq!(asked.text(Tag::ACTION).as_deref(), Some(digit));
        assert_eq!(asked.text(Tag::AMOUNT).as_deref(), Some("1590"));
    }
}

#[test]
fn the_means_is_the_application() {
    for (means, application) in
        [(Means::Card, None), (Means::Cheque, Some("00C")), (Means::Ancv, Some("00V"))]
    {
        let asked = request(&Order { means, ..debit(1590) }, &Profile::default());
        assert_eq!(asked.text(Tag::APPLICATION).as_deref(), application);
    }
}

#[test]
fn a_partial_payment_is_never_mentioned_unless_it_is_wanted() {
    // OCA l10n-france 645 to 648: `BF=0` breaks payments on newer terminals.
    for (asked, usual, expected) in [
        (None, false, None),
        (Some(false), false, None),
        (Some(false), true, None),
        (Some(true), false, Some("1")),
        (None, true, Some("1")),
    ] {
        let order = Order { partial: asked, ..debit(1590) };
        let profile = Profile { partial: usual, ..Profile::default() };
        let frame = request(&order, &profile);
        assert_eq!(frame.text(Tag::PARTIAL).as_deref(), expected, "{asked:?} {usual}");
    }
}

#[test]
fn the_order_decides_before_the_terminal_s_profile() {
    let profile = Profile { receipt: true, ..Profile::default() };
    let order = Order {
        receipt: Some(false),
        register: Register::new("7"),
        reference: Reference::new("order 12"),
        ..debit(1590)
    };
    let frame = request(&order, &profile);
    assert_eq!(frame.text(Tag::TICKET_MODE), None);
    assert_eq!(frame.text(Tag::REGISTER).as_deref(), Some("07"));
    assert_eq!(frame.text(Tag::PRIVATE).as_deref(), Some("order 12"));
    assert_eq!(request(&debit(1), &profile).text(Tag::TICKET_MODE).as_deref(), Some("100"));

    let mute = Profile { reference: false, ..Profile::default() };
    assert_eq!(request(&order, &mute).text(Tag::PRIVATE), None);
}

#[test]
fn the_usual_profile_is_what_every_terminal_accepts() {
    let frame = written(&request(&debit(1590), &Profile::default()));
    assert_eq!(frame, "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978");
}

fn an_order() -> impl Strategy<Value = Order> {
    let texts = (prop::option::of("[ -~]{1,99}"), prop::option::of(1..=99u8));
    let choices = (prop::option::of(any::<bool>()), prop::option::of(any::<bool>()));
    (
        prop::sample::select(Operation::ALL),
        1..=Amount::MAX,
        prop::sample::select(vec!["EUR", "XPF", "TND", "BHD", "CHF"]),
        prop::sample::select(Means::ALL),
        texts,
        choices,
    )
        .prop_map(
            |(operation, minor, letters, means, (reference, register), (receipt, partial))| {
                let amount = Amount::new(minor).unwrap();
                Order {
                    means,
                    reference: reference.map(|text| Reference::new(&text).unwrap()),
                    register: register.map(|number| Register::new(&number.to_string()).unwrap()),
                    receipt,
                    partial,
                    ..Order::new(operation, amount, Currency::from_letters(letters).unwrap())
                }
            },
        )
}

fn thorough() -> ProptestConfig {
    ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(thorough())]

    #[test]
    fn every_order_can_be_written_and_asks_for_nothing_immediate(order in an_order()) {
        let asked = request(&order, &Profile::default());
        let bytes = wire::encode(&asked).unwrap();
        prop_assert_eq!(&answered(bytes).messages.len(), &1);
        // `BA=1` would make `AE=10` mean something else than paid.
        prop_assert_eq!(asked.get(Tag::IMMEDIATE), None);
        let digits = asked.text(Tag::AMOUNT).unwrap();
        prop_assert!((2..=12).contains(&digits.len()));
        prop_assert_eq!(digits.parse::<u64>().unwrap(), order.amount.minor());
    }

    #[test]
    fn an_amount_is_read_as_it_is_typed(minor in 1..=Amount::MAX, comma in any::<bool>()) {
        let mark = if comma { ',' } else { '.' };
        let typed = format!("{}{mark}{:02}", minor / 100, minor % 100);
        prop_assert_eq!(read_amount(&typed, Currency::EUR), Amount::new(minor));
        let xpf = Currency::from_letters("XPF").unwrap();
        prop_assert_eq!(read_amount(&minor.to_string(), xpf), Amount::new(minor));
    }
}

// ---- the truth table

const STATUSES: [Option<&str>; 9] = [
    None,
    Some("10"),
    Some("01"),
    Some("11"),
    Some("00"),
    Some("12"),
    Some("1"),
    Some("100"),
    Some("OK"),
];
const REPORTS: [Option<&str>; 20] = [
    None,
    Some("00"),
    Some("01"),
    Some("02"),
    Some("03"),
    Some("04"),
    Some("05"),
    Some("06"),
    Some("07"),
    Some("08"),
    Some("09"),
    Some("10"),
    Some("11"),
    Some("12"),
    Some("13"),
    Some("14"),
    Some("99"),
    Some("01000OK"),
    Some("04148HOLDER INVALID          "),
    Some("Merci"),
];
const ACTIONS: [Option<&str>; 4] = [None, Some("0"), Some("1"), Some("2")];
const CURRENCIES: [Option<&str>; 3] = [None, Some("978"), Some("840")];
/// What `CB` says, and what was paid when 15.90 was asked.
const AMOUNTS: [(Option<&str>, Option<u64>); 7] = [
    (None, Some(1590)),
    (Some("1590"), Some(1590)),
    (Some("00001590"), Some(1590)),
    (Some("00000900"), Some(900)),
    (Some("1750"), Some(1750)),
    (Some("00000000"), None),
    (Some("999999999999999999999999"), Some(1590)),
];

/// What nothing but "done" may stand beside.
fn report_denies(report: Option<&str>) -> bool {
    !matches!(report, None | Some("00" | "01" | "01000OK" | "Merci"))
}

#[test]
fn the_whole_truth_table() {
    let mut seen = HashSet::new();
    for operation in Operation::ALL {
        let order = Order { operation: *operation, ..debit(1590) };
        for status in STATUSES {
            for report in REPORTS {
                for action in ACTIONS {
                    for currency in CURRENCIES {
                        for (amount, paid) in AMOUNTS {
                            let said = [
                                ("CB", amount),
                                ("CD", action),
                                ("CE", currency),
                                ("AE", status),
                                ("AF", report),
                            ];
                            let fields = said
                                .into_iter()
                                .filter_map(|(tag, value)| Some(field(tag, value?)))
                                .collect::<String>();
                            let other = action.is_some_and(|said| said != operation.digit())
                                || currency.is_some_and(|said| said != "978");
                            let expected = match status {
                                Some("01") => ("declined", None),
                                Some("10")
                                    if !other && !report_denies(report) && paid.is_some() =>
                                {
                                    ("approved", paid)
                                }
                                _ => ("unknown", None),
                            };
                            let outcome = judged(&order, format!("CZ0040301{fields}"));
                            let paid = match &outcome {
                                Outcome::Approved(approval) => Some(approval.paid.minor()),
                                _ => None,
                            };
                            assert_eq!((outcome.code(), paid), expected, "{operation:?} {fields}");
                            seen.insert(expected);
                        }
                    }
                }
            }
        }
    }
    assert_eq!(seen.len(), 5, "declined, unknown, and three paid amounts");
}

#[test]
fn each_doubt_says_why() {
    for (fields, reason) in [
        ("CB0041590", Why::NoStatus),
        ("AE00212", Why::NoStatus),
        ("AE00211", Why::OnlyAccepted),
        ("AE00211AE00211", Why::OnlyAccepted),
        ("AE00210AF00209", Why::Contradicted),
        ("AE00210CD0011", Why::OtherAction),
        ("AE00210CE003840", Why::OtherCurrency),
        ("AE00210CB00200", Why::NothingPaid),
        ("AE00210CZ0040301AE00201", Why::Contradicted),
        ("AE00201CZ0040301AE00210", Why::Contradicted),
    ] {
        assert_eq!(doubt(after(fields)).reason, reason, "{fields}");
    }
    let nothing = Answer { messages: vec![], truncated: false };
    let outcome = judge(&debit(1), &Profile::default(), Ok(nothing));
    assert_eq!(doubt(outcome).reason, Why::NoStatus);
}

#[test]
fn a_doubt_keeps_what_the_answer_said_for_the_person_who_settles_it() {
    let doubt = doubt(after("AE00210AF00209AC006184117CC00300B"));
    assert_eq!(doubt.report.unwrap().code, "09");
    assert_eq!(doubt.receipt.authorization.as_deref(), Some("184117"));
    assert_eq!(doubt.receipt.application.as_deref(), Some("00B"));
}

#[test]
fn a_failure_before_the_request_left_is_not_sent_and_after_it_is_unknown() {
    let outcome = |error| judge(&debit(1590), &Profile::default(), Err(error));
    for (before, reason) in [
        (exchange::NotSent::NoSuchHost, NotSent::NoSuchHost),
        (exchange::NotSent::PublicAddress, NotSent::PublicAddress),
        (exchange::NotSent::Refused, NotSent::ConnectionRefused),
        (exchange::NotSent::Unreachable, NotSent::Unreachable),
        (exchange::NotSent::ConnectTimeout, NotSent::ConnectTimeout),
        (exchange::NotSent::Lost, NotSent::ConnectionLost),
        (exchange::NotSent::BadRequest, NotSent::BadRequest),
    ] {
        let outcome = outcome(ExchangeError::NotSent(before));
        assert_eq!(outcome, Outcome::NotSent(reason));
        assert_eq!(outcome.charged(), Charged::No);
    }
    for (after, reason) in [
        (Unanswered::Silence, Why::Silence),
        (Unanswered::Closed, Why::ConnectionClosed),
        (Unanswered::Reset, Why::ConnectionReset),
        (Unanswered::Garbled, Why::GarbledAnswer),
        (Unanswered::TooLong, Why::AnswerTooLong),
        (Unanswered::ConcertV2, Why::ConcertV2),
    ] {
        let outcome = outcome(ExchangeError::Unanswered(after));
        assert_eq!(outcome, Outcome::unknown(reason));
        assert_eq!(outcome.charged(), Charged::Maybe);
    }
}

/// Answers of one to three messages, made of what judging looks at: tags may
/// come twice, and any value may be wrong.
fn an_answer() -> impl Strategy<Value = Answer> {
    let value = |values: &[&'static str]| prop::sample::select(values.to_vec());
    let any_field = prop_oneof![
        3 => value(&["10", "10", "01", "11", "00", " 10", ""]).prop_map(|v| (Tag::STATUS, v)),
        1 => value(&["00", "01", "04", "09", "13", "99", "Merci"]).prop_map(|v| (Tag::REPORT, v)),
        1 => value(&["0", "0", "1", "2", "I"]).prop_map(|v| (Tag::ACTION, v)),
        1 => value(&["978", "978", "953", "x"]).prop_map(|v| (Tag::CURRENCY, v)),
        1 => value(&["00", "1590", "001590", "5", "-1", "+5", "x"]).prop_map(|v| (Tag::AMOUNT, v)),
        1 => value(&["01", "1", "02", "x"]).prop_map(|v| (Tag::REGISTER, v)),
        1 => value(&["x", "AK004QUJD", "AK004????"]).prop_map(|v| (Tag::TICKET, v)),
        1 => value(&["1", "0"]).prop_map(|v| (Tag::IMMEDIATE, v)),
    ];
    let message = prop::collection::vec(any_field, 0..6).prop_map(|fields| {
        Message::new(fields.into_iter().map(|(tag, value)| Field::new(tag, value)).collect())
    });
    (prop::collection::vec(message, 0..4), any::<bool>())
        .prop_map(|(messages, truncated)| Answer { messages, truncated })
}

/// Whether the first field of a tag, which decides, has this value.
fn says(message: &Message, tag: Tag, value: &str) -> bool {
    message.text(tag).as_deref() == Some(value)
}

/// Every value of a tag in an answer, repeated ones included.
fn all(answer: &Answer, tag: Tag) -> Vec<String> {
    let fields = answer.messages.iter().flat_map(Message::fields);
    fields.filter(|field| field.tag == tag).map(|field| field.text().trim().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..thorough() })]

    #[test]
    fn approved_only_if_done_and_not_contradicted(answer in an_answer(), order in an_order()) {
        let outcome = judge(&order, &Profile::default(), Ok(answer.clone()));
        if let Outcome::Approved(approval) = outcome {
            prop_assert!(!answer.messages.iter().any(|message| says(message, Tag::STATUS, "01")));
            let done = answer.messages.iter().find(|message| says(message, Tag::STATUS, "10"));
            let done = done.expect("a message that says done");
            let agrees = |tag, asked: &str| done.text(tag).is_none() || says(done, tag, asked);
            prop_assert!(agrees(Tag::ACTION, order.operation.digit()));
            prop_assert!(agrees(Tag::CURRENCY, &order.currency.digits()));
            prop_assert!(!report_denies(done.text(Tag::REPORT).as_deref()));
            prop_assert!(!says(done, Tag::AMOUNT, "00"));
            let confirmed = !approval.remarks.contains(&Remark::AmountNotConfirmed);
            prop_assert!(confirmed || approval.paid == order.amount);
        }
    }

    #[test]
    fn declined_only_if_the_terminal_says_that_it_is_not_done(answer in an_answer()) {
        let outcome = judge(&debit(1590), &Profile::default(), Ok(answer.clone()));
        if matches!(outcome, Outcome::Declined(_)) {
            prop_assert!(all(&answer, Tag::STATUS).contains(&"01".into()));
            prop_assert!(!answer.messages.iter().any(|message| says(message, Tag::STATUS, "10")));
        }
    }

    #[test]
    fn an_answer_is_never_not_sent_and_without_a_status_never_a_yes_or_no(answer in an_answer()) {
        let outcome = judge(&debit(1590), &Profile::default(), Ok(answer.clone()));
        prop_assert_ne!(outcome.code(), "not_sent");
        let statuses = all(&answer, Tag::STATUS);
        if !statuses.iter().any(|status| status == "10" || status == "01") {
            prop_assert_eq!(outcome.charged(), Charged::Maybe);
        }
    }

    #[test]
    fn any_bytes_have_an_outcome(
        bytes in prop::sample::select(answers()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = bytes;
        for (place, mask) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= mask;
        }
        let has_done = all(&answered(&bytes), Tag::STATUS).contains(&"10".into());
        let outcome = judged(&debit(1590), &bytes);
        prop_assert!(has_done || outcome.charged() != Charged::Yes);
    }
}

/// Every answer of the vectors.
fn answers() -> Vec<Vec<u8>> {
    vectors().iter().filter_map(|vector| vector["answer"].as_str().map(latin1)).collect()
}

#[test]
fn done_is_not_believed_beside_another_status_in_the_same_message() {
    for fields in ["AE00210AE00201", "AE00201AE00210"] {
        assert_eq!(doubt(after(fields)).reason, Why::Contradicted, "{fields}");
    }
}

#[test]
fn done_twice_is_believed_only_if_nothing_contradicts_either() {
    assert_eq!(approved(after("AE00210CZ0040301AE00210")).paid.minor(), 1590);
    for second in ["AF00209", "CD0011", "CE003840", "CB00200"] {
        let outcome = after(&format!("AE00210CZ0040301AE00210{second}"));
        assert_eq!(outcome.charged(), Charged::Maybe, "{second}");
    }
}

// ---- amounts

#[test]
fn ingenico_pads_the_amount() {
    let approval = approved(after("CB00800001590AE00210"));
    assert_eq!((approval.paid.minor(), approval.remarks), (1590, vec![]));
}

#[test]
fn less_than_asked_is_a_partial_payment_and_paid() {
    let order = Order { partial: Some(true), ..debit(5000) };
    let outcome = judged(&order, "CZ0040310CB00800003250CC00300EAE00210");
    assert_eq!(outcome.charged(), Charged::Yes);
    assert_eq!(approved(outcome).paid.minor(), 3250);
    // The money moved whether or not a partial payment was wanted.
    assert_eq!(approved(judged(&debit(5000), "CZ0040310CB0043250AE00210")).paid.minor(), 3250);
}

#[test]
fn more_than_asked_is_a_tip_and_paid() {
    let approval = approved(after("CB0041750AE00210"));
    assert_eq!((approval.paid.minor(), approval.remarks), (1750, vec![]));
}

#[test]
fn an_amount_that_is_absent_is_taken_as_asked_and_remarked() {
    for fields in ["AE00210", "CB003   AE00210", "CB000AE00210", "CB003abcAE00210"] {
        let approval = approved(after(fields));
        assert_eq!(approval.paid.minor(), 1590, "{fields}");
        assert_eq!(approval.remarks, [Remark::AmountNotConfirmed], "{fields}");
    }
}

#[test]
fn done_with_an_amount_of_zero_is_believed_by_nobody() {
    assert_eq!(doubt(after("CB00800000000AE00210")).reason, Why::NothingPaid);
}

// ---- operations

#[test]
fn a_refund_and_a_cancellation_are_done_only_under_their_own_action() {
    for (operation, own) in [(Operation::Refund, "1"), (Operation::Cancellation, "2")] {
        let order = Order { operation, ..debit(1590) };
        let outcome = |action: &str| {
            judged(&order, format!("CZ0040301CB0041590CD001{action}CE003978AE00210"))
        };
        assert_eq!(approved(outcome(own)).paid.minor(), 1590);
        assert_eq!(doubt(outcome("0")).reason, Why::OtherAction);
    }
}

#[test]
fn a_cheque_has_no_card_and_needs_none() {
    let order = Order { means: Means::Cheque, ..debit(2500) };
    let approval = approved(judged(&order, "CZ0040301CB00800002500CC00300CCD0010AE00210"));
    assert_eq!(approval.receipt.application.as_deref(), Some("00C"));
    assert_eq!(approval.receipt.card, None);
    let decline = declined(judged(&order, "CZ0040301CC00300CCD0010CE003978AE00201AF00204"));
    assert_eq!(decline.report.unwrap().code, "04");
}

#[test]
fn holiday_vouchers_may_pay_a_part() {
    let order = Order { means: Means::Ancv, ..debit(2500) };
    let approval = approved(judged(&order, "CZ0040310CB0042000CC00300VCD0010AE00210"));
    assert_eq!(approval.paid.minor(), 2000);
    assert_eq!(approval.receipt.application.as_deref(), Some("00V"));
}

// ---- reports

#[test]
fn an_extended_report_is_a_refusal_with_the_bank_s_words() {
    let report = declined(after("AE00201AF02904148HOLDER INVALID          ")).report.unwrap();
    assert_eq!(report.code, "04");
    assert_eq!(report.issuer_code.as_deref(), Some("14"));
    assert_eq!(report.message.as_deref(), Some("8HOLDER INVALID"));
}

#[test]
fn the_red_key_is_a_refusal_without_an_amount() {
    // OCA l10n-france 669: no CB when a Desk/5000 is stopped with the red key.
    for code in ["06", "11"] {
        let decline = declined(after(&format!("CD0010CE003978AE00201AF002{code}")));
        assert_eq!(decline.report.unwrap().code, code);
    }
}

#[test]
fn a_refusal_is_believed_whatever_it_leaves_out_or_gets_wrong() {
    for fields in ["AE00201", "AE00201CD0011", "AE00201CE003840CB00200", "AE00201CA00209"] {
        assert_eq!(declined(after(fields)).report, None, "{fields}");
    }
}

#[test]
fn payxpert_says_authorised_beside_done() {
    assert_eq!(approved(after("CB0041590AE00210AF00201")).remarks, []);
}

#[test]
fn a_sentence_in_place_of_a_report_is_shown() {
    let decline = declined(judged(&debit(1590), b"CZ0040301AE00201AF013Carte refus\xe9e"));
    assert_eq!(decline.report.unwrap().message.as_deref(), Some("Carte refusée"));
}

#[test]
fn a_refusal_may_carry_an_authorization_and_a_ticket() {
    // HiPay's published refusal does.
    let ticket = ticket_of("UkVGVVM=");
    let decline = declined(after(&format!("AC006184118AE00201AF00204{ticket}")));
    assert_eq!(decline.receipt.authorization.as_deref(), Some("184118"));
    assert_eq!(decline.receipt.ticket.as_deref(), Some("REFUS"));
}

// ---- who answers

#[test]
fn the_terminal_s_own_identifier_and_private_data_mean_nothing() {
    // Ingenico answers with its own CJ, and terminal data in CF.
    let order = Order { reference: Reference::new("order-1"), ..debit(1590) };
    let frame = "CZ0040301CJ012330538600404CB0041590CF0101010000000AE00210";
    assert_eq!(approved(judged(&order, frame)).remarks, []);
}

#[test]
fn another_version_and_a_one_digit_register_mean_nothing() {
    let outcome = judged(&debit(1590), "CZ0040320CA0011CB0041590AE00210");
    assert_eq!(approved(outcome).remarks, []);
}

#[test]
fn an_answer_to_another_register_is_remarked_and_still_paid() {
    assert_eq!(approved(after("CA00202CB0041590AE00210")).remarks, [Remark::OtherRegister]);
    let order = Order { register: Register::new("02"), ..debit(1590) };
    let outcome = judged(&order, "CZ0040301CA00202CB0041590AE00210");
    assert_eq!(approved(outcome).remarks, []);
}

#[test]
fn accepted_then_done_is_done() {
    let approval = approved(after("BA0011AE00211CZ0040301CB0041590AE00210"));
    assert_eq!(approval.paid.minor(), 1590);
    let report = declined(after("AE00211CZ0040301AE00201AF00206")).report.unwrap();
    assert_eq!(report.code, "06");
}

#[test]
fn done_before_the_last_byte_is_done_and_remarked() {
    let approval = approved(after("CB0041590AE00210ZT323CK003100AK309QUJD"));
    assert_eq!(approval.remarks, [Remark::Truncated]);
    assert_eq!(approval.receipt.ticket, None);
}

// ---- tickets

fn ticket_after(fields: &str) -> Option<String> {
    approved(after(&format!("CB0041590AE00210{fields}"))).receipt.ticket
}

#[test]
fn a_ticket_is_read_wrapped_unwrapped_and_unpadded() {
    let text = "CARTE BANCAIRE\nMONTANT : 15,90 EUR\nTICKET CLIENT";
    let base64 = BASE64_STANDARD.encode(text);
    let wrapped = format!("{}\n{}\r\n", &base64[..40], &base64[40..]);
    for form in [base64, wrapped, BASE64_STANDARD_NO_PAD.encode(text)] {
        assert_eq!(ticket_after(&ticket_of(&form)).as_deref(), Some(text), "{form}");
    }
}

#[test]
fn the_published_ticket_of_hipay_is_read() {
    let order = Order { receipt: Some(true), ..debit(12345) };
    let approval = approved(judged(&order, HIPAY_TICKET));
    assert_eq!(approval.remarks, []);
    assert_eq!(approval.paid.minor(), 12345);
    let ticket = approval.receipt.ticket.unwrap();
    let lines: Vec<&str> = ticket.lines().collect();
    assert_eq!(lines.len(), 18, "{ticket}");
    assert_eq!(lines[3], "MasterCard");
    // The SIRET is no card number, and the card number is masked as printed.
    assert_eq!(lines[7..9], ["1234567 39033422500096 30004", "############6368"]);
    assert!(ticket.ends_with("TICKET CLIENT\nA CONSERVER\n"), "{ticket}");
}

#[test]
fn hipay_refusal_announces_one_byte_too_many() {
    let base64 = BASE64_STANDARD.encode("x".repeat(231));
    assert_eq!(base64.len(), 308);
    let frame = format!("AC006184118AE00201AF00204ZT323CK003100AK309{base64}\n");
    let decline = declined(after(&frame));
    assert_eq!(decline.report.unwrap().code, "04");
    assert_eq!(decline.receipt.authorization.as_deref(), Some("184118"));
    // The byte that it announces may be there after all.
    let decline = declined(after(&format!("{frame}\n")));
    assert_eq!(decline.receipt.ticket.unwrap().len(), 231);
}

#[test]
fn a_wrapped_ticket_is_the_same_ticket() {
    let approval = approved(judged(&debit(1590), WRAPPED_TICKET));
    let expected = "CARTE BANCAIRE\nMONTANT : 15,90 EUR\nTICKET CLIENT\nA CONSERVER\n";
    assert_eq!(approval.receipt.ticket.as_deref(), Some(expected));
}

#[test]
fn a_ticket_that_nobody_can_read_never_loses_the_payment() {
    for broken in ["ZT005CARTE", "ZT013CK003100AK000", "ZT017CK003100AK004?!?!", "ZT000"] {
        let approval = approved(after(&format!("CB0041590AE00210{broken}")));
        assert_eq!(approval.receipt.ticket, None, "{broken}");
        assert_eq!(approval.remarks, [Remark::TicketUnreadable], "{broken}");
    }
}

#[test]
fn two_tickets_are_one_text() {
    let both = field("ZT", "CK003120AK004QUJDAK004REVG");
    assert_eq!(ticket_after(&both).as_deref(), Some("ABC\nDEF"));
    let apart = ticket_of("QUJD") + &ticket_of("REVG");
    assert_eq!(ticket_after(&apart).as_deref(), Some("ABC\nDEF"));
}

#[test]
fn a_ticket_is_latin_1() {
    let base64 = BASE64_STANDARD.encode(b"Re\xe7u 15,90 EUR\r\n");
    assert_eq!(ticket_after(&ticket_of(&base64)).as_deref(), Some("Reçu 15,90 EUR\n"));
}

#[test]
fn a_whole_card_number_in_a_ticket_is_hidden() {
    for (printed, shown) in [
        ("PAN 4970101234567890", "PAN 497010******7890"),
        ("4970 1012 3456 7890\nOK", "4970 10** **** 7890\nOK"),
    ] {
        let base64 = BASE64_STANDARD.encode(printed);
        assert_eq!(ticket_after(&ticket_of(&base64)).as_deref(), Some(shown));
    }
}

#[test]
fn bytes_that_only_a_printer_sees_uncover_no_card_number() {
    for control in ["\0", "\x1b", "\r", "\x7f", "\u{8d}"] {
        let printed = latin1(&format!("PAN 49701012{control}34567890"));
        let ticket = ticket_after(&ticket_of(&BASE64_STANDARD.encode(printed))).unwrap();
        assert!(!ticket.contains("4970101234567890"), "{control:?}: {ticket}");
    }
}

#[test]
fn a_whole_card_number_in_an_answer_is_hidden_in_every_outcome() {
    let card = field("AA", "4970101234567890") + "AB0042811";
    for status in ["10", "01", "11", "99"] {
        let outcome = after(&format!("CB0041590AE002{status}{card}"));
        let shown = format!("{outcome:?}");
        assert!(shown.contains("497010******7890"), "{shown}");
        assert!(!shown.contains("4970101234567890") && !shown.contains("2811"), "{shown}");
    }
}

// ---- the life of a payment

fn a_payment(state: State) -> Payment {
    Payment {
        seq: 1,
        id: PaymentId::new("sale-1").unwrap(),
        till: "till-1".into(),
        terminal: "counter".into(),
        order: debit(1590),
        state,
        opened_at: Moment(0),
        sent_at: None,
        cancel_requested: false,
        resolved: None,
        evidence: None,
        late: false,
        acknowledged: false,
        durable: true,
    }
}

fn resolved(state: State, charged: bool) -> Payment {
    let resolution = Resolution { charged, by: "Ana".into(), note: None, at: Moment(2) };
    Payment { resolved: Some(resolution), ..a_payment(state) }
}

fn closed(outcome: Outcome) -> State {
    State::Closed { outcome, at: Moment(1) }
}

#[test]
fn a_payment_may_be_charged_from_the_moment_its_request_leaves() {
    assert_eq!(a_payment(State::Connecting).charged(), Charged::No);
    assert_eq!(a_payment(State::Sent).charged(), Charged::Maybe);
    assert_eq!(a_payment(State::Sent).outcome(), None);
    assert!(!a_payment(State::Sent).is_in_doubt(), "it is still waited for");
    for (fields, charged) in
        [("AE00210", Charged::Yes), ("AE00201", Charged::No), ("AE00211", Charged::Maybe)]
    {
        assert_eq!(a_payment(closed(after(fields))).charged(), charged, "{fields}");
    }
}

#[test]
fn a_person_settles_what_the_terminal_left_open_and_nothing_else() {
    let unknown = || closed(Outcome::unknown(Why::Silence));
    assert!(a_payment(unknown()).is_in_doubt());
    for (charged, settled) in [(true, Charged::Yes), (false, Charged::No)] {
        let payment = resolved(unknown(), charged);
        assert_eq!(payment.charged(), settled);
        assert!(!payment.is_in_doubt());
    }
    assert_eq!(resolved(closed(after("AE00210")), false).charged(), Charged::Yes);
    assert_eq!(resolved(closed(after("AE00201")), true).charged(), Charged::No);
    assert_eq!(resolved(State::Sent, false).charged(), Charged::Maybe);
}

// ---- what is checked at the door

#[test]
fn a_register_is_one_to_ninety_nine() {
    for (text, digits) in [("1", "01"), ("01", "01"), ("99", "99")] {
        assert_eq!(Register::new(text).unwrap().digits(), digits);
    }
    for text in ["", "0", "00", "100", "001", "+1", "-1", " 1", "1 ", "a", "١"] {
        assert_eq!(Register::new(text), None, "{text:?}");
    }
}

#[test]
fn a_reference_is_what_a_terminal_can_carry() {
    assert!(Reference::new(&"x".repeat(99)).is_some());
    for text in ["", &"x".repeat(100), "commande n°1", "a\nb", "a\u{7f}"] {
        assert_eq!(Reference::new(text), None, "{text:?}");
    }
}

#[test]
fn a_payment_id_is_short_and_plain() {
    assert!(PaymentId::new(&"x".repeat(64)).is_some());
    assert!(PaymentId::new("2026-11-23_a.b:c").is_some());
    for text in ["", &"x".repeat(65), "a b", "a/b", "é"] {
        assert_eq!(PaymentId::new(text), None, "{text:?}");
    }
}

#[test]
fn stable_names_are_read_back_and_belong_to_one_thing() {
    fn check<T: Copy + PartialEq>(
        all: &[T],
        code: fn(T) -> &'static str,
        from: fn(&str) -> Option<T>,
    ) {
        let codes: HashSet<&str> = all.iter().map(|one| code(*one)).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|one| from(code(*one)) == Some(*one)));
        assert!(from("").is_none() && from("Debit").is_none());
    }
    check(Operation::ALL, Operation::code, Operation::from_code);
    check(Means::ALL, Means::code, Means::from_code);
    check(Charged::ALL, Charged::code, Charged::from_code);
    check(NotSent::ALL, NotSent::code, NotSent::from_code);
    check(Why::ALL, Why::code, Why::from_code);
    check(Remark::ALL, Remark::code, Remark::from_code);
}

#[test]
fn done_beside_an_immediate_answer_only_says_received() {
    assert_eq!(doubt(after("BA0011AE00210")).reason, Why::OnlyAccepted);
    approved(after("BA0010AE00210"));
}

#[test]
fn an_amount_with_a_sign_is_not_confirmed() {
    let approval = approved(after("CB005+1590AE00210"));
    assert_eq!(approval.remarks, [Remark::AmountNotConfirmed]);
}

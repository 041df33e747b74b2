use super::ledger::{Charge, Ending};
use super::magic::WHOLE_CARD;
use super::receipt;
use super::request::{Ask, Operation};
use super::script::Script;
use super::step::{AnswerAmount, Private, Receipt, Split, StatusPosition, Step};
use crate::wire::{Message, Tag};
use std::ops::Range;

const HEADER: usize = 5;
/// What an Ingenico terminal answers in `CF`, whatever the till sent.
const TERMINAL_DATA: &str = "1010000000";
pub(super) const CONTRACT: &str = "1234567";

/// The bytes of an answer as they are written, which may break the protocol on
/// purpose: that is why `wire::encode`, which refuses to, is not used.
pub(super) struct Answer {
    pub bytes: Vec<u8>,
    status: Range<usize>,
}

impl Answer {
    /// Where the pieces of the answer begin, the first excepted.
    pub fn cuts(&self, split: &Split) -> Vec<usize> {
        let mut cuts = match split {
            Split::Whole => Vec::new(),
            Split::EveryByte => (1..self.bytes.len()).collect(),
            Split::BeforeStatus => vec![self.status.start],
            Split::AfterStatus => vec![self.status.end],
            Split::At(offsets) => offsets.clone(),
        };
        cuts.retain(|&cut| 0 < cut && cut < self.bytes.len());
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    /// What the script puts in front, and where it stops writing.
    pub fn spoilt(mut self, step: &Step) -> Answer {
        let junk = latin1(&step.junk);
        self.status = self.status.start + junk.len()..self.status.end + junk.len();
        self.bytes.splice(..0, junk);
        self.bytes.truncate(step.cut_at.unwrap_or(usize::MAX));
        self
    }

    /// Bytes of the same length that are no message.
    pub fn garbled(mut self) -> Answer {
        self.bytes.iter_mut().for_each(|byte| *byte ^= 0x5A);
        self
    }
}

/// The fields of an answer under construction.
struct Fields<'a> {
    request: &'a Message,
    list: Vec<(Tag, Vec<u8>)>,
}

impl<'a> Fields<'a> {
    fn new(script: &Script, request: &'a Message) -> Fields<'a> {
        let mut fields = Fields { request, list: Vec::new() };
        for (tag, own) in [(Tag::VERSION, &script.version), (Tag::IDENTIFIER, &script.identifier)] {
            match request.get(tag) {
                Some(theirs) if own == "echo" => fields.put(tag, theirs),
                _ => fields.put(tag, own.as_bytes()),
            }
        }
        fields
    }

    /// The protocol has no empty fields.
    fn put(&mut self, tag: Tag, value: impl Into<Vec<u8>>) {
        let value = value.into();
        if !value.is_empty() {
            self.list.push((tag, value));
        }
    }

    fn echo(&mut self, tags: &[Tag]) {
        for &tag in tags {
            self.put(tag, self.request.get(tag).unwrap_or_default());
        }
    }

    fn status(&mut self, status: &str, report: &str) {
        self.put(Tag::STATUS, status);
        self.put(Tag::REPORT, latin1(report));
    }

    fn finish(self, claims_more: Option<Tag>) -> Answer {
        let (mut bytes, mut status) = (Vec::new(), 0..0);
        for (tag, value) in self.list {
            let start = bytes.len();
            let claimed = value.len() + usize::from(claims_more == Some(tag));
            bytes.extend_from_slice(format!("{tag}{claimed:03}").as_bytes());
            bytes.extend_from_slice(&value);
            if tag == Tag::STATUS {
                status = start..start + HEADER + value.len();
            }
        }
        Answer { bytes, status }
    }
}

/// `AE=01` to a request that the terminal does not take. What could not be
/// understood is given back whole, `CB` included.
pub(super) fn refusal(script: &Script, request: &Message, report: &str) -> Answer {
    let mut fields = Fields::new(script, request);
    fields.echo(&[Tag::REGISTER]);
    if report == "09" {
        fields.echo(&[Tag::AMOUNT]);
    }
    fields.echo(&[Tag::ACTION, Tag::CURRENCY]);
    fields.status("01", report);
    fields.finish(None)
}

/// `AE=10` to what moves no money.
pub(super) fn service(script: &Script, request: &Message) -> Answer {
    let mut fields = Fields::new(script, request);
    fields.echo(&[Tag::REGISTER, Tag::ACTION]);
    fields.status("10", "");
    fields.finish(None)
}

/// `AE=11`: taken into account, the outcome comes later or never.
pub(super) fn accepted(script: &Script, request: &Message) -> Answer {
    let mut fields = Fields::new(script, request);
    fields.echo(&[Tag::REGISTER, Tag::AMOUNT, Tag::ACTION, Tag::CURRENCY, Tag::IMMEDIATE]);
    fields.status("11", "");
    fields.finish(None)
}

/// The last transaction again, as HiPay's terminals tell it: with its own
/// amount when it was done, with the request's and a failure when it was not.
pub(super) fn duplicata(script: &Script, request: &Message, last: Option<&Charge>) -> Answer {
    let mut fields = Fields::new(script, request);
    fields.echo(&[Tag::REGISTER]);
    let Some(last) = last.filter(|last| last.charged) else {
        fields.echo(&[Tag::AMOUNT, Tag::ACTION, Tag::CURRENCY]);
        fields.status("01", "07");
        return fields.finish(None);
    };
    fields.put(Tag::AMOUNT, format!("{:08}", last.paid));
    fields.put(Tag::APPLICATION, "001");
    fields.echo(&[Tag::ACTION]);
    fields.put(Tag::CURRENCY, last.currency.as_str());
    fields.status("10", "");
    fields.put(Tag::AUTHORIZATION, last.authorization.clone().unwrap_or_default());
    fields.put(
        Tag::TICKET,
        receipt::field(request, last, &Card::of(&Step::default()), Receipt::Plain),
    );
    fields.finish(None)
}

/// What is paid with.
pub(super) struct Card {
    pub number: String,
    pub aid: &'static str,
    expiry: &'static str,
    application: &'static str,
    read_mode: &'static str,
}

impl Card {
    pub fn of(step: &Step) -> Card {
        let (number, aid, expiry, application, read_mode) = if step.contactless {
            ("513500######0031", "A0000000041010", "2702", "00B", "2")
        } else {
            ("497010######4242", "A0000000421010", "2811", "001", "1")
        };
        let number = step.card.clone().unwrap_or_else(|| number.to_owned());
        Card { number, aid, expiry, application, read_mode }
    }
}

/// The answer to a payment, a refund or a cancellation that has ended.
pub(super) fn outcome(script: &Script, request: &Message, step: &Step, charge: &Charge) -> Answer {
    let done = charge.outcome != Ending::Declined;
    // Cheques and vouchers have no card: the till chose them with CC.
    let paper = request.get(Tag::APPLICATION).filter(|cc| matches!(*cc, b"00C" | b"00V"));
    let card = Card::of(step);
    let debit = charge.operation == Operation::Debit;
    let read = paper.is_none() && (done || was_read(charge));

    let mut fields = Fields::new(script, request);
    fields.echo(&[Tag::REGISTER]);
    if done || step.amount_on_failure {
        // A terminal that answers garbage still meant to say what was asked.
        let paid = if charge.charged { charge.paid } else { step.paid.unwrap_or(charge.amount) };
        fields.put(Tag::AMOUNT, written(if done { paid } else { charge.amount }, step));
    }
    match paper {
        Some(application) => fields.put(Tag::APPLICATION, application),
        None if read => fields.put(Tag::APPLICATION, card.application),
        None => {}
    }
    fields.echo(&[Tag::ACTION, Tag::CURRENCY]);
    if done && read {
        fields.put(Tag::CARD, latin1(&card.number));
        fields.put(Tag::EXPIRY, card.expiry);
    }
    if let Some(authorization) = &charge.authorization {
        fields.put(Tag::AUTHORIZATION, latin1(authorization));
    }
    let middle = fields.list.len();
    if done && debit && read {
        fields.put(Tag::AID, card.aid);
    }
    match step.private {
        Private::Terminal if done && debit && read => fields.put(Tag::PRIVATE, TERMINAL_DATA),
        Private::Echo => fields.echo(&[Tag::PRIVATE]),
        _ => {}
    }
    if done && read {
        fields.put(Tag::CONTRACT, CONTRACT);
    }
    if read {
        fields.put(Tag::READ_MODE, card.read_mode);
    }
    let ticketed = match step.receipt {
        Receipt::WholeCard if step.card.is_none() => Card { number: WHOLE_CARD.to_owned(), ..card },
        _ => card,
    };
    fields.put(Tag::TICKET, receipt::field(request, charge, &ticketed, step.receipt));

    let at = match step.status_position {
        StatusPosition::First => 2,
        StatusPosition::Middle => middle,
        StatusPosition::Last => fields.list.len(),
    };
    let rest = fields.list.split_off(at);
    fields.status(if done { "10" } else { "01" }, charge.report.as_deref().unwrap_or_default());
    fields.list.extend(rest);
    replace(&mut fields.list, step);
    fields.finish((step.receipt == Receipt::WrongLength).then_some(Tag::TICKET))
}

/// `AF` of an answer; `None` when it has none.
pub(super) fn report(step: &Step, done: bool) -> Option<String> {
    let report = match &step.report {
        Some(report) => report.as_str(),
        None if done => return None,
        None => "04",
    };
    Some(match &step.issuer_code {
        Some(code) => format!("{report}{code:2}{:<21}    ", step.issuer_message),
        None => report.to_owned(),
    })
    .filter(|report| !report.is_empty())
}

/// Whether the bank or the terminal refused a card that it had read.
fn was_read(charge: &Charge) -> bool {
    let report = charge.report.as_deref().unwrap_or_default();
    ["02", "03", "04", "05"].iter().any(|read| report.starts_with(read))
}

fn written(amount: u64, step: &Step) -> String {
    match step.answer_amount {
        AnswerAmount::Padded => format!("{amount:08}"),
        AnswerAmount::Plain => format!("{amount:02}"),
        AnswerAmount::Absent => String::new(),
    }
}

fn replace(list: &mut Vec<(Tag, Vec<u8>)>, step: &Step) {
    for (name, value) in &step.fields {
        let Some(tag) = Tag::new(name.as_bytes()) else { continue };
        match list.iter_mut().find(|(there, _)| *there == tag) {
            Some((_, old)) => *old = latin1(value),
            None => list.push((tag, latin1(value))),
        }
    }
    list.retain(|(_, value)| !value.is_empty());
}

/// The amount that a transaction moves when it is done.
pub(super) fn paid(step: &Step, ask: &Ask) -> u64 {
    step.paid.unwrap_or(ask.amount)
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Ledger;
    use super::super::request::{self, Wish};
    use super::super::step::Outcome;
    use super::super::transaction::{ending_of, entry};
    use super::*;
    use crate::wire::Decoder;

    const VECTORS: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/vectors.json"));

    fn message(bytes: &str) -> Message {
        let mut decoder = Decoder::new();
        decoder.feed(bytes.as_bytes());
        decoder.into_messages().swap_remove(0)
    }

    /// Request and answer of a vector.
    fn vector(name: &str) -> (String, String) {
        let file: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        let vector = vectors.iter().find(|vector| vector["name"] == name).unwrap();
        let text = |key: &str| vector[key].as_str().unwrap().to_owned();
        (text("request"), text("answer"))
    }

    async fn answer(request: &str, script: &str) -> String {
        let script = Script::parse(script).unwrap();
        let request = message(request);
        let Ok(Wish::Money(ask)) = request::read(&request, &script) else { panic!() };
        let (step, _) = script.step_for(ask.amount, 0);
        let entry = entry(&ask, &step, ending_of(step.outcome));
        let charge = Ledger::in_memory().append(entry).await.unwrap();
        let answer = outcome(&script, &request, &step, &charge);
        String::from_utf8(answer.bytes).unwrap()
    }

    async fn approved(request: &str, keys: &str) -> String {
        answer(request, &format!("[[step]]\noutcome = \"approve\"\n{keys}")).await
    }

    fn fields(bytes: &str) -> Vec<String> {
        let message = message(bytes);
        let mut fields: Vec<_> = message
            .fields()
            .iter()
            .map(|field| format!("{}={}", field.tag, field.text()))
            .collect();
        fields.sort();
        fields
    }

    #[tokio::test]
    async fn the_answers_of_real_terminals_byte_by_byte() {
        for (name, script) in [
            ("debit_contact_ok_padded_amount", "outcome = \"approve\"\nauthorization = \"184117\""),
            ("cheque_ok", "outcome = \"approve\""),
            ("cheque_refused", "outcome = \"decline\""),
            ("debit_abandoned_by_operator", "outcome = \"decline\"\nreport = \"11\""),
            ("debit_abandoned_by_cardholder", "outcome = \"decline\"\nreport = \"06\""),
            ("debit_input_timeout", "outcome = \"decline\"\nreport = \"08\""),
            (
                "debit_failed_without_report",
                "outcome = \"decline\"\nreport = \"\"\namount_on_failure = true\nanswer_amount = \"plain\"",
            ),
        ] {
            let (request, expected) = vector(name);
            assert_eq!(answer(&request, &format!("[[step]]\n{script}")).await, expected, "{name}");
        }
    }

    #[tokio::test]
    async fn the_answers_of_real_terminals_in_another_order() {
        for (name, script) in [
            (
                "debit_contactless_ok_status_in_the_middle",
                "contactless = true\nauthorization = \"735201\"\nanswer_amount = \"plain\"\nprivate = \"absent\"",
            ),
            ("refund_ok", ""),
            (
                "debit_partial",
                "paid = 3250\nauthorization = \"551022\"\nprivate = \"absent\"\ncard = \"\"\nfields = { CC = \"00E\", AB = \"\", AI = \"\", CZ = \"0310\" }",
            ),
            (
                "another_action_answered",
                "answer_amount = \"plain\"\nprivate = \"absent\"\ncard = \"\"\nfields = { CC = \"\", CD = \"1\", AB = \"\", AC = \"\", AI = \"\", CG = \"\", CI = \"\" }",
            ),
        ] {
            let (request, expected) = vector(name);
            assert_eq!(fields(&approved(&request, script).await), fields(&expected), "{name}");
        }
        let (request, expected) = vector("debit_refused_extended_report");
        let script = "[[step]]\noutcome = \"decline\"\nissuer_code = \"14\"\nissuer_message = \"8HOLDER INVALID\"";
        assert_eq!(fields(&answer(&request, script).await), fields(&expected));
    }

    #[tokio::test]
    async fn each_key_shows_in_the_bytes() {
        let (request, _) = vector("debit_receipt");
        for (keys, shown) in [
            ("report = \"01\"", "AE00210AF00201"),
            ("report = \"09\"", "AE00210AF00209"),
            ("answer_amount = \"plain\"", "CB0041590CC"),
            ("answer_amount = \"absent\"", "CA00201CC"),
            ("private = \"echo\"", "CF019order-123-payment-1"),
            ("private = \"terminal\"", "CF0101010000000"),
            ("status_position = \"first\"", "CJ012330538600404AE00210CA"),
            ("contactless = true", "AA016513500######0031"),
            ("card = \"4970101234567890\"", "AA0164970101234567890"),
            ("authorization = \"A1\"", "AC002A1"),
            ("fields = { ZZ = \"é\" }", "ZZ001\u{e9}"),
            ("fields = { AE = \"\" }", "AC006000001AI"),
            ("paid = 1750", "CB00800001750"),
        ] {
            let script = format!("[[step]]\noutcome = \"approve\"\n{keys}");
            let (script, request) = (Script::parse(&script).unwrap(), message(&request));
            let Ok(Wish::Money(ask)) = request::read(&request, &script) else { panic!() };
            let entry = entry(&ask, &script.step[0], Ending::Approved);
            let charge = Ledger::in_memory().append(entry).await.unwrap();
            let bytes = outcome(&script, &request, &script.step[0], &charge).bytes;
            let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
            assert!(text.contains(shown), "{keys}: {text}");
        }
        let last = approved(&request, "status_position = \"last\"").await;
        assert!(last.ends_with("AE00210"), "{last}");
        let echo = "version = \"echo\"\nidentifier = \"echo\"\n[[step]]\noutcome = \"approve\"";
        assert!(answer(&request, echo).await.starts_with("CZ0040320CJ012012345678901"));
        let declined = "[[step]]\noutcome = \"decline\"\n";
        assert!(!answer(&request, declined).await.contains("CB008"));
        let amount = answer(&request, &format!("{declined}amount_on_failure = true")).await;
        assert!(amount.contains("CB00800001590"), "{amount}");
    }

    #[test]
    fn cuts_are_inside_the_answer_and_in_order() {
        let answer = || Answer { bytes: vec![b'x'; 10], status: 4..7 };
        let at = |offsets: &[usize]| Split::At(offsets.to_vec());
        assert_eq!(answer().cuts(&at(&[9, 3, 3, 0, 10, 99])), [3, 9]);
        assert_eq!(answer().cuts(&Split::AfterStatus), [7]);
        assert_eq!(answer().cuts(&Split::EveryByte).len(), 9);
        let spoilt = Step {
            junk: "\u{15}\u{ff}".to_owned(),
            cut_at: Some(8),
            ..Step::new(Outcome::Approve)
        };
        let spoilt = answer().spoilt(&spoilt);
        assert_eq!(spoilt.bytes, b"\x15\xffxxxxxx");
        assert_eq!(spoilt.cuts(&Split::BeforeStatus), [6]);
    }

    #[test]
    fn garbage_holds_no_message() {
        let (_, answer) = vector("debit_contact_ok_padded_amount");
        let mut decoder = Decoder::new();
        decoder.feed(&Answer { bytes: answer.into_bytes(), status: 0..0 }.garbled().bytes);
        assert_eq!(decoder.messages().count(), 0);
    }
}

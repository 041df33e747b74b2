//! One TCP dialogue, against terminals that answer the way terminals do: in
//! pieces, late, cut short, in another protocol, or not at all.

use caisse_relay::exchange::{self, Answer, Deadlines, ExchangeError, Line, NotSent, Unanswered};
use caisse_relay::wire::{self, Decoder, Message, Tag};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const REQUEST: &str = "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978";
const REQUEST_WITH_TICKET: &str =
    "CZ0040320CJ012012345678901CA00201CB0041590CD0010CE003978CK003100";
/// An approval, and its parts before `AE`, `AE` itself, and after it.
const PARTS: [&str; 3] =
    ["CZ0040320CA00201CB0041590CD0010CE003978", "AE00210", "AC006184117CI0011"];
const TICKET: &str = "ZT021CK003100AK008QUJDREVG";

/// What no test waits for.
const LONG: Duration = Duration::from_secs(30);
/// How long a test may take before it has failed.
const ENOUGH: Duration = Duration::from_secs(10);
/// Short, and never waited for in hope: nothing else is to come.
const SHORT: Duration = Duration::from_millis(60);

const PATIENT: Deadlines =
    Deadlines { connect: LONG, answer: LONG, quiet: LONG, receipt_quiet: LONG, truncated: LONG };

/// What a terminal does once it has read the request.
#[derive(Clone)]
enum Does {
    Says(Vec<u8>),
    /// Says nothing for a while.
    Pauses(Duration),
    /// Says nothing until the test wants it to.
    Waits(Arc<Notify>),
    Closes,
    Resets,
}
use Does::{Closes, Pauses, Resets, Waits};

fn says(text: impl AsRef<[u8]>) -> Does {
    Does::Says(text.as_ref().to_vec())
}

/// A terminal on a port of its own, for one request.
struct Terminal {
    address: SocketAddr,
    heard: JoinHandle<Heard>,
}

#[derive(Debug, PartialEq)]
struct Heard {
    /// What one read gave.
    at_first: Vec<u8>,
    /// What came until the relay closed.
    later: Vec<u8>,
}

impl Terminal {
    async fn that(script: impl Into<Vec<Does>>) -> Terminal {
        Terminal::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), script.into())
    }

    fn on(listener: TcpListener, script: Vec<Does>) -> Terminal {
        let address = listener.local_addr().unwrap();
        Terminal { address, heard: tokio::spawn(play(listener, script)) }
    }

    fn line(&self, deadlines: Deadlines) -> Line {
        Line {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            crlf: false,
            deadlines,
        }
    }

    /// What it heard in all. The relay must have closed.
    async fn heard(self) -> Heard {
        timeout(ENOUGH, self.heard).await.expect("the relay closes its connection").unwrap()
    }
}

async fn play(listener: TcpListener, script: Vec<Does>) -> Heard {
    let (mut stream, _) = listener.accept().await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut at_first = vec![0; 2048];
    let read = stream.read(&mut at_first).await.unwrap_or(0);
    at_first.truncate(read);
    for step in script {
        match step {
            // The relay may have had enough.
            Does::Says(bytes) => drop(stream.write_all(&bytes).await),
            Pauses(pause) => sleep(pause).await,
            Waits(until) => until.notified().await,
            Closes => return Heard { at_first, later: Vec::new() },
            Resets => {
                stream.set_zero_linger().unwrap();
                return Heard { at_first, later: Vec::new() };
            }
        }
    }
    let mut later = Vec::new();
    let _ = stream.read_to_end(&mut later).await;
    Heard { at_first, later }
}

fn message(text: &str) -> Message {
    let mut decoder = Decoder::new();
    decoder.feed(text.as_bytes());
    decoder.into_messages().remove(0)
}

fn request() -> Message {
    message(REQUEST)
}

fn approval() -> String {
    PARTS.concat()
}

/// The answer to the plain request.
async fn ask(line: &Line) -> Result<Answer, ExchangeError> {
    timeout(ENOUGH, exchange::ask(line, &request())).await.expect("a dialogue ends")
}

async fn ask_for_ticket(line: &Line) -> Result<Answer, ExchangeError> {
    let request = message(REQUEST_WITH_TICKET);
    timeout(ENOUGH, exchange::ask(line, &request)).await.expect("a dialogue ends")
}

fn whole(text: &str) -> Result<Answer, ExchangeError> {
    Ok(Answer { messages: vec![message(text)], truncated: false })
}

fn status(answer: &Answer) -> Option<String> {
    answer.messages.iter().rev().find_map(|message| message.text(Tag::STATUS))
}

// ---- the request

#[tokio::test]
async fn the_request_arrives_in_one_piece_and_nothing_follows_it() {
    let terminal = Terminal::that([says(approval())]).await;
    let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
    ask(&line).await.unwrap();
    let heard = terminal.heard().await;
    assert_eq!(heard, Heard { at_first: REQUEST.into(), later: Vec::new() });
}

#[tokio::test]
async fn cr_lf_follows_the_request_where_the_terminal_wants_it() {
    let terminal = Terminal::that([says(approval()), Closes]).await;
    let line = Line { crlf: true, ..terminal.line(PATIENT) };
    ask(&line).await.unwrap();
    assert_eq!(terminal.heard().await.at_first, format!("{REQUEST}\r\n").into_bytes());
}

#[tokio::test]
async fn a_request_that_cannot_be_written_never_leaves() {
    let terminal = Terminal::that([]).await;
    let line = terminal.line(PATIENT);
    let empty = Message::new(vec![]);
    let result = exchange::ask(&line, &empty).await;
    assert_eq!(result, Err(ExchangeError::NotSent(NotSent::BadRequest)));
    assert_eq!(terminal.heard().await.at_first, b"");
}

#[tokio::test]
async fn dialling_sends_nothing() {
    let terminal = Terminal::that([]).await;
    drop(exchange::dial(&terminal.line(PATIENT)).await.unwrap());
    assert_eq!(terminal.heard().await.at_first, b"");
}

#[test]
fn only_a_request_with_ck_1xx_wants_its_ticket() {
    for (mode, wants) in [("000", false), ("100", true), ("120", true), ("010", false)] {
        let request = message(&format!("CZ0040320CD0010CK003{mode}"));
        assert_eq!(exchange::wants_ticket(&request), wants, "{mode}");
    }
    assert!(!exchange::wants_ticket(&request()));
}

// ---- where an answer ends

#[tokio::test]
async fn an_answer_in_one_piece() {
    for end in [vec![], vec![Closes]] {
        let terminal = Terminal::that([vec![says(approval())], end].concat()).await;
        let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
        assert_eq!(ask(&line).await, whole(&approval()));
    }
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_the_same_answer() {
    let frame = approval() + TICKET;
    let dialogues = (1..frame.len()).map(|place| {
        let (before, after) = frame.split_at(place);
        let pause = Pauses(Duration::from_millis(20));
        let script = [says(before), pause, says(after), Closes];
        async move {
            let terminal = Terminal::that(script).await;
            (place, ask(&terminal.line(PATIENT)).await)
        }
    });
    for (place, answer) in futures_util::future::join_all(dialogues).await {
        assert_eq!(answer, whole(&frame), "cut at {place}");
    }
}

#[tokio::test]
async fn an_answer_byte_by_byte_is_the_same_answer() {
    let pause = Pauses(Duration::from_millis(2));
    let frame = approval() + TICKET;
    let mut script: Vec<Does> =
        frame.bytes().flat_map(|byte| [says([byte]), pause.clone()]).collect();
    script.push(Closes);
    let terminal = Terminal::that(script).await;
    assert_eq!(ask(&terminal.line(PATIENT)).await, whole(&frame));
}

#[tokio::test]
async fn a_pause_on_the_boundary_before_the_status_ends_nothing() {
    // OCA l10n-france 798: an accepted payment was read as an answer without AE.
    let [before, status, after] = PARTS;
    let pause = Pauses(SHORT * 4);
    let terminal =
        Terminal::that([says(before), pause, says([status, after].concat()), Closes]).await;
    let line = terminal.line(Deadlines { quiet: SHORT, receipt_quiet: SHORT, ..PATIENT });
    assert_eq!(ask(&line).await, whole(&approval()));
}

#[tokio::test]
async fn a_ticket_that_was_asked_for_is_waited_for() {
    let pause = Pauses(SHORT * 4);
    let terminal = Terminal::that([says(approval()), pause, says(TICKET)]).await;
    let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
    assert_eq!(ask_for_ticket(&line).await, whole(&(approval() + TICKET)));
}

#[tokio::test]
async fn a_ticket_that_never_comes_loses_nothing() {
    let terminal = Terminal::that([says(approval())]).await;
    let line = terminal.line(Deadlines { receipt_quiet: SHORT, ..PATIENT });
    assert_eq!(ask_for_ticket(&line).await, whole(&approval()));
}

#[tokio::test]
async fn a_ticket_that_nobody_asked_for_is_not_waited_for() {
    let until = Arc::new(Notify::new());
    let terminal =
        Terminal::that([says(approval()), Waits(until.clone()), says(TICKET), Closes]).await;
    let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
    assert_eq!(ask(&line).await, whole(&approval()));
    until.notify_one();
}

#[tokio::test]
async fn the_end_of_the_stream_ends_the_answer_at_once() {
    let terminal = Terminal::that([says(approval()), Closes]).await;
    let line = terminal.line(PATIENT);
    assert_eq!(ask_for_ticket(&line).await, whole(&approval()));
}

#[tokio::test]
async fn the_end_of_the_stream_inside_a_ticket_keeps_the_status() {
    let terminal = Terminal::that([says(approval() + &TICKET[..12]), Closes]).await;
    let answer = ask_for_ticket(&terminal.line(PATIENT)).await.unwrap();
    assert_eq!(answer, Answer { messages: vec![message(&approval())], truncated: true });
}

#[tokio::test]
async fn a_field_that_announces_too_much_does_not_block_a_paid_answer() {
    // HiPay's published refusal announces one byte too many.
    let terminal = Terminal::that([says(approval() + &TICKET[..TICKET.len() - 1])]).await;
    let line = terminal.line(Deadlines { truncated: SHORT, ..PATIENT });
    let answer = ask_for_ticket(&line).await.unwrap();
    assert_eq!(answer, Answer { messages: vec![message(&approval())], truncated: true });
}

#[tokio::test]
async fn bytes_that_are_no_field_after_the_status_lose_nothing() {
    let terminal = Terminal::that([says(approval() + "\r\n")]).await;
    let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
    let answer = ask(&line).await.unwrap();
    assert_eq!(answer.messages, [message(&approval())]);
}

#[tokio::test]
async fn accepted_then_done_is_one_answer_of_two_messages() {
    let accepted = "CZ0040300BA0011AE00211";
    let script = [says(accepted), Pauses(SHORT * 4), says(approval())];
    let terminal = Terminal::that(script).await;
    let line = terminal.line(Deadlines { quiet: SHORT, ..PATIENT });
    let answer = ask(&line).await.unwrap();
    assert_eq!(answer.messages, [message(accepted), message(&approval())]);
}

#[tokio::test]
async fn accepted_and_no_more_is_told_as_it_came() {
    let accepted = "CZ0040300BA0011AE00211";
    for end in [vec![], vec![Closes]] {
        let terminal = Terminal::that([vec![says(accepted)], end].concat()).await;
        let line = terminal.line(Deadlines { answer: SHORT, ..PATIENT });
        assert_eq!(ask(&line).await, whole(accepted));
    }
}

#[tokio::test]
async fn junk_before_the_answer_is_skipped() {
    let terminal = Terminal::that([says("\x02\0\r\n"), says(approval()), Closes]).await;
    assert_eq!(ask(&terminal.line(PATIENT)).await, whole(&approval()));
}

#[tokio::test]
async fn a_whole_answer_without_a_status_is_handed_over_when_the_terminal_closes() {
    let terminal = Terminal::that([says(PARTS[0]), Closes]).await;
    assert_eq!(ask(&terminal.line(PATIENT)).await, whole(PARTS[0]));
}

#[tokio::test]
async fn card_data_is_masked_before_anyone_sees_the_answer() {
    let frame = "CZ0040301AA0164970101234567890AB0042811AE00210";
    let terminal = Terminal::that([says(frame), Closes]).await;
    let answer = ask(&terminal.line(PATIENT)).await.unwrap();
    assert_eq!(answer.messages, [message("CZ0040301AA016497010******7890AE00210")]);
}

// ---- no answer

async fn failure_of(script: impl Into<Vec<Does>>, deadlines: Deadlines) -> ExchangeError {
    let terminal = Terminal::that(script).await;
    let failure = ask(&terminal.line(deadlines)).await.unwrap_err();
    assert_eq!(terminal.heard().await.at_first, REQUEST.as_bytes(), "it had left");
    failure
}

const IMPATIENT: Deadlines = Deadlines { answer: SHORT, ..PATIENT };

#[tokio::test]
async fn silence() {
    let failure = failure_of([], IMPATIENT).await;
    assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Silence));
}

#[tokio::test]
async fn silence_in_the_middle_of_an_answer() {
    for part in [PARTS[0], &PARTS[0][..PARTS[0].len() - 1], &PARTS[0][..4]] {
        let failure = failure_of([says(part)], IMPATIENT).await;
        assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Silence), "{part}");
    }
}

#[tokio::test]
async fn closed_without_an_answer() {
    for part in ["", &PARTS[0][..30]] {
        let failure = failure_of([says(part), Closes], PATIENT).await;
        assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Closed), "{part}");
    }
}

#[cfg_attr(windows, ignore = "wine ends a connection in order where a reset was asked")]
#[tokio::test]
async fn reset_without_an_answer() {
    let failure = failure_of([Resets], PATIENT).await;
    assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Reset));
}

#[tokio::test]
async fn another_protocol_is_garbled() {
    let script = [says("HTTP/1.1 400 Bad Request\r\n\r\n"), Closes];
    let failure = failure_of(script, PATIENT).await;
    assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Garbled));
}

#[tokio::test]
async fn an_answer_that_stops_being_one_is_garbled() {
    let deadlines = Deadlines { quiet: SHORT, ..PATIENT };
    let failure = failure_of([says("CZ0040300CA00201<html>")], deadlines).await;
    assert_eq!(failure, ExchangeError::Unanswered(Unanswered::Garbled));
}

#[tokio::test]
async fn the_older_protocol_is_recognised_by_its_control_bytes() {
    const ENQ_ACK_NAK: [u8; 3] = [0x05, 0x06, 0x15];
    let started = Instant::now();
    let dialogues = ENQ_ACK_NAK.map(|byte| failure_of([says([byte])], PATIENT));
    for failure in futures_util::future::join_all(dialogues).await {
        assert_eq!(failure, ExchangeError::Unanswered(Unanswered::ConcertV2));
    }
    assert!(started.elapsed() < ENOUGH, "told long before the answer's deadline");
}

#[tokio::test]
async fn a_control_byte_before_an_answer_is_only_junk() {
    let terminal = Terminal::that([says([0x06]), Pauses(SHORT), says(approval()), Closes]).await;
    assert_eq!(ask(&terminal.line(PATIENT)).await, whole(&approval()));
}

#[tokio::test]
async fn a_flood_is_cut_off_wherever_its_last_byte_falls() {
    let field = format!("ZZ507{}", "x".repeat(507));
    let flood = format!("CZ0040300ZZ498{}", "x".repeat(498)) + &field.repeat(400);
    let odd = flood.replacen("ZZ498x", "ZZ497", 1);
    for flood in [flood, odd, "x".repeat(200_000)] {
        let terminal = Terminal::that([says(&flood)]).await;
        let failure = ask(&terminal.line(PATIENT)).await.err();
        let too_long = ExchangeError::Unanswered(Unanswered::TooLong);
        assert_eq!(failure, Some(too_long), "{}", &flood[..16]);
    }
}

#[tokio::test]
async fn a_flood_after_the_status_does_not_lose_it() {
    let field = format!("ZZ900{}", "x".repeat(900));
    let terminal = Terminal::that([says(approval()), says(field.repeat(100))]).await;
    let answer = ask(&terminal.line(PATIENT)).await.unwrap();
    assert_eq!(status(&answer).as_deref(), Some("10"));
}

#[tokio::test]
async fn a_late_answer_is_heard_after_silence() {
    for came in [0, 4, 9, 20, PARTS[0].len(), PARTS[0].len() + 4] {
        let frame = approval();
        let until = Arc::new(Notify::new());
        let script = [says(&frame[..came]), Waits(until.clone()), says(&frame[came..]), Closes];
        let terminal = Terminal::that(script).await;
        let mut dialogue = exchange::dial(&terminal.line(PATIENT)).await.unwrap();
        dialogue.send(&request()).await.unwrap();
        let first = dialogue.answer(SHORT, false).await;
        assert_eq!(first, Err(Unanswered::Silence), "after {came} bytes");
        until.notify_one();
        let second = timeout(ENOUGH, dialogue.answer(LONG, false)).await.unwrap();
        assert_eq!(second.map_err(Into::into), whole(&frame), "after {came} bytes");
    }
}

// ---- what came before the request

#[tokio::test]
async fn an_answer_from_before_the_request_is_not_its_answer() {
    // The relay sees it before it writes: it can only be about another payment.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut line = line_to(listener.local_addr().unwrap());
    line.deadlines.quiet = SHORT;
    let (dialogue, accepted) = tokio::join!(exchange::dial(&line), listener.accept());
    let (mut dialogue, mut stream) = (dialogue.unwrap(), accepted.unwrap().0);
    stream.write_all(approval().as_bytes()).await.unwrap();
    until_it_has_arrived().await;
    match dialogue.send(&request()).await {
        Ok(()) => {
            let answer = dialogue.answer(SHORT, false).await;
            assert_eq!(answer, Err(Unanswered::Silence));
        }
        Err(error) => assert!(matches!(error, ExchangeError::NotSent(_)), "{error:?}"),
    }
}

#[tokio::test]
async fn closed_before_the_request_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = line_to(listener.local_addr().unwrap());
    let (dialogue, accepted) = tokio::join!(exchange::dial(&line), listener.accept());
    drop(accepted.unwrap());
    until_it_has_arrived().await;
    let sent = dialogue.unwrap().send(&request()).await;
    assert_eq!(sent, Err(ExchangeError::NotSent(NotSent::Lost)));
}

#[tokio::test]
async fn closed_while_the_request_is_written_is_never_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = line_to(listener.local_addr().unwrap());
    let (result, _) = tokio::join!(ask(&line), async { drop(listener.accept().await) });
    let failure = result.unwrap_err();
    let told = [
        ExchangeError::NotSent(NotSent::Lost),
        ExchangeError::Unanswered(Unanswered::Reset),
        ExchangeError::Unanswered(Unanswered::Closed),
    ];
    assert!(told.contains(&failure), "{failure:?}");
}

/// Lets the runtime see what the peer did: on loopback it is there already.
async fn until_it_has_arrived() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

fn line_to(address: SocketAddr) -> Line {
    let host = address.ip().to_string();
    Line { host, port: address.port(), crlf: false, deadlines: PATIENT }
}

// ---- nothing left

async fn not_sent(line: &Line) -> NotSent {
    match ask(line).await {
        Err(ExchangeError::NotSent(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let line = line_to(listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(not_sent(&line).await, NotSent::Refused);
}

#[tokio::test]
async fn a_name_without_an_address() {
    // RFC 6761: no resolver gives this one an address.
    let line = Line { host: "terminal.invalid".into(), ..line_to(([127, 0, 0, 1], 8888).into()) };
    assert_eq!(not_sent(&line).await, NotSent::NoSuchHost);
}

#[tokio::test]
async fn an_address_that_no_connection_can_reach() {
    let line = line_to(([255, 255, 255, 255], 8888).into());
    assert_eq!(not_sent(&line).await, NotSent::Unreachable);
}

// Only Linux leaves a connection unanswered once the queue is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_terminal_that_does_not_take_the_call_in_time() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut callers = Vec::new();
    while let Ok(caller) = timeout(SHORT * 3, TcpStream::connect(address)).await {
        callers.push(caller.unwrap());
        assert!(callers.len() < 50, "the queue never fills");
    }
    let mut line = line_to(address);
    line.deadlines.connect = SHORT;
    assert_eq!(not_sent(&line).await, NotSent::ConnectTimeout);
}

// ---- where a terminal may be

#[tokio::test]
async fn a_terminal_with_a_name() {
    let terminal = Terminal::that([says(approval()), Closes]).await;
    let line = Line { host: "localhost".into(), ..terminal.line(PATIENT) };
    assert_eq!(ask(&line).await, whole(&approval()));
}

#[tokio::test]
async fn a_terminal_with_an_ipv6_address() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        eprintln!("skipped: this machine has no IPv6");
        return;
    };
    let terminal = Terminal::on(listener, vec![says(approval()), Closes]);
    let line = terminal.line(PATIENT);
    assert_eq!(line.host, "::1");
    assert_eq!(ask(&line).await, whole(&approval()));
}

#[tokio::test]
async fn every_frame_at_hand_crosses_the_line_unchanged() {
    for vector in crate::wire::vectors() {
        let Some(text) = vector["answer"].as_str() else { continue };
        let terminal = Terminal::that([says(text), Closes]).await;
        let mut expected = message(text);
        wire::mask(&mut expected);
        let answer = ask(&terminal.line(PATIENT)).await.unwrap();
        assert_eq!(answer.messages, [expected], "{}", vector["name"]);
        assert!(!answer.truncated);
    }
}

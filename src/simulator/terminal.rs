use super::Simulator;
use super::answer::{self, Answer};
use super::ledger::Ending;
use super::request::{self, Wish};
use super::script::Busy;
use super::step::{After, Step};
use super::transaction::{Transaction, entry};
use crate::wire::{Decoder, Message, Position};
use std::io;
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// A request that stops before its mandatory fields is refused after this.
const STALLED: Duration = Duration::from_millis(300);
/// Pause after a connection that could not be accepted: too many files, mostly.
const BREATH: Duration = Duration::from_millis(100);
/// No request is near this long.
const LONGEST: usize = 8192;

/// Answers tills until `shutdown` resolves; then every connection is cut, as by
/// a power failure. The caller owns the listener.
///
/// # Errors
/// None so far: a connection that cannot be accepted is logged and tried again.
pub async fn serve(
    listener: TcpListener,
    simulator: Simulator,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut shutdown = pin!(shutdown);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "simulated terminal: a connection failed");
                }
            }
            accepted = listener.accept() => match accepted {
                Ok((socket, from)) => {
                    simulator.saw_connection();
                    let simulator = simulator.clone();
                    connections.spawn(async move {
                        if let Err(error) = converse(&simulator, socket).await {
                            tracing::debug!(%from, %error, "simulated terminal: connection lost");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "simulated terminal: cannot accept a connection");
                    sleep(BREATH).await;
                }
            },
        }
    }
    connections.shutdown().await;
    Ok(())
}

async fn converse(simulator: &Simulator, mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    loop {
        let quiet = Duration::from_millis(simulator.script().quiet_ms);
        let Some(incoming) = read(&mut socket, quiet).await? else { return Ok(()) };
        simulator.saw_request(incoming.bytes);
        match respond(simulator, &mut socket, incoming.message).await? {
            After::Close => return socket.shutdown().await,
            After::Reset => return socket.set_zero_linger(),
            After::KeepOpen => {}
        }
    }
}

struct Incoming {
    bytes: Vec<u8>,
    /// What could be read of a request that is not well formed is the `Err`.
    message: Result<Message, Message>,
}

/// Reads one request; `None` when the till leaves without one.
async fn read(socket: &mut TcpStream, quiet: Duration) -> io::Result<Option<Incoming>> {
    let (mut decoder, mut bytes, mut chunk) = (Decoder::new(), Vec::new(), [0; 4096]);
    while bytes.len() < LONGEST {
        let arriving = socket.read(&mut chunk);
        let count = match patience(&decoder, quiet) {
            None => arriving.await?,
            Some(patience) => match timeout(patience, arriving).await {
                Ok(count) => count?,
                Err(_) => break,
            },
        };
        if count == 0 {
            break;
        }
        decoder.feed(&chunk[..count]);
        bytes.extend_from_slice(&chunk[..count]);
    }
    if bytes.is_empty() {
        return Ok(None);
    }
    let well_formed = decoder.position() == Position::Boundary && decoder.skipped() == 0;
    let mut messages = decoder.into_messages();
    let alone = messages.len() == 1;
    let message = if messages.is_empty() { Message::default() } else { messages.swap_remove(0) };
    Ok(Some(Incoming {
        bytes,
        message: if well_formed && alone { Ok(message) } else { Err(message) },
    }))
}

/// How long nothing may come before a request is taken as it is.
fn patience(decoder: &Decoder, quiet: Duration) -> Option<Duration> {
    match decoder.position() {
        Position::Before if decoder.received() == 0 => None,
        Position::Boundary
            if decoder.messages().last().is_some_and(request::has_mandatory_fields) =>
        {
            Some(quiet)
        }
        Position::Malformed => Some(quiet),
        Position::Before | Position::Boundary | Position::Inside => Some(STALLED),
    }
}

async fn respond(
    simulator: &Simulator,
    socket: &mut TcpStream,
    message: Result<Message, Message>,
) -> io::Result<After> {
    let script = simulator.script();
    let (message, wish) = match message {
        Ok(message) => {
            let wish = request::read(&message, &script);
            (message, wish)
        }
        Err(message) => (message, Err(request::Fault { report: "09", ask: None })),
    };
    let _turn = match (simulator.0.reader.try_lock(), script.busy) {
        (Ok(turn), _) => turn,
        (Err(_), Busy::Queue) => simulator.0.reader.lock().await,
        (Err(_), Busy::Close) => return Ok(After::Close),
        (Err(_), Busy::Silence) => return hold(socket).await,
        (Err(_), Busy::Decline) => {
            if let Ok(Wish::Money(ask)) = wish {
                let entry = entry(&ask, &Step::decline("10"), Ending::Busy);
                simulator.ledger().append(entry).await?;
            }
            return say(socket, &answer::refusal(&script, &message, "10")).await;
        }
    };
    let said = match wish {
        Ok(Wish::Money(ask)) => {
            let transaction = Transaction { simulator, message: &message, ask: &ask };
            let ended = transaction.run(socket).await?;
            drop(_turn);
            return ended.leave(socket).await;
        }
        Ok(Wish::Service) => answer::service(&script, &message),
        Ok(Wish::Duplicata) => {
            answer::duplicata(&script, &message, simulator.story().last.as_ref())
        }
        Err(fault) => {
            if let Some(ask) = fault.ask {
                let entry = entry(&ask, &Step::decline(fault.report), Ending::Declined);
                let charge = simulator.ledger().append(entry).await?;
                simulator.story().remember(charge);
            }
            answer::refusal(&script, &message, fault.report)
        }
    };
    say(socket, &said).await
}

pub(super) async fn say(socket: &mut TcpStream, answer: &Answer) -> io::Result<After> {
    socket.write_all(&answer.bytes).await?;
    Ok(After::Close)
}

/// Says nothing until the till leaves.
pub(super) async fn hold(socket: &mut TcpStream) -> io::Result<After> {
    let mut chunk = [0; 1024];
    while socket.read(&mut chunk).await? > 0 {}
    Ok(After::Close)
}

/// A terminal on a port of its own, and a till that can say anything.
#[cfg(test)]
pub(super) mod bench {
    use super::super::ledger::{Charge, Ledger};
    use super::super::script::Script;
    use super::*;
    use std::net::SocketAddr;
    use tokio::sync::oneshot;

    pub const DEBIT: &str = "CZ0040300CJ012012345678901CA00201CB0041590CD0010CE003978";
    /// Longer than any test needs: a test that meets it hangs otherwise.
    const PATIENCE: Duration = Duration::from_secs(20);

    pub struct Bench {
        pub simulator: Simulator,
        address: SocketAddr,
        _stop: oneshot::Sender<()>,
    }

    impl Bench {
        pub async fn with(script: impl Into<Script>) -> Bench {
            Bench::on(script, Ledger::in_memory()).await
        }

        pub async fn on(script: impl Into<Script>, ledger: Ledger) -> Bench {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let simulator = Simulator::new(script, ledger);
            let (stop, stopped) = oneshot::channel::<()>();
            tokio::spawn(serve(listener, simulator.clone(), async {
                let _ = stopped.await;
            }));
            Bench { simulator, address, _stop: stop }
        }

        pub async fn dial(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        /// Sends a request and reads until the terminal closes.
        pub fn ask(&self, request: &str) -> impl Future<Output = Vec<u8>> + Send + 'static {
            let (address, request) = (self.address, request.as_bytes().to_vec());
            async move {
                let mut socket = TcpStream::connect(address).await.unwrap();
                socket.write_all(&request).await.unwrap();
                to_end(&mut socket).await
            }
        }

        pub fn ledger(&self) -> Vec<Charge> {
            self.simulator.ledger().charges()
        }
    }

    pub async fn to_end(socket: &mut TcpStream) -> Vec<u8> {
        let mut bytes = Vec::new();
        timeout(PATIENCE, socket.read_to_end(&mut bytes)).await.unwrap().unwrap();
        bytes
    }

    pub fn text(bytes: &[u8]) -> String {
        bytes.iter().map(|&byte| char::from(byte)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::Script;
    use super::super::step::Outcome;
    use super::bench::{Bench, DEBIT, text, to_end};
    use super::*;
    use proptest::prelude::*;

    fn quick() -> Script {
        Script { quiet_ms: 1, ..Script::default() }
    }

    fn slow(busy: Busy) -> Script {
        let step = Step { delay_ms: 300, ..Step::approve() };
        Script { busy, step: vec![step, Step::approve()], ..quick() }
    }

    #[tokio::test]
    async fn a_request_may_come_byte_by_byte() {
        // A loaded computer may take long between two bytes.
        let bench = Bench::with(Script { quiet_ms: 2000, ..Script::default() }).await;
        let mut socket = bench.dial().await;
        socket.set_nodelay(true).unwrap();
        for byte in DEBIT.as_bytes() {
            socket.write_all(&[*byte]).await.unwrap();
            sleep(Duration::from_millis(1)).await;
        }
        assert!(text(&to_end(&mut socket).await).contains("AE00210"));
        assert_eq!(bench.simulator.received(), [DEBIT.as_bytes()]);
    }

    #[tokio::test]
    async fn a_till_that_half_closes_is_answered() {
        let bench = Bench::with(Script { quiet_ms: 60_000, ..Script::default() }).await;
        let mut socket = bench.dial().await;
        socket.write_all(DEBIT.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        assert!(text(&to_end(&mut socket).await).contains("AE00210"));
    }

    #[tokio::test]
    async fn what_is_no_request_gets_a_format_error() {
        let bench = Bench::with(quick()).await;
        let own = "CZ0040301CJ012330538600404";
        let echoed = "CA00201CB0041590CD0010CE003978";
        for (request, echo) in [
            ("GET / HTTP/1.1\r\n\r\n".to_owned(), ""),
            ("C".to_owned(), ""),
            ("CZ0040300CA0".to_owned(), ""),
            (format!("\u{2}\u{2}{DEBIT}"), echoed),
            (format!("{DEBIT}{DEBIT}"), echoed),
            (DEBIT.replace("CE003978", ""), "CA00201CB0041590CD0010"),
        ] {
            let answer = text(&bench.ask(&request).await);
            assert_eq!(answer, format!("{own}{echo}AE00201AF00209"), "{request:?}");
        }
        assert_eq!(bench.simulator.requests(), 6);
        assert!(bench.ledger().is_empty());
    }

    #[tokio::test]
    async fn a_bare_connection_is_no_request() {
        let bench = Bench::with(quick()).await;
        drop(bench.dial().await);
        assert!(text(&bench.ask(DEBIT).await).contains("AE00210"));
        assert_eq!((bench.simulator.connections(), bench.simulator.requests()), (2, 1));
    }

    #[tokio::test]
    async fn the_published_answers_to_what_moves_no_money() {
        let bench = Bench::with(Step::silence()).await;
        for (request, answer) in [
            (
                "CZ0040300CJ012012345678901CA00201CD001I",
                "CZ0040301CJ012330538600404CA00201CD001IAE00210",
            ),
            (
                "CZ0040300CJ012012345678901CA00201CB003100CD001XCE003978",
                "CZ0040301CJ012330538600404CA00201CD001XCE003978AE00201AF00212",
            ),
            (
                "CZ0040300CJ012012345678901CA00201CB0041590CD0013CE003978",
                "CZ0040301CJ012330538600404CA00201CB0041590CD0013CE003978AE00201AF00207",
            ),
        ] {
            assert_eq!(text(&bench.ask(request).await), answer);
        }
    }

    #[tokio::test]
    async fn the_duplicata_is_the_last_transaction() {
        let step = Step { authorization: Some("184117".to_owned()), ..Step::default() };
        let bench = Bench::with(Script { step: vec![step], ..quick() }).await;
        bench.ask(DEBIT).await;
        let request = DEBIT.replace("CD0010", "CD0013").replace("1590", "4200");
        let approved = "CZ0040301CJ012330538600404CA00201CB00800001590CC003001CD0013CE003978AE00210AC006184117";
        assert_eq!(text(&bench.ask(&request).await), approved);
        let with_ticket = text(&bench.ask("CZ0040320CJ012012345678901CA00201CD0013CK003100").await);
        assert!(with_ticket.contains("AE00210") && with_ticket.contains("ZT"), "{with_ticket}");
        bench.ask(&DEBIT.replace("1590", "5300")).await;
        let failed = text(&bench.ask(&request).await);
        assert!(failed.ends_with("CB0044200CD0013CE003978AE00201AF00207"), "{failed}");
    }

    #[tokio::test]
    async fn a_second_client_is_refused_while_a_transaction_runs() {
        for (busy, expected) in
            [(Busy::Decline, "AE00201AF00210"), (Busy::Queue, "AE00210"), (Busy::Close, "")]
        {
            let bench = Bench::with(slow(busy)).await;
            let first = tokio::spawn(bench.ask(DEBIT));
            bench.simulator.requested(1).await;
            let second = text(&bench.ask(DEBIT).await);
            assert!(
                second.contains(expected) && second.is_empty() == expected.is_empty(),
                "{second}"
            );
            assert!(text(&first.await.unwrap()).contains("AE00210"));
            let charged = bench.ledger().iter().filter(|charge| charge.charged).count();
            assert_eq!(charged, if busy == Busy::Queue { 2 } else { 1 });
        }
    }

    #[tokio::test]
    async fn a_second_client_may_get_nothing_at_all() {
        let bench = Bench::with(slow(Busy::Silence)).await;
        let first = tokio::spawn(bench.ask(DEBIT));
        bench.simulator.requested(1).await;
        let second = tokio::spawn(bench.ask(DEBIT));
        assert!(text(&first.await.unwrap()).contains("AE00210"));
        assert!(!second.is_finished());
        second.abort();
    }

    #[tokio::test]
    async fn the_end_cuts_every_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let simulator = Simulator::new(
            Script { step: vec![Step::new(Outcome::Silence)], ..quick() },
            super::super::ledger::Ledger::in_memory(),
        );
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, simulator.clone(), async {
            let _ = stopped.await;
        }));
        let mut till = TcpStream::connect(address).await.unwrap();
        till.write_all(DEBIT.as_bytes()).await.unwrap();
        while simulator.ledger().charges().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        assert_eq!(to_end(&mut till).await, b"");
        assert!(TcpStream::connect(address).await.is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
        #[test]
        fn no_bytes_make_it_panic(
            noise in prop::collection::vec(any::<u8>(), 1..200),
            like_a_request in any::<bool>(),
            at in 0..DEBIT.len(),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let mut request = if like_a_request { DEBIT.as_bytes().to_vec() } else { Vec::new() };
            request.splice(at.min(request.len()).., noise);
            let answer = runtime.block_on(async {
                let bench = Bench::with(quick()).await;
                let mut socket = bench.dial().await;
                socket.write_all(&request).await.unwrap();
                socket.shutdown().await.unwrap();
                to_end(&mut socket).await
            });
            prop_assert!(answer.starts_with(b"CZ0040301CJ012330538600404"));
        }
    }
}

//! The vocabulary of the stories: a shop has a relay, a terminal, and tills.

use caisse_relay::config::Config;
use caisse_relay::relay::Relay;
use caisse_relay::simulator::{Charge, Ledger, Script, Simulator, Step, serve};
use futures_util::{SinkExt, StreamExt};
use jsonschema::Validator;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Longer than anything here takes; a story that hangs fails.
const PATIENCE: Duration = Duration::from_secs(20);

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let text = include_str!("../../web-client/protocol.schema.json");
    jsonschema::validator_for(&serde_json::from_str(text).unwrap()).unwrap()
});

/// Every message of the relay has to fit the published schema.
pub fn check(message: &Value) {
    if let Err(error) = SCHEMA.validate(message) {
        panic!("not in the published schema: {error}\n{message:#}");
    }
}

/// A shop: one relay, terminals, and the folder where the relay keeps its things.
pub struct Shop {
    pub relay: Relay,
    pub terminal: Terminal,
    folder: TempDir,
}

/// A simulated terminal that listens.
pub struct Terminal {
    pub simulator: Simulator,
    pub address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Terminal {
    pub async fn start() -> Terminal {
        Terminal::at("127.0.0.1:0").await
    }

    pub async fn at(address: &str) -> Terminal {
        let quick = Script { quiet_ms: 1, ..Script::from(Step::approve()) };
        let simulator = Simulator::new(quick, Ledger::in_memory());
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = simulator.clone();
        let serving =
            tokio::spawn(
                async move { serve(listener, serving, std::future::pending()).await.unwrap() },
            );
        Terminal { simulator, address, serving }
    }

    /// What it does from now on.
    pub fn will(&self, step: Step) {
        self.simulator.will(Script { quiet_ms: 1, ..Script::from(step) });
    }

    /// The money that moved.
    pub fn charges(&self) -> Vec<Charge> {
        let all = self.simulator.ledger().charges();
        all.into_iter().filter(|charge| charge.charged).collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A terminal that takes a request and never answers.
pub struct Slow {
    pub address: SocketAddr,
    asked: tokio::sync::watch::Receiver<usize>,
    serving: JoinHandle<()>,
}

impl Terminal {
    pub async fn slow() -> Slow {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (count, asked) = tokio::sync::watch::channel(0);
        let serving = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                stream.readable().await.unwrap();
                open.push(stream);
                count.send_replace(open.len());
            }
        });
        Slow { address, asked, serving }
    }
}

impl Slow {
    /// Returns when it has been asked something.
    pub async fn asked(&self) {
        self.asked.clone().wait_for(|count| *count > 0).await.unwrap();
    }

    pub fn connections(&self) -> usize {
        *self.asked.borrow()
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// An approval after this many milliseconds.
pub fn approve_after(delay_ms: u64) -> Step {
    Step { delay_ms, ..Step::approve() }
}

impl Shop {
    pub async fn open() -> Shop {
        Shop::with("").await
    }

    /// A shop whose terminal has these settings beside its name and address.
    pub async fn with(settings: &str) -> Shop {
        let terminal = Terminal::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), &[("comptoir", terminal.address)], settings);
        let relay = Relay::start(config, Vec::new()).await.unwrap();
        Shop { relay, terminal, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A till that has said hello.
    pub async fn till(&self, name: &str) -> Till {
        Till::enter(&self.relay.url(), &self.relay.ca_file, name).await
    }

    /// The relay stops and starts again on the same folder and terminal.
    pub async fn restart(self) -> Shop {
        self.restart_with("").await
    }

    /// The same, with these settings of the terminal.
    pub async fn restart_with(self, settings: &str) -> Shop {
        self.relay.stop(Duration::ZERO).await;
        let config = config(self.folder.path(), &[("comptoir", self.terminal.address)], settings);
        let relay = Relay::start(config, Vec::new()).await.unwrap();
        Shop { relay, ..self }
    }
}

/// The configuration of a shop with these terminals.
pub fn config(folder: &Path, terminals: &[(&str, SocketAddr)], settings: &str) -> Config {
    Config::parse(&config_text(folder, terminals, settings), Path::new("test.toml")).unwrap()
}

pub fn config_text(folder: &Path, terminals: &[(&str, SocketAddr)], settings: &str) -> String {
    let terminals: String = terminals
        .iter()
        .map(|(name, address)| {
            format!(
                "[[terminals]]\nname = \"{name}\"\nlabel = \"Le {name}\"\naddress = \"{}\"\nport = {}\n{settings}\n",
                address.ip(),
                address.port()
            )
        })
        .collect();
    format!(
        "listen = \"127.0.0.1:0\"\ndata_dir = {:?}\nallow_origins = [\"https://shop.example\"]\n{terminals}",
        folder.join("data")
    )
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// A connected till. Every message it hears has to fit the published schema.
pub struct Till {
    pub socket: Socket,
    pub welcome: Value,
}

/// What a program says in the headers when it connects.
#[derive(Default, Clone, Copy)]
pub struct Door<'a> {
    pub origin: Option<&'a str>,
    pub host: Option<&'a str>,
    pub protocol: Option<&'a str>,
}

pub const TILL_DOOR: Door<'_> =
    Door { origin: None, host: None, protocol: Some("caisse-relay.v1") };

/// TLS to a relay, trusting its authority and nothing else.
pub async fn tls(address: SocketAddr, ca_file: &Path) -> TlsStream<TcpStream> {
    tls_as(address, ServerName::from(address.ip()), ca_file).await
}

/// The same, knowing the relay by a name.
pub async fn tls_as(
    address: SocketAddr,
    name: ServerName<'static>,
    ca_file: &Path,
) -> TlsStream<TcpStream> {
    tls_trusting(address, name, ca_file).await.unwrap()
}

/// The same over a connection that is there.
pub async fn tls_over(stream: TcpStream, ca_file: &Path) -> TlsStream<TcpStream> {
    let name = ServerName::from(stream.peer_addr().unwrap().ip());
    shake_hands(stream, name, ca_file).await.unwrap()
}

/// TLS to a relay, trusting an authority that may be another's.
pub async fn tls_trusting(
    address: SocketAddr,
    name: ServerName<'static>,
    ca_file: &Path,
) -> std::io::Result<TlsStream<TcpStream>> {
    shake_hands(TcpStream::connect(address).await.unwrap(), name, ca_file).await
}

async fn shake_hands(
    stream: TcpStream,
    name: ServerName<'static>,
    ca_file: &Path,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca_file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    stream.set_nodelay(true).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await
}

/// Connects; the error is the HTTP status that refused the upgrade.
pub async fn connect(url: &str, ca_file: &Path, door: Door<'_>) -> Result<Socket, u16> {
    let address: SocketAddr =
        url.trim_start_matches("wss://").trim_end_matches("/till").parse().unwrap();
    let mut request = url.into_client_request().unwrap();
    let headers = request.headers_mut();
    for (name, value) in
        [("origin", door.origin), ("host", door.host), ("sec-websocket-protocol", door.protocol)]
    {
        if let Some(value) = value {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
    }
    match client_async(request, tls(address, ca_file).await).await {
        Ok((socket, _)) => Ok(socket),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

impl Till {
    pub async fn enter(url: &str, ca_file: &Path, name: &str) -> Till {
        let mut till = Till::silent(url, ca_file).await;
        till.say(json!({ "type": "hello", "client": "tests", "lang": "fr", "till": name })).await;
        till.welcome = till.hear("welcome").await;
        till
    }

    /// A till that has not said hello.
    pub async fn silent(url: &str, ca_file: &Path) -> Till {
        let socket = connect(url, ca_file, TILL_DOOR).await.unwrap();
        Till { socket, welcome: Value::Null }
    }

    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next message that is no heartbeat, or the close code.
    pub async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let heard =
                timeout(PATIENCE, self.socket.next()).await.expect("the relay said nothing");
            let message: Value = match heard {
                Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(_)) => continue,
                None | Some(Err(_)) => return Err(1006),
            };
            check(&message);
            if message["type"] == "ping" {
                self.say(json!({ "type": "pong", "n": message["n"] })).await;
                continue;
            }
            return Ok(message);
        }
    }

    /// The next message of one type.
    pub async fn hear(&mut self, wanted: &str) -> Value {
        loop {
            let message = self.next().await.expect("the relay closed");
            if message["type"] == wanted {
                return message;
            }
        }
    }

    /// The refusal of what was just said.
    pub async fn refusal(&mut self) -> Value {
        self.hear("refused").await
    }

    /// The code with which the relay closes.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next().await {
                return code;
            }
        }
    }

    /// Asks for a debit with a new id, and gives the id.
    pub async fn ask(&mut self, amount: u64) -> String {
        let id = new_id();
        self.say(debit(&id, amount)).await;
        id
    }

    /// A debit from the order to the outcome.
    pub async fn debit(&mut self, amount: u64) -> Value {
        let id = self.ask(amount).await;
        self.outcome(&id).await
    }

    pub async fn pay(&mut self, order: Value) -> Value {
        let id = order["id"].as_str().unwrap().to_owned();
        self.say(order).await;
        self.outcome(&id).await
    }

    /// The payment, once it is closed.
    pub async fn outcome(&mut self, id: &str) -> Value {
        self.until(id, |payment| payment["phase"] == "closed").await
    }

    /// The payment, once it is with the terminal.
    pub async fn sent(&mut self, id: &str) -> Value {
        self.until(id, |payment| payment["step"] == "sent").await
    }

    pub async fn until(&mut self, id: &str, good: impl Fn(&Value) -> bool) -> Value {
        loop {
            let payment = self.next().await.expect("the relay closed");
            assert_ne!(payment["type"], "refused", "{payment:#}");
            if payment["type"] == "payment" && payment["id"] == id && good(&payment) {
                return payment;
            }
        }
    }

    /// Asks for a payment.
    pub async fn payment(&mut self, id: &str) -> Value {
        self.say(json!({ "type": "payment", "id": id })).await;
        self.until(id, |_| true).await
    }

    pub async fn acknowledge(&mut self, id: &str) -> Value {
        self.say(json!({ "type": "acknowledge", "id": id })).await;
        self.until(id, |payment| payment["acknowledged"] == true).await
    }
}

/// An order like any other.
pub fn debit(id: &str, amount: u64) -> Value {
    json!({ "type": "pay", "id": id, "operation": "debit", "amount": amount, "currency": "EUR" })
}

pub fn new_id() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    format!("payment-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A terminal that neither takes nor refuses connections, like one that is
/// switched off: a listener whose queue is full.
pub struct Unreachable {
    pub address: SocketAddr,
    listener: TcpListener,
    queue: Vec<TcpStream>,
}

impl Unreachable {
    pub async fn new() -> Unreachable {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        let brief = Duration::from_millis(200);
        while let Ok(Ok(stream)) = timeout(brief, TcpStream::connect(address)).await {
            queue.push(stream);
        }
        Unreachable { address, listener, queue }
    }

    /// Takes every connection after a while, and answers none. The while is
    /// longer than a relay waits before it records that nothing has left.
    pub async fn opens(self) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(self.queue);
        let mut open = Vec::new();
        while let Ok((stream, _)) = self.listener.accept().await {
            open.push(stream);
        }
    }
}

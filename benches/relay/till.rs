//! A till on a warm connection, blocking and on one thread: what it takes
//! itself is in the echo as well.

use crate::process::Process;
use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes, WebSocket, client};

/// Nothing measured here takes that long: a relay that says nothing is an error.
const PATIENCE: Duration = Duration::from_secs(10);

pub type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A till that only listens.
pub struct Listener(TcpStream);

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

pub struct Till {
    socket: WebSocket<Stream>,
}

impl Till {
    /// A TLS connection to the relay, trusting its certificate and no other.
    pub fn handshake(relay: &Process) -> Result<Stream> {
        Till::handshake_with(&relay.ca, relay.address)
    }

    /// The same with whoever has this certificate.
    pub fn handshake_with(ca: &Path, address: SocketAddr) -> Result<Stream> {
        let config = Arc::new(trusting(ca)?);
        let name = ServerName::from(address.ip());
        let mut connection = ClientConnection::new(config, name)?;
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(StreamOwned::new(connection, stream))
    }

    /// Connects and says hello.
    pub fn connect(relay: &Process) -> Result<Till> {
        Till::enter(relay, "")
    }

    /// The same as the person who holds the relay's key.
    pub fn connect_with_key(relay: &Process) -> Result<Till> {
        Till::enter(relay, &format!(r#","key":"{}""#, relay.key))
    }

    fn enter(relay: &Process, key: &str) -> Result<Till> {
        let mut request = format!("wss://{}/till", relay.address).into_client_request()?;
        let protocol = HeaderValue::from_static(caisse_relay::till::SUB_PROTOCOL);
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = client(request, Till::handshake(relay)?)
            .map_err(|error| anyhow::anyhow!("no till is let in: {error}"))?;
        let mut till = Till { socket };
        till.say(format!(
            r#"{{"type":"hello","client":"bench","lang":"en","till":"bench"{key}}}"#
        ))?;
        till.hear(r#"{"type":"welcome","#, "")?;
        Ok(till)
    }

    /// There and back, with nothing to do in between.
    pub fn ping(&mut self) -> Result<()> {
        self.say(r#"{"type":"ping","n":1}"#.into())?;
        self.hear(r#"{"type":"pong","#, "")?;
        Ok(())
    }

    /// From `pay` to the closed payment.
    pub fn pay(&mut self, number: usize, terminal: &str) -> Result<()> {
        self.say(format!(
            r#"{{"type":"pay","id":"bench-{number:030}","operation":"debit","amount":1590,"currency":"EUR","terminal":"{terminal}"}}"#
        ))?;
        let payment = self.hear(&payment(number), r#""phase":"closed""#)?;
        ensure!(payment.contains(r#""outcome":"approved""#), "not approved: {payment}");
        ensure!(payment.contains(r#""durable":true"#), "not on disk: {payment}");
        Ok(())
    }

    /// Says that the outcome is on record, and waits until the relay has noted
    /// it and has nothing more to say.
    pub fn acknowledge(&mut self, number: usize) -> Result<()> {
        self.say(format!(r#"{{"type":"acknowledge","id":"bench-{number:030}"}}"#))?;
        self.hear(&payment(number), r#""acknowledged":true"#)?;
        self.ping()
    }

    /// An exchange that moves no money: nothing is journaled.
    pub fn exchange(&mut self) -> Result<()> {
        self.say(
            r#"{"type":"exchange","terminal":"t0","fields":[{"tag":"CD","value":"3"}],"n":1}"#
                .into(),
        )?;
        let answer = self.hear(r#"{"type":"exchange","#, "")?;
        ensure!(answer.contains(r#""status":"10""#), "no answer: {answer}");
        Ok(())
    }

    /// Asks, and waits for the message that begins like this.
    pub fn ask(&mut self, text: &str, beginning: &str) -> Result<()> {
        self.say(text.into())?;
        self.hear(beginning, "").map(drop)
    }

    /// Hears everything from now on, on a thread of its own; hangs up when what is
    /// returned is dropped.
    pub fn read_on(mut self) -> Result<Listener> {
        let stream = self.socket.get_ref().sock.try_clone()?;
        thread::spawn(move || while self.socket.read().is_ok() {});
        Ok(Listener(stream))
    }

    fn say(&mut self, text: String) -> Result<()> {
        Ok(self.socket.send(Message::Text(Utf8Bytes::from(text)))?)
    }

    /// The next message that begins like this and contains that. Messages are
    /// not parsed: a browser's time is none of the relay's.
    fn hear(&mut self, beginning: &str, part: &str) -> Result<Utf8Bytes> {
        loop {
            match self.socket.read().context("the relay went away")? {
                Message::Text(text) if text.starts_with(beginning) && text.contains(part) => {
                    return Ok(text);
                }
                Message::Text(text) if text.starts_with(r#"{"type":"refused","#) => {
                    bail!("refused: {text}");
                }
                Message::Close(frame) => bail!("the relay closed: {frame:?}"),
                _ => {}
            }
        }
    }
}

/// TLS that trusts one certificate and no other.
pub fn trusting(ca: &Path) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// How a message about a payment begins.
fn payment(number: usize) -> String {
    format!(r#"{{"type":"payment","id":"bench-{number:030}","#)
}

//! A till that is not a browser.

use super::Common;
use super::exit::{Exit, print, say};
use super::misuse::one_of;
use super::pinned::Pinned;
use crate::access::read_key;
use crate::config::Config;
use crate::relay;
use crate::till::{Language, SUB_PROTOCOL, Secret, TillToRelay};
use crate::words::{Lang, Program, Sentence};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use clap::builder::TypedValueParser as _;
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long the relay may take to let a till in.
const CONNECT: Duration = Duration::from_secs(5);
/// The relay says something every 10 seconds.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// Which relay to talk to.
#[derive(Debug, Clone, Args)]
pub(super) struct Connection {
    /// The relay's address, instead of what the configuration says
    #[arg(long, value_name = "ADDR", env = "CAISSE_RELAY_LISTEN")]
    pub(super) relay: Option<SocketAddr>,
    /// The certificate to trust, instead of the one in the data folder
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    /// The language of the sentences, instead of what the configuration says
    #[arg(long, value_name = "fr|en", hide_possible_values = true,
        value_parser = one_of::<Language>(&["fr", "en"]).map(Lang::from))]
    pub(super) lang: Option<Lang>,
}

/// What makes a relay the right one.
#[derive(Debug)]
pub(super) enum Trust {
    /// This authority signed its certificate.
    Authority(PathBuf),
    /// It shows this certificate.
    Exactly(PathBuf),
}

impl Trust {
    /// What the relay of this configuration shows.
    pub(super) fn of(config: &Config) -> Trust {
        match &config.tls {
            Some(files) => Trust::Exactly(files.cert.clone()),
            None => Trust::Authority(relay::ca_folder(&config.data_dir).join("ca.pem")),
        }
    }

    fn client(&self, lang: Lang) -> Result<ClientConfig> {
        let (Trust::Authority(file) | Trust::Exactly(file)) = self;
        let path = || file.display().to_string();
        let certificates = CertificateDer::pem_file_iter(file)
            .with_context(|| lang.say(&Sentence::Program(Program::CannotRead { path: path() })))?;
        let mut certificates = certificates.collect::<Result<Vec<_>, _>>()?.into_iter();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        Ok(match self {
            Trust::Authority(_) => {
                let mut roots = RootCertStore::empty();
                certificates.try_for_each(|certificate| roots.add(certificate))?;
                client.with_root_certificates(roots).with_no_client_auth()
            }
            Trust::Exactly(_) => {
                let certificate = certificates
                    .next()
                    .ok_or_else(|| failed(Program::NoCertificateIn { path: path() }, lang))?;
                let pinned = Arc::new(Pinned { certificate, provider });
                client.dangerous().with_custom_certificate_verifier(pinned).with_no_client_auth()
            }
        })
    }
}

/// What went wrong, in the words of the person who waits.
fn failed(words: Program, lang: Lang) -> anyhow::Error {
    anyhow!(lang.say(&Sentence::Program(words)))
}

/// No relay has answered in time.
pub(super) fn no_answer(address: SocketAddr, lang: Lang) -> anyhow::Error {
    failed(Program::NoAnswer { address: address.to_string() }, lang)
}

/// An open connection to a relay.
pub(super) struct Till {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    /// The language of its sentences.
    pub(super) lang: Lang,
    /// What the relay said to `hello`.
    pub(super) welcome: Value,
}

impl Connection {
    /// Connects and says hello.
    pub(super) async fn open(&self, common: &Common) -> Result<Till> {
        self.come_in(common, false).await
    }

    /// Connects and shows the relay's key.
    pub(super) async fn open_with_key(&self, common: &Common) -> Result<Till> {
        self.come_in(common, true).await
    }

    async fn come_in(&self, common: &Common, key: bool) -> Result<Till> {
        let config = common.configuration()?;
        let address = self.relay.unwrap_or(config.local());
        let key = key.then(|| read_key(&config.data_dir)).transpose()?;
        let ca = self.ca.clone().map_or_else(|| Trust::of(&config), Trust::Authority);
        let lang = self.lang.unwrap_or(config.lang);
        timeout(CONNECT, Till::connect(address, &ca, lang, key))
            .await
            .map_err(|_| no_answer(address, lang))?
    }
}

impl Till {
    /// Connects to a relay, trusting this certificate and no other.
    pub(super) async fn connect(
        address: SocketAddr,
        trust: &Trust,
        lang: Lang,
        key: Option<String>,
    ) -> Result<Till> {
        let told = |words: Program| lang.say(&Sentence::Program(words));
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| told(Program::NoRelay { address: address.to_string() }))?;
        stream.set_nodelay(true)?;
        let tls = trust.client(lang)?;
        let stream = TlsConnector::from(Arc::new(tls))
            .connect(ServerName::from(address.ip()), stream)
            .await
            .with_context(|| told(Program::OtherCertificate))?;
        let mut request = format!("wss://{address}/till").into_client_request()?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", HeaderValue::from_static(SUB_PROTOCOL));
        let (socket, _) = client_async(request, stream)
            .await
            .with_context(|| told(Program::NoAnswer { address: address.to_string() }))?;
        let mut till = Till { socket, lang, welcome: Value::Null };
        let lang = lang.pick(Language::Fr, Language::En);
        let client = concat!("caisse-relay-cli ", env!("CARGO_PKG_VERSION")).to_owned();
        let key = key.map(Secret);
        till.say(&TillToRelay::Hello { client, lang, till: None, token: None, key }).await?;
        till.welcome = till.hear("welcome").await?;
        Ok(till)
    }

    /// Sends a message.
    pub(super) async fn say(&mut self, message: &TillToRelay) -> Result<()> {
        self.say_json(&serde_json::to_value(message)?).await
    }

    /// Sends a message that is JSON already.
    pub(super) async fn say_json(&mut self, message: &Value) -> Result<()> {
        let text = Utf8Bytes::from(message.to_string());
        let lang = self.lang;
        self.socket.send(Message::Text(text)).await.map_err(|_| failed(Program::WentAway, lang))
    }

    /// The next message that is no heartbeat.
    pub(super) async fn next(&mut self) -> Result<Value> {
        loop {
            let heard = timeout(LONGEST_SILENCE, self.socket.next())
                .await
                .map_err(|_| failed(Program::Silent, self.lang))?;
            let gone = || failed(Program::WentAway, self.lang);
            let message: Value = match heard.ok_or_else(gone)?.map_err(|_| gone())? {
                Message::Text(text) => serde_json::from_str(&text)?,
                Message::Close(Some(frame)) => {
                    let why = format!("{} ({})", frame.reason, frame.code);
                    return Err(failed(Program::Closed { why }, self.lang));
                }
                Message::Close(None) => return Err(failed(Program::WentAway, self.lang)),
                _ => continue,
            };
            match message["type"].as_str() {
                Some("ping") => self.say(&TillToRelay::Pong { n: message["n"].as_u64() }).await?,
                _ => return Ok(message),
            }
        }
    }

    /// The next message of one type; `refused` is an error.
    pub(super) async fn hear(&mut self, wanted: &str) -> Result<Value> {
        loop {
            let message = self.next().await?;
            match message["type"].as_str() {
                Some(kind) if kind == wanted => return Ok(message),
                Some("refused") => bail!(Refused(message)),
                _ => {}
            }
        }
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        let _ = timeout(CONNECT, self.socket.close(None)).await;
    }
}

/// The relay refused what was asked.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Value);

impl Refused {
    /// Says why, and ends the command.
    pub(super) fn show(self, json: bool) -> Exit {
        match json {
            true => print(&self.0),
            false => say(&self.to_string()),
        }
        Exit::Refused
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0["message"].as_str().unwrap_or("refused"))
    }
}

impl std::error::Error for Refused {}

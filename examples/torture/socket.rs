//! A till's connection to the relay: wss, trusting the relay's authority.

use crate::world::World;
use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a relay may take to let a till in.
const CONNECT: Duration = Duration::from_secs(5);

/// A socket that has said hello.
pub struct Socket {
    stream: WebSocketStream<TlsStream<TcpStream>>,
}

impl Socket {
    /// Connects to the relay that runs now, and says hello. The welcome is among
    /// what it hears.
    pub async fn open(world: &World, till: &str) -> Result<Socket> {
        let mut place = world.relay.clone();
        let address = *place.wait_for(Option::is_some).await?;
        timeout(CONNECT, Socket::connect(world, address.context("no relay")?, till)).await?
    }

    async fn connect(world: &World, address: SocketAddr, till: &str) -> Result<Socket> {
        let tls = Arc::clone(world.tls.get().context("no relay yet")?);
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::from(address.ip());
        let stream = TlsConnector::from(tls).connect(name, stream).await?;
        let mut request = format!("wss://{address}/till").into_client_request()?;
        let protocol = HeaderValue::from_static(caisse_relay::till::SUB_PROTOCOL);
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (stream, _) = client_async(request, stream).await?;
        let mut socket = Socket { stream };
        let hello = json!({ "type": "hello", "client": "torture", "lang": "en", "till": till });
        socket.say(&hello).await?;
        Ok(socket)
    }

    pub async fn say(&mut self, message: &Value) -> Result<()> {
        Ok(self.stream.send(Message::Text(message.to_string().into())).await?)
    }

    /// The next message that is no heartbeat.
    pub async fn next(&mut self, patience: Duration) -> Result<Value> {
        loop {
            let heard = timeout(patience, self.stream.next()).await?.context("closed")??;
            let Message::Text(text) = heard else { continue };
            let message: Value = serde_json::from_str(&text)?;
            if message["type"] == "ping" {
                self.say(&json!({ "type": "pong", "n": message["n"] })).await?;
                continue;
            }
            return Ok(message);
        }
    }

    /// Gone, without goodbye.
    pub fn vanish(self, reset: bool) {
        if reset {
            let _ = self.stream.get_ref().get_ref().0.set_zero_linger();
        }
    }
}

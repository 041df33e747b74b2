//! A till whose connection is not a network: it comes from any address and page.

use caisse_relay::access::{Access, Origin};
use caisse_relay::health::Health;
use caisse_relay::hub::Hub;
use caisse_relay::journal::Journal;
use caisse_relay::payment::Moment;
use caisse_relay::relay::now;
use caisse_relay::till::{Desk, Ended, Heard, Tablets, Visitor, Voice, serve};
use futures_util::{Sink, Stream};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A session, and what is said and heard in it.
pub struct Guest {
    say: mpsc::UnboundedSender<Heard>,
    said: mpsc::UnboundedReceiver<Voice>,
    pub session: JoinHandle<Ended>,
    _stop: watch::Sender<bool>,
}

/// A desk without terminals.
pub fn desk(folder: &Path) -> Desk {
    let journal = Arc::new(Journal::open(folder, Moment(0)).unwrap());
    Desk {
        access: Access::open(Arc::clone(&journal), [], folder, now).unwrap(),
        hub: Hub::new(vec![], journal, now),
        health: Arc::new(Health::new(now)),
        tablets: Tablets::default(),
        doctor: caisse_relay::till::Doctor::default(),
    }
}

impl Guest {
    /// Comes in from an address; the page is `None` for a program.
    pub fn comes(desk: &Desk, address: &str, page: Option<&str>) -> Guest {
        let (say, heard) = mpsc::unbounded_channel();
        let (voice, said) = mpsc::unbounded_channel();
        let (stop, stopping) = watch::channel(false);
        let visitor = Visitor {
            name: page.unwrap_or("local").into(),
            address: address.parse::<IpAddr>().unwrap(),
            page: page.map(|origin| Origin::new(origin).unwrap()),
        };
        let session = tokio::spawn(serve(desk.clone(), Wire(heard, voice), visitor, stopping));
        Guest { say, said, session, _stop: stop }
    }

    pub fn say(&self, message: &Value) {
        self.say.send(Heard::Text(message.to_string())).unwrap();
    }

    /// The next message that is no heartbeat, or the close code and its reason.
    pub async fn next(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match self.said.recv().await.expect("the session ended without a word") {
                Voice::Close(code, reason) => return Err((code, reason)),
                Voice::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    crate::shop::check(&message);
                    if message["type"] != "ping" {
                        return Ok(message);
                    }
                }
            }
        }
    }

    /// Any message, heartbeats included.
    pub async fn voice(&mut self) -> Voice {
        self.said.recv().await.expect("the session ended without a word")
    }

    pub async fn hear(&mut self, wanted: &str) -> Value {
        loop {
            let message = self.next().await.expect("the relay closed");
            if message["type"] == wanted {
                return message;
            }
        }
    }

    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(end) = self.next().await {
                return end;
            }
        }
    }

    /// Says hello with what it has to show.
    pub async fn hello(&mut self, shown: Value) -> Result<Value, (u16, String)> {
        let mut hello = json!({ "type": "hello", "client": "tests", "lang": "fr" });
        hello.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
        self.say(&hello);
        self.next().await
    }
}

struct Wire(mpsc::UnboundedReceiver<Heard>, mpsc::UnboundedSender<Voice>);

impl Stream for Wire {
    type Item = Heard;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Heard>> {
        self.0.poll_recv(cx)
    }
}

impl Sink<Voice> for Wire {
    type Error = ();
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Poll::Ready(Ok(()))
    }
    fn start_send(self: Pin<&mut Self>, voice: Voice) -> Result<(), ()> {
        self.1.send(voice).map_err(drop)
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Poll::Ready(Ok(()))
    }
}

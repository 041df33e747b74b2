use super::Peer;
use super::crowd::Place;
use super::guard::{Page, page};
use crate::access::Admission;
use crate::till::{self, Desk, Heard, SUB_PROTOCOL, Visitor, Voice};
use crate::words::{Entry, Lang, Sentence};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

/// The longest message of a till.
const LONGEST_MESSAGE: usize = 64 * 1024;
/// The default of 128 KiB is allocated for every till that connects.
const READ_BUFFER: usize = 4 * 1024;
/// How long the other side may take to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(2);

/// What a till's connection needs.
#[derive(Clone)]
pub(super) struct Tills {
    pub(super) desk: Desk,
    pub(super) stopping: watch::Receiver<bool>,
}

/// A till connects. One that may not is let in all the same and told why by a
/// close code: a page cannot see the status of a refused upgrade.
pub(super) async fn upgrade(
    State(tills): State<Tills>,
    Extension(place): Extension<Arc<Place>>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade
        .protocols([SUB_PROTOCOL])
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER);
    let speaks = upgrade.selected_protocol().is_some();
    let visitor = visitor(page(&headers), address, &tills.desk);
    upgrade.on_upgrade(move |socket| async move {
        let mut socket = Socket(socket);
        match visitor {
            Err(entry) => socket.dismiss(4403, Sentence::Entry(entry)).await,
            Ok(_) if !speaks => socket.dismiss(4406, Sentence::NoProtocol).await,
            Ok(visitor) => {
                let ended = till::serve(tills.desk, &mut socket, visitor, tills.stopping).await;
                tracing::debug!(?ended, "till");
            }
        }
        socket.farewell().await;
        drop(place);
    })
}

/// Who comes through the door; why not, when its page may not.
fn visitor(page: Page, address: IpAddr, desk: &Desk) -> Result<Visitor, Entry> {
    let (name, page) = match page {
        Page::Program => ("local".to_owned(), None),
        Page::Own(origin) => (origin.as_str().to_owned(), None),
        Page::Nameless(origin) => return Err(Entry::NotAPage { origin }),
        Page::Of(origin) => {
            let name = origin.as_str().to_owned();
            match desk.access.admit(&origin) {
                Admission::Allowed => (name, Some(origin)),
                Admission::Refused => return Err(Entry::OriginRefused { origin: name }),
                Admission::Asked | Admission::Waiting => {
                    return Err(Entry::OriginWaits { origin: name });
                }
            }
        }
    };
    Ok(Visitor { name, address, page })
}

/// The WebSocket, reduced to what a session hears and says.
struct Socket(WebSocket);

impl Socket {
    /// Nobody has said hello yet, so nobody's language is known.
    async fn dismiss(&mut self, code: u16, sentence: Sentence) {
        let reason = Lang::default().say(&sentence);
        let _ = timeout(FAREWELL, self.send(Voice::Close(code, reason))).await;
    }

    /// Reads until the other side has closed too: dropping the connection before
    /// would turn the close code into a 1006.
    async fn farewell(mut self) {
        let _ = timeout(FAREWELL, async { while self.next().await.is_some() {} }).await;
    }
}

impl Stream for Socket {
    type Item = Heard;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            return Poll::Ready(match ready!(self.0.poll_next_unpin(context)) {
                Some(Ok(Message::Text(text))) => Some(Heard::Text(text.as_str().to_owned())),
                Some(Ok(Message::Binary(_))) => Some(Heard::Binary),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Err(error)) if is_too_long(&error) => Some(Heard::TooLong),
                Some(Ok(Message::Close(_)) | Err(_)) | None => None,
            });
        }
    }
}

impl Sink<Voice> for Socket {
    type Error = axum::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.0.poll_ready_unpin(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, voice: Voice) -> Result<(), axum::Error> {
        self.0.start_send_unpin(match voice {
            Voice::Text(text) => Message::Text(text.into()),
            Voice::Close(code, reason) => {
                Message::Close(Some(CloseFrame { code, reason: shortened(&reason).into() }))
            }
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.0.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.0.poll_close_unpin(cx)
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let cause = std::error::Error::source(error);
    let cause = cause.and_then(|cause| cause.downcast_ref::<tungstenite::Error>());
    matches!(cause, Some(tungstenite::Error::Capacity(_)))
}

/// A close reason has at most 123 bytes (RFC 6455, 5.5.1).
fn shortened(reason: &str) -> &str {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

//! HTTPS, WSS and pages on one port.
//!
//! The caller owns the listeners, the certificate's renewal and the end.

mod guard;
mod pages;
mod socket;
mod tls;

use crate::hub::Hub;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
pub use guard::{Guard, Origin};
pub(crate) use guard::{authority, check_host};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
pub use pages::Extra;
use std::sync::Arc;
use std::time::Duration;
pub use tls::{Certificate, TlsError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// Connections that may be open at once, handshakes included.
const CONNECTIONS: usize = 16_384;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the headers of a request may take.
const HEADERS: Duration = Duration::from_secs(10);
/// How long to wait when the system has no more file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// One of [`CONNECTIONS`], free again when the last who holds it is gone.
type Place = Arc<OwnedSemaphorePermit>;

/// What the server serves, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where payments go.
    pub hub: Arc<Hub>,
    /// Which hosts and origins may come in.
    pub guard: Arc<Guard>,
    /// The certificate, swapped by the caller when it is renewed.
    pub certificate: Arc<Certificate>,
    /// Files that only this run serves.
    pub extra: Vec<Extra>,
}

/// Serves on all listeners until `stopping` turns true; the tills are told then.
pub async fn serve(
    listeners: Vec<TcpListener>,
    settings: Settings,
    stopping: watch::Receiver<bool>,
) {
    let tls = TlsAcceptor::from(settings.certificate.server_config());
    let open = Arc::new(Semaphore::new(CONNECTIONS));
    let router = router(settings, stopping.clone());
    let mut doors = JoinSet::new();
    for listener in listeners {
        let door = Door { tls: tls.clone(), router: router.clone(), open: Arc::clone(&open) };
        doors.spawn(door.accept_all(listener, stopping.clone()));
    }
    while doors.join_next().await.is_some() {}
    // Every session ends by itself now; this waits for the close frames to leave.
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    let _ = timeout(Duration::from_secs(3), open.acquire_many(all)).await;
}

fn router(settings: Settings, stopping: watch::Receiver<bool>) -> Router {
    let till = socket::Tills { hub: settings.hub, guard: Arc::clone(&settings.guard), stopping };
    Router::new()
        .route("/till", get(socket::upgrade).with_state(till))
        .merge(pages::router(settings.extra))
        .layer(from_fn_with_state(settings.guard, guard::check_host))
}

struct Door {
    tls: TlsAcceptor,
    router: Router,
    open: Arc<Semaphore>,
}

impl Door {
    async fn accept_all(self, listener: TcpListener, mut stopping: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match accepted {
                Ok((stream, _)) => self.admit(stream, stopping.clone()),
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    sleep(EXHAUSTED).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, mut stopping: watch::Receiver<bool>) {
        let Ok(place) = Arc::clone(&self.open).try_acquire_owned() else {
            tracing::warn!("too many connections: one was turned away");
            return;
        };
        let (tls, router, place) = (self.tls.clone(), self.router.clone(), Place::new(place));
        let service = service_fn(move |mut request: hyper::Request<_>| {
            // A till's session keeps the place when the connection is upgraded.
            request.extensions_mut().insert(Arc::clone(&place));
            TowerToHyperService::new(router.clone()).call(request)
        });
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake"),
                Err(_) => return tracing::debug!("TLS handshake took too long"),
            };
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::select! {
                _ = connection => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        });
    }
}

//! HTTPS, WSS and pages on one port.
//!
//! The caller owns the listeners, the certificate's renewal and the end.

mod crowd;
mod guard;
mod pages;
mod scrape;
mod socket;
mod tls;

use crate::health::Health;
use crate::metrics::Metrics;
use crate::near::is_near;
use crate::till::Desk;
use crate::words::{Entry, Lang, Sentence};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use crowd::Crowd;
pub use guard::Guard;
pub(crate) use guard::{authority, check_host};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
pub use pages::Extra;
pub use scrape::serve as serve_metrics;
use std::io;
use std::iter::successors;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
pub use tls::{Certificate, TlsError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the headers of a request may take.
const HEADERS: Duration = Duration::from_secs(10);
/// How long a connection may go on asking for pages, and how long the answer
/// under way then has to be taken: who never reads would stay for ever.
const VISIT: Duration = Duration::from_secs(30);
const LEAVING: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
struct Peer(IpAddr);

/// What the server serves, and to whom.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What every session shares.
    pub desk: Desk,
    /// The names that this relay goes by.
    pub guard: Arc<Guard>,
    /// The certificate, swapped by the caller when it is renewed.
    pub certificate: Arc<Certificate>,
    /// Files that only this run serves.
    pub extra: Vec<Extra>,
    /// The relay in numbers.
    pub metrics: Metrics,
}

/// Serves on all listeners until `stopping` turns true; the tills are told then.
pub async fn serve(
    listeners: Vec<TcpListener>,
    settings: Settings,
    stopping: watch::Receiver<bool>,
) {
    let tls = TlsAcceptor::from(settings.certificate.server_config());
    let crowd = Crowd::new();
    let health = Arc::clone(&settings.desk.health);
    let router = router(settings, stopping.clone());
    let mut doors = JoinSet::new();
    for listener in listeners {
        let door = Door {
            tls: tls.clone(),
            router: router.clone(),
            crowd: crowd.clone(),
            health: Arc::clone(&health),
        };
        doors.spawn(door.accept_all(listener, stopping.clone()));
    }
    while doors.join_next().await.is_some() {}
    // Every session ends by itself now; this waits for the close frames to leave.
    crowd.left(Duration::from_secs(3)).await;
}

fn router(settings: Settings, stopping: watch::Receiver<bool>) -> Router {
    let till = socket::Tills { desk: settings.desk, stopping };
    Router::new()
        .route("/till", get(socket::upgrade).with_state(till))
        .merge(scrape::route(settings.metrics))
        .merge(pages::router(settings.extra))
        .layer(from_fn_with_state(settings.guard, guard::check_host))
        .layer(from_fn(pages::secure))
}

struct Door {
    tls: TlsAcceptor,
    router: Router,
    crowd: Crowd,
    health: Arc<Health>,
}

impl Door {
    async fn accept_all(self, listener: TcpListener, mut stopping: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    self.admit(stream, peer.ip().to_canonical(), stopping.clone())
                }
                Err(error) => {
                    tracing::warn!(%error, "accept");
                    self.crowd.make_room();
                    sleep(EXHAUSTED).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: IpAddr, mut stopping: watch::Receiver<bool>) {
        if !is_near(peer) {
            return tracing::warn!(%peer, "a connection from the Internet was turned away");
        }
        let place = match self.crowd.admit(peer) {
            Ok(place) => place,
            Err(why) => return tracing::warn!(%peer, why, "a connection was turned away"),
        };
        let (tls, router, health) =
            (self.tls.clone(), self.router.clone(), Arc::clone(&self.health));
        let stranger = self.crowd.stranger();
        let number = stranger.number();
        let stranger = Mutex::new(Some(stranger));
        let service = service_fn(move |mut request: hyper::Request<_>| {
            drop(stranger.lock().unwrap_or_else(PoisonError::into_inner).take());
            // A till's session keeps the place when the connection is upgraded.
            request.extensions_mut().insert(Arc::clone(&place));
            request.extensions_mut().insert(Peer(peer));
            TowerToHyperService::new(router.clone()).call(request)
        });
        let task = tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    if !notice(&error, peer, &health) {
                        health.handshake_failed();
                    }
                    return;
                }
                Err(_) => {
                    health.handshake_failed();
                    return tracing::debug!(%peer, "TLS handshake took too long");
                }
            };
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADERS)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::pin!(connection);
            let visit = async {
                if let Ok(ended) = timeout(VISIT, connection.as_mut()).await {
                    return Some(ended);
                }
                connection.as_mut().graceful_shutdown();
                timeout(LEAVING, connection).await.ok()
            };
            tokio::select! {
                ended = visit => match ended {
                    Some(Ok(())) => {}
                    Some(Err(error)) => drop(notice(&error, peer, &health)),
                    None => tracing::debug!(%peer, "answers are not taken"),
                },
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        });
        self.crowd.watch(number, task.abort_handle());
    }
}

/// A browser that does not trust the certificate says so in a TLS alert, which
/// may come during the handshake or, with TLS 1.3, after it. Gives whether it did.
fn notice(error: &(dyn std::error::Error + 'static), peer: IpAddr, health: &Health) -> bool {
    use rustls::AlertDescription as Alert;
    let mut causes = successors(Some(error), |error| match error.downcast_ref::<io::Error>() {
        // An I/O error hides its cause from `source`.
        Some(error) => error.get_ref().map(|cause| cause as _),
        None => error.source(),
    });
    let alert = causes.find_map(|cause| match cause.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::AlertReceived(alert)) => Some(*alert),
        _ => None,
    });
    tracing::debug!(%peer, %error, "connection");
    let distrusts =
        matches!(alert, Some(Alert::UnknownCA | Alert::BadCertificate | Alert::CertificateUnknown));
    if distrusts {
        let entry = match peer.is_loopback() {
            true => Entry::BrowserDistrusts,
            false => Entry::DeviceDistrusts { address: peer.to_string() },
        };
        tracing::warn!("{}", Lang::En.say(&Sentence::Entry(entry)));
        health.distrusted(peer);
    }
    distrusts
}

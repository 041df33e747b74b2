//! The relay's numbers, for Prometheus: to this computer on the relay's own port, and on a port
//! of their own, plain HTTP, where the configuration wants one.

use super::crowd::{Crowd, Place};
use super::guard::{Guard, check_host};
use super::pages::{not_found, secure};
use super::{EXHAUSTED, HEADERS, Peer, VISIT};
use crate::metrics::{MEDIA_TYPE, Metrics};
use crate::near::is_near;
use axum::extract::State;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// The numbers on the relay's own port: for this computer, and no page at all for others.
pub(super) fn route(metrics: Metrics) -> Router {
    let asked = async |State(metrics): State<Metrics>, Extension(Peer(address))| match address {
        near if near.is_loopback() => answer(&metrics),
        _ => not_found().await,
    };
    Router::new().route("/metrics", get(asked)).with_state(metrics)
}

fn answer(metrics: &Metrics) -> Response {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], metrics.text()).into_response()
}

/// Serves the numbers, and nothing else, to private addresses until `stopping` turns true.
pub async fn serve(
    listener: TcpListener,
    metrics: Metrics,
    guard: Arc<Guard>,
    mut stopping: watch::Receiver<bool>,
) {
    let asked = async |State(metrics): State<Metrics>| answer(&metrics);
    let router = Router::new()
        .route("/metrics", get(asked))
        .with_state(metrics)
        .fallback(not_found)
        .layer(from_fn_with_state(guard, check_host))
        .layer(from_fn(secure));
    let crowd = Crowd::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(%error, "accept");
                sleep(EXHAUSTED).await;
                continue;
            }
        };
        if !is_near(peer) {
            tracing::warn!(%peer, "a connection from the Internet was turned away");
            continue;
        }
        match crowd.admit(peer) {
            Ok(place) => drop(tokio::spawn(answer_one(stream, router.clone(), place))),
            Err(why) => tracing::warn!(%peer, why, "a connection was turned away"),
        }
    }
}

async fn answer_one(stream: TcpStream, router: Router, place: Arc<Place>) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(16 * 1024)
        // Prometheus comes back in a minute, and nobody else has to.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let _ = timeout(VISIT, connection).await;
    drop(place);
}

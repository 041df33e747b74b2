use super::page::{self, Device, Facts};
use super::{Onboarding, State, profile, qr};
use crate::server::{authority, check_host};
use crate::words::Lang;
use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Path, Request, State as Of};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Connections that may be open at once: a few tablets, each with a few files.
const CONNECTIONS: usize = 64;
/// The same from one address, so that one device cannot keep the others out.
const FROM_ONE: usize = 16;
/// How long the headers of a request may take.
const HEADERS: Duration = Duration::from_secs(10);
/// How long a connection may take in all: the answers are small.
const WHOLE: Duration = Duration::from_secs(30);
/// How long to wait when the system has no more file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);

const STYLE: &str = include_str!("../../web-client/onboarding/onboarding.css");
const SCRIPT: &str = include_str!("../../web-client/onboarding/trust.js");

/// Serves the page until `stopping` turns true.
pub async fn serve(
    listener: TcpListener,
    onboarding: Arc<Onboarding>,
    mut stopping: watch::Receiver<bool>,
) {
    let router = router(onboarding);
    let open = Arc::new(Open::default());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match accepted {
            Ok((stream, from)) => match Place::of(&open, from.ip().to_canonical()) {
                Some(place) => {
                    tokio::spawn(answer_one(stream, router.clone(), place, stopping.clone()));
                }
                None => tracing::debug!(%from, "too many connections: one was turned away"),
            },
            Err(error) => {
                tracing::warn!(%error, "accept");
                sleep(EXHAUSTED).await;
            }
        }
    }
}

async fn answer_one(
    stream: TcpStream,
    router: Router,
    place: Place,
    mut stopping: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(16 * 1024)
        // Nobody waits here between two requests.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::select! {
        _ = timeout(WHOLE, connection) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    drop(place);
}

/// Connections by address.
#[derive(Default)]
struct Open(Mutex<HashMap<IpAddr, usize>>);

/// One connection, free again when it is dropped.
struct Place {
    open: Arc<Open>,
    from: IpAddr,
}

impl Place {
    fn of(open: &Arc<Open>, from: IpAddr) -> Option<Place> {
        let mut counts = open.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = counts.values().sum();
        let own = counts.get(&from).copied().unwrap_or(0);
        if all >= CONNECTIONS || own >= FROM_ONE {
            return None;
        }
        counts.insert(from, own + 1);
        Some(Place { open: Arc::clone(open), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get_mut(&self.from) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(counts.remove(&self.from)),
        }
    }
}

fn router(onboarding: Arc<Onboarding>) -> Router {
    let guard = Arc::clone(&onboarding.settings.guard);
    let index = |of, Path(token): Path<String>, headers: HeaderMap| async move {
        answer(of, &token, "", &headers)
    };
    let file = |of, Path((token, file)): Path<(String, String)>, headers: HeaderMap| async move {
        answer(of, &token, &file, &headers)
    };
    Router::new()
        .route("/o/{token}/", get(index))
        .route("/o/{token}/{file}", get(file))
        .with_state(onboarding)
        .fallback(async || not_found())
        .layer(from_fn(without_body))
        .layer(from_fn_with_state(guard, check_host))
        .layer(from_fn(secure))
}

fn answer(
    Of(onboarding): Of<Arc<Onboarding>>,
    token: &str,
    file: &str,
    headers: &HeaderMap,
) -> Response {
    let said =
        |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or("");
    let lang = page::preferred(said(header::ACCEPT_LANGUAGE));
    let left = match onboarding.links.state(token) {
        State::Unknown => return not_found(),
        State::Over => return (StatusCode::GONE, html(page::over(lang).into())).into_response(),
        State::Open { left } => left,
    };
    let trusted = &onboarding.authority;
    let download = |name| format!("attachment; filename=\"{name}\"");
    let typed = |media_type: &'static str| [(header::CONTENT_TYPE, media_type)];
    let link = || {
        let host = authority(headers).unwrap_or_default();
        format!("http://{host}/o/{token}/")
    };
    match file {
        "" => onboarding.page(lang, left, headers),
        "fr" => onboarding.page(Lang::Fr, left, headers),
        "en" => onboarding.page(Lang::En, left, headers),
        "onboarding.css" => (typed("text/css; charset=utf-8"), STYLE).into_response(),
        "trust.js" => (typed("text/javascript; charset=utf-8"), SCRIPT).into_response(),
        "qr.svg" => (typed("image/svg+xml"), qr::svg(&link())).into_response(),
        "caisse-relay.crt" => {
            let name = [(header::CONTENT_DISPOSITION, download(file))];
            let certificate = trusted.certificate.to_vec();
            (typed("application/x-x509-ca-cert"), name, certificate).into_response()
        }
        "caisse-relay.pem" => {
            let name = [(header::CONTENT_DISPOSITION, download(file))];
            (typed("application/x-pem-file"), name, profile::pem(trusted)).into_response()
        }
        // Not as an attachment: Safari offers to install it.
        "caisse-relay.mobileconfig" => {
            let profile = profile::mobileconfig(trusted, lang);
            (typed("application/x-apple-aspen-config"), profile).into_response()
        }
        _ => not_found(),
    }
}

impl Onboarding {
    fn page(&self, lang: Lang, left: Duration, headers: &HeaderMap) -> Response {
        let port = self.settings.relay_port;
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let name = self.settings.name.borrow().clone();
        let host = host(headers);
        let relay = format!("https://{host}:{port}");
        let named = name.map(|name| format!("https://{name}:{port}"));
        // Once is enough for a device that came by the name.
        let named = named.filter(|named| *named != relay);
        let facts = Facts {
            relay: &relay,
            named: named.as_deref(),
            authority: &self.authority.name,
            fingerprint: &self.authority.fingerprint,
            left,
        };
        let page = page::page(lang, Device::of(agent.unwrap_or_default()), &facts);
        let mut response = html(page).into_response();
        let pictures = match named {
            Some(named) => format!("{} {}", tested(&relay), tested(&named)),
            None => tested(&relay),
        };
        let headers = response.headers_mut();
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, User-Agent"));
        if let Ok(policy) = HeaderValue::from_str(&policy(&pictures)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// The host that the device called, which is one of ours, without the port.
fn host(headers: &HeaderMap) -> &str {
    let authority = authority(headers).unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// The one picture that the page may load from elsewhere: the relay's. A policy
/// has no way to write an IPv6 address, so there it names the scheme.
fn tested(relay: &str) -> String {
    if relay.contains('[') { "https:".into() } else { format!("{relay}/client/trusted.svg") }
}

fn policy(pictures: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' {pictures}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn html(text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text)
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Page inconnue. / No such page.\n").into_response()
}

/// Nothing is taken here.
async fn without_body(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    (StatusCode::PAYLOAD_TOO_LARGE, "Rien n'est reçu ici. / Nothing is taken here.\n")
        .into_response()
}

async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy("")) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    let always: [(HeaderName, &'static str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // The address is the secret: it goes nowhere, and no cache keeps the page.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

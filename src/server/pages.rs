use super::guard::authority;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// What the relay serves; all of it is in the program, nothing is read from a disk.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("../../web-client/status/index.html")),
    ("/status/status.css", STYLE, include_str!("../../web-client/status/status.css")),
    ("/status/status.js", SCRIPT, include_str!("../../web-client/status/status.js")),
    ("/status/relay.js", SCRIPT, include_str!("../../web-client/status/relay.js")),
    ("/status/dom.js", SCRIPT, include_str!("../../web-client/status/dom.js")),
    ("/status/words.js", SCRIPT, include_str!("../../web-client/status/words.js")),
    ("/status/payments.js", SCRIPT, include_str!("../../web-client/status/payments.js")),
    ("/status/settle.js", SCRIPT, include_str!("../../web-client/status/settle.js")),
    ("/status/terminals.js", SCRIPT, include_str!("../../web-client/status/terminals.js")),
    ("/status/trial.js", SCRIPT, include_str!("../../web-client/status/trial.js")),
    ("/status/doors.js", SCRIPT, include_str!("../../web-client/status/doors.js")),
    ("/status/pairing.js", SCRIPT, include_str!("../../web-client/status/pairing.js")),
    ("/status/day.js", SCRIPT, include_str!("../../web-client/status/day.js")),
    ("/status/house.js", SCRIPT, include_str!("../../web-client/status/house.js")),
    ("/status/checks.js", SCRIPT, include_str!("../../web-client/status/checks.js")),
    ("/status/icon.svg", PICTURE, include_str!("../../web-client/status/icon.svg")),
    ("/client/caisse-relay.js", SCRIPT, include_str!("../../web-client/caisse-relay.js")),
    ("/client/connection.js", SCRIPT, include_str!("../../web-client/connection.js")),
    ("/client/sentences.js", SCRIPT, include_str!("../../web-client/sentences.js")),
    ("/client/languages.js", SCRIPT, include_str!("../../web-client/languages.js")),
    ("/client/french.js", SCRIPT, include_str!("../../web-client/french.js")),
    ("/client/english.js", SCRIPT, include_str!("../../web-client/english.js")),
    ("/client/typeset.js", SCRIPT, include_str!("../../web-client/typeset.js")),
    ("/client/store.js", SCRIPT, include_str!("../../web-client/store.js")),
    ("/client/checkout.js", SCRIPT, include_str!("../../web-client/checkout.js")),
    (
        "/client/component/component.js",
        SCRIPT,
        include_str!("../../web-client/component/component.js"),
    ),
    ("/client/component/dom.js", SCRIPT, include_str!("../../web-client/component/dom.js")),
    ("/client/component/draw.js", SCRIPT, include_str!("../../web-client/component/draw.js")),
    ("/client/component/style.js", SCRIPT, include_str!("../../web-client/component/style.js")),
    ("/client/component/words.js", SCRIPT, include_str!("../../web-client/component/words.js")),
    // A tablet's page shows it to see whether the tablet trusts the relay.
    ("/client/trusted.svg", PICTURE, include_str!("../../web-client/trusted.svg")),
    ("/demo/", HTML, include_str!("../../web-client/demo/index.html")),
    ("/demo/demo.js", SCRIPT, include_str!("../../web-client/demo/demo.js")),
    ("/demo/words.js", SCRIPT, include_str!("../../web-client/demo/words.js")),
    ("/demo/icon.svg", PICTURE, include_str!("../../web-client/demo/icon.svg")),
    // The demo fills it with what its simulated terminal does.
    ("/demo/amounts.json", "application/json", "[]"),
    ("/demo/demo.css", STYLE, include_str!("../../web-client/demo/demo.css")),
];

/// A file that only this run serves, in place of its own where it has one.
#[derive(Debug, Clone)]
pub struct Extra {
    /// Its path.
    pub path: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its text.
    pub text: String,
}

pub(super) fn router(extra: Vec<Extra>) -> Router {
    let mut router = Router::new().route("/demo", get(|| async { Redirect::permanent("/demo/") }));
    for &(path, media_type, text) in FILES {
        if extra.iter().all(|extra| extra.path != path) {
            router =
                router.route(path, get(move || async move { file(path, media_type, text.into()) }));
        }
    }
    for Extra { path, media_type, text } in extra {
        router = router.route(path, get(move || async move { file(path, media_type, text) }));
    }
    router.fallback(not_found).layer(from_fn(policy))
}

fn file(path: &str, media_type: &'static str, text: String) -> Response {
    let mut response = ([(header::CONTENT_TYPE, media_type)], text).into_response();
    if path.starts_with("/client/") {
        // Public code, which a page of another origin may import.
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    response
}

pub(super) async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "Page inconnue. / No such page.\n").into_response()
}

/// Nothing from elsewhere runs in these pages.
async fn policy(request: Request, next: Next) -> Response {
    // The host was checked: it is one of ours and safe to repeat. WebKit does
    // not take 'self' for the WebSocket of the same host.
    let host = authority(request.headers()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' wss://{host}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy);
    let mut response = next.run(request).await;
    if let Ok(policy) = policy {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What every answer says, refusals included: nothing frames it, nothing else
/// reads it, and it asks the browser for nothing. No HSTS: browsers would keep
/// it for every other program of this computer that goes by the same name.
pub(super) async fn secure(request: Request, next: Next) -> Response {
    const ALWAYS: [(&str, &str); 7] = [
        ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), \
             bluetooth=()",
        ),
    ];
    let mut response = next.run(request).await;
    for (name, value) in ALWAYS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

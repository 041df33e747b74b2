use crate::access::Origin;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

/// The names that the relay goes by.
#[derive(Debug)]
pub struct Guard(RwLock<BTreeSet<String>>);

/// The page that a WebSocket comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// None: a program that is no browser.
    Program,
    /// One of the relay's own.
    Own(Origin),
    /// Another one.
    Of(Origin),
    /// One without an origin that could be allowed: a file, a sandboxed frame.
    Nameless(String),
}

impl Guard {
    /// A guard that knows these names beside every IP address.
    pub fn new(hosts: impl IntoIterator<Item = String>) -> Guard {
        let guard = Guard(RwLock::default());
        guard.rename(hosts);
        guard
    }

    /// The computer has these names from now on.
    pub fn rename(&self, hosts: impl IntoIterator<Item = String>) {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase());
        let hosts = hosts.chain(["localhost".into()]).collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = hosts;
    }

    /// Whether a request names this relay. A name that somebody pointed here by
    /// DNS is refused; an address cannot be pointed anywhere.
    fn knows_host(&self, headers: &HeaderMap) -> bool {
        let Some(authority) = authority(headers) else { return false };
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        };
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        address.unwrap_or(host).parse::<IpAddr>().is_ok()
            || self.is_named(&host.to_ascii_lowercase())
    }

    /// A certificate that someone brought may be for `*.shop.example`: one label, as browsers
    /// read it.
    fn is_named(&self, host: &str) -> bool {
        let hosts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let family = host.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        hosts.contains(host) || family.is_some_and(|family| hosts.contains(&family))
    }
}

/// The page that a WebSocket comes from. Two origins are one too many.
pub(super) fn page(headers: &HeaderMap) -> Page {
    let mut sent = headers.get_all(header::ORIGIN).iter();
    let Some(first) = sent.next() else { return Page::Program };
    let text = String::from_utf8_lossy(first.as_bytes());
    let own = authority(headers).and_then(|host| Origin::new(&format!("https://{host}")));
    match Origin::new(&text) {
        Some(origin) if sent.next().is_none() => {
            if own.as_ref() == Some(&origin) {
                Page::Own(origin)
            } else {
                Page::Of(origin)
            }
        }
        _ => Page::Nameless(text.chars().filter(|char| !char.is_control()).take(60).collect()),
    }
}

/// The host that a request was sent to, from its one `Host` header.
pub(crate) fn authority(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

pub(crate) async fn check_host(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    // A request line that names another host goes before the header (RFC 9112, 3.2.2).
    let named = request.uri().authority().map(|authority| authority.as_str());
    let agrees = named.is_none() || named == authority(request.headers());
    if agrees && guard.knows_host(request.headers()) {
        return next.run(request).await;
    }
    let sentence = "Ce nom n'est pas celui du relais. / This name is not the relay's.\n";
    (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        headers
    }

    fn guard() -> Guard {
        Guard::new(["till-1.local".into()])
    }

    #[test]
    fn the_relay_goes_by_its_names_and_by_any_address() {
        for host in
            ["127.0.0.1:9443", "[::1]:9443", "localhost", "LOCALHOST:1", "till-1.local:9443"]
        {
            assert!(guard().knows_host(&headers(host, None)), "{host}");
        }
        for host in
            ["evil.example", "evil.example:9443", "127.0.0.1.evil.example", "", "localhost."]
        {
            assert!(!guard().knows_host(&headers(host, None)), "{host}");
        }
    }

    #[test]
    fn a_star_in_the_certificate_stands_for_one_label() {
        let guard = Guard::new(["*.shop.example".into()]);
        assert!(guard.knows_host(&headers("Till-1.shop.example:9443", None)));
        for host in ["shop.example", "a.till-1.shop.example", "evil.example", "shop.example.evil"] {
            assert!(!guard.knows_host(&headers(host, None)), "{host}");
        }
    }

    #[test]
    fn the_relays_own_page_is_told_from_every_other() {
        let page = |origin| page(&headers("127.0.0.1:9443", origin));
        assert_eq!(page(None), Page::Program);
        let own = "https://127.0.0.1:9443";
        assert_eq!(page(Some(own)), Page::Own(Origin::new(own).unwrap()));
        for origin in ["https://shop.example", "https://127.0.0.1:9444", "http://127.0.0.1:9443"] {
            assert_eq!(page(Some(origin)), Page::Of(Origin::new(origin).unwrap()));
        }
        for origin in ["null", "file://", "chrome-extension://abc", "https://a, https://b"] {
            assert_eq!(page(Some(origin)), Page::Nameless(origin.into()));
        }
    }
}

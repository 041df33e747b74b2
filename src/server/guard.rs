use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

/// A web origin: scheme, host, and port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// An origin as people write it: `https://shop.example`, a final `/` forgiven.
    /// `None` for anything with a path, a wildcard, or no scheme.
    pub fn new(text: &str) -> Option<Origin> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (scheme, host) = text.split_once("://")?;
        let own_port = match scheme {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        let host = host.strip_suffix(own_port).unwrap_or(host);
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        let good = !host.is_empty() && host.bytes().all(legal);
        good.then(|| Origin(format!("{scheme}://{host}")))
    }

    /// The origin as browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who may come in: names that the relay goes by, and origins of pages.
#[derive(Debug)]
pub struct Guard {
    /// Grows when the relay gets another name on the network.
    hosts: RwLock<BTreeSet<String>>,
    origins: BTreeSet<Origin>,
}

impl Guard {
    /// A guard that knows these names beside every IP address, and lets pages of
    /// these origins in beside the relay's own.
    pub fn new(
        hosts: impl IntoIterator<Item = String>,
        origins: impl IntoIterator<Item = Origin>,
    ) -> Guard {
        let hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase());
        Guard {
            hosts: RwLock::new(hosts.chain(["localhost".into()]).collect()),
            origins: origins.into_iter().collect(),
        }
    }

    /// The relay goes by this name too from now on.
    pub fn also_known_as(&self, host: &str) {
        let mut hosts = self.hosts.write().unwrap_or_else(PoisonError::into_inner);
        hosts.insert(host.to_ascii_lowercase());
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
            || self.names().contains(&host.to_ascii_lowercase())
    }

    fn names(&self) -> std::sync::RwLockReadGuard<'_, BTreeSet<String>> {
        self.hosts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The page that a WebSocket comes from: `Ok(None)` for a program that is no
    /// browser, the origin's text when it is not allowed.
    pub(super) fn page(&self, headers: &HeaderMap) -> Result<Option<Origin>, String> {
        let Some(sent) = headers.get(header::ORIGIN) else { return Ok(None) };
        let sent = String::from_utf8_lossy(sent.as_bytes()).into_owned();
        let own = authority(headers).and_then(|host| Origin::new(&format!("https://{host}")));
        match Origin::new(&sent) {
            Some(origin) if self.origins.contains(&origin) || own.as_ref() == Some(&origin) => {
                Ok(Some(origin))
            }
            _ => Err(sent.chars().filter(|char| !char.is_control()).take(100).collect()),
        }
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
    if guard.knows_host(request.headers()) {
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
        let shop = Origin::new("https://shop.example").unwrap();
        Guard::new(["till-1.local".into()], [shop])
    }

    #[test]
    fn an_origin_is_written_in_many_ways_and_compared_in_one() {
        for same in ["https://Shop.Example", "https://shop.example/", "https://shop.example:443"] {
            assert_eq!(Origin::new(same), Origin::new("https://shop.example"), "{same}");
        }
        assert_ne!(Origin::new("http://shop.example"), Origin::new("https://shop.example"));
        for no in ["null", "shop.example", "https://", "https://a/b", "https://*", "file://x", ""] {
            assert_eq!(Origin::new(no), None, "{no}");
        }
    }

    #[test]
    fn the_relay_goes_by_its_names_and_by_any_address() {
        for host in
            ["127.0.0.1:9443", "[::1]:9443", "localhost", "LOCALHOST:1", "till-1.local:9443"]
        {
            assert!(guard().knows_host(&headers(host, None)), "{host}");
        }
        let guard = guard();
        assert!(!guard.knows_host(&headers("caisse-relay.local:9443", None)));
        guard.also_known_as("Caisse-Relay.local");
        assert!(guard.knows_host(&headers("caisse-relay.local:9443", None)));
        for host in
            ["evil.example", "evil.example:9443", "127.0.0.1.evil.example", "", "localhost."]
        {
            assert!(!guard.knows_host(&headers(host, None)), "{host}");
        }
    }

    #[test]
    fn pages_come_from_allowed_origins_or_from_the_relay_itself() {
        let page = |origin| guard().page(&headers("127.0.0.1:9443", origin));
        assert_eq!(page(None), Ok(None));
        assert!(page(Some("https://shop.example")).is_ok());
        assert!(page(Some("https://127.0.0.1:9443")).is_ok());
        for origin in
            ["null", "https://evil.example", "https://127.0.0.1:9444", "http://shop.example"]
        {
            assert_eq!(page(Some(origin)), Err(origin.into()), "{origin}");
        }
    }
}

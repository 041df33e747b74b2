//! A small file from a disk or from an HTTPS server: no redirection, no proxy, no cookie.

use super::UpdateError;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// A manifest is a few hundred bytes.
const LONGEST: usize = 64 * 1024;
/// How long the server may take, in all.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where a manifest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, of a network drive for example.
    File(PathBuf),
    /// An address that begins with `https://`.
    Web(Uri),
}

impl Place {
    /// Reads it as typed; a relative path is below `beside`.
    pub fn new(text: &str, beside: &Path) -> Option<Place> {
        if !text.contains("://") {
            return (!text.is_empty()).then(|| Place::File(beside.join(text)));
        }
        let uri: Uri = text.parse().ok()?;
        let plain = uri.scheme_str() == Some("https") && !uri.authority()?.as_str().contains('@');
        // The signature's name ends where the path does.
        (plain && uri.query().is_none()).then_some(Place::Web(uri))
    }

    /// Where its signature is.
    pub(super) fn signature(&self) -> Place {
        match self {
            Place::File(path) => {
                let mut path = path.clone().into_os_string();
                path.push(".minisig");
                Place::File(path.into())
            }
            Place::Web(uri) => {
                let signature = format!("{uri}.minisig").parse();
                Place::Web(signature.unwrap_or_else(|_| uri.clone()))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => path.display().fmt(f),
            Place::Web(uri) => uri.fmt(f),
        }
    }
}

/// Reads it whole.
pub(super) async fn fetch(place: &Place, ca: Option<&Path>) -> Result<Vec<u8>, UpdateError> {
    let read = async {
        match place {
            Place::File(path) => from_disk(path).await,
            Place::Web(uri) => from_server(uri, ca).await,
        }
    };
    let read = timeout(PATIENCE, read).await.unwrap_or_else(|_| Err("no answer in time".into()));
    match read {
        Ok(bytes) if bytes.len() <= LONGEST => Ok(bytes),
        Err(error) if !error.is::<LengthLimitError>() => {
            Err(UpdateError::Unreachable(place.to_string(), error.to_string()))
        }
        _ => Err(UpdateError::TooLarge(place.to_string())),
    }
}

type Failed = Box<dyn Error + Send + Sync>;

async fn from_disk(path: &Path) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    // One more than allowed is read, and then seen.
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

async fn from_server(uri: &Uri, ca: Option<&Path>) -> Result<Vec<u8>, Failed> {
    let host = uri.host().ok_or("no host")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, uri.port_u16().unwrap_or(443))).await?;
    let name = ServerName::try_from(bare.to_owned())?;
    let stream = TlsConnector::from(Arc::new(client(ca)?)).connect(name, stream).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::get(path)
        .header(header::HOST, uri.authority().map_or(host, |authority| authority.as_str()))
        .header(header::USER_AGENT, "caisse-relay")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("HTTP {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), LONGEST).collect().await?;
    connection.abort();
    Ok(body.to_bytes().to_vec())
}

/// Trusts the authorities of the Web, as Mozilla lists them, or those of a file and no others.
fn client(ca: Option<&Path>) -> Result<ClientConfig, Failed> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(file)? {
                roots.add(certificate?)?;
            }
        }
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_an_https_address() {
        let beside = Path::new("/etc/shop");
        let of = |text: &str| {
            let signature = Place::new(text, beside)?.signature().to_string();
            Some(signature.replace('\\', "/")) // as Windows joins
        };
        assert_eq!(of("manifest.json").unwrap(), "/etc/shop/manifest.json.minisig");
        assert_eq!(of("https://a.example/m.json").unwrap(), "https://a.example/m.json.minisig");
        for text in
            ["http://a.example/m", "ftp://a", "https://u:p@a.example/m", "https://a/m?x=1", ""]
        {
            assert_eq!(of(text), None, "{text}");
        }
    }
}

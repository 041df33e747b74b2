//! The connection to the database.

use super::Trouble;
use super::table::{self, CREATE, EXISTS, TELL};
use crate::journal::Untold;
use crate::words::Mistake;
use futures_util::future::try_join_all;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A PostgreSQL, 12 or later. Over a network it is spoken to by TLS only.
#[derive(Clone)]
pub struct Server {
    config: Config,
    password_file: Option<PathBuf>,
    /// The authority that has signed its certificate; none where it is on this computer.
    ca: Option<PathBuf>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("hosts", &self.config.get_hosts()).finish_non_exhaustive()
    }
}

impl Server {
    /// A server as `host=db.example dbname=caisse user=relay` or `postgresql://relay@db.example/caisse`.
    ///
    /// # Errors
    /// With what to write instead: a password has a file of its own, and a network needs `ca`.
    pub fn new(
        typed: &str,
        password_file: Option<PathBuf>,
        ca: Option<PathBuf>,
    ) -> Result<Server, Mistake> {
        let mut config: Config = typed.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let text = cause.unwrap_or_else(|| error.to_string());
            Mistake::Said { text }.of("postgres")
        })?;
        if config.get_password().is_some() {
            return Err(Mistake::PasswordInside.of("postgres"));
        }
        if config.get_hosts().is_empty() {
            return Err(Mistake::HostMissing.of("postgres"));
        }
        if ca.is_none() && config.get_hosts().iter().any(is_far) {
            return Err(Mistake::AuthorityMissing.of("ca"));
        }
        config.ssl_mode(if ca.is_some() { SslMode::Require } else { SslMode::Disable });
        config.connect_timeout(Duration::from_secs(10)).application_name("caisse-relay");
        Ok(Server { config, password_file, ca })
    }

    pub(super) async fn connect(&self) -> Result<Connection, Trouble> {
        let mut config = self.config.clone();
        // Read each time: it may have been changed, as may the authority.
        if let Some(file) = &self.password_file {
            config.password(read(file)?.trim_end());
        }
        let (client, ending) = match &self.ca {
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, tokio::spawn(async move { drop(connection.await) }))
            }
            Some(ca) => {
                let tls = MakeRustlsConnect::new(trusting(ca)?);
                let (client, connection) = config.connect(tls).await?;
                (client, tokio::spawn(async move { drop(connection.await) }))
            }
        };
        let connection = Connection { client, ending };
        let there: bool = connection.client.query_one(EXISTS, &[]).await?.get(0);
        if !there {
            connection.client.batch_execute(CREATE).await?;
        }
        Ok(connection)
    }
}

/// Whether its bytes cross a network.
fn is_far(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            let loopback = name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
            !loopback && name != "localhost"
        }
        #[cfg(unix)]
        Host::Unix(_) => false,
    }
}

fn read(file: &Path) -> Result<String, Trouble> {
    fs::read_to_string(file).map_err(|error| Trouble::Files(format!("{}: {error}", file.display())))
}

/// TLS with a server whose certificate this authority has signed, for the name that is dialled.
fn trusting(ca: &Path) -> Result<ClientConfig, Trouble> {
    let unusable = |cause: String| Trouble::Files(format!("{}: {cause}", ca.display()));
    let mut roots = RootCertStore::empty();
    let text = read(ca)?;
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("no certificate is in it".into()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Trouble::Files(error.to_string()))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

pub(super) struct Connection {
    client: Client,
    ending: JoinHandle<()>,
}

impl Connection {
    /// In one transaction, without waiting for one row before the next is sent.
    pub(super) async fn tell(&mut self, shop: &str, waiting: &[Untold]) -> Result<(), Trouble> {
        let transaction = self.client.transaction().await?;
        let tell = transaction.prepare(TELL).await?;
        let rows: Vec<_> = waiting.iter().map(|untold| table::Row::of(shop, untold)).collect();
        let rows: Vec<_> = rows.iter().map(table::Row::values).collect();
        try_join_all(rows.iter().map(|values| transaction.execute(&tell, values))).await?;
        Ok(transaction.commit().await?)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.ending.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    #[test]
    fn a_network_needs_tls_and_a_password_a_file() {
        let new = |typed: &str, ca: Option<&str>| {
            let mistake = Server::new(typed, None, ca.map(PathBuf::from)).map(drop).unwrap_err();
            Lang::En.say_mistake(&mistake)
        };
        assert!(new("host=db.example user=a", None).starts_with("ca: "));
        assert!(new("postgresql://a:b@localhost/c", None).contains("password_file"));
        assert!(new("user=a", None).contains("host"));
        assert!(new("host=db.example colour=red", Some("ca.pem")).contains("colour"));
        for near in ["host=127.0.0.1 user=a", "postgresql://a@localhost/b", "host=::1 user=a"] {
            let server = Server::new(near, None, None).unwrap();
            assert_eq!(server.config.get_ssl_mode(), SslMode::Disable);
        }
        let far = Server::new("host=db.example user=a", None, Some("ca.pem".into())).unwrap();
        assert_eq!(far.config.get_ssl_mode(), SslMode::Require);
        assert!(!format!("{far:?}").contains("user"));
    }
}

//! Programs that carry bytes between a WebSocket and a TCP port too, doing the
//! same exchange through TLS. None of them records anything.

use crate::report::Report;
use crate::terminal::{ANSWER, REQUEST};
use crate::till::Till;
use anyhow::{Context, Result, bail};
use rcgen::{CertificateParams, KeyPair};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// A peer that runs; killed when this is dropped.
pub struct Peer {
    pub name: &'static str,
    /// One WebSocket carries one exchange after the other.
    pub stays: bool,
    child: Child,
    address: SocketAddr,
    certificate: PathBuf,
    warm: Option<Socket>,
}

type Socket = WebSocket<crate::till::Stream>;

/// Those that are installed; the others are named.
pub fn start(folder: &Path, terminal: SocketAddr, report: &Report) -> Result<Vec<Peer>> {
    let peers = folder.join("peers");
    std::fs::create_dir_all(&peers)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".into()])?.self_signed(&key)?;
    let (cert_file, key_file) = (peers.join("cert.pem"), peers.join("key.pem"));
    std::fs::write(&cert_file, certificate.pem())?;
    std::fs::write(&key_file, key.serialize_pem())?;
    let mut running = Vec::new();
    for begin in [node, websocat, websockify] {
        match begin(&peers, terminal) {
            Ok((name, stays, child, address)) => {
                let certificate = cert_file.clone();
                running.push(Peer { name, stays, child, address, certificate, warm: None });
            }
            Err(why) => report.say(&format!("  (left out: {why:#})")),
        }
    }
    for peer in &running {
        peer.wait()?;
    }
    Ok(running)
}

type Begun = (&'static str, bool, Child, SocketAddr);

fn node(folder: &Path, terminal: SocketAddr) -> Result<Begun> {
    // npm's folder of a package that has `ws`.
    let modules = std::env::var("CAISSE_RELAY_BENCH_NODE")
        .context("node `ws`: CAISSE_RELAY_BENCH_NODE names no folder where `npm install ws` ran")?;
    let mut child = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/relay/bridge.mjs"))
        .args([Path::new(&modules), &folder.join("cert.pem"), &folder.join("key.pem")])
        .arg(terminal.port().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .context("node is not installed")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let port = line.trim().parse().context("node `ws` did not start")?;
    Ok(("node `ws`", true, child, ([127, 0, 0, 1], port).into()))
}

fn websocat(folder: &Path, terminal: SocketAddr) -> Result<Begun> {
    let identity = folder.join("identity.p12");
    let packed = Command::new("openssl")
        .args(["pkcs12", "-export", "-passout", "pass:", "-inkey"])
        .args([&folder.join("key.pem"), Path::new("-in"), &folder.join("cert.pem")])
        .args([Path::new("-out"), &identity])
        .status();
    if !packed.is_ok_and(|status| status.success()) {
        bail!("websocat: openssl is needed to give it a certificate");
    }
    let address = free_address()?;
    let child = Command::new("websocat")
        .args(["--binary", "-q", "--pkcs12-der"])
        .arg(&identity)
        .args(["--pkcs12-passwd", "", &format!("wss-listen:{address}"), &format!("tcp:{terminal}")])
        .stdin(Stdio::null())
        .spawn()
        .context("websocat is not installed (cargo install websocat)")?;
    Ok(("websocat", false, child, address))
}

fn websockify(folder: &Path, terminal: SocketAddr) -> Result<Begun> {
    let address = free_address()?;
    let child = Command::new("websockify")
        .args(["--ssl-only", "--cert"])
        .args([&folder.join("cert.pem"), Path::new("--key"), &folder.join("key.pem")])
        .args([address.to_string(), terminal.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("websockify is not installed (pip install websockify)")?;
    Ok(("websockify", false, child, address))
}

/// These two cannot be given port 0 and asked which it became.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

impl Peer {
    fn wait(&self) -> Result<()> {
        for _ in 0..200 {
            if TcpStream::connect(self.address).is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(25));
        }
        bail!("{} does not listen", self.name)
    }

    fn open(&self) -> Result<Socket> {
        let stream = Till::handshake_with(&self.certificate, self.address)?;
        let url = format!("wss://{}/", self.address);
        let (socket, _) = client(url, stream)
            .map_err(|error| anyhow::anyhow!("{} lets nobody in: {error}", self.name))?;
        Ok(socket)
    }

    /// The exchange on a connection of its own.
    pub fn cold(&mut self) -> Result<()> {
        let mut socket = self.open()?;
        exchange(&mut socket)
    }

    /// The exchange on a connection that is there.
    pub fn warm(&mut self) -> Result<()> {
        let mut socket = match self.warm.take() {
            Some(socket) => socket,
            None => self.open()?,
        };
        exchange(&mut socket)?;
        self.warm = Some(socket);
        Ok(())
    }
}

fn exchange(socket: &mut Socket) -> Result<()> {
    socket.send(Message::binary(REQUEST))?;
    let mut answer = Vec::new();
    while answer.len() < ANSWER.len() {
        match socket.read()? {
            Message::Binary(part) => answer.extend_from_slice(&part),
            Message::Text(part) => answer.extend_from_slice(part.as_bytes()),
            Message::Close(_) => bail!("the peer closed"),
            _ => {}
        }
    }
    anyhow::ensure!(answer == ANSWER, "the peer answered something else");
    Ok(())
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

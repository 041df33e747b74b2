use super::Common;
use super::exit::{Exit, print, say};
use super::run::{tell, until_told_to_stop};
use crate::simulator::{EXAMPLE, Ledger, Script, Simulator, serve, serve_screen};
use crate::words::{Lang, Program};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// A terminal that anyone can use: `CZ` to `CI`, magic amounts, scripts.
#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// Where tills connect to the terminal; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8888")]
    listen: SocketAddr,
    /// Append every charge to this file, a JSON object a line
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// What the terminal does, as TOML; see --example
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Show the terminal as a page at this loopback address, where a person decides
    #[arg(long, value_name = "ADDR")]
    screen: Option<SocketAddr>,
    /// Print an example script and end
    #[arg(long)]
    example: bool,
}

impl Simulate {
    pub(super) async fn run(self, common: &Common) -> Result<Exit> {
        if self.example {
            say(EXAMPLE.trim_end());
            return Ok(Exit::Done);
        }
        let simulator = Simulator::new(self.read_script()?, self.open_ledger()?);
        let address = self.listen;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let screen = match self.screen {
            Some(address) if !address.ip().is_loopback() => {
                bail!("--screen: {address} is not a loopback address")
            }
            Some(address) => Some(
                TcpListener::bind(address)
                    .await
                    .with_context(|| format!("cannot listen on {address}"))?,
            ),
            None => None,
        };
        let page = screen.as_ref().map(|screen| screen.local_addr()).transpose()?;
        announce(listener.local_addr()?, page, common.lang(), common.json);
        let screen = async {
            match screen {
                Some(screen) => serve_screen(screen, simulator.clone(), until_told_to_stop()).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(serve(listener, simulator.clone(), until_told_to_stop()), screen)?;
        Ok(Exit::Done)
    }

    fn read_script(&self) -> Result<Script> {
        let Some(path) = &self.script else { return Ok(Script::default()) };
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Script::parse(&text).with_context(|| path.display().to_string())
    }

    fn open_ledger(&self) -> Result<Ledger> {
        let Some(path) = &self.ledger else { return Ok(Ledger::in_memory()) };
        Ledger::append_to(path).with_context(|| format!("cannot open {}", path.display()))
    }
}

fn announce(address: SocketAddr, screen: Option<SocketAddr>, lang: Lang, json: bool) {
    let page = screen.map(|screen| format!("http://{screen}/"));
    if json {
        print(&json!({ "type": "listening", "address": address.to_string(), "screen": page }));
        return;
    }
    tell(Program::SimulatorListens { address: address.to_string() }, lang);
    if let Some(url) = page {
        tell(Program::Screen { url }, lang);
    }
}

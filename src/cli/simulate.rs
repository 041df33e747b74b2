use super::Common;
use super::exit::{Exit, print, say};
use super::run::{tell, until_told_to_stop};
use crate::simulator::{EXAMPLE, Ledger, Script, ScriptError, Simulator, serve, serve_screen};
use crate::words::{Lang, Misuse, Program, Sentence};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde_json::json;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
        let lang = common.lang();
        let simulator = Simulator::new(self.read_script(lang)?, self.open_ledger(lang)?);
        let listener = listen(self.listen, lang).await?;
        let screen = match self.screen {
            Some(address) if !address.ip().is_loopback() => {
                let misuse =
                    Misuse::NotLoopback { argument: "--screen", value: address.to_string() };
                bail!(lang.say(&Sentence::Misuse(misuse)))
            }
            Some(address) => Some(listen(address, lang).await?),
            None => None,
        };
        let page = screen.as_ref().map(|screen| screen.local_addr()).transpose()?;
        announce(listener.local_addr()?, page, lang, common.json);
        let screen = async {
            match screen {
                Some(screen) => serve_screen(screen, simulator.clone(), until_told_to_stop()).await,
                None => Ok(()),
            }
        };
        tokio::try_join!(serve(listener, simulator.clone(), until_told_to_stop()), screen)?;
        Ok(Exit::Done)
    }

    fn read_script(&self, lang: Lang) -> Result<Script> {
        let Some(path) = &self.script else { return Ok(Script::default()) };
        let text = fs::read_to_string(path)
            .with_context(|| cannot(|path| Program::CannotRead { path }, path, lang))?;
        Script::parse(&text)
            .map_err(|ScriptError(mistake)| anyhow!(lang.say_mistake(&mistake)))
            .with_context(|| path.display().to_string())
    }

    fn open_ledger(&self, lang: Lang) -> Result<Ledger> {
        let Some(path) = &self.ledger else { return Ok(Ledger::in_memory()) };
        Ledger::append_to(path)
            .with_context(|| cannot(|path| Program::CannotOpen { path }, path, lang))
    }
}

async fn listen(address: SocketAddr, lang: Lang) -> Result<TcpListener> {
    let why = || Program::CannotListen { address: address.to_string() };
    TcpListener::bind(address).await.with_context(|| lang.say(&Sentence::Program(why())))
}

fn cannot(what: fn(String) -> Program, path: &Path, lang: Lang) -> String {
    lang.say(&Sentence::Program(what(path.display().to_string())))
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

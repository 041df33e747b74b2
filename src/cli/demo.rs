use super::Common;
use super::exit::{Exit, print, say};
use super::pay::{Progress, carry_out};
use super::run::{announce, stop, until_told_to_stop};
use super::till::{Till, Trust};
use crate::config::{Config, TerminalConfig};
use crate::exchange::{Deadlines, Line};
use crate::payment::Profile;
use crate::relay::{Relay, StartError, page_link};
use crate::server::Extra;
use crate::simulator::{Ledger, Script, Simulator, Step, magic_amounts_json, serve};
use crate::till::{Charge, OperationAsked, TillToRelay};
use crate::words::Lang;
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How long the simulated customer looks for the card.
const CUSTOMER_MS: u64 = 1500;

/// A relay and a simulated terminal in one process.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Stop after the payment; exit 0 when it was approved
    #[arg(long)]
    once: bool,
    /// Where tills connect, instead of 127.0.0.1:9443 or, where that is taken, any port
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Demo {
    pub(super) async fn show(self, common: &Common) -> Result<Exit> {
        let terminal = Terminal::start(&data_dir(common)).await?;
        let mut progress = Narration { json: common.json, step: 0 };
        progress
            .tell(&format!("a simulated terminal listens on {}", terminal.line.host_and_port()));

        let relay = start_relay(common, self.listen, &terminal).await?;
        progress.tell(&format!("the relay listens on {}", relay.url()));
        if common.json {
            announce(&relay, true);
        }
        progress
            .tell("a till connects over secure WebSocket, trusting the relay's certificate only");
        let trust = Trust::Authority(relay.ca_file.clone());
        let mut till = Till::connect(relay.address, &trust, Lang::En, None).await?;
        progress.tell("it asks for 12.50 EUR; the customer presents a card");
        let payment = carry_out(&mut till, charge(), &mut Progress::new(common.json)).await?;
        if !common.json {
            show_receipt(&payment);
        }
        let id = payment["id"].as_str().unwrap_or_default().to_owned();
        till.say(&TillToRelay::Acknowledge { id, outcome: None }).await?;
        till.hear("payment").await?;
        progress.tell("the till has recorded the outcome and acknowledges it");
        till.close().await;
        let charges = terminal.simulator.ledger().charges();
        progress.tell(&format!("the terminal's own ledger has {} charge", charges.len()));

        if !self.once {
            stay_up(&relay, &data_dir(common), common.json).await;
        }
        stop(relay, Duration::from_secs(5)).await;
        terminal.serving.abort();
        Ok(Exit::of(payment["outcome"].as_str().unwrap_or_default()))
    }
}

async fn stay_up(relay: &Relay, folder: &Path, json: bool) {
    if !json {
        say("");
        say(&format!("Open the demo till:   {}demo/", relay.page()));
        let link = page_link(relay.address, &relay.desk.access.ticket());
        say(&format!("Open the relay's page: {link}"));
        say("                       once and within a minute; later:");
        let (address, folder) = (relay.address, folder.display());
        say(&format!(
            "                       caisse-relay page --relay {address} --data-dir \"{folder}\""
        ));
        say("The browser warns about the certificate until it trusts this file:");
        say(&format!("                      {}", relay.ca_file.display()));
        say("Ctrl-C stops the demo.");
    }
    until_told_to_stop().await;
}

/// The demo keeps its certificate, so that a browser that trusts it goes on to.
fn data_dir(common: &Common) -> PathBuf {
    common.data_dir.clone().unwrap_or_else(|| crate::config::platform_data_dir().join("demo"))
}

async fn start_relay(
    common: &Common,
    listen: Option<SocketAddr>,
    terminal: &Terminal,
) -> Result<Relay> {
    let mut config = Config::without_file();
    config.data_dir = data_dir(common);
    if let Some(listen) = listen {
        config.listen_on(listen)?;
    }
    config.terminals = vec![TerminalConfig {
        name: "demo".into(),
        label: "Comptoir".into(),
        line: terminal.line.clone(),
        profile: Profile { receipt: true, ..Profile::default() },
        late: Duration::from_secs(900),
        duplicate: false,
        rediscover: false,
    }];
    let amounts = Extra {
        path: "/demo/amounts.json",
        media_type: "application/json",
        text: magic_amounts_json(),
    };
    match Relay::start(config.clone(), vec![amounts.clone()]).await {
        // Something else uses the usual port, perhaps the real relay.
        Err(StartError::Listen { .. }) if listen.is_none() => {
            config.listen_on(([127, 0, 0, 1], 0).into())?;
            Ok(Relay::start(config, vec![amounts]).await?)
        }
        started => Ok(started?),
    }
}

/// The simulated terminal of the demo.
struct Terminal {
    line: Line,
    simulator: Simulator,
    serving: JoinHandle<()>,
}

impl Terminal {
    async fn start(folder: &Path) -> Result<Terminal> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let path = folder.join("ledger.jsonl");
        // The ledger tells what this demo charged.
        let _ = std::fs::remove_file(&path);
        let ledger = Ledger::append_to(&path).with_context(|| path.display().to_string())?;
        let step = Step { delay_ms: CUSTOMER_MS, ..Step::default() };
        let simulator = Simulator::new(Script::story([step]), ledger);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let serving = simulator.clone();
        let serving = tokio::spawn(async move {
            let _ = serve(listener, serving, std::future::pending()).await;
        });
        let line = Line {
            host: address.ip().to_string(),
            port: address.port(),
            crlf: false,
            deadlines: Deadlines::default(),
        };
        Ok(Terminal { line, simulator, serving })
    }
}

fn charge() -> Charge {
    Charge {
        id: uuid::Uuid::new_v4().to_string(),
        terminal: None,
        operation: OperationAsked::Debit,
        amount: 1250,
        currency: "EUR".into(),
        means: None,
        reference: Some("demo".into()),
        receipt: None,
        partial: None,
        register: None,
        despite: None,
        timeout: None,
    }
}

fn show_receipt(payment: &Value) {
    let receipt = &payment["receipt"];
    for (name, value) in [
        ("outcome", &payment["outcome"]),
        ("card", &receipt["card"]),
        ("authorization", &receipt["authorization"]),
        ("application", &receipt["application"]["label"]),
    ] {
        say(&format!("     {name:<14} {}", value.as_str().unwrap_or("-")));
    }
}

/// The story of the demo, step by step.
struct Narration {
    json: bool,
    step: u32,
}

impl Narration {
    fn tell(&mut self, what: &str) {
        self.step += 1;
        if self.json {
            print(&json!({ "type": "step", "step": self.step, "what": what }));
        } else {
            say(&format!("{:>2}.  {what}", self.step));
        }
    }
}

use super::Common;
use super::exit::{Exit, print, say};
use super::pay::{Progress, carry_out};
use super::run::{announce, stop, tell, until_told_to_stop};
use super::till::{Till, Trust};
use crate::config::{Config, TerminalConfig};
use crate::exchange::{Deadlines, Line};
use crate::payment::{Amount, Currency, Profile};
use crate::relay::{Relay, StartError, page_link};
use crate::server::Extra;
use crate::simulator::{Ledger, Script, Simulator, Step, magic_amounts_json, serve};
use crate::till::{Charge, OperationAsked, TillToRelay};
use crate::words::{self, Lang, Program, Sentence};
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
/// What the demo asks for.
const AMOUNT: u64 = 12_50;
const CURRENCY: &str = "EUR";

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
        let lang = common.lang();
        let mut progress = Narration { json: common.json, lang, step: 0 };
        progress.tell(Program::DemoTerminal { address: terminal.line.host_and_port() });

        let relay = start_relay(common, self.listen, &terminal).await?;
        progress.tell(Program::DemoRelay { url: relay.url() });
        if common.json {
            announce(&relay, lang, true);
        }
        progress.tell(Program::DemoTill);
        let trust = Trust::Authority(relay.ca_file.clone());
        let mut till = Till::connect(relay.address, &trust, lang, None).await?;
        let amount = Amount::new(AMOUNT).context(AMOUNT)?;
        let currency = Currency::from_letters(CURRENCY).context(CURRENCY)?;
        progress.tell(Program::DemoAsks { amount: words::amount(amount, currency, lang) });
        let payment = carry_out(&mut till, charge(), &mut Progress::new(common.json)).await?;
        if !common.json {
            show_receipt(&payment);
        }
        let id = payment["id"].as_str().unwrap_or_default().to_owned();
        till.say(&TillToRelay::Acknowledge { id, outcome: None }).await?;
        till.hear("payment").await?;
        progress.tell(Program::DemoAcknowledged);
        till.close().await;
        let charges = terminal.simulator.ledger().charges();
        progress.tell(Program::DemoLedger { charges: charges.len() });

        if !self.once {
            stay_up(&relay, &data_dir(common), lang, common.json).await;
        }
        stop(relay, Duration::from_secs(5), lang).await;
        terminal.serving.abort();
        Ok(Exit::of(payment["outcome"].as_str().unwrap_or_default()))
    }
}

async fn stay_up(relay: &Relay, folder: &Path, lang: Lang, json: bool) {
    if !json {
        say("");
        tell(Program::DemoTillPage { url: format!("{}demo/", relay.page()) }, lang);
        let link = page_link(relay.address, &relay.desk.access.ticket());
        tell(Program::DemoRelayPage { link }, lang);
        let (address, folder) = (relay.address, folder.display());
        let command = format!("caisse-relay page --relay {address} --data-dir \"{folder}\"");
        tell(Program::DemoRelayPageAgain { command }, lang);
        tell(Program::DemoWarning { path: relay.ca_file.display().to_string() }, lang);
        tell(Program::DemoStops, lang);
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
        amount: AMOUNT,
        currency: CURRENCY.into(),
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
    lang: Lang,
    step: u32,
}

impl Narration {
    fn tell(&mut self, what: Program) {
        self.step += 1;
        let what = self.lang.say(&Sentence::Program(what));
        if self.json {
            print(&json!({ "type": "step", "step": self.step, "what": what }));
        } else {
            say(&format!("{:>2}.  {what}", self.step));
        }
    }
}

//! The icon in the panel, as a panel sees it: over D-Bus, on a bus of the test's
//! own, with the real program.

use crate::desktop::{Desktop, Item, Panel, until};
use crate::program::{PROGRAM, Running, configure, program, stdout};
use crate::shop::{Door, TILL_DOOR, Terminal, Till, approve_after, connect, debit, new_id};
use caisse_relay::simulator::{Outcome, Step};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A till PC: a relay with its icon, on a desktop.
struct Counter {
    relay: Running,
    config: PathBuf,
    desktop: Desktop,
    _panel: Option<Panel>,
    folder: TempDir,
}

impl Counter {
    async fn open(terminal: SocketAddr) -> Counter {
        let desktop = Desktop::start();
        let panel = desktop.panel_appears().await;
        Counter::on(desktop, Some(panel), terminal)
    }

    fn on(desktop: Desktop, panel: Option<Panel>, terminal: SocketAddr) -> Counter {
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), &[("bar", terminal)], "");
        let relay = Running::from(&mut tray(&config, folder.path(), &desktop.address));
        Counter { relay, config, desktop, _panel: panel, folder }
    }

    async fn icon(&self) -> Item {
        self.desktop.item(self.relay.child.id()).await
    }

    async fn page_knocks(&self, origin: &str) {
        let door = Door { origin: Some(origin), ..TILL_DOOR };
        let _ = connect(&self.relay.url, &self.relay.ca_file, door).await;
    }

    async fn asked_as_a_person(&self, words: &[&str]) -> String {
        let relay = self.relay.address();
        let config = self.config.to_str().unwrap();
        let common = ["--relay", relay, "--config", config, "--json"];
        stdout(&program(&[&words[..1], &common, &words[1..]].concat()).await)
    }
}

/// The command that the session starts, at a person's home of the test's own.
fn tray(config: &Path, home: &Path, bus: &str) -> Command {
    // What would open a browser or a file manager writes down what it was asked.
    let tools = home.join("tools");
    fs::create_dir_all(&tools).unwrap();
    let opener = tools.join("xdg-open");
    fs::write(&opener, "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$HOME/opened\"\n").unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(PROGRAM);
    command
        .args(["tray", "--json", "--config"])
        .arg(config)
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("settings"))
        .env("PATH", path);
    command
}

#[tokio::test]
async fn a_panel_shows_how_the_relay_is() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    icon.tip_becomes("Prêt à encaisser.").await;
    assert_eq!(icon.text("Title").await, "Caisse Relay");
    assert_eq!(icon.text("Id").await, "caisse-relay");
    assert_eq!(icon.text("Status").await, "Active");
    assert_eq!(icon.sides("IconPixmap").await, [16, 22, 24, 32, 48, 64]);

    let labels = icon.labels().await;
    assert_eq!(labels[..2], ["Le bar : libre", "Aucun paiement ces dernières 24 heures"]);
    for label in
        ["Appairer une caisse du réseau…", "Ouvrir la page du relais…", "Arrêter le relais"]
    {
        assert!(labels.contains(&label.to_owned()), "{label}: {labels:#?}");
    }

    let mut till = shop.relay.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    assert_eq!(paid["outcome"], "approved");
    icon.line("Dernier paiement : 12,50 EUR, accepté").await;
    icon.line("Le bar : libre").await;
}

#[tokio::test]
async fn who_stops_the_relay_during_a_payment_is_asked_first() {
    let terminal = Terminal::start().await;
    terminal.will(approve_after(6_000));
    let mut shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    icon.tip_becomes("Prêt à encaisser.").await;
    let ready = icon.picture().await;
    let stop = icon.entry("Arrêter le relais").await;

    let mut till = shop.relay.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    icon.tip_becomes("Paiement en cours : Caisse 1.").await;
    icon.line("Le bar : occupé par Caisse 1").await;
    assert_ne!(icon.picture().await, ready, "paying has a picture of its own");

    // Its menu was open while the payment began.
    icon.click_stale(stop).await;
    icon.line("Un paiement est en cours : arrêter quand même ?").await;
    assert!(shop.relay.child.try_wait().unwrap().is_none(), "the relay runs on");

    icon.click("Arrêter quand même").await;
    assert!(ended(&mut shop.relay.child).await, "the relay stops");
    let config = shop.config.to_str().unwrap();
    let journal = program(&["journal", "show", &id, "--json", "--config", config]).await;
    let journal: Value = serde_json::from_str(&stdout(&journal)).unwrap();
    assert_eq!(journal["outcome"], "approved", "the relay waited for the customer");
}

#[tokio::test]
async fn a_page_that_waits_is_let_in_or_kept_out_from_the_menu() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    icon.tip_becomes("Prêt à encaisser.").await;
    for (origin, click, state) in [
        ("https://pos.example", "Autoriser", "allowed"),
        ("https://other.example", "Refuser", "refused"),
    ] {
        shop.page_knocks(origin).await;
        icon.tip_becomes("Une page attend une autorisation.").await;
        assert_eq!(icon.text("Status").await, "NeedsAttention");
        icon.line(&format!("{origin} demande à se connecter")).await;
        icon.click(click).await;
        icon.tip_becomes("Prêt à encaisser.").await;
        let list = shop.asked_as_a_person(&["origins", "list"]).await;
        let entries = list.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut decided = entries.filter(|entry| entry["origin"] == origin);
        assert_eq!(decided.next().unwrap()["state"], state, "{list}");
    }
}

#[tokio::test]
async fn a_till_is_paired_with_a_code_from_the_menu() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    icon.click("Appairer une caisse du réseau…").await;
    let line = icon.line("Code d'appairage : ").await;
    let code = line.trim_start_matches("Code d'appairage : ").to_owned();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
    shop.desktop.told(&code).await;

    let mut till = Till::silent(&shop.relay.url, &shop.relay.ca_file).await;
    till.say(json!({ "type": "pair", "code": code, "till": "Terrasse" })).await;
    assert_eq!(till.hear("paired").await["till"], "Terrasse");
    icon.line("Appairer une caisse du réseau…").await;
}

#[tokio::test]
async fn an_unknown_payment_asks_for_a_person_and_leads_to_the_page() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    terminal.will(Step::new(Outcome::Close));
    let mut till = shop.relay.till("Caisse 1").await;
    let payment = till.debit(12_50).await;
    assert_eq!(payment["outcome"], "unknown");
    icon.tip_becomes("Un paiement est inconnu : regardez le ticket du terminal.").await;
    assert_eq!(icon.text("Status").await, "NeedsAttention");
    icon.click("1 paiement inconnu à régler…").await;
    let opened = shop.opened("#ticket=").await;
    let page = shop.relay.url.replace("wss://", "https://").replace("till", "");
    let ticket = opened.strip_prefix(&format!("{page}#ticket=")).unwrap();
    let key = fs::read_to_string(shop.folder.path().join("data/relay.key")).unwrap();
    assert!(ticket.len() == 43 && ticket != key.trim(), "{opened}");

    let id = payment["id"].as_str().unwrap();
    till.say(json!({ "type": "resolve", "id": id, "charged": "yes", "by": "Anne" })).await;
    icon.tip_becomes("Prêt à encaisser.").await;
    icon.line("Dernier paiement : 12,50 EUR, réglé par une personne").await;
}

#[tokio::test]
async fn the_icon_starts_with_the_session_when_a_person_says_so() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    let file = shop.folder.path().join("settings/autostart/caisse-relay.desktop");
    icon.click("Démarrer à l'ouverture de session").await;
    icon.is_on("Démarrer à l'ouverture de session", true).await;
    let text = fs::read_to_string(&file).unwrap();
    let config = shop.config.display();
    assert!(text.contains(&format!("\nExec={PROGRAM} tray --config {config}\n")), "{text}");
    icon.click("Démarrer à l'ouverture de session").await;
    icon.is_on("Démarrer à l'ouverture de session", false).await;
    assert!(!file.exists());
}

#[tokio::test]
async fn without_a_panel_the_relay_runs_on_and_the_icon_comes_with_one() {
    let terminal = Terminal::start().await;
    let shop = Counter::on(Desktop::start(), None, terminal.address);
    let paid = shop.relay.till("Caisse 1").await.debit(12_50).await;
    assert_eq!(paid["outcome"], "approved");

    let panel = shop.desktop.panel_appears().await;
    panel.has_icons(1).await;
    shop.icon().await.line("Dernier paiement : 12,50 EUR, accepté").await;
    panel.leaves().await;
    let panel = shop.desktop.panel_appears().await;
    panel.has_icons(1).await;

    // No bus at all.
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("bar", terminal.address)], "");
    let nowhere = format!("unix:path={}", folder.path().join("no-bus").display());
    let relay = Running::from(&mut tray(&config, folder.path(), &nowhere));
    assert_eq!(relay.till("Caisse 1").await.debit(1_00).await["outcome"], "approved");
}

#[tokio::test]
async fn the_icon_of_a_relay_that_runs_already_shows_that_one() {
    let terminal = Terminal::start().await;
    let desktop = Desktop::start();
    let _panel = desktop.panel_appears().await;
    let folder = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = configure(folder.path(), &[("bar", terminal.address)], "");
    let text = fs::read_to_string(&config).unwrap().replace("127.0.0.1:0", &free.to_string());
    fs::write(&config, text).unwrap();
    let relay = Running::start(&config);

    let mut icon_only = tray(&config, folder.path(), &desktop.address);
    let mut icon_only = icon_only.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let icon = desktop.item(icon_only.id()).await;
    icon.tip_becomes("Prêt à encaisser.").await;
    relay.till("Caisse 1").await.debit(12_50).await;
    icon.line("Dernier paiement : 12,50 EUR, accepté").await;

    relay.kill();
    let stopped = "Arrêté : aucun paiement par carte n'est possible depuis la caisse.";
    icon.tip_becomes(stopped).await;
    let relay = Running::start(&config);
    icon.tip_becomes("Prêt à encaisser.").await;

    icon.click("Fermer l'icône (le relais continue)").await;
    assert!(ended(&mut icon_only).await);
    assert_eq!(relay.till("Caisse 1").await.debit(1_00).await["outcome"], "approved");
}

#[tokio::test]
async fn a_diagnosis_holds_no_card_and_no_secret() {
    let terminal = Terminal::start().await;
    let shop = Counter::open(terminal.address).await;
    let icon = shop.icon().await;
    terminal.will(Step::default());
    let mut till = shop.relay.till("Caisse 1").await;
    let mut order = debit(&new_id(), 67_00);
    order["reference"] = "DUPONT Marie".into();
    let payment = till.pay(order).await;
    let receipt = &payment["receipt"];
    let (card, authorization) = (&receipt["card"], &receipt["authorization"]);
    assert!(card.is_string() && authorization.is_string(), "{payment:#}");

    // A menu that changes under the mouse takes no click.
    icon.tip_becomes("Prêt à encaisser.").await;
    icon.line("Dernier paiement : 67,00 EUR, accepté").await;
    icon.click("Préparer un diagnostic…").await;
    shop.desktop.told("Le diagnostic est prêt").await;
    let opened = shop.opened(shop.folder.path().to_str().unwrap()).await;
    let mut zip = fs::read_dir(&opened).unwrap().map(|entry| entry.unwrap().path());
    let zip = zip.find(|path| path.extension().is_some_and(|it| it == "zip")).unwrap();
    let mut zip = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    let mut all = String::new();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        all += &format!("== {}\n", part.name().unwrap());
        part.read_to_string(&mut all).unwrap();
    }
    for part in ["version.txt", "configuration.toml", "payments.csv", "events.csv", "log.txt"] {
        assert!(all.contains(&format!("== {part}\n")), "{part}: {all}");
    }
    for there in
        ["approved", "6700", "[[terminals]]", payment["id"].as_str().unwrap(), "the icon is on the"]
    {
        assert!(all.contains(there), "{there}: {all}");
    }
    let key = fs::read_to_string(shop.folder.path().join("data/relay.key")).unwrap();
    for secret in [key.trim(), "DUPONT", card.as_str().unwrap(), authorization.as_str().unwrap()] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

impl Counter {
    /// What was opened last that has this in it.
    async fn opened(&self, wanted: &str) -> String {
        let file = self.folder.path().join("opened");
        until(&format!("{wanted} to be opened"), async || {
            let text = fs::read_to_string(&file).unwrap_or_default();
            text.lines().find(|line| line.contains(wanted)).map(str::to_owned)
        })
        .await
    }
}

/// Whether a program ended well.
async fn ended(child: &mut Child) -> bool {
    let child = RefCell::new(child);
    until("the program to end", async || {
        child.borrow_mut().try_wait().unwrap().map(|status| status.success())
    })
    .await
}

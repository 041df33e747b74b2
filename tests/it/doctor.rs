//! The doctor: what it says of a shop, and that it disturbs no payment.

use crate::program::{PROGRAM, Running, configure, program, stdout};
use crate::shop::{Shop, Slow, Terminal, Till, check};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Runs the doctor; gives whether nothing failed, and what each check says.
async fn doctor(arguments: &[&str]) -> (i32, Vec<Value>) {
    let mut words = vec!["doctor", "--json", "--lang", "en"];
    words.extend(arguments);
    let output = program(&words).await;
    let checks = stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output.status.code().unwrap(), checks)
}

fn find<'a>(checks: &'a [Value], code: &str) -> &'a Value {
    let found = checks.iter().find(|check| check["code"] == code);
    found.unwrap_or_else(|| panic!("no {code} in {checks:#?}"))
}

fn codes(checks: &[Value]) -> Vec<&str> {
    checks.iter().map(|check| check["code"].as_str().unwrap()).collect()
}

/// A free port: nobody listens on it.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A relay whose terminal has a payment of `Caisse 1` and waits for its card.
struct MidPayment {
    terminal: Slow,
    folder: TempDir,
    config: PathBuf,
    relay: Running,
    _till: Till,
}

impl MidPayment {
    async fn begin() -> MidPayment {
        let terminal = Terminal::slow().await;
        let folder = TempDir::new().unwrap();
        let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        let id = till.ask(1250).await;
        till.sent(&id).await;
        MidPayment { terminal, folder, config, relay, _till: till }
    }
}

#[tokio::test]
async fn a_shop_that_works_is_told_so_check_by_check() {
    let terminal = Terminal::start().await;
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let relay = Running::start(&config);
    let address = relay.address();
    let (_, checks) = doctor(&["--config", path(&config), "--relay", address]).await;
    for (code, state) in [
        ("config_good", "ok"),
        ("port_ours", "ok"),
        ("certificate_good", "ok"),
        ("names_good", "ok"),
        ("clock_good", "ok"),
        ("firewall_not_needed", "ok"),
        ("journal_good", "ok"),
        ("events_none", "ok"),
        ("terminal_ready", "ok"),
        ("pages_allowed", "ok"),
    ] {
        let check = find(&checks, code);
        assert_eq!(check["state"], state, "{check}");
        assert!(check["message"].as_str().is_some_and(|text| text.ends_with('.')), "{check}");
    }
    assert_eq!(find(&checks, "terminal_ready")["about"], "Le comptoir");
    for check in &checks {
        let needs = check["state"] != "ok";
        assert!(!needs || check["remedy"].is_string(), "a remedy for {check}");
    }
    assert!(terminal.charges().is_empty());
}

#[tokio::test]
async fn the_doctor_speaks_french_to_people_and_ends_with_1_when_something_fails() {
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[], "");
    let output = program(&["doctor", "--config", path(&config), "--relay", &nobody()]).await;
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("ÉCHEC") && said.contains("Aucun relais ne répond sur"), "{said}");
    assert!(
        said.contains("→ Démarrez-le\u{202f}: caisse-relay run.")
            || said.contains("caisse-relay run"),
        "{said}"
    );
    assert!(!folder.path().join("data").exists(), "the doctor makes nothing");
}

#[tokio::test]
async fn without_a_relay_the_terminals_are_asked_and_the_right_port_is_hinted() {
    let terminal = Terminal::start().await;
    let closed = nobody().parse().unwrap();
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address), ("bar", closed)], "");
    let (exit, checks) = doctor(&["--config", path(&config), "--relay", &nobody()]).await;
    assert_eq!(exit, 1);
    assert_eq!(find(&checks, "port_free")["state"], "failure");
    assert_eq!(find(&checks, "certificate_none")["state"], "warning");
    assert_eq!(find(&checks, "terminal_ready")["about"], "Le comptoir");
    assert_eq!(find(&checks, "terminal_refused")["about"], "Le bar");
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_told_with_its_line() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("caisse-relay.toml");
    fs::write(&config, "lang = \"en\"\nallow_origin = []\n").unwrap();
    let data = folder.path().join("data");
    let (exit, checks) =
        doctor(&["--config", path(&config), "--data-dir", path(&data), "--relay", &nobody()]).await;
    assert_eq!(exit, 1);
    let message = find(&checks, "config_broken")["message"].as_str().unwrap();
    assert!(message.contains("line 2") && message.contains("allow_origins"), "{message}");
}

#[tokio::test]
async fn another_program_on_the_port_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[], "");
    let (_, checks) = doctor(&["--config", path(&config), "--relay", &address]).await;
    let taken = find(&checks, "port_taken");
    let pid = format!("({})", std::process::id());
    if cfg!(target_os = "linux") {
        assert!(taken["message"].as_str().unwrap().contains(&pid), "{taken}");
    }
}

#[tokio::test]
async fn a_relay_that_runs_elsewhere_keeps_its_terminals_to_itself() {
    let terminal = Terminal::start().await;
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let _relay = Running::start(&config);
    let asked = terminal.simulator.received().len();
    let (_, checks) = doctor(&["--config", path(&config), "--relay", &nobody()]).await;
    find(&checks, "relay_elsewhere");
    find(&checks, "relay_not_asked");
    assert!(!codes(&checks).iter().any(|code| code.starts_with("terminal_")), "{checks:?}");
    assert_eq!(terminal.simulator.received().len(), asked, "the terminal was left alone");
}

#[tokio::test]
async fn a_terminal_that_carries_a_payment_is_left_alone() {
    let shop = MidPayment::begin().await;
    shop.terminal.asked().await;
    let (_, checks) =
        doctor(&["--config", path(&shop.config), "--relay", shop.relay.address()]).await;
    let busy = find(&checks, "terminal_busy");
    assert!(busy["message"].as_str().unwrap().contains("Caisse 1"), "{busy}");
    assert_eq!(shop.terminal.connections(), 1, "nobody else has connected");
}

#[tokio::test]
async fn the_page_asks_the_doctor_with_the_relays_key_only() {
    let shop = Shop::open().await;
    let mut stranger = shop.till("Caisse 1").await;
    stranger.say(json!({ "type": "doctor", "n": 1 })).await;
    assert_eq!(stranger.refusal().await["code"], "not_permitted");

    let key = fs::read_to_string(shop.folder().join("data").join(caisse_relay::access::KEY_FILE));
    let mut person = Till::silent(&shop.relay.url(), &shop.relay.ca_file).await;
    let key = key.unwrap();
    let hello = json!({ "type": "hello", "client": "page", "lang": "en", "key": key.trim() });
    person.say(hello).await;
    person.hear("welcome").await;
    person.say(json!({ "type": "doctor", "n": 7 })).await;
    let answer = person.hear("doctor").await;
    check(&answer);
    assert_eq!(answer["n"], 7);
    let checks = answer["checks"].as_array().unwrap();
    for code in ["config_good", "port_ours", "certificate_good", "journal_good", "terminal_ready"] {
        assert_eq!(find(checks, code)["state"], "ok");
    }
    assert!(shop.terminal.charges().is_empty());
}

#[tokio::test]
async fn a_journal_that_is_damaged_or_in_doubt_is_told() {
    // The terminal and the till see the power cut, and stay.
    let MidPayment { terminal: _terminal, folder, config, relay, _till } =
        MidPayment::begin().await;
    relay.kill();
    // The next start finds the payment open: nobody knows.
    Running::start(&config).kill();
    let (_, checks) = doctor(&["--config", path(&config), "--relay", &nobody()]).await;
    assert_eq!(find(&checks, "payments_unknown")["state"], "warning");
    assert_eq!(find(&checks, "payments_unacknowledged")["state"], "warning");

    let journal = folder.path().join("data/journal/journal.sqlite3");
    let file = rusqlite::Connection::open(&journal).unwrap();
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(file);
    let mut bytes = fs::read(&journal).unwrap();
    let end = bytes.len();
    bytes[end / 2..].fill(0xa5);
    fs::write(&journal, bytes).unwrap();
    for log in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{log}", journal.display()));
    }
    let (exit, checks) = doctor(&["--config", path(&config), "--relay", &nobody()]).await;
    assert_eq!(exit, 1);
    let failed = ["journal_damaged", "journal_unreadable"];
    assert!(codes(&checks).iter().any(|code| failed.contains(code)), "{checks:#?}");
}

#[tokio::test]
async fn what_starts_the_relay_and_what_puts_the_computer_to_sleep_is_found() {
    let folder = TempDir::new().unwrap();
    let config = configure(folder.path(), &[], "");
    let home = folder.path().join("home");
    let root = folder.path().join("root");
    let run = || {
        let output = Command::new(PROGRAM)
            .args(["doctor", "--json", "--config", path(&config), "--relay", &nobody()])
            .args(["--root", path(&root)])
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("HOME", &home)
            .output()
            .unwrap();
        let lines = stdout(&output);
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    if cfg!(not(target_os = "linux")) {
        return;
    }
    find(&run(), "autostart_off");
    find(&run(), "sleep_unclear");
    let service = |words: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("service").args(words).args(["--json", "--config", path(&config)]);
        command.args(["--as", "login", "--root", path(&root)]);
        command.env("XDG_CONFIG_HOME", home.join("config")).env("HOME", &home);
        assert!(command.output().unwrap().status.success(), "{words:?}");
    };
    service(&["install"]);
    let target = root.join("etc/systemd/system/sleep.target");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/null", &target).unwrap();
    let checks = run();
    let message = find(&checks, "autostart_on")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("login (desktop: caisse-relay tray)"), "{message}");
    find(&checks, "sleep_never");

    // A file of ours that starts something else, and one that starts nothing.
    let entry = home.join("config/autostart/caisse-relay.desktop");
    let text = fs::read_to_string(&entry).unwrap();
    fs::write(&entry, text.replace(PROGRAM, "/old/caisse-relay")).unwrap();
    let other = find(&run(), "autostart_other").clone();
    assert_eq!(other["remedy"], "caisse-relay service install", "{other}");
    service(&["uninstall"]);
    find(&run(), "autostart_off");
}

#[test]
fn the_doctor_asks_windows_for_the_rule_that_the_installer_makes() {
    let doctor = include_str!("../../src/doctor/firewall.rs");
    let installer = include_str!("../../.packaging/windows/caisse-relay.nsi");
    let named = |text: &str, before: &str| {
        let (_, rest) = text.split_once(before).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let rule = named(doctor, "const RULE: &str = \"");
    assert_eq!(rule, named(installer, "!define RULE \""));
    let (made, taken): (Vec<_>, Vec<_>) = installer
        .lines()
        .filter(|line| line.contains("netsh advfirewall firewall"))
        .partition(|line| line.contains(" add rule "));
    assert!(made.len() == 2 && taken.len() == 2, "{made:?} {taken:?}");
    assert!(made.iter().chain(&taken).all(|line| line.contains("name=\"${RULE}\"")));
}

//! What a relay leaves for who helps: its log in files, and the diagnosis.

use crate::program::{PROGRAM, Running, configure, program, stderr, stdout};
use crate::shop::{Terminal, Till, debit, new_id};
use caisse_relay::access::read_key;
use caisse_relay::rights;
use caisse_relay::simulator::Script;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use zip::ZipArchive;

/// Puts a key before the tables of a configuration.
fn first(config: &Path, line: &str) {
    let text = fs::read_to_string(config).unwrap();
    fs::write(config, format!("{line}\n{text}")).unwrap();
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("data/log/caisse-relay.log")
}

/// The log, once it has this; the disk is waited for by nobody else.
fn logged(folder: &Path, wanted: &str) -> String {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(log_of(folder)).unwrap_or_default();
        if text.contains(wanted) {
            return text;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "no `{wanted}` in\n{text}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A relay with its standard error in a file, as it is without a terminal.
fn start(config: &Path, errors: &Path) -> (Child, Value) {
    let mut child = Command::new(PROGRAM)
        .args(["run", "--json", "--config"])
        .arg(config)
        .stdout(Stdio::piped())
        .stderr(File::create(errors).unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap_or_default())
}

#[tokio::test]
async fn a_relay_logs_to_a_file_that_is_its_owners_and_to_standard_error() {
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let errors = folder.path().join("errors");
    let (child, listening) = start(&config, &errors);
    let running = Running {
        child,
        url: listening["url"].as_str().unwrap().into(),
        ca_file: listening["ca"].as_str().unwrap().into(),
    };
    let mut till = running.till("Caisse 1").await;
    let paid = till.debit(12_50).await;
    let id = paid["id"].as_str().unwrap();
    let text = logged(folder.path(), id);
    assert!(text.lines().any(|line| line.contains("closed") && line.contains(id)), "{text}");
    assert!(fs::read_to_string(&errors).unwrap().contains(id), "standard error stays");
    for path in [folder.path().join("data/log"), log_of(folder.path())] {
        assert!(!rights::others_may_read(&fs::metadata(&path).unwrap()), "{}", path.display());
    }

    // A second relay cannot have the journal, and leaves the files to the first.
    let second = program(&["run", "--config", config.to_str().unwrap()]).await;
    assert_eq!(second.status.code(), Some(1), "{}", stderr(&second));
    let id = till.debit(9_00).await["id"].as_str().unwrap().to_owned();
    assert!(!logged(folder.path(), &id).contains("est tenu par le processus"));
    drop(running);
    let (mut child, _) = start(&config, &errors);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(logged(folder.path(), &id).contains(id.as_str()), "a restart keeps what was written");
}

#[tokio::test]
async fn why_a_relay_does_not_start_is_in_its_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let config = configure(folder.path(), &[], "");
    let address = taken.local_addr().unwrap().to_string();
    let output =
        program(&["run", "--config", config.to_str().unwrap(), "--listen", &address]).await;
    assert!(stderr(&output).contains("écouter sur"));
    assert_eq!(stderr(&output).matches("écouter sur").count(), 1, "{}", stderr(&output));
    logged(folder.path(), "écouter sur");
}

#[tokio::test]
async fn one_key_switches_the_files_off() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[], "");
    first(&config, "log_files = false");
    let running = Running::start(&config);
    running.till("Caisse 1").await;
    assert!(!folder.path().join("data/log").exists());
}

/// A disk that takes nothing and does not say so either: a pipe that is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_disk_that_hangs_under_the_log_stalls_no_payment_and_no_end() {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    const O_NONBLOCK: i32 = 0o4000;
    let terminal = Terminal::start().await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    fs::create_dir_all(folder.path().join("data/log")).unwrap();
    assert!(Command::new("mkfifo").arg(log_of(folder.path())).status().unwrap().success());
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).custom_flags(O_NONBLOCK);
    let mut pipe = options.open(log_of(folder.path())).unwrap();
    while pipe.write(&[b'\n'; 512]).is_ok() {}
    while pipe.write(b"\n").is_ok() {}
    let mut running = Running::start(&config);
    let mut till = running.till("Caisse 1").await;
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(till.debit(12_50).await["outcome"], "approved");
        assert!(began.elapsed() < Duration::from_secs(5), "it waits for the log");
    }
    let pid = running.child.id().to_string();
    let began = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.child.wait().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(10), "it ends although the log does not");
}

/// Every file of a zip, by its name.
fn unzipped(path: &Path) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

#[tokio::test]
async fn a_diagnosis_has_everything_for_who_helps_and_nothing_for_a_thief() {
    let terminal = Terminal::at("127.0.0.1:0").await;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "receipt = true");
    first(&config, "# api_key = \"s3cret-of-the-owner\"");
    let running = Running::from(
        Command::new(PROGRAM).args(["run", "--json", "--log", "debug", "--config"]).arg(&config),
    );
    let address = running.address().to_owned();
    let words = |words: &[&str]| -> Vec<String> {
        let always = ["--json", "--config", config.to_str().unwrap()];
        words.iter().chain(&always).map(ToString::to_string).collect()
    };
    let command = |arguments: Vec<String>| {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).env("CAISSE_RELAY_LISTEN", &address);
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let offered = command(words(&["pair", "--no-wait", "--till", "Caisse 7"])).await.unwrap();
    let code: Value = serde_json::from_str(stdout(&offered).lines().next().unwrap()).unwrap();
    let code = code["code"].as_str().unwrap().to_owned();
    let mut till = Till::silent(&running.url, &running.ca_file).await;
    till.say(json!({ "type": "pair", "code": code, "till": "x" })).await;
    let token = till.hear("paired").await["token"].as_str().unwrap().to_owned();

    let mut till = running.till("Caisse 1").await;
    let script = "[[step]]\noutcome = \"approve\"\ncard = \"4970108264917890=39072011234567\"\n\
                  receipt = \"whole_card\"\nfields = { AM = \"0612349876\", AN = \"jean@secret.example\" }";
    terminal.simulator.will(Script::parse(script).unwrap());
    let id = new_id();
    let mut order = debit(&id, 67_00);
    order["reference"] = json!("Mme Durand 1234");
    assert_eq!(till.pay(order).await["outcome"], "approved");

    let to = folder.path().join("bundles");
    let made = command(words(&["bundle", "--to", to.to_str().unwrap()])).await.unwrap();
    assert!(made.status.success(), "{}", stderr(&made));
    let made: Value = serde_json::from_str(&stdout(&made)).unwrap();
    let parts = unzipped(Path::new(made["path"].as_str().unwrap()));
    let part = |name: &str| {
        let found = parts.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} in {parts:?}")).1
    };
    assert!(part("version.txt").contains(env!("CARGO_PKG_VERSION")));
    assert!(part("configuration.toml").contains("name = \"comptoir\""));
    assert!(part("payments.csv").contains(&id));
    assert!(part("events.csv").contains("till_paired"));
    assert!(part("log.txt").contains(&id), "{}", part("log.txt"));
    assert!(part("doctor.txt").contains("Le comptoir"), "{}", part("doctor.txt"));
    let checks: Vec<Value> =
        part("doctor.json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for code in ["config_good", "port_ours", "terminal_ready"] {
        assert!(checks.iter().any(|check| check["code"] == code), "{code} in {checks:#?}");
    }

    let key = read_key(&folder.path().join("data")).unwrap();
    for secret in [
        key.as_str(),
        &token,
        &code,
        "s3cret-of-the-owner",
        "Mme Durand",
        "4970108264917890",
        "108264917",
        "39072011234567",
        "0612349876",
        "jean@secret",
        "PRIVATE KEY",
    ] {
        for (name, text) in &parts {
            let found = text.match_indices(secret).any(|(at, _)| {
                // Six digits stand in many numbers.
                let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
                let after = text.as_bytes().get(at + secret.len());
                let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
                secret != code || !(digit(after) || digit(before) || before == Some(&b'.'))
            });
            assert!(!found, "{secret} in {name}:\n{text}");
        }
    }
}

#[tokio::test]
async fn a_diagnosis_is_made_where_nothing_runs_and_the_configuration_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("caisse-relay.toml");
    fs::write(&config, "allow_origin = []\n").unwrap();
    let free: SocketAddr =
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let made = program(&[
        "bundle",
        "--json",
        "--config",
        &path(&config),
        "--data-dir",
        &path(&folder.path().join("data")),
        "--to",
        &path(folder.path()),
        "--relay",
        &free.to_string(),
    ])
    .await;
    assert!(made.status.success(), "{}", stderr(&made));
    let made: Value = serde_json::from_str(&stdout(&made)).unwrap();
    let parts = unzipped(Path::new(made["path"].as_str().unwrap()));
    let doctor = &parts.iter().find(|(name, _)| name == "doctor.txt").unwrap().1;
    assert!(doctor.contains("allow_origins") && doctor.contains("→"), "{doctor}");
}

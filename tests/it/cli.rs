//! The command line, as a person or a script uses it.

use crate::program::{PROGRAM, Running, configure, program, stderr, stdout};
use crate::shop::{Terminal, approve_after};
use caisse_relay::simulator::{Outcome, Step};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A relay process, its terminal, and the words that every command needs.
struct Counter {
    terminal: Terminal,
    config: PathBuf,
    relay: Running,
    _folder: TempDir,
}

impl Counter {
    async fn open() -> Counter {
        let terminal = Terminal::start().await;
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), &[("comptoir", terminal.address)], "answer_s = 1");
        let relay = Running::start(&config);
        Counter { terminal, config, relay, _folder: folder }
    }

    /// Runs a command against this relay.
    async fn run(&self, words: &str) -> Output {
        let mut arguments: Vec<&str> = words.split(' ').collect();
        let relay = self.relay.address().to_owned();
        let talks = ["pay", "terminals", "identify"].contains(&arguments[0]);
        if talks {
            arguments.extend(["--relay", &relay]);
        }
        arguments.extend(["--config", self.config.to_str().unwrap()]);
        program(&arguments).await
    }
}

fn lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn pay_tells_the_four_outcomes_and_a_refusal_apart_by_its_exit_code() {
    let shop = Counter::open().await;
    let paid = shop.run("pay --amount 12.50 --terminal comptoir").await;
    assert_eq!(paid.status.code(), Some(0), "{}", stderr(&paid));
    assert!(stdout(&paid).ends_with("Paiement de 12,50 EUR accepté.\n"), "{}", stdout(&paid));
    shop.terminal.will(Step::decline("04"));
    assert_eq!(shop.run("pay --amount 12.50").await.status.code(), Some(3));
    shop.terminal.will(Step::silence());
    assert_eq!(shop.run("pay --amount 12.50").await.status.code(), Some(5));
    assert_eq!(shop.run("pay --amount 12.50 --terminal cave").await.status.code(), Some(6));
    assert_eq!(shop.run("pay --amount 12.505").await.status.code(), Some(1));
    assert_eq!(shop.run("pay --amount 1 --currency XAU").await.status.code(), Some(1));
    assert_eq!(shop.run("pay --amout 1").await.status.code(), Some(2));

    let gone = Terminal::start().await.address;
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path(), &[("off", gone)], "");
    let relay = Running::start(&config);
    let address = relay.address();
    let arguments =
        ["pay", "--amount", "5", "--relay", address, "--config", config.to_str().unwrap()];
    assert_eq!(program(&arguments).await.status.code(), Some(4));
}

#[tokio::test]
async fn pay_with_json_prints_the_payment_at_every_step() {
    let shop = Counter::open().await;
    let paid = shop.run("pay --amount 25 --means cheque --json --reference T-42").await;
    let steps = lines(&paid);
    assert!(steps.iter().all(|payment| payment["type"] == "payment"));
    let last = steps.last().unwrap();
    assert_eq!((last["outcome"].as_str(), last["amount"].as_u64()), (Some("approved"), Some(2500)));
    assert_eq!(
        (last["means"].as_str(), last["reference"].as_str()),
        (Some("cheque"), Some("T-42"))
    );
    let listed = lines(&shop.run("journal list --json").await);
    assert_eq!(listed[0]["acknowledged"], true);
}

#[tokio::test]
async fn an_unknown_payment_stays_on_the_list() {
    let shop = Counter::open().await;
    shop.terminal.will(Step::new(Outcome::Close));
    assert_eq!(shop.run("pay --amount 12.50").await.status.code(), Some(5));
    let listed = lines(&shop.run("journal list --state unknown --json").await);
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["acknowledged"], false);
}

#[tokio::test]
async fn the_journal_is_listed_shown_and_exported() {
    let shop = Counter::open().await;
    shop.run("pay --amount 12.50 --reference =1+1").await;
    shop.run("pay --amount 3 --refund").await;
    let listed = lines(&shop.run("journal list --json").await);
    assert_eq!(listed.len(), 2);
    assert_eq!(lines(&shop.run("journal list --json --limit 1").await)[0], listed[1]);
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(lines(&shop.run(&format!("journal show {id} --json")).await)[0], listed[0]);
    assert_eq!(lines(&shop.run("journal export --format json").await), listed);
    let csv = stdout(&shop.run("journal export --format csv").await);
    let rows: Vec<_> = csv.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[0].starts_with("seq,opened_at,"));
    assert!(rows[1].contains(",1250,EUR,card,'=1+1,approved,yes,1250,"), "{}", rows[1]);
    let none = shop.run("journal show nothing-like-it").await;
    assert_eq!(none.status.code(), Some(1));
    assert!(stderr(&none).contains("ne l'a jamais enregistré"), "{}", stderr(&none));
}

#[tokio::test]
async fn terminals_are_listed_and_say_who_they_are() {
    let shop = Counter::open().await;
    let listed = lines(&shop.run("terminals --json").await);
    assert_eq!(
        (listed[0]["name"].as_str(), listed[0]["state"].as_str()),
        (Some("comptoir"), Some("free"))
    );
    let ready = shop.run("identify comptoir").await;
    assert_eq!(ready.status.code(), Some(0));
    assert!(stdout(&ready).contains("330538600404"), "{}", stdout(&ready));
    shop.terminal.will(Step::new(Outcome::ConcertV2));
    assert_eq!(shop.run("identify cave").await.status.code(), Some(6));
}

#[tokio::test]
async fn certificates_are_shown_and_renewed() {
    let shop = Counter::open().await;
    let show = |output: &Output| lines(output)[0].clone();
    let before = show(&shop.run("certs show --json").await);
    assert!(before["names"].as_array().unwrap().iter().any(|name| name == "127.0.0.1"));
    assert_eq!(before["ca"].as_str().unwrap(), shop.relay.ca_file.to_str().unwrap());
    let after = show(&shop.run("certs renew --json").await);
    assert_eq!(after["fingerprint"], before["fingerprint"], "the authority stays");
    let text = stdout(&shop.run("certs show").await);
    assert!(text.contains("SHA-256"), "{text}");
}

#[tokio::test]
async fn a_second_relay_names_the_one_that_holds_the_journal() {
    let shop = Counter::open().await;
    let second = program(&["run", "--config", shop.config.to_str().unwrap()]).await;
    assert_eq!(second.status.code(), Some(1));
    let holder = format!("tenu par le processus {}", shop.relay.child.id());
    assert!(stderr(&second).contains(&holder), "{}", stderr(&second));
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let shop = Counter::open().await;
    let taken = shop.relay.address();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let config = configure(folder.path(), &[], "");
    let second = program(&[
        "run",
        "--listen",
        taken,
        "--data-dir",
        data,
        "--config",
        config.to_str().unwrap(),
    ])
    .await;
    assert_eq!(second.status.code(), Some(1));
    assert!(
        stderr(&second).contains(&format!("impossible d'écouter sur {taken}")),
        "{}",
        stderr(&second)
    );
}

#[tokio::test]
async fn a_bad_configuration_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.toml");
    for (lang, said) in [
        ("fr", "ligne 2 : clé inconnue `allow_origin` ; vouliez-vous dire `allow_origins` ?"),
        ("en", "line 2: unknown key `allow_origin`; did you mean `allow_origins`?"),
    ] {
        std::fs::write(&path, format!("lang = \"{lang}\"\nallow_origin = []\n")).unwrap();
        for command in ["run", "doctor"] {
            let refused = program(&[command, "--config", path.to_str().unwrap()]).await;
            assert_eq!(refused.status.code(), Some(1));
            let text = stdout(&refused) + &stderr(&refused);
            assert!(text.replace('\u{a0}', " ").contains(said), "{command}: {text}");
        }
    }
    let missing = folder.path().join("missing.toml");
    let refused = program(&["run", "--config", missing.to_str().unwrap(), "--json"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(lines(&refused)[0]["type"], "error");
    assert_eq!(lines(&refused)[0]["code"], "config_unreadable");
}

#[tokio::test]
async fn without_a_relay_the_till_says_so_and_nothing_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = Terminal::start().await.address.to_string();
    let data = folder.path().to_str().unwrap();
    let lost = program(&["pay", "--amount", "1", "--relay", &nobody, "--data-dir", data]).await;
    assert_eq!(lost.status.code(), Some(1));
    assert!(stderr(&lost).contains("aucun relais n'écoute"), "{}", stderr(&lost));
}

#[tokio::test]
async fn the_demo_pays_once_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let demo = program(&[
        "demo",
        "--once",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        folder.path().to_str().unwrap(),
    ])
    .await;
    let text = stdout(&demo);
    assert_eq!(demo.status.code(), Some(0), "{text}{}", stderr(&demo));
    assert!(text.contains("497010######4242") && text.contains("lui-même\u{a0}: 1\n"), "{text}");
}

#[tokio::test]
async fn the_simulated_terminal_takes_a_script_and_shows_an_example() {
    let example = stdout(&program(&["simulate", "--example"]).await);
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.toml");
    std::fs::write(&script, &example).unwrap();
    let mut simulate = Command::new(PROGRAM);
    simulate.args(["simulate", "--listen", "127.0.0.1:0", "--json", "--script"]).arg(&script);
    let child = simulate.arg("--ledger").arg(folder.path().join("ledger.jsonl"));
    let mut child = child.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let listening: Value = serde_json::from_str(&line).unwrap();
    assert!(listening["address"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
    std::fs::write(&script, "[[step]]\ndelay = 3\n").unwrap();
    let refused = program(&["simulate", "--script", script.to_str().unwrap()]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("delay"), "{}", stderr(&refused));
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_stop_it_finishes_the_payment_under_way() {
    let mut shop = Counter::open().await;
    shop.terminal.will(approve_after(400));
    let mut till = shop.relay.till("Caisse 1").await;
    let id = till.ask(12_50).await;
    till.sent(&id).await;
    let process = shop.relay.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    assert_eq!(till.outcome(&id).await["outcome"], "approved");
    assert_eq!(till.closed().await, 1001);
    assert_eq!(shop.relay.child.wait().unwrap().code(), Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_export_that_is_not_complete_says_so() {
    let shop = Counter::open().await;
    shop.run("pay --amount 12.50").await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut export = Command::new(PROGRAM);
    export.args(["journal", "export", "--config"]).arg(&shop.config).stdout(full);
    let exported = tokio::task::spawn_blocking(move || export.output().unwrap()).await.unwrap();
    assert_eq!(exported.status.code(), Some(1));
    assert!(stderr(&exported).contains("l'export n'est pas complet"), "{}", stderr(&exported));
}

#[tokio::test]
async fn help_and_mistakes_are_in_the_configured_language() {
    let folder = tempfile::tempdir().unwrap();
    let config = |text: &str| {
        let path = folder.path().join(format!("{}.toml", text.len()));
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let english = config("lang = \"en\"\n");
    let broken = config("lang = \"en\"\nlisten = 12\n");
    let no_toml = config("lang = \"en\n");
    let told = async |words: &str, config: &str| {
        let words: Vec<_> = ["--config", config].into_iter().chain(words.split(' ')).collect();
        let output = program(&words).await;
        (output.status.code().unwrap(), stdout(&output) + &stderr(&output))
    };
    // A file that does not exist is in nobody's language: French.
    for (config, usage) in [
        ("none.toml", "Utilisation\u{a0}: caisse-relay"),
        (&no_toml, "Utilisation\u{a0}: caisse-relay"),
        (&english, "Usage: caisse-relay"),
        (&broken, "Usage: caisse-relay"),
    ] {
        for words in ["--help", "pay --help", "help pay", "certs install -h", "pay", "buy"] {
            let (code, text) = told(words, config).await;
            assert!(text.contains(usage), "{words} {config}: {text}");
            let mistaken = ["pay", "buy"].contains(&words);
            assert_eq!(code, if mistaken { 2 } else { 0 }, "{words}: {text}");
        }
    }
    let (_, text) = told("pay --lang en --help", "none.toml").await;
    assert!(text.contains("Pay the customer back"), "{text}");
    let (_, text) = told("pay --help", "none.toml").await;
    assert!(text.contains("Rembourse le client") && !text.contains("Pay the"), "{text}");

    for (words, french, in_english) in [
        ("pay --amout 1", "« --amount »", "did you mean “--amount”?"),
        ("pay", "il manque\u{a0}: --amount <MONTANT>", "this is missing: --amount <AMOUNT>"),
        ("simulat", "vouliez-vous dire « simulate »", "did you mean “simulate”?"),
        ("tills --json", "list, revoke, help", "list, revoke, help"),
        ("pay --amount 1 --means gold", "card, cheque, ancv", "not one of: card, cheque, ancv"),
        ("pair --operations debit,steal", "« steal »", "debit, refund, cancellation, settle"),
        ("run --listen here", "n'est pas une adresse avec son port", "is no address with its port"),
        ("pay --amount 1 --timeout x", "nombre entier", "whole number"),
        ("terminals discover --network 8.8.8.0/24", "réseau privé", "private network"),
        ("pay --amount 1 --refund --cancellation", "ne va pas avec", "does not go with"),
        ("pay --amount 1 --amount 2", "qu'une fois", "once only"),
        ("run --json=1", "de trop", "too many"),
    ] {
        let french = french.replace("« ", "«\u{a0}").replace(" »", "\u{a0}»");
        for (config, expected) in [("none.toml", french.as_str()), (&english, in_english)] {
            let (code, text) = told(words, config).await;
            assert_eq!(code, 2, "{words}: {text}");
            assert!(text.starts_with("caisse-relay: ") && text.contains(expected), "{text}");
        }
    }
}

#[tokio::test]
async fn what_a_command_cannot_do_is_said_in_the_configured_language() {
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let data = path("data");
    let french = path("french.toml");
    let english = path("english.toml");
    std::fs::write(&french, "").unwrap();
    std::fs::write(&english, "lang = \"en\"\n").unwrap();
    let script = |name: &str, text: &str| {
        std::fs::write(path(name), text).unwrap();
        format!("simulate --script {}", path(name))
    };
    let unknown = script("unknown.toml", "[[step]]\ndelay = 3\n");
    let euro = script("euro.toml", "[[step]]\n[[step]]\nissuer_message = \"5 €\"\n");
    let code = script("code.toml", "currencies = [\"EUR\"]\n");
    let (screen, busy) = ("simulate --screen 192.0.2.1:1", format!("simulate --listen {taken}"));
    for (words, in_french, in_english) in [
        ("pay --amount 12.505", "n'est pas un montant en EUR", "is no amount in EUR"),
        ("pay --amount 1 --currency XAU", "n'est pas un code ISO 4217", "is not an ISO 4217 code"),
        (screen, "n'est pas une adresse de bouclage", "is not a loopback address"),
        (busy.as_str(), "impossible d'écouter sur", "cannot listen on"),
        ("simulate --script none.toml", "impossible de lire none.toml", "cannot read none.toml"),
        (&unknown, "ligne 2\u{a0}: unknown field `delay`", "line 2: unknown field `delay`"),
        (
            &euro,
            "étape 2\u{a0}: issuer_message\u{a0}: `€` n'est pas",
            "step 2: issuer_message: `€` is",
        ),
        (&code, "currencies\u{a0}: `EUR` n'est pas", "currencies: `EUR` is no"),
        ("simulate --ledger no/ne", "impossible d'ouvrir no/ne", "cannot open no/ne"),
        ("certs status --store none", "n'est pas parmi", "is not one of"),
        ("browser-policy status --browser none", "n'est pas parmi", "is not one of"),
        ("service status --as none", "n'est pas parmi", "is not one of"),
    ] {
        for (config, expected) in [(&french, in_french), (&english, in_english)] {
            let words = words.split(' ').chain(["--config", config, "--data-dir", &data]);
            let output = program(&words.collect::<Vec<_>>()).await;
            assert_eq!(output.status.code(), Some(1), "{expected}: {}", stderr(&output));
            assert!(stderr(&output).contains(expected), "{expected}: {}", stderr(&output));
        }
    }
    drop(listener);

    // Nothing that needs a certificate comes so far without a relay.
    let terminal = Terminal::start().await;
    let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
    let relay = Running::start(&config);
    let address = relay.address();
    let config = config.to_str().unwrap();
    for (ca, lang, expected) in
        [(path("none.pem"), "fr", "impossible de lire"), (path("none.pem"), "en", "cannot read")]
    {
        let words = ["terminals", "--relay", address, "--ca", &ca, "--lang", lang];
        let output = program(&[&words[..], &["--config", config]].concat()).await;
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    let shown = program(&["journal", "show", "no id", "--config", config]).await;
    assert_eq!(shown.status.code(), Some(1));
    let said = stderr(&shown);
    assert!(said.contains("n'est pas l'identifiant d'un paiement"), "{said}");
}

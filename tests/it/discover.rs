//! Terminals of the network that are looked for, in a network of namespaces:
//! real simulated terminals in one each, and a relay.

use crate::network::in_a_network_of_its_own;

#[test]
fn terminals_of_the_network_are_found_and_the_busy_one_is_left_alone() {
    in_a_network_of_its_own(
        "discover",
        "terminals_of_the_network_are_found_and_the_busy_one_is_left_alone",
    );
}

#[test]
fn a_terminal_that_moved_is_found_again_by_who_it_is() {
    in_a_network_of_its_own("discover", "a_terminal_that_moved_is_found_again_by_who_it_is");
}

#[test]
fn another_terminal_is_never_taken_for_the_one_that_moved() {
    in_a_network_of_its_own("discover", "another_terminal_is_never_taken_for_the_one_that_moved");
}

#[test]
fn a_terminal_is_not_looked_for_unless_the_configuration_says_so() {
    in_a_network_of_its_own(
        "discover",
        "a_terminal_is_not_looked_for_unless_the_configuration_says_so",
    );
}

#[test]
fn a_terminal_on_another_port_than_configured_is_pointed_at() {
    in_a_network_of_its_own("discover", "a_terminal_on_another_port_than_configured_is_pointed_at");
}

mod inside {
    use crate::network;
    use crate::program::{PROGRAM, Running, program, stdout};
    use crate::shop::{Till, debit};
    use serde_json::{Value, json};
    use std::fs;
    use std::io::{BufRead, BufReader};
    use std::path::{Path, PathBuf};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    const PATIENCE: Duration = Duration::from_secs(40);

    fn network() -> TempDir {
        network::lay();
        TempDir::new().unwrap()
    }

    /// A simulated terminal with a network card of its own.
    struct Terminal {
        child: Child,
        address: String,
    }

    impl Terminal {
        /// One that names itself `identifier` and answers a payment after `delay_ms`.
        fn start(folder: &Path, last: u8, identifier: &str, delay_ms: u64) -> Terminal {
            Terminal::on_port(8888, folder, last, identifier, delay_ms)
        }

        /// The same on another port.
        fn on_port(
            port: u16,
            folder: &Path,
            last: u8,
            identifier: &str,
            delay_ms: u64,
        ) -> Terminal {
            let script = folder.join(format!("{identifier}-{last}.toml"));
            let story = format!(
                "identifier = \"{identifier}\"\n[[step]]\noutcome = \"approve\"\ndelay_ms = {delay_ms}\n"
            );
            fs::write(&script, story).unwrap();
            let mut child = Command::new("unshare")
                .args(["--net", "sh", "-c"])
                // The network is plugged in from outside, and then it begins.
                .arg(format!(
                    "read go; exec {PROGRAM} simulate --listen 0.0.0.0:{port} --script {} --json",
                    script.display()
                ))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            network::until_apart(child.id());
            let address = format!("10.20.0.{last}");
            network::plug_in(child.id(), &address);
            use std::io::Write;
            child.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert!(line.contains(&port.to_string()), "{line}");
            Terminal { child, address }
        }

        /// DHCP gives it another address.
        fn moves_to(&mut self, last: u8) {
            let new = format!("10.20.0.{last}");
            network::readdress(self.child.id(), &self.address, &new);
            self.address = new;
        }
    }

    impl Drop for Terminal {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    fn configure(folder: &Path, terminals: &[(&str, &str)], settings: &str) -> PathBuf {
        let terminals: String = terminals
            .iter()
            .map(|(name, address)| {
                format!("[[terminals]]\nname = \"{name}\"\naddress = \"{address}\"\nconnect_ms = 1000\n{settings}\n")
            })
            .collect();
        let text = format!(
            "listen = \"127.0.0.1:9443\"\ndata_dir = {:?}\n{terminals}",
            folder.join("data")
        );
        let path = folder.join("caisse-relay.toml");
        fs::write(&path, text).unwrap();
        path
    }

    async fn discover(config: &Path, rest: &[&str]) -> Vec<Value> {
        let mut words =
            vec!["terminals", "discover", "--json", "--config", config.to_str().unwrap()];
        words.extend(rest);
        let output = program(&words).await;
        let lines = stdout(&output);
        assert!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn found(lines: &[Value]) -> Vec<(&str, &str)> {
        let text =
            |line: &'_ Value, key: &str| -> String { line[key].as_str().unwrap().to_owned() };
        let _ = text;
        let found = lines.iter().filter(|line| line["type"] == "found");
        found
            .map(|line| (line["address"].as_str().unwrap(), line["terminal_id"].as_str().unwrap()))
            .collect()
    }

    async fn identify(till: &mut Till) -> Value {
        loop {
            till.say(json!({ "type": "identify", "terminal": "comptoir" })).await;
            let answer = till.next().await.unwrap();
            // It is held while it is looked for.
            if answer["code"] == "terminal_busy" {
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
            return answer;
        }
    }

    async fn events(config: &Path) -> Vec<Value> {
        let output = program(&["journal", "events", "--config", config.to_str().unwrap()]).await;
        stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn terminals_of_the_network_are_found_and_the_busy_one_is_left_alone() {
        let folder = network();
        let _one = Terminal::start(folder.path(), 50, "330538600404", 0);
        let busy = Terminal::start(folder.path(), 51, "330538600405", 20_000);
        let config = configure(folder.path(), &[], "");
        let lines = discover(&config, &[]).await;
        assert_eq!(found(&lines), [("10.20.0.50", "330538600404"), ("10.20.0.51", "330538600405")]);
        let first = &lines[0];
        assert!(first["mac"].as_str().is_some_and(|mac| mac.len() == 17), "{first}");
        // What it prints is a configuration.
        let toml = first["toml"].as_str().unwrap();
        let parsed = caisse_relay::config::Config::parse(toml, Path::new("x.toml")).unwrap();
        assert_eq!(parsed.terminals[0].line.host, "10.20.0.50");
        // One network of two addresses: the other is not in it.
        let narrow = discover(&config, &["--network", "10.20.0.50/31"]).await;
        assert_eq!(found(&narrow).len(), 2);
        let narrow = discover(&config, &["--network", "10.20.0.50/32"]).await;
        assert_eq!(found(&narrow), [("10.20.0.50", "330538600404")]);

        // A relay is paying with the second one.
        let config = configure(folder.path(), &[("comptoir", &busy.address)], "");
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        till.say(debit("p-1", 1250)).await;
        till.sent("p-1").await;
        let lines = discover(&config, &[]).await;
        assert_eq!(found(&lines), [("10.20.0.50", "330538600404")]);
        let refused = lines.iter().find(|line| line["type"] == "refused").unwrap();
        assert_eq!(refused["code"], "terminal_busy");
        assert_eq!(till.outcome("p-1").await["outcome"], "approved");
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn a_terminal_that_moved_is_found_again_by_who_it_is() {
        let folder = network();
        let mut terminal = Terminal::start(folder.path(), 50, "330538600404", 0);
        let _other = Terminal::start(folder.path(), 60, "330538600405", 0);
        let config = configure(folder.path(), &[("comptoir", "10.20.0.50")], "rediscover = true");
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        assert_eq!(identify(&mut till).await["state"], "ready");

        terminal.moves_to(77);
        // What cannot be sent stays so: nothing is sent again by itself.
        till.say(debit("p-1", 1250)).await;
        let failed = till.outcome("p-1").await;
        assert_eq!(failed["outcome"], "not_sent");
        // The next one goes to the new address.
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "it is found again");
            if identify(&mut till).await["state"] == "ready" {
                break;
            }
        }
        till.say(debit("p-2", 1250)).await;
        assert_eq!(till.outcome("p-2").await["outcome"], "approved");
        assert_eq!(till.payment("p-1").await["outcome"], "not_sent");

        let moved = events(&config).await;
        let moved = moved.iter().find(|event| event["kind"] == "terminal_moved").unwrap();
        assert_eq!(moved["terminal"], "comptoir");
        assert_eq!(moved["note"], "10.20.0.50 → 10.20.0.77");
        let again = relay.till("Caisse 2").await;
        assert_eq!(again.welcome["terminals"][0]["moved_to"], "10.20.0.77");
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn another_terminal_is_never_taken_for_the_one_that_moved() {
        let folder = network();
        let terminal = Terminal::start(folder.path(), 50, "330538600404", 0);
        let config = configure(folder.path(), &[("comptoir", "10.20.0.50")], "rediscover = true");
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        assert_eq!(identify(&mut till).await["state"], "ready");

        // It is unplugged; one of the same series, and one of another, are there.
        drop(terminal);
        let _twin = Terminal::start(folder.path(), 60, "330538600404", 0);
        let _other = Terminal::start(folder.path(), 61, "330538600405", 0);
        till.say(debit("p-1", 1250)).await;
        assert_eq!(till.outcome("p-1").await["outcome"], "not_sent");
        // Once it is free again, the search is over.
        assert_eq!(identify(&mut till).await["state"], "not_reached");
        assert!(!events(&config).await.iter().any(|event| event["kind"] == "terminal_moved"));
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn a_terminal_is_not_looked_for_unless_the_configuration_says_so() {
        let folder = network();
        let mut terminal = Terminal::start(folder.path(), 50, "330538600404", 0);
        let config = configure(folder.path(), &[("comptoir", "10.20.0.50")], "");
        let relay = Running::start(&config);
        let mut till = relay.till("Caisse 1").await;
        assert_eq!(identify(&mut till).await["state"], "ready");
        terminal.moves_to(77);
        for id in ["p-1", "p-2"] {
            till.say(debit(id, 1250)).await;
            assert_eq!(till.outcome(id).await["outcome"], "not_sent");
            till.say(json!({ "type": "identify", "terminal": "comptoir" })).await;
            // At once: nobody holds it to look for it.
            assert_eq!(till.hear("terminal").await["state"], "not_reached");
        }
        assert!(events(&config).await.is_empty());
    }

    /// What the doctor says of the one terminal.
    async fn diagnosed(config: &Path) -> Value {
        let output = program(&["doctor", "--json", "--config", config.to_str().unwrap()]).await;
        let lines = stdout(&output);
        let checks = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut of_terminals =
            checks.filter(|check| check["code"].as_str().unwrap().starts_with("terminal_"));
        let check = of_terminals.next().unwrap_or_else(|| panic!("{lines}"));
        assert_eq!(of_terminals.next(), None, "{lines}");
        check
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn a_terminal_on_another_port_than_configured_is_pointed_at() {
        let folder = network();
        let terminal = Terminal::on_port(5000, folder.path(), 50, "330538600404", 0);
        let config = configure(folder.path(), &[("comptoir", &terminal.address)], "");
        let alone = diagnosed(&config).await;
        assert_eq!(alone["code"], "terminal_refused", "{alone}");
        let remedy = alone["remedy"].as_str().unwrap();
        assert!(remedy.contains("5000") && !remedy.contains("20002"), "{alone}");

        // The same through a relay that runs, which asks the terminals itself.
        let relay = Running::start(&config);
        assert_eq!(diagnosed(&config).await["remedy"], alone["remedy"]);
        drop(relay);

        // On the port that is configured it is well.
        let _right = Terminal::start(folder.path(), 51, "330538600404", 0);
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, text.replace("10.20.0.50", "10.20.0.51")).unwrap();
        assert_eq!(diagnosed(&config).await["code"], "terminal_ready");
    }
}

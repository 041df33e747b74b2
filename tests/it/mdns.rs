//! The relay's name on the network, in networks of namespaces: relays in one
//! each, and a tablet that asks with DNS messages of its own making.

use crate::network::in_a_network_of_its_own;

#[test]
fn two_relays_of_one_shop_have_two_names_and_keep_them() {
    in_a_network_of_its_own("mdns", "two_relays_of_one_shop_have_two_names_and_keep_them");
}

#[test]
fn a_till_finds_the_relay_by_its_name_after_dhcp_has_moved_it() {
    in_a_network_of_its_own("mdns", "a_till_finds_the_relay_by_its_name_after_dhcp_has_moved_it");
}

#[test]
fn the_name_of_a_relay_that_stopped_is_free() {
    in_a_network_of_its_own("mdns", "the_name_of_a_relay_that_stopped_is_free");
}

#[test]
fn two_relays_that_start_together_or_get_their_cable_late_have_two_names() {
    in_a_network_of_its_own(
        "mdns",
        "two_relays_that_start_together_or_get_their_cable_late_have_two_names",
    );
}

#[test]
fn two_relays_whose_switch_comes_up_last_part_ways() {
    in_a_network_of_its_own("mdns", "two_relays_whose_switch_comes_up_last_part_ways");
}

mod inside {
    use crate::network::{self, run};
    use crate::shop::{config, tls_as};
    use caisse_relay::mdns::Label;
    use caisse_relay::relay::Relay;
    use rustls::pki_types::ServerName;
    use std::collections::BTreeSet;
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
    use std::path::{Path, PathBuf};
    use std::process::{Child, ChildStdin, Command, Stdio};
    use std::sync::mpsc;
    use std::time::{Duration, Instant};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Longer than the relay takes to see a new address.
    const PATIENCE: Duration = Duration::from_secs(25);

    /// What the tablet asks of everybody goes to the switch.
    fn network() {
        network::lay();
        run("ip route add 224.0.0.0/4 dev shop");
    }

    /// A relay in a process and a network namespace of its own.
    struct Machine {
        child: Child,
        stdin: Option<ChildStdin>,
        names: mpsc::Receiver<String>,
        address: Ipv4Addr,
        folder: PathBuf,
    }

    impl Machine {
        fn start(folder: &Path, address: Ipv4Addr) -> Machine {
            let mut machine = Machine::boot(folder, address);
            machine.plug_in();
            machine.run_relay();
            machine
        }

        /// Without a network yet, and without a relay.
        fn boot(folder: &Path, address: Ipv4Addr) -> Machine {
            fs::create_dir_all(folder).unwrap();
            let mut child = Command::new("unshare")
                .arg("--net")
                .arg(std::env::current_exe().unwrap())
                .args(["mdns::inside::relay", "--exact", "--ignored", "--nocapture"])
                .env("CAISSE_RELAY_TEST_FOLDER", folder)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            network::until_apart(child.id());
            let stdin = child.stdin.take().unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let (tell, names) = mpsc::channel();
            std::thread::spawn(move || {
                for line in lines.map_while(Result::ok) {
                    if let Some((_, name)) = line.split_once("@name ") {
                        let _ = tell.send(name.to_owned());
                    }
                }
            });
            Machine { child, stdin: Some(stdin), names, address, folder: folder.to_owned() }
        }

        fn plug_in(&mut self) {
            network::plug_in(self.child.id(), self.address);
        }

        fn run_relay(&mut self) {
            self.stdin.as_mut().unwrap().write_all(b"run\n").unwrap();
        }

        /// The next name that the relay says it goes by.
        fn name(&self) -> String {
            self.names.recv_timeout(PATIENCE).expect("the relay says its name")
        }

        fn moves_to(&mut self, address: Ipv4Addr) {
            network::readdress(self.child.id(), self.address, address);
            self.address = address;
        }

        fn stop(mut self) {
            drop(self.stdin.take());
            assert!(self.child.wait().unwrap().success());
        }

        /// A page of the relay, asked for by this name over TLS that trusts its
        /// authority only: the certificate and the guard both know the name.
        async fn answers_as(&self, name: &str) {
            let server = ServerName::try_from(name.to_owned()).unwrap();
            let address = SocketAddr::from((self.address, 9443));
            let ca = self.folder.join("data/ca/ca.pem");
            let mut stream = tls_as(address, server, &ca).await;
            let request =
                format!("GET / HTTP/1.1\r\nHost: {name}:9443\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// The relay of a [`Machine`]; ends with its standard input.
    #[tokio::test]
    #[ignore = "a part of the stories, in a namespace"]
    async fn relay() {
        let folder = PathBuf::from(std::env::var_os("CAISSE_RELAY_TEST_FOLDER").unwrap());
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        let mut config = config(&folder, &[], "");
        config.listen = "0.0.0.0:9443".parse().unwrap();
        config.mdns = Label::new("caisse-relay");
        let relay = Relay::start(config, vec![]).await.unwrap();
        let mut name = relay.name.clone();
        let mut end =
            tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()));
        loop {
            tokio::select! {
                _ = &mut end => break,
                Ok(()) = name.changed() => {
                    let name = name.borrow_and_update().clone();
                    println!("\n@name {}", name.unwrap_or_else(|| "none".into()));
                }
            }
        }
        relay.stop(Duration::ZERO).await;
    }

    /// Asks the network who has this name, as any resolver does (RFC 1035, RFC 6762 6.7).
    fn who_is(name: &str) -> BTreeSet<Ipv4Addr> {
        let mut query = vec![0x20, 0x26, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend(label.bytes());
        }
        query.extend([0, 0, 1, 0, 1]);
        let socket = UdpSocket::bind("10.20.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        socket.send_to(&query, "224.0.0.251:5353").unwrap();
        let mut found = BTreeSet::new();
        let mut answer = [0; 1500];
        while let Ok((length, _)) = socket.recv_from(&mut answer) {
            found.extend(addresses_in(&answer[..length], query.len()));
        }
        found
    }

    /// The A records of an answer that repeats a question of `question` bytes.
    fn addresses_in(answer: &[u8], question: usize) -> Vec<Ipv4Addr> {
        let records = u16::from_be_bytes([answer[6], answer[7]]);
        let (mut at, mut found) = (question, Vec::new());
        for _ in 0..records {
            // A name is labels up to an empty one or to a pointer of two bytes.
            while answer[at] != 0 && answer[at] < 0xc0 {
                at += 1 + usize::from(answer[at]);
            }
            at += if answer[at] == 0 { 1 } else { 2 };
            let length = usize::from(u16::from_be_bytes([answer[at + 8], answer[at + 9]]));
            if (answer[at], answer[at + 1], length) == (0, 1, 4) {
                found.push(Ipv4Addr::from_octets(answer[at + 10..at + 14].try_into().unwrap()));
            }
            at += 10 + length;
        }
        found
    }

    /// Waits until exactly these addresses answer to the name.
    fn until(name: &str, wanted: &[Ipv4Addr]) {
        let wanted = BTreeSet::from_iter(wanted.iter().copied());
        let began = Instant::now();
        loop {
            let found = who_is(name);
            if found == wanted {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{name} is {found:?}, not {wanted:?}");
        }
    }

    fn ip(last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 20, 0, last)
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn two_relays_of_one_shop_have_two_names_and_keep_them() {
        network();
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let first = Machine::start(&one, ip(11));
        assert_eq!(first.name(), "caisse-relay.local");
        until("caisse-relay.local", &[ip(11)]);
        let second = Machine::start(&two, ip(12));
        assert_eq!(second.name(), "caisse-relay-2.local");
        until("caisse-relay-2.local", &[ip(12)]);
        until("caisse-relay.local", &[ip(11)]);
        first.answers_as("caisse-relay.local").await;
        second.answers_as("caisse-relay-2.local").await;

        // After a power cut the second is up before the first.
        first.stop();
        second.stop();
        let second = Machine::start(&two, ip(12));
        assert_eq!(second.name(), "caisse-relay-2.local");
        until("caisse-relay.local", &[]);
        let first = Machine::start(&one, ip(11));
        assert_eq!(first.name(), "caisse-relay.local");
        until("caisse-relay.local", &[ip(11)]);
        until("caisse-relay-2.local", &[ip(12)]);
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn a_till_finds_the_relay_by_its_name_after_dhcp_has_moved_it() {
        network();
        let folder = tempfile::tempdir().unwrap();
        let mut machine = Machine::start(folder.path(), ip(11));
        assert_eq!(machine.name(), "caisse-relay.local");
        until("caisse-relay.local", &[ip(11)]);
        machine.answers_as("caisse-relay.local").await;
        machine.moves_to(ip(77));
        until("caisse-relay.local", &[ip(77)]);
        machine.answers_as("caisse-relay.local").await;
        assert!(machine.names.try_recv().is_err(), "the name has not changed");
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn the_name_of_a_relay_that_stopped_is_free() {
        network();
        let folder = tempfile::tempdir().unwrap();
        let first = Machine::start(&folder.path().join("one"), ip(11));
        assert_eq!(first.name(), "caisse-relay.local");
        until("caisse-relay.local", &[ip(11)]);
        first.stop();
        until("caisse-relay.local", &[]);
        let second = Machine::start(&folder.path().join("two"), ip(12));
        assert_eq!(second.name(), "caisse-relay.local");
        until("caisse-relay.local", &[ip(12)]);
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn two_relays_that_start_together_or_get_their_cable_late_have_two_names() {
        network();
        let folder = tempfile::tempdir().unwrap();
        let boot = |name: &str, last| Machine::boot(&folder.path().join(name), ip(last));
        let mut both = [boot("one", 11), boot("two", 12)];
        both.iter_mut().for_each(Machine::plug_in);
        both.iter_mut().for_each(Machine::run_relay);
        let mut third = boot("three", 13);
        third.run_relay();
        // Whoever has said a name may still lose it to the other, and says so.
        let mut names = both.each_ref().map(Machine::name);
        let began = Instant::now();
        while names[0] == names[1] || names.contains(&"none".to_owned()) {
            assert!(began.elapsed() < PATIENCE, "{names:?}");
            for (machine, name) in both.iter().zip(&mut names) {
                *name = machine.names.try_recv().unwrap_or(name.clone());
            }
        }
        for (machine, name) in both.iter().zip(&names) {
            until(name, &[machine.address]);
            machine.answers_as(name).await;
        }
        // The third was alone with no network, and finds the others on it.
        third.plug_in();
        let name = third.name();
        assert!(!names.contains(&name), "{name} {names:?}");
        until(&name, &[ip(13)]);
        third.answers_as(&name).await;
    }

    #[tokio::test]
    #[ignore = "started by the story of the same name"]
    async fn two_relays_whose_switch_comes_up_last_part_ways() {
        network();
        let folder = tempfile::tempdir().unwrap();
        let mut both = ["one", "two"].into_iter().zip([11, 12]).map(|(name, last)| {
            let mut machine = Machine::boot(&folder.path().join(name), ip(last));
            machine.plug_in();
            // The cable is in a switch that lets nothing through yet.
            run(&format!("ip link set cable{} nomaster", machine.child.id()));
            machine.run_relay();
            machine
        });
        let both = [both.next().unwrap(), both.next().unwrap()];
        assert_eq!(both.each_ref().map(Machine::name), ["caisse-relay.local"; 2]);
        for machine in &both {
            run(&format!("ip link set cable{} master shop", machine.child.id()));
        }
        let began = Instant::now();
        let (kept, moved) = loop {
            let moved = both.iter().position(|machine| machine.names.try_recv().is_ok());
            if let Some(moved) = moved {
                break (&both[1 - moved], &both[moved]);
            }
            assert!(began.elapsed() < PATIENCE * 3, "both keep one name");
            std::thread::sleep(Duration::from_millis(50));
        };
        until("caisse-relay.local", &[kept.address]);
        until("caisse-relay-2.local", &[moved.address]);
        kept.answers_as("caisse-relay.local").await;
        moved.answers_as("caisse-relay-2.local").await;
        assert!(kept.names.try_recv().is_err(), "one of them keeps its name");
    }
}

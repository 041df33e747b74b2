//! `service install`, `status` and `uninstall`: the relay starts by itself, and starts no more.

#[cfg(all(unix, not(target_os = "macos")))]
mod linux {
    use crate::program::PROGRAM;
    use crate::trust::{Machine, state};
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// Nothing of this machine's own session: its systemd must not hear of the units of a story.
    fn isolated(machine: &Machine, words: &str) -> Command {
        let mut command = machine.command(words);
        command.env_remove("XDG_CONFIG_HOME").env_remove("XDG_RUNTIME_DIR");
        command
    }

    fn one(machine: &Machine, words: &str) -> serde_json::Value {
        let output = isolated(machine, words).arg("--json").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && text.lines().count() == 1, "{words}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_person_s_unit_starts_this_very_program_and_leaves_nothing_behind() {
        let machine = Machine::new();
        let unit = machine.home(".config/systemd/user/caisse-relay.service");
        let wanted = machine.home(".config/systemd/user/default.target.wants/caisse-relay.service");
        assert_eq!(state(&one(&machine, "service status --as user")), ("not_installed", 0, false));
        // Without a name, it is the person's.
        assert_eq!(state(&one(&machine, "service install")), ("installed", 0, true));
        let text = fs::read_to_string(&unit).unwrap();
        let line = format!("ExecStart={PROGRAM} run --config {}\n", machine.config.display());
        assert!(text.contains(&line), "{text}");
        assert_eq!(fs::canonicalize(&wanted).unwrap(), fs::canonicalize(&unit).unwrap());
        assert_eq!(state(&one(&machine, "service install")), ("installed", 0, false));
        assert_eq!(state(&one(&machine, "service uninstall --as user")).0, "not_installed");
        assert!(!unit.exists() && !wanted.parent().unwrap().exists());
        assert!(!state(&one(&machine, "service uninstall --as user")).2);
    }

    #[test]
    fn a_program_that_has_moved_is_noticed_and_started_from_its_new_place() {
        let machine = Machine::new();
        one(&machine, "service install");
        let unit = machine.home(".config/systemd/user/caisse-relay.service");
        let text = fs::read_to_string(&unit).unwrap();
        fs::write(&unit, text.replace(PROGRAM, "/old/caisse-relay")).unwrap();
        assert_eq!(state(&one(&machine, "service status --as user")), ("not_installed", 1, false));
        assert_eq!(state(&one(&machine, "service install")), ("installed", 0, true));
        assert_eq!(fs::read_to_string(&unit).unwrap(), text);
        // A link that is gone starts nothing, whatever the unit says.
        let wants = machine.home(".config/systemd/user/default.target.wants");
        fs::remove_dir_all(&wants).unwrap();
        assert_eq!(state(&one(&machine, "service status --as user")).0, "not_installed");
    }

    #[test]
    fn the_units_are_what_systemd_understands() {
        let Some(analyze) = caisse_relay::place::find("systemd-analyze") else {
            eprintln!("no systemd-analyze here: the units were not verified");
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        for (kind, unit) in [
            ("system", include_str!("../../src/service/systemd/caisse-relay.system.service")),
            ("user", include_str!("../../src/service/systemd/caisse-relay.user.service")),
        ] {
            let path = folder.path().join(format!("caisse-relay-{kind}.service"));
            let command = format!("{} run", Path::new("/usr/bin/env").display());
            fs::write(&path, unit.replace("@COMMAND@", &command)).unwrap();
            let verified = Command::new(&analyze)
                .args([&format!("--{kind}"), "verify"])
                .arg(&path)
                .env("XDG_RUNTIME_DIR", folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&verified.stderr).into_owned();
            assert!(verified.status.success() && !said.contains("caisse-relay"), "{kind}: {said}");
        }
    }

    #[test]
    fn the_machine_s_unit_is_hardened_and_has_a_folder_of_its_own() {
        let machine = Machine::new();
        // The build may be in somebody's home, which the service may not enter.
        let program = machine.root("usr/local/bin/caisse-relay");
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        fs::copy(PROGRAM, &program).unwrap();
        let run = |words: &str| {
            let mut command = Command::new(&program);
            command.args(words.split(' ')).arg("--json").arg("--root").arg(machine.root(""));
            command.env("HOME", machine.home("")).env_remove("XDG_CONFIG_HOME");
            let output = command.output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|_| panic!("{text}"))
        };
        assert_eq!(state(&run("service install --system")), ("installed", 0, true));
        let unit = fs::read_to_string(machine.root("etc/systemd/system/caisse-relay.service"));
        let unit = unit.unwrap();
        assert!(unit.contains("DynamicUser=yes\nStateDirectory=caisse-relay\n"), "{unit}");
        assert!(unit.contains(&format!("ExecStart={} run\n", program.display())), "{unit}");
        assert_eq!(state(&run("service uninstall --system")), ("not_installed", 0, true));
        assert!(!machine.root("etc/systemd/system/caisse-relay.service").exists());
    }

    #[test]
    fn the_tray_starts_with_the_desktop() {
        let machine = Machine::new();
        let entry = machine.home(".config/autostart/caisse-relay.desktop");
        assert_eq!(state(&one(&machine, "service install --as login")), ("installed", 0, true));
        let text = fs::read_to_string(&entry).unwrap();
        assert!(text.contains(&format!("\nExec={PROGRAM} tray --config ")), "{text}");
        // The desktop's own settings may switch it off.
        fs::write(&entry, text.replace("Autostart-enabled=true", "Autostart-enabled=false"))
            .unwrap();
        assert_eq!(state(&one(&machine, "service status --as login")).0, "not_installed");
        assert_eq!(state(&one(&machine, "service install --as login")), ("installed", 0, true));
        assert_eq!(state(&one(&machine, "service uninstall --as login")).0, "not_installed");
        assert!(!entry.exists());
        // Everybody has one, from a package: this person does not want it.
        let everybodys = machine.root("etc/xdg/autostart/caisse-relay.desktop");
        fs::create_dir_all(everybodys.parent().unwrap()).unwrap();
        fs::write(&everybodys, &text).unwrap();
        assert_eq!(state(&one(&machine, "service status --as login")).0, "installed");
        assert_eq!(state(&one(&machine, "service uninstall --as login")).0, "not_installed");
        assert!(fs::read_to_string(&entry).unwrap().contains("Hidden=true"));
        assert_eq!(state(&one(&machine, "service install --as login")), ("installed", 0, true));
        assert!(!entry.exists());
    }

    #[test]
    fn a_person_s_unit_is_not_made_with_sudo() {
        let machine = Machine::new();
        let output = isolated(&machine, "service install --json")
            .env("SUDO_USER", "camille")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(told["error"]["code"], "not_as_root");
        let command = told["error"]["command"].as_str().unwrap();
        assert!(command.contains("service install --as user"), "{command}");
        assert!(!machine.home(".config").exists());
    }
}

#[cfg(windows)]
mod windows {
    use crate::program::{PROGRAM, configure, program, stderr, stdout};
    use crate::shop::{Terminal, Till, approve_after};
    use serde_json::Value;
    use std::net::SocketAddr;
    use std::path::Path;
    use std::time::Duration;
    use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

    const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

    async fn told(words: &str, config: &Path) -> (Value, i32) {
        let mut all: Vec<&str> = words.split(' ').collect();
        all.extend(["--json", "--config", config.to_str().unwrap()]);
        let output = program(&all).await;
        let text = stdout(&output);
        let line = text.lines().next().unwrap_or_else(|| panic!("{}", stderr(&output)));
        (serde_json::from_str(line).unwrap(), output.status.code().unwrap())
    }

    /// A folder with a space in its name, as those of people have.
    fn folder() -> tempfile::TempDir {
        tempfile::Builder::new().prefix("La Caisse ").tempdir().unwrap()
    }

    #[tokio::test]
    async fn the_tray_starts_when_a_person_logs_in() {
        let folder = folder();
        let config = configure(folder.path(), &[], "");
        for (way, hive) in [("login", CURRENT_USER), ("machine", LOCAL_MACHINE)] {
            let value = || hive.open(RUN).and_then(|key| key.get_string("Caisse Relay"));
            let (installed, code) = told(&format!("service install --as {way}"), &config).await;
            assert_eq!((&installed["state"], code), (&Value::from("installed"), 0), "{installed}");
            let command = value().unwrap();
            let (path, rest) = command[1..].split_once('"').unwrap();
            assert!(command.starts_with('"'), "{command}");
            assert_eq!(
                std::fs::canonicalize(path).unwrap(),
                std::fs::canonicalize(PROGRAM).unwrap()
            );
            assert_eq!(rest, format!(" tray --config \"{}\"", config.display()));

            let (again, _) = told(&format!("service install --as {way}"), &config).await;
            assert_eq!(again["changed"], false);
            hive.create(RUN).unwrap().set_string("Caisse Relay", r"C:\old.exe tray").unwrap();
            let (moved, _) = told(&format!("service status --as {way}"), &config).await;
            assert_eq!(
                (&moved["state"], &moved["leftovers"]),
                (&"not_installed".into(), &1.into())
            );
            let (gone, code) = told(&format!("service uninstall --as {way}"), &config).await;
            assert_eq!((&gone["state"], code), (&Value::from("not_installed"), 0));
            assert!(value().is_err());
        }
    }

    #[tokio::test]
    async fn the_service_takes_payments_and_finishes_the_one_under_way_when_it_stops() {
        let terminal = Terminal::start().await;
        let folder = folder();
        let config = configure(folder.path(), &[("comptoir", terminal.address)], "");
        // The service has no standard output to name a port on.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        drop(listener);
        let text = std::fs::read_to_string(&config).unwrap();
        std::fs::write(&config, text.replace("127.0.0.1:0", &address.to_string())).unwrap();

        let (installed, code) = told("service install --system", &config).await;
        assert_eq!((&installed["state"], code), (&Value::from("installed"), 0), "{installed}");
        let mut tries = 0;
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tries += 1;
            assert!(tries < 100, "the service does not listen");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let ca = folder.path().join("data").join("ca").join("ca.pem");
        let mut till = Till::enter(&format!("wss://{address}/till"), &ca, "Caisse 1").await;
        terminal.will(approve_after(400));
        let id = till.ask(12_50).await;
        till.sent(&id).await;
        let removing = {
            let config = config.clone();
            tokio::spawn(async move { told("service uninstall --as service", &config).await })
        };
        assert_eq!(till.outcome(&id).await["outcome"], "approved");
        assert_eq!(till.closed().await, 1001);
        let (removed, code) = removing.await.unwrap();
        assert_eq!((&removed["state"], code), (&Value::from("not_installed"), 0), "{removed}");
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn only_windows_starts_the_service() {
        let folder = folder();
        let config = configure(folder.path(), &[], "");
        let (refused, code) = told("service serve", &config).await;
        assert_eq!((refused["type"].as_str(), code), (Some("error"), 1));
    }
}

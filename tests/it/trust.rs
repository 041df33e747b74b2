//! `certs install`, `status` and `uninstall`: real stores, in folders that go with the story.

use crate::program::{PROGRAM, configure};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A till PC: the home of who sits at it, the system's folders, and the relay's.
pub struct Machine {
    folder: TempDir,
    pub config: PathBuf,
}

impl Machine {
    pub fn new() -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let config = configure(folder.path(), &[], "");
        let machine = Machine { folder, config };
        for system in ["usr/local/share/ca-certificates", "etc/ssl/certs", "var/lib"] {
            fs::create_dir_all(machine.root(system)).unwrap();
        }
        fs::create_dir_all(machine.root("etc/ca-certificates/update.d")).unwrap();
        fs::create_dir_all(machine.home("")).unwrap();
        machine
    }

    pub fn root(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path)
    }

    pub fn home(&self, path: &str) -> PathBuf {
        self.folder.path().join("home").join(path)
    }

    pub fn ca(&self, name: &str) -> PathBuf {
        self.folder.path().join("data/ca").join(name)
    }

    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words.split(' ')).arg("--config").arg(&self.config);
        command.arg("--root").arg(self.root(""));
        command.env("HOME", self.home("")).env_remove("XDG_DATA_HOME").env_remove("SUDO_USER");
        command
    }

    /// Runs it; gives a line a place, and whether the whole succeeded.
    pub fn run(&self, words: &str) -> (Vec<Value>, bool) {
        let output = self.command(words).arg("--json").output().unwrap();
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines, output.status.success())
    }

    /// What became of one place, which has to succeed.
    pub fn one(&self, words: &str) -> Value {
        let (mut told, done) = self.run(words);
        assert!(done && told.len() == 1, "{words}: {told:?}");
        told.remove(0)
    }

    /// An authority that is not the relay's.
    fn company(&self) -> PathBuf {
        let file = self.folder.path().join("company.pem");
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout {} -out {} \
             -subj /O=Company/CN=Company",
            self.folder.path().join("company.key").display(),
            file.display()
        ));
        file
    }

    /// Makes the relay's authority anew; the old one stays wherever it is.
    fn reinstall(&self) {
        fs::remove_dir_all(self.ca("")).unwrap();
    }
}

fn openssl(words: &str) -> Output {
    let output = Command::new("openssl").args(words.split(' ')).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn certutil(folder: &Path, words: &[&str]) -> String {
    let database = format!("sql:{}", folder.display());
    let output = Command::new("certutil").args(["-d", &database]).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn state(told: &Value) -> (&str, u64, bool) {
    let state = told["state"].as_str().unwrap();
    (state, told["leftovers"].as_u64().unwrap(), told["changed"].as_bool().unwrap())
}

#[test]
fn nss_is_made_where_it_is_missing_and_trusts_for_web_sites_only() {
    let machine = Machine::new();
    let database = machine.home(".local/share/pki/nssdb");
    assert_eq!(state(&machine.one("certs status --store nss")), ("absent", 0, false));
    assert_eq!(state(&machine.one("certs install --store nss")), ("trusted", 0, true));
    assert!(!machine.home(".pki").exists(), "it would hide the other database from Chromium");
    let list = certutil(&database, &["-L"]);
    assert!(list.contains("Caisse Relay CA (") && list.contains(" C,, "), "{list}");
    // Twice is once.
    assert_eq!(state(&machine.one("certs install --store nss")), ("trusted", 0, false));
    assert_eq!(certutil(&database, &["-L"]), list);
    assert_eq!(state(&machine.one("certs status --store nss")), ("trusted", 0, false));
    assert_eq!(state(&machine.one("certs uninstall --store nss")), ("not_trusted", 0, true));
    assert!(!certutil(&database, &["-L"]).contains("Caisse"));
    assert_eq!(state(&machine.one("certs uninstall --store nss")), ("not_trusted", 0, false));
}

#[test]
fn nss_writes_where_chromium_reads_and_cleans_where_it_does_not() {
    let machine = Machine::new();
    machine.one("certs install --store nss");
    // Some program makes the old folder: from now on Chromium reads that one.
    let old = machine.home(".pki/nssdb");
    fs::create_dir_all(&old).unwrap();
    certutil(&old, &["-N", "--empty-password"]);
    let company = machine.company();
    certutil(&old, &["-A", "-t", "C,,", "-n", "Company root", "-i", company.to_str().unwrap()]);
    assert_eq!(state(&machine.one("certs status --store nss")), ("not_trusted", 1, false));
    assert_eq!(state(&machine.one("certs install --store nss")), ("trusted", 0, true));
    assert!(certutil(&old, &["-L"]).contains("Caisse Relay CA"));
    assert!(!certutil(&machine.home(".local/share/pki/nssdb"), &["-L"]).contains("Caisse"));
    machine.one("certs uninstall --store nss");
    let list = certutil(&old, &["-L"]);
    assert!(list.contains("Company root") && !list.contains("Caisse"), "{list}");
}

#[test]
fn nss_is_believed_by_the_certificate_and_its_trust_not_by_its_name() {
    let machine = Machine::new();
    machine.one("certs install --store nss");
    let database = machine.home(".local/share/pki/nssdb");
    let list = certutil(&database, &["-L"]);
    let name = list.lines().find(|line| line.starts_with("Caisse")).unwrap();
    let name = name.rsplit_once(" C,,").unwrap().0.trim();
    certutil(&database, &["-M", "-t", ",,", "-n", name]);
    assert_eq!(state(&machine.one("certs status --store nss")), ("not_trusted", 1, false));
    assert_eq!(state(&machine.one("certs install --store nss")), ("trusted", 0, true));
    // Another's certificate under our name is not ours, and stays.
    certutil(&database, &["-D", "-n", name]);
    let company = machine.company();
    certutil(&database, &["-A", "-t", "C,,", "-n", name, "-i", company.to_str().unwrap()]);
    assert_eq!(state(&machine.one("certs status --store nss")), ("not_trusted", 0, false));
    assert_eq!(state(&machine.one("certs uninstall --store nss")), ("not_trusted", 0, false));
    assert!(certutil(&database, &["-L"]).contains(name));
}

#[test]
fn an_older_authority_is_noticed_and_removed_in_every_store() {
    let machine = Machine::new();
    fs::copy(machine.company(), machine.root("usr/local/share/ca-certificates/company.crt"))
        .unwrap();
    let stores = "--store nss --store system --store firefox --store chromium-policy";
    let (told, done) = machine.run(&format!("certs install {stores}"));
    assert!(done && told.iter().all(|told| state(told) == ("trusted", 0, true)), "{told:?}");
    let first = fs::read_to_string(machine.ca("ca.pem")).unwrap();
    machine.reinstall();
    let (told, _) = machine.run(&format!("certs status {stores}"));
    assert!(told.iter().all(|told| state(told) == ("not_trusted", 1, false)), "{told:?}");
    let (told, done) = machine.run(&format!("certs install {stores}"));
    assert!(done && told.iter().all(|told| state(told) == ("trusted", 0, true)), "{told:?}");
    assert_ne!(fs::read_to_string(machine.ca("ca.pem")).unwrap(), first);

    // Even when the relay's folder is gone, nothing of it stays.
    machine.reinstall();
    let (told, done) = machine.run("certs uninstall");
    assert!(done && told.iter().all(|told| told["leftovers"] == 0), "{told:?}");
    let bundle = fs::read_to_string(machine.root("etc/ssl/certs/ca-certificates.crt")).unwrap();
    assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), 1, "the company's alone");
    assert!(!machine.root("var/lib/caisse-relay").exists());
}

#[test]
fn the_system_s_store_makes_openssl_believe_the_relay() {
    let machine = Machine::new();
    let company = machine.root("usr/local/share/ca-certificates/company.crt");
    fs::copy(machine.company(), &company).unwrap();
    let leaf = machine.ca("relay.pem");
    let verify = || {
        let bundle = machine.root("etc/ssl/certs/ca-certificates.crt");
        let mut command = Command::new("openssl");
        command.args(["verify", "-no-CApath", "-verify_ip", "127.0.0.1", "-CAfile"]);
        command.arg(bundle).arg(&leaf).output().unwrap().status.success()
    };
    let mut show = Command::new(PROGRAM);
    show.args(["certs", "show", "--config"]).arg(&machine.config).output().unwrap();
    machine.one("certs install --store system");
    assert!(verify());
    assert_eq!(state(&machine.one("certs install --store system")), ("trusted", 0, false));
    assert_eq!(state(&machine.one("certs uninstall --store system")), ("not_trusted", 0, true));
    assert!(!verify());
    assert!(company.exists());
    let links = fs::read_dir(machine.root("etc/ssl/certs")).unwrap().filter_map(Result::ok);
    let dangling: Vec<_> = links.map(|link| link.path()).filter(|link| !link.exists()).collect();
    assert_eq!(dangling, Vec::<PathBuf>::new());
}

#[test]
fn firefox_s_policies_keep_what_others_wrote() {
    let machine = Machine::new();
    let policies = machine.root("etc/firefox/policies/policies.json");
    let theirs = json!({
        "comment": "by the IT service",
        "policies": {
            "DisableTelemetry": true,
            "Certificates": { "ImportEnterpriseRoots": true, "Install": ["/etc/company.pem"] }
        }
    });
    fs::create_dir_all(policies.parent().unwrap()).unwrap();
    fs::write(&policies, theirs.to_string()).unwrap();
    let read = || serde_json::from_slice::<Value>(&fs::read(&policies).unwrap()).unwrap();
    assert_eq!(state(&machine.one("certs install --store firefox")), ("trusted", 0, true));
    let install = read()["policies"]["Certificates"]["Install"].clone();
    assert_eq!(install[0], "/etc/company.pem");
    let copy = fs::read(install[1].as_str().unwrap()).unwrap();
    assert_eq!(copy, fs::read(machine.ca("ca.pem")).unwrap());
    assert_eq!(state(&machine.one("certs install --store firefox")), ("trusted", 0, false));
    assert_eq!(state(&machine.one("certs uninstall --store firefox")), ("not_trusted", 0, true));
    assert_eq!(read(), theirs);
    assert!(!Path::new(install[1].as_str().unwrap()).exists());

    // Without them, the file and its folders go as they came.
    fs::remove_dir_all(machine.root("etc/firefox")).unwrap();
    machine.one("certs install --store firefox");
    machine.one("certs uninstall --store firefox");
    assert!(!machine.root("etc/firefox").exists());
}

#[test]
fn one_store_that_fails_stops_no_other_and_is_not_touched() {
    let machine = Machine::new();
    let policies = machine.root("etc/firefox/policies/policies.json");
    fs::create_dir_all(policies.parent().unwrap()).unwrap();
    fs::write(&policies, "{ not JSON").unwrap();
    let stores = "--store firefox --store chromium-policy --store nss";
    let (told, done) = machine.run(&format!("certs install {stores}"));
    assert!(!done);
    let of = |name: &str| told.iter().find(|told| told["name"] == name).unwrap();
    assert_eq!(of("firefox")["state"], "unknown");
    assert_eq!(of("firefox")["error"]["code"], "file_not_understood");
    assert_eq!(state(of("chromium-policy")), ("trusted", 0, true));
    assert_eq!(state(of("nss")), ("trusted", 0, true));
    assert_eq!(fs::read_to_string(&policies).unwrap(), "{ not JSON");
}

#[test]
fn a_policy_of_someone_else_s_that_may_win_is_named() {
    let machine = Machine::new();
    machine.one("certs install --store chromium-policy");
    let other = machine.root("etc/chromium/policies/managed/company.json");
    fs::write(&other, r#"{ "CACertificates": ["AAAA"] }"#).unwrap();
    let (told, _) = machine.run("certs status --store chromium-policy");
    assert_eq!(told[0]["error"]["code"], "rival_policy");
    assert!(told[0]["error"]["message"].as_str().unwrap().contains("company.json"));
    // Ours is taken away all the same, and the folder stays with theirs in it.
    assert_eq!(
        state(&machine.one("certs uninstall --store chromium-policy")),
        ("not_trusted", 0, true)
    );
    assert!(other.exists());
}

#[test]
fn a_store_of_the_machine_says_the_administrator_s_command() {
    if !is_root() {
        return;
    }
    let machine = Machine::new();
    Command::new(PROGRAM)
        .args(["certs", "show", "--config"])
        .arg(&machine.config)
        .output()
        .unwrap();
    // As the person at the till, who may read the relay's folder and write in its home only.
    let folder = machine.folder.path();
    let open = |path: &Path| {
        let chown = Command::new("chown").args(["-R", "65534:65534"]).arg(path).status().unwrap();
        assert!(chown.success());
    };
    open(&folder.join("data"));
    open(&folder.join("home"));
    Command::new("chmod").arg("755").arg(folder).status().unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(reachable(folder));
    command
        .args("certs install --json --store system --store chromium-policy --store nss".split(' '));
    command.arg("--config").arg(&machine.config).arg("--root").arg(machine.root(""));
    command.env("HOME", machine.home("")).env_remove("SUDO_USER");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let told: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| told.iter().find(|told| told["name"] == name).unwrap();
    for name in ["system", "chromium-policy"] {
        let error = &of(name)["error"];
        assert_eq!(error["code"], "needs_admin", "{told:?}");
        let said = error["command"].as_str().unwrap();
        assert!(said.starts_with("sudo /") && said.contains(&format!("--store {name}")), "{said}");
        assert!(said.contains(&format!("--data-dir {}", folder.join("data").display())), "{said}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    assert_eq!(state(of("nss")), ("trusted", 0, true));
}

#[test]
fn sudo_does_not_write_in_a_person_s_database_nor_make_the_authority() {
    let machine = Machine::new();
    let with_sudo = |words: &str| {
        let output = machine.command(words).env("SUDO_USER", "camille").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let said = with_sudo("certs install --store chromium-policy");
    assert!(said.contains("certs show") && !machine.ca("ca.pem").exists(), "{said}");
    machine.one("certs install --store chromium-policy");
    let said = with_sudo("certs install --json --store nss");
    let told: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(told["error"]["code"], "not_as_root");
    let command = told["error"]["command"].as_str().unwrap();
    assert!(
        !command.contains("sudo") && command.contains("certs install --store nss"),
        "{command}"
    );
    assert!(!machine.home(".local").exists());
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim() == "0"
}

/// The program where anybody may run it: the build folder may be one's own.
fn reachable(folder: &Path) -> PathBuf {
    let copy = folder.join("caisse-relay");
    fs::copy(PROGRAM, &copy).unwrap();
    copy
}

#[test]
fn people_read_it_in_their_language() {
    let machine = Machine::new();
    let say = |words: &str| {
        let output = machine.command(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).replace('\u{a0}', " ")
    };
    let french = say("certs install --store nss");
    assert!(french.contains("installé") && french.contains("rouvrez ces navigateurs"), "{french}");
    assert!(french.contains("SHA-256"), "{french}");
    let config = fs::read_to_string(&machine.config).unwrap();
    fs::write(&machine.config, format!("lang = \"en\"\n{config}")).unwrap();
    let english = say("certs status --store nss");
    assert!(english.contains("trusts the relay"), "{english}");
    let unknown = machine.command("certs install --store opera").output().unwrap();
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("“opera” is not one of: nss, system, firefox"), "{said}");
}

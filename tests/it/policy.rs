//! `browser-policy install`, `status` and `uninstall`.

use crate::trust::{Machine, state};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const MANAGED: [(&str, &str); 3] = [
    ("chromium", "etc/chromium/policies/managed/caisse-relay.json"),
    ("chrome", "etc/opt/chrome/policies/managed/caisse-relay.json"),
    ("edge", "etc/opt/edge/policies/managed/caisse-relay.json"),
];

const FIREFOX: &str = "etc/firefox/policies/policies.json";

impl Machine {
    fn allow(&self, origins: &[&str]) {
        let text = fs::read_to_string(&self.config).unwrap();
        let lines = text.lines().map(|line| match line.starts_with("allow_origins") {
            true => format!("allow_origins = {origins:?}"),
            false => line.to_owned(),
        });
        let text: Vec<String> = lines.collect();
        fs::write(&self.config, text.join("\n")).unwrap();
    }
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn exactly_the_allowed_origins_are_written_and_nothing_stays() {
    let machine = Machine::new();
    machine.allow(&["https://shop.example", "https://pos.example:8443"]);
    for (browser, path) in MANAGED {
        let path = machine.root(path);
        let told = machine.one(&format!("browser-policy install --browser {browser}"));
        assert_eq!(state(&told), ("set", 0, true));
        let origins = ["https://shop.example", "https://pos.example:8443"];
        assert_eq!(json_of(&path), json!({ "LoopbackNetworkAllowedForUrls": origins }));
        let told = machine.one(&format!("browser-policy install --browser {browser}"));
        assert_eq!(state(&told), ("set", 0, false));
    }
    let (told, done) = machine.run("browser-policy uninstall");
    assert!(done && told.len() == 4, "{told:?}");
    for gone in ["etc/chromium", "etc/opt", "etc/firefox", "var/lib/caisse-relay"] {
        assert!(!machine.root(gone).exists(), "{gone}");
    }
    assert!(machine.root("var/lib").exists(), "what was there before stays");
}

#[test]
fn a_changed_origin_is_noticed_and_replaced() {
    let machine = Machine::new();
    machine.run("browser-policy install --browser chromium --browser firefox");
    machine.allow(&["https://new.example"]);
    let (told, _) = machine.run("browser-policy status --browser chromium --browser firefox");
    assert!(told.iter().all(|told| state(told) == ("not_set", 1, false)), "{told:?}");
    let (told, done) = machine.run("browser-policy install --browser chromium --browser firefox");
    assert!(done && told.iter().all(|told| state(told) == ("set", 0, true)), "{told:?}");
    let firefox = json_of(&machine.root(FIREFOX));
    assert_eq!(firefox["policies"]["LocalNetworkAccess"]["SkipDomains"], json!(["new.example"]));
    // The list becomes empty: what was installed is still found and removed.
    machine.allow(&[]);
    let (told, done) = machine.run("browser-policy uninstall --browser chromium --browser firefox");
    assert!(done && told.iter().all(|told| told["changed"] == true), "{told:?}");
    assert!(!machine.root("etc/firefox").exists());
}

#[test]
fn firefox_s_file_keeps_what_others_wrote_even_the_same_words() {
    let machine = Machine::new();
    let path = machine.root(FIREFOX);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    for theirs in [
        json!({ "policies": { "DisableTelemetry": true } }),
        json!({ "policies": { "LocalNetworkAccess": { "SkipDomains": ["intranet.example"] } } }),
        json!({ "policies": { "LocalNetworkAccess": { "Enabled": false, "BlockTrackers": true } } }),
        // They allowed our page before us: it is theirs to take away.
        json!({ "policies": { "LocalNetworkAccess": { "Enabled": true, "SkipDomains": ["shop.example"] } } }),
    ] {
        fs::write(&path, theirs.to_string()).unwrap();
        let (told, done) = machine.run("browser-policy install --browser firefox");
        assert!(done && told[0]["state"] == "set", "{theirs}: {told:?}");
        let access = json_of(&path)["policies"]["LocalNetworkAccess"].clone();
        assert!(access["SkipDomains"].as_array().unwrap().contains(&"shop.example".into()));
        let before = &theirs["policies"]["LocalNetworkAccess"]["Enabled"];
        assert!(before.is_null() || access["Enabled"] == *before, "{access}");
        let (told, done) = machine.run("browser-policy uninstall --browser firefox");
        assert!(done, "{theirs}: {told:?}");
        assert_eq!(json_of(&path), theirs);
        assert!(!machine.root("var/lib/caisse-relay").exists());
    }
}

#[test]
fn policies_of_a_distribution_are_not_hidden() {
    let machine = Machine::new();
    let theirs = machine.root("usr/lib/firefox-esr/distribution/policies.json");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::write(&theirs, r#"{ "policies": {} }"#).unwrap();
    let (told, done) = machine.run("browser-policy install --browser firefox");
    assert!(!done);
    assert_eq!(told[0]["error"]["code"], "rival_policy");
    assert!(!machine.root("etc/firefox").exists());
}

#[test]
fn certificates_and_origins_share_firefox_s_file() {
    let machine = Machine::new();
    machine.one("certs install --store firefox");
    machine.one("browser-policy install --browser firefox");
    let policies = json_of(&machine.root(FIREFOX))["policies"].clone();
    assert!(policies["Certificates"].is_object() && policies["LocalNetworkAccess"].is_object());
    machine.one("certs uninstall --store firefox");
    assert_eq!(state(&machine.one("browser-policy status --browser firefox")), ("set", 0, false));
    machine.one("browser-policy uninstall --browser firefox");
    assert!(!machine.root("etc/firefox").exists());
}

#[test]
fn without_an_origin_there_is_nothing_to_install() {
    let machine = Machine::new();
    machine.allow(&[]);
    let (told, done) = machine.run("browser-policy install");
    assert!(!done && told.len() == 1, "{told:?}");
    assert!(told[0]["message"].as_str().unwrap().contains("allow_origins"), "{told:?}");
}

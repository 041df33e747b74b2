//! The house rules that a compiler does not know.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first: a module may use those before it and none after it.
const LAYERS: &[&str] = &[
    "faults",
    "near",
    "rights",
    "durations",
    "wire",
    "exchange",
    "payment",
    "discover",
    "words",
    "journal",
    "access",
    "health",
    "hub",
    "till",
    "ca",
    "metrics",
    "place",
    "policy",
    "trust",
    "service",
    "server",
    "onboarding",
    "mdns",
    "outbox",
    "simulator",
    "update",
    "config",
    "doctor",
    "relay",
    "tray",
    "cli",
    "main",
];

/// Where a crate may be used. Those that are not named here are for everybody:
/// the runtime, the log, errors.
const OWNERS: &[(&str, &[&str])] = &[
    ("anyhow", &["cli"]),
    ("axum", &["server", "onboarding", "simulator"]),
    ("base64", &["payment", "access", "trust", "onboarding", "simulator"]),
    ("clap", &["cli"]),
    ("directories", &["config"]),
    ("fast_qr", &["onboarding"]),
    ("file_rotate", &["cli"]),
    ("fs4", &["journal"]),
    ("gethostname", &["ca"]),
    ("http_body_util", &["update"]),
    ("hyper", &["server", "onboarding", "update"]),
    ("hyper_util", &["server", "onboarding", "update"]),
    ("if_addrs", &["ca", "discover"]),
    ("iso_currency", &["payment"]),
    ("ksni", &["tray"]),
    ("mdns_sd", &["mdns"]),
    ("minisign_verify", &["update"]),
    ("open", &["cli"]),
    ("prometheus_client", &["metrics"]),
    ("rcgen", &["ca"]),
    ("ring", &["access", "ca", "onboarding"]),
    ("rlimit", &["cli"]),
    ("rusqlite", &["journal"]),
    ("schannel", &["trust"]),
    ("semver", &["update"]),
    ("serde", &["till", "simulator", "update", "config", "cli"]),
    ("serde_json", &["till", "policy", "trust", "simulator", "update", "tray", "cli"]),
    ("strsim", &["config"]),
    ("tokio_postgres", &["outbox"]),
    ("tokio_postgres_rustls", &["outbox"]),
    ("tokio_rustls", &["server", "update", "cli"]),
    ("toml", &["simulator", "config"]),
    ("tracing_appender", &["cli"]),
    ("tray_icon", &["tray"]),
    ("uuid", &["onboarding", "cli"]),
    ("webpki_roots", &["update"]),
    ("windows_registry", &["policy", "service"]),
    ("windows_service", &["service"]),
    ("winit", &["tray"]),
    ("x509_parser", &["ca"]),
    ("zbus", &["tray"]),
    ("zip", &["cli"]),
];

struct Source {
    path: PathBuf,
    layer: String,
    /// Without its tests.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    files_below(&root)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let layer = inside.iter().next().unwrap().to_str().unwrap();
            let layer = layer.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            Source { path, layer, code }
        })
        .collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The code without comments.
fn statements(code: &str) -> impl Iterator<Item = &str> {
    code.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// What follows each mention of `before`, up to the end of the name.
fn names_after<'a>(line: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(before).skip(1).map(|rest| {
        let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_');
        &rest[..end.unwrap_or(rest.len())]
    })
}

#[test]
fn modules_depend_downwards() {
    let rank = |layer: &str| LAYERS.iter().position(|known| *known == layer);
    for Source { path, layer, code } in sources() {
        if layer == "lib" {
            continue;
        }
        let own = rank(&layer).unwrap_or_else(|| panic!("{layer} is no layer; add it to LAYERS"));
        for used in statements(&code).flat_map(|line| names_after(line, "crate::")) {
            if let Some(other) = rank(used) {
                let path = path.display();
                assert!(other <= own, "{path}: {layer} may not use {used}, which is above it");
            }
        }
    }
}

#[test]
fn lib_lists_the_layers_in_reading_order() {
    let lib = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let listed: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")).collect();
    let listed: Vec<_> = listed.iter().map(|name| name.trim_end_matches(';')).collect();
    assert_eq!(listed, LAYERS[..LAYERS.len() - 1]);
}

#[test]
fn each_dependency_is_visible_in_its_layers_only() {
    for Source { path, layer, code } in sources() {
        for (dependency, owners) in OWNERS {
            let mention = format!("{dependency}::");
            let used = statements(&code).any(|line| {
                line.match_indices(&mention).any(|(at, _)| {
                    !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            let path = path.display();
            assert!(!used || owners.contains(&layer.as_str()), "{path}: {dependency} in {layer}");
        }
    }
}

#[test]
fn money_is_never_a_float() {
    for Source { path, layer, code } in sources() {
        // Prometheus counts in seconds with decimals; no amount is among its numbers.
        if layer == "metrics" {
            continue;
        }
        for float in ["f32", "f64"] {
            let found = statements(&code).any(|line| names_after(line, float).next().is_some());
            assert!(!found, "{}: {float}", path.display());
        }
    }
}

#[test]
fn pure_layers_read_no_clock_and_open_nothing() {
    for Source { path, layer, code } in sources() {
        if ["wire", "payment", "words"].contains(&layer.as_str()) {
            for impure in
                ["std::net", "std::fs", "std::io", "SystemTime", "Instant", "tokio", "serde"]
            {
                assert!(!code.contains(impure), "{}: {impure}", path.display());
            }
        }
    }
}

#[test]
fn what_differs_between_systems_is_listed_in_lib() {
    let lib = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let listed: Vec<_> = rows.filter_map(|row| row.split('`').next()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = Vec::new();
    for Source { path, code, .. } in sources() {
        let systems = ["unix", "windows", "target_os", "target_family"];
        let differs = statements(&code).any(|line| {
            let conditional = line.contains("cfg(") || line.contains("cfg!(");
            conditional && systems.iter().any(|system| line.contains(system))
        });
        if !differs {
            continue;
        }
        let inside = path.strip_prefix(&root).unwrap().with_extension("");
        let name: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        let name = name.join("::").trim_end_matches("::mod").to_owned();
        let row = listed.iter().find(|row| name == **row || name.starts_with(&format!("{row}::")));
        let row = row.unwrap_or_else(|| panic!("{name} differs by system: list it in lib.rs"));
        seen.push(*row);
    }
    for row in listed {
        assert!(seen.contains(&row), "{row} differs no more: take it off the list");
    }
}

#[test]
fn no_file_is_longer_than_400_lines_before_its_tests() {
    for Source { path, code, .. } in sources() {
        let lines = code.lines().count();
        assert!(lines <= 400, "{}: {lines} lines", path.display());
    }
}

#[test]
fn modules_are_named_after_what_they_are() {
    for Source { path, .. } in sources() {
        for vague in ["utils", "util", "common", "helpers", "helper", "types", "manager", "misc"] {
            let name = path.file_stem().unwrap();
            assert!(name != vague, "{}: a name from nowhere", path.display());
        }
    }
}

#[test]
fn no_key_is_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "certs", "tests", "web-client", "benches", "fuzz"] {
        let folder = root.join(folder);
        if !folder.exists() {
            continue;
        }
        for path in files_below(&folder) {
            let shown = path.display().to_string();
            if shown.contains("node_modules")
                || shown.contains("/target/")
                || shown.contains("/corpus/")
            {
                continue;
            }
            let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
            let keys = ["pem", "key", "p12", "pfx", "der"];
            assert!(!keys.contains(&extension.as_str()), "{shown}");
        }
    }
}

#[test]
fn every_file_of_the_client_and_the_demo_is_served() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = fs::read_to_string(root.join("src/server/pages.rs")).unwrap();
    let served = |path: &Path| {
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        ["js", "html", "css", "svg"].contains(&extension.as_str())
    };
    // They need a bundler, or are one: the package for npm alone has them.
    let packed =
        ["build.js", "script.js", "react.js", "vue.js"].map(|name| format!("web-client/{name}"));
    for folder in ["web-client", "web-client/component", "web-client/demo", "web-client/status"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && served(&path) {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                let name = name.replace('\\', "/");
                let known = packed.contains(&name) || pages.contains(&format!("../../{name}"));
                assert!(known, "{name} is not served");
            }
        }
    }
}

#[test]
fn every_file_of_the_page_for_tablets_is_in_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code: String = sources()
        .into_iter()
        .filter(|source| source.layer == "onboarding")
        .map(|source| source.code)
        .collect();
    for path in files_below(&root.join("web-client/onboarding")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let used = code.contains(&format!("/{name}\"")) || code.contains(&format!("(\"{name}\")"));
        assert!(used, "{} is used nowhere", path.display());
    }
}

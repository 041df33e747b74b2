//! A diagnosis in one file, for who helps: nothing in it is a card or a secret.

use super::doctor::{self, Doctor};
use super::exit::{Exit, print, say};
use super::{Common, export, log, log_file};
use crate::config::{Config, platform_downloads};
use crate::journal::{Filter, Reader};
use crate::payment::Payment;
use crate::relay;
use crate::till::{CheckView, PaymentView, SUB_PROTOCOL, moment, view};
use crate::wire::mask_numbers;
use crate::words::{Lang, Program, Sentence, Tray};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// As many payments, the last ones, are in it.
const PAYMENTS: usize = 500;
/// As many bytes of the log, the last ones, are in it.
const LOG: u64 = 4 * 1024 * 1024;
/// How long the doctor may take; a terminal may need its time to connect.
const EXAMINATION: Duration = Duration::from_secs(90);
/// A word as long as the relay's key or a till's token.
const SECRET: usize = 43;

/// A diagnosis for who helps, without cards and secrets.
#[derive(Debug, Args)]
pub(super) struct Bundle {
    /// Where to put it, instead of the folder of downloads
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// The relay's address, instead of what the configuration says
    #[arg(long, value_name = "ADDR", env = "CAISSE_RELAY_LISTEN")]
    relay: Option<SocketAddr>,
}

impl Bundle {
    pub(super) async fn write(self, common: &Common) -> Result<Exit> {
        let config = common.configuration().unwrap_or_else(|_| common.defaults());
        let folder = self.to.unwrap_or_else(platform_downloads);
        let path = make(common, self.relay, &folder).await?;
        match common.json {
            true => print(&serde_json::json!({ "type": "bundle", "path": path })),
            false => {
                let ready = Tray::BundleReady { path: path.display().to_string() };
                say(&config.lang.say(&Sentence::Tray(ready)));
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes a diagnosis into a folder, and gives its place. `relay` is its address where it is
/// not the configuration's.
pub(super) async fn make(
    common: &Common,
    relay: Option<SocketAddr>,
    folder: &Path,
) -> Result<PathBuf> {
    // It is made when things are broken: the configuration may be what is.
    let config = common.configuration().unwrap_or_else(|_| common.defaults());
    let now = moment(relay::now());
    let name: String = now.chars().map(|char| if char == ':' { '-' } else { char }).collect();
    let path = folder.join(format!("caisse-relay-{name}.zip"));
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let file_made = File::create_new(&path).with_context(|| path.display().to_string())?;
    let mut zip = ZipWriter::new(file_made);
    let (told, told_json) = examined(common, relay).await;
    let mut parts = parts(&config, common.file().as_deref(), &now);
    parts.extend([("doctor.txt", told), ("doctor.json", told_json)]);
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    zip.finish()?.sync_all()?;
    Ok(path)
}

/// What cannot be read says so in its place: a diagnosis is made when things are broken.
fn parts(config: &Config, file: Option<&Path>, now: &str) -> Vec<(&'static str, String)> {
    let or_why = |text: Result<String>| text.unwrap_or_else(|error| format!("{error:#}\n"));
    let typed = match file {
        Some(file) => {
            fs::read_to_string(file).with_context(|| file.display().to_string()).map(|t| clean(&t))
        }
        None => Ok("# no file: every key has its default\n".into()),
    };
    vec![
        ("version.txt", version(config, now)),
        ("configuration.toml", or_why(typed)),
        ("payments.csv", or_why(payments(config))),
        ("events.csv", or_why(events(config))),
        ("log.txt", logged(config)),
    ]
}

/// What the doctor says, for people and for programs.
async fn examined(common: &Common, relay: Option<SocketAddr>) -> (String, String) {
    let checks = timeout(EXAMINATION, Doctor::of(relay, None).checks(common)).await;
    let checks = checks.unwrap_or_else(|_| {
        Err(anyhow!(common.lang().say(&Sentence::Program(Program::DoctorUnfinished))))
    });
    let (checks, lang): (_, Lang) = match checks {
        Ok(checks) => checks,
        Err(error) => return (format!("{error:#}\n"), String::new()),
    };
    let lines = |line: &dyn Fn(&CheckView) -> String| -> String {
        clean(&checks.iter().map(|check| line(check) + "\n").collect::<String>())
    };
    let told = lines(&|check| doctor::in_words(check, lang));
    (told, lines(&|check| doctor::in_json(check).to_string()))
}

/// The last lines of the relay's files; of this process, where there are none.
fn logged(config: &Config) -> String {
    let files = log_file::last_lines(&relay::log_folder(&config.data_dir), LOG);
    clean(&files.unwrap_or_else(log::last_lines))
}

fn version(config: &Config, now: &str) -> String {
    format!(
        "caisse-relay {}\nprotocol {}\nsystem {} {}\nmade at {now}\nlisten {}\ndata_dir {}\nterminals {}\n",
        env!("CARGO_PKG_VERSION"),
        SUB_PROTOCOL,
        std::env::consts::OS,
        std::env::consts::ARCH,
        config.listen,
        config.data_dir.display(),
        config.terminals.len()
    )
}

/// The payments without what the terminal said of the card, and without the
/// shop's references, which may be a customer's name.
fn payments(config: &Config) -> Result<String> {
    let reader = Reader::open(&relay::journal_folder(&config.data_dir))?;
    let filter = Filter { limit: usize::MAX, ..Filter::default() };
    let payments = reader.payments(&filter)?;
    let last = &payments[payments.len().saturating_sub(PAYMENTS)..];
    let shown = |payment: &Payment| PaymentView {
        receipt: None,
        evidence: None,
        reference: None,
        ..view(payment, &payment.terminal, config.lang)
    };
    Ok(clean_numbers(&export::csv_text(last.iter().map(shown))))
}

/// What happened beside the payments, without what people wrote.
fn events(config: &Config) -> Result<String> {
    let reader = Reader::open(&relay::journal_folder(&config.data_dir))?;
    let mut text = String::from("at,kind,terminal,payment\n");
    for event in reader.events()? {
        let payment = event.payment.map(|id| id.to_string()).unwrap_or_default();
        let terminal = event.terminal.unwrap_or_default();
        text += &format!("{},{},{terminal},{payment}\n", moment(event.at), event.kind);
    }
    Ok(clean_numbers(&text))
}

/// Without what may be a card number, and without what may be a secret: a value
/// whose name says so, and every word as long as a key or a token.
fn clean(text: &str) -> String {
    let names = ["key", "token", "secret", "password"];
    let lines = text.lines().map(|line| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let name_says = name.trim().to_ascii_lowercase();
        if !value.is_empty() && names.iter().any(|secret| name_says.ends_with(secret)) {
            return format!("{name}= \"…\"\n");
        }
        without_secrets(&without_passwords(line)) + "\n"
    });
    clean_numbers(&lines.collect::<String>())
}

/// Of an address or of a database's settings, in whatever line they stand.
fn without_passwords(line: &str) -> String {
    let mut clean = line.to_owned();
    let value = |rest: &str| rest.find([' ', '"', '\'', '&', ';', ',']).unwrap_or(rest.len());
    for name in ["password=", "passwd=", "pwd="] {
        let mut from = 0;
        while let Some(at) = clean[from..].to_ascii_lowercase().find(name) {
            let start = from + at + name.len();
            let quote = clean[start..].len() - clean[start..].trim_start_matches('\'').len();
            let end = start + quote + value(&clean[start + quote..]);
            clean.replace_range(start..end, "…");
            from = start;
        }
    }
    let mut from = 0;
    while let Some(at) = clean[from..].find("://") {
        let start = from + at + 3;
        let authority = clean[start..].find(['/', ' ', '"']).unwrap_or(clean.len() - start);
        if let Some(at) = clean[start..start + authority].rfind('@') {
            clean.replace_range(start..start + at, "…");
        }
        from = start;
    }
    clean
}

fn without_secrets(line: &str) -> String {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    let mut clean = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_word) {
        let word = &rest[start..];
        let end = word.find(|char| !is_word(char)).unwrap_or(word.len());
        clean.push_str(&rest[..start]);
        clean.push_str(if end >= SECRET { "…" } else { &word[..end] });
        rest = &word[end..];
    }
    clean + rest
}

fn clean_numbers(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask_numbers(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_or_a_card_does_not_stay() {
        let key = "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0-_x";
        for dirty in [
            format!("opened https://127.0.0.1:9443/#key={key} now"),
            format!("shop_token = \"{}\"", "short"),
            format!("{{\"token\":\"{key}\"}}"),
            "card 4970101234567890 seen".into(),
            "postgres = \"host=db.example PASSWORD=short user=relay\"".into(),
            "postgres = \"host=db.example password='short'\"".into(),
            "tried postgres://relay:short@db.example/chain and failed".into(),
        ] {
            let clean = clean(&dirty);
            assert_ne!(clean.trim_end(), dirty);
            for secret in [key, "short", "4970101234567890"] {
                assert!(!clean.contains(secret), "{clean}");
            }
        }
        for plain in [
            "listen = \"0.0.0.0:9443\" # comptoir, 192.168.1.50\n",
            "postgres = \"host=db.example dbname=chain user=relay\"\npassword_file = \"word\"\n",
            "allow_origins = [\"https://shop.example\", \"https://b.example\"]\n",
        ] {
            assert_eq!(clean(plain), plain);
        }
    }
}

use super::Common;
use super::exit::{Exit, print, say};
use crate::ca::{self, Authority, Leaf, Names};
use crate::relay;
use anyhow::Result;
use clap::Subcommand;
use serde_json::json;
use std::time::SystemTime;
use time::OffsetDateTime;

/// The relay's certificate authority.
#[derive(Debug, Subcommand)]
pub(super) enum Certs {
    /// Show the certificate that browsers have to trust, and the relay's own
    Show,
    /// Make a new certificate for the relay, signed by the same authority
    Renew,
}

impl Certs {
    pub(super) fn obey(self, common: &Common) -> Result<Exit> {
        let config = common.configuration()?;
        let folder = relay::ca_folder(&config.data_dir);
        let now = SystemTime::now();
        let authority = Authority::open(&folder, &ca::host_name(), now)?;
        let names = Names::of_this_machine();
        let leaf = match self {
            Certs::Show => authority.leaf(&names, now)?,
            Certs::Renew => authority.renew(&names, now)?,
        };
        show(&authority, &leaf, common.json);
        if matches!(self, Certs::Renew) && !common.json {
            say("A relay that runs takes it within a minute.");
        }
        Ok(Exit::Done)
    }
}

fn show(authority: &Authority, leaf: &Leaf, json: bool) {
    let day = |at: SystemTime| OffsetDateTime::from(at).date().to_string();
    let mut names: Vec<String> = leaf.names.dns.iter().cloned().collect();
    names.extend(leaf.names.addresses.iter().map(ToString::to_string));
    let (ca, until) = (day(authority.not_after()), day(leaf.not_after));
    if json {
        return print(&json!({
            "type": "certificate",
            "ca": authority.certificate_file(),
            "name": authority.name(),
            "fingerprint": authority.fingerprint(),
            "ca_not_after": ca,
            "names": names,
            "not_after": until,
        }));
    }
    say(&format!("authority    {} (until {ca})", authority.name()));
    say(&format!("  file       {}", authority.certificate_file().display()));
    say(&format!("  SHA-256    {}", authority.fingerprint()));
    say(&format!("certificate  until {until}"));
    say(&format!("  for        {}", names.join(", ")));
}

use super::Common;
use super::exit::Exit;
use super::places::{Subject, System, Work};
use crate::access::Origin;
use crate::place::Verb;
use crate::policy::{self, Wish};
use crate::words::Notice;
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};

/// What managed browsers are told, so that they let the allowed pages reach the relay.
#[derive(Debug, Subcommand)]
pub(super) enum BrowserPolicy {
    /// Let the pages of `allow_origins`, and no others, reach the relay without a question
    Install(Browsers),
    /// Show what each browser is told
    Status(Browsers),
    /// Take the policies away again
    Uninstall(Browsers),
}

/// Which browsers.
#[derive(Debug, Args)]
pub(super) struct Browsers {
    /// Only this one, even if it is not on this machine; may be repeated
    #[arg(long = "browser", value_name = "NAME")]
    browsers: Vec<String>,
    #[command(flatten)]
    system: System,
}

impl BrowserPolicy {
    pub(super) fn obey(self, common: &Common) -> Result<Exit> {
        let (verb, Browsers { browsers, system }) = match self {
            BrowserPolicy::Install(browsers) => (Verb::Install, browsers),
            BrowserPolicy::Status(browsers) => (Verb::Status, browsers),
            BrowserPolicy::Uninstall(browsers) => (Verb::Uninstall, browsers),
        };
        let config = common.configuration()?;
        if verb == Verb::Install && config.allow_origins.is_empty() {
            return Err(anyhow!(config.lang.tell(&Notice::NoOrigins)));
        }
        let origins = config.allow_origins.iter().map(Origin::as_str).map(str::to_owned);
        let wish = Wish::new(origins, config.listen.ip());
        let work = Work {
            subject: Subject::Policies,
            verb,
            named: &browsers,
            lang: config.lang,
            common,
            data_dir: &config.data_dir,
            fingerprint: None,
        };
        work.carry_out(&policy::browsers(&wish, &system.root()))
    }
}

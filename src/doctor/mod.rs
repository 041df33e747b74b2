//! Looks at everything that a relay needs, changes nothing, and says what to do.
//!
//! Each file gathers the facts of one group and makes findings of them; the
//! sentences are `words::Finding`. A terminal is asked through the hub, which
//! refuses while something holds it, or directly where no relay runs: one that
//! carries a payment is never disturbed.
//!
//! | file | looks at |
//! |---|---|
//! | `house` | configuration, port, certificate, names |
//! | `port` | which program has a port |
//! | `browsers` | certificate stores and policies |
//! | `clock` | the clock |
//! | `firewall`, `sleep`, `autostart` | what the system does with the relay |
//! | `record` | journal, disk, events |
//! | `shop` | terminals, pages, tills |

mod autostart;
mod browsers;
mod clock;
mod firewall;
mod house;
mod port;
mod record;
mod shop;
mod sleep;

use crate::access::Access;
use crate::config::Config;
use crate::health::Health;
use crate::hub::Hub;
use crate::payment::Moment;
use crate::place::Root;
use crate::service::Program;
use crate::till::moment;
use crate::words::Finding;
pub use port::owner;
pub use shop::directly;
use std::path::PathBuf;
use std::sync::Arc;

/// Who answers on the relay's port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// This relay.
    Ours,
    /// Nobody.
    Free,
    /// Another program; its name, where the system tells it.
    Taken(Option<String>),
}

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Site {
    /// The configuration file, where there is one.
    pub file: Option<PathBuf>,
    /// What should start by itself, where that is known.
    pub program: Option<Program>,
    /// The configuration, or why it cannot be used.
    pub config: Result<Config, String>,
    /// Where the journal is.
    pub journal: PathBuf,
    /// Where the authority is.
    pub authority: PathBuf,
    /// Where the system's folders are.
    pub root: Root,
    /// Who answers on the port, at this address.
    pub port: (String, Port),
    /// Now.
    pub now: Moment,
}

/// Everything but terminals, pages and tills. Blocks while it looks.
pub fn computer(site: &Site) -> Vec<Finding> {
    let mut found = house::look(site);
    found.extend(browsers::look(site));
    let record = record::look(site);
    found.extend(clock::look(site.now, record.last_at));
    found.extend(firewall::look(site));
    found.extend(sleep::look(&site.root));
    found.extend(autostart::look(site));
    found.extend(record.findings);
    found
}

/// Everything, from inside a relay that runs.
pub async fn inside(
    site: Site,
    hub: Arc<Hub>,
    access: Arc<Access>,
    health: Arc<Health>,
) -> Vec<Finding> {
    let listen = site.config.as_ref().map(|config| config.listen).ok();
    let mut found = tokio::task::spawn_blocking(move || computer(&site)).await.unwrap_or_default();
    found.extend(shop::through(&hub).await);
    found.extend(shop::doors(&access.overview(), &health.facts(), listen));
    found
}

/// Whether a finding is about terminals, pages or tills: a relay that runs knows these best.
pub fn is_of_the_shop(code: &str) -> bool {
    ["terminal_", "pages_", "tills_", "distrust"].iter().any(|prefix| code.starts_with(prefix))
}

/// A moment for people: the minute, UTC.
fn minute(at: Moment) -> String {
    let text = moment(at);
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

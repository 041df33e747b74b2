//! The page that gives tablets the certificate, on loopback, to look at it and
//! to test it in browsers: `cargo run --example onboarding`.
//!
//! A configuration refuses the page where no tablet can reach it; this starts it
//! there all the same. A folder may be named, so that the authority stays.

use anyhow::{Context, Result};
use caisse_relay::config::Config;
use caisse_relay::onboarding::qr;
use caisse_relay::relay::Relay;
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let mut config = Config::without_file();
    config.data_dir =
        folder.unwrap_or_else(|| std::env::temp_dir().join("caisse-relay-onboarding"));
    config.listen_on(([127, 0, 0, 1], 0).into())?;
    config.onboarding = Some(0);
    let relay = Relay::start(config, Vec::new()).await?;
    let onboarding = relay.onboarding.as_ref().context("the page was asked for")?;
    let link = onboarding.open_link()?;
    eprint!("{}", qr::terminal(&link.url));
    println!(
        "{}",
        json!({
            "type": "listening",
            "url": relay.url(),
            "page": relay.page(),
            "ca": relay.ca_file,
            "onboarding": link.url,
        })
    );
    tokio::signal::ctrl_c().await?;
    relay.stop(Duration::ZERO).await;
    Ok(())
}

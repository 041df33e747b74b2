use super::Common;
use super::exit::Exit;
use super::places::{Subject, System, Work};
use crate::place::Verb;
use crate::service;
use anyhow::Result;
use clap::{Args, Subcommand};
use std::path::Path;

/// What starts the relay by itself.
#[derive(Debug, Subcommand)]
pub(super) enum Service {
    /// Start the relay by itself from now on
    Install(Ways),
    /// Show what starts it
    Status(Ways),
    /// Start it by itself no more
    Uninstall(Ways),
    /// What Windows starts as its service
    #[cfg(windows)]
    #[command(hide = true)]
    Serve(super::run::Run),
}

/// Which ways.
#[derive(Debug, Args)]
pub(super) struct Ways {
    /// Only this one; may be repeated. `service status` lists them
    #[arg(long = "as", value_name = "NAME")]
    ways: Vec<String>,
    /// With the machine, without anybody logged in; the data is then in a folder of its own
    #[arg(long, conflicts_with = "ways")]
    system: bool,
    #[command(flatten)]
    folders: System,
}

impl Service {
    /// Whether it is what Windows starts, without anybody who sees what it prints.
    pub(super) fn serves(&self) -> bool {
        #[cfg(windows)]
        if let Service::Serve(_) = self {
            return true;
        }
        false
    }

    pub(super) fn obey(self, common: &Common) -> Result<Exit> {
        let (verb, ways) = match self {
            Service::Install(ways) => (Verb::Install, ways),
            Service::Status(ways) => (Verb::Status, ways),
            Service::Uninstall(ways) => (Verb::Uninstall, ways),
            #[cfg(windows)]
            Service::Serve(run) => return serve(run, common.clone()),
        };
        // A mistake in it is better told now than by a service that does not start.
        let config = common.configuration()?;
        let named = match ways.system {
            true => vec![service::WITH_THE_MACHINE.to_owned()],
            false => ways.ways,
        };
        let program = common.program()?;
        let work = Work {
            subject: Subject::Services,
            verb,
            named: &named,
            lang: config.lang,
            common,
            data_dir: common.data_dir.as_deref().unwrap_or(Path::new("")),
            fingerprint: None,
        };
        work.carry_out(&service::ways(&program, &ways.folders.root()))
    }
}

/// The relay on a thread of the service manager's, with a runtime of its own.
#[cfg(windows)]
fn serve(run: super::run::Run, common: Common) -> Result<Exit> {
    service::serve(move |stopped| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let done = runtime.map_err(Into::into).and_then(|runtime| {
            runtime.block_on(run.run_until(&common, async {
                let _ = stopped.await;
            }))
        });
        if let Err(error) = &done {
            tracing::error!("{error:#}");
        }
        done.is_ok()
    })?;
    Ok(Exit::Done)
}

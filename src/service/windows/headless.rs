//! The service: the relay from the start of the machine, with nobody logged in and no tray.

use super::command_line;
use crate::place::{Found, Place, Trouble};
use crate::service::{Program, outdated};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use windows_service::service::{
    Service, ServiceAccess, ServiceControl, ServiceControlAccept, ServiceErrorControl,
    ServiceExitCode, ServiceInfo, ServiceStartType, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{self, ServiceControlHandlerResult};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_service::{define_windows_service, service_dispatcher};

const NAME: &str = "caisse-relay";
/// It has the rights of no person, and a profile of its own for the journal.
const ACCOUNT: &str = r"NT AUTHORITY\LocalService";
/// A payment under way has 20 seconds to end before it is recorded as unknown.
const STOPS_WITHIN: Duration = Duration::from_secs(30);
/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NO_SUCH_SERVICE: i32 = 1060;

pub(super) struct Headless {
    program: Program,
}

impl Headless {
    pub(super) fn new(program: &Program) -> Headless {
        Headless { program: program.clone() }
    }

    /// What the service manager starts.
    fn words(&self) -> Vec<String> {
        let mut words = self.program.words("service", true);
        words.insert(2, "serve".into());
        words
    }

    fn info(&self) -> ServiceInfo {
        ServiceInfo {
            name: NAME.into(),
            display_name: "Caisse Relay".into(),
            service_type: ServiceType::OWN_PROCESS,
            start_type: ServiceStartType::AutoStart,
            error_control: ServiceErrorControl::Normal,
            executable_path: self.program.file.clone(),
            launch_arguments: self.words().into_iter().skip(1).map(OsString::from).collect(),
            dependencies: Vec::new(),
            account_name: Some(ACCOUNT.into()),
            account_password: None,
        }
    }

    fn open(&self, access: ServiceAccess) -> Result<Option<Service>, Trouble> {
        let manager = manager(ServiceManagerAccess::CONNECT)?;
        match manager.open_service(NAME, access) {
            Ok(service) => Ok(Some(service)),
            Err(windows_service::Error::Winapi(error))
                if error.raw_os_error() == Some(NO_SUCH_SERVICE) =>
            {
                Ok(None)
            }
            Err(error) => Err(trouble(error)),
        }
    }

    fn try_read(&self) -> Result<Found, Trouble> {
        let Some(service) = self.open(ServiceAccess::QUERY_CONFIG)? else {
            return Ok(Found::lacks());
        };
        let config = service.query_config().map_err(trouble)?;
        let starts = config.start_type == ServiceStartType::AutoStart;
        // Quotes come and go on the way through the service manager.
        let bare = |text: &str| text.replace('"', "");
        let now = bare(&config.executable_path.to_string_lossy());
        let same = now == bare(&command_line(&self.words()));
        Ok(if starts && same { Found::holds() } else { outdated() })
    }
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager, Trouble> {
    ServiceManager::local_computer(None::<&OsStr>, access).map_err(trouble)
}

fn trouble(error: windows_service::Error) -> Trouble {
    let cause = match error {
        windows_service::Error::Winapi(cause) => cause,
        other => io::Error::other(other),
    };
    Trouble::with(Path::new("services.msc"), &cause)
}

impl Place for Headless {
    fn name(&self) -> &'static str {
        "service"
    }

    fn serves(&self) -> &'static str {
        "Windows: caisse-relay run"
    }

    fn wanted(&self) -> bool {
        false
    }

    fn read(&self) -> Found {
        self.try_read().unwrap_or_else(Found::unclear)
    }

    fn install(&self) -> Result<(), Trouble> {
        let access = ServiceAccess::CHANGE_CONFIG
            | ServiceAccess::START
            | ServiceAccess::STOP
            | ServiceAccess::QUERY_STATUS;
        let service = match self.open(access)? {
            Some(service) => {
                service.change_config(&self.info()).map_err(trouble)?;
                stop(&service)?;
                service
            }
            None => manager(ServiceManagerAccess::CREATE_SERVICE)?
                .create_service(&self.info(), access)
                .map_err(trouble)?,
        };
        service.start::<&OsStr>(&[]).map_err(trouble)
    }

    fn uninstall(&self) -> Result<(), Trouble> {
        let access = ServiceAccess::DELETE | ServiceAccess::STOP | ServiceAccess::QUERY_STATUS;
        let Some(service) = self.open(access)? else { return Ok(()) };
        stop(&service)?;
        service.delete().map_err(trouble)
    }
}

/// Returns when it has stopped.
fn stop(service: &Service) -> Result<(), Trouble> {
    let end = Instant::now() + STOPS_WITHIN;
    let mut asked = false;
    loop {
        match service.query_status().map_err(trouble)?.current_state {
            ServiceState::Stopped => return Ok(()),
            ServiceState::Running if !asked => {
                service.stop().map_err(trouble)?;
                asked = true;
            }
            _ if Instant::now() > end => return Err(Trouble::StillThere),
            _ => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// What the service does until it is told to stop; says whether it went well.
type Work = Box<dyn FnOnce(oneshot::Receiver<()>) -> bool + Send>;

/// The service manager calls a function without an environment.
static WORK: Mutex<Option<Work>> = Mutex::new(None);

define_windows_service!(begin, served);

/// Does the work as the service; the service manager has started this process.
///
/// # Errors
/// When it was somebody else who did.
pub fn serve(work: impl FnOnce(oneshot::Receiver<()>) -> bool + Send + 'static) -> io::Result<()> {
    *WORK.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(work));
    service_dispatcher::start(NAME, begin).map_err(|error| match error {
        windows_service::Error::Winapi(cause) => cause,
        other => io::Error::other(other),
    })
}

fn served(_arguments: Vec<OsString>) {
    if let Err(error) = try_served() {
        tracing::error!(%error, "the service manager does not answer");
    }
}

fn try_served() -> windows_service::Result<()> {
    let Some(work) = WORK.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return Ok(());
    };
    let (asked, asks) = mpsc::channel();
    let status = service_control_handler::register(NAME, move |control| match control {
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        ServiceControl::Stop | ServiceControl::Shutdown => {
            let _ = asked.send(());
            ServiceControlHandlerResult::NoError
        }
        _ => ServiceControlHandlerResult::NotImplemented,
    })?;
    status.set_service_status(state(ServiceState::Running, 0))?;
    let (stop, stopped) = oneshot::channel();
    thread::spawn(move || {
        if asks.recv().is_ok() {
            // Before the relay waits for its payments: silence would be taken for a hang.
            let _ = status.set_service_status(state(ServiceState::StopPending, 0));
            let _ = stop.send(());
        }
    });
    let done = work(stopped);
    status.set_service_status(state(ServiceState::Stopped, u32::from(!done)))
}

fn state(current_state: ServiceState, failure: u32) -> ServiceStatus {
    let running = current_state == ServiceState::Running;
    let accepted = ServiceControlAccept::STOP | ServiceControlAccept::SHUTDOWN;
    ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state,
        controls_accepted: if running { accepted } else { ServiceControlAccept::empty() },
        exit_code: match failure {
            0 => ServiceExitCode::Win32(0),
            failure => ServiceExitCode::ServiceSpecific(failure),
        },
        checkpoint: 0,
        wait_hint: if running { Duration::ZERO } else { STOPS_WITHIN },
        process_id: None,
    }
}

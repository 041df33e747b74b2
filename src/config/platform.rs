//! Where each platform keeps configurations and data.

use super::FILE;
use std::path::PathBuf;

/// The platform's place for journal and certificate.
pub fn platform_data_dir() -> PathBuf {
    platform_folders()
        .map_or_else(|| "caisse-relay".into(), |dirs| dirs.data_local_dir().to_owned())
}

/// The platform's place for the configuration file: the person's; the machine's, which an
/// installer or an administrator has put there, where the person has none.
pub fn platform_file() -> PathBuf {
    let own = platform_folders().map_or_else(|| FILE.into(), |dirs| dirs.config_dir().join(FILE));
    let machines = machine_file();
    if !own.exists() && machines.exists() { machines } else { own }
}

/// The configuration of every person of this machine.
pub fn machine_file() -> PathBuf {
    let folder = if cfg!(windows) {
        let data = std::env::var_os("ProgramData").unwrap_or_else(|| r"C:\ProgramData".into());
        PathBuf::from(data).join("caisse-relay")
    } else if cfg!(target_os = "macos") {
        "/Library/Application Support/caisse-relay".into()
    } else {
        "/etc/caisse-relay".into()
    };
    folder.join(FILE)
}

fn platform_folders() -> Option<directories::ProjectDirs> {
    directories::ProjectDirs::from("", "", "caisse-relay")
}

/// Where a person looks for a file that a program made: downloads, or the desktop.
pub fn platform_downloads() -> PathBuf {
    let folders = directories::UserDirs::new();
    let found = folders.and_then(|dirs| {
        let made_for_it = dirs.download_dir().or(dirs.desktop_dir());
        Some(made_for_it.filter(|folder| folder.exists())?.to_owned())
    });
    let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    found.or_else(home).unwrap_or_default()
}

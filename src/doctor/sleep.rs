//! Whether the computer goes to sleep by itself: a relay that sleeps answers nobody.

use crate::place::Root;
use crate::words::{Computer, Finding};
use std::ffi::OsStr;

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn look(root: &Root) -> Option<Finding> {
    let target = root.path("/etc/systemd/system/sleep.target");
    let masked = std::fs::read_link(target).is_ok_and(|to| to == std::path::Path::new("/dev/null"));
    let mut files = vec![root.path("/etc/systemd/logind.conf")];
    let more = std::fs::read_dir(root.path("/etc/systemd/logind.conf.d"));
    let mut more: Vec<_> = more.into_iter().flatten().flatten().map(|e| e.path()).collect();
    more.sort();
    files.extend(more);
    let texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
    let logind = texts.filter_map(|text| idle_action(&text)).next_back();
    let key = ["get", "org.gnome.settings-daemon.plugins.power", "sleep-inactive-ac-type"];
    let desktop = (!root.is_elsewhere())
        .then(|| crate::place::run("gsettings", "libglib2.0-bin", &key.map(OsStr::new)).ok())
        .flatten();
    let desktop = desktop.map(|said| String::from_utf8_lossy(&said).trim().to_owned());
    Some(judge(masked, logind.as_deref(), desktop.as_deref()).into())
}

/// What logind does with an idle computer, where its configuration says so.
#[cfg(all(unix, not(target_os = "macos")))]
fn idle_action(text: &str) -> Option<String> {
    let mut said = text.lines().filter_map(|line| line.trim().strip_prefix("IdleAction="));
    said.next_back().map(|action| action.trim().to_owned())
}

#[cfg(all(unix, not(target_os = "macos")))]
fn judge(masked: bool, logind: Option<&str>, desktop: Option<&str>) -> Computer {
    match (logind, desktop) {
        _ if masked => Computer::SleepNever,
        (Some(action), _) if !["ignore", "lock"].contains(&action) => {
            Computer::SleepAfter { what: format!("logind, IdleAction={action}") }
        }
        (_, Some("'nothing'" | "'blank'" | "'logout'")) => Computer::SleepNever,
        (_, Some(action)) => Computer::SleepAfter { what: format!("GNOME, {action}") },
        // Another desktop decides.
        (_, None) => Computer::SleepUnclear,
    }
}

#[cfg(windows)]
pub(super) fn look(_root: &Root) -> Option<Finding> {
    let words = ["/query", "SCHEME_CURRENT", "SUB_SLEEP", "STANDBYIDLE"].map(OsStr::new);
    let said = crate::place::run("powercfg.exe", "Windows", &words).ok();
    Some(
        said.map_or(Computer::SleepUnclear, |said| powercfg(&String::from_utf8_lossy(&said)))
            .into(),
    )
}

/// Of `powercfg /query` in whatever language: the last two numbers are the
/// seconds while plugged in and on battery.
#[cfg(any(windows, test))]
fn powercfg(said: &str) -> Computer {
    let words = said.split_whitespace().filter_map(|word| word.strip_prefix("0x"));
    let numbers: Vec<u64> = words.filter_map(|hex| u64::from_str_radix(hex, 16).ok()).collect();
    match numbers.as_slice() {
        [.., 0, _] => Computer::SleepNever,
        [.., plugged, _] => Computer::SleepAfter { what: format!("{} min", plugged / 60) },
        _ => Computer::SleepUnclear,
    }
}

#[cfg(target_os = "macos")]
pub(super) fn look(_root: &Root) -> Option<Finding> {
    let said = crate::place::run("pmset", "macOS", &["-g", "custom"].map(OsStr::new)).ok();
    Some(said.map_or(Computer::SleepUnclear, |said| pmset(&String::from_utf8_lossy(&said))).into())
}

/// Of `pmset -g custom`: the minutes while plugged in.
#[cfg(any(target_os = "macos", test))]
fn pmset(said: &str) -> Computer {
    let plugged = said.split_once("AC Power:").map_or(said, |(_, rest)| rest);
    let minutes = plugged.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("sleep")).then(|| words.next()?.parse::<u64>().ok())?
    });
    match minutes {
        Some(0) => Computer::SleepNever,
        Some(minutes) => Computer::SleepAfter { what: format!("{minutes} min") },
        None => Computer::SleepUnclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn linux_is_judged_by_who_may_put_it_to_sleep() {
        assert_eq!(judge(true, Some("suspend"), None), Computer::SleepNever);
        assert!(matches!(judge(false, Some("suspend"), None), Computer::SleepAfter { .. }));
        assert!(matches!(judge(false, None, Some("'suspend'")), Computer::SleepAfter { .. }));
        assert_eq!(judge(false, Some("ignore"), Some("'nothing'")), Computer::SleepNever);
        assert_eq!(judge(false, None, None), Computer::SleepUnclear);
        let text = "[Login]\n#IdleAction=ignore\nIdleAction=suspend\n";
        assert_eq!(idle_action(text).as_deref(), Some("suspend"));
        assert_eq!(idle_action("#IdleAction=suspend"), None);
    }

    #[test]
    fn powercfg_is_read_in_any_language() {
        let french = "    GUID : 29f6c1db\n      Index minimum : 0x00000000\n      Index maximum : 0xffffffff\n    Index actuel du courant alternatif : 0x00000708\n    Index actuel du courant continu : 0x00000384\n";
        assert_eq!(powercfg(french), Computer::SleepAfter { what: "30 min".into() });
        assert_eq!(powercfg(&french.replace("00000708", "00000000")), Computer::SleepNever);
        assert_eq!(powercfg(""), Computer::SleepUnclear);
    }

    #[test]
    fn pmset_is_read_for_mains_power() {
        let said = "Battery Power:\n sleep                1\nAC Power:\n sleep                0\n displaysleep 10\n";
        assert_eq!(pmset(said), Computer::SleepNever);
        assert_eq!(pmset(" sleep 15"), Computer::SleepAfter { what: "15 min".into() });
        assert_eq!(pmset(""), Computer::SleepUnclear);
    }
}

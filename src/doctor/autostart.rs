//! Whether something starts the relay by itself: what `service` knows of.

use super::Site;
use crate::place::Belief;
use crate::service::{self, Program};
use crate::words::{Computer, Finding};

pub(super) fn look(site: &Site) -> Option<Finding> {
    let this =
        || Some(Program { file: std::env::current_exe().ok()?, config: None, data_dir: None });
    let Some(program) = site.program.clone().or_else(this) else {
        return Some(Computer::AutostartUnclear.into());
    };
    let (mut ways, mut others, mut unclear) = (Vec::new(), Vec::new(), false);
    for way in service::ways(&program, &site.root) {
        let found = way.read();
        let name = format!("{} ({})", way.name(), way.serves());
        unclear |= matches!(found.belief, Belief::Unclear(_));
        if found.is_installed() {
            ways.push(name);
        } else if !found.is_clean() && !matches!(found.belief, Belief::Unclear(_)) {
            others.push(name);
        }
    }
    // What a relay was started with it does not know: another's options may be its own.
    if site.program.is_none() {
        ways.append(&mut others);
    }
    let found = if !ways.is_empty() {
        Computer::Autostart { ways: ways.join(", ") }
    } else if !others.is_empty() {
        Computer::AutostartOther { ways: others.join(", ") }
    } else if unclear {
        Computer::AutostartUnclear
    } else {
        Computer::AutostartNone
    };
    Some(found.into())
}

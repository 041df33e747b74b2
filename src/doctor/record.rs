//! The journal, the disk under it, and what is out of the ordinary in it.

use super::{Site, minute};
use crate::journal::{self, Checkup, Event, Reader, room};
use crate::payment::Moment;
use crate::words::{Computer, Finding};
use std::path::Path;

const MEGABYTE: u64 = 1_000_000;
/// Below this a disk is soon full.
const LOW: u64 = 500 * MEGABYTE;
/// Below this it is.
const GONE: u64 = 20 * MEGABYTE;
/// A payment that the chain's database was not told of for so long is worth a look.
const UNTOLD: i64 = 10 * 60 * 1000;
/// How far back events are told.
const WEEK: i64 = 7 * 24 * 3600 * 1000;

/// What was found.
pub(super) struct Record {
    pub(super) findings: Vec<Finding>,
    /// When something was last written.
    pub(super) last_at: Option<Moment>,
}

pub(super) fn look(site: &Site) -> Record {
    let folder = &site.journal;
    let mut found = Vec::new();
    let mut last_at = None;
    if journal::file(folder).exists() {
        let read =
            Reader::open(folder).and_then(|reader| Ok((reader.checkup(folder)?, reader.events()?)));
        match read {
            Ok((checkup, events)) => {
                last_at = checkup.last_at;
                found.extend(health(&checkup, folder));
                found.extend(outbox(&checkup, site));
                found.push(unusual(&events, site.now));
            }
            Err(error) => found.push(Computer::JournalUnreadable { said: error.to_string() }),
        }
    } else {
        found.push(Computer::JournalNone);
    }
    let existing = folder.ancestors().find(|folder| folder.is_dir());
    found.push(space(existing.and_then(room)));
    Record { findings: found.into_iter().map(Finding::from).collect(), last_at }
}

fn health(checkup: &Checkup, folder: &Path) -> Vec<Computer> {
    let Checkup { damage, size, payments, unknown, unacknowledged, .. } = checkup;
    let mut found = vec![match damage {
        Some(said) => Computer::JournalDamaged {
            said: said.clone(),
            file: journal::file(folder).display().to_string(),
        },
        None => Computer::JournalGood { payments: *payments, size: bytes(*size) },
    }];
    if *unknown > 0 {
        found.push(Computer::Unknown { count: *unknown });
    }
    if *unacknowledged > 0 {
        found.push(Computer::Unacknowledged { count: *unacknowledged });
    }
    found
}

/// Only where there is a database to tell.
fn outbox(checkup: &Checkup, site: &Site) -> Option<Computer> {
    site.config.as_ref().ok()?.outbox.as_ref()?;
    Some(match checkup.untold {
        (count, Some(since)) if since.0 < site.now.0 - UNTOLD => {
            Computer::OutboxWaits { count, since: minute(since) }
        }
        _ => Computer::OutboxGood,
    })
}

fn space(free: Option<u64>) -> Computer {
    let text = bytes(free.unwrap_or_default());
    match free {
        None => Computer::RoomUnclear,
        Some(free) if free < GONE => Computer::RoomGone { free: text },
        Some(free) if free < LOW => Computer::RoomLow { free: text },
        Some(_) => Computer::RoomGood { free: text },
    }
}

/// A person's decisions about origins and tills are ordinary.
fn unusual(events: &[Event], now: Moment) -> Computer {
    let kinds = ["released", "despite", "late", "terminal_moved", "terminal_changed"];
    let recent = events
        .iter()
        .filter(|event| event.at.0 > now.0 - WEEK && kinds.contains(&event.kind.as_str()));
    let recent: Vec<&Event> = recent.collect();
    match recent.last() {
        None => Computer::EventsNone,
        Some(last) => {
            let what = [Some(last.kind.clone()), last.terminal.clone(), last.note.clone()];
            let what: Vec<String> = what.into_iter().flatten().collect();
            let last = format!("{}, {}", minute(last.at), what.join(", "));
            Computer::Events { count: recent.len(), last }
        }
    }
}

/// A size for people.
fn bytes(count: u64) -> String {
    match count / MEGABYTE {
        0 => format!("{} kB", count / 1000),
        megabytes @ 1..1000 => format!("{megabytes} MB"),
        megabytes => format!("{} GB", megabytes / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fills_is_told_before_it_is_full() {
        assert_eq!(space(Some(3 * LOW)), Computer::RoomGood { free: "1 GB".into() });
        assert_eq!(space(Some(LOW - 1)), Computer::RoomLow { free: "499 MB".into() });
        assert_eq!(space(Some(GONE - 1)), Computer::RoomGone { free: "19 MB".into() });
        assert_eq!(space(None), Computer::RoomUnclear);
    }

    #[test]
    fn a_chain_that_is_not_told_for_ten_minutes_is_worth_a_look() {
        let folder = tempfile::tempdir().unwrap();
        let typed = "[outbox]\nshop = \"lyon\"\npostgres = \"host=localhost\"";
        let config = crate::config::Config::parse(typed, Path::new("shop.toml")).unwrap();
        let now = Moment(10 * UNTOLD);
        let site = Site {
            file: None,
            config: Ok(config),
            journal: folder.path().into(),
            authority: folder.path().into(),
            root: crate::place::Root::new(None),
            program: None,
            port: (String::new(), super::super::Port::Free),
            now,
        };
        let told = |untold| {
            let checkup = Checkup {
                damage: None,
                size: 0,
                payments: 3,
                unknown: 0,
                unacknowledged: 0,
                untold,
                last_at: None,
            };
            outbox(&checkup, &site)
        };
        assert_eq!(told((0, None)), Some(Computer::OutboxGood));
        assert_eq!(told((2, Some(Moment(now.0 - 1000)))), Some(Computer::OutboxGood));
        let Some(Computer::OutboxWaits { count: 2, .. }) = told((2, Some(Moment(0)))) else {
            panic!()
        };
        let without = Site { config: Ok(crate::config::Config::without_file()), ..site };
        assert_eq!(
            outbox(
                &Checkup {
                    untold: (0, None),
                    damage: None,
                    size: 0,
                    payments: 0,
                    unknown: 0,
                    unacknowledged: 0,
                    last_at: None
                },
                &without
            ),
            None
        );
    }

    #[test]
    fn a_week_of_events_is_told_and_decisions_are_not() {
        let event = |kind: &str, at| Event {
            at: Moment(at),
            kind: kind.into(),
            payment: None,
            terminal: Some("comptoir".into()),
            by: None,
            note: None,
        };
        let now = Moment(10 * WEEK);
        let events = [
            event("late", 1),
            event("terminal_moved", now.0 - 1000),
            event("origin_allowed", now.0),
        ];
        let Computer::Events { count: 1, last } = unusual(&events, now) else { panic!() };
        assert!(last.ends_with("terminal_moved, comptoir"), "{last}");
        assert_eq!(unusual(&events[2..], now), Computer::EventsNone);
    }
}

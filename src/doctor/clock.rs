//! Whether the clock can be right. No network is asked.

use super::minute;
use crate::payment::Moment;
use crate::words::{Computer, Finding};

/// 2026-01-01: this program is not older.
const EARLIEST: Moment = Moment(1_767_225_600_000);
/// 2100-01-01.
const LATEST: Moment = Moment(4_102_444_800_000);
/// A record is written now; a summer time mended by hand is an hour.
const SLACK: i64 = 2 * 3600 * 1000;

pub(super) fn look(now: Moment, last: Option<Moment>) -> Option<Finding> {
    let text = minute(now);
    let found = if now.0 < EARLIEST.0 || now.0 > LATEST.0 {
        Computer::ClockImplausible { now: text }
    } else if let Some(last) = last.filter(|last| last.0 > now.0 + SLACK) {
        Computer::ClockBehindRecord { now: text, last: minute(last) }
    } else {
        Computer::ClockGood { now: text }
    };
    Some(found.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_without_its_battery_is_told() {
        let now = Moment(1_795_000_000_000);
        let code = |now, last| {
            let found = look(now, last).unwrap();
            crate::words::Lang::En.diagnose(&found).code
        };
        assert_eq!(code(now, None), "clock_good");
        assert_eq!(code(now, Some(Moment(now.0 - 1000))), "clock_good");
        assert_eq!(code(now, Some(Moment(now.0 + 3 * 3_600_000))), "clock_behind");
        assert_eq!(code(Moment(0), None), "clock_implausible");
        assert_eq!(code(Moment(i64::MAX), None), "clock_implausible");
    }
}

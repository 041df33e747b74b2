//! How long things took, counted where they happen and read by whom it concerns: no lock, no
//! wait, nothing allocated.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The durations, in bands whose upper ends were chosen beforehand.
#[derive(Debug)]
pub struct Durations<const BANDS: usize> {
    ends: [Duration; BANDS],
    counts: [AtomicU64; BANDS],
    longer: AtomicU64,
    microseconds: AtomicU64,
}

/// What was counted until now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How many took at most this long, and longer than what the band before says; the last band
    /// has no end.
    pub bands: Vec<(Option<Duration>, u64)>,
    /// How long all of them took together.
    pub sum: Duration,
}

impl<const BANDS: usize> Durations<BANDS> {
    /// Nothing is counted yet. The ends go upwards.
    pub const fn new(ends: [Duration; BANDS]) -> Durations<BANDS> {
        Durations {
            ends,
            counts: [const { AtomicU64::new(0) }; BANDS],
            longer: AtomicU64::new(0),
            microseconds: AtomicU64::new(0),
        }
    }

    /// Counts one.
    pub fn count(&self, took: Duration) {
        let band = self.ends.iter().position(|end| took <= *end);
        let count = band.map_or(&self.longer, |band| &self.counts[band]);
        count.fetch_add(1, Ordering::Relaxed);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Ordering::Relaxed);
    }

    /// What was counted until now.
    pub fn counted(&self) -> Counted {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let ended = self.ends.iter().zip(&self.counts);
        let bands = ended.map(|(end, count)| (Some(*end), read(count)));
        let bands = bands.chain([(None, read(&self.longer))]).collect();
        Counted { bands, sum: Duration::from_micros(read(&self.microseconds)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_in_one_band_and_in_the_sum() {
        let second = Duration::from_secs;
        let durations = Durations::new([second(1), second(10)]);
        for took in [second(0), second(1), second(2), second(10), second(11)] {
            durations.count(took);
        }
        let counted = durations.counted();
        assert_eq!(counted.sum, second(24));
        assert_eq!(counted.bands, [(Some(second(1)), 2), (Some(second(10)), 2), (None, 1)]);
    }
}

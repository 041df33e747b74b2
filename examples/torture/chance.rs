//! Chance that a seed decides (splitmix64), so that a campaign can be planned again.

use std::time::Duration;

/// A stream of numbers; the same names give the same stream.
pub struct Chance(u64);

impl Chance {
    /// The stream of these names, the seed among them.
    pub fn of(names: &[u64]) -> Chance {
        let mut chance = Chance(0);
        for name in names {
            chance.0 = chance.next() ^ name.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to one less than this.
    pub fn below(&mut self, many: u64) -> u64 {
        self.next() % many.max(1)
    }

    /// Whether something happens that does so this often in a thousand.
    pub fn permille(&mut self, often: u64) -> bool {
        self.below(1000) < often
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        let at = self.below(among.len() as u64);
        &among[usize::try_from(at).unwrap_or(0)]
    }

    /// Up to so many microseconds.
    pub fn micros(&mut self, most: u64) -> Duration {
        Duration::from_micros(self.below(most))
    }

    /// Up to so many milliseconds.
    pub fn millis(&mut self, most: u64) -> Duration {
        Duration::from_micros(self.below(most * 1000))
    }
}

//! What is said: lines for people as they come, one line of JSON at the end.

use serde_json::{Map, Value};

/// Microseconds, in nanoseconds.
pub const US: u64 = 1000;
/// Milliseconds, in nanoseconds.
pub const MS: u64 = 1_000_000;

#[derive(Default)]
pub struct Report {
    json: bool,
    all: Map<String, Value>,
}

impl Report {
    pub fn new(json: bool) -> Report {
        Report { json, all: Map::new() }
    }

    /// A heading.
    pub fn part(&self, title: &str) {
        self.say(&format!("\n{title}"));
    }

    /// A line for people only.
    pub fn say(&self, line: &str) {
        if !self.json {
            println!("{line}");
        }
    }

    /// A figure, with what it ought to be.
    pub fn figure(&mut self, key: &str, name: &str, value: impl Into<Value>, unit: &str) {
        let value = value.into();
        let shown = if value.is_null() { "not known here".into() } else { value.to_string() };
        self.say(&format!("  {name:<52}{shown:>10} {unit}"));
        self.all.insert(key.into(), value);
    }

    /// For JSON only.
    pub fn set(&mut self, key: &str, value: Value) {
        self.all.insert(key.into(), value);
    }

    /// The line of JSON, where it was asked for.
    pub fn end(self) {
        if self.json {
            println!("{}", Value::Object(self.all));
        }
    }
}

/// The value that this many in a hundred do not exceed.
pub fn percentile(times: &mut [u64], percent: usize) -> u64 {
    times.sort_unstable();
    let index = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(index).copied().unwrap_or_default()
}

/// Rounded, in a unit.
pub fn rounded(nanoseconds: u64, unit: u64) -> u64 {
    (nanoseconds + unit / 2) / unit
}

/// With two decimals.
pub fn ratio(over: u64, under: u64) -> Value {
    (over * 100)
        .checked_div(under)
        .map_or(Value::Null, |value| decimal(value / 100, value % 100, 2))
}

/// A number of tenths.
pub fn tenths(value: u64) -> Value {
    decimal(value / 10, value % 10, 1)
}

fn decimal(whole: u64, part: u64, places: usize) -> Value {
    format!("{whole}.{part:0places$}").parse::<f64>().map_or(Value::Null, Value::from)
}

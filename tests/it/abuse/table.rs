//! `tests/abuse.md`.

use std::fmt::Write;
use std::fs::File;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/abuse.md");

/// A row, and what came back.
pub struct Line {
    pub tried: &'static str,
    pub back: &'static str,
    pub came: String,
}

/// Every answer has to be the one that the row says, and the file has to show
/// these groups as they are.
pub fn compare(groups: &[(&str, Vec<Line>)]) {
    let mut wrong = String::new();
    for Line { tried, back, came } in groups.iter().flat_map(|(_, lines)| lines) {
        if came != back {
            writeln!(wrong, "{tried}\n  should give: {back}\n  gave:        {came}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");

    // Two tests may write the file at once, in two processes.
    let lock = File::open(FILE).unwrap();
    lock.lock().unwrap();
    let mut text = std::fs::read_to_string(FILE).unwrap_or_default();
    let update = std::env::var_os("UPDATE_ABUSE").is_some();
    for (group, lines) in groups {
        let shown = section(group, lines);
        let begin = text.find(&format!("## {group}\n"));
        let old = begin.map(|begin| {
            let end = text[begin + 3..].find("\n## ").map_or(text.len(), |end| begin + 3 + end + 1);
            begin..end
        });
        if update {
            match old {
                Some(old) => text.replace_range(old, &shown),
                None => text.push_str(&shown),
            }
        } else {
            let old = old.map(|old| text[old].trim_end());
            let hint = "UPDATE_ABUSE=1 cargo test --test it abuse";
            assert!(old == Some(shown.trim_end()), "tests/abuse.md is old: {hint}\n{shown}");
        }
    }
    if update {
        std::fs::write(FILE, text).unwrap();
    }
}

fn section(group: &str, lines: &[Line]) -> String {
    let mut section = format!("## {group}\n\n| what was tried | what came back |\n|---|---|\n");
    for Line { tried, came, .. } in lines {
        writeln!(section, "| {} | {} |", tried.replace('|', "\\|"), came.replace('|', "\\|"))
            .unwrap();
    }
    section.push('\n');
    section
}

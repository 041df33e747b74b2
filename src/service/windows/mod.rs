//! Windows: what starts when a person logs in, and the service of a machine without a person.

mod headless;
mod login;

use super::Program;
use crate::place::Place;
pub use headless::serve;

pub(super) fn ways(program: &Program) -> Vec<Box<dyn Place>> {
    vec![
        Box::new(login::Run::user(program)),
        Box::new(login::Run::machine(program)),
        Box::new(headless::Headless::new(program)),
    ]
}

/// A command line that Windows takes apart into these words again.
fn command_line(words: &[String]) -> String {
    let quoted = words.iter().enumerate().map(|(at, word)| {
        // The program's path always: `C:\Program Files\…` would be tried as `C:\Program` first.
        let plain = at > 0 && !word.is_empty() && !word.contains([' ', '\t', '"']);
        if plain { word.clone() } else { format!("\"{word}\"") }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_quoted_whatever_its_path() {
        let words = [r"C:\caisse-relay.exe", "tray", "--config", r"C:\La Caisse\a.toml"];
        assert_eq!(
            command_line(&words.map(str::to_owned)),
            r#""C:\caisse-relay.exe" tray --config "C:\La Caisse\a.toml""#
        );
    }
}

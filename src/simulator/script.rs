use super::step::Step;
use crate::words::{Lang, Mistake};
use serde::Deserialize;

/// What a simulated terminal is, and what it does with each payment in turn.
///
/// A script is a story: each payment, refund or cancellation takes the next
/// step, and the last step repeats. Identifications, duplicata and prints take
/// no step. [`EXAMPLE`] shows it as the file a person writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// Currencies (`CE`) that the terminal takes, ISO 4217 digits; others get
    /// `AF=13`. `["978", "953"]`: EUR and XPF.
    pub currencies: Vec<String>,
    /// `CJ` of every answer, 12 characters, or `"echo"` for the till's.
    /// `"330538600404"`.
    pub identifier: String,
    /// `CZ` of every answer, four digits, or `"echo"` for the till's. `"0301"`.
    pub version: String,
    /// What a second client gets while a transaction runs: `decline` (`AE=01`,
    /// `AF=10`), `queue`, `close`, `silence`. `decline`.
    pub busy: Busy,
    /// Milliseconds without a byte after which a request that has all its
    /// mandatory fields is taken for whole. 20.
    pub quiet_ms: u64,
    /// The story, as `[[step]]` tables. None: one step with every default.
    pub step: Vec<Step>,
}

/// A commented script that shows every key.
pub const EXAMPLE: &str = include_str!("example.toml");

/// What a second client gets while a transaction runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Busy {
    /// `AE=01` with `AF=10`.
    Decline,
    /// Its turn, after the transaction that runs.
    Queue,
    /// A closed connection, without an answer.
    Close,
    /// Nothing at all, on an open connection.
    Silence,
}

/// Why a script cannot be played: no TOML, an unknown key, or a value that the protocol
/// does not allow.
#[derive(Debug, thiserror::Error)]
#[error("{}", Lang::En.say_mistake(.0))]
pub struct ScriptError(pub Mistake);

impl Default for Script {
    fn default() -> Script {
        Script {
            currencies: vec!["978".to_owned(), "953".to_owned()],
            identifier: "330538600404".to_owned(),
            version: "0301".to_owned(),
            busy: Busy::Decline,
            quiet_ms: 20,
            step: Vec::new(),
        }
    }
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Unknown keys are refused with their line; so are values that cannot be
    /// put on the wire.
    pub fn parse(toml: &str) -> Result<Script, ScriptError> {
        let script: Script = toml::from_str(toml).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start);
            let line = 1 + toml.bytes().take(before).filter(|byte| *byte == b'\n').count();
            let mistake = Mistake::Said { text: error.message().into() };
            ScriptError(Mistake::AtLine { line, mistake: Box::new(mistake) })
        })?;
        script.check().map_err(ScriptError)?;
        Ok(script)
    }

    /// A script of the default terminal, that takes these steps.
    pub fn story(steps: impl IntoIterator<Item = Step>) -> Script {
        Script { step: steps.into_iter().collect(), ..Script::default() }
    }

    fn check(&self) -> Result<(), Mistake> {
        let digits =
            |text: &str, many| text.len() == many && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_identifier = |text: &str| text.len() == 12 && text.is_ascii();
        if let Some(wrong) = self.currencies.iter().find(|code| !digits(code, 3)) {
            return Err(Mistake::ThreeDigits { text: wrong.clone() }.of("currencies"));
        }
        if self.version != "echo" && !digits(&self.version, 4) {
            return Err(Mistake::FourDigits.of("version"));
        }
        if self.identifier != "echo" && !is_identifier(&self.identifier) {
            return Err(Mistake::TwelveCharacters.of("identifier"));
        }
        for (step, number) in self.step.iter().zip(1..) {
            let of_step = |mistake| Mistake::OfStep { number, mistake: Box::new(mistake) };
            step.check().map_err(of_step)?;
        }
        Ok(())
    }

    /// The step for this amount when `told` transactions have taken theirs, and
    /// whether it belongs to the story.
    pub(super) fn step_for(&self, amount: u64, told: usize) -> (Step, bool) {
        if let Some(step) = self.step.iter().find(|step| step.amount == Some(amount)) {
            return (step.clone(), false);
        }
        let mut story = self.step.iter().filter(|step| step.amount.is_none());
        let last = story.clone().next_back();
        (story.nth(told).or(last).cloned().unwrap_or_default(), true)
    }
}

impl From<Step> for Script {
    fn from(step: Step) -> Script {
        Script::story([step])
    }
}

#[cfg(test)]
mod tests {
    use super::super::step::{After, Outcome, Receipt, Split};
    use super::*;

    #[test]
    fn the_example_shows_every_key_and_is_the_default_terminal() {
        let script = Script::parse(EXAMPLE).unwrap();
        assert!(script.step.len() > 5);
        assert_eq!(Script { step: Vec::new(), ..script }, Script::default());
        let keys = include_str!("step.rs").split("impl Default").next().unwrap().lines();
        let keys = keys.filter_map(|line| line.strip_prefix("    pub ")?.split_once(':'));
        for (key, _) in keys {
            assert!(EXAMPLE.contains(&format!("{key} = ")), "example.toml does not show {key}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Script::parse("quiet_ms = 5\n[[step]]\ndelay = 3\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("delay"), "{error}");
        let error = Script::parse("[[step]]\noutcome = \"approved\"\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && error.contains("by_amount"), "{error}");
    }

    #[test]
    fn what_cannot_be_put_on_the_wire_is_refused() {
        let refused = |toml: &str| Script::parse(toml).unwrap_err().to_string();
        assert!(refused("identifier = \"12\"").contains("12 characters"));
        assert!(refused("version = \"3.01\"").contains("four digits"));
        assert!(refused("currencies = [\"EUR\"]").contains("three digits"));
        let long = format!("[[step]]\n[[step]]\nreport = \"{}\"", "x".repeat(51));
        assert!(refused(&long).contains("step 2: report: 51 characters"));
        assert!(refused("[[step]]\nfields = { ae = \"10\" }").contains("two capital letters"));
        assert!(refused("[[step]]\nissuer_message = \"5 €\"").contains("Latin-1"));
        assert!(refused("[[step]]\nsplit = \"often\"").contains("list of byte offsets"));
    }

    #[test]
    fn each_transaction_takes_the_next_step_and_the_last_repeats() {
        let script = Script::parse(
            "[[step]]\noutcome = \"decline\"\n[[step]]\namount = 500\noutcome = \"reset\"\n\
             [[step]]\noutcome = \"approve\"\nsplit = [3, 40]\nafter = \"keep_open\"\nreceipt = \"wrapped\"",
        )
        .unwrap();
        assert_eq!(script.step_for(1590, 0).0.outcome, Outcome::Decline);
        assert_eq!(script.step_for(500, 0), (script.step[1].clone(), false));
        let last = script.step_for(1590, 7).0;
        assert_eq!(last.split, Split::At(vec![3, 40]));
        assert_eq!((last.after, last.receipt), (After::KeepOpen, Receipt::Wrapped));
        assert_eq!(Script::default().step_for(1, 3).0, Step::default());
    }
}

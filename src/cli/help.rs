//! Reads the command line. What is said instead of obeying it, `--help` or what is wrong with it,
//! is said in the configured language.

use super::{Arguments, config_file, misuse};
use crate::config::Config;
use crate::words::{Lang, exit_codes, help_in_french};
use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What these words ask for; ends the program when they ask for help or for nothing that there is.
pub(super) fn read(words: impl IntoIterator<Item = OsString>) -> Arguments {
    let words: Vec<OsString> = words.into_iter().collect();
    if let Ok(arguments) = Arguments::try_parse_from(&words) {
        return arguments;
    }
    let lang = language(&words);
    let matches = spoken(lang).try_get_matches_from(&words);
    let read = matches.and_then(|matches| Arguments::from_arg_matches(&matches));
    read.unwrap_or_else(|error| misuse::end(&error, lang))
}

/// The language for words that cannot be obeyed.
fn language(words: &[OsString]) -> Lang {
    match value("--lang", words).as_deref().and_then(OsStr::to_str) {
        Some("fr") => return Lang::Fr,
        Some("en") => return Lang::En,
        _ => {}
    }
    let named = value("--config", words).or_else(|| std::env::var_os("CAISSE_RELAY_CONFIG"));
    let file = config_file(named.map(PathBuf::from));
    file.map_or(Lang::default(), |file| Config::language(&file))
}

/// What follows an option, in a word of its own or behind an equals sign.
fn value(option: &str, words: &[OsString]) -> Option<OsString> {
    let mut words = words.iter().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word == option {
            return words.next().cloned();
        }
        let value = word.to_str().and_then(|word| word.strip_prefix(option)?.strip_prefix('='));
        if let Some(value) = value {
            return Some(value.into());
        }
    }
    None
}

/// The command line with its texts in this language.
fn spoken(lang: Lang) -> Command {
    let command = Arguments::command();
    match lang {
        Lang::En => command.after_help(exit_codes(lang)),
        Lang::Fr => {
            let mut command = command.after_help(exit_codes(lang));
            // So that what the library adds by itself is there, to be said in French too.
            command.build();
            in_french(command)
        }
    }
}

fn in_french(command: Command) -> Command {
    let heading = |english| french(english) + "\u{a0}";
    let usage = command.get_styles().get_usage();
    let template = format!(
        "{{about-with-newline}}\n{usage}{}:{usage:#} {{usage}}\n\n{{all-args}}{{after-help}}",
        heading("Usage")
    );
    let about = command.get_about().map(|about| french(&about.to_string()));
    let command = match about {
        Some(about) => command.about(about),
        None => command,
    };
    command
        .help_template(StyledStr::from(template))
        .subcommand_help_heading(heading("Commands"))
        .subcommand_value_name(french("COMMAND"))
        .mut_args(|arg| {
            let part = if arg.is_positional() { "Arguments" } else { "Options" };
            argument(arg).help_heading(heading(part))
        })
        .mut_subcommands(in_french)
}

/// With what the library would say of its values in English.
fn argument(arg: Arg) -> Arg {
    let mut texts = Vec::new();
    texts.extend(arg.get_help().map(|help| french(&help.to_string())));
    let mut remark =
        |what: &str, said: String| texts.push(format!("[{}\u{a0}: {said}]", french(what)));
    let shown = |text: &OsStr| text.to_string_lossy().into_owned();
    if let Some(name) = arg.get_env() {
        remark("env", shown(name));
    }
    if arg.get_action().takes_values() {
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| shown(value)).collect();
        if !defaults.is_empty() {
            remark("default", defaults.join(" "));
        }
        let values = arg.get_possible_values();
        if !values.is_empty() && !arg.is_hide_possible_values_set() {
            let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
            remark("possible values", names.join(", "));
        }
    }
    let names = arg.get_value_names().map(|names| names.iter().map(|name| french(name)).collect());
    let arg = match names {
        Some::<Vec<String>>(names) => arg.value_names(names),
        None => arg,
    };
    let arg = arg.hide_env(true).hide_default_value(true).hide_possible_values(true);
    if texts.is_empty() { arg } else { arg.help(texts.join(" ")) }
}

/// What has no French is the same in both: a name, a list of words to type.
fn french(english: &str) -> String {
    help_in_french(english).unwrap_or_else(|| english.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{FRAME, texts};
    use std::collections::BTreeSet;

    /// Every text that somebody can read in a help of this command and of those below it.
    fn read_in(command: &Command, into: &mut BTreeSet<String>) {
        into.extend(command.get_about().map(ToString::to_string));
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            into.extend(arg.get_help().map(ToString::to_string));
            into.extend(arg.get_long_help().map(ToString::to_string));
            if arg.get_action().takes_values() {
                let names = arg.get_value_names().unwrap_or_default();
                into.extend(names.iter().map(ToString::to_string));
                let values = arg.get_possible_values();
                into.extend(values.iter().filter_map(|v| v.get_help()).map(ToString::to_string));
            }
        }
        let seen = command.get_subcommands().filter(|command| !command.is_hide_set());
        seen.for_each(|command| read_in(command, into));
    }

    /// The same in French.
    const SAME: &[&str] = &[
        "192.168.1.0/24",
        "ID",
        "NOTE",
        "TERMINAL",
        "FORMAT",
        "card|cheque|ancv",
        "fr|en",
        "yes|no",
    ];

    #[test]
    fn every_text_of_the_help_has_its_french_and_none_is_left_over() {
        let mut command = Arguments::command();
        command.build();
        let mut read = BTreeSet::new();
        read_in(&command, &mut read);
        assert!(read.len() > 100, "{read:?}");
        let known: BTreeSet<_> = texts().map(|(english, _)| (*english).to_owned()).collect();
        let same: BTreeSet<_> = SAME.iter().map(|text| (*text).to_owned()).collect();
        let without: Vec<_> = read.iter().filter(|text| !known.contains(*text)).collect();
        assert_eq!(without, same.iter().collect::<Vec<_>>());
        assert_eq!(known.difference(&read).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn no_help_in_french_has_english_in_it() {
        fn look(command: &mut Command, count: &mut usize) {
            let help = command.render_long_help().to_string();
            let texts = texts().map(|(english, _)| *english).filter(|text| text.contains(' '));
            for english in texts.chain(["Usage:", "Commands:", "[env:", "[default:", "[possible"]) {
                assert!(!help.contains(english), "{english}\n{help}");
            }
            assert!(help.contains("Utilisation\u{a0}: caisse-relay"), "{help}");
            *count += 1;
            for command in
                command.get_subcommands_mut().filter(|command| command.get_name() != "help")
            {
                look(command, count);
            }
        }
        let mut count = 0;
        // So that no line is broken.
        look(&mut spoken(Lang::Fr).max_term_width(0).term_width(10_000), &mut count);
        assert!(count > 40, "{count}");
        for (english, french) in texts().chain(FRAME) {
            assert!(
                english != french || *english == "Options" || *english == "Arguments",
                "{english}"
            );
        }
    }

    #[test]
    fn the_language_is_found_before_the_words_are_understood() {
        let said = |line: &str, option| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            value(option, &words).map(|value| value.into_string().unwrap())
        };
        assert_eq!(said("x pay --config a.toml", "--config").as_deref(), Some("a.toml"));
        assert_eq!(said("x --config=a=b.toml pay", "--config").as_deref(), Some("a=b.toml"));
        assert_eq!(said("x --configure a pay -- --config b", "--config"), None);
        assert_eq!(said("x pay --config", "--config"), None);
    }
}

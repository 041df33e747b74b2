//! Every sentence that a person sees is in `src/words` or in a page's table, in French and in
//! English. That no language lacks a sentence is the compiler's business; these tests see to it
//! that both tell the same facts, and that no sentence stands elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
                found.push((path, code));
            }
        }
    }
    found
}

/// A piece of code: a character outside of a literal, or a literal of text.
enum Piece {
    Sign(char),
    Text(String),
}

/// The code without comments, its texts apart.
fn pieces(code: &str) -> Vec<Piece> {
    let mut signs = code.chars().peekable();
    let mut pieces = Vec::new();
    while let Some(sign) = signs.next() {
        match sign {
            '/' if signs.peek() == Some(&'/') => {
                while signs.next_if(|sign| *sign != '\n').is_some() {}
            }
            '\'' => {
                // A character, unless it is a lifetime.
                let mut ahead = signs.clone();
                let first = ahead.next();
                if first == Some('\\') || ahead.next() == Some('\'') {
                    if signs.next() == Some('\\') {
                        signs.next();
                    }
                    while signs.next_if(|sign| *sign != '\'').is_some() {}
                    signs.next();
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(sign) = signs.next().filter(|sign| *sign != '"') {
                    match sign {
                        '\\' if signs.peek() == Some(&'\n') => {
                            while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
                        }
                        '\\' => text
                            .extend(signs.next().map(|sign| if sign == 'n' { '\n' } else { sign })),
                        sign => text.push(sign),
                    }
                }
                pieces.push(Piece::Text(text));
            }
            sign => pieces.push(Piece::Sign(sign)),
        }
    }
    pieces
}

/// The texts of each argument of every call of this function.
fn calls(code: &str, function: &str) -> Vec<Vec<String>> {
    let pieces = pieces(code);
    let name: Vec<char> = function.chars().chain(['(']).collect();
    let is = |at: usize, wanted: char| matches!(pieces.get(at), Some(Piece::Sign(sign)) if *sign == wanted);
    let begins = |at: usize| {
        let whole = at == 0
            || !matches!(&pieces[at - 1], Piece::Sign(sign) if sign.is_alphanumeric() || *sign == '_');
        whole && name.iter().enumerate().all(|(further, sign)| is(at + further, *sign))
    };
    let mut found = Vec::new();
    for at in (0..pieces.len()).filter(|at| begins(*at)) {
        let mut depth = 1;
        let mut arguments = vec![String::new()];
        for piece in &pieces[at + name.len()..] {
            match piece {
                Piece::Sign('(' | '{' | '[') => depth += 1,
                Piece::Sign(')' | '}' | ']') => depth -= 1,
                Piece::Sign(',') if depth == 1 => arguments.push(String::new()),
                Piece::Text(text) => arguments.last_mut().unwrap().push_str(text),
                Piece::Sign(_) => {}
            }
            if depth == 0 {
                break;
            }
        }
        found.push(arguments.into_iter().filter(|text| !text.is_empty()).collect());
    }
    found
}

/// What a text leaves open: `{terminal}`.
fn open(text: &str) -> BTreeSet<&str> {
    let open = text.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    // What was written out before, in each language.
    open.map(|name| if name == "fr" || name == "en" { "written" } else { name }).collect()
}

/// Whether people would read it: two words beside each other.
fn is_sentence(text: &str) -> bool {
    let mut outside = String::new();
    for (index, part) in text.split('{').enumerate() {
        outside +=
            if index == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) };
        outside += "{";
    }
    let words: Vec<_> = outside.split(' ').collect();
    let is_word = |word: &&str| {
        let word = word.trim_matches(|char: char| !char.is_alphabetic());
        word.chars().count() >= 2 && word.chars().all(|char| char.is_alphabetic() || char == '\'')
    };
    words.windows(2).any(|pair| pair.iter().all(&is_word))
}

#[test]
fn both_languages_of_a_sentence_are_there_and_leave_the_same_open() {
    let mut seen = 0;
    for (path, code) in files("src/words") {
        // `both` is what some of them call `pick` by.
        let texts = ["pick", "both"].into_iter().flat_map(|function| calls(&code, function));
        for texts in texts {
            let [french, english] = &texts[..] else {
                assert!(texts.is_empty(), "{}: one language only: {texts:?}", path.display());
                continue;
            };
            assert_ne!(french, english, "{}", path.display());
            assert_eq!(open(french), open(english), "{}:\n{french}\n{english}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 150, "{seen} sentences were found: this test reads the code no more");
}

/// The fields that each arm of a `match` on this enum names.
fn arms(code: &str, name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut arms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rest in code.split(&format!("{name}::")).skip(1) {
        let end = rest.find(|sign: char| !sign.is_alphanumeric()).unwrap();
        let fields = rest[end..].strip_prefix(" {").and_then(|rest| rest.split_once('}'));
        let fields = fields.map_or("", |(fields, _)| fields).split(',');
        let fields = fields.map(|field| field.split(':').next().unwrap().trim().to_owned());
        let fields = fields.filter(|field| !field.is_empty());
        arms.entry(rest[..end].to_owned()).or_default().extend(fields);
    }
    arms
}

#[test]
fn both_languages_name_the_same_facts() {
    let read = |name: &str| fs::read_to_string(root().join("src/words").join(name)).unwrap();
    let (french, english) = (read("fr.rs"), read("en.rs"));
    assert_eq!(arms(&french, "S"), arms(&english, "S"));
    assert!(arms(&french, "S").len() > 40);
    let machine = read("machine.rs");
    let (french, english) = machine.split_once("fn english(").unwrap();
    assert_eq!(arms(french, "N"), arms(english, "N"));
    assert!(arms(french, "N").len() > 30);
}

/// What makes a text something that a person reads: it is shown, or it is an error.
const TELLING: [&str; 10] = [
    "say",
    "tell",
    "println!",
    "eprintln!",
    "print!",
    "notify",
    "bail!",
    "anyhow!",
    "context",
    "with_context",
];

#[test]
fn no_sentence_for_people_stands_outside_of_the_words() {
    let mut wrong = Vec::new();
    for folder in ["src/cli", "src/tray", "src/doctor", "src/server", "src/onboarding", "src/till"]
    {
        for (path, code) in files(folder) {
            for function in TELLING {
                let texts = calls(&code, function).into_iter().flatten();
                wrong.extend(
                    texts.filter(|text| is_sentence(text)).map(|text| (path.clone(), text)),
                );
            }
            // A browser shows these before it has said its language: they are in both.
            if folder == "src/server" || folder == "src/onboarding" {
                for piece in pieces(&code) {
                    if let Piece::Text(text) = piece
                        && text.ends_with(".\n")
                        && !text.contains(" / ")
                    {
                        wrong.push((path.clone(), text));
                    }
                }
            }
        }
    }
    // Who writes a script of the simulated terminal reads its errors; the others' are a log's.
    for (path, code) in files("src/simulator") {
        for function in ["Err", "error"] {
            let texts = calls(&code, function).into_iter().flatten();
            wrong.extend(texts.filter(|text| is_sentence(text)).map(|text| (path.clone(), text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn this_test_would_see_a_sentence() {
    let texts = |code: &str| calls(code, "say").concat();
    assert_eq!(texts("say(\n    &format!(\"Open {page} now\", x('\"')),\n)"), ["Open {page} now"]);
    assert_eq!(texts("// say(\"not this\")\nunsay(\"nor this\")"), Vec::<String>::new());
    assert!(is_sentence("Open the page: {url}") && !is_sentence("caisse-relay: {error}"));
    assert!(!is_sentence("{:<10} {}") && !is_sentence("     {name:<14} {}"));
    assert_eq!(calls("lang.pick(a(\"x\", b), \"y\")", "pick"), [["x", "y"]]);
}

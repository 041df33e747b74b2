use crate::words::Lang;
use std::time::Duration;

/// A device that a person holds, by what its browser says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// An iPad, an iPhone or a Mac: an iPad says that it is a Mac.
    Apple,
    Android,
    Windows,
    Other,
}

/// The parts of the page, by language and device. French first.
macro_rules! texts {
    ($file:literal) => {
        [
            include_str!(concat!("../../web-client/onboarding/fr/", $file)),
            include_str!(concat!("../../web-client/onboarding/en/", $file)),
        ]
    };
}
const PAGE: [&str; 2] = texts!("page.html");
const APPLE: [&str; 2] = texts!("apple.html");
const ANDROID: [&str; 2] = texts!("android.html");
const WINDOWS: [&str; 2] = texts!("windows.html");
const OTHER: [&str; 2] = texts!("other.html");
const OVER: [&str; 2] = texts!("over.html");
const ICONS: &str = include_str!("../../web-client/onboarding/icons.svg");

/// What a page says that is not the same for everybody.
pub(super) struct Facts<'a> {
    /// The relay as this device reaches it: `https://192.168.1.20:9443`.
    pub(super) relay: &'a str,
    /// The relay by the name that stays: `https://caisse-relay.local:9443`.
    pub(super) named: Option<&'a str>,
    pub(super) authority: &'a str,
    pub(super) fingerprint: &'a str,
    pub(super) left: Duration,
}

impl Device {
    pub(super) fn of(user_agent: &str) -> Device {
        let says = |word: &str| user_agent.contains(word);
        if says("Android") {
            Device::Android
        } else if says("iPad") || says("iPhone") || says("iPod") || says("Macintosh") {
            Device::Apple
        } else if says("Windows") {
            Device::Windows
        } else {
            Device::Other
        }
    }
}

/// The page, with the device at hand first and open.
pub(super) fn page(lang: Lang, device: Device, facts: &Facts<'_>) -> String {
    let mut steps = [
        (Device::Apple, APPLE),
        (Device::Android, ANDROID),
        (Device::Windows, WINDOWS),
        (Device::Other, OTHER),
    ];
    steps.sort_by_key(|(of, _)| *of != device);
    let steps: String = steps
        .iter()
        .map(|(of, texts)| {
            let open = if *of == device { " open" } else { "" };
            texts[index(lang)].replace("{{open}}", open)
        })
        .collect();
    let minutes = facts.left.as_secs().div_ceil(60).to_string();
    // Marks of the program's own text first: what a value says is never one.
    let text = PAGE[index(lang)].replace("{{steps}}", &steps).replace("{{icons}}", ICONS);
    let text = without(&text, "named", facts.named.is_none());
    let values = [
        ("{{relay}}", facts.relay),
        ("{{named}}", facts.named.unwrap_or_default()),
        ("{{authority}}", facts.authority),
        ("{{fingerprint}}", facts.fingerprint),
        ("{{minutes}}", &minutes),
    ];
    values.iter().fold(text, |text, (mark, value)| text.replace(mark, &escaped(value)))
}

/// What an old link says.
pub(super) fn over(lang: Lang) -> &'static str {
    OVER[index(lang)]
}

/// The text without what stands between `<!--part-->` and `<!--/part-->`, or
/// without these marks only.
fn without(text: &str, part: &str, leave_out: bool) -> String {
    let (begin, end) = (format!("<!--{part}-->"), format!("<!--/{part}-->"));
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&begin) {
        let (inside, after) = after.split_once(&end).unwrap_or((after, ""));
        kept.push_str(before);
        if !leave_out {
            kept.push_str(inside);
        }
        rest = after;
    }
    kept + rest
}

fn index(lang: Lang) -> usize {
    lang.pick(0, 1)
}

/// The language that a browser prefers among ours (RFC 9110, 12.5.4); French
/// when it prefers neither.
pub(super) fn preferred(accept_language: &str) -> Lang {
    let weight_of = |wanted: &str| {
        let weights = accept_language.split(',').filter_map(|item| {
            let mut parts = item.split(';');
            let tag = parts.next()?.trim().to_ascii_lowercase();
            let named = tag == wanted || tag.starts_with(&format!("{wanted}-"));
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=").map(thousandths));
            named.then_some(weight.unwrap_or(1000))
        });
        weights.max().unwrap_or(0)
    };
    if weight_of("en") > weight_of("fr") { Lang::En } else { Lang::Fr }
}

/// `0.85` is 850: a weight has three decimals at most.
fn thousandths(weight: &str) -> u32 {
    let (units, decimals) = weight.trim().split_once('.').unwrap_or((weight.trim(), ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    let of = |digits: &str| digits.parse::<u32>().unwrap_or(0);
    (of(units).min(1) * 1000 + of(&decimals)).min(1000)
}

/// Text as XML and HTML take it, in content and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let marks = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];
    marks.iter().fold(text.to_owned(), |text, (mark, entity)| text.replace(mark, entity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_browsers_and_french_when_it_says_nothing_we_speak() {
        for (accept, lang) in [
            ("", Lang::Fr),
            ("fr-FR,fr;q=0.9,en;q=0.8", Lang::Fr),
            ("en-GB,en;q=0.9,fr;q=0.8", Lang::En),
            ("de-DE, en;q=0.5", Lang::En),
            ("de-DE,de;q=0.9", Lang::Fr),
            ("fr;q=0.7, en;q=0.75", Lang::En),
            ("fr;q=0.75, en;q=0.7", Lang::Fr),
            ("en;q=0", Lang::Fr),
            ("EN", Lang::En),
            ("french, english", Lang::Fr),
            ("en;q=99999999999999, fr;q=x", Lang::Fr),
        ] {
            assert_eq!(preferred(accept), lang, "{accept}");
        }
    }

    #[test]
    fn an_ipad_that_says_it_is_a_mac_is_still_an_apple() {
        for (agent, device) in [
            ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Safari", Device::Apple),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari", Device::Apple),
            ("Mozilla/5.0 (Linux; Android 10; K) Chrome/156.0 Mobile", Device::Android),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/156.0", Device::Windows),
            ("Mozilla/5.0 (X11; Linux x86_64) Firefox/153.0", Device::Other),
            ("", Device::Other),
        ] {
            assert_eq!(Device::of(agent), device, "{agent}");
        }
    }

    #[test]
    fn a_page_has_no_mark_left_and_nothing_unescaped() {
        for lang in [Lang::Fr, Lang::En] {
            for device in [Device::Apple, Device::Android, Device::Windows, Device::Other] {
                for named in [None, Some("https://caisse-relay.local:9443")] {
                    let facts = Facts {
                        relay: "https://192.168.1.20:9443",
                        named,
                        authority: "<script>{{relay}}</script>",
                        fingerprint: "AA:BB",
                        left: Duration::from_secs(61),
                    };
                    let page = page(lang, device, &facts);
                    let told = page.replace("&lt;script&gt;{{relay}}", "");
                    assert!(!told.contains("{{") && !page.contains("<!--"), "{page}");
                    assert!(!page.contains("<script>"), "{page}");
                    assert_eq!(page.contains("caisse-relay.local"), named.is_some());
                    assert_eq!(page.matches("<details class=\"device\"").count(), 4);
                    assert_eq!(page.matches(" open>").count(), 1);
                    let first = page.find("<details").unwrap();
                    assert!(page[first..first + 60].contains(" open>"), "{device:?} is first");
                }
            }
        }
    }
}

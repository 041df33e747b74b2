//! What the documentation says is true.

use caisse_relay::config::Config;
use caisse_relay::payment::{NotSent, Remark, Why};
use caisse_relay::simulator::MAGIC;
use std::path::Path;

const README: &str = include_str!("../../README.md");
const PROTOCOL: &str = include_str!("../../web-client/PROTOCOL.md");

/// The text of the first block in this language.
fn block(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    let rest = README.split_once(&begin).expect("there is such a block").1;
    rest.split_once("```").unwrap().0
}

/// The first cells of a table whose heading is this row.
fn first_cells(heading: &str) -> Vec<&'static str> {
    let rows = README.split_once(heading).expect("there is such a table").1.lines().skip(2);
    let rows = rows.take_while(|row| row.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap()).collect()
}

#[test]
fn the_example_configuration_is_one() {
    let config = Config::parse(block("toml"), Path::new("caisse-relay.toml")).unwrap();
    assert_eq!(config.terminals[0].name, "comptoir");
    assert_eq!(config.allow_origins[0].as_str(), "https://shop.odoo.com");
}

#[test]
fn every_key_of_the_tables_is_one_and_has_the_default_that_they_say() {
    let mut tables = README.split("| key | default | meaning |").skip(1);
    let rows = |table: &'static str| {
        let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
        rows.filter_map(|row| {
            let mut quoted = row.split('`').skip(1).step_by(2);
            let default = row.split('|').nth(2)?.trim();
            let (key, value) = (quoted.next()?, quoted.next()?);
            let written = default.starts_with('`').then(|| match value.parse::<u64>() {
                Ok(_) if key.ends_with("_ms") || key.ends_with("_s") => value.to_owned(),
                Ok(_) if ["port", "keep_months"].contains(&key) => value.to_owned(),
                _ if ["true", "false"].contains(&value) => value.to_owned(),
                _ => format!("{value:?}"),
            });
            written.map(|value| format!("{key} = {value}\n"))
        })
        .collect::<String>()
    };
    let top = rows(tables.next().unwrap());
    let terminal = rows(tables.next().unwrap());
    let head = "[[terminals]]\nname = \"a\"\naddress = \"b\"\n";
    let path = Path::new("readme.toml");
    let spelt_out = Config::parse(&format!("{top}{head}{terminal}"), path).unwrap();
    let defaults = Config::parse(head, path).unwrap();
    assert_eq!(format!("{spelt_out:?}"), format!("{defaults:?}"), "{top}{terminal}");
    assert!(terminal.lines().count() >= 12 && top.lines().count() >= 3, "{top}{terminal}");
}

#[test]
fn the_table_of_outcomes_has_all_four() {
    let heading = "| `outcome` | was the card charged? | what the till does |";
    assert_eq!(first_cells(heading), ["approved", "declined", "not_sent", "unknown"]);
}

#[test]
fn every_magic_amount_is_in_the_table() {
    for magic in MAGIC {
        let amount = format!("| {}.{:02} |", magic.amount / 100, magic.amount % 100);
        assert!(README.contains(&amount), "{amount} {}", magic.label_en);
    }
}

#[test]
fn every_reason_and_remark_is_in_the_protocol() {
    let reasons = NotSent::ALL.iter().map(|reason| reason.code());
    let reasons = reasons.chain(Why::ALL.iter().map(|why| why.code()));
    for code in reasons.chain(Remark::ALL.iter().map(|remark| remark.code())) {
        assert!(PROTOCOL.contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for link in README.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        assert!(link.starts_with("http") || root.join(link).exists(), "{link}");
    }
}

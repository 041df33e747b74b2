//! How many instructions the codec and a payment take, by callgrind: a figure
//! that a busy machine does not change, held against `benches/budget.toml`.
//!
//! ```text
//! cargo bench --bench instructions                    # fails when one is 10 % above its budget
//! UPDATE_BUDGET=1 cargo bench --bench instructions    # after a change that is worth it
//! ```
//!
//! Each case runs in valgrind twice, for a few and for more, and the difference
//! is told: what starting costs is in neither. The budget is one compiler's;
//! with another one, or without valgrind, the figures are told and not judged.

mod cases;

use anyhow::{Context, Result, bail, ensure};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, ExitCode};

const BUDGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/budget.toml");
/// Above its budget by more than this many in a hundred, a case fails.
const MARGIN: u64 = 10;

/// The budget as it is kept.
const EXPLAINED: &str =
    "# Instructions by callgrind, x86-64 Linux, as `cargo bench --bench instructions` counts them.
# They are this compiler's; `UPDATE_BUDGET=1 cargo bench --bench instructions` writes them anew.
";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("instructions: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    if let [run, case, count] = &words[..]
        && run == "--run"
    {
        cases::run(case, count.parse()?)?;
        return Ok(true);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: valgrind is not installed, nothing is counted");
        return Ok(true);
    }
    let compiler = compiler()?;
    let budget: toml::Table = fs::read_to_string(BUDGET).unwrap_or_default().parse()?;
    let judged = budget.get("compiler").and_then(toml::Value::as_str) == Some(&compiler);
    let (mut well, mut counted) = (true, String::new());
    println!("{:<40}{:>12}{:>12}", "instructions", "now", "budget");
    for (case, few, more) in cases::ALL {
        let now = (count(case, more)? - count(case, few)?) / (more - few);
        writeln!(counted, "{case} = {now}")?;
        let old = budget.get("instructions").and_then(|all| all.get(case));
        let old = old.and_then(toml::Value::as_integer).map_or(0, i64::cast_unsigned);
        let word = match now * 100 {
            _ if !judged => "",
            now if now > old * (100 + MARGIN) => "TOO MANY",
            now if now < old * (100 - MARGIN) => "fewer: UPDATE_BUDGET=1 keeps it so",
            _ => "",
        };
        well &= word != "TOO MANY";
        println!("{case:<40}{now:>12}{old:>12}  {word}");
    }
    if std::env::var_os("UPDATE_BUDGET").is_some() {
        let text = format!("{EXPLAINED}compiler = \"{compiler}\"\n\n[instructions]\n{counted}");
        fs::write(BUDGET, text)?;
        return Ok(true);
    }
    if !judged {
        println!("not judged: the budget is for another compiler than {compiler}");
    }
    Ok(well)
}

fn compiler() -> Result<String> {
    let said = Command::new("rustc").arg("--version").output().context("rustc")?;
    Ok(String::from_utf8(said.stdout)?.trim().to_owned())
}

/// All that a run of a case executes.
fn count(case: &str, count: u64) -> Result<u64> {
    let said = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--run", case, &count.to_string()])
        // The C library picks its functions by the processor: let it have an old one.
        .env("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX512F,-ERMS,-FSRM,-EVEX")
        .output()?;
    let text = String::from_utf8_lossy(&said.stderr);
    ensure!(said.status.success(), "{case}: {text}");
    let collected = text.lines().find_map(|line| line.split_once("Collected : "));
    match collected.and_then(|(_, count)| count.trim().parse().ok()) {
        Some(count) => Ok(count),
        None => bail!("valgrind counted nothing: {text}"),
    }
}

//! The program: one process that is the relay, the simulated terminal, or a
//! till on the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    caisse_relay::cli::main()
}

//! Chengtu's server program.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chengtu-server: {error}");
            ExitCode::FAILURE
        }
    }
}

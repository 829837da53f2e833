//! Chengtu's server program.

mod cli;
mod memory;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    memory::give_back_large_buffers();
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chengtu-server: {}", chengtu_server::say::words(&error));
            ExitCode::FAILURE
        }
    }
}

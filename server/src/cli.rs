use chengtu_server::import::ImportArgs;
use clap::{Parser, Subcommand};

/// 城图 Chengtu: one live map of a running city.
#[derive(Parser, Debug)]
#[command(name = "chengtu-server", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a city pack.
    Import(ImportArgs),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    /// What went wrong, in words for whoever typed it.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Import(args) => Ok(args.run()?),
        }
    }
}

//! Chengtu 城图: the live map of a city.

use anyhow::Context;
use bevy::app::AppExit;
use chengtu_client::{app, cli::Cli, look::Tokens};
use clap::Parser;

fn main() -> anyhow::Result<AppExit> {
    let cli = Cli::parse();
    let mut tokens = Tokens::shipped()?;
    if let Some(file) = &cli.tokens {
        tokens = tokens
            .override_from(file)
            .context("the tokens given with --tokens cannot be used")?;
    }
    Ok(app::build(cli, tokens).run())
}

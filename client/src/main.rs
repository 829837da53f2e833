//! Chengtu 城图: the live map of a city.

use anyhow::Context;
use bevy::app::AppExit;
use chengtu_client::cli::{Command, Line};
use chengtu_client::{app, look::Tokens, settings};

fn main() -> anyhow::Result<AppExit> {
    let line = Line::from_process();
    let mut cli = match line.command {
        Some(Command::Frames(args)) => args.into_cli().map_err(anyhow::Error::msg)?,
        None => line.cli,
    };
    if cli.link.is_some() && !cli.is_headless() {
        // Settings that cannot be read are told of once the program runs.
        let last = settings::config_file().and_then(|file| settings::load(&file).ok());
        cli.follow_link(last.and_then(|s| s.server));
    }
    cli.open_incident()?;
    let mut tokens = Tokens::shipped()?;
    if let Some(file) = &cli.tokens {
        tokens = tokens
            .override_from(file)
            .context("the tokens given with --tokens cannot be used")?;
    }
    Ok(app::build(cli, tokens).run())
}

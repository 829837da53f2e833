//! Chengtu 城图: the live map of a city.

use anyhow::Context;
use bevy::app::AppExit;
use chengtu_client::app::{self, Start};
use chengtu_client::cli::{Command, Line};
use chengtu_client::net::Opened;
use chengtu_client::{look::Tokens, settings};

fn main() -> anyhow::Result<AppExit> {
    let line = Line::from_process();
    let (frames, mut cli) = match line.command {
        Some(Command::Frames(args)) => {
            let (plan, cli) = args.into_plan().map_err(anyhow::Error::msg)?;
            (Some(plan), cli)
        }
        None => (None, line.cli),
    };
    if cli.link.is_some() && frames.is_none() && !cli.output().is_headless() {
        // Settings that cannot be read are reported once the program runs.
        let last = settings::config_file().and_then(|file| settings::load(&file).ok());
        cli.follow_link(last.and_then(|s| s.server));
    }
    let incident = cli.open.as_deref().map(Opened::open).transpose()?;
    let mut tokens = Tokens::shipped()?;
    if let Some(file) = &cli.tokens {
        tokens = tokens
            .override_from(file)
            .context("the tokens given with --tokens cannot be used")?;
    }
    let start = Start {
        cli,
        tokens,
        frames,
        incident,
        driven: false,
    };
    Ok(app::build(start).run())
}

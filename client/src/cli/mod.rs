//! What the command line can say.

mod frames;

pub use frames::FramesArgs;

use crate::camera::At;
use crate::i18n::{Lang, LocalTime};
use crate::link::{self, DrillLink, Join, ghost_named};
use crate::output::Output;
use chengtu_engine::drill::GhostOf;
use chengtu_engine::replay::TimeBasis;
use chengtu_trust::Fingerprint;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

/// Chengtu: the live map of a city.
#[derive(Parser, Clone, Debug)]
#[command(name = "chengtu", version, about)]
pub struct Cli {
    /// Server to show the city of.
    #[arg(long, default_value = "ws://127.0.0.1:7300", value_name = "URL")]
    pub server: String,
    /// Play an incident file instead, without a server; `chengtu open FILE` says the same.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["map_only"])]
    pub open: Option<PathBuf>,
    /// The server was named, and is not merely the default.
    #[arg(skip)]
    pub names_server: bool,
    /// City pack on this machine; without it the pack's files come from the server.
    #[arg(long, value_name = "DIR")]
    pub city: Option<PathBuf>,
    /// Draw one picture into this PNG file without a window, then exit.
    #[arg(long, value_name = "FILE")]
    pub screenshot: Option<PathBuf>,
    /// Size of the picture or of the window in physical pixels.
    #[arg(long, default_value = "1920x1080", value_name = "WxH")]
    pub size: Size,
    /// Where to look: lon,lat,zoom[,pitch,bearing] in degrees.
    #[arg(
        long,
        value_name = "LON,LAT,ZOOM[,PITCH,BEARING]",
        allow_hyphen_values = true
    )]
    pub at: Option<At>,
    /// The wall of a command centre: no chrome, full screen, type for five metres.
    #[arg(long)]
    pub wall: bool,
    /// Language of map and panels; the last one chosen where not given.
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
    /// Physical pixels per logical pixel; the display's own where not given, 2 at 3840 pixels across.
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    pub scale: Option<f32>,
    /// Size of text and of all that is drawn with it, 1 as designed; the last one chosen where not given.
    #[arg(long, value_name = "FACTOR", value_parser = text_size)]
    pub text_size: Option<f32>,
    /// Without a window: write the current picture to --out every so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, requires = "out", conflicts_with = "screenshot")]
    pub headless_every: Option<f64>,
    /// The PNG file that --headless-every writes.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Account to sign in with.
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Secret of the account.
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,
    /// SHA-256 fingerprint of the certificate that a server at a wss:// address must show; it is remembered.
    #[arg(long, value_name = "SHA256")]
    pub pin: Option<Fingerprint>,
    /// Show exactly these layers: buildings, cases, units, traffic, density, hotspots, sensors, grid, views.
    #[arg(long, value_name = "NAME,…")]
    pub layers: Option<crate::live::LayerVisibility>,
    /// Select this as soon as it is known: a case's number, unit:NUMBER, nearest or gravest.
    #[arg(long, value_name = "CASE")]
    pub select: Option<String>,
    /// Map style (MapLibre style JSON) instead of the shipped one.
    #[arg(long, value_name = "FILE")]
    pub style: Option<PathBuf>,
    /// Design tokens that replace shipped ones.
    #[arg(long, value_name = "FILE")]
    pub tokens: Option<PathBuf>,
    /// Draw the map only: no server, no panels.
    #[arg(long)]
    pub map_only: bool,
    /// World to begin in.
    #[arg(long, value_enum, default_value_t, value_name = "WORLD")]
    pub world: StartWorld,
    /// Where a replay begins, local time of the city: 2026-11-22T02:13:07.
    #[arg(long, value_name = "TIME")]
    pub time: Option<LocalTime>,
    /// Tell the past as it was, not as it was known.
    #[arg(long)]
    pub occurred: bool,
    /// Begin a drill of this scenario, in the director's seat.
    #[arg(long, value_name = "SCENARIO", conflicts_with = "join")]
    pub drill: Option<String>,
    /// Join a world that runs: drill:NUMBER[:participant|director|viewer] or replay:NUMBER.
    #[arg(long, value_name = "WORLD")]
    pub join: Option<Join>,
    /// In a drill: let these units drive along: attempt:NUMBER, drill:NUMBER or real.
    #[arg(long, value_name = "WHOSE", value_parser = ghost_named)]
    pub ghost: Option<GhostOf>,
    /// Open the record of a drill at a second: chengtu://drill/NUMBER?t=SECONDS; may stand alone, without --link.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["open", "map_only", "drill", "join", "time"])]
    pub link: Option<DrillLink>,
    /// With --select CASE: begin a fork at once in which the best of the other units goes there.
    #[arg(long, requires = "select")]
    pub what_if: bool,
    /// Seconds a picture may take before the program gives up.
    #[arg(long, default_value_t = 120.0, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: f64,
}

impl Cli {
    /// A link says nothing of a server: it is followed on the one that was shown last, unless another is named.
    pub fn follow_link(&mut self, last: Option<String>) {
        if let Some(last) = last.filter(|_| self.link.is_some() && !self.names_server) {
            self.server = last;
        }
    }

    /// Where the program's pictures go; those of `frames` are decided elsewhere.
    pub fn output(&self) -> Output {
        if self.screenshot.is_some() {
            Output::Stills
        } else if self.headless_every.is_some() {
            Output::Series
        } else {
            Output::Window
        }
    }

    /// Whether events of a replay count from when they occurred or from when they became known.
    pub fn basis(&self) -> TimeBasis {
        if self.occurred {
            TimeBasis::Occurred
        } else {
            TimeBasis::Known
        }
    }
}

/// The whole command line: the map, or one of the commands.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "chengtu",
    version,
    about,
    args_conflicts_with_subcommands = true
)]
pub struct Line {
    /// What to do instead of opening the map.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the map is opened with.
    #[command(flatten)]
    pub cli: Cli,
}

impl Line {
    /// Reads a command line.
    fn read(args: Vec<OsString>) -> Result<Self, clap::Error> {
        let args = link::as_an_option(with_open_as_an_option(args));
        let matches = Self::command().try_get_matches_from(args)?;
        let mut line = Self::from_arg_matches(&matches)?;
        line.cli.names_server = matches.value_source("server") == Some(ValueSource::CommandLine);
        Ok(line)
    }

    /// The command line of this process.
    pub fn from_process() -> Self {
        Self::read(std::env::args_os().collect()).unwrap_or_else(|error| error.exit())
    }
}

/// What can be done beside opening the map.
#[derive(Subcommand, Clone, Debug)]
#[allow(clippy::large_enum_variant)] // One exists, for the length of a start.
pub enum Command {
    /// Write a stretch of the past as PNG frames, and as a video where ffmpeg is installed.
    Frames(FramesArgs),
}

/// World that the program begins in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum StartWorld {
    /// The running city.
    #[default]
    Live,
    /// The past, at --time.
    Replay,
}

/// `chengtu open FILE …` as `chengtu --open FILE …`.
fn with_open_as_an_option(mut args: Vec<OsString>) -> Vec<OsString> {
    if args.get(1).is_some_and(|a| a == "open") {
        args[1] = "--open".into();
    }
    args
}

/// A size in physical pixels, `1920x1080`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Width, physical pixels, 64 to 8,192.
    pub width: u32,
    /// Height, physical pixels, 64 to 8,192.
    pub height: u32,
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (w, h) = text.split_once(['x', 'X', '×'])?;
            Some(Self {
                width: w.trim().parse().ok()?,
                height: h.trim().parse().ok()?,
            })
        };
        match parse() {
            Some(size)
                if (64..=8192).contains(&size.width) && (64..=8192).contains(&size.height) =>
            {
                Ok(size)
            }
            Some(_) => Err("each side must be 64 to 8192 pixels".into()),
            None => Err("expected WIDTHxHEIGHT, for example 1920x1080".into()),
        }
    }
}

fn scale(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(v) if (0.5..=4.0).contains(&v) => Ok(v),
        _ => Err("expected a factor from 0.5 to 4".into()),
    }
}

fn text_size(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(v) if (0.8..=2.0).contains(&v) => Ok(v),
        _ => Err("expected a factor from 0.8 to 2".into()),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(v) if (0.1..=86_400.0).contains(&v) => Ok(v),
        _ => Err("expected seconds, 0.1 to 86400".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_nonsense_is_explained() {
        assert_eq!(
            "1920x1080".parse::<Size>().unwrap(),
            Size {
                width: 1920,
                height: 1080
            }
        );
        for bad in ["1920", "0x10", "axb", "99999x100"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_replay_begins_at_a_time_and_is_told_as_it_was_or_as_it_was_known() {
        let line = [
            "chengtu",
            "--world",
            "replay",
            "--time",
            "2026-11-22T02:13:07",
            "--occurred",
        ];
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!(
            (cli.world, cli.basis()),
            (StartWorld::Replay, TimeBasis::Occurred)
        );
    }

    #[test]
    fn a_link_is_followed_on_the_server_shown_last_unless_another_is_named() {
        let line = |text: &str| Line::read(text.split(' ').map(Into::into).collect());
        let server = |text: &str, last: Option<&str>| {
            let mut cli = line(text).unwrap().cli;
            cli.follow_link(last.map(Into::into));
            cli.server
        };
        let last = Some("ws://last:1");
        let link = "chengtu chengtu://drill/3?t=5";
        assert_eq!(server(link, last), "ws://last:1");
        assert_eq!(server(link, None), "ws://127.0.0.1:7300");
        let named = "chengtu chengtu://drill/3?t=5 --server ws://127.0.0.1:7300";
        assert_eq!(server(named, last), "ws://127.0.0.1:7300");
        assert_eq!(server("chengtu --wall", last), "ws://127.0.0.1:7300");
        assert_eq!(line(link).unwrap().cli.link.unwrap().drill, 3);
        assert!(line("chengtu chengtu://nowhere").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        Line::command().debug_assert();
        Cli::command().debug_assert();
        assert!(Cli::try_parse_from(["chengtu", "--headless-every", "5"]).is_err());
    }
}

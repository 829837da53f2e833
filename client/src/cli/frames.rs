//! The command `frames`.

use super::{Cli, StartWorld};
use crate::frames::{FramesPlan, Order};
use crate::i18n::LocalTime;
use clap::Args;
use std::path::PathBuf;

/// Options of `chengtu frames`.
#[derive(Args, Clone, Debug)]
pub struct FramesArgs {
    /// First moment, local time of the city: 2026-11-22T02:13:07.
    #[arg(long, value_name = "TIME")]
    pub from: LocalTime,
    /// Last moment, local time of the city.
    #[arg(long, value_name = "TIME")]
    pub to: LocalTime,
    /// From frame to frame in the city's time: 1s, 500ms, 2m, 1h.
    #[arg(long, default_value = "1s", value_name = "SPAN", value_parser = span_us)]
    pub step: i64,
    /// A video of the frames too; needs ffmpeg.
    #[arg(long, value_name = "FILE")]
    pub video: Option<PathBuf>,
    /// Frames a second of the video.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub fps: u32,
    /// In which order the moments are gone to. The frames are the same in any.
    #[arg(long, value_enum, default_value_t = Order::Forward)]
    pub order: Order,
    /// Everything else, as for a picture; --out names the folder.
    #[command(flatten)]
    pub cli: Cli,
}

impl FramesArgs {
    /// The frames to be drawn, and the command line of the program that draws them.
    ///
    /// # Errors
    /// Words where something is missing.
    pub fn into_plan(self) -> Result<(FramesPlan, Cli), String> {
        let mut cli = self.cli;
        let dir = cli.out.take().ok_or("frames needs --out DIR")?;
        let plan = FramesPlan {
            from: self.from,
            to: self.to,
            step_us: self.step,
            dir,
            video: self.video,
            fps: self.fps,
            order: self.order,
        };
        cli.world = StartWorld::Replay;
        Ok((plan, cli))
    }
}

/// `1s`, `500ms`, `2m`, `1h` as microseconds.
fn span_us(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit_us = match unit {
        "ms" => 1e3,
        "" | "s" => 1e6,
        "m" | "min" => 60e6,
        "h" => 3_600e6,
        _ => return Err("expected a span such as 1s, 500ms, 2m or 1h".into()),
    };
    match number.parse::<f64>() {
        Ok(n) if (1e4..=86_400e6).contains(&(n * unit_us)) => Ok((n * unit_us) as i64),
        _ => Err("expected a span from 10ms to 24h".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::time::Timestamp;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        frames: FramesArgs,
    }

    fn plan(more: &[&str]) -> Result<FramesPlan, String> {
        let base = ["x", "--from", "2026-11-22T02:13:07", "--out", "frames"];
        let line = base.iter().chain(more);
        let line = Line::try_parse_from(line).map_err(|e| e.to_string())?;
        Ok(line.frames.into_plan()?.0)
    }

    #[test]
    fn a_stretch_is_cut_into_equal_steps_with_both_ends() {
        let plan = plan(&["--to", "2026-11-22T02:13:17", "--step", "2.5s"]).unwrap();
        assert_eq!(plan.step_us, 2_500_000);
        let at = Timestamp::from_seconds;
        let moments = plan.moments(at(0), at(10)).unwrap();
        let seconds: Vec<i64> = moments.iter().map(|t| t.0 / 100_000).collect();
        assert_eq!(seconds, [0, 25, 50, 75, 100]);
        let backwards = plan.moments(at(1), at(0)).unwrap_err();
        assert!(backwards.contains("02:13:17"), "{backwards}");
        assert!(
            plan.moments(at(0), at(100_000_000))
                .unwrap_err()
                .contains("--step")
        );
    }

    #[test]
    fn nonsense_is_explained() {
        for (more, says) in [
            (&["--to", "tomorrow"][..], "tomorrow"),
            (&["--to", "2026-11-22T02:14:00", "--step", "1 week"], "1s"),
            (&["--to", "2026-11-22T02:14:00", "--step", "0s"], "10ms"),
            (&["--to", "2026-11-22T02:14:00", "--fps", "0"], "fps"),
        ] {
            let error = plan(more).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}

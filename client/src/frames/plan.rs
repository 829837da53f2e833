use crate::cli::{Cli, LocalTime};
use chengtu_engine::time::Timestamp;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Most frames in one run: an hour and more at 25 a second.
const FRAMES_MAX: i64 = 100_000;

/// What `chengtu frames` can be told.
#[derive(Args, Clone, Debug)]
pub struct FramesArgs {
    /// First moment, local time of the city: 2026-11-22T02:13:07.
    #[arg(long, value_name = "TIME")]
    pub from: LocalTime,
    /// Last moment.
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
    /// The command line of the program that draws them.
    ///
    /// # Errors
    /// Words where something is missing.
    pub fn into_cli(self) -> Result<Cli, String> {
        let mut cli = self.cli;
        let dir = cli.out.take().ok_or("frames needs --out DIR")?;
        cli.frames = Some(FramesPlan {
            from: self.from,
            to: self.to,
            step_us: self.step,
            dir,
            video: self.video,
            fps: self.fps,
            order: self.order,
        });
        cli.world = crate::cli::StartWorld::Replay;
        Ok(cli)
    }
}

/// In which order moments are gone to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// As time runs.
    #[default]
    Forward,
    /// From the last to the first.
    Backward,
    /// From anywhere to anywhere.
    Shuffled,
}

impl Order {
    /// Indices of so many moments, each once.
    pub fn of(self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        match self {
            Self::Forward => {}
            Self::Backward => all.reverse(),
            Self::Shuffled => {
                // Fisher and Yates with SplitMix64: always the same disorder.
                let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
                for i in (1..count).rev() {
                    seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
                    let mut z = seed;
                    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                    all.swap(i, ((z ^ (z >> 31)) % (i as u64 + 1)) as usize);
                }
            }
        }
        all
    }
}

/// Which frames, and where they go.
#[derive(Clone, Debug, PartialEq)]
pub struct FramesPlan {
    /// First moment.
    pub from: LocalTime,
    /// Last moment.
    pub to: LocalTime,
    /// From frame to frame, microseconds.
    pub step_us: i64,
    /// Folder of the PNGs.
    pub dir: PathBuf,
    /// Video.
    pub video: Option<PathBuf>,
    /// Its frames a second.
    pub fps: u32,
    /// Order.
    pub order: Order,
}

impl FramesPlan {
    /// Every moment from the first to the last.
    ///
    /// # Errors
    /// Words where the stretch is empty or too long.
    pub fn moments(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Timestamp>, String> {
        if to < from {
            return Err(format!(
                "--to {} lies before --from {}",
                self.to.0, self.from.0
            ));
        }
        let count = (to.0 - from.0) / self.step_us + 1;
        if count > FRAMES_MAX {
            return Err(format!(
                "{count} frames are too many for one run (at most {FRAMES_MAX}); take a longer --step"
            ));
        }
        Ok((0..count)
            .map(|i| Timestamp(from.0 + i * self.step_us))
            .collect())
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
        Ok(line.frames.into_cli()?.frames.unwrap())
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
    fn every_order_visits_every_moment_once() {
        for order in [Order::Forward, Order::Backward, Order::Shuffled] {
            let mut visited = order.of(50);
            if order != Order::Forward {
                assert_ne!(visited, (0..50).collect::<Vec<_>>());
            }
            visited.sort_unstable();
            assert_eq!(visited, (0..50).collect::<Vec<_>>());
        }
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

use super::FramesPlan;
use bevy::prelude::*;
use std::process::{Command, Stdio};

/// The program that makes a video of pictures.
const FFMPEG: &str = "ffmpeg";

fn is_there() -> bool {
    Command::new(FFMPEG)
        .arg("-version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Arguments that make the video of a plan.
fn arguments(plan: &FramesPlan) -> Vec<String> {
    let Some(file) = &plan.video else {
        return Vec::new();
    };
    let pictures = plan.dir.join("%06d.png");
    let text = |p: &std::path::Path| p.display().to_string();
    [
        "-y",
        "-loglevel",
        "error",
        "-framerate",
        &plan.fps.to_string(),
        "-i",
        &text(&pictures),
        "-c:v",
        "libx264",
        "-crf",
        "16",
        // Players want even sides and this pixel format.
        "-vf",
        "pad=ceil(iw/2)*2:ceil(ih/2)*2",
        "-pix_fmt",
        "yuv420p",
        &text(file),
    ]
    .map(str::to_owned)
    .to_vec()
}

/// What to say at once where a video is wanted that cannot be made.
pub(super) fn missing(plan: &FramesPlan) -> Option<String> {
    let file = plan.video.as_ref()?;
    (!is_there()).then(|| {
        format!(
            "{}: no video will be made, {FFMPEG} is not installed; the frames are written. Once it is: {FFMPEG} {}",
            file.display(),
            arguments(plan).join(" ")
        )
    })
}

/// Makes the video if the plan asks for one and ffmpeg is installed.
pub(super) fn make(plan: &FramesPlan, frames: usize) -> AppExit {
    info!("{frames} frames in {}", plan.dir.display());
    let Some(file) = &plan.video else {
        return AppExit::Success;
    };
    if let Some(words) = missing(plan) {
        warn!("{words}");
        return AppExit::Success;
    }
    let file = file.display();
    match Command::new(FFMPEG).args(arguments(plan)).output() {
        Ok(output) if output.status.success() => {
            info!("video written: {file}");
            AppExit::Success
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            error!("{file}: {FFMPEG} failed: {}", said.trim());
            AppExit::error()
        }
        Err(error) => {
            error!("{file}: {FFMPEG} cannot be run: {error}");
            AppExit::error()
        }
    }
}

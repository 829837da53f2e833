//! The picture of a moment is the same however the moment was reached: played to, gone back to, or sought.
//!
//! A scripted server serves the same small city to the real program three times. It answers a moment that lies ahead
//! by playing there, frame after frame, as a clock that runs does; and any other by a fresh snapshot. The frames the
//! program writes are compared byte by byte.

#[path = "replay_frames/script.rs"]
mod script;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs `chengtu frames`; what it said, and whether it was content.
fn frames(port: u16, order: &str, dir: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chengtu"))
        .arg("frames")
        .args(["--server", &format!("ws://127.0.0.1:{port}")])
        .args([
            "--from",
            "2026-11-20T14:00:00",
            "--to",
            "2026-11-20T14:00:50",
        ])
        .args(["--step", "10s", "--size", "512x512", "--timeout", "240"])
        // Twice as many logical pixels: room for the map between the panels.
        .args(["--scale", "0.5"])
        .args(["--at", "118.7862,32.0440,15.2,40,330", "--order", order])
        .arg("--city")
        .arg(root().join("data/nanjing"))
        .arg("--out")
        .arg(dir)
        .output()
        .expect("the client runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), said.into_owned())
}

fn written(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("a folder of frames") {
        let entry = entry.expect("a readable folder");
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, std::fs::read(entry.path()).expect("a readable frame"));
    }
    files
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let id = std::process::id();
        Self(std::env::temp_dir().join(format!("chengtu-replay-frames-{id}-{name}")))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Names of frames that differ.
fn different(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    assert_eq!(
        a.keys().collect::<Vec<_>>(),
        b.keys().collect::<Vec<_>>(),
        "not the same moments"
    );
    let differs = |name: &&String| a[*name] != b[*name];
    a.keys().filter(differs).cloned().collect()
}

#[test]
fn reverse_play_and_random_seeks_show_byte_equal_frames_to_forward_play() {
    let port = script::serve();
    let mut orders = Vec::new();
    for order in ["forward", "backward", "shuffled"] {
        let folder = Folder::new(order);
        let (done, said) = frames(port, order, &folder.0);
        assert!(done && !said.contains("ERROR"), "{order}:\n{said}");
        orders.push((order, written(&folder.0)));
        if let Some(keep) = std::env::var_os("CHENGTU_KEEP_FRAMES") {
            for (name, bytes) in &orders.last().expect("just pushed").1 {
                let to = PathBuf::from(&keep).join(format!("{order}-{name}"));
                std::fs::write(to, bytes).expect("a folder to keep frames in");
            }
        }
    }
    let (_, forward) = &orders[0];
    assert_eq!(forward.len(), 6);
    // Each moment looks otherwise than the one before: the comparison compares something.
    let all: Vec<&Vec<u8>> = forward.values().collect();
    assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    for (order, frames) in &orders[1..] {
        let wrong = different(forward, frames);
        assert!(
            wrong.is_empty(),
            "{order} differs from forward in {wrong:?}"
        );
    }
}

#[test]
fn a_moment_outside_the_log_and_a_missing_ffmpeg_are_told_in_words() {
    let port = script::serve();
    let folder = Folder::new("beyond");
    let output = Command::new(env!("CARGO_BIN_EXE_chengtu"))
        .arg("frames")
        .args(["--server", &format!("ws://127.0.0.1:{port}")])
        .args([
            "--from",
            "2026-11-19T14:00:00",
            "--to",
            "2026-11-19T14:00:10",
        ])
        .args(["--size", "128x128", "--timeout", "120"])
        .args(["--at", "118.7862,32.0440,15.2"])
        .arg("--city")
        .arg(root().join("data/nanjing"))
        .arg("--out")
        .arg(&folder.0)
        .args(["--video", "never.mp4"])
        // No programs are found there.
        .env("PATH", &folder.0)
        .output()
        .expect("the client runs");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("2026-11-19 14:00:00 is outside the log")
            && said.contains("2026-11-20 13:50:00"),
        "{said}"
    );
    assert!(said.contains("ffmpeg is not installed"), "{said}");
}

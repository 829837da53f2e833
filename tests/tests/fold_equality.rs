//! A recorded day replayed in two other processes has the digests that were noted live. Shows the figures with
//! `cargo test -p chengtu-tests --test fold_equality -- --nocapture`.

use anyhow::{Result, ensure};
use std::process::Command;

#[test]
fn a_replayed_day_has_the_digests_that_were_noted_live_in_two_processes() -> Result<()> {
    let dir = tempfile::tempdir()?;
    for what in ["record", "replay", "replay"] {
        let output = Command::new(env!("CARGO_BIN_EXE_fold_equality"))
            .arg(what)
            .arg(dir.path())
            .output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        print!("{said}");
        ensure!(
            output.status.success(),
            "{what}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        if what == "replay" {
            ensure!(said.contains("1000 of 1000 digests equal"), "{said}");
        }
    }
    Ok(())
}

//! Programs that tests and measurements start, and where the repository's files are.

use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Child;

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The city pack that ships.
pub fn nanjing() -> PathBuf {
    root().join("data/nanjing")
}

/// A program that does not outlive the test that started it.
pub struct Program(pub Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server program that lies beside the running one.
///
/// # Errors
/// When it is not built.
pub fn server_beside() -> Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("chengtu-server");
    ensure!(
        beside.exists(),
        "{} is not built; run cargo build -p chengtu-server first",
        beside.display()
    );
    Ok(beside)
}

/// The server program, built again if its source has changed.
pub fn server_program() -> Result<PathBuf> {
    static BUILT: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let here = std::env::current_exe()?;
    let profile = here
        .parent()
        .and_then(Path::parent)
        .context("tests lie in target/PROFILE/deps")?;
    let target = profile.parent().context("target")?;
    let built = BUILT.get_or_init(|| {
        std::process::Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "-p",
                "chengtu-server",
                "--bin",
                "chengtu-server",
            ])
            .arg("--target-dir")
            .arg(target)
            .current_dir(root())
            .status()
            .is_ok_and(|s| s.success())
    });
    ensure!(*built, "chengtu-server does not build");
    Ok(profile.join("chengtu-server"))
}

/// A free port.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?
        .local_addr()?
        .port())
}

/// Interpreter of the environment that `scripts/python-env` makes.
pub fn python() -> Result<PathBuf> {
    if let Some(python) = std::env::var_os("CHENGTU_PYTHON") {
        return Ok(python.into());
    }
    let output = std::process::Command::new(root().join("scripts/python-env")).output()?;
    ensure!(
        output.status.success(),
        "scripts/python-env failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().last().context("no interpreter")?.trim().into())
}

/// A Chromium, by any of its names or in `CHENGTU_BROWSER`.
pub fn browser() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHENGTU_BROWSER") {
        return Ok(named.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|dir| names.map(|name| dir.join(name)))
        .find(|program| program.is_file())
        .context("there is no Chromium; scripts/setup installs one, or name it in CHENGTU_BROWSER")
}

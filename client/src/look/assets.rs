use std::path::PathBuf;

/// Why the program's own files cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// No folder with the fonts in it.
    #[error(
        "cannot find the assets (looked for fonts/NotoSansSC-Regular.ttf in: {}); set BEVY_ASSET_ROOT to the folder that contains `assets`",
        tried.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NotFound {
        /// The folders looked into.
        tried: Vec<PathBuf>,
    },
}

/// The folder that holds fonts and icons: below `BEVY_ASSET_ROOT`, beside the binary or a level or more above
/// it, or below the current folder.
///
/// # Errors
/// [`AssetsError::NotFound`] with the folders tried.
pub fn assets_dir() -> Result<PathBuf, AssetsError> {
    let mut tried = Vec::new();
    if let Some(root) = std::env::var_os("BEVY_ASSET_ROOT") {
        tried.push(PathBuf::from(root).join("assets"));
    }
    if let Ok(exe) = std::env::current_exe() {
        tried.extend(
            exe.ancestors()
                .skip(1)
                .take(5)
                .map(|dir| dir.join("assets")),
        );
    }
    if let Ok(here) = std::env::current_dir() {
        tried.extend(here.ancestors().take(3).map(|dir| dir.join("assets")));
    }
    // A development build whose target folder lies elsewhere finds the source tree it was built from.
    tried.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../assets"));
    let found = tried
        .iter()
        .find(|dir| dir.join("fonts/NotoSansSC-Regular.ttf").is_file())
        .cloned();
    found.ok_or(AssetsError::NotFound { tried })
}

/// A file inside [`assets_dir`].
///
/// # Errors
/// As [`assets_dir`].
pub fn asset_path(file: &str) -> Result<PathBuf, AssetsError> {
    Ok(assets_dir()?.join(file))
}

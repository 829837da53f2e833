//! How things look: the design tokens, read from `assets/tokens.toml` and from a city's own file.

mod assets;
mod color;
mod tokens;
#[cfg(test)]
mod vision;

pub use assets::{AssetsError, asset_path, assets_dir};
pub use color::Rgba8;
pub use tokens::{TokenError, Tokens};

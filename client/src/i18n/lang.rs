use bevy::prelude::Resource;

/// Language of the map's names and of the panels.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English
    En,
}

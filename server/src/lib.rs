//! Chengtu's server: sessions, feeds, the log's store, city packs.

pub mod demo;
pub mod import;
pub mod pack;
pub mod play;

//! Chengtu's server: sessions, feeds, the log's store, city packs.

pub mod import;
pub mod pack;

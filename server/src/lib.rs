//! Chengtu's server: sessions, feeds, the log's store, city packs.

pub use chengtu_protocol::codes;

pub mod audience;
pub mod city;
pub mod config;
pub mod crs;
pub mod demo;
pub mod drill;
pub mod export;
pub mod feeds;
pub mod http;
pub mod import;
pub mod log;
pub mod pack;
pub mod play;
pub mod serve;
pub mod session;
pub mod world;
pub mod worlds;

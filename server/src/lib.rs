//! Chengtu's server: sessions, feeds, the log's store, city packs.

pub mod access;
pub mod accounts;
pub mod audience;
pub mod audit;
pub mod city;
pub mod clock;
pub mod config;
pub mod crs;
pub mod demo;
pub mod door;
pub mod drill;
pub mod encoding;
pub mod export;
pub mod feeds;
pub mod http;
pub mod import;
mod lines;
pub mod log;
pub mod out;
pub mod outbox;
pub mod pack;
mod plain;
pub mod play;
mod priority;
mod reasons;
mod refusal;
pub mod request;
pub mod say;
pub mod serve;
pub mod session;
mod table;
pub mod times;
pub mod tls;
pub mod world;
pub mod worlds;

pub use refusal::Refusal;

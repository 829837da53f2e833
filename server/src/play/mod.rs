//! Recordings and synthetic traffic, played into a running server through the public feed door.

mod address;
mod args;
mod bad_rows;
mod error;
mod feed_client;
mod kinds;
mod player;
mod record;
mod recording;
mod row_writer;
mod synthetic;
mod timeline;

pub use address::ServerAddress;
pub(crate) use args::report_bad;
pub use args::{PlayArgs, TableArgs};
pub use bad_rows::BadRows;
pub use error::RecordingError;
pub use feed_client::{FeedClient, FeedError, Taken};
pub use kinds::{KindShares, stable_hash};
pub use player::{Pace, PlayError, Played, play};
pub use record::RecordArgs;
pub use recording::{Item, Items, Recording};
pub use row_writer::{RowOut, RowWriter};
pub use synthetic::{Fleet, Streets, drive};
pub use timeline::{SORTED_FIXES_MAX, Timeline};

//! What worlds are asked for, by who may be asked.
//!
//! [`ViewRequest`] is answered by the audience of any world, [`AnyRequest`] by any world, [`LiveRequest`] and
//! [`DataRequest`] by the running city alone and [`OtherRequest`] by the worlds beside it. A world's queue takes its own kind only, so that a request
//! cannot be sent where nobody would answer it.

mod any;
mod arrival;
mod batch;
mod counting;
mod given;
mod live;
mod other;
mod past;
mod problems;
mod reply;

pub use any::{AnyRequest, Decision, ViewRequest};
pub use arrival::Arrival;
pub use batch::{
    CaseRow, FeedData, FixBatch, FixRowIn, NO_TIME, ObservationRow, Posted, SensorInfo,
};
pub use counting::{count_taken, count_untaken};
pub use given::{Given, GivenCommand};
pub use live::{DataRequest, LiveRequest};
pub use other::OtherRequest;
pub use past::PastQuestion;
pub use problems::{OLD_AFTER_S, Problem, Problems, Taken, Unavailable};
pub use reply::{Asker, CommandReply};

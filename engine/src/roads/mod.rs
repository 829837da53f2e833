//! The road graph: where a position meets the road, how soon each unit can be at a case, and the way there.
//!
//! Travel times are whole milliseconds and lengths whole centimetres, so that every machine ranks the same units
//! in the same order.

mod arrivals;
mod bits;
mod climb;
mod closings;
mod codec;
mod components;
mod contraction;
mod cost;
mod describe;
mod edge;
mod error;
mod flat;
mod graph;
mod heap;
mod nearby;
mod point;
mod route;
mod search;
mod segments;
mod shortcuts;
mod snap;
mod surroundings;
mod turns;
mod water;
mod ways;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use arrivals::{Arrival, ArrivalOptions};
pub use closings::Closings;
pub use codec::{ROADS_MAGIC, ROADS_MAGIC_PLAIN};
pub use describe::RoadPlace;
pub use edge::{Arc, Edge, EdgeInput, NO_NAME, RoadClass};
pub use error::RoadGraphError;
pub use graph::RoadGraph;
pub use point::RoadPoint;
pub use route::{Leg, Route, RoutePoint};
pub use search::Search;
pub use surroundings::{Surroundings, TURN_ARCS_MAX};
pub use water::{Bank, BankKind};

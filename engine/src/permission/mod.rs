//! Who may do what: roles, permissions, and the one table that says what a command needs.
//!
//! A [`Role`] is what somebody connects as, and has its usual [`Rights`]; an account may be granted or denied permissions
//! about past and drills. The roles of a city's people are words of a [`RoleTable`], which is data. Whether an actor acts
//! for what is its own (a terminal for its unit, a feed for its things) is part of the same check.

mod check;
mod needs;
mod rights;
mod role;
mod table;

pub use check::check;
pub use rights::{Permission, Rights};
pub use role::{Role, RoleError};
pub use table::{RoleGrant, RoleTable};

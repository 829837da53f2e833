//! How data come: what is of the transport and not of the data.

pub(super) mod http;
mod receive;
pub(super) mod socket;

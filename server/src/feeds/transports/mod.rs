//! How data come: what is of the transport and not of the data.

pub(super) mod http;
pub(super) mod socket;

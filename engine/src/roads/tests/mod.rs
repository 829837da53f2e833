//! Roads with what lies about them.

mod beside;
mod turning;
mod waters;

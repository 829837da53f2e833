//! Roads with what lies about them.

mod beside;
mod closing;
mod turning;
mod waters;

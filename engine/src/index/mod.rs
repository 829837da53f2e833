//! Where everything is: an R-tree made for things that move.
//!
//! The tree does not hold positions but *territories*: padded boxes, each with a bucket of up to 64 movers and their
//! exact positions. While a mover stays inside the territory it is filed under, a move is one comparison and one write;
//! only when it leaves is it filed again. A query walks the tree by its boxes and then reads the buckets, so the answer
//! is exact at any moment.

mod bounds;
mod bulk;
mod file;
mod lazy;
mod nearest;
mod tree;

#[cfg(test)]
mod tests;

pub use lazy::{LazyIndex, Slot};

//! Chengtu.

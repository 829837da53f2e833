//! Whom a program that connects to a server trusts: the roots of this machine, or one certificate that a person has
//! confirmed by its fingerprint. The map program and the server's own commands share it.

mod fingerprint;
mod refusal;
mod verify;

pub use fingerprint::{Fingerprint, FingerprintError};
pub use refusal::{Refusal, refusal_in};
pub use verify::Trust;

//! TLS of the server: which certificate is shown, and that a new one is taken without a restart.

mod certificate;
mod development;
mod error;
mod plan;
mod shown;
mod watch;

pub use error::TlsError;
pub use plan::Plan;
pub use shown::{Tls, TlsStatus};
pub use watch::watch;

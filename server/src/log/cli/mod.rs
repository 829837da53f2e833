//! Commands about a data directory.

mod audit;
mod clock;
mod keep;
mod print;

pub use audit::{AuditArgs, machine_user};
pub use clock::{ClockArgs, MendTimeArgs};
pub use keep::{ANCHORS_DIR, AnchorArgs, CompactArgs, KEY_FILE, KeyArgs, VerifyArgs};
pub use print::LogArgs;

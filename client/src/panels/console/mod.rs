//! What every panel is built on: the frame that is drawn, what a panel asks for, its keys, its place on the screen.
//!
//! A panel is a plugin in a folder of its own. It keeps its state in a resource, asks for things with messages of its
//! own ([`Acts`]), and is put on the screen with one line ([`AddPanel::add_panel`]). A frame goes through these
//! schedules, one after the other:
//!
//! 1. [`PanelClaims`]: which room a panel takes, and whether it has the keyboard ([`Claims`]);
//! 2. [`PanelKeys`]: keys of this frame, for what is drawn last first ([`Keys`]);
//! 3. [`PanelDraw`]: drawing, in the order in which panels were added;
//! 4. [`PanelActs`]: what was asked for is carried out by whoever it belongs to.

mod acts;
mod add;
mod claims;
mod command;
mod frame;
mod keep;
mod keys;
mod owner;
mod run;
mod schedule;

#[cfg(test)]
pub use acts::deliver;
pub use acts::{Acts, Queued};
pub use add::{AddPanel, KeyLayer};
pub use claims::{Claims, Covered, opened};
pub use command::{Pending, Refusal, sent_unit};
pub use frame::{Frame, Link, Scene, View};
pub use keep::{KeepInCity, KeepSystems, Kept};
pub use keys::{Focus, FocusZone, Keys};
pub use owner::{KeyOwner, KeyOwners, ListKeys};
pub use run::{ConsolePlugin, claim, draw, read_keys};
pub use schedule::{PanelActs, PanelClaims, PanelDraw, PanelKeys, PanelsSystems, Screen};

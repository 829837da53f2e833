//! The parts of one step that belong to one kind of actor: officers, inspectors, sensors, and history.

mod check;
mod dispatch;
mod measure;
mod recorded;

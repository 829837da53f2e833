//! What tests across the parts and the measuring programs share.

pub mod chromium;
pub mod issuer;
pub mod made_up;
pub mod map;
pub mod measure;
pub mod options;
pub mod pbf;
pub mod program;
pub mod secure;
pub mod support;

//! Who is at this console: questions to the server about accounts, and what is known of whoever has logged in.

mod api;
mod http;
mod me;
mod sign_on;

#[cfg(test)]
pub use api::Asked;
pub use api::{Api, Ask, Call};
pub use http::{Failure, Method};
pub use me::{Account, Me};

use crate::net::NetSystems;
use bevy::prelude::*;

/// Asks who one is after each greeting of the server, and keeps it.
pub struct AccountPlugin;

impl Plugin for AccountPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Api>()
            .init_resource::<Account>()
            .add_systems(PreUpdate, me::learn.after(NetSystems::Receive));
    }
}

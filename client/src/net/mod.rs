//! The line to the server: who is asked, what was heard, and the city as it is known here.
//!
//! The socket lives on a thread of its own ([`link`]); what may be said and what must be repeated after a cut is a
//! plain state machine ([`Session`]) that needs no socket. Every frame the app takes what has come, applies it to
//! [`City`] and says what it touched as [`CityChanged`] messages. Nothing here ever waits.

mod answers;
mod backoff;
mod beside;
mod chronicle;
mod city;
mod clock;
mod connection;
mod desks;
mod incident;
mod link;
#[cfg(test)]
mod link_tests;
mod looking;
mod receive;
mod session;
mod subscribe;
mod world;

pub use answers::{Ranking, Rankings, RouteLine, Routes};
pub use backoff::Backoff;
pub use beside::{Beside, Ghost};
pub use chronicle::Chronicle;
pub use city::{BeforeCut, City, CityChanged};
pub use clock::ServerClock;
pub use connection::{
    CommandOutcome, Connection, LinkState, NO_COMMANDS, NO_LINK, NOT_ANSWERED, ServerNotice,
    WorldWord,
};
pub use desks::Desks;
pub use incident::{OpenError, Opened};
pub use link::{LinkOptions, LinkUrlError, socket_url};
pub use looking::is_recorded;
pub use session::{Heard, Session};
pub use subscribe::{StreamOptions, Subscription};
pub use world::CurrentWorld;

use crate::readiness::Readiness;
use bevy::prelude::*;
use std::sync::{Mutex, PoisonError};

/// When the line is served.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum NetSystems {
    /// `PreUpdate`: what has come is in [`City`] after this set.
    Receive,
    /// `Update`, after the camera has moved: the subscription follows.
    Subscribe,
}

/// Where the city's messages come from.
#[derive(Debug)]
pub enum Source {
    /// Nobody: a picture of the mere map.
    Nobody,
    /// A server over WebSocket; dialled again for as long as the program runs.
    Server(LinkOptions),
    /// An incident file, played by this program; taken when the plugin is built.
    Incident(Mutex<Option<Box<Opened>>>),
}

/// Connects to a server, or plays an incident file, and keeps [`City`] up to date.
pub struct NetPlugin {
    /// Read once, when the plugin is built.
    pub source: Source,
}

impl Plugin for NetPlugin {
    fn build(&self, app: &mut App) {
        let connection = match &self.source {
            Source::Nobody => Connection::detached(),
            Source::Server(options) => Connection::open(options.clone()),
            Source::Incident(opened) => opened
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .map_or_else(Connection::detached, |opened| Connection::play(*opened)),
        };
        if connection.is_attached()
            && let Some(mut readiness) = app.world_mut().get_resource_mut::<Readiness>()
        {
            readiness.wait_for("city");
        }
        app.insert_resource(connection)
            .init_resource::<City>()
            .init_resource::<Rankings>()
            .init_resource::<Routes>()
            .init_resource::<Chronicle>()
            .init_resource::<Subscription>()
            .init_resource::<StreamOptions>()
            .add_message::<CityChanged>()
            .add_message::<CommandOutcome>()
            .add_message::<ServerNotice>()
            .add_message::<WorldWord>()
            .add_systems(PreUpdate, receive::receive.in_set(NetSystems::Receive))
            .add_systems(
                Update,
                (subscribe::follow, looking::tell)
                    .chain()
                    .after(crate::camera::CameraSystems::Move)
                    .in_set(NetSystems::Subscribe),
            );
    }
}

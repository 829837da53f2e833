use super::link::{self, LinkEvent, LinkOptions};
use bevy::prelude::{Message, Resource};
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::wire::v1::{Accepted, ClientMessage, CommandRequest, Rejected};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Code of a refusal that was made here because there is no line to the server.
pub const NO_LINK: u16 = 0;

/// How the line to the server stands.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkState {
    /// Dialling, or waiting for the greeting.
    Connecting,
    /// Greeted.
    Live,
    /// Cut, or never reached.
    Lost {
        /// Since when.
        since: Instant,
        /// When it is tried again.
        next_try: Instant,
        /// Why, in words.
        reason: String,
    },
}

/// The answer to a command: exactly one for every [`Connection::command`].
#[derive(Message, Clone, Debug, PartialEq)]
pub struct CommandOutcome {
    /// As given by [`Connection::command`].
    pub id: CommandId,
    /// What was asked.
    pub request: CommandRequest,
    /// Done and durable, or refused in words.
    pub result: Result<Accepted, Rejected>,
}

/// Something about the connection that a person should read.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ServerNotice {
    /// Stable number.
    pub code: u16,
    /// In words.
    pub text: String,
}

/// The line to the server. Everything said here is sent by another thread; nothing waits.
#[derive(Resource, Debug)]
pub struct Connection {
    orders: Option<mpsc::UnboundedSender<ClientMessage>>,
    pub(super) events: Option<mpsc::Receiver<LinkEvent>>,
    pub(super) state: LinkState,
    /// Since when the line has been lost, across attempts; none while live.
    pub(super) lost_since: Option<Instant>,
    pub(super) last_heard: Option<Instant>,
    pub(super) latency: Option<Duration>,
    pub(super) waiting: BTreeMap<CommandId, CommandRequest>,
    /// Outcomes decided here, without the server.
    pub(super) refused: Vec<CommandOutcome>,
    pub(super) routes_asked: Vec<(u32, LonLat)>,
    next_request: u32,
}

impl Connection {
    /// Opens the line and keeps it open.
    pub fn open(options: LinkOptions) -> Self {
        let (orders, events) = link::start(options);
        Self {
            orders: Some(orders),
            events: Some(events),
            ..Self::detached()
        }
    }

    /// A line to nowhere: for pictures of the mere map, and tests.
    pub fn detached() -> Self {
        Self {
            orders: None,
            events: None,
            state: LinkState::Connecting,
            lost_since: None,
            last_heard: None,
            latency: None,
            waiting: BTreeMap::new(),
            refused: Vec::new(),
            routes_asked: Vec::new(),
            next_request: 0,
        }
    }

    /// True where there is a server to talk to at all.
    pub fn is_attached(&self) -> bool {
        self.orders.is_some()
    }

    /// How the line stands.
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// True while commands can be given.
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// How long nothing has been heard; zero before the first word.
    pub fn silent_for(&self) -> Duration {
        self.last_heard.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// How long the line has been lost, attempts in between included; none while it is live or was never.
    pub fn lost_for(&self) -> Option<Duration> {
        self.lost_since.map(|since| since.elapsed())
    }

    /// How long until the next attempt; none while live or dialling.
    pub fn next_try_in(&self) -> Option<Duration> {
        match &self.state {
            LinkState::Lost { next_try, .. } => {
                Some(next_try.saturating_duration_since(Instant::now()))
            }
            _ => None,
        }
    }

    /// Time that a small message and its answer took lately.
    pub fn latency(&self) -> Option<Duration> {
        self.latency
    }

    /// Says something. Without a line, subscriptions are kept for later and the rest is dropped.
    pub fn send(&self, message: ClientMessage) {
        if let Some(orders) = &self.orders {
            // Fails only while the program is ending.
            let _ = orders.send(message);
        }
    }

    /// Asks for a command to be done. Exactly one [`CommandOutcome`] with this id follows; at once, with
    /// [`NO_LINK`], where there is no line.
    pub fn command(&mut self, request: CommandRequest) -> CommandId {
        let id = CommandId(random(), random());
        if self.is_live() {
            self.waiting.insert(id, request.clone());
            self.send(ClientMessage::Command {
                id,
                command: request,
            });
        } else {
            let text = "there is no connection to the server; nothing was sent".into();
            let result = Err(Rejected {
                id,
                code: NO_LINK,
                text,
            });
            self.refused.push(CommandOutcome {
                id,
                request,
                result,
            });
        }
        id
    }

    /// True until the outcome of a command has come.
    pub fn is_waiting(&self, id: CommandId) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Asks which units could be at a case when; the answer appears in [`super::Rankings`].
    pub fn rank(&mut self, case: CaseId) {
        let request = self.request();
        self.send(ClientMessage::RankUnits { request, case });
    }

    /// Asks for the way of a unit by road; the answer appears in [`super::Routes`].
    pub fn route(&mut self, unit: UnitId, to: LonLat) {
        let request = self.request();
        self.routes_asked.push((request, to));
        self.send(ClientMessage::Route {
            request,
            unit,
            lon: to.lon_deg,
            lat: to.lat_deg,
        });
    }

    fn request(&mut self) -> u32 {
        self.next_request = self.next_request.wrapping_add(1);
        self.next_request
    }
}

/// 64 random bits; the standard library seeds its hashers from the system.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_line_a_command_is_refused_at_once_and_never_lost() {
        let mut connection = Connection::detached();
        let a = connection.command(CommandRequest::RecallUnit { unit: UnitId(1) });
        let b = connection.command(CommandRequest::RecallUnit { unit: UnitId(1) });
        assert_ne!(a, b);
        assert!(!connection.is_waiting(a));
        let codes: Vec<_> = connection
            .refused
            .iter()
            .map(|o| (o.id, o.result.clone().unwrap_err().code))
            .collect();
        assert_eq!(codes, [(a, NO_LINK), (b, NO_LINK)]);
    }
}

use super::incident::{self, Opened};
use super::link::{self, LinkEvent, LinkOptions};
use crate::door::Door;
use bevy::prelude::{Message, Resource};
use chengtu_engine::code::{Code, RefusalData};
use chengtu_engine::command::{Basis, CommandRequest, Seen};
use chengtu_engine::drill::{DirectorAct, GhostOf};
use chengtu_engine::fork::Intervention;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, CommandId, ThingId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::replay::{BookmarkChange, TimeControl};
use chengtu_engine::stream::{Accepted, Asked, ClientMessage, Refused, ServerMessage, WorldChoice};
use chengtu_engine::time::Timestamp;
use chengtu_trust::{Fingerprint, Refusal};
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Code of a refusal that was made here because there is no line to the server.
pub const NO_LINK: Code = Code::Other(0);
/// Code of a refusal that was made here because the line was cut before an answer came: nobody knows whether it was
/// done, and it is not sent again.
pub const NOT_ANSWERED: Code = Code::Other(2);
/// Code of a refusal that was made here because nothing can be commanded in a replay.
pub const NO_COMMANDS: Code = Code::Other(1);

/// A line that is pinged and silent for so long is as good as cut.
const SILENT: Duration = Duration::from_secs(4);

/// State of the line to the server.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkState {
    /// Dialling, or waiting for the greeting.
    Connecting,
    /// The server has answered with its greeting: commands can be given.
    Live,
    /// Cut, or never reached.
    Lost {
        /// When the line was first lost; failed attempts since then do not change it.
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
    pub result: Result<Accepted, Refused>,
}

/// Something about the connection, or about what was asked, that a person should read.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct ServerNotice {
    /// What was refused, by the number that [`Connection`] gave it; `None` for other news.
    pub request: Option<u32>,
    /// What it is about.
    pub code: Code,
    /// Explanation for people, in English as the server gave it; may be empty.
    pub text: String,
}

/// What the server said of worlds, forks and drills, and of who was shown what is masked, as it came; for the views of these.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct WorldWord(pub ServerMessage);

/// What is known of the server's door.
#[derive(Debug, Default)]
pub(super) struct AtDoor {
    door: Door,
    /// Why its certificate was not taken at the last try.
    pub(super) untrusted: Option<Refusal>,
    /// It does not open to what it was shown at the last try, and why, in the server's words.
    pub(super) shut: Option<String>,
}

/// The line to the server. Everything said here is sent by another thread; nothing waits.
#[derive(Resource, Debug)]
pub struct Connection {
    orders: Option<mpsc::UnboundedSender<ClientMessage>>,
    pub(super) events: Option<mpsc::Receiver<LinkEvent>>,
    pub(super) state: LinkState,
    /// Since when the line has been lost, across attempts; `None` while live.
    pub(super) lost_since: Option<Instant>,
    pub(super) at_door: AtDoor,
    pub(super) last_heard: Option<Instant>,
    pub(super) latency: Option<Duration>,
    pub(super) waiting: BTreeMap<CommandId, CommandRequest>,
    /// Outcomes decided here, without the server.
    pub(super) refused: Vec<CommandOutcome>,
    /// What was asked without a line, by its number.
    pub(super) unsent: std::sync::Mutex<Vec<u32>>,
    /// Nobody asked for this: that it is refused is no news.
    pub(super) by_itself: Option<u32>,
    pub(super) routes_asked: Vec<(u32, LonLat)>,
    pub(super) ghosts_asked: Vec<(u32, Option<GhostOf>)>,
    /// The current world: commands are addressed to it.
    pub(super) world: World,
    last_request: AtomicU32,
}

impl Connection {
    /// Opens the line and keeps it open.
    pub fn open(options: LinkOptions) -> Self {
        let door = options.door.clone();
        let (orders, events) = link::start(options);
        Self {
            orders: Some(orders),
            events: Some(events),
            at_door: AtDoor {
                door,
                ..AtDoor::default()
            },
            ..Self::detached()
        }
    }

    /// Plays an incident file: a line to a thread of this program.
    pub fn play(opened: Opened) -> Self {
        let (orders, events) = incident::start(opened);
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
            at_door: AtDoor::default(),
            last_heard: None,
            latency: None,
            waiting: BTreeMap::new(),
            refused: Vec::new(),
            unsent: std::sync::Mutex::default(),
            by_itself: None,
            routes_asked: Vec::new(),
            ghosts_asked: Vec::new(),
            world: World::Live,
            last_request: AtomicU32::new(0),
        }
    }

    /// A line that is greeted and leads to nobody.
    #[cfg(test)]
    pub fn greeted() -> Self {
        Self {
            state: LinkState::Live,
            ..Self::detached()
        }
    }

    /// A line that has been cut.
    #[cfg(test)]
    pub fn cut() -> Self {
        Self {
            lost_since: Some(Instant::now()),
            ..Self::detached()
        }
    }

    /// Questions asked so far.
    #[cfg(test)]
    pub fn questions(&self) -> u32 {
        self.last_request.load(Ordering::Relaxed)
    }

    /// True where there is a server to talk to at all.
    pub fn is_attached(&self) -> bool {
        self.orders.is_some()
    }

    /// True where it leads to a server, and not to a file that is played here.
    pub fn is_of_server(&self) -> bool {
        !self.at_door.door.server().is_empty()
    }

    /// State of the line.
    pub fn state(&self) -> &LinkState {
        &self.state
    }

    /// True while commands can be given.
    pub fn is_live(&self) -> bool {
        self.state == LinkState::Live
    }

    /// Why the server's certificate was not taken, with the fingerprint that a person may confirm by [`Self::confirm`];
    /// `None` where it was, or where the line is lost for another reason.
    pub fn untrusted(&self) -> Option<&Refusal> {
        self.at_door.untrusted.as_ref().filter(|_| !self.is_live())
    }

    /// A person says that this is the server's certificate: it is taken from the next try on, and remembered.
    pub fn confirm(&self, shown: Fingerprint) {
        self.at_door.door.pin().confirm(shown);
        self.at_door.door.knock();
    }

    /// Something else is shown at the door: that it did not open before says nothing any more.
    pub fn knocked(&mut self) {
        self.at_door.shut = None;
    }

    /// Whoever was here has logged out: nothing is said by the line that there was.
    pub fn left(&mut self) {
        self.state = LinkState::Connecting;
        self.at_door.shut = None;
    }

    /// Why the server does not open to what it was shown, in its words: nobody has logged in, or nobody is any more.
    /// `None` where it opens, or the line is lost for another reason.
    pub fn shut(&self) -> Option<&str> {
        self.at_door.shut.as_deref().filter(|_| !self.is_live())
    }

    /// A line to a server through this door, whose certificate is not taken.
    #[cfg(test)]
    pub fn untrusted_for(refusal: Refusal, door: &Door) -> Self {
        Self {
            at_door: AtDoor {
                door: door.clone(),
                untrusted: Some(refusal),
                shut: None,
            },
            ..Self::detached()
        }
    }

    /// A line to a server that does not open.
    #[cfg(test)]
    pub fn shut_for(why: &str) -> Self {
        Self {
            lost_since: Some(Instant::now()),
            at_door: AtDoor {
                shut: Some(why.to_owned()),
                ..AtDoor::default()
            },
            ..Self::detached()
        }
    }

    /// How long nothing has been heard; zero before the first word.
    pub fn silent_for(&self) -> Duration {
        self.last_heard.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// For how long the city has not been heard, where that is long enough to say so: the line is cut, or it is open and
    /// answers nothing though it is asked every second.
    pub fn unheard_for(&self) -> Option<Duration> {
        let silent = self.silent_for();
        let dead = self.is_live() && self.latency.is_some() && silent > SILENT;
        self.lost_for().or_else(|| dead.then_some(silent))
    }

    /// How long the line has been lost, attempts in between included; `None` while it is live or was never lost.
    pub fn lost_for(&self) -> Option<Duration> {
        self.lost_since.map(|since| since.elapsed())
    }

    /// How long until the next attempt; `None` while live or dialling.
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

    /// Says something. Without a line, subscriptions are kept for later; what changes the world or goes to another one
    /// is refused with [`NO_LINK`], and the rest is dropped.
    pub fn send(&self, message: ClientMessage) {
        let meant_for_now = matches!(
            message,
            ClientMessage::Enter { .. }
                | ClientMessage::Time { .. }
                | ClientMessage::Bookmark { .. }
                | ClientMessage::Fork { .. }
        );
        if meant_for_now && self.is_unreachable() {
            self.refuse_unsent(self.request());
            return;
        }
        if let Some(orders) = &self.orders {
            // Fails only while the program is ending.
            let _ = orders.send(message);
        }
    }

    /// Asks for a command to be done in the current world. Exactly one [`CommandOutcome`] with this id follows; at
    /// once, with [`NO_LINK`], where there is no line, and with [`NO_COMMANDS`] in a replay.
    ///
    /// `seen`: what the officer saw of what the command is about; where it is no longer so, the server refuses it.
    pub fn command(&mut self, request: CommandRequest, seen: Vec<Seen>) -> CommandId {
        let id = CommandId(random(), random());
        let refusal = match self.world {
            _ if !self.is_live() => Some((
                NO_LINK,
                "there is no connection to the server; nothing was sent",
            )),
            World::Replay(_) => Some((NO_COMMANDS, "nothing can be changed in a replay")),
            World::Live | World::Fork(_) | World::Drill(_) => None,
        };
        if let Some((code, text)) = refusal {
            let result = Err(Refused {
                asked: Asked::Command(id),
                code,
                text: text.into(),
                data: RefusalData::None,
            });
            self.refused.push(CommandOutcome {
                id,
                request,
                result,
            });
            return id;
        }
        self.waiting.insert(id, request.clone());
        self.send(ClientMessage::Act {
            world: self.world,
            id,
            command: request,
            basis: Basis { seen, age_ms: 0 },
        });
        id
    }

    /// Asks under a number of its own; a refusal comes as a [`ServerNotice`] with the number returned, at once with
    /// [`NO_LINK`] where there is no line.
    fn ask(&self, message: ClientMessage) -> u32 {
        let request = self.request();
        if self.is_unreachable() {
            self.refuse_unsent(request);
            return request;
        }
        let message = Box::new(message);
        self.send(ClientMessage::Ask { request, message });
        request
    }

    fn is_unreachable(&self) -> bool {
        self.is_attached() && !self.is_live()
    }

    /// What was on the screen is what it was meant for: it is not kept until there is a line again.
    fn refuse_unsent(&self, request: u32) {
        let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        unsent.push(request);
    }

    /// Asks to go to another world.
    pub fn enter(&self, choice: WorldChoice) -> u32 {
        self.ask(ClientMessage::Enter { choice })
    }

    /// Drives the clock of the current world.
    pub fn time(&self, control: TimeControl) -> u32 {
        self.ask(ClientMessage::Time { control })
    }

    /// Asks what the log holds of a stretch; the answer appears in [`super::Chronicle`] with the number returned.
    pub fn timeline(&self, from: Timestamp, to: Timestamp, bars: u16) -> u32 {
        let request = self.request();
        self.send(ClientMessage::Timeline {
            request,
            from,
            to,
            bars,
        });
        request
    }

    /// Asks where the log begins, without anybody having asked for it; the answer appears in [`super::Chronicle`]. Who
    /// may not look into the past is not told so.
    pub fn log_begins(&mut self, now: Timestamp) -> u32 {
        let request = self.timeline(now.plus_seconds(-1), now, 1);
        self.by_itself = Some(request);
        request
    }

    /// Asks for events of a stretch, of anything or of one thing; the answer appears in [`super::Chronicle`].
    pub fn moments(&self, of: Option<ThingId>, from: Timestamp, to: Timestamp, limit: u16) -> u32 {
        let request = self.request();
        self.send(ClientMessage::Moments {
            request,
            of,
            from,
            to,
            limit,
        });
        request
    }

    /// Sets or removes a bookmark.
    pub fn bookmark(&self, change: BookmarkChange) -> u32 {
        self.ask(ClientMessage::Bookmark { change })
    }

    /// Asks which worlds may be joined.
    pub fn worlds(&self) -> u32 {
        self.ask(ClientMessage::Worlds)
    }

    /// Makes two branches of a second of the current world, and runs them so far ahead; answered under the number
    /// returned.
    pub fn fork(&self, at: Timestamp, interventions: Vec<Intervention>, ahead_s: u32) -> u32 {
        let request = self.request();
        self.send(ClientMessage::Fork {
            request,
            at,
            interventions,
            ahead_s,
        });
        request
    }

    /// Makes a drill of a scenario, from its own second.
    pub fn start_drill(&self, scenario: String) -> u32 {
        self.ask(ClientMessage::StartDrill { scenario, at: None })
    }

    /// What the director of a drill does.
    pub fn direct(&self, act: DirectorAct) -> u32 {
        self.ask(ClientMessage::Direct { act })
    }

    /// Asks for somebody else's units to drive along in the current drill, or for none any more; they appear in
    /// [`super::City::beside`].
    pub fn ghost(&mut self, of: Option<GhostOf>) -> u32 {
        let request = self.ask(ClientMessage::Ghost { of });
        self.ghosts_asked.push((request, of));
        request
    }

    /// Says which case is on the screen, in which world; older servers are not told.
    pub fn open_case(&self, world: World, case: Option<CaseId>) {
        self.send(ClientMessage::Open { world, case });
    }

    /// Asks who was shown what is masked of a case; the answer comes as a [`WorldWord`] with the number returned. Older
    /// servers are not asked.
    pub fn who_saw(&self, case: CaseId) -> u32 {
        let request = self.request();
        self.send(ClientMessage::WhoSaw { request, case });
        request
    }

    /// True until the outcome of a command has come.
    pub fn is_waiting(&self, id: CommandId) -> bool {
        self.waiting.contains_key(&id)
    }

    /// Asks which units could be at a case when; the answer appears in [`super::Rankings`].
    pub fn rank(&self, case: CaseId) {
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

    /// Outcomes that were decided here, for a test that looks at what was commanded.
    #[cfg(test)]
    pub(crate) fn take_refused(&mut self) -> Vec<CommandOutcome> {
        std::mem::take(&mut self.refused)
    }

    fn request(&self) -> u32 {
        self.last_request
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_add(1)
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
        let a = connection.command(CommandRequest::RecallUnit { unit: UnitId(1) }, vec![]);
        let b = connection.command(CommandRequest::RecallUnit { unit: UnitId(1) }, vec![]);
        assert_ne!(a, b);
        assert!(!connection.is_waiting(a));
        let codes: Vec<_> = connection
            .refused
            .iter()
            .map(|o| (o.id, o.result.clone().unwrap_err().code))
            .collect();
        assert_eq!(codes, [(a, NO_LINK), (b, NO_LINK)]);
    }

    fn with_line(world: World) -> (Connection, mpsc::UnboundedReceiver<ClientMessage>) {
        let (orders, said) = mpsc::unbounded_channel();
        let connection = Connection {
            orders: Some(orders),
            state: LinkState::Live,
            world,
            ..Connection::detached()
        };
        (connection, said)
    }

    #[test]
    fn commands_are_addressed_to_the_world_one_is_in() {
        let recall = CommandRequest::RecallUnit { unit: UnitId(1) };
        for world in [World::Live, World::Drill(7)] {
            let (mut connection, mut said) = with_line(world);
            let seen = vec![Seen::Case {
                case: CaseId(4),
                revision: 3,
            }];
            let id = connection.command(recall.clone(), seen.clone());
            let act = ClientMessage::Act {
                world,
                id,
                command: recall.clone(),
                basis: Basis { seen, age_ms: 0 },
            };
            assert_eq!(said.try_recv().ok(), Some(act));
        }
        let (mut replay, mut said) = with_line(World::Replay(2));
        replay.command(recall, vec![]);
        assert!(said.try_recv().is_err(), "nothing leaves a replay");
        assert_eq!(
            replay.refused[0].result.as_ref().unwrap_err().code,
            NO_COMMANDS
        );
    }
}

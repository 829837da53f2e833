use chengtu_engine::command::{Basis, CommandRequest, Seen};
use chengtu_engine::ids::{CaseId, CommandId};
use chengtu_engine::record::World;
use chengtu_engine::replay::TimeControl;
use chengtu_engine::stream::{Asked, ClientMessage, Resume, ServerMessage, WorldChoice, WorldInfo};
use chengtu_protocol::Subprotocol;
use std::time::{Duration, Instant};

/// What follows from a message of the server.
#[derive(Debug, Default, PartialEq)]
pub struct Heard {
    /// To be said now, in this order.
    pub replies: Vec<ClientMessage>,
    /// True where the app should see the message.
    pub pass: bool,
    /// True when the server has just greeted: the line is good.
    pub greeted: bool,
}

/// What is no longer asked for: it was meant for what was on the screen then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Commands that were not answered. Whether they were done is not known.
    pub commands: Vec<CommandId>,
    /// The number under which a world was asked for.
    pub enter: Option<u32>,
}

impl Expired {
    /// True where nothing has expired.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What was asked and is not answered after so long is not asked again after a cut.
pub const ASK_AGAIN_MAX: Duration = Duration::from_secs(10);

/// What must be known to go on after a cut: the current world, the last record of its stream, the subscription,
/// and which commands have not been answered. Knows no socket.
#[derive(Debug, Default)]
pub struct Session {
    token: String,
    client: String,
    greeted: bool,
    epoch: Option<u64>,
    seq: u64,
    has_snapshot: bool,
    subscription: Option<ClientMessage>,
    /// The case on the screen, and its world, as said last.
    open: Option<(World, Option<CaseId>)>,
    unanswered: Vec<Unanswered>,
    /// The world entered beside the running city, with its clock as last received.
    elsewhere: Option<Box<WorldInfo>>,
    /// A world asked for and not yet come to, with the number that it was asked under.
    wish: Option<(u32, WorldChoice, Instant)>,
    /// What the server understands.
    subprotocol: Option<Subprotocol>,
}

/// A command that has been sent and not answered.
#[derive(Clone, Debug)]
struct Unanswered {
    id: CommandId,
    world: World,
    command: CommandRequest,
    seen: Vec<Seen>,
    given: Instant,
}

impl Session {
    /// A session that has not spoken yet.
    pub fn new(client: String) -> Self {
        Self {
            client,
            ..Self::default()
        }
    }

    /// What is shown to the server from now on. Where it is another token the city is told afresh, as it is to whoever
    /// shows it; and what was asked with the one before is given up: it was somebody else's, as far as is known here.
    pub fn show(&mut self, token: &str) -> Expired {
        if self.token == token {
            return Expired::default();
        }
        token.clone_into(&mut self.token);
        self.has_snapshot = false;
        let asked = std::mem::take(&mut self.unanswered);
        Expired {
            commands: asked.into_iter().map(|u| u.id).collect(),
            enter: None,
        }
    }

    /// The socket is open, with this version of the protocol: what to say first.
    pub fn opened(&mut self, subprotocol: Subprotocol) -> ClientMessage {
        self.greeted = false;
        self.subprotocol = Some(subprotocol);
        // The records of another world have numbers of their own: it is begun afresh.
        let resume = self
            .epoch
            .filter(|_| self.has_snapshot && self.elsewhere.is_none() && self.wish.is_none())
            .map(|epoch| Resume {
                epoch,
                seq: self.seq,
            });
        ClientMessage::Hello {
            token: self.token.clone(),
            client: self.client.clone(),
            resume,
        }
    }

    /// The socket is gone.
    pub fn closed(&mut self) {
        self.greeted = false;
    }

    /// The app wants to say something. `Some` is to be sent now; what must not be lost is kept for later.
    pub fn say(&mut self, message: ClientMessage) -> Option<ClientMessage> {
        let (request, asked) = match message {
            ClientMessage::Ask { request, message } => (Some(request), *message),
            other => (None, other),
        };
        match &asked {
            ClientMessage::Subscribe { .. } => self.subscription = Some(asked.clone()),
            ClientMessage::Command { id, command } => {
                self.keep(*id, World::Live, command, &[]);
            }
            ClientMessage::CommandIn { world, id, command } => {
                self.keep(*id, *world, command, &[]);
            }
            ClientMessage::Act {
                world,
                id,
                command,
                basis,
            } => self.keep(*id, *world, command, &basis.seen),
            ClientMessage::Enter { choice } => {
                self.wish = Some((request.unwrap_or_default(), choice.clone(), Instant::now()));
            }
            ClientMessage::Resync => self.has_snapshot = false,
            ClientMessage::WhoSaw { .. } if !self.has_unmasking() => return None,
            ClientMessage::Open { world, case } => {
                self.open = Some((*world, *case));
                if !self.has_desks() {
                    return None;
                }
            }
            _ => {}
        }
        let asked = self.as_understood(asked);
        self.greeted.then(|| self.numbered(request, asked))
    }

    fn keep(&mut self, id: CommandId, world: World, command: &CommandRequest, seen: &[Seen]) {
        self.unanswered.push(Unanswered {
            id,
            world,
            command: command.clone(),
            seen: seen.to_vec(),
            given: Instant::now(),
        });
    }

    /// True where the server takes asks with numbers and refuses by them.
    fn has_refusals(&self) -> bool {
        self.subprotocol.is_some_and(Subprotocol::has_refusals)
    }

    /// True where the server tells desks of each other.
    fn has_desks(&self) -> bool {
        self.subprotocol.is_some_and(Subprotocol::has_desks)
    }

    /// True where the server shows what is masked for a purpose.
    fn has_unmasking(&self) -> bool {
        self.subprotocol.is_some_and(Subprotocol::has_unmasking)
    }

    /// The case on the screen, for a world that has been come to: what was open at another moment is forgotten there.
    fn open_in(&self, here: World) -> Option<ClientMessage> {
        let open = self
            .open
            .filter(|(world, _)| *world == here && self.has_desks());
        open.map(|(world, case)| ClientMessage::Open { world, case })
    }

    /// An act as a command without its basis, where the server does not know one.
    fn as_understood(&self, message: ClientMessage) -> ClientMessage {
        let knows = self.subprotocol.is_some_and(Subprotocol::has_histories);
        match message {
            ClientMessage::Act {
                world, id, command, ..
            } if !knows => match world {
                World::Live => ClientMessage::Command { id, command },
                world => ClientMessage::CommandIn { world, id, command },
            },
            other => other,
        }
    }

    /// Forgets what is too old to be asked again, and says what that was. Called while there is no line.
    pub fn expire(&mut self, now: Instant) -> Expired {
        let old = |given: Instant| now.saturating_duration_since(given) > ASK_AGAIN_MAX;
        let (gone, kept) = self.unanswered.drain(..).partition(|u| old(u.given));
        self.unanswered = kept;
        let gone: Vec<Unanswered> = gone;
        Expired {
            commands: gone.into_iter().map(|u| u.id).collect(),
            enter: self.wish.take_if(|w| old(w.2)).map(|(request, ..)| request),
        }
    }

    /// As the server takes it: under its number, where it has one and the server knows numbers.
    fn numbered(&self, request: Option<u32>, message: ClientMessage) -> ClientMessage {
        match request.filter(|_| self.has_refusals()) {
            Some(request) => {
                let message = Box::new(message);
                ClientMessage::Ask { request, message }
            }
            None => message,
        }
    }

    /// The server said something.
    pub fn heard(&mut self, message: &ServerMessage) -> Heard {
        let mut heard = Heard {
            pass: true,
            ..Heard::default()
        };
        match message {
            ServerMessage::Hello(hello) => {
                if !hello.resumed || self.epoch != Some(hello.epoch) {
                    self.has_snapshot = false;
                }
                self.epoch = Some(hello.epoch);
                self.greeted = true;
                heard.greeted = true;
                // The same ids as before: what was done already is answered, not done again. What was asked of the
                // running city is asked there, before the session leaves it again.
                let way_back = self.way_back();
                if way_back.is_empty() {
                    heard.replies.extend(self.subscription.clone());
                    heard.replies.extend(self.open_in(World::Live));
                    heard.replies.extend(self.again(|_| true));
                } else {
                    heard.replies.extend(self.again(|w| w == World::Live));
                    heard.replies.extend(way_back);
                    heard.replies.extend(self.subscription.clone());
                    heard.replies.extend(self.again(|w| w != World::Live));
                }
            }
            ServerMessage::Entered(info) => {
                self.has_snapshot = false;
                self.wish = None;
                self.elsewhere = (info.world != World::Live).then(|| info.clone());
                heard.replies.extend(self.open_in(info.world));
            }
            ServerMessage::Clock(clock) => {
                if let Some(info) = &mut self.elsewhere {
                    info.clock = Some(*clock);
                }
            }
            // What was refused is not asked for again after a cut. A server that does not know refusals may have meant
            // it by any notice.
            ServerMessage::Notice { .. } if !self.has_refusals() => self.wish = None,
            ServerMessage::Refused(refused) => match refused.asked {
                Asked::Command(id) => self.answered(id),
                Asked::Request(request) => {
                    self.wish.take_if(|(asked, ..)| *asked == request);
                }
            },
            ServerMessage::Snapshot { seq, .. } => {
                self.has_snapshot = true;
                self.seq = *seq;
            }
            ServerMessage::Frame(frame) => {
                if !self.has_snapshot {
                    heard.pass = false;
                } else if frame.prev_seq == self.seq {
                    self.seq = frame.seq;
                } else {
                    tracing::warn!(
                        seen = self.seq,
                        told = frame.prev_seq,
                        "a gap in the stream; asking for a snapshot"
                    );
                    self.has_snapshot = false;
                    heard.pass = false;
                    heard.replies.push(ClientMessage::Resync);
                }
            }
            ServerMessage::Accepted(answer) => self.answered(answer.id),
            ServerMessage::Rejected(answer) => self.answered(answer.id),
            _ => {}
        }
        heard
    }

    /// Commands sent and not yet answered.
    pub fn unanswered(&self) -> impl Iterator<Item = CommandId> + '_ {
        self.unanswered.iter().map(|u| u.id)
    }

    fn again(&self, of: impl Fn(World) -> bool) -> Vec<ClientMessage> {
        let repeat = |u: &Unanswered| {
            let age_ms = u.given.elapsed().as_millis();
            self.as_understood(ClientMessage::Act {
                world: u.world,
                id: u.id,
                command: u.command.clone(),
                basis: Basis {
                    seen: u.seen.clone(),
                    age_ms: u32::try_from(age_ms).unwrap_or(u32::MAX),
                },
            })
        };
        let meant = self.unanswered.iter().filter(|u| of(u.world));
        meant.map(repeat).collect()
    }

    /// What to say after a greeting to be where the session was: in the same world at the same moment.
    fn way_back(&self) -> Vec<ClientMessage> {
        if let Some((request, choice, _)) = self.wish.clone() {
            return vec![self.numbered(Some(request), ClientMessage::Enter { choice })];
        }
        let Some(info) = &self.elsewhere else {
            return Vec::new();
        };
        match (info.world, info.clock) {
            (World::Replay(_), Some(clock)) if info.record_of.is_some() => {
                let choice = WorldChoice::Record {
                    drill: info.record_of.unwrap_or_default(),
                    at: clock.time,
                    speed: if clock.playing { clock.speed } else { 0.0 },
                };
                vec![ClientMessage::Enter { choice }]
            }
            (World::Replay(_), Some(clock)) if !info.shared => {
                let choice = WorldChoice::Replay {
                    at: clock.time,
                    speed: if clock.playing { clock.speed } else { 0.0 },
                    basis: clock.basis,
                    shared: false,
                    title: info.title.clone(),
                };
                let mut said = vec![ClientMessage::Enter { choice }];
                if !clock.playing {
                    let control = TimeControl::Speed(clock.speed);
                    said.push(ClientMessage::Time { control });
                }
                said
            }
            (world, _) => vec![ClientMessage::Enter {
                choice: WorldChoice::Join {
                    world,
                    seat: info.seat,
                },
            }],
        }
    }

    fn answered(&mut self, id: CommandId) {
        self.unanswered.retain(|u| u.id != id);
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;

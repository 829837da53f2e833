use chengtu_engine::ids::CommandId;
use chengtu_engine::record::World;
use chengtu_engine::wire::v1::{
    ClientMessage, CommandRequest, Resume, ServerMessage, TimeControl, WorldChoice, WorldInfo,
};

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

/// What must be known to go on after a cut: which world one was in, where its stream stood, what was subscribed to,
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
    unanswered: Vec<(CommandId, World, CommandRequest)>,
    /// The world beside the running city that one is in, with its clock as told last.
    elsewhere: Option<Box<WorldInfo>>,
    /// A world asked for and not yet come to.
    wish: Option<WorldChoice>,
}

impl Session {
    /// A session that has not spoken yet.
    pub fn new(token: String, client: String) -> Self {
        Self {
            token,
            client,
            ..Self::default()
        }
    }

    /// The socket is open: what to say first.
    pub fn opened(&mut self) -> ClientMessage {
        self.greeted = false;
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
        match &message {
            ClientMessage::Subscribe { .. } => self.subscription = Some(message.clone()),
            ClientMessage::Command { id, command } => {
                self.unanswered.push((*id, World::Live, command.clone()));
            }
            ClientMessage::CommandIn { world, id, command } => {
                self.unanswered.push((*id, *world, command.clone()));
            }
            ClientMessage::Enter { choice } => self.wish = Some(choice.clone()),
            ClientMessage::Resync => self.has_snapshot = false,
            _ => {}
        }
        self.greeted.then_some(message)
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
                // running city is asked there, before one leaves it again.
                let way_back = self.way_back();
                if way_back.is_empty() {
                    heard.replies.extend(self.subscription.clone());
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
            }
            ServerMessage::Clock(clock) => {
                if let Some(info) = &mut self.elsewhere {
                    info.clock = Some(*clock);
                }
            }
            // What was asked for may have been refused; it is not asked for again after a cut.
            ServerMessage::Notice { .. } => self.wish = None,
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
        self.unanswered.iter().map(|(id, ..)| *id)
    }

    fn again(&self, of: impl Fn(World) -> bool) -> Vec<ClientMessage> {
        let repeat = |(id, world, command): &(CommandId, World, CommandRequest)| {
            let (id, command) = (*id, command.clone());
            match *world {
                World::Live => ClientMessage::Command { id, command },
                world => ClientMessage::CommandIn { world, id, command },
            }
        };
        let meant = self.unanswered.iter().filter(|(_, world, _)| of(*world));
        meant.map(repeat).collect()
    }

    /// What to say after a greeting to be where one was: in the same world at the same moment.
    fn way_back(&self) -> Vec<ClientMessage> {
        if let Some(choice) = self.wish.clone() {
            return vec![ClientMessage::Enter { choice }];
        }
        let Some(info) = &self.elsewhere else {
            return Vec::new();
        };
        match (info.world, info.clock) {
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
        self.unanswered.retain(|(known, ..)| *known != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::UnitId;
    use chengtu_engine::time::Timestamp;
    use chengtu_engine::wire::v1::{
        Accepted, CityInfo, Frame, Seat, ServerHello, SnapshotReason, TimeBasis, WorldClock,
    };

    fn hello(epoch: u64, resumed: bool) -> ServerMessage {
        ServerMessage::Hello(Box::new(ServerHello {
            epoch,
            seq: 5,
            time: Timestamp(0),
            tick_ms: 100,
            user: "x".into(),
            role: "operator".into(),
            unit: None,
            world: World::Live,
            resumed,
            city: CityInfo::default(),
        }))
    }

    fn snapshot(seq: u64) -> ServerMessage {
        ServerMessage::Snapshot {
            seq,
            time: Timestamp(0),
            reason: SnapshotReason::Subscribed,
            changes: vec![],
            tiles: vec![],
        }
    }

    fn frame(prev_seq: u64, seq: u64) -> ServerMessage {
        ServerMessage::Frame(Frame {
            seq,
            prev_seq,
            ..Frame::default()
        })
    }

    fn subscribe() -> ClientMessage {
        ClientMessage::Subscribe {
            viewport: None,
            layers: vec![],
            rate_hz: 1.0,
        }
    }

    fn resume_of(message: &ClientMessage) -> Option<Resume> {
        match message {
            ClientMessage::Hello { resume, .. } => *resume,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_words_are_hello_then_what_was_subscribed_to_meanwhile() {
        let mut session = Session::new("secret".into(), "test".into());
        assert_eq!(session.say(subscribe()), None);
        assert_eq!(resume_of(&session.opened()), None);
        let heard = session.heard(&hello(1, false));
        assert!(heard.greeted && heard.pass);
        assert_eq!(heard.replies, [subscribe()]);
        assert_eq!(
            session.say(ClientMessage::Resync),
            Some(ClientMessage::Resync)
        );
    }

    #[test]
    fn after_a_cut_it_resumes_where_it_stood_and_repeats_unanswered_commands_by_the_same_id() {
        let mut session = Session::new(String::new(), "test".into());
        session.opened();
        session.heard(&hello(9, false));
        session.say(subscribe());
        session.heard(&snapshot(5));
        session.heard(&frame(5, 8));
        let command = |n| ClientMessage::Command {
            id: CommandId(n, n),
            command: CommandRequest::RecallUnit { unit: UnitId(1) },
        };
        assert!(session.say(command(1)).is_some() && session.say(command(2)).is_some());
        session.heard(&ServerMessage::Accepted(Accepted {
            id: CommandId(1, 1),
            seq: 9,
            case: None,
        }));
        session.closed();
        assert_eq!(
            resume_of(&session.opened()),
            Some(Resume { epoch: 9, seq: 8 })
        );
        let heard = session.heard(&hello(9, true));
        assert_eq!(heard.replies, [subscribe(), command(2)]);
        assert!(session.heard(&frame(8, 12)).pass);
    }

    #[test]
    fn a_gap_asks_for_a_snapshot_once_and_shows_nothing_in_between() {
        let mut session = Session::new(String::new(), "test".into());
        session.opened();
        session.heard(&hello(1, false));
        session.heard(&snapshot(5));
        let gap = session.heard(&frame(7, 8));
        assert!(!gap.pass);
        assert_eq!(gap.replies, [ClientMessage::Resync]);
        let after = session.heard(&frame(8, 9));
        assert!(!after.pass && after.replies.is_empty());
        assert!(session.heard(&snapshot(11)).pass);
        assert!(session.heard(&frame(11, 12)).pass);
    }

    fn entered(world: World, shared: bool, clock: WorldClock) -> ServerMessage {
        ServerMessage::Entered(Box::new(WorldInfo {
            world,
            title: "Tuesday".into(),
            owner: "x".into(),
            shared,
            seat: Seat::Participant,
            clock: Some(clock),
            notice: String::new(),
            notice_en: String::new(),
        }))
    }

    fn begun() -> Session {
        let mut session = Session::new(String::new(), "test".into());
        session.opened();
        session.heard(&hello(1, false));
        session.say(subscribe());
        session.heard(&snapshot(5));
        session
    }

    #[test]
    fn in_another_world_nothing_is_shown_before_its_snapshot() {
        let mut session = begun();
        let clock = WorldClock::default();
        assert!(session.heard(&entered(World::Replay(3), false, clock)).pass);
        let late = session.heard(&frame(5, 6));
        assert!(!late.pass && late.replies.is_empty());
        assert!(session.heard(&snapshot(2)).pass && session.heard(&frame(2, 4)).pass);
    }

    #[test]
    fn after_a_cut_a_private_replay_is_entered_again_at_the_same_moment() {
        let mut session = begun();
        let mut clock = WorldClock {
            time: Timestamp(5_000),
            speed: 60.0,
            playing: true,
            ..WorldClock::default()
        };
        session.heard(&entered(World::Replay(3), false, clock));
        session.heard(&snapshot(2));
        clock.time = Timestamp(9_000);
        session.heard(&ServerMessage::Clock(clock));
        session.closed();
        assert_eq!(
            resume_of(&session.opened()),
            None,
            "its numbers mean nothing"
        );
        let choice = |speed| WorldChoice::Replay {
            at: Timestamp(9_000),
            speed,
            basis: TimeBasis::Known,
            shared: false,
            title: "Tuesday".into(),
        };
        let enter = |speed| ClientMessage::Enter {
            choice: choice(speed),
        };
        assert_eq!(
            session.heard(&hello(1, false)).replies,
            [enter(60.0), subscribe()]
        );
        clock.playing = false;
        session.heard(&ServerMessage::Clock(clock));
        session.closed();
        session.opened();
        let control = TimeControl::Speed(60.0);
        assert_eq!(
            session.heard(&hello(1, false)).replies,
            [enter(0.0), ClientMessage::Time { control }, subscribe()]
        );
    }

    #[test]
    fn after_a_cut_a_world_of_others_is_joined_and_commands_go_where_they_were_meant() {
        let mut session = begun();
        let command = CommandRequest::RecallUnit { unit: UnitId(1) };
        let (live, drill) = (CommandId(1, 1), CommandId(2, 2));
        session.say(ClientMessage::Command {
            id: live,
            command: command.clone(),
        });
        let world = World::Drill(4);
        session.heard(&entered(world, true, WorldClock::default()));
        session.say(ClientMessage::CommandIn {
            world,
            id: drill,
            command: command.clone(),
        });
        session.closed();
        session.opened();
        let join = WorldChoice::Join {
            world,
            seat: Seat::Participant,
        };
        assert_eq!(
            session.heard(&hello(1, false)).replies,
            [
                ClientMessage::Command {
                    id: live,
                    command: command.clone()
                },
                ClientMessage::Enter { choice: join },
                subscribe(),
                ClientMessage::CommandIn {
                    world,
                    id: drill,
                    command
                },
            ]
        );
    }

    #[test]
    fn back_in_the_running_city_a_cut_leads_there_again() {
        let mut session = begun();
        session.heard(&entered(World::Replay(3), false, WorldClock::default()));
        session.heard(&entered(World::Live, false, WorldClock::default()));
        session.heard(&snapshot(7));
        session.closed();
        assert_eq!(
            resume_of(&session.opened()),
            Some(Resume { epoch: 1, seq: 7 })
        );
        assert_eq!(session.heard(&hello(1, true)).replies, [subscribe()]);
    }

    #[test]
    fn another_log_means_starting_afresh() {
        let mut session = Session::new(String::new(), "test".into());
        session.opened();
        session.heard(&hello(1, false));
        session.heard(&snapshot(5));
        session.closed();
        session.opened();
        session.heard(&hello(2, false));
        assert!(!session.heard(&frame(5, 6)).pass);
        session.closed();
        assert_eq!(resume_of(&session.opened()), None);
    }
}

use chengtu_engine::ids::CommandId;
use chengtu_engine::wire::v1::{ClientMessage, CommandRequest, Resume, ServerMessage};

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

/// What must be known to go on after a cut: where the stream stood, what was subscribed to, and which commands have
/// not been answered. Knows no socket.
#[derive(Debug, Default)]
pub struct Session {
    token: String,
    client: String,
    greeted: bool,
    epoch: Option<u64>,
    seq: u64,
    has_snapshot: bool,
    subscription: Option<ClientMessage>,
    unanswered: Vec<(CommandId, CommandRequest)>,
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
        let resume = self
            .epoch
            .filter(|_| self.has_snapshot)
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
            ClientMessage::Command { id, command } => self.unanswered.push((*id, command.clone())),
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
                heard.replies.extend(self.subscription.clone());
                // The same ids as before: what was done already is answered, not done again.
                let again = self.unanswered.iter().cloned();
                heard
                    .replies
                    .extend(again.map(|(id, command)| ClientMessage::Command { id, command }));
            }
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
        self.unanswered.iter().map(|(id, _)| *id)
    }

    fn answered(&mut self, id: CommandId) {
        self.unanswered.retain(|(known, _)| *known != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::ids::UnitId;
    use chengtu_engine::record::World;
    use chengtu_engine::time::Timestamp;
    use chengtu_engine::wire::v1::{Accepted, CityInfo, Frame, ServerHello, SnapshotReason};

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

//! The desks of the world that is shown: which cases the others have open, and which names are this desk's own.

use chengtu_engine::ids::CaseId;
use chengtu_engine::model::{Actor, CaseHistory, HistoryEntry, HistoryKind};
use chengtu_engine::record::World;
use chengtu_engine::stream::{OpenCase, ServerMessage};
use chengtu_engine::time::Timestamp;

/// What another desk has done with a case is said for so long, seconds of the world.
pub const JUST_S: f64 = 20.0;

/// What is known of the desks.
#[derive(Clone, Debug, Default)]
pub struct Desks {
    world: World,
    open: Vec<OpenCase>,
    own: Vec<OwnName>,
}

/// A name that this desk had, from one greeting to the one that gave it another: after a cut the server may still hold
/// the name for the line that is gone.
#[derive(Clone, Debug)]
struct OwnName {
    name: String,
    from: Timestamp,
    to: Option<Timestamp>,
}

/// True for what officers do with a case. What is reported, and what units and clocks do, is no act of a desk.
fn is_act(what: &HistoryKind) -> bool {
    match what {
        HistoryKind::Dispatched(_)
        | HistoryKind::Recalled(_)
        | HistoryKind::Reassigned { .. }
        | HistoryKind::CheckPassed
        | HistoryKind::CheckFailed
        | HistoryKind::BundledInto(_)
        | HistoryKind::TookIn(_)
        | HistoryKind::GaveBack(_)
        | HistoryKind::Voided { .. }
        | HistoryKind::Restored => true,
        HistoryKind::Stage(_)
        | HistoryKind::Reported
        | HistoryKind::Filed
        | HistoryKind::Acknowledged(_)
        | HistoryKind::Arrived(_)
        | HistoryKind::Handled { .. }
        | HistoryKind::Overdue => false,
    }
}

impl Desks {
    /// Takes in what the server says of desks and worlds.
    pub(super) fn take(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Hello(hello) => {
                self.open.clear();
                self.world = World::Live;
                self.greeted(&hello.user, hello.time);
            }
            ServerMessage::Entered(info) => {
                self.open.clear();
                self.world = info.world;
            }
            ServerMessage::Desks { list, .. } => self.open.clone_from(list),
            _ => {}
        }
    }

    fn greeted(&mut self, name: &str, at: Timestamp) {
        if let Some(last) = self.own.last_mut() {
            if last.name == name {
                return;
            }
            last.to = Some(at);
        }
        self.own.push(OwnName {
            name: name.to_owned(),
            from: at,
            to: None,
        });
    }

    /// True where something signed with this name at this time of the world was done here.
    fn is_own(&self, name: &str, at: Timestamp) -> bool {
        // Other worlds have a time of their own: there every name that this desk had is its own.
        let then = |own: &OwnName| {
            self.world != World::Live || (own.from <= at && own.to.is_none_or(|to| at < to))
        };
        self.own.iter().any(|own| own.name == name && then(own))
    }

    /// Other desks that have a case open, the latest first.
    pub fn others_at(&self, case: CaseId) -> impl Iterator<Item = &OpenCase> {
        let at = self.open.iter().filter(move |o| o.case == case);
        at.filter(|o| !self.is_own(&o.by, o.since))
    }

    /// The last act on a case where another desk did it a moment ago.
    pub fn just_did<'a>(
        &self,
        history: &'a CaseHistory,
        now: Timestamp,
    ) -> Option<&'a HistoryEntry> {
        let last = history.entries.iter().rev().find(|e| is_act(&e.what))?;
        let fresh = (0.0..JUST_S).contains(&now.seconds_since(last.at).max(0.0));
        match &last.by {
            Actor::Operator(name) if fresh && !self.is_own(name, last.at) => Some(last),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};
    use chengtu_engine::ids::UnitId;
    use chengtu_engine::stream::ServerHello;

    const CASE: CaseId = CaseId(17);

    fn hello(user: &str, at: Timestamp) -> ServerMessage {
        ServerMessage::Hello(Box::new(ServerHello {
            user: user.into(),
            time: at,
            ..sample::hello()
        }))
    }

    fn open(desks: &[(&str, i64)]) -> ServerMessage {
        let open = |(by, s): &(&str, i64)| OpenCase {
            by: (*by).into(),
            case: CASE,
            since: NOW.plus_seconds(*s),
        };
        ServerMessage::Desks {
            list: desks.iter().map(open).collect(),
            more: 0,
        }
    }

    fn others(desks: &Desks) -> Vec<&str> {
        desks.others_at(CASE).map(|o| &*o.by).collect()
    }

    fn did(by: &str, s: i64, what: HistoryKind) -> CaseHistory {
        let mut history = CaseHistory::default();
        let (at, by) = (NOW.plus_seconds(s), Actor::Operator(by.into()));
        history.push(HistoryEntry { at, by, what });
        history
    }

    #[test]
    fn this_desk_is_never_another_whatever_it_was_called_before_a_cut() {
        let mut desks = Desks::default();
        desks.take(&hello("周岚", NOW));
        desks.take(&open(&[("周岚", 5), ("周岚 #2", 6)]));
        assert_eq!(others(&desks), ["周岚 #2"]);
        // Cut: the server still holds the line of before, and gives another name.
        desks.take(&hello("周岚 #3", NOW.plus_seconds(60)));
        assert!(
            others(&desks).is_empty(),
            "nothing is known before it is told"
        );
        desks.take(&open(&[("周岚", 5), ("周岚 #2", 6), ("周岚 #3", 70)]));
        assert_eq!(others(&desks), ["周岚 #2"]);
        // Somebody else has the first name now.
        desks.take(&open(&[("周岚", 90)]));
        assert_eq!(others(&desks), ["周岚"]);
        let sent = HistoryKind::Dispatched(UnitId(1));
        let now = NOW.plus_seconds(95);
        let before = did("周岚", 50, sent.clone());
        assert!(desks.just_did(&before, NOW.plus_seconds(55)).is_none());
        assert!(desks.just_did(&did("周岚", 90, sent), now).is_some());
    }

    #[test]
    fn what_was_just_done_is_the_last_act_and_is_said_for_a_while() {
        let mut desks = Desks::default();
        desks.take(&hello("周岚", NOW));
        let sent = HistoryKind::Dispatched(UnitId(1));
        let by_other = did("陈默", 10, sent.clone());
        let at = |s: i64| desks.just_did(&by_other, NOW.plus_seconds(s)).is_some();
        assert!(at(10) && at(29) && !at(31), "and not for ever");
        assert!(at(9), "clocks that are a little apart");
        let now = NOW.plus_seconds(12);
        // A report is no act, nor is what this desk did since.
        assert!(
            desks
                .just_did(&did("热线", 10, HistoryKind::Reported), now)
                .is_none()
        );
        let mut history = by_other.clone();
        history.push(did("周岚", 11, sent).entries.remove(0));
        assert!(desks.just_did(&history, now).is_none());
    }

    #[test]
    fn another_world_has_other_desks() {
        let mut desks = Desks::default();
        desks.take(&hello("周岚", NOW));
        desks.take(&open(&[("陈默", 5)]));
        desks.take(&sample::entered(World::Drill(3), None));
        assert!(others(&desks).is_empty());
        // Its time may be any.
        desks.take(&open(&[("周岚", -90_000), ("陈默", -90_000)]));
        assert_eq!(others(&desks), ["陈默"]);
    }
}

use super::past::Gone;
use crate::facts::alarm::{alarms_in_order, waiting};
use crate::panels::console::{Kept, Pending};
use bevy::prelude::Resource;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::ids::AlarmId;
use chengtu_engine::record::World;
use chengtu_engine::stream::{AlarmView, Mirror};

/// An alarm must have stood on the plate for so long before a key takes it: one that has come under the finger was not
/// meant. Seconds.
const SEEN_S: f64 = 0.35;

/// What is remembered about alarms: what was given here and is not answered yet, what the plate shows, where the
/// keyboard is in the list.
#[derive(Resource, Debug, Default)]
pub struct AlarmState {
    pub(super) sending: Vec<Pending>,
    /// What the plate showed in the last frame.
    pub(super) plate: Option<Plate>,
    /// The pointer is over the plate: what it shows stays.
    pub(super) over_plate: bool,
    /// The alarm under the keyboard's cursor in the list.
    pub cursor: Option<AlarmId>,
    /// The cursor must be brought into sight.
    pub(super) reveal: bool,
    /// Alarms that the server no longer holds: acknowledged and over, kept for the handover.
    pub(super) gone: Gone,
}

/// An alarm on the plate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plate {
    pub(super) alarm: AlarmId,
    /// When it came there, seconds of the screen's clock.
    pub(super) since_s: f64,
    /// The first frame that showed it there.
    pub(super) frame: u64,
}

/// Parts of the list of alarms, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Nobody has acknowledged them.
    Waiting,
    /// Acknowledged; their cause goes on.
    Acknowledged,
    /// Acknowledged, and their cause has ended.
    Over,
}

/// The part of the list that an alarm stands in.
pub(super) fn part(a: &AlarmView) -> Part {
    match (&a.acknowledged, a.ended_at) {
        (None, _) => Part::Waiting,
        (Some(_), None) => Part::Acknowledged,
        (Some(_), Some(_)) => Part::Over,
    }
}

impl AlarmState {
    /// True while an acknowledgement of this alarm is under way.
    pub fn is_acknowledging(&self, alarm: AlarmId) -> bool {
        let asked = CommandRequest::AcknowledgeAlarm { alarm };
        self.sending.iter().any(|p| p.request == asked)
    }

    /// The alarm that the plate is to show: the most urgent that waits, except that one under the pointer stays.
    pub(super) fn of_plate<'a>(&self, mirror: &'a Mirror) -> Option<&'a AlarmView> {
        let held = self.plate.filter(|_| self.over_plate);
        let held = held.and_then(|p| mirror.alarms.get(&p.alarm));
        let first = || waiting(mirror).into_iter().next();
        held.filter(|a| a.acknowledged.is_none()).or_else(first)
    }

    /// The alarm that a key means at a moment of the screen's clock, seconds, that went down while a frame was on the
    /// screen: the one that was drawn on the plate, once it could be read.
    pub(super) fn on_plate(&self, time_s: f64, frame: u64) -> Option<AlarmId> {
        let seen = |p: &Plate| time_s - p.since_s >= SEEN_S && p.frame <= frame;
        self.plate.filter(seen).map(|p| p.alarm)
    }

    /// True where what the plate shows can have been read at a moment of the screen's clock, seconds: it may be pressed.
    pub(super) fn is_read(&self, time_s: f64) -> bool {
        self.plate.is_some_and(|p| time_s - p.since_s >= SEEN_S)
    }

    /// All alarms of the list, in order: those that the city holds, and those that it no longer does.
    pub(super) fn list<'a>(&'a self, mirror: &'a Mirror) -> Vec<&'a AlarmView> {
        let mut list = alarms_in_order(mirror);
        list.extend(self.gone.iter(mirror));
        // The order inside a part is kept.
        list.sort_by_key(|a| part(a));
        list
    }

    /// Moves the keyboard's cursor by so many lines of the list.
    pub(super) fn step(&mut self, mirror: &Mirror, by: isize) {
        let ids: Vec<AlarmId> = self.list(mirror).iter().map(|a| a.id).collect();
        let here = self.cursor.and_then(|c| ids.iter().position(|id| *id == c));
        let next = here.map_or(0, |i| i.saturating_add_signed(by));
        self.cursor = ids.get(next.min(ids.len().saturating_sub(1))).copied();
        self.reveal = true;
    }
}

impl Kept for AlarmState {
    type Part = Gone;

    fn put_away(&self) -> Gone {
        self.gone.clone()
    }

    fn put_back(&mut self, part: Gone) {
        self.gone = part;
    }

    fn enter(&mut self, world: World) {
        // Numbers of alarms begin anew in every world.
        (self.plate, self.cursor) = (None, None);
        if world != World::Live {
            self.gone = Gone::default();
        }
    }
}

use super::{Claims, Frame, Kept, KeyOwner, KeyOwners, ListKeys, Screen};
use crate::input::{Act, Press, Zone, presses};
use bevy::prelude::{Message, MessageReader, Res, ResMut, Resource};
use bevy_egui::egui::{Context, Event, Id, Key, Memory};
use std::collections::VecDeque;

/// Who has the keyboard.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// The part of the screen that has it.
    pub zone: Zone,
}

impl Kept for Focus {
    type Part = ();

    fn put_away(&self) {}

    fn put_back(&mut self, (): ()) {}

    /// Whichever world is entered, nothing is armed there: the keyboard begins at the map.
    fn enter(&mut self, _world: chengtu_engine::record::World) {
        self.zone = Zone::Map;
    }
}

/// Gives a part of the screen the keyboard.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub struct FocusZone(pub Zone);

pub(super) fn focus(mut acts: MessageReader<FocusZone>, mut focus: ResMut<Focus>) {
    for FocusZone(zone) in acts.read() {
        focus.zone = *zone;
    }
}

/// What the keys of this frame ask for, until a panel takes it, and keys that wait for the next frame.
///
/// A key is for what was on the screen when it went down. So a key that opens, chooses or commands something is the
/// only one of its frame; those after it wait until its effect has been drawn.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Keys {
    acts: Vec<Act>,
    seen: u64,
    waiting: VecDeque<Waiting>,
}

/// A key that has not been read yet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Waiting {
    press: Press,
    /// Number of the frame that was on the screen when it went down.
    seen: u64,
    /// Which open panel had the keys alone on that screen.
    owner: Option<KeyOwner>,
}

/// Keys that wait at most: more are not typed for what is on the screen.
const WAITING_MAX: usize = 16;

impl Keys {
    /// These, for a test.
    #[cfg(test)]
    pub fn of(acts: &[Act]) -> Self {
        Self {
            acts: acts.to_vec(),
            seen: u64::MAX,
            ..Self::default()
        }
    }

    /// True where nothing is left to be taken.
    pub fn is_empty(&self) -> bool {
        self.acts.is_empty()
    }

    /// True where keys wait for the next frame.
    pub fn are_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Number of the frame that was on the screen when the key went down ([`Frame::number`]).
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Gives every act to `does`, in order; those that it answers `true` to are taken.
    pub fn take(&mut self, mut does: impl FnMut(Act) -> bool) {
        self.acts.retain(|act| !does(*act));
    }

    /// Takes one press of Escape, where `closes` closes something with it.
    pub fn leave(&mut self, closes: impl FnOnce() -> bool) {
        let escape = self.acts.iter().position(|a| *a == Act::Leave);
        if let Some(i) = escape
            && closes()
        {
            self.acts.remove(i);
        }
    }

    /// Reads keys that wait, as far as this frame may; what they do in the list that has them alone.
    ///
    /// A key for a panel that has been closed since, or for one that was not open yet, is lost; and so is an Enter that
    /// went down before what it would confirm was drawn.
    fn read(&mut self, owner: Option<KeyOwner>, zone: Zone, typing: bool, shown: u64) -> ListKeys {
        self.acts.clear();
        self.waiting.retain(|w| w.owner == owner);
        let mut list = ListKeys::default();
        while let Some(Waiting { press, seen, .. }) = self.waiting.front().copied() {
            let first = self.acts.is_empty() && list == ListKeys::default();
            if owner.is_some() && (press.is(Key::ArrowDown) || press.is(Key::ArrowUp)) {
                list.moves += if press.is(Key::ArrowDown) { 1 } else { -1 };
            } else if owner.is_some() && press.is(Key::Enter) {
                // A held key confirms nothing.
                let enters = !press.repeat && seen >= shown;
                if enters && !first {
                    return list;
                }
                list.enter |= enters;
            } else if let Some(binding) = press.act(zone, typing) {
                let alone = binding.zone.is_some() || !binding.act.may_share_a_frame();
                if alone && !first {
                    return list;
                }
                self.acts.push(binding.act);
            }
            (self.seen, _) = (seen, self.waiting.pop_front());
            let alone = list.enter || self.acts.last().is_some_and(|a| !a.may_share_a_frame());
            if alone {
                return list;
            }
        }
        list
    }
}

/// Escape takes the keyboard from a text field.
pub(super) fn leave_text(screen: Res<Screen>, mut keys: ResMut<Keys>) {
    let ctx = &screen.0;
    keys.leave(|| {
        let typing = ctx.text_edit_focused();
        if typing {
            ctx.memory_mut(Memory::stop_text_input);
        }
        typing
    });
}

/// Escape gives the keyboard back to the map.
pub(super) fn leave_zone(mut focus: ResMut<Focus>, mut keys: ResMut<Keys>) {
    keys.leave(|| std::mem::take(&mut focus.zone) != Zone::Map);
}

/// Reads the keys of this frame, for whoever has them.
pub(super) fn read(
    screen: Res<Screen>,
    frame: Res<Frame>,
    claims: Res<Claims>,
    focus: Res<Focus>,
    mut owners: ResMut<KeyOwners>,
    mut keys: ResMut<Keys>,
    mut list: ResMut<ListKeys>,
) {
    let ctx = &screen.0;
    owners.follow(&claims.owners);
    let owner = owners.current();
    let seen = frame.number.saturating_sub(1);
    let fresh = ctx.input(presses).into_iter();
    keys.waiting.extend(fresh.map(|press| Waiting {
        press,
        seen,
        owner: owners.drawn(),
    }));
    keys.waiting.truncate(WAITING_MAX);
    if let Some(owner) = owner {
        take_from_egui(ctx, owner);
    }
    if !owners.is_on_screen() {
        keys.acts.clear();
        *list = ListKeys::default();
        return;
    }
    let typing = ctx.text_edit_focused() || claims.typing;
    *list = keys.read(owner, focus.zone, typing, seen);
    // A button that was reached with Tab takes Enter and Space for itself.
    if !typing && ctx.memory(|m| m.focused().is_some()) {
        keys.acts
            .retain(|a| !matches!(a, Act::Dispatch | Act::OpenCase | Act::Play));
        list.enter = false;
    }
    if keys.are_waiting() {
        ctx.request_repaint();
    }
}

/// Keys that walk through the list of an owner reach no text field, and a button that was reached with Tab behind it
/// has lost the keyboard.
fn take_from_egui(ctx: &Context, owner: KeyOwner) {
    let walks = |event: &Event| matches!(event, Event::Key { key: Key::ArrowUp | Key::ArrowDown, modifiers, .. } if modifiers.is_none());
    let enters = |event: &Event| matches!(event, Event::Key { key: Key::Enter, modifiers, .. } if modifiers.is_none());
    let focused = ctx.memory(Memory::focused);
    let behind = focused.filter(|id| {
        let layer = ctx.read_response(*id).map(|r| r.layer_id.id);
        layer.is_some_and(|l| l != Id::new(owner.0))
    });
    if let Some(id) = behind {
        ctx.memory_mut(|m| m.surrender_focus(id));
    }
    // A button of the owner that was reached with Tab hears its Enter; a text field does not end with it.
    let on_button = behind.is_none() && focused.is_some() && !ctx.text_edit_focused();
    ctx.input_mut(|i| {
        i.events
            .retain(|e| !(walks(e) || (enters(e) && !on_button)));
    });
}

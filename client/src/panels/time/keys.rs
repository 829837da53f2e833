use super::{TimeAct, TimeBar};
use crate::input::Act;
use crate::panels::console::{Acts, Keys};
use bevy::prelude::ResMut;

/// Escape closes a list above the bar.
pub(super) fn leave(mut keys: ResMut<Keys>, mut bar: ResMut<TimeBar>) {
    keys.leave(|| bar.list.take().is_some());
}

/// Escape leaves a bookmark without its note.
pub(super) fn leave_note(mut keys: ResMut<Keys>, mut bar: ResMut<TimeBar>) {
    keys.leave(|| bar.note.take().is_some());
}

/// Escape leaves a moment that is being typed.
pub(super) fn leave_typed(mut keys: ResMut<Keys>, mut bar: ResMut<TimeBar>) {
    keys.leave(|| bar.typed.take().is_some());
}

pub(super) fn take(mut keys: ResMut<Keys>, mut acts: ResMut<Acts>) {
    keys.take(|key| {
        let act = asked(key);
        let mine = act.is_some();
        acts.extend(act);
        mine
    });
}

/// What a key asks of time.
fn asked(key: Act) -> Option<TimeAct> {
    let event = |forward, chosen| TimeAct::StepEvent { forward, chosen };
    Some(match key {
        Act::TimeBar => TimeAct::Unfold,
        Act::TypeTime => TimeAct::Type,
        Act::Play => TimeAct::PlayOrPause,
        Act::SecondBack => TimeAct::StepSeconds(-1),
        Act::SecondOn => TimeAct::StepSeconds(1),
        Act::PreviousEvent => event(false, false),
        Act::NextEvent => event(true, false),
        Act::PreviousOfChosen => event(false, true),
        Act::NextOfChosen => event(true, true),
        Act::Slower => TimeAct::Faster(false),
        Act::Faster => TimeAct::Faster(true),
        Act::Bookmark => TimeAct::Note,
        Act::Basis => TimeAct::OtherBasis,
        Act::LookBack => TimeAct::LookBack,
        Act::BackToLive => TimeAct::Live,
        _ => return None,
    })
}

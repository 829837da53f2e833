use super::layers::is_offered;
use super::{Following, MapAct};
use crate::input::{Act, Zone};
use crate::live::Selection;
use crate::net::City;
use crate::panels::console::{Acts, Focus, Keys};
use bevy::prelude::{Res, ResMut};

pub(super) fn take(
    city: Res<City>,
    selection: Res<Selection>,
    following: Res<Following>,
    mut keys: ResMut<Keys>,
    mut focus: ResMut<Focus>,
    mut acts: ResMut<Acts>,
) {
    keys.take(|act| {
        match act {
            Act::Follow => {
                let unit = selection.unit().filter(|_| following.0.is_none());
                acts.push(MapAct::Follow(unit));
            }
            Act::Layers => {
                focus.zone = if focus.zone == Zone::Layers {
                    Zone::Map
                } else {
                    Zone::Layers
                }
            }
            Act::ToggleLayer(n) => {
                let i = usize::from(n).saturating_sub(1);
                if is_offered(i, city.world()) {
                    acts.push(MapAct::Layer(i));
                }
            }
            Act::Tilt => acts.push(MapAct::Tilt),
            // These come here only while a list has the keyboard; else the camera listens to them itself.
            Act::North => acts.push(MapAct::North),
            Act::ZoomIn => acts.push(MapAct::Zoom(0.5)),
            Act::ZoomOut => acts.push(MapAct::Zoom(-0.5)),
            Act::MoveMap | Act::TurnMap => {}
            _ => return false,
        }
        true
    });
    // Escape lets the followed unit go first, then what is chosen.
    keys.leave(|| {
        if following.0.is_some() {
            acts.push(MapAct::Follow(None));
            return true;
        }
        let chosen = selection.is_some();
        if chosen {
            acts.push(MapAct::Select(Selection::None));
        }
        chosen
    });
}

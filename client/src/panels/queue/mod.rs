//! The case queue.

mod draw;
mod header;
mod keys;
mod state;

pub use state::QueueState;

use super::bundling::Bundling;
use super::console::{Acts, AddPanel, Focus, Frame, KeepInCity, KeyLayer, View};
use super::model::queue;
use crate::camera::MapCamera;
use crate::input::Zone;
use crate::net::City;
use crate::settings::Remembered;
use bevy::prelude::*;
use bevy_egui::egui::pos2;
use chengtu_engine::geo::LonLat;

/// Lists cases, narrows and sorts them.
pub struct QueuePlugin;

impl Plugin for QueuePlugin {
    fn build(&self, app: &mut App) {
        let sort = app
            .world()
            .get_resource::<Remembered>()
            .map(|r| r.settings.queue)
            .unwrap_or_default();
        app.insert_resource(QueueState {
            sort,
            ..QueueState::default()
        })
        .keep_in_city::<QueueState>()
        .add_keys(KeyLayer::Panel, keys::take)
        .add_panel((order, draw_panel).chain())
        .add_systems(super::console::PanelActs, remember);
    }
}

/// Puts cases in order.
fn order(
    frame: Res<Frame>,
    city: Res<City>,
    camera: Res<MapCamera>,
    focus: Res<Focus>,
    mut state: ResMut<QueueState>,
) {
    let free = frame.layout.window;
    let in_view = |lon: f64, lat: f64| {
        let p = camera.screen_from_world(LonLat::new(lon, lat));
        p.is_some_and(|p| free.contains(pos2(p.pos.x, p.pos.y)))
    };
    let fresh = queue::build(&city.mirror, &state.filter, state.sort, frame.now, in_view);
    let held = state.over_list;
    state.newer |= fresh.cases.first() != state.order.shown().cases.first();
    state.order.update(fresh, held);
    // What is most urgent is on the first row that is seen: who has walked or scrolled further down is brought back once
    // something else is first, or the keyboard has left; never under a hand.
    let in_queue = focus.zone == Zone::Queue;
    let left = std::mem::replace(&mut state.had_keyboard, in_queue) && !in_queue;
    if !held && !in_queue && (left || std::mem::take(&mut state.newer)) {
        state.to_top = true;
    }
}

fn draw_panel(
    view: View,
    bundling: Res<Bundling>,
    mut state: ResMut<QueueState>,
    mut acts: ResMut<Acts>,
) {
    let scene = view.scene();
    draw::draw(&scene.ctx, &scene, &mut state, &bundling, &mut acts);
}

/// The order of the queue is found again at the next start.
fn remember(state: Res<QueueState>, remembered: Option<ResMut<Remembered>>) {
    if let Some(mut remembered) = remembered
        && remembered.settings.queue != state.sort
    {
        remembered.settings.queue = state.sort;
    }
}

#[cfg(test)]
mod tests {
    use crate::live::Selection;
    use crate::panels::hand::Hand;
    use crate::panels::model::sample::{self, COVER};
    use crate::panels::pictures::Setting;
    use bevy_egui::egui::{Key, Rect, vec2};
    use chengtu_engine::city::Severity;
    use chengtu_engine::ids::CaseId;
    use chengtu_engine::model::Stage;

    /// A desk on a low screen, and where its list is.
    fn low() -> (Hand, Rect) {
        let hand = Hand::at(Setting {
            size: [1_280.0, 720.0],
            ..Setting::default()
        });
        let queue = hand.laid_out().layout.queue.unwrap();
        (hand, queue)
    }

    /// A severe report that nobody is sent to comes in, with no time left.
    fn flood(hand: &mut Hand) {
        let mut case = hand.city().mirror.cases[&COVER].clone();
        case.id = CaseId(901);
        (case.stage, case.severity) = (Stage::Filed, Severity::Severe);
        (case.units, case.address) = (Vec::new(), "下穿通道".into());
        case.due_at = Some(sample::NOW.plus_seconds(-60));
        hand.city().mirror.cases.insert(case.id, case);
        hand.wait(1.0);
    }

    /// The first row that is seen is of a case at this address.
    fn first_is(hand: &Hand, queue: Rect, address: &str) -> bool {
        let rows = hand.texts.iter().filter(|t| {
            queue.contains(t.1.center()) && t.0.contains(" · ") && t.1.min.x < queue.min.x + 34.0
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by(|a, b| a.1.center().y.total_cmp(&b.1.center().y));
        let on_list = rows.iter().find(|t| t.1.center().y > queue.min.y + 160.0);
        on_list.is_some_and(|t| t.0.starts_with(address))
    }

    #[test]
    fn a_list_that_was_scrolled_shows_what_comes_in_as_most_urgent() {
        let (mut hand, queue) = low();
        for _ in 0..6 {
            hand.wheel(queue.center(), vec2(0.0, -200.0));
        }
        flood(&mut hand);
        assert!(!first_is(&hand, queue, "下穿通道"), "not under the pointer");
        hand.away();
        hand.wait(1.0);
        assert!(first_is(&hand, queue, "下穿通道"), "{:?}", hand.texts);
    }

    #[test]
    fn a_list_that_was_walked_through_begins_at_its_top_again() {
        let (mut hand, queue) = low();
        hand.away();
        for _ in 0..20 {
            hand.key(Key::J);
        }
        hand.key(Key::Escape);
        flood(&mut hand);
        assert!(first_is(&hand, queue, "下穿通道"), "{:?}", hand.texts);
        // And so does whoever walks through it anew.
        hand.key(Key::J);
        hand.key(Key::Enter);
        let selection = *hand.app.world().resource::<Selection>();
        assert_eq!(selection, Selection::Case(CaseId(901)));
    }
}

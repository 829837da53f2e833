//! The pointer on the map: what it is over, what a click selects, where a menu opens.

mod marking;
mod press;

pub use marking::MarkingBox;
pub use press::{Click, Press};

use crate::camera::{Flight, MapCamera, MapWindow};
use crate::live::{ContextAt, Hover, LiveSystems, MarkCases, PickTarget, Pickables, Selection};
use crate::net::City;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::Mirror;
use marking::Marking;

/// Selects, hovers, and opens menus on the map.
pub struct PickPlugin;

impl Plugin for PickPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MarkingBox>()
            .add_systems(Update, pointer.after(LiveSystems::Layout));
    }
}

/// A cluster narrower than this has no box worth flying to, metres; the map comes nearer instead.
const BOX_MIN_M: f64 = 25.0;
/// By how much.
const NEARER: f64 = 1.6;

/// Where the pointer is and what is pressed.
#[derive(SystemParam)]
struct Pointer<'w, 's> {
    windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
    buttons: Res<'w, ButtonInput<MouseButton>>,
    keyboard: Res<'w, ButtonInput<KeyCode>>,
    egui: Res<'w, EguiWantsInput>,
}

/// What was pressed so far.
#[derive(Default)]
struct Hand {
    press: Press,
    marking: Marking,
}

impl Pointer<'_, '_> {
    /// A drag with Shift held draws a rectangle; the map does not move with it.
    fn draws(&self) -> bool {
        let shift = [KeyCode::ShiftLeft, KeyCode::ShiftRight];
        self.keyboard.any_pressed(shift)
    }

    /// A click with Shift, Ctrl or ⌘ held marks what it hits.
    fn marks(&self) -> bool {
        self.keyboard.any_pressed([
            KeyCode::ShiftLeft,
            KeyCode::ShiftRight,
            KeyCode::ControlLeft,
            KeyCode::ControlRight,
            KeyCode::SuperLeft,
            KeyCode::SuperRight,
        ])
    }
}

/// The cases under the pointer.
fn cases(under: &PickTarget) -> Vec<CaseId> {
    match under {
        PickTarget::Thing(thing) => thing.case().into_iter().collect(),
        PickTarget::Cluster(members) => members.clone(),
    }
}

/// What can be pointed at.
#[derive(SystemParam)]
struct Map<'w> {
    pickables: Res<'w, Pickables>,
    city: Res<'w, City>,
    camera: Res<'w, MapCamera>,
    window: Res<'w, MapWindow>,
}

fn pointer(
    pointer: Pointer,
    Map {
        pickables,
        city,
        camera,
        window,
    }: Map,
    mut hand: Local<Hand>,
    mut marking: ResMut<MarkingBox>,
    mut flight: ResMut<Flight>,
    mut selection: ResMut<Selection>,
    mut hover: ResMut<Hover>,
    (mut contexts, mut marks): (MessageWriter<ContextAt>, MessageWriter<MarkCases>),
) {
    let (windows, buttons, egui) = (&pointer.windows, &pointer.buttons, &pointer.egui);
    let pos = windows.single().ok().and_then(Window::cursor_position);
    // Over a panel the pointer is the panel's; a press that began there never becomes a click here.
    let pos = pos.filter(|_| !egui.wants_any_pointer_input());
    let sides = [MouseButton::Left, MouseButton::Right];
    // Between two frames a button may have gone down and up again: that is a whole press.
    let went_down = sides.map(|b| buttons.pressed(b) || buttons.just_pressed(b));
    let Hand {
        press,
        marking: drawing,
    } = &mut *hand;
    let first = press.follow(pos, went_down);
    drawing.press(buttons.just_pressed(MouseButton::Left), pointer.draws());
    let click = first.or_else(|| press.follow(pos, sides.map(|b| buttons.pressed(b))));
    let (drawn, done) = drawing.follow(marking.0, press.drag(), pos);
    marking.set_if_neq(MarkingBox(drawn));
    if let Some(rect) = done {
        // None of them is chosen, and nothing moves.
        let cases = marking::cases_in(&pickables, rect);
        if !cases.is_empty() {
            marks.write(MarkCases(cases));
        }
    }
    let Some(pos) = pos else { return };
    let under = pickables.at(pos).map(|p| p.target.clone());
    let over = match &under {
        Some(PickTarget::Thing(thing)) => *thing,
        // Any of its cases lights the cluster up.
        Some(PickTarget::Cluster(members)) => members
            .first()
            .map_or(Selection::None, |id| Selection::Case(*id)),
        None => Selection::None,
    };
    hover.set_if_neq(Hover(if press.is_dragging() {
        Selection::None
    } else {
        over
    }));
    if click == Some(Click::Primary) && pointer.marks() {
        // Nothing is chosen and nothing moves: what is being gathered stays in sight.
        let cases = under.as_ref().map(cases).unwrap_or_default();
        if !cases.is_empty() {
            marks.write(MarkCases(cases));
        }
        return;
    }
    match (click, under) {
        (Some(Click::Primary), Some(PickTarget::Thing(thing))) => {
            selection.set_if_neq(thing);
        }
        (Some(Click::Primary), Some(PickTarget::Cluster(members))) => {
            open(&mut flight, &camera, &window, &city.mirror, &members);
        }
        (Some(Click::Primary), None) => {
            selection.set_if_neq(Selection::None);
        }
        (Some(Click::Secondary), under) => {
            if let Some(lonlat) = camera.world_from_screen(pos) {
                let on = match under {
                    Some(PickTarget::Thing(thing)) => thing,
                    _ => Selection::None,
                };
                contexts.write(ContextAt {
                    lonlat,
                    screen: pos,
                    on,
                });
            }
        }
        (None, _) => {}
    }
}

/// Flies to the cases of a cluster.
fn open(
    flight: &mut Flight,
    camera: &MapCamera,
    window: &MapWindow,
    mirror: &Mirror,
    members: &[CaseId],
) {
    let Some(bounds) = bounds(mirror, members) else {
        return;
    };
    let across_m = chengtu_engine::geo::distance_m(bounds.min, bounds.max);
    if across_m < BOX_MIN_M {
        let (a, b) = (bounds.min.lon_lat(), bounds.max.lon_lat());
        let middle = LonLat::new(
            f64::midpoint(a.lon_deg, b.lon_deg),
            f64::midpoint(a.lat_deg, b.lat_deg),
        );
        flight.fly_to(
            camera,
            window,
            middle,
            Some(camera.zoom + NEARER),
            None,
            None,
        );
    } else {
        flight.fly_to_box(camera, window, bounds);
    }
}

/// The rectangle around cases.
fn bounds(mirror: &Mirror, members: &[CaseId]) -> Option<GeoBox> {
    let places = members.iter().filter_map(|id| mirror.cases.get(id));
    let places = places.filter_map(|c| LonLat::new(c.lon, c.lat).position().ok());
    places.map(|p| GeoBox::new(p, p)).reduce(|a, b| {
        let min = Position::new(
            a.min.lon_e7.min(b.min.lon_e7),
            a.min.lat_e7.min(b.min.lat_e7),
        );
        let max = Position::new(
            a.max.lon_e7.max(b.max.lon_e7),
            a.max.lat_e7.max(b.max.lat_e7),
        );
        GeoBox::new(min, max)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{PickShape, Pickable};
    use bevy::prelude::Messages;
    use chengtu_engine::ids::UnitId;

    const FIRST: CaseId = CaseId(1);
    const SECOND: CaseId = CaseId(2);

    /// A map with two cases on it, at (400, 300) and (520, 360), under a mouse.
    fn map() -> App {
        let case = |id, x, y| Pickable {
            target: PickTarget::Thing(Selection::Case(id)),
            shape: PickShape::Disc {
                centre: Vec2::new(x, y),
                radius: 14.0,
            },
            class: 0,
        };
        let mut app = App::new();
        app.insert_resource(Pickables(vec![
            case(FIRST, 400.0, 300.0),
            case(SECOND, 520.0, 360.0),
        ]))
        .init_resource::<City>()
        .init_resource::<MapCamera>()
        .init_resource::<MapWindow>()
        .init_resource::<Flight>()
        .init_resource::<Selection>()
        .init_resource::<Hover>()
        .init_resource::<EguiWantsInput>()
        .init_resource::<ButtonInput<MouseButton>>()
        .init_resource::<ButtonInput<KeyCode>>()
        .init_resource::<MarkingBox>()
        .add_message::<ContextAt>()
        .add_message::<MarkCases>()
        .add_systems(Update, pointer);
        app.world_mut().spawn((Window::default(), PrimaryWindow));
        app
    }

    /// A frame with the pointer here and the left button so.
    fn frame(app: &mut App, x: f32, y: f32, pressed: bool) {
        let world = app.world_mut();
        let mut windows = world.query::<&mut Window>();
        for mut window in windows.iter_mut(world) {
            window.set_cursor_position(Some(Vec2::new(x, y)));
        }
        let mut buttons = world.resource_mut::<ButtonInput<MouseButton>>();
        if pressed {
            buttons.press(MouseButton::Left);
        } else {
            buttons.release(MouseButton::Left);
        }
        app.update();
        let world = app.world_mut();
        world.resource_mut::<ButtonInput<MouseButton>>().clear();
    }

    fn click(app: &mut App, x: f32, y: f32) {
        for pressed in [false, true, false] {
            frame(app, x, y, pressed);
        }
    }

    /// What was marked since this was asked last, and what is chosen.
    fn outcome(app: &mut App) -> (Vec<CaseId>, Selection) {
        let world = app.world_mut();
        let mut marks = world.resource_mut::<Messages<MarkCases>>();
        let marked: Vec<CaseId> = marks.drain().flat_map(|m| m.0).collect();
        (marked, *world.resource::<Selection>())
    }

    /// Cases could not be gathered on the map: every click chose.
    #[test]
    fn with_shift_a_click_and_a_rectangle_mark_and_choose_nothing() {
        let mut app = map();
        click(&mut app, 402.0, 301.0);
        assert_eq!(outcome(&mut app), (vec![], Selection::Case(FIRST)));
        let mut keys = app.world_mut().resource_mut::<ButtonInput<KeyCode>>();
        keys.press(KeyCode::ShiftLeft);
        click(&mut app, 520.0, 360.0);
        let chosen = Selection::Case(FIRST);
        assert_eq!(outcome(&mut app), (vec![SECOND], chosen));
        // From one corner of a rectangle to the other.
        for (x, y, pressed) in [
            (350.0, 260.0, false),
            (350.0, 260.0, true),
            (450.0, 330.0, true),
            (560.0, 400.0, true),
            (560.0, 400.0, false),
        ] {
            frame(&mut app, x, y, pressed);
        }
        assert_eq!(outcome(&mut app), (vec![FIRST, SECOND], chosen));
    }

    #[test]
    fn a_cluster_is_marked_whole_and_what_is_no_case_not_at_all() {
        let all = vec![CaseId(1), CaseId(2)];
        assert_eq!(cases(&PickTarget::Cluster(all.clone())), all);
        let thing = |s| cases(&PickTarget::Thing(s));
        assert_eq!(thing(Selection::Case(CaseId(3))), [CaseId(3)]);
        assert_eq!(thing(Selection::Unit(UnitId(3))), []);
    }
}

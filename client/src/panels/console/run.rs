use super::acts::deliver;
use super::add::KeyLayer;
use super::keys;
use super::schedule::{PanelActs, PanelClaims, PanelDraw, PanelKeys, PanelsSystems, Screen};
use super::{
    Acts, Claims, Covered, Focus, FocusZone, Frame, KeepInCity, KeyOwners, Keys, Link, ListKeys,
    opened,
};
use crate::account::Account;
use crate::camera::{CameraKeys, MapWindow};
use crate::i18n::Lang;
use crate::input::Zone;
use crate::labels::Obstacles;
use crate::look::Tokens;
use crate::net::{City, Connection, LinkState};
use crate::output::Output;
use crate::panels::layout::Layout;
use crate::panels::skin::Skin;
use crate::panels::whole;
use crate::panels::world::WorldLook;
use crate::readiness::Readiness;
use bevy::prelude::*;
use bevy_egui::egui;
use bevy_egui::{EguiContexts, EguiPrimaryContextPass};
use chengtu_engine::record::World as CityWorld;

/// State and schedules that panels share; draws whatever panels have been added.
pub struct ConsolePlugin;

impl Plugin for ConsolePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Acts>()
            .init_resource::<Account>()
            .init_resource::<Claims>()
            .init_resource::<Covered>()
            .init_resource::<Focus>()
            .init_resource::<Keys>()
            .init_resource::<KeyOwners>()
            .init_resource::<ListKeys>()
            .keep_in_city::<Focus>()
            .add_message::<FocusZone>()
            .init_schedule(PanelClaims)
            .init_schedule(PanelKeys)
            .init_schedule(PanelDraw)
            .init_schedule(PanelActs)
            .configure_sets(
                PanelKeys,
                (
                    KeyLayer::WholeScreen,
                    KeyLayer::Overlay,
                    KeyLayer::Popup,
                    KeyLayer::Text,
                    KeyLayer::Window,
                    KeyLayer::Panel,
                    KeyLayer::Zone,
                    KeyLayer::Map,
                )
                    .chain(),
            )
            .add_systems(PanelKeys, keys::leave_text.in_set(KeyLayer::Text))
            .add_systems(PanelKeys, keys::leave_zone.in_set(KeyLayer::Zone))
            .add_systems(PanelActs, keys::focus)
            .add_systems(
                EguiPrimaryContextPass,
                (
                    begin,
                    (claim, lay_out, read_keys, draw, settle)
                        .chain()
                        .run_if(resource_exists::<Screen>),
                )
                    .chain()
                    .in_set(PanelsSystems),
            );
    }
}

const GATE: &str = "panels";

fn begin(mut commands: Commands, mut contexts: EguiContexts) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    commands.insert_resource(Screen(ctx));
    Ok(())
}

/// Asks every panel what it needs of the screen.
pub fn claim(world: &mut World) {
    world.insert_resource(Claims::default());
    world.run_schedule(PanelClaims);
}

/// Lays the frame out.
fn lay_out(
    mut commands: Commands,
    screen: Res<Screen>,
    claims: Res<Claims>,
    city: Res<City>,
    connection: Res<Connection>,
    (tokens, lang): (Res<Tokens>, Res<Lang>),
    output: Res<Output>,
    before: Option<Res<Frame>>,
) {
    let world = city.world();
    let look = WorldLook::new(&tokens, claims.look.unwrap_or(world), *lang);
    let size = screen.0.content_rect().size();
    let picture = !output.is_pressed();
    commands.insert_resource(Frame {
        number: before.map_or(1, |f| f.number + 1),
        ctx: screen.0.clone(),
        layout: Layout::with_time(size, look.frame, claims.detail, claims.time_h),
        look,
        world,
        info: city.world_info().cloned(),
        clock: city.world_clock().copied(),
        now: city.now(),
        last_word: city.last_word(),
        time: city.clock(),
        link: match link(&connection) {
            // A picture of a moment is the same however fast the line is today.
            Link::Live(_) if picture && world != CityWorld::Live => Link::Live(None),
            link => link,
        },
        locked: claims.locked,
        picture,
    });
}

/// How the line to the server is, for people.
fn link(connection: &Connection) -> Link {
    match connection.state() {
        LinkState::Live if connection.unheard_for().is_none() => Link::Live(connection.latency()),
        LinkState::Live | LinkState::Connecting => match connection.unheard_for() {
            Some(since) => Link::Lost {
                since,
                next_try: None,
                reason: String::new(),
            },
            None => Link::Connecting,
        },
        LinkState::Lost { reason, .. } => Link::Lost {
            since: connection.lost_for().unwrap_or_default(),
            next_try: connection.next_try_in(),
            reason: reason.clone(),
        },
    }
}

/// Reads the keys of this frame. There must be a [`Frame`].
pub fn read_keys(world: &mut World) {
    // The system has no state of its own: that of a fresh one is as good.
    if let Err(error) = world.run_system_cached(keys::read) {
        error!("keys are not read: {error}");
    }
}

/// Gives panels their keys, draws them, and carries out what they ask for. There must be a [`Frame`].
pub fn draw(world: &mut World) {
    let whole_screen = world.resource::<Claims>().whole_screen;
    let frame = world.resource::<Frame>();
    world.resource::<Skin>().warm(&frame.ctx);
    let covered = if whole_screen {
        Vec::new()
    } else {
        frame.layout.covering()
    };
    world.insert_resource(Covered(covered));
    world.run_schedule(PanelKeys);
    world.run_schedule(PanelDraw);
    whole::show(&world.resource::<Frame>().ctx, world.resource::<Skin>());
    world.resource_mut::<KeyOwners>().settle();
    deliver(world);
    world.run_schedule(PanelActs);
}

/// Tells the map what the panels leave of the screen and of the keyboard.
fn settle(
    (frame, claims, covered): (Res<Frame>, Res<Claims>, Res<Covered>),
    focus: Res<Focus>,
    mut window: ResMut<MapWindow>,
    mut obstacles: ResMut<Obstacles>,
    mut keys: ResMut<CameraKeys>,
    mut readiness: ResMut<Readiness>,
) {
    let to_rect = |r: &egui::Rect| Rect::new(r.min.x, r.min.y, r.max.x, r.max.y);
    let free = to_rect(&frame.layout.window);
    if window.rect != Some(free) {
        window.rect = Some(free);
    }
    let over = opened(&frame.ctx, &[]);
    let all = covered.0.iter().chain(&over);
    obstacles.set("panels", all.map(to_rect).collect());
    let typing = frame.ctx.text_edit_focused() || claims.typing || !claims.owners.is_empty();
    keys.enabled = !typing && matches!(focus.zone, Zone::Map | Zone::Layers);
    readiness.set(GATE, true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::desk::Desk;
    use crate::panels::pictures::Setting;
    use bevy::ecs::system::RunSystemOnce;

    /// A building's name stood over the scale, and a notice on names.
    #[test]
    fn what_lies_over_the_map_is_told_to_the_names_on_it() {
        let mut desk = Desk::new(Setting {
            link: Link::Lost {
                since: std::time::Duration::from_secs(9),
                next_try: None,
                reason: String::new(),
            },
            ..Setting::default()
        });
        let world = desk.app.world_mut();
        world.run_system_once(settle).unwrap();
        let told = world.resource::<Obstacles>().of("panels").to_vec();
        let covered = world.resource::<Covered>().0.clone();
        assert!(covered.len() > 5);
        for r in covered {
            let rect = Rect::new(r.min.x, r.min.y, r.max.x, r.max.y);
            assert!(told.contains(&rect), "{rect:?}");
        }
    }
}

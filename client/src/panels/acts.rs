//! Carries out what panels ask for.

use super::director::Drawer;
use super::fork::AHEAD_S;
use super::mapchrome::LAYERS;
use super::plugin::PanelOptions;
use super::state::{Action, MenuPage, PanelState, PlaceMenu, Refusal, Sending};
use super::time::{self, acts::Place};
use crate::camera::{Flight, MapCamera, MapWindow};
use crate::i18n::CityTime;
use crate::i18n::Lang;
use crate::input::Zone;
use crate::live::{ContextAt, Hover, LayerVisibility, Offer, Selection};
use crate::net::{Chronicle, City, CommandOutcome, Connection, ServerNotice};
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::pos2;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::Mirror;
use std::time::{Duration, Instant};

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(8);
/// Zoom below which a chosen thing is too small to be looked at.
const NEAR_ZOOM: f64 = 14.2;
/// Zoom that a flight to a chosen thing ends at, at least.
const CHOSEN_ZOOM: f64 = 15.8;

/// The unit that the map follows.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct Following(pub Option<UnitId>);

/// What actions change.
#[derive(SystemParam)]
pub struct Hands<'w> {
    camera: ResMut<'w, MapCamera>,
    window: Res<'w, MapWindow>,
    flight: ResMut<'w, Flight>,
    selection: ResMut<'w, Selection>,
    hover: ResMut<'w, Hover>,
    offer: ResMut<'w, Offer>,
    layers: ResMut<'w, LayerVisibility>,
    connection: ResMut<'w, Connection>,
    following: ResMut<'w, Following>,
    lang: ResMut<'w, Lang>,
    options: Res<'w, PanelOptions>,
}

impl Hands<'_> {
    /// Carries actions out.
    pub fn act(
        &mut self,
        actions: Vec<Action>,
        mirror: &Mirror,
        here: &Place,
        st: &mut PanelState,
    ) {
        for action in actions {
            match action {
                Action::Select(to) => self.select(to, st),
                Action::SelectAndFly(to) => {
                    self.select(to, st);
                    if let Some(place) = place_of(mirror, to) {
                        self.show(place);
                    }
                }
                Action::Hover(what) => {
                    if self.hover.0 != what {
                        self.hover.0 = what;
                    }
                }
                Action::Fly(place, zoom) => {
                    self.flight
                        .fly_to(&self.camera, &self.window, place, zoom, None, None);
                }
                Action::Command(request) => self.command(request, st),
                Action::Layer(i) => {
                    if let Some((_, of)) = LAYERS.get(i) {
                        let shown = of(&mut self.layers);
                        *shown = !*shown;
                    }
                }
                Action::North => {
                    let pitch_deg = self.camera.pitch_deg;
                    self.flight
                        .turn_to(&self.camera, &self.window, pitch_deg, 0.0);
                }
                Action::Tilt => {
                    let pitch_deg = if self.camera.pitch_deg > 1.0 {
                        0.0
                    } else {
                        50.0
                    };
                    let bearing_deg = self.camera.bearing_deg;
                    self.flight
                        .turn_to(&self.camera, &self.window, pitch_deg, bearing_deg);
                }
                Action::Zoom(levels) => {
                    let middle = self.window.centre(&self.camera);
                    if let Some(place) = self.camera.world_from_screen(middle) {
                        let zoom = self.camera.zoom + levels;
                        self.flight.fly_to(
                            &self.camera,
                            &self.window,
                            place,
                            Some(zoom),
                            None,
                            None,
                        );
                    }
                }
                Action::Language => {
                    *self.lang = if *self.lang == Lang::Zh {
                        Lang::En
                    } else {
                        Lang::Zh
                    }
                }
                Action::Follow(unit) => self.following.0 = unit,
                Action::Route(unit, place) => self.connection.route(unit, place),
                Action::Fork(at, intervention, about) => {
                    let request = self.connection.fork(at, vec![intervention], AHEAD_S);
                    st.fork.asked = Some((request, *about, Instant::now()));
                }
                Action::AskWorlds => self.connection.worlds(),
                Action::Enter(choice) => self.connection.enter(choice),
                Action::StartDrill(scenario) => self.connection.start_drill(scenario),
                Action::Direct(act) => self.connection.direct(act),
                Action::Ghost(of) => self.connection.ghost(of),
                Action::Ghosts => st.drill.toggle(Drawer::Ghost),
                Action::OpenPage(path) => self.open_page(&path, st),
                Action::Time(act) => {
                    time::acts::carry_out(act, here, &mut st.time, &self.connection);
                }
            }
        }
        let chosen = st
            .unit
            .filter(|_| st.case.is_some() && st.case == self.offer.case);
        if self.offer.chosen != chosen && self.offer.case.is_some() {
            self.offer.chosen = chosen;
        }
    }

    /// Asks for what the time bar shows of the past.
    pub fn ask_time(
        &mut self,
        here: &Place,
        clock: &CityTime,
        chronicle: &Chronicle,
        st: &mut PanelState,
    ) {
        let grows_at = here.clock.map_or(here.now, |c| c.to);
        let width_px = st.time.plot_px;
        time::asks::ask(
            &mut st.time,
            width_px,
            clock,
            here.world,
            here.selection,
            grows_at,
            chronicle,
            &mut self.connection,
        );
    }

    fn select(&mut self, to: Selection, st: &mut PanelState) {
        if *self.selection != to {
            *self.selection = to;
            self.following.0 = None;
        }
        if to.is_some() {
            st.overview = false;
        }
    }

    /// Flies to a place that is out of sight or too small to be looked at.
    fn show(&mut self, place: LonLat) {
        let free = self
            .window
            .rect
            .unwrap_or(Rect::from_corners(Vec2::ZERO, self.camera.viewport));
        let inner = free.inflate(-0.12 * free.size().min_element());
        let seen = self
            .camera
            .screen_from_world(place)
            .is_some_and(|p| inner.contains(p.pos));
        if !seen || self.camera.zoom < NEAR_ZOOM {
            let zoom = self.camera.zoom.max(CHOSEN_ZOOM);
            self.flight
                .fly_to(&self.camera, &self.window, place, Some(zoom), None, None);
        }
    }

    /// Opens a page of the server; where that cannot be done, its address is shown.
    fn open_page(&self, path: &str, st: &mut PanelState) {
        let Some(url) = super::browser::page_url(&self.options.server, path) else {
            return;
        };
        if let Err(error) = super::browser::open(&url) {
            info!("no browser: {error}");
            st.notice = Some((url, Instant::now() + 3 * NOTICE));
        }
    }

    fn command(&mut self, request: CommandRequest, st: &mut PanelState) {
        let id = self.connection.command(request.clone());
        if !matches!(request, CommandRequest::AcknowledgeAlarm { .. }) {
            st.sending = Some(Sending {
                id,
                request,
                since: Instant::now(),
            });
        }
    }
}

/// Where something is.
pub fn place_of(mirror: &Mirror, what: Selection) -> Option<LonLat> {
    match what {
        Selection::None => None,
        Selection::Case(id) => mirror.cases.get(&id).map(|c| LonLat::new(c.lon, c.lat)),
        Selection::Unit(id) => mirror.mover_of_unit(id).map(|m| m.position.lon_lat()),
        Selection::Sensor(id) => mirror.sensors.get(&id).map(|s| LonLat::new(s.lon, s.lat)),
        Selection::Alarm(id) => mirror.alarms.get(&id).map(|a| LonLat::new(a.lon, a.lat)),
        Selection::Place(place) => Some(place),
    }
}

/// The case that a selection opens the panel of.
pub fn case_of(mirror: &Mirror, what: Selection) -> Option<CaseId> {
    match what {
        Selection::Case(id) => Some(id),
        Selection::Alarm(id) => match mirror.alarms.get(&id)?.source {
            AlarmSource::Case(case) => Some(case),
            AlarmSource::Sensor(_) => None,
        },
        _ => None,
    }
}

/// Takes the answers to commands, notices and right clicks in.
pub fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    mut notices: MessageReader<ServerNotice>,
    mut contexts: MessageReader<ContextAt>,
    city: Res<City>,
    index: Res<super::plugin::Places>,
    words: Res<crate::i18n::Words>,
    mut selection: ResMut<Selection>,
    mut connection: ResMut<Connection>,
    mut st: ResMut<PanelState>,
) {
    for outcome in outcomes.read() {
        if st.sending.as_ref().is_some_and(|s| s.id == outcome.id) {
            st.sending = None;
        }
        if matches!(outcome.request, CommandRequest::AcknowledgeAlarm { .. }) {
            st.acknowledging = None;
        }
        match &outcome.result {
            Ok(done) => {
                st.refusals
                    .retain(|r| super::state::sent_unit(&r.request).is_none());
                match outcome.request {
                    CommandRequest::ReassignCase { .. } | CommandRequest::DispatchUnit { .. } => {
                        st.reassign = false;
                        st.unit = None;
                        st.refusals.clear();
                    }
                    CommandRequest::ReportCase { .. } => {
                        if let Some(case) = done.case {
                            *selection = Selection::Case(case);
                            st.zone = Zone::Dispatch;
                        }
                    }
                    _ => {}
                }
            }
            Err(no) => {
                let refusal = Refusal {
                    request: outcome.request.clone(),
                    code: no.code,
                    text: no.text.clone(),
                    at: Instant::now(),
                };
                let shown = st
                    .case
                    .is_some_and(|c| super::refusal::concerns_case(&outcome.request, c))
                    || matches!(outcome.request, CommandRequest::RecallUnit { .. });
                if shown {
                    st.refusals.push(refusal);
                    if let Some(case) = st.case {
                        connection.rank(case);
                    }
                } else {
                    // Given from a menu that is closed by now: told where the map is looked at.
                    let text = super::refusal::code_words(&words, no.code, &no.text);
                    st.notice = Some((text, Instant::now() + NOTICE));
                }
            }
        }
    }
    for notice in notices.read() {
        let text = super::notice::words(&words, notice.code, &notice.text);
        st.notice = Some((text, Instant::now() + NOTICE));
    }
    for at in contexts.read() {
        let near = super::model::places::nearest(index.0.places(), at.lonlat, 250.0);
        let address = near.map_or(String::new(), |(p, _)| {
            words.f("menu.near", &[("place", words.name(&p.name, &p.name_en))])
        });
        st.menu = Some(PlaceMenu {
            at: at.lonlat,
            screen: pos2(at.screen.x, at.screen.y),
            on: at.on,
            address,
            page: MenuPage::Actions,
            query: String::new(),
            cursor: 0,
            class: None,
            note: String::new(),
            focus_text: false,
            candidates: Vec::new(),
        });
    }
    st.follow_case(case_of(&city.mirror, *selection));
}

/// Keeps the followed unit in the middle of the window; a hand on the map lets it go.
pub fn follow_unit(
    city: Res<City>,
    window: Res<MapWindow>,
    buttons: Option<Res<ButtonInput<MouseButton>>>,
    egui: Res<bevy_egui::input::EguiWantsInput>,
    flight: Res<Flight>,
    time: Res<Time>,
    mut following: ResMut<Following>,
    mut camera: ResMut<MapCamera>,
) {
    let Some(unit) = following.0 else { return };
    if buttons.is_some_and(|b| b.just_pressed(MouseButton::Left)) && !egui.wants_any_pointer_input()
    {
        following.0 = None;
        return;
    }
    let Some(m) = city.mirror.mover_of_unit(unit) else {
        return;
    };
    if flight.is_flying() {
        return;
    }
    let glided_s = city.now().seconds_since(m.fix_time).clamp(0.0, 3.0);
    let (sin, cos) = f64::from(m.bearing_deg.unwrap_or(0.0))
        .to_radians()
        .sin_cos();
    let step_m = if m.bearing_deg.is_some() {
        f64::from(m.speed_mps) * glided_s
    } else {
        0.0
    };
    let p = m.position.lon_lat();
    let lat_deg = p.lat_deg + step_m * cos / 111_195.0;
    let lon_deg = p.lon_deg + step_m * sin / (111_195.0 * p.lat_deg.to_radians().cos().max(0.01));
    let middle = window.centre(&camera);
    let (Some(here), to) = (
        camera.mercator_from_screen(middle),
        chengtu_engine::geo::mercator_from_lon_lat(LonLat::new(lon_deg, lat_deg)),
    ) else {
        return;
    };
    // Eased, so that a correction of the position is no jump of the map.
    let share = 1.0 - (-time.delta_secs_f64() * 6.0).exp();
    camera.pin(here.lerp(to.into(), share), middle);
    camera.limit();
}

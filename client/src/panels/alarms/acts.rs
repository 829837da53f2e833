use super::state::AlarmState;
use crate::camera::MapCamera;
use crate::facts::alarm::alarm_words;
use crate::facts::sensor::class_of;
use crate::i18n::Words;
use crate::live::Selection;
use crate::net::{City, CommandOutcome, Connection};
use crate::panels::console::{Pending, Refusal};
use crate::panels::menu::{MenuState, PlaceMenu};
use crate::panels::model::places::address_near;
use crate::panels::notice::Notice;
use crate::panels::refusal;
use crate::panels::search::Places;
use bevy::prelude::*;
use bevy_egui::egui::pos2;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::AlarmSource;

/// What is asked about alarms.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlarmAct {
    /// Somebody has seen it.
    Acknowledge(AlarmId),
    /// A sensor's alarm is to become a case: its report is opened, filled in, to be read and filed.
    Report(AlarmId),
}

pub(super) fn carry_out(
    mut acts: MessageReader<AlarmAct>,
    city: Res<City>,
    mut connection: ResMut<Connection>,
    mut state: ResMut<AlarmState>,
) {
    for act in acts.read().copied() {
        // The plate and the list may both have been pressed.
        if let AlarmAct::Acknowledge(alarm) = act
            && !state.is_acknowledging(alarm)
        {
            let request = CommandRequest::AcknowledgeAlarm { alarm };
            let pending = Pending::give(request, &city, &mut connection);
            state.sending.push(pending);
        }
    }
}

/// Opens the report of a sensor's alarm: place, address, class and words are those of the sensor.
pub(super) fn open_report(
    mut acts: MessageReader<AlarmAct>,
    city: Res<City>,
    camera: Res<MapCamera>,
    places: Res<Places>,
    words: Res<Words>,
    mut menu: ResMut<MenuState>,
) {
    for act in acts.read() {
        let AlarmAct::Report(alarm) = act else {
            continue;
        };
        let Some(alarm) = city.mirror.alarms.get(alarm) else {
            continue;
        };
        let AlarmSource::Sensor(id) = alarm.source else {
            continue;
        };
        let Some(sensor) = city.mirror.sensors.get(&id) else {
            continue;
        };
        let at = LonLat::new(sensor.lon, sensor.lat);
        let near = address_near(places.0.places(), at, &words);
        let screen = camera.screen_from_world(at).map(|p| p.pos);
        let screen = screen.unwrap_or(camera.viewport / 2.0);
        let classes = city.mirror.hello.as_ref().map(|h| &*h.city.classes);
        let class = classes.and_then(|c| class_of(c, sensor.phenomenon));
        let query = class.and_then(|id| classes?.get(usize::from(id.0)));
        let said = alarm_words(&city.mirror, alarm, &words);
        menu.open = Some(PlaceMenu {
            address: near,
            query: query.map_or(String::new(), |c| words.name(&c.name, &c.name_en).into()),
            class,
            note: words.f("alarms.note", &[("sensor", &sensor.name), ("words", &said)]),
            ..PlaceMenu::report(at, pos2(screen.x, screen.y), Selection::Sensor(id))
        });
    }
}

/// Takes the answers; a refusal is said where the map is looked at.
pub(super) fn hear(
    mut outcomes: MessageReader<CommandOutcome>,
    city: Res<City>,
    words: Res<Words>,
    mut state: ResMut<AlarmState>,
    mut notices: MessageWriter<Notice>,
) {
    let world = city.world();
    if state.sending.iter().any(|p| !p.is_of(world)) {
        state.sending.retain(|p| p.is_of(world));
    }
    for outcome in outcomes.read() {
        let Some(i) = state.sending.iter().position(|p| p.is_answered_by(outcome)) else {
            continue;
        };
        state.sending.remove(i);
        if let Some(refusal) = Refusal::of(outcome) {
            let text = refusal::code_words(&words, refusal.code, &refusal.text);
            notices.write(Notice::new(text));
        }
    }
}

//! What the wall of the made-up city says.

use super::draw::{self, Ground, Sources, WallState};
use crate::camera::{CameraKeys, MapCamera, MapWindow};
use crate::i18n::{Lang, Words};
use crate::labels::Obstacles;
use crate::look::Tokens;
use crate::net::{City, Connection};
use crate::panels::model::sample::{self, NOW};
use crate::panels::skin::{Skin, fonts};
use crate::panels::texts_of;
use crate::readiness::Readiness;
use crate::render::MapDimming;
use bevy::ecs::system::RunSystemOnce;
use bevy::prelude::*;
use bevy_egui::egui::{self, Context, RawInput};
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::{Actor, AlarmSource};
use chengtu_engine::stream::{Mirror, ServerMessage};
use std::time::Instant;

#[derive(Resource)]
struct Onto(Context);

fn paint(onto: Res<Onto>, sources: Sources, mut ground: Ground, mut state: ResMut<WallState>) {
    draw::paint(&onto.0, &sources, &mut ground, &mut state);
}

/// Every text of the wall with where its ink lies.
fn wall(lang: Lang, prepare: impl FnOnce(&mut City)) -> Vec<(String, egui::Rect)> {
    wall_at([3_840.0, 2_160.0], Connection::detached(), lang, prepare)
}

/// The same on a screen of this size, logical pixels, with a line in this state.
fn wall_at(
    size: [f32; 2],
    connection: Connection,
    lang: Lang,
    prepare: impl FnOnce(&mut City),
) -> Vec<(String, egui::Rect)> {
    let tokens = Tokens::shipped().unwrap();
    let mut city = City::default();
    let hello = ServerMessage::Hello(Box::new(sample::hello()));
    city.take(&hello, Instant::now()).unwrap();
    city.mirror = sample::city();
    city.set_now(NOW);
    prepare(&mut city);
    let ctx = Context::default();
    ctx.set_fonts(fonts().unwrap());
    let mut world = World::new();
    world.insert_resource(Skin::new(&tokens));
    world.insert_resource(tokens);
    world.insert_resource(city);
    world.insert_resource(Words::shipped(lang).unwrap());
    world.insert_resource(connection);
    world.insert_resource(MapCamera::default());
    world.insert_resource(Onto(ctx.clone()));
    world.init_resource::<MapWindow>();
    world.init_resource::<CameraKeys>();
    world.init_resource::<Obstacles>();
    world.init_resource::<MapDimming>();
    world.init_resource::<Readiness>();
    world.init_resource::<WallState>();
    world.init_resource::<super::WallOptions>();
    let input = RawInput {
        screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size.into())),
        ..RawInput::default()
    };
    let mut output = ctx.run_ui(input, |_| world.run_system_once(paint).unwrap());
    output.textures_delta.clear();
    texts_of(&output.shapes)
}

fn says(texts: &[(String, egui::Rect)], words: &str) -> bool {
    texts.iter().any(|t| t.0.contains(words))
}

#[test]
fn the_plate_says_severity_words_and_how_many_more_wait() {
    for lang in [Lang::Zh, Lang::En] {
        let words = Words::shipped(lang).unwrap();
        let texts = wall(lang, |_| {});
        for said in [
            words.t("severity.s1"),
            "异响 下沉",
            &words.n("alarms.more", 1),
        ] {
            assert!(says(&texts, said), "{lang:?}: {said}");
        }
    }
}

#[test]
fn a_sensors_plate_carries_the_reading_and_that_it_is_over() {
    let texts = wall(Lang::Zh, |city| {
        let by = Actor::Operator("x".into());
        let alarms = &mut city.mirror.alarms;
        alarms.get_mut(&AlarmId(1)).unwrap().acknowledged = Some((by, NOW));
        let alarm = alarms.get_mut(&AlarmId(2)).unwrap();
        assert_eq!(alarm.source, AlarmSource::Sensor(sample::WATER));
        alarm.severity = chengtu_engine::city::Severity::Severe;
        alarm.ended_at = Some(NOW.plus_seconds(-5));
    });
    assert!(says(&texts, "现 0.90 m，告警阈值 0.80 m"));
    assert!(says(&texts, "14:32:02 已解除"));
}

#[test]
fn before_the_city_is_known_no_figure_is_zero() {
    let texts = wall(Lang::Zh, |city| {
        let hello = city.mirror.hello.take();
        city.mirror = Mirror::new();
        city.mirror.hello = hello;
    });
    assert!(!texts.iter().any(|t| t.0 == "0"), "{texts:?}");
    assert_eq!(texts.iter().filter(|t| t.0 == "…").count(), 3);
}

#[test]
fn hotspots_of_yesterday_have_their_date_beside_their_count() {
    let texts = wall(Lang::Zh, |city| {
        for spot in &mut city.mirror.hotspots {
            spot.since = NOW.plus_seconds(-86_400);
        }
    });
    let dates: Vec<_> = texts.iter().filter(|t| t.0 == "11-19 14:32").collect();
    assert_eq!(dates.len(), 5);
    for date in dates {
        let on = texts.iter().find(|t| t != &date && t.1.intersects(date.1));
        assert_eq!(on, None, "{date:?}");
    }
}

#[test]
fn a_wall_whose_server_is_lost_says_since_when_and_nothing_lies_on_it() {
    for lang in [Lang::Zh, Lang::En] {
        let words = Words::shipped(lang).unwrap();
        let lost = words.t("link.lost_since");
        let begins = lost.split('{').next().unwrap();
        for size in [[1_280.0, 720.0], [1_920.0, 1_080.0], [3_840.0, 2_160.0]] {
            for cut in [false, true] {
                let connection = if cut {
                    Connection::cut()
                } else {
                    Connection::greeted()
                };
                let texts = wall_at(size, connection, lang, |_| {});
                assert_eq!(says(&texts, begins), cut, "{lang:?} {size:?}");
                // The last moment that is known stands, and with it every figure.
                assert!(says(&texts, "14:32:07"), "{texts:?}");
                for (i, a) in texts.iter().enumerate() {
                    for b in &texts[i + 1..] {
                        let both = a.1.intersect(b.1);
                        let apart = both.width() < 1.6 || both.height() < 1.6;
                        assert!(apart, "{lang:?} {size:?} cut {cut}: {a:?} on {b:?}");
                    }
                    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, size.into());
                    assert!(screen.contains_rect(a.1), "{lang:?} {size:?}: {a:?}");
                }
            }
        }
    }
}

//! Severe alarms of the running city, for whoever looks at another world: a plate with the running city's frame, a
//! sound, and one key that leads home.

use super::alarms::{can_ring, ring_for};
use super::console::{Acts, AddPanel, Claims, Covered, Scene, View, opened};
use super::notice::NOTICES;
use super::pen::{Pen, span};
use super::skin::Role;
use super::time::TimeAct;
use super::widgets::{area, panel, small_button};
use super::world::WorldLook;
use crate::facts::{alarm, case, severity_word};
use crate::i18n::Words;
use crate::look::Tokens;
use crate::net::City;
use crate::output::Output;
use bevy::prelude::*;
use bevy_egui::egui::{CornerRadius, Id, LayerId, Order, Rect, Stroke, StrokeKind, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::{AlarmView, CityAlarm, Mirror};

/// Name of its area.
const NAME: &str = "city-alarm";
const HEIGHT: f32 = 64.0;
const WIDTH_MAX: f32 = 760.0;
/// From the window's upper edge, and to what lies above it: the chips, the plate of the current world's own alarms.
const TOP: f32 = 134.0;
const GAP: f32 = 10.0;
/// Height of the upper bar of a view that fills the screen.
pub const BAR_H: f32 = 56.0;
/// Beside it on both sides: the compass.
const ASIDE: f32 = 60.0;
/// What the city, the world and its clock take of the upper bar.
const CLOCK: f32 = 450.0;

/// Shows the plate.
pub struct CityAlarmsPlugin;

impl Plugin for CityAlarmsPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, ring).add_overlay(draw_panel);
    }
}

/// Those that nobody has acknowledged, the first on the plate. In the running city itself they have a plate of their own,
/// unless something fills the screen before it (`aside`): a fork.
fn waiting(city: &City, aside: Option<&Words>) -> Vec<CityAlarm> {
    if city.world() != CityWorld::Live {
        let open = city.city_alarms().filter(|a| a.acknowledged.is_none());
        return open.cloned().collect();
    }
    let Some(words) = aside else {
        return Vec::new();
    };
    let waiting = alarm::waiting(&city.mirror).into_iter();
    let severe = waiting.filter(|a| a.severity == Severity::Severe);
    severe.map(|a| of_city(&city.mirror, a, words)).collect()
}

/// An alarm of the city that is known here as the city tells it to other worlds.
fn of_city(mirror: &Mirror, a: &AlarmView, words: &Words) -> CityAlarm {
    let case = match a.source {
        AlarmSource::Case(id) => mirror.cases.get(&id),
        AlarmSource::Sensor(_) => None,
    };
    let class = case.and_then(|c| case::class(mirror, c));
    let sensor = match a.source {
        AlarmSource::Sensor(id) => mirror.sensors.get(&id).map(|s| s.name.clone()),
        AlarmSource::Case(_) => None,
    };
    CityAlarm {
        id: a.id,
        source: a.source,
        severity: a.severity,
        title: class.map_or_else(|| sensor.unwrap_or_default(), |k| k.name.clone()),
        title_en: class.map_or_else(String::new, |k| k.name_en.clone()),
        words: alarm::alarm_words(mirror, a, words),
        address: case.map_or_else(String::new, |c| c.address.clone()),
        lon: a.lon,
        lat: a.lat,
        raised_at: a.raised_at,
        acknowledged: a.acknowledged.clone(),
        ended_at: a.ended_at,
    }
}

/// Rings for what is new while somebody is elsewhere, as the running city does.
fn ring(city: Res<City>, output: Res<Output>, mut heard: Local<Option<AlarmId>>) {
    if is_new(&city, &mut heard) && !output.is_headless() && can_ring() {
        ring_for(CityWorld::Live);
    }
}

/// True where the running city has raised an alarm since it was last asked.
fn is_new(city: &City, heard: &mut Option<AlarmId>) -> bool {
    let newest = waiting(city, None).iter().map(|a| a.id).max();
    let is_new = newest > *heard;
    *heard = newest.max(*heard);
    is_new
}

fn draw_panel(
    view: View,
    city: Res<City>,
    tokens: Res<Tokens>,
    claims: Res<Claims>,
    mut covered: ResMut<Covered>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    let all = waiting(&city, claims.whole_screen.then_some(s.words));
    if let Some(alarm) = all.first()
        && !is_picture(&s)
    {
        let live = WorldLook::new(&tokens, CityWorld::Live, s.words.lang());
        // Notices lie below the plate.
        let below: Vec<&str> = [NAME].into_iter().chain(NOTICES).collect();
        let opened = opened(&s.ctx, &below);
        let rect = if claims.whole_screen {
            let band = band(s.layout.screen, s.look.frame);
            let window = Rect::from_min_max(band.min, s.layout.screen.max);
            place(window, band.min.y, s.layout.top, &opened)
        } else {
            let taken: Vec<Rect> = covered.0.iter().copied().chain(opened).collect();
            let window = s.layout.window;
            place(window, window.min.y + TOP, s.layout.top, &taken)
        };
        plate(&s, &live, alarm, (all.len(), rect), &mut acts);
        covered.0.push(rect);
    }
}

/// A picture of a past moment: it shows nothing of the running city.
fn is_picture(s: &Scene<'_>) -> bool {
    s.picture && s.is_past()
}

/// True where an alarm of the running city waits while a view of its own fills the screen: its [`band`] is left free.
pub fn waits_over_all(s: &Scene<'_>, city: &City) -> bool {
    !is_picture(s) && !waiting(city, Some(s.words)).is_empty()
}

/// Where the plate lies over a view that fills the screen: below that view's upper bar, across its whole width.
pub fn band(screen: Rect, frame: f32) -> Rect {
    let inner = screen.shrink(frame);
    let top = inner.min.y + BAR_H + GAP;
    Rect::from_min_max(pos2(inner.min.x, top), pos2(inner.max.x, top + HEIGHT))
}

/// A place for the plate, not above `top`, below whatever lies on the map already: two alarms are read, not one over the
/// other, and a question not below an alarm. Where there is none left, in the bar along the upper edge, beside the clock, and where
/// even that is taken, over what is there: it comes from the city itself.
fn place(window: Rect, top: f32, bar: Rect, taken: &[Rect]) -> Rect {
    let width = (window.width() - 2.0 * ASIDE).min(WIDTH_MAX);
    let corner = pos2(window.center().x - width / 2.0, top);
    let usual = Rect::from_min_size(corner, vec2(width, HEIGHT));
    let under = |rect: Rect| taken.iter().find(|r| r.intersects(rect.expand(GAP - 1.0)));
    let mut rect = usual;
    while let Some(above) = under(rect) {
        rect = Rect::from_min_size(pos2(corner.x, above.max.y + GAP), usual.size());
    }
    if window.contains_rect(rect) {
        return rect;
    }
    let wide = (bar.width() - CLOCK).min(WIDTH_MAX) - 4.0;
    let beside = Rect::from_min_max(pos2(bar.max.x - 4.0 - wide, bar.min.y + 5.0), bar.max);
    let beside = Rect::from_min_max(beside.min, beside.max - vec2(4.0, 5.0));
    if taken.iter().any(|r| *r != bar && r.intersects(beside)) {
        usual
    } else {
        beside
    }
}

/// Draws the plate of an alarm into its place, with how many wait.
fn plate(
    s: &Scene<'_>,
    live: &WorldLook,
    a: &CityAlarm,
    (count, rect): (usize, Rect),
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    // Over whatever was opened since: where the two share a place, the city is heard.
    let layer = LayerId::new(Order::Foreground, Id::new(NAME));
    s.ctx.move_to_top(layer);
    area(&s.ctx, NAME, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        panel(&pen, rect);
        let stroke = Stroke::new(4.0, live.color);
        painter.rect_stroke(rect, CornerRadius::same(8), stroke, StrokeKind::Outside);
        let head = Rect::from_min_size(rect.min, vec2(HEIGHT, rect.height())).shrink(0.5);
        painter.rect_filled(head, CornerRadius::same(7), skin.severity(a.severity));
        pen.severity_in(head.center(), 10.0, a.severity, skin.on_light);
        let label = w.t("city_alarm.go");
        let id = Id::new(("city-alarm-go", a.id.0));
        let right = rect.max.x - 12.0;
        let (go, edge) = small_button(ui, &pen, right, rect.center().y, id, label, s.is_live());
        if go {
            out.push(TimeAct::Live);
        }
        let (x, room) = (head.max.x + 14.0, edge - head.max.x - 28.0);
        let title = w.name(&a.title, &a.title_en);
        let more = match count {
            1 => String::new(),
            n => w.n("city_alarm.more", n - 1),
        };
        let first = [
            span(w.t("city_alarm.live"), skin.bold(Role::Row), live.color),
            span(
                severity_word(a.severity, w),
                skin.bold(Role::Row),
                skin.severity(a.severity),
            )
            .after(8.0),
            span(title, skin.bold(Role::Row), skin.t1).after(8.0),
            span(&more, skin.regular(Role::Small), skin.t2).after(10.0),
        ];
        pen.spans(pos2(x, rect.center().y - 11.0), room, &first);
        let words = [
            a.words.as_str(),
            a.address.as_str(),
            &s.time.hms(a.raised_at),
        ]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
        let at = pos2(x, rect.center().y + 11.0);
        pen.left_within(at, room, &words, skin.regular(Role::Body), skin.t2);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::desk::Desk;
    use crate::panels::pictures::Setting;
    use bevy_egui::egui::Key;
    use chengtu_engine::ids::CaseId;
    use chengtu_engine::model::Actor;
    use chengtu_engine::stream::ServerMessage;
    use std::time::Instant;

    fn alarm(id: u64) -> CityAlarm {
        CityAlarm {
            id: AlarmId(id),
            source: AlarmSource::Case(CaseId(9)),
            severity: Severity::Severe,
            title: "道路塌陷".into(),
            title_en: "Road collapse".into(),
            words: "有人被困".into(),
            address: "珠江路 9 号".into(),
            lon: 118.78,
            lat: 32.04,
            raised_at: crate::panels::model::sample::NOW,
            acknowledged: None,
            ended_at: None,
        }
    }

    fn send(desk: &mut Desk, alarms: Vec<CityAlarm>) {
        let message = ServerMessage::CityAlarms { alarms, more: 0 };
        let taken = desk.city().take(&message, Instant::now());
        assert!(taken.is_ok());
        desk.settle();
    }

    #[test]
    fn a_live_alarm_is_seen_in_every_other_world_and_one_key_goes_there() {
        for world in [CityWorld::Replay(1), CityWorld::Drill(1)] {
            let mut desk = Desk::new(Setting {
                world,
                ..Setting::default()
            });
            send(&mut desk, vec![alarm(7), alarm(5)]);
            for words in ["实时告警", "特急", "道路塌陷", "有人被困", "另有 1 条"]
            {
                assert!(desk.says(words), "{world:?}: {words}");
            }
            desk.asked::<TimeAct>();
            desk.key(Key::End);
            assert!(
                desk.asked::<TimeAct>().contains(&TimeAct::Live),
                "{world:?}"
            );
            // Acknowledged by somebody: it goes.
            let acknowledged = Some((Actor::System, crate::panels::model::sample::NOW));
            send(
                &mut desk,
                vec![CityAlarm {
                    acknowledged,
                    ..alarm(7)
                }],
            );
            assert!(!desk.says("道路塌陷"));
        }
        let mut desk = Desk::new(Setting::default());
        send(&mut desk, vec![alarm(7)]);
        assert!(!desk.says("实时告警"), "the running city has its own plate");
    }
    /// An alarm of the running city was silent in every other world.
    #[test]
    fn a_live_alarm_is_heard_once_in_another_world() {
        let mut desk = Desk::new(Setting {
            world: CityWorld::Replay(1),
            ..Setting::default()
        });
        let heard = &mut None;
        assert!(!is_new(&desk.city(), heard), "nothing has been raised");
        send(&mut desk, vec![alarm(7), alarm(5)]);
        assert!(is_new(&desk.city(), heard));
        assert!(!is_new(&desk.city(), heard), "it has been heard");
        send(&mut desk, vec![alarm(9)]);
        assert!(is_new(&desk.city(), heard));
    }

    #[test]
    fn the_plate_lies_on_nothing_else_in_any_world_at_any_size() {
        use crate::panels::console::{Covered, Frame};
        use crate::panels::pictures::{States, drilled};
        use chengtu_engine::drill::Seat;
        let nothing: fn(&mut States) = |_| {};
        for (world, prepare) in [
            (CityWorld::Replay(1), nothing),
            (CityWorld::Drill(1), |st| drilled(st, Seat::Participant)),
            // With its briefing.
            (CityWorld::Drill(1), |st| {
                drilled(st, Seat::Participant);
                let view = st.drill.view.as_mut();
                view.unwrap().phase = chengtu_engine::drill::DrillPhase::Preparing;
            }),
            (CityWorld::Drill(1), |st| drilled(st, Seat::Director)),
        ] {
            for size in [[1_280.0, 720.0], [1_600.0, 900.0], [1_920.0, 1_080.0]] {
                let mut desk = Desk::new(Setting {
                    size,
                    world,
                    prepare,
                    ..Setting::default()
                });
                send(&mut desk, vec![alarm(7)]);
                let world = desk.app.world();
                let (all, frame) = (&world.resource::<Covered>().0, world.resource::<Frame>());
                let tall = |r: &&Rect| r.height() == HEIGHT && r.width() <= WIDTH_MAX;
                let mine = *all.iter().rev().find(tall).unwrap();
                assert!(frame.layout.window.contains_rect(mine), "{size:?}: {mine}");
                let others = all.iter().filter(|r| **r != mine);
                let on: Vec<_> = others.filter(|r| r.intersects(mine)).collect();
                assert!(on.is_empty(), "{size:?}: {mine} on {on:?}");
            }
        }
    }
    type Open = Box<dyn Fn(&mut Desk)>;

    /// What a desk may have open when the city calls, and how it is opened.
    fn openings() -> Vec<(&'static str, Open)> {
        use crate::panels::director::{Drawer, DrillState};
        let drawer = |d: Drawer| -> Open {
            Box::new(move |desk| {
                desk.app.world_mut().resource_mut::<DrillState>().toggle(d);
            })
        };
        vec![
            ("fire", drawer(Drawer::Fire)),
            ("rewind", drawer(Drawer::Rewind)),
            ("notes", drawer(Drawer::Notes)),
            ("score", drawer(Drawer::Score)),
            ("end", drawer(Drawer::End)),
            ("ghost", drawer(Drawer::Ghost)),
            ("question", Box::new(|desk| desk.shift(Key::P))),
            (
                "search",
                Box::new(|desk| desk.press(&[(Key::K, bevy_egui::egui::Modifiers::COMMAND)])),
            ),
        ]
    }

    #[test]
    fn nothing_that_is_opened_hides_the_plate_or_is_hidden_by_it() {
        use crate::panels::pictures::drilled;
        use chengtu_engine::drill::Seat;
        for lang in [crate::i18n::Lang::Zh, crate::i18n::Lang::En] {
            for size in [[1_280.0, 720.0], [1_920.0, 1_080.0]] {
                for (name, open) in openings() {
                    let mut desk = Desk::new(Setting {
                        size,
                        lang,
                        world: CityWorld::Drill(1),
                        prepare: |st| drilled(st, Seat::Director),
                        ..Setting::default()
                    });
                    open(&mut desk);
                    desk.settle();
                    let opened = desk.inks.len();
                    send(&mut desk, vec![alarm(7)]);
                    desk.settle();
                    let title = if lang == crate::i18n::Lang::Zh {
                        "道路塌陷"
                    } else {
                        "Road collapse"
                    };
                    let plate: Vec<_> = desk.inks.iter().filter(|t| t.words == title).collect();
                    let at = format!("{name} {lang:?} {size:?}");
                    assert!(plate.len() == 1 && !plate[0].covered, "{at}: not seen");
                    let seen = plate[0].seen();
                    let over = |t: &&crate::panels::inks::Ink| {
                        t.words != title && t.seen().intersect(seen).is_positive()
                    };
                    let on: Vec<_> = desk.inks.iter().filter(over).map(|t| &t.words).collect();
                    assert!(on.is_empty(), "{at}: on {on:?}");
                    assert!(opened > 0);
                    let (layers, plate) = layers(&desk);
                    for r in layers {
                        let both = r.intersect(plate);
                        assert!(!both.is_positive(), "{at}: {r} and the plate {plate}");
                    }
                }
            }
        }
    }

    /// It lay over the upper edge of both maps, and hid what was said there.
    #[test]
    fn in_a_fork_the_plate_has_a_band_of_its_own_above_both_maps() {
        use crate::panels::fork::ForkState;
        use crate::panels::model::sample_fork;
        for size in [[1_280.0, 720.0], [1_920.0, 1_080.0], [3_840.0, 2_160.0]] {
            let mut desk = Desk::new(Setting {
                size,
                world: CityWorld::Replay(1),
                prepare: |st| sample_fork::open(&mut st.fork),
                ..Setting::default()
            });
            desk.settle();
            let heights = |desk: &Desk| {
                let view = desk.app.world().resource::<ForkState>().view.as_ref();
                view.unwrap().panes.each_ref().map(|p| p.camera.viewport.y)
            };
            let before = heights(&desk);
            let heading = |desk: &Desk| {
                let found = desk.inks.iter().find(|t| t.words.starts_with("自 "));
                found.map(super::super::inks::Ink::seen).expect("a heading")
            };
            let above = heading(&desk);
            send(&mut desk, vec![alarm(7)]);
            desk.settle();
            let (_, plate) = layers(&desk);
            assert_eq!(heights(&desk), before.map(|h| h - HEIGHT - GAP), "{size:?}");
            let below = heading(&desk);
            assert_eq!(below.min.y - above.min.y, HEIGHT + GAP, "{size:?}");
            assert!(plate.max.y < below.min.y, "{size:?}: {plate} {below}");
            for t in desk.inks.iter().filter(|t| t.seen().intersects(plate)) {
                assert!(plate.contains_rect(t.seen()), "{size:?}: {} on it", t.words);
            }
        }
    }

    /// The areas of what is opened, and the plate's own.
    fn layers(desk: &Desk) -> (Vec<Rect>, Rect) {
        let ctx = &desk
            .app
            .world()
            .resource::<crate::panels::console::Screen>()
            .0;
        let plate = ctx.memory(|m| m.area_rect(Id::new(NAME))).unwrap();
        (opened(ctx, &[NAME]), plate)
    }

    #[test]
    fn a_severe_alarm_is_a_plate_over_a_fork_too() {
        use crate::panels::model::sample_fork;
        let mut desk = Desk::new(Setting {
            prepare: |st| sample_fork::open(&mut st.fork),
            ..Setting::default()
        });
        desk.settle();
        for words in ["实时告警", "特急", "异响 下沉"] {
            assert!(desk.says(words), "{words}");
        }
        desk.key(Key::End);
        assert!(!desk.says("分叉推演"), "the way home is one key");
    }
}

//! A step by event says which event it came to: a plate above the bar, while the clock stands there.

use super::moments;
use super::scene::TimeScene;
use super::state::{Step, TimeBar};
use crate::net::{Chronicle, Connection};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel};
use bevy_egui::egui::{Context, Order, Rect, pos2, vec2};
use chengtu_engine::replay::Moment;
use chengtu_engine::time::Timestamp;

/// Most events of one moment that are counted.
const EVENTS_MAX: u16 = 20;

/// The events that a step came to, while the clock stands there.
fn events(step: Step, now: Timestamp, chronicle: &Chronicle) -> Option<&[Moment]> {
    let (_, request) = step.came_to.filter(|(at, _)| *at == now)?;
    chronicle.moments(request).filter(|list| !list.is_empty())
}

/// Asks what happened at the moment that a step came to.
pub(super) fn ask(bar: &mut TimeBar, now: Timestamp, stands: bool, connection: &Connection) {
    if let Some(step) = &mut bar.step
        && step.came_to.is_none()
        && stands
        && now != step.from
    {
        let request = connection.moments(None, now, now, EVENTS_MAX);
        step.came_to = Some((now, request));
    }
    // Anywhere else there is nothing to be said of it.
    if let Some(Step {
        came_to: Some((at, _)),
        ..
    }) = bar.step
        && at != now
    {
        bar.step = None;
    }
}

/// Draws the plate.
pub(super) fn draw(ctx: &Context, s: &TimeScene<'_>, st: &TimeBar) {
    let Some(events) = st.step.and_then(|step| events(step, s.now, s.chronicle)) else {
        return;
    };
    let words = moments::words(s, &events[0]);
    let what = words.lines().next().unwrap_or_default();
    let first = &format!("{what}  {}", moments::thing_words(s, events[0].thing));
    let text = match events.len() {
        1 => first.clone(),
        more => s.words.f(
            "time.step_and_more",
            &[("first", first), ("n", &(more - 1).to_string())],
        ),
    };
    let probe = ctx.layer_painter(bevy_egui::egui::LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin: s.skin,
    };
    let font = s.skin.regular(Role::Body);
    let bar = s.layout.time;
    let width = (pen.width(&text, font.clone()).ceil() + 36.0).min(bar.width() - 32.0);
    let rect = Rect::from_center_size(
        pos2(s.layout.window.center().x, bar.min.y - 28.0),
        vec2(width, 36.0),
    );
    area(ctx, "time-step", rect, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        let at = pos2(rect.min.x + 16.0, rect.center().y);
        pen.left_within(at, width - 32.0, &text, font, s.skin.t1);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{self, COVER};
    use crate::panels::pictures::Setting;
    use crate::panels::time::TimeBar;
    use chengtu_engine::ids::ThingId;
    use chengtu_engine::record::World;
    use chengtu_engine::replay::MomentKind;
    use chengtu_engine::stream::ServerMessage;

    #[test]
    fn a_step_says_which_event_it_came_to() {
        let mut desk = Desk::new(Setting {
            world: World::Replay(1),
            selection: Selection::None,
            ..Setting::default()
        });
        let moment = Moment {
            seq: 1,
            thing: ThingId::Case(COVER),
            kind: MomentKind::Dispatched,
            time: sample::NOW,
            occurred_at: sample::NOW,
            other: None,
            by: "周岚".into(),
        };
        let mut bar = desk.app.world_mut().resource_mut::<TimeBar>();
        bar.step = Some(Step {
            from: sample::NOW.plus_seconds(-9),
            came_to: Some((sample::NOW, 4_000)),
        });
        desk.frame(vec![]);
        assert!(!desk.says("周岚 等"), "nothing before the answer");
        let moments = vec![moment.clone(), moment];
        let mut chronicle = desk.app.world_mut().resource_mut::<Chronicle>();
        chronicle.take(&ServerMessage::Moments {
            request: 4_000,
            moments,
        });
        desk.settle();
        assert!(desk.says("另有 1 件"));
        // Anywhere else there is nothing to be said of it.
        let bar = desk.app.world().resource::<TimeBar>();
        let step = bar.step.expect("the clock stands there");
        let chronicle = desk.app.world().resource::<Chronicle>();
        assert!(events(step, sample::NOW.plus_seconds(1), chronicle).is_none());
    }
}

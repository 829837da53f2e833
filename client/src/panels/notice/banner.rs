//! The line is cut: since when, and when it is tried again; and notices of the server.

use super::NoticeState;
use crate::i18n::short_span;
use crate::panels::console::{Covered, Link, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::area;
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, Vec2, pos2, vec2};
use std::ops::Deref;

/// Draws banners below the top bar and the plate of alarms, in the middle of the map's window. Returns where the next
/// may begin.
pub fn draw(ctx: &Context, s: &Scene<'_>, st: &mut NoticeState, covered: &mut Covered) -> f32 {
    let w = s.words;
    let room = &mut Room { scene: s, covered };
    let mut y = s.layout.window.min.y + 210.0;
    if let Link::Lost {
        since, next_try, ..
    } = &s.link
    {
        let title = if s.last_word.0 > 0 {
            w.f(
                "link.lost_since",
                &[
                    ("time", &s.time.when_exactly(s.now, s.now)),
                    ("span", &short_span(since.as_secs_f64(), w)),
                ],
            )
        } else {
            w.t("link.never").to_string()
        };
        let retry = match next_try {
            Some(t) if t.as_secs_f32() > 0.05 => {
                w.n("link.retry_in", t.as_secs_f32().ceil() as u32)
            }
            _ => w.t("link.retrying").to_string(),
        };
        y = banner(ctx, room, "link-lost", y, &title, &retry, true);
    } else if s.link == Link::Connecting && !s.mirror.is_ready() {
        y = banner(
            ctx,
            room,
            "link-connecting",
            y,
            w.t("link.connecting"),
            "",
            false,
        );
    }
    // What was said on the way to a moment is no part of its picture.
    if let Some((text, _)) = st.notice.as_ref().filter(|_| !(s.picture && s.is_past())) {
        y = banner(ctx, room, "server-notice", y, text, "", false);
    }
    if let Some(info) = s.info.as_ref().filter(|i| st.read != Some(i.world)) {
        let text = w.name(&info.notice, &info.notice_en);
        if !text.is_empty() {
            let (read, below) = world_notice(ctx, room, y, text);
            if read {
                st.read = Some(info.world);
            }
            y = below;
        }
    }
    y
}

/// What a banner is laid out in: the scene, and what lies over the map so far.
struct Room<'a> {
    scene: &'a Scene<'a>,
    covered: &'a mut Covered,
}

impl Room<'_> {
    /// A place from `y` down; what comes later, and what is written on the map, keeps off it.
    fn take_below(&mut self, y: f32, size: Vec2) -> Rect {
        let rect = self.covered.place_below(self.scene.layout.window, y, size);
        self.covered.0.push(rect);
        rect
    }
}

impl<'a> Deref for Room<'a> {
    type Target = Scene<'a>;

    fn deref(&self) -> &Scene<'a> {
        self.scene
    }
}

/// From one banner to the next, logical pixels.
const GAP: f32 = 8.0;

/// What is to be known of this world, until it is put away. True when it is, and where the next may begin.
fn world_notice(ctx: &Context, s: &mut Room<'_>, y: f32, text: &str) -> (bool, f32) {
    let skin = s.skin;
    let inner = (s.layout.window.width() - 120.0).min(760.0);
    let font = skin.regular(Role::Body);
    let probe = ctx.layer_painter(bevy_egui::egui::LayerId::background());
    let galley = probe.layout(text.to_string(), font.clone(), skin.t1, inner - 76.0);
    let wide = galley.size().x + 76.0;
    let size = vec2(wide, galley.size().y.max(18.0) + 22.0);
    let rect = s.take_below(y, size);
    let read = area(ctx, "world-notice", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        crate::panels::widgets::panel(&pen, rect);
        let edge = Rect::from_min_size(rect.min + vec2(1.0, 6.0), vec2(3.0, rect.height() - 12.0));
        painter.rect_filled(edge, CornerRadius::same(1), skin.contour);
        let at = rect.min + vec2(20.0, 11.0);
        pen.wrapped(at, inner - 76.0, text, font, skin.t1, 18.0);
        let cross =
            Rect::from_center_size(pos2(rect.max.x - 22.0, rect.min.y + 20.0), vec2(28.0, 28.0));
        let response =
            crate::panels::widgets::press(ui, cross, Id::new("world-notice-read"), &pen, 6);
        let color = if response.hovered() { skin.t1 } else { skin.t3 };
        pen.cross(cross.center(), 4.0, color);
        response.clicked()
    });
    (read, rect.max.y + GAP)
}

fn banner(
    ctx: &Context,
    s: &mut Room<'_>,
    name: &str,
    y: f32,
    title: &str,
    detail: &str,
    lost: bool,
) -> f32 {
    let skin = s.skin;
    let probe = ctx.layer_painter(bevy_egui::egui::LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin,
    };
    let width =
        pen.width(title, skin.bold(Role::Row)) + pen.width(detail, skin.regular(Role::Body)) + 64.0;
    let width = width.min(s.layout.window.width() - 24.0);
    let size = vec2(width, 40.0);
    let rect = s.take_below(y, size);
    area(ctx, name, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        crate::panels::widgets::panel(&pen, rect);
        let edge = Rect::from_min_size(rect.min + vec2(1.0, 6.0), vec2(3.0, rect.height() - 12.0));
        let color = if lost { skin.late } else { skin.t3 };
        painter.rect_filled(edge, CornerRadius::same(1), color);
        let spans = [
            span(title, skin.bold(Role::Row), skin.t1),
            span(detail, skin.regular(Role::Body), skin.t2).after(14.0),
        ];
        pen.spans(
            pos2(rect.min.x + 20.0, rect.center().y),
            width - 36.0,
            &spans,
        );
    });
    rect.max.y + GAP
}

#[cfg(test)]
mod tests {
    use crate::i18n::{Lang, Words};
    use crate::panels::desk::Desk;
    use crate::panels::model::{sample, sample_drill};
    use crate::panels::pictures::{Setting, States, run};
    use bevy_egui::egui::Rect;
    use chengtu_engine::drill::{DrillPhase, Seat};
    use chengtu_engine::record::World;

    fn told(st: &mut States, phase: DrillPhase) {
        let mut view = sample_drill::view(Seat::Participant);
        view.phase = phase;
        st.drill.view = Some(Box::new(view));
        st.drill.late = phase == DrillPhase::Running;
    }

    /// A callout of the map lay half under the banner of a lost line.
    #[test]
    fn what_is_written_on_the_map_keeps_off_a_banner() {
        use crate::panels::console::Link;
        use std::time::Duration;
        let drawn = run(&Setting {
            link: Link::Lost {
                since: Duration::from_secs(9),
                next_try: None,
                reason: String::new(),
            },
            ..Setting::default()
        });
        let words = Words::shipped(Lang::Zh).unwrap();
        let begins = words
            .t("link.lost_since")
            .split('{')
            .next()
            .unwrap()
            .to_owned();
        let banner = drawn.texts.iter().find(|t| t.0.contains(&begins)).unwrap();
        let covers = |r: &&Rect| r.contains_rect(banner.1) && r.height() < 80.0;
        assert!(
            drawn.covered.iter().any(|r| covers(&r)),
            "{:?}",
            drawn.covered
        );
    }

    /// The notice of the world lay over the brief of the drill, and who came late had none.
    #[test]
    fn a_notice_lies_beside_the_brief_and_who_comes_late_is_briefed() {
        let prepares: [fn(&mut States); 2] = [
            |st| told(st, DrillPhase::Preparing),
            |st| told(st, DrillPhase::Running),
        ];
        for size in [[1_280.0, 720.0], [1_920.0, 1_080.0]] {
            for lang in [Lang::Zh, Lang::En] {
                for prepare in prepares {
                    let mut desk = Desk::new(Setting {
                        name: "brief",
                        size,
                        lang,
                        world: World::Drill(1),
                        prepare,
                        ..Setting::default()
                    });
                    desk.settle();
                    let words = Words::shipped(lang).unwrap();
                    let find = |text: &str| {
                        let found = desk.texts.iter().find(|(t, _)| t.contains(text));
                        found
                            .unwrap_or_else(|| panic!("{size:?} {lang:?}: no {text:?}"))
                            .1
                    };
                    let card = find(words.t("drill.brief"));
                    let view = sample_drill::view(Seat::Participant);
                    let brief = words.name(&view.brief, &view.brief_en);
                    let brief = find(&brief.chars().take(12).collect::<String>());
                    let notice = find(if lang == Lang::Zh {
                        "记录有 1 处"
                    } else {
                        "The log has 1"
                    });
                    let all: [Rect; 2] = [card, brief];
                    for text in all {
                        assert!(!notice.expand(8.0).intersects(text), "{size:?} {lang:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_notice_of_a_world_lies_on_no_word_of_the_briefing() {
        for lang in [Lang::Zh, Lang::En] {
            let drawn = run(&Setting {
                size: [1_280.0, 720.0],
                lang,
                world: World::Drill(1),
                prepare: |st| {
                    let mut view = sample_drill::view(Seat::Participant);
                    view.phase = DrillPhase::Preparing;
                    st.drill.view = Some(Box::new(view));
                },
                ..Setting::default()
            });
            let words = Words::shipped(lang).unwrap();
            let info = sample::info(World::Drill(1), None);
            let place = |text: &str| {
                let found = drawn.texts.iter().find(|t| t.0.replace('\n', "") == text);
                found
                    .unwrap_or_else(|| panic!("{text}: {:?}", drawn.texts))
                    .1
            };
            let notice = place(words.name(&info.notice, &info.notice_en)).expand(12.0);
            let waits = place(words.t("drill.waits"));
            assert!(!notice.intersects(waits), "{lang:?}: {notice} on {waits}");
        }
    }
}

//! The line is cut: since when, and when it is tried again; and notices of the server.

use super::NoticeState;
use crate::i18n::short_span;
use crate::panels::console::{Link, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::area;
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, pos2, vec2};

/// Draws banners below the top bar and the plate of alarms, in the middle of the map's window. Returns where the next
/// may begin.
pub fn draw(ctx: &Context, s: &Scene<'_>, st: &mut NoticeState, covered: &mut Vec<Rect>) -> f32 {
    let w = s.words;
    let mut y = first_free(s.layout.window, covered);
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
        y = banner(ctx, s, ("link-lost", y), &title, &retry, true, covered);
    } else if s.link == Link::Connecting && !s.mirror.is_ready() {
        let words = w.t("link.connecting");
        y = banner(ctx, s, ("link-connecting", y), words, "", false, covered);
    }
    // What was said on the way to a moment is no part of its picture.
    if let Some((text, _)) = st.notice.as_ref().filter(|_| !(s.picture && s.is_past())) {
        y = banner(ctx, s, ("server-notice", y), text, "", false, covered);
    }
    if let Some(info) = s.info.as_ref().filter(|i| st.read != Some(i.world)) {
        let text = w.name(&info.notice, &info.notice_en);
        if !text.is_empty() {
            let (read, rect) = world_notice(ctx, s, y, text);
            covered.push(rect);
            if read {
                st.read = Some(info.world);
            }
            y = rect.max.y + 8.0;
        }
    }
    y
}

/// Where notices begin: below whatever lies on the map already (a briefing, plates), where there is room for one.
fn first_free(window: Rect, covered: &[Rect]) -> f32 {
    let usual = window.min.y + 210.0;
    let at = |y| Rect::from_center_size(pos2(window.center().x, y + 22.0), vec2(420.0, 44.0));
    let mut y = usual;
    while let Some(under) = covered.iter().find(|r| r.intersects(at(y))) {
        y = under.max.y + 8.0;
    }
    if y + 44.0 < window.max.y { y } else { usual }
}

/// What is to be known of this world, until it is put away. True when it is, and where it lies.
fn world_notice(ctx: &Context, s: &Scene<'_>, y: f32, text: &str) -> (bool, Rect) {
    let skin = s.skin;
    let inner = (s.layout.window.width() - 120.0).min(760.0);
    let font = skin.regular(Role::Body);
    let probe = ctx.layer_painter(bevy_egui::egui::LayerId::background());
    let galley = probe.layout(text.to_string(), font.clone(), skin.t1, inner - 76.0);
    let wide = galley.size().x + 76.0;
    let rect = Rect::from_min_size(
        pos2(s.layout.window.center().x - wide / 2.0, y),
        vec2(wide, galley.size().y.max(18.0) + 22.0),
    );
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
    (read, rect)
}

fn banner(
    ctx: &Context,
    s: &Scene<'_>,
    (name, y): (&str, f32),
    title: &str,
    detail: &str,
    lost: bool,
    covered: &mut Vec<Rect>,
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
    let rect = Rect::from_min_size(
        pos2(s.layout.window.center().x - width / 2.0, y),
        vec2(width, 40.0),
    );
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
    covered.push(rect);
    rect.max.y + 8.0
}

#[cfg(test)]
mod tests {
    use crate::i18n::{Lang, Words};
    use crate::panels::model::{sample, sample_drill};
    use crate::panels::pictures::{Setting, run};
    use chengtu_engine::drill::{DrillPhase, Seat};
    use chengtu_engine::record::World;

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

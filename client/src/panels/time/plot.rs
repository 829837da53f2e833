//! The past along a line: cases and alarms, grave moments, bookmarks, events of what is chosen, what is missing.

use super::axis::Axis;
use super::chips::{playhead, ribbon};
use super::counts;
use super::lanes::{LABELS_W, Lanes};
use super::moments;
use super::scene::TimeScene;
use super::state::TimeBar;
use super::state::{TimeAct, selection_of, thing_of};
use crate::facts::desk::desk_name;
use crate::panels::console::Acts;
use crate::panels::map::MapAct;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::world::{Pattern, WorldLook};
use bevy_egui::egui::{
    Color32, CornerRadius, CursorIcon, Id, PointerButton, Pos2, Rect, Response, Sense, Stroke, Ui,
    pos2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::replay::Timeline;
use chengtu_engine::time::Timestamp;

/// Grave moments nearer to the pointer than this are meant by it, logical pixels.
const REACH: f32 = 7.0;

/// Draws the lanes and lets the hand move through them.
pub fn draw(
    ui: &mut Ui,
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &mut TimeBar,
    world: &WorldLook,
    lanes: &Lanes,
    out: &mut Acts,
) {
    // A bar too narrow for its own labels has no room for a plot.
    if !lanes.plot.is_positive() {
        return;
    }
    let axis = st.axis;
    let skin = s.skin;
    let clip = pen
        .painter
        .with_clip_rect(lanes.plot.expand2(bevy_egui::egui::vec2(0.0, 22.0)));
    let inner = Pen {
        painter: &clip,
        skin,
    };
    ground(&inner, s, st, world, lanes, &axis);
    scale(&inner, s, world, lanes, &axis);
    let timeline = s.timeline;
    if let Some(t) = timeline {
        counts::draw(&inner, s, lanes, &axis, t);
        gaps(&inner, s, lanes, &axis, t);
        grave(&inner, lanes, &axis, t);
    }
    names(pen, s, world, lanes);
    bookmarks(&inner, s, lanes, &axis);
    moments::lane(&inner, s, st, lanes.chosen, |t| lanes.x(&axis, t));
    let response = ui.interact(lanes.plot, Id::new("time-plot"), Sense::click_and_drag());
    hand(ui, s, st, lanes, &response, out);
    hover(&inner, s, st, world, lanes, &response);
    let now = st.shown(s.now);
    if axis.holds(now) {
        let x = lanes.x(&axis, now);
        playhead(&clip, x, lanes.plot.min.y, lanes.plot.max.y, world.color);
        if st.hand.held.is_some() {
            let label = s.time.when_exactly(now, s.now);
            flag(&inner, world, pos2(x, lanes.plot.max.y + 10.0), &label);
        }
    }
}

fn flag(pen: &Pen<'_>, world: &WorldLook, middle: Pos2, text: &str) {
    let font = pen.skin.bold(Role::Small);
    let width = pen.width(text, font.clone()) + 14.0;
    let size = bevy_egui::egui::vec2(width, 18.0);
    let rect = Rect::from_center_size(middle, size);
    pen.painter
        .rect_filled(rect, CornerRadius::same(4), world.color);
    pen.centre(rect.center(), text, font, pen.skin.on_light);
}

/// What is past, and where the log begins and ends.
fn ground(
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &TimeBar,
    world: &WorldLook,
    lanes: &Lanes,
    axis: &Axis,
) {
    let plot = lanes.plot;
    let now = lanes.x(axis, st.shown(s.now));
    let past = Rect::from_min_max(
        plot.min,
        pos2(now.min(plot.max.x).max(plot.min.x), plot.max.y),
    );
    if past.is_positive() {
        pen.painter
            .rect_filled(past, CornerRadius::ZERO, past_ground(pen, world));
    }
    let log = s.timeline.map(|t| (t.log_from, t.log_to));
    let log = s.clock.map(|c| (c.from, c.to)).or(log);
    if let Some((from, to)) = log {
        let (a, b) = (lanes.x(axis, from), lanes.x(axis, to));
        for (x0, x1) in [(plot.min.x, a), (b, plot.max.x)] {
            let r = Rect::from_min_max(pos2(x0, plot.min.y), pos2(x1, plot.max.y)).intersect(plot);
            if r.is_positive() {
                pen.painter
                    .rect_filled(r, CornerRadius::ZERO, pen.skin.void);
            }
        }
    }
    for y in [lanes.counts.max.y, lanes.marks.max.y, plot.max.y] {
        pen.hline(plot.min.x, plot.max.x, y, world.grid);
    }
}

/// Ground of what is past: the world's own, and in the running city one step above the bar's.
fn past_ground(pen: &Pen<'_>, world: &WorldLook) -> Color32 {
    match world.pattern {
        Pattern::Solid => pen.skin.inset,
        Pattern::Film | Pattern::Double | Pattern::Hatched => world.chip,
    }
}

fn scale(pen: &Pen<'_>, s: &TimeScene<'_>, world: &WorldLook, lanes: &Lanes, axis: &Axis) {
    let plot = lanes.plot;
    for tick in axis.ticks(plot.width(), &s.time) {
        let x = plot.min.x + plot.width() * tick.share;
        let color = if tick.strong { world.line } else { world.grid };
        pen.vline(x, plot.min.y, plot.max.y + 4.0, color);
        let (font, text) = if tick.strong {
            (pen.skin.bold(Role::Small), pen.skin.t2)
        } else {
            (pen.skin.regular(Role::Small), world.text_3)
        };
        let half = pen.width(&tick.label, font.clone()) / 2.0;
        if x - half >= plot.min.x - 4.0 && x + half <= plot.max.x + 4.0 {
            pen.centre(pos2(x, plot.max.y + 11.0), &tick.label, font, text);
        }
    }
}

fn gaps(pen: &Pen<'_>, s: &TimeScene<'_>, lanes: &Lanes, axis: &Axis, t: &Timeline) {
    for (from, to, why) in &t.gaps {
        let (x0, x1) = (lanes.x(axis, *from), lanes.x(axis, *to));
        let rect = Rect::from_min_max(
            pos2(x0, lanes.plot.min.y),
            pos2(x1.max(x0 + 3.0), lanes.plot.max.y),
        )
        .intersect(lanes.plot);
        if !rect.is_positive() {
            continue;
        }
        pen.painter
            .rect_filled(rect, CornerRadius::ZERO, s.skin.void);
        pen.hatch(rect, s.skin.too_few);
        for x in [x0, x1] {
            pen.vline(x, rect.min.y, rect.max.y, s.skin.t3);
        }
        // The whole text if it fits, else the short one; the pointer shows the rest.
        let font = s.skin.regular(Role::Small);
        let whole = gap_words(s, *from, *to, why);
        let short = s.words.t("time.gap_short").to_string();
        let fits = [whole, short]
            .into_iter()
            .map(|words| (pen.width(&words, font.clone()) + 12.0, words))
            .find(|(width, _)| *width < rect.width());
        if let Some((width, words)) = fits {
            let plate = Rect::from_center_size(
                lanes.counts.center().clamp(rect.min, rect.max),
                bevy_egui::egui::vec2(width, 18.0),
            );
            let plate = plate.translate(bevy_egui::egui::vec2(
                rect.center().x - plate.center().x,
                0.0,
            ));
            pen.painter
                .rect_filled(plate, CornerRadius::same(4), s.skin.void);
            pen.centre(plate.center(), &words, font, s.skin.t2);
        }
    }
}

fn gap_words(s: &TimeScene<'_>, from: Timestamp, to: Timestamp, why: &str) -> String {
    s.words.f(
        "time.gap",
        &[
            ("from", &s.time.when(from, s.now)),
            ("to", &s.time.when(to, s.now)),
            ("why", why),
        ],
    )
}

fn grave(pen: &Pen<'_>, lanes: &Lanes, axis: &Axis, t: &Timeline) {
    // The gravest are painted last, over the others.
    let mut marks: Vec<_> = t.marks.iter().filter(|m| axis.holds(m.time)).collect();
    marks.sort_by_key(|m| (std::cmp::Reverse(m.severity), m.time));
    for m in marks {
        let at = pos2(lanes.x(axis, m.time), lanes.counts.min.y + 9.0);
        pen.severity(at, 4.6, m.severity);
    }
}

fn names(pen: &Pen<'_>, s: &TimeScene<'_>, world: &WorldLook, lanes: &Lanes) {
    let x = lanes.plot.min.x - LABELS_W + 24.0;
    let font = pen.skin.regular(Role::Small);
    let name = |lane: Rect, words: &str| {
        pen.left_within(
            pos2(x, lane.center().y),
            LABELS_W - 32.0,
            words,
            font.clone(),
            world.text_3,
        );
    };
    name(lanes.counts, s.words.t("time.lane_counts"));
    name(lanes.marks, s.words.t("time.lane_bookmarks"));
    let chosen = if thing_of(s.selection).is_some() {
        "time.lane_chosen"
    } else {
        "time.lane_nothing_chosen"
    };
    name(lanes.chosen, s.words.t(chosen));
}

fn bookmarks(pen: &Pen<'_>, s: &TimeScene<'_>, lanes: &Lanes, axis: &Axis) {
    let list = &s.chronicle.bookmarks;
    let y = lanes.marks.center().y;
    for (i, b) in list.iter().enumerate() {
        let x = lanes.x(axis, b.time);
        let next = list
            .get(i + 1)
            .map_or(lanes.plot.max.x, |n| lanes.x(axis, n.time) - 8.0);
        // One that lies before what is shown has no words here either: half of them would say nothing.
        if x < lanes.plot.min.x || x > lanes.plot.max.x {
            continue;
        }
        ribbon(pen.painter, pos2(x, y + 6.0), s.skin.t2);
        let room = next.min(lanes.plot.max.x) - x - 10.0;
        if room > 26.0 {
            let at = pos2(x + 10.0, y);
            pen.left_within(at, room, &b.note, s.skin.regular(Role::Small), s.skin.t2);
        }
    }
}

/// What the pointer does: seek, pan, zoom, choose a grave moment or a bookmark.
fn hand(
    ui: &Ui,
    s: &TimeScene<'_>,
    st: &mut TimeBar,
    lanes: &Lanes,
    response: &Response,
    out: &mut Acts,
) {
    let mut act = |a: TimeAct| out.push(a);
    let axis = st.axis;
    let other = |r: &Response| {
        r.dragged_by(PointerButton::Secondary) || r.dragged_by(PointerButton::Middle)
    };
    if other(response) {
        let by = f64::from(-response.drag_delta().x / lanes.plot.width());
        st.axis = axis.moved(by);
        st.hand.dragging_axis = true;
    } else if !response.dragged() {
        st.hand.dragging_axis = false;
    }
    if response.hovered() {
        let (scroll, shift) = ui.input(|i| (i.smooth_scroll_delta, i.modifiers.shift));
        if let Some(p) = response.hover_pos() {
            let share = f64::from((p.x - lanes.plot.min.x) / lanes.plot.width());
            if scroll.y != 0.0 && !shift {
                st.axis = st.axis.zoomed((f64::from(scroll.y) * 0.004).exp(), share);
            }
            let along = if shift { scroll.x + scroll.y } else { scroll.x };
            if along != 0.0 {
                st.axis = st.axis.moved(f64::from(-along / lanes.plot.width()));
            }
        }
    }
    let Some(p) = response
        .interact_pointer_pos()
        .filter(|_| s.may_drive() || !s.is_past())
    else {
        return;
    };
    let inside = p.x.clamp(lanes.plot.min.x, lanes.plot.max.x);
    if response.dragged_by(PointerButton::Primary) {
        let t = whole_second(lanes.at(&axis, inside));
        st.hand.held = Some(t);
        act(TimeAct::Scrub(t));
    } else if response.drag_stopped_by(PointerButton::Primary) {
        if let Some(t) = st.hand.held.take() {
            st.hand.landing = Some((t, std::time::Instant::now()));
            act(TimeAct::GoTo(t));
        }
    } else if response.clicked() {
        if let Some((t, thing)) = meant(s, st, lanes, p) {
            act(TimeAct::GoTo(t));
            if let Some(thing) = thing {
                out.push(MapAct::SelectAndFly(selection_of(thing)));
            }
        } else {
            act(TimeAct::GoTo(whole_second(lanes.at(&axis, inside))));
        }
    }
}

fn whole_second(t: Timestamp) -> Timestamp {
    Timestamp::from_seconds(t.0.div_euclid(1_000_000))
}

/// The grave moment, bookmark or event under the pointer.
fn meant(
    s: &TimeScene<'_>,
    st: &TimeBar,
    lanes: &Lanes,
    p: Pos2,
) -> Option<(Timestamp, Option<chengtu_engine::ids::ThingId>)> {
    let axis = &st.axis;
    let near = |t: Timestamp| (lanes.x(axis, t) - p.x).abs();
    if lanes.marks.contains(p) {
        let found = s.chronicle.bookmarks.iter().map(|b| b.time);
        let found = found.min_by(|a, b| near(*a).total_cmp(&near(*b)))?;
        return (near(found) < REACH).then_some((found, None));
    }
    if lanes.chosen.contains(p) {
        let m = moments::nearest(s, st, near)?;
        return (near(m.time) < REACH).then_some((m.time, None));
    }
    if p.y < lanes.counts.min.y + 18.0 {
        let marks = &s.timeline?.marks;
        let found = marks
            .iter()
            .min_by(|a, b| near(a.time).total_cmp(&near(b.time)))?;
        return (near(found.time) < REACH).then_some((found.time, Some(found.thing)));
    }
    None
}

fn hover(
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &TimeBar,
    world: &WorldLook,
    lanes: &Lanes,
    response: &Response,
) {
    let Some(p) = response.hover_pos().filter(|_| st.hand.held.is_none()) else {
        return;
    };
    let axis = &st.axis;
    let t = lanes.at(axis, p.x);
    let stroke = Stroke::new(1.0, world.text_3);
    let x = p.x.round() + 0.5;
    pen.painter.line_segment(
        [pos2(x, lanes.plot.min.y), pos2(x, lanes.plot.max.y)],
        stroke,
    );
    let text = describe(s, st, lanes, p, t);
    response
        .clone()
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text_at_pointer(text);
}

/// What is to be said of a place in the plot.
fn describe(s: &TimeScene<'_>, st: &TimeBar, lanes: &Lanes, p: Pos2, t: Timestamp) -> String {
    let axis = &st.axis;
    let near = |t: Timestamp| (lanes.x(axis, t) - p.x).abs();
    if let Some((from, to, why)) = s
        .timeline
        .and_then(|l| l.gaps.iter().find(|(a, b, _)| *a <= t && t <= *b))
    {
        return gap_words(s, *from, *to, why);
    }
    if lanes.marks.contains(p)
        && let Some(b) = s.chronicle.bookmarks.iter().find(|b| near(b.time) < REACH)
    {
        let when = s.time.when_exactly(b.time, s.now);
        return format!("{when}  {}\n{}", b.note, desk_name(&b.by, s.words));
    }
    if lanes.chosen.contains(p)
        && let Some(m) = moments::nearest(s, st, near).filter(|m| near(m.time) < REACH)
    {
        return moments::words(s, m);
    }
    let when = s.time.when_exactly(t, s.now);
    let Some(line) = s.timeline else {
        return when;
    };
    if p.y < lanes.counts.min.y + 18.0
        && let Some(m) = line.marks.iter().find(|m| near(m.time) < REACH)
    {
        let grave = match m.severity {
            Severity::Severe => "severity.s1",
            Severity::Urgent => "severity.s2",
            Severity::Normal => "severity.s3",
            Severity::Slight => "severity.s4",
        };
        let when = s.time.when_exactly(m.time, s.now);
        let what = moments::thing_words(s, m.thing);
        return format!("{when}  {} · {what}", s.words.t(grave));
    }
    let step = (line.to.0 - line.from.0) / line.bars.len().max(1) as i64;
    let bar = usize::try_from((t.0 - line.from.0).div_euclid(step.max(1))).ok();
    match bar.and_then(|i| line.bars.get(i).map(|b| (i, b))) {
        Some((i, b)) => {
            let from = Timestamp(line.from.0 + step * i as i64);
            let to = Timestamp(from.0 + step);
            s.words.f(
                "time.counted",
                &[
                    ("from", &s.time.when_exactly(from, s.now)),
                    ("to", &s.time.when_exactly(to, s.now)),
                    ("cases", &b.cases.to_string()),
                    ("alarms", &b.alarms.to_string()),
                ],
            )
        }
        None => when,
    }
}

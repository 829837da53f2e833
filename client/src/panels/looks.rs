//! How it looks: that the server is lost, and how an alarm presses. Words alone are not seen from two metres.

use super::console::Link;
use super::hand::Hand;
use super::model::sample::{self, NOW};
use super::pictures::Setting;
use crate::input::Zone;
use bevy_egui::egui::{Color32, Rect, Shape, Stroke};
use chengtu_engine::ids::AlarmId;
use std::time::Duration;

/// Every shape of the frame on the screen, in the order of drawing.
fn shapes(hand: &Hand) -> Vec<&Shape> {
    fn gather<'a>(shape: &'a Shape, out: &mut Vec<&'a Shape>) {
        match shape {
            Shape::Vec(list) => list.iter().for_each(|s| gather(s, out)),
            other => out.push(other),
        }
    }
    let mut out = Vec::new();
    for s in &hand.shapes {
        gather(&s.shape, &mut out);
    }
    out
}

/// The colour of the text that begins so inside a part of the screen.
fn color_of(hand: &Hand, text: &str, inside: Rect) -> Option<Color32> {
    shapes(hand).into_iter().find_map(|s| match s {
        Shape::Text(t) if inside.contains(t.visual_bounding_rect().center()) => {
            let sections = &t.galley.job.sections;
            let first = sections
                .first()
                .filter(|_| t.galley.text().starts_with(text))?;
            Some(first.format.color)
        }
        _ => None,
    })
}

/// What is filled and drawn around a part of the screen, exactly.
fn grounds(hand: &Hand, is_it: impl Fn(&Rect) -> bool) -> Vec<(Color32, Stroke)> {
    let all = shapes(hand).into_iter();
    let rects = all.filter_map(|s| match s {
        Shape::Rect(r) if is_it(&r.rect) => Some((r.fill, r.stroke)),
        _ => None,
    });
    rects.collect()
}

fn hand() -> Hand {
    Hand::at(Setting {
        selection: crate::live::Selection::None,
        prepare: |st| st.focus.zone = Zone::Map,
        ..Setting::default()
    })
}

/// Clock, figures, the world's word and the map went on as if the server could be heard.
#[test]
fn a_lost_server_is_seen_on_everything_that_it_tells() {
    let mut hand = hand();
    let layout = hand.laid_out().layout;
    let now = sample::time().hms(NOW);
    let word = hand.laid_out().look.clone();
    let worded = |hand: &Hand| {
        let fills = grounds(hand, |r| layout.top.contains_rect(*r) && r.height() == 36.0);
        fills.iter().any(|(fill, _)| *fill == word.color)
    };
    let veiled = |hand: &Hand| {
        let fills = grounds(hand, |r| *r == layout.window);
        fills.iter().any(|(fill, _)| fill.a() > 0)
    };
    let open = hand.city().mirror.cases.values();
    let open = open.filter(|c| c.stage.is_open()).count().to_string();
    let clock = |hand: &Hand| color_of(hand, &now, layout.top);
    let figure = |hand: &Hand| color_of(hand, &open, layout.top);
    let before = (clock(&hand), figure(&hand));
    assert!(before.0.is_some() && before.1.is_some());
    assert!(worded(&hand) && !veiled(&hand));
    hand.setting.link = Link::Lost {
        since: Duration::from_secs(17),
        next_try: None,
        reason: String::new(),
    };
    hand.wait(0.2);
    assert!(veiled(&hand), "the map");
    assert!(!worded(&hand), "the word of the world");
    assert_ne!(clock(&hand), before.0, "the clock");
    assert_ne!(figure(&hand), before.1, "the figures");
}

/// The plate of an alarm looked the same after ten minutes as in its first second.
#[test]
fn the_plate_of_an_alarm_presses_more_the_longer_it_waits() {
    let mut hand = hand();
    hand.city().mirror.alarms.retain(|id, _| *id == AlarmId(1));
    let mut seen = Vec::new();
    for waited_s in [5, 100, 400] {
        let alarm = hand.city().mirror.alarms.get_mut(&AlarmId(1)).unwrap();
        alarm.raised_at = NOW.plus_seconds(-waited_s);
        hand.wait(0.2);
        let window = hand.laid_out().layout.window;
        let wide = |r: &Rect| {
            let high = r.min.y - window.min.y;
            r.width() > 600.0 && r.height() < 120.0 && (40.0..120.0).contains(&high)
        };
        seen.push(grounds(&hand, wide));
    }
    assert!(!seen[0].is_empty());
    assert_ne!(seen[0], seen[1], "after a minute and a half");
    assert_ne!(seen[1], seen[2], "after six minutes");
}

//! Out of the running city into a replay: whatever leads there asks first. A line of a history, a bookmark, a click in the
//! bar or a key all take an officer away from what happens now; only a moment that was typed has been meant.

use super::acts::Place;
use super::state::{LOOK_BACK, TimeAct};
use crate::i18n::{CityTime, Words};
use crate::panels::confirm::{Choice, Question};
use chengtu_engine::record::World;

/// What is asked before an act is carried out; none where it does not lead out of the running city.
pub(super) fn question(
    act: &TimeAct,
    here: &Place,
    time: &CityTime,
    words: &Words,
) -> Option<Question> {
    if here.world != World::Live {
        return None;
    }
    let (at, speed) = match act {
        TimeAct::GoTo(at) => (*at, 0.0),
        TimeAct::LookBack => (here.now.plus_seconds(-LOOK_BACK.0), LOOK_BACK.1),
        _ => return None,
    };
    let when = time.when_exactly(at, here.now);
    let title = words.f("confirm.replay", &[("time", &when)]);
    let mut question = Question::new(title, here.world, |_| true);
    question.detail = words.t("confirm.replay_why").into();
    question.label = words.t("confirm.replay_do").into();
    question.choices = vec![Choice::new(String::new(), TimeAct::Leave(at, speed))];
    Some(question)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::{COVER, NOW, TO_CHECK};
    use crate::panels::pictures::Setting;
    use crate::panels::time::TimeBar;
    use bevy_egui::egui::{Key, Rect, pos2};

    fn desk(selection: Selection) -> Desk {
        let mut desk = Desk::new(Setting {
            selection,
            size: [1_920.0, 1_080.0],
            ..Setting::default()
        });
        desk.asked::<TimeAct>();
        desk
    }

    /// What was asked of time and leads out of the running city.
    fn leaves(desk: &mut Desk) -> Vec<TimeAct> {
        let mut all = desk.asked::<TimeAct>();
        all.retain(|a| matches!(a, TimeAct::Leave(..)));
        all
    }

    /// Presses the first line of the history below its title.
    fn press_line(desk: &mut Desk) {
        let title = desk.place("案件经过");
        let below = |r: &Rect| r.min.y > title.y + 10.0 && (r.min.x - title.x).abs() < 400.0;
        let lines = desk.texts.iter().filter(|(_, r)| below(r));
        let line = lines.min_by(|a, b| a.1.min.y.total_cmp(&b.1.min.y));
        let line = line.expect("a line");
        let at = line.1.center();
        desk.point(at);
        desk.button(true);
        desk.button(false);
        desk.settle();
    }

    /// A click on a line of a case's history took a live officer into a replay.
    #[test]
    fn a_line_of_a_history_asks_before_it_leaves_the_running_city() {
        let mut desk = desk(Selection::Case(TO_CHECK));
        press_line(&mut desk);
        assert!(desk.says("离开实时"), "{:?}", desk.texts);
        assert_eq!(leaves(&mut desk), []);
        // The key that would do it is not the one that asked; left alone, nothing has happened.
        desk.key(Key::Escape);
        assert!(!desk.says("离开实时"));
        assert_eq!(leaves(&mut desk), []);
        press_line(&mut desk);
        desk.shift(Key::Enter);
        assert_eq!(leaves(&mut desk).len(), 1);
    }

    #[test]
    fn a_click_in_the_open_bar_and_the_key_that_looks_back_ask_as_well() {
        let mut desk = desk(Selection::Case(COVER));
        desk.key(Key::Home);
        assert!(desk.says("离开实时") && leaves(&mut desk).is_empty());
        desk.shift(Key::Enter);
        let (back_s, speed) = LOOK_BACK;
        let back = TimeAct::Leave(NOW.plus_seconds(-back_s), speed);
        assert_eq!(leaves(&mut desk), [back]);
        desk.app.world_mut().resource_mut::<TimeBar>().open_live = true;
        desk.settle();
        desk.point(pos2(900.0, 1_010.0));
        desk.button(true);
        desk.button(false);
        desk.settle();
        assert!(desk.says("离开实时") && leaves(&mut desk).is_empty());
    }
}

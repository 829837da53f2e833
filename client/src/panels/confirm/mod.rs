//! What cannot be undone asks before it is done: what will happen, why, and a second act that is not the first one.
//!
//! A question belongs to what was on the screen when it was asked: where that no longer holds, it says so and can only
//! be put away.

mod draw;
mod state;

pub use state::{Ask, Choice, Question};

use super::console::{
    Acts, AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelActs, PanelClaims, View,
};
use crate::input::Act;
use bevy::prelude::*;

/// An open question has the keys alone.
const OWNER: KeyOwner = KeyOwner("confirm");

/// The question on the screen.
#[derive(Resource, Default)]
pub struct ConfirmState {
    pub(super) open: Option<Question>,
    /// The choice that was made, by its place in the list.
    pub(super) chosen: Option<usize>,
    /// Line under the keyboard.
    pub(super) cursor: usize,
    /// A reason in words.
    pub(super) written: String,
    /// The field of the reason wants the keyboard.
    pub(super) focus: bool,
}

/// Asks questions, and does what was confirmed.
pub struct ConfirmPlugin;

impl Plugin for ConfirmPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<ConfirmState>()
            .add_message::<Ask>()
            .add_systems(PanelClaims, claim)
            .add_systems(PanelActs, ask)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

fn claim(state: Res<ConfirmState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.open.is_some());
}

/// A question replaces the one before it: there is one at a time.
fn ask(mut asks: MessageReader<Ask>, mut state: ResMut<ConfirmState>) {
    for Ask(question) in asks.read() {
        let Some(question) = question.take() else {
            continue;
        };
        *state = ConfirmState {
            // What is the only one, and needs no line of its own, needs no choosing either.
            chosen: (question.rows() == 0 && !question.choices.is_empty()).then_some(0),
            focus: false,
            open: Some(question),
            ..ConfirmState::default()
        };
    }
}

fn keys(
    view: View,
    mut keys: ResMut<Keys>,
    mut state: ResMut<ConfirmState>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    keys.take(|act| {
        let mine = act == Act::Confirm && state.open.is_some();
        if mine {
            state.confirm(&s, &mut acts);
        }
        mine
    });
    keys.leave(|| state.open.take().is_some());
}

fn draw_panel(view: View, mut state: ResMut<ConfirmState>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    draw::draw(&s.ctx, &s, &mut state, &mut acts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::live::Selection;
    use crate::panels::Welcome;
    use crate::panels::console::Keys;
    use crate::panels::dispatch::DispatchState;
    use crate::panels::model::sample::{self, COVER, EN_ROUTE};
    use crate::panels::pictures::{Setting, console_of, run_app};
    use bevy_egui::egui::{Rect, vec2};
    use chengtu_engine::model::UnitStatus;

    /// Draws what a key opens, and gives every text.
    fn after(
        name: &'static str,
        lang: Lang,
        selection: Selection,
        act: Act,
    ) -> Vec<(String, Rect)> {
        for size in [[1_280.0, 720.0], [1_920.0, 1_080.0]] {
            let setting = Setting {
                name,
                size,
                lang,
                selection,
                ..Setting::default()
            };
            let mut app = console_of(&setting);
            run_app(&setting, &mut app);
            app.insert_resource(Keys::of(&[act]));
            let drawn = run_app(&setting, &mut app);
            for (text, _) in &drawn.texts {
                let mine = text.contains("⇧") || text.contains("召回") || text.contains("Recall");
                assert!(
                    !(mine && text.ends_with('…')),
                    "{name} at {size:?}: {text} is cut"
                );
            }
            if size[0] > 1_900.0 {
                return drawn.texts;
            }
        }
        unreachable!("the last size returns")
    }

    #[test]
    fn a_question_says_what_will_be_done_in_both_languages() {
        let says =
            |texts: &[(String, Rect)], words: &str| texts.iter().any(|t| t.0.contains(words));
        let case = Selection::Case(COVER);
        let void = after("confirm-void", Lang::Zh, case, Act::Void);
        assert!(says(&void, "误报") && says(&void, "作废") && says(&void, "⇧ Enter"));
        let void = after("confirm-void-en", Lang::En, case, Act::Void);
        assert!(says(&void, "Reported by mistake") && says(&void, "Void case"));
        let unit = Selection::Unit(EN_ROUTE);
        let recall = after("confirm-recall", Lang::Zh, unit, Act::Recall);
        assert!(says(&recall, "召回 "));
        let recall = after("confirm-recall-en", Lang::En, unit, Act::Recall);
        assert!(says(&recall, "Recall "));
    }

    /// Pictures of what has no state among those of the other pictures.
    #[test]
    fn the_sheet_of_the_first_start_and_a_unit_that_was_lost_are_drawn() {
        for (lang, name, lost) in [
            (Lang::Zh, "welcome", "unit-lost"),
            (Lang::En, "welcome-en", "unit-lost-en"),
        ] {
            let setting = Setting {
                name,
                lang,
                ..Setting::default()
            };
            let mut app = console_of(&setting);
            app.insert_resource(Welcome { open: true });
            let drawn = run_app(&setting, &mut app);
            let sheet = Rect::from_center_size(drawn.layout.window.center(), vec2(640.0, 376.0));
            let cut = drawn
                .texts
                .iter()
                .find(|t| t.0.ends_with('…') && sheet.contains_rect(t.1));
            assert_eq!(cut, None);
            let setting = Setting {
                name: lost,
                lang,
                selection: Selection::Case(COVER),
                ..Setting::default()
            };
            let mut app = console_of(&setting);
            let first = sample::ranking()[0].unit;
            app.world_mut().resource_mut::<DispatchState>().unit = Some(first);
            let mut city = app.world_mut().resource_mut::<crate::net::City>();
            city.mirror.units.get_mut(&first).expect("a unit").status = UnitStatus::EnRoute;
            let drawn = run_app(&setting, &mut app);
            let words = if lang == Lang::Zh { "改选" } else { "choose" };
            assert!(drawn.texts.iter().any(|t| t.0.contains(words)));
        }
    }
}

//! What somebody who starts the program for the first time is shown: the mouse, the keys, and where the help is. It is
//! shown once; what is remembered from one start to the next says that it has been read.

mod draw;

use super::console::{AddPanel, Claims, KeyLayer, KeyOwner, Keys, PanelClaims, View};
use super::log_in::LogInState;
use bevy::prelude::*;

/// An open sheet has the keys alone.
const OWNER: KeyOwner = KeyOwner("welcome");

/// Whether the sheet is open.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Welcome {
    /// It is on the screen.
    pub open: bool,
}

/// Shows the sheet.
pub struct WelcomePlugin;

impl Plugin for WelcomePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Welcome>()
            .add_systems(PanelClaims, claim)
            .add_owner_keys(OWNER, KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

/// Whoever has not logged in yet is shown it afterwards.
fn claim(state: Res<Welcome>, log_in: Res<LogInState>, mut claims: ResMut<Claims>) {
    claims.own_keys(OWNER, state.open && !log_in.is_open());
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<Welcome>) {
    keys.leave(|| std::mem::take(&mut state.open));
}

fn draw_panel(view: View, log_in: Res<LogInState>, mut state: ResMut<Welcome>) {
    let s = view.scene();
    if state.open && !log_in.is_open() {
        let read = s.list_keys(OWNER).enter;
        state.open = !(draw::draw(&s.ctx, &s) || read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Selection;
    use crate::panels::desk::Desk;
    use crate::panels::model::sample::COVER;
    use crate::panels::pictures::Setting;
    use bevy_egui::egui::Key;

    #[test]
    fn the_first_start_shows_a_sheet_that_enter_puts_away_and_nothing_else_hears() {
        let mut desk = Desk::new(Setting {
            selection: Selection::Case(COVER),
            prepare: |st| st.focus.zone = crate::input::Zone::Dispatch,
            ..Setting::default()
        });
        assert!(
            !desk.says("城图：先看这几样"),
            "only where it has not been read"
        );
        desk.app.insert_resource(Welcome { open: true });
        desk.frame(vec![]);
        desk.frame(vec![]);
        assert!(desk.says("城图：先看这几样") && desk.says("右键点地图"));
        desk.key(Key::Enter);
        assert_eq!(desk.commands(), []);
        assert!(!desk.app.world().resource::<Welcome>().open);
    }

    #[test]
    fn where_the_help_is_can_be_seen_and_pressed() {
        let mut desk = Desk::new(Setting::default());
        desk.click("?");
        assert!(desk.says("派遣面板"));
    }
}

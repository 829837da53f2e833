use crate::panels::console::{AddPanel, View};
use bevy::prelude::{App, Plugin};

/// Draws the frame of the current world around everything.
pub struct WorldFramePlugin;

impl Plugin for WorldFramePlugin {
    fn build(&self, app: &mut App) {
        app.add_overlay(draw_panel);
    }
}

fn draw_panel(view: View) {
    let s = view.scene();
    if s.is_lost() {
        s.look
            .draw_lost(&s.ctx, s.skin, s.layout.screen, s.look.frame);
    } else {
        s.look.draw(&s.ctx, s.skin, s.layout.screen, s.look.frame);
    }
}

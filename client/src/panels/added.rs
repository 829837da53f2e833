//! A panel that is added with nothing but a plugin: it is drawn, takes its key, and hears what it asked for. What it
//! needs is in this file; no other is touched.

use super::console::{Acts, AddPanel, KeyLayer, Keys, PanelActs, View};
use super::pen::Pen;
use super::pictures::{Setting, console_of, run_app};
use super::skin::Role;
use super::widgets::area;
use crate::input::Act;
use bevy::prelude::*;
use bevy_egui::egui::Order;

/// Minutes since the panel was opened, and whether it is.
#[derive(Resource, Default)]
struct Weather {
    open: bool,
    asked: u32,
}

/// What the panel asks for.
#[derive(Message)]
struct AskForecast;

struct WeatherPlugin;

impl Plugin for WeatherPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Weather>()
            .add_message::<AskForecast>()
            .add_systems(PanelActs, carry_out)
            .add_keys(KeyLayer::Overlay, keys)
            .add_panel(draw_panel);
    }
}

fn keys(mut keys: ResMut<Keys>, mut state: ResMut<Weather>) {
    keys.take(|act| {
        let mine = act == Act::Help;
        state.open |= mine;
        mine
    });
}

fn draw_panel(view: View, state: Res<Weather>, mut acts: ResMut<Acts>) {
    let s = view.scene();
    if !state.open {
        return;
    }
    area(
        &s.ctx,
        "weather",
        s.layout.window,
        Order::Foreground,
        |ui| {
            let painter = ui.painter().clone();
            let pen = Pen {
                painter: &painter,
                skin: s.skin,
            };
            let font = s.skin.bold(Role::Title);
            pen.centre(s.layout.window.center(), "Sunny", font, s.skin.t1);
        },
    );
    acts.push(AskForecast);
}

fn carry_out(mut acts: MessageReader<AskForecast>, mut state: ResMut<Weather>) {
    state.asked += acts.read().count() as u32;
}

#[test]
fn a_panel_is_added_with_its_plugin_alone() {
    let setting = Setting::default();
    let mut app = console_of(&setting);
    app.add_plugins(WeatherPlugin);
    let says = |texts: &[(String, bevy_egui::egui::Rect)]| texts.iter().any(|t| t.0 == "Sunny");
    assert!(!says(&run_app(&setting, &mut app).texts));
    // Added last, it has its key before the help that lies below it.
    app.insert_resource(Keys::of(&[Act::Help]));
    assert!(says(&run_app(&setting, &mut app).texts));
    assert!(!app.world().resource::<super::help::HelpState>().open);
    assert_eq!(app.world().resource::<Weather>().asked, 3, "once a frame");
}

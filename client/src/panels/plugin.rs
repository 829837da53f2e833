//! Which panels there are, in the order in which they are drawn.

use super::alarms::{AlarmsPlugin, BellPlugin};
use super::browser::BrowserPlugin;
use super::bundling::BundlingPlugin;
use super::city_alarms::CityAlarmsPlugin;
use super::confirm::ConfirmPlugin;
use super::console::ConsolePlugin;
use super::detail::DetailPlugin;
use super::director::DirectorPlugin;
use super::dispatch::DispatchPlugin;
use super::fork::ForkPanelPlugin;
use super::help::HelpPlugin;
use super::icons::Icons;
use super::language::LanguagePlugin;
use super::log_in::LogInPlugin;
use super::map::MapPanelPlugin;
use super::me::MePlugin;
use super::menu::MenuPlugin;
use super::notice::NoticePlugin;
use super::options::PanelOptions;
use super::overview::OverviewPlugin;
use super::privacy::PrivacyPlugin;
use super::queue::QueuePlugin;
use super::search::SearchPlugin;
use super::sensor::SensorPlugin;
use super::skin::{Skin, fonts};
use super::text_size::TextSizePlugin;
use super::time::TimePlugin;
use super::topbar::TopbarPlugin;
use super::unit::UnitPlugin;
use super::users::UsersPlugin;
use super::welcome::WelcomePlugin;
use super::world::WorldFramePlugin;
use super::worlds::WorldsPlugin;
use crate::look::Tokens;
use crate::readiness::Readiness;
use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy_egui::{EguiContexts, EguiPostUpdateSet};

/// Draws the panels, or keeps what the wall reads.
pub struct PanelsPlugin {
    /// What they begin with.
    pub options: PanelOptions,
}

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Skin::new(app.world().resource::<Tokens>()))
            .insert_resource(self.options.clone())
            .add_systems(Startup, give_egui_its_type)
            // New glyphs reach the screen in the frame that first shows them, not in the one after.
            .configure_sets(
                PostUpdate,
                EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
            )
            .add_plugins(BellPlugin);
        app.world_mut()
            .resource_mut::<Readiness>()
            .wait_for("panels");
        if !self.options.wall {
            add_panels(app);
        }
    }
}

/// The panels of the console. A new one is added here and nowhere else; what is added later is drawn over what was
/// added before, and takes keys before it.
pub(super) fn add_panels(app: &mut App) {
    app.add_plugins((
        ConsolePlugin,
        MapPanelPlugin,
        TopbarPlugin,
        TimePlugin,
        DirectorPlugin,
        QueuePlugin,
    ));
    // All of these draw in the right panel, each for what it knows.
    app.add_plugins((
        DetailPlugin,
        DispatchPlugin,
        UnitPlugin,
        SensorPlugin,
        OverviewPlugin,
    ));
    // Takes the key that bundles before the panel of a case does.
    app.add_plugins(BundlingPlugin);
    app.add_plugins((
        MenuPlugin,
        AlarmsPlugin,
        ForkPanelPlugin,
        CityAlarmsPlugin,
        NoticePlugin,
        SearchPlugin,
        WorldsPlugin,
        ConfirmPlugin,
        WelcomePlugin,
        HelpPlugin,
        WorldFramePlugin,
        BrowserPlugin,
        LanguagePlugin,
        TextSizePlugin,
    ));
    // Over all of them.
    app.add_plugins((PrivacyPlugin, UsersPlugin, MePlugin, LogInPlugin));
}

/// Gives egui its type, its look and the glyphs of the trades.
fn give_egui_its_type(
    mut commands: Commands,
    mut contexts: EguiContexts,
    skin: Res<Skin>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    ctx.set_fonts(fonts()?);
    skin.apply(ctx);
    commands.insert_resource(Icons::load(ctx));
    Ok(())
}

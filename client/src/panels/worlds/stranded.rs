//! Somebody who was to be in another world and could not go there is not left with the controls of the running city: they
//! are locked until that is wanted.

use super::OWNER_STRANDED;
use crate::net::{City, ServerNotice};
use crate::panels::PanelOptions;
use crate::panels::console::{Claims, Scene};
use crate::panels::notice::notice_words;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, panel};
use bevy::prelude::{MessageReader, Res, ResMut, Resource};
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, pos2, vec2};
use chengtu_engine::code::Code;
use chengtu_engine::record::World;

/// The way to the world of the command line.
#[derive(Resource, Debug, Default)]
pub(super) struct WayThere {
    /// The number that it was asked under.
    pub(super) request: Option<u32>,
    /// It was reached once.
    reached: bool,
    /// Why it was refused: the code and the server's words.
    refused: Option<(Code, String)>,
    /// The running city is wanted instead.
    released: bool,
}

impl WayThere {
    /// True while nobody has said that the running city is wanted instead.
    pub(super) fn is_stranded(&self) -> bool {
        self.refused.is_some() && !self.reached && !self.released
    }
}

/// Hears whether the world was entered.
pub(super) fn hear(
    mut notices: MessageReader<ServerNotice>,
    city: Res<City>,
    mut way: ResMut<WayThere>,
) {
    for notice in notices.read() {
        if way.request.is_some() && notice.request == way.request {
            way.refused = Some((notice.code, notice.text.clone()));
        }
    }
    if !way.reached && city.world() != World::Live {
        way.reached = true;
    }
}

/// Before the world has been entered, and where it cannot be, nothing is commanded.
pub(super) fn claim(options: Res<PanelOptions>, way: Res<WayThere>, mut claims: ResMut<Claims>) {
    let meant_elsewhere = options.drill.is_some() || options.join.is_some();
    claims.locked |= meant_elsewhere && !way.reached && !way.released;
    claims.own_keys(OWNER_STRANDED, way.is_stranded());
}

/// Says why the world was not entered, over the whole screen.
pub(super) fn draw(ctx: &Context, s: &Scene<'_>, way: &mut WayThere) {
    let Some((code, text)) = way.refused.clone().filter(|_| way.is_stranded()) else {
        return;
    };
    let screen = s.layout.screen;
    let rect = Rect::from_center_size(screen.center(), vec2(520.0, 190.0));
    // What lies behind is seen and not pressed.
    area(ctx, OWNER_STRANDED.0, screen, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        painter.rect_filled(screen, CornerRadius::ZERO, skin.halo);
        panel(&pen, rect);
        let x = rect.min.x + 24.0;
        let title = w.t("worlds.not_entered");
        pen.left(
            pos2(x, rect.min.y + 36.0),
            title,
            skin.bold(Role::Heading),
            skin.t1,
        );
        let why = notice_words(w, code, &text);
        let at = pos2(x, rect.min.y + 60.0);
        pen.wrapped(
            at,
            rect.width() - 48.0,
            &why,
            skin.regular(Role::Body),
            skin.t2,
            20.0,
        );
        let r = Rect::from_min_max(
            pos2(rect.max.x - 264.0, rect.max.y - 60.0),
            pos2(rect.max.x - 24.0, rect.max.y - 20.0),
        );
        way.released |= button(
            ui,
            &pen,
            r,
            Id::new("stay-in-city"),
            w.t("worlds.stay"),
            true,
        );
    });
}

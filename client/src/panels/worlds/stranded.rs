//! Somebody who was to be in another world and could not go there is not left with the controls of the running city: they
//! are locked until that is wanted.

use super::OWNER_STRANDED;
use super::state::WorldAct;
use crate::net::{City, ServerNotice};
use crate::panels::PanelOptions;
use crate::panels::console::{Claims, Scene};
use crate::panels::notice::notice_words;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::time::TimeAct;
use crate::panels::widgets::{area, button, panel};
use bevy::prelude::{Local, MessageReader, Res, ResMut, Resource};
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, pos2, vec2};
use chengtu_engine::code::Code;
use chengtu_engine::drill::Seat;
use chengtu_engine::record::World;
use std::time::{Duration, Instant};

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
    /// This session acts in a drill.
    acts_in_drill: bool,
    /// It was in a drill and is in the running city without having asked for that, since then.
    fell_out: Option<Instant>,
}

/// After a cut the way back takes a moment; only then it is said that there is none.
const WAY_BACK: Duration = Duration::from_secs(3);

impl WayThere {
    /// True while nobody has said that the running city is wanted instead.
    pub(super) fn is_stranded(&self) -> bool {
        let refused = self.refused.is_some() && !self.reached && !self.released;
        refused || self.fell_out.is_some_and(|at| at.elapsed() >= WAY_BACK)
    }

    #[cfg(test)]
    pub(super) fn fell_out_at(&mut self, at: Instant) {
        self.fell_out = Some(at);
    }

    /// Follows where the session is. `asked`: the running city was asked for.
    fn follow(&mut self, world: World, acts: bool, asked: bool) {
        match world {
            World::Live => {
                let was_there = std::mem::take(&mut self.acts_in_drill);
                if was_there && !asked {
                    self.fell_out = Some(Instant::now());
                }
            }
            World::Drill(_) => {
                // It stays true until the session is elsewhere: a request to leave may be on its way.
                self.acts_in_drill = acts && !asked;
                self.fell_out = None;
            }
            World::Replay(_) | World::Fork(_) => {
                self.acts_in_drill = false;
                self.fell_out = None;
            }
        }
    }
}

/// Hears whether the world was entered.
pub(super) fn hear(
    mut notices: MessageReader<ServerNotice>,
    city: Res<City>,
    mut way: ResMut<WayThere>,
    mut asked: Local<bool>,
    mut acts: MessageReader<WorldAct>,
    mut times: MessageReader<TimeAct>,
) {
    let home = |act: &WorldAct| matches!(act, WorldAct::Enter(_) | WorldAct::StartDrill(_));
    *asked |= acts.read().filter(|a| home(a)).count() > 0;
    *asked |= times.read().filter(|a| **a == TimeAct::Live).count() > 0;
    let seat = city.world_info().map_or(Seat::Viewer, |i| i.seat);
    let world = city.world();
    way.follow(world, seat != Seat::Viewer, *asked);
    if !matches!(world, World::Drill(_)) {
        *asked = false;
    }
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
    claims.locked |= way.fell_out.is_some();
    claims.own_keys(OWNER_STRANDED, way.is_stranded());
}

/// Says why the world was not entered, over the whole screen.
pub(super) fn draw(ctx: &Context, s: &Scene<'_>, way: &mut WayThere) {
    if !way.is_stranded() {
        if way.fell_out.is_some() {
            ctx.request_repaint_after(WAY_BACK);
        }
        return;
    }
    let w = s.words;
    let (title, why) = match (&way.refused, way.fell_out) {
        (Some((code, text)), None) => (w.t("worlds.not_entered"), notice_words(w, *code, text)),
        _ => (w.t("worlds.ended"), w.t("worlds.ended_why").to_owned()),
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
        let skin = s.skin;
        painter.rect_filled(screen, CornerRadius::ZERO, skin.halo);
        panel(&pen, rect);
        let x = rect.min.x + 24.0;
        pen.left(
            pos2(x, rect.min.y + 36.0),
            title,
            skin.bold(Role::Heading),
            skin.t1,
        );
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
        let id = Id::new("stay-in-city");
        if button(ui, &pen, r, id, w.t("worlds.stay"), true) {
            way.released = true;
            way.fell_out = None;
        }
    });
}

//! What is said over the map: that the line is cut and what was missed then, notices of the server, what is to be known
//! of a world.

mod banner;
mod lost;
mod missed;
mod other_city;
mod words;

#[cfg(test)]
pub use missed::Missed;
pub use missed::MissedState;
pub use words::words as notice_words;

use super::console::{Acts, AddPanel, Covered, KeyLayer, View};
use super::log_in::LogInState;
use crate::i18n::Words;
use crate::net::{NetSystems, ServerNotice};
use bevy::prelude::*;
use chengtu_engine::record::World as CityWorld;
use std::time::{Duration, Instant};

/// Names of the areas that notices are drawn in.
pub const NOTICES: [&str; 5] = [
    "link-lost",
    "link-connecting",
    "server-notice",
    "world-notice",
    "missed",
];

/// How long a notice stays.
const STAY: Duration = Duration::from_secs(8);

/// Something to be read by the user, for a while.
#[derive(Message, Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// In the user's language.
    pub text: String,
    /// For how long.
    pub stay: Duration,
}

impl Notice {
    /// One that stays as long as most do.
    pub fn new(text: String) -> Self {
        Self { text, stay: STAY }
    }
}

/// What is on show.
#[derive(Resource, Debug, Default)]
pub struct NoticeState {
    /// The newest notice and until when it is shown.
    pub notice: Option<(String, Instant)>,
    /// World whose notice has been read and put away.
    pub read: Option<CityWorld>,
}

/// Collects notices of server and panels, and shows the newest until its time is up.
pub struct NoticePlugin;

impl Plugin for NoticePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<NoticeState>()
            .init_resource::<MissedState>()
            .add_message::<Notice>()
            .add_systems(
                PreUpdate,
                (of_server, other_city::of_other_city, missed::watch).after(NetSystems::Receive),
            )
            .add_keys(KeyLayer::Panel, missed::keys)
            .add_overlay((keep_newest, draw_panel).chain());
    }
}

/// The server's notices, in the user's language.
fn of_server(
    mut notices: MessageReader<ServerNotice>,
    words: Res<Words>,
    mut out: MessageWriter<Notice>,
) {
    for n in notices.read() {
        out.write(Notice::new(notice_words(&words, n.code, &n.text)));
    }
}

/// The newest notice is shown until its time is over.
fn keep_newest(mut notices: MessageReader<Notice>, mut state: ResMut<NoticeState>) {
    let now = Instant::now();
    if let Some(n) = notices.read().last() {
        state.notice = Some((n.text.clone(), now + n.stay));
    }
    if state.notice.as_ref().is_some_and(|(_, until)| *until < now) {
        state.notice = None;
    }
}

fn draw_panel(
    view: View,
    log_in: Res<LogInState>,
    mut covered: ResMut<Covered>,
    mut state: ResMut<NoticeState>,
    mut missed: ResMut<MissedState>,
    mut acts: ResMut<Acts>,
) {
    let s = view.scene();
    lost::veil(&s);
    // Why there is no line, and what to do about it, stands on the card that asks for the password.
    if log_in.is_open() && !s.is_live() {
        return;
    }
    let y = banner::draw(&s.ctx, &s, &mut state, &mut covered);
    let missed = missed::draw(&s, &mut missed, y, &mut acts);
    covered.0.extend(missed);
}

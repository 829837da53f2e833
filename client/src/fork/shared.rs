use crate::camera::MapCamera;
use crate::i18n::Lang;
use crate::live::{LayerVisibility, Selection};
use crate::net::LinkState;
use bevy::math::{UVec2, Vec2};
use bevy::render::render_resource::TextureView;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a map is drawn into.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    /// The image's view on the graphics device.
    pub(super) view: TextureView,
    /// Width and height, physical pixels.
    pub(super) size: UVec2,
    /// Counts the images that a map has had.
    pub(super) number: u64,
}

/// Orders from the window to a map; the newest value holds.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    /// Where it looks; its bounds are its own.
    pub(super) camera: Option<MapCamera>,
    /// What it is drawn into.
    pub(super) canvas: Option<Canvas>,
    /// What is chosen.
    pub(super) selection: Selection,
    /// What is shown.
    pub(super) layers: LayerVisibility,
    /// Language of its names.
    pub(super) lang: Lang,
    /// To be said to the server.
    pub(super) say: Vec<ClientMessage>,
    /// A click, logical pixels from the upper left corner.
    pub(super) click: Option<Vec2>,
    /// Ends the map's thread after the frame in progress; set when its pane is dropped.
    pub(super) quit: bool,
}

impl Default for Orders {
    fn default() -> Self {
        Self {
            camera: None,
            canvas: None,
            selection: Selection::None,
            layers: LayerVisibility::default(),
            lang: Lang::default(),
            say: Vec::new(),
            click: None,
            quit: false,
        }
    }
}

/// What a map reports to the window.
#[derive(Clone, Debug, Default)]
pub struct PaneStatus {
    /// The branch's clock.
    pub clock: Option<WorldClock>,
    /// What the server said of forks since it was last asked.
    pub words: Vec<ServerMessage>,
    /// Names of the roads that are closed in the branch; empty for one without a name.
    pub closed: Vec<String>,
    /// State of its line to the server; `None` before the first report.
    pub link: Option<LinkState>,
    /// Everything is there: tiles, names, the city.
    pub ready: bool,
    /// Number of the image that it has drawn into.
    pub drawn: u64,
    /// What was clicked at since it was last asked.
    pub clicked: Option<Selection>,
    /// Notices of the server since it was last asked.
    pub notices: Vec<String>,
}

/// Both ends of what is said between the window and a map.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared(Arc<(Mutex<Orders>, Mutex<PaneStatus>)>);

impl Shared {
    /// The window's orders to the map.
    pub(super) fn orders(&self) -> MutexGuard<'_, Orders> {
        // A map that has panicked leaves whole values behind: they are only ever replaced.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The map's report to the window.
    pub(super) fn status(&self) -> MutexGuard<'_, PaneStatus> {
        self.0.1.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the map's report; words, notices and clicks are handed out once.
    pub(super) fn take_status(&self) -> PaneStatus {
        let mut status = self.status();
        let (words, notices) = (
            std::mem::take(&mut status.words),
            std::mem::take(&mut status.notices),
        );
        let clicked = status.clicked.take();
        PaneStatus {
            words,
            clicked,
            notices,
            ..status.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_once_and_the_clock_stays() {
        let shared = Shared::default();
        shared.status().clock = Some(WorldClock::default());
        shared.status().notices.push("x".into());
        assert_eq!(shared.take_status().notices, ["x"]);
        let second = shared.take_status();
        assert!(second.notices.is_empty() && second.clock.is_some());
    }
}

use super::start::Start;
use crate::camera::MapCamera;
use crate::fork::{Panes, Want};
use crate::live::Selection;
use crate::net::{City, LinkState, ServerNotice, WorldWord};
use crate::panels::acts::place_of;
use crate::panels::state::PanelState;
use crate::readiness::Readiness;
use bevy::math::{DVec2, Vec2};
use bevy::prelude::{MessageReader, Res, ResMut};
use bevy_egui::egui::TextureId;
use chengtu_engine::fork::{ForkReport, Forked, Proposal};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::CaseId;
use chengtu_engine::replay::{TimeControl, WorldClock};
use chengtu_engine::stream::{ClientMessage, ServerMessage};
use std::time::{Duration, Instant};

/// A fork that has not come after so long is given up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Zoom that both maps begin at, at least.
const ZOOM: f64 = 16.0;

/// What is done otherwise, for people. Names in both languages, own first.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another unit goes.
    Unit {
        /// Who goes.
        goes: (String, String),
        /// Who went; none where nobody had been sent.
        instead_of: Option<(String, String)>,
        /// Length of the way by road of who goes, metres.
        length_m: Option<f64>,
    },
    /// A road is closed.
    Road,
    /// One more unit like another.
    More {
        /// Like which.
        like: (String, String),
    },
}

/// What a fork is about.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Which case, where it is about one.
    pub case: Option<CaseId>,
    /// Where both maps look.
    pub place: LonLat,
    /// What is done otherwise.
    pub change: Change,
}

/// A map of a branch on the screen.
#[derive(Debug, Default)]
pub struct PaneView {
    /// Where it looks; its viewport is the rectangle on the screen.
    pub camera: MapCamera,
    /// What is shown; none before its first frame.
    pub texture: Option<TextureId>,
    /// How its line stands.
    pub link: Option<LinkState>,
    /// The ground under a hand that drags.
    pub grip: Option<DVec2>,
    /// A click to be looked up.
    pub click: Option<Vec2>,
}

/// Two branches on the screen.
#[derive(Debug)]
pub struct View {
    /// The branches.
    pub forked: Forked,
    /// What they are about.
    pub about: About,
    /// How they compare.
    pub report: ForkReport,
    /// Their clock.
    pub clock: Option<WorldClock>,
    /// Left and right.
    pub panes: [PaneView; 2],
    /// Both maps look at the same.
    pub together: bool,
    /// What is chosen in both.
    pub selection: Selection,
    /// To be said to the branches.
    pub say: Vec<TimeControl>,
}

/// Forks: asked for, looked at, taken over.
#[derive(Debug, Default)]
pub struct Desk {
    /// Where one is being begun.
    pub start: Option<Start>,
    /// Asked for and not come yet: the client's number, and since when.
    pub asked: Option<(u32, About, Instant)>,
    /// The branches looked at.
    pub view: Option<Box<View>>,
    /// The first row is taken as soon as there is one: the command line asks for it.
    pub begin: bool,
    /// Commands of a branch that wait to be confirmed for the running city.
    pub proposals: Vec<Proposal>,
}

impl Desk {
    /// With a fork to be begun as soon as a case is chosen and its units are ranked, or without.
    pub fn new(begin: bool) -> Self {
        Self {
            begin,
            ..Self::default()
        }
    }

    /// Takes a word about worlds in.
    pub fn take(&mut self, word: &ServerMessage) {
        match word {
            ServerMessage::Forked(forked) => {
                if let Some((request, about, _)) = self.asked.take() {
                    if request == forked.request {
                        self.view = Some(Box::new(View::new(*forked, about)));
                    } else {
                        self.asked = Some((request, about, Instant::now()));
                    }
                }
            }
            ServerMessage::Entered(_) => self.start = None,
            _ => {}
        }
    }
}

impl View {
    fn new(forked: Forked, about: About) -> Self {
        let selection = about.case.map_or(Selection::None, Selection::Case);
        Self {
            forked,
            about,
            report: ForkReport {
                at: forked.at,
                time: forked.at,
                until: forked.at.plus_seconds(i64::from(super::AHEAD_S)),
                ..ForkReport::default()
            },
            clock: None,
            panes: [PaneView::default(), PaneView::default()],
            together: true,
            selection,
            say: Vec::new(),
        }
    }

    /// Both maps look where the window's map does, at what the fork is about.
    pub fn look_like(&mut self, camera: &MapCamera) {
        for pane in &mut self.panes {
            let viewport = pane.camera.viewport;
            pane.camera = MapCamera {
                centre: DVec2::from(mercator_from_lon_lat(self.about.place)),
                zoom: camera.zoom.max(ZOOM),
                viewport,
                ..camera.clone()
            };
        }
    }

    /// A map has been moved: the other follows, where they go together.
    pub fn moved(&mut self, which: usize) {
        if self.together {
            let other = 1 - which;
            let viewport = self.panes[other].camera.viewport;
            self.panes[other].camera = MapCamera {
                viewport,
                ..self.panes[which].camera.clone()
            };
        }
    }

    /// Flat, or tilted.
    pub fn tilt(&mut self) {
        let pitch_deg = if self.panes[0].camera.pitch_deg > 1.0 {
            0.0
        } else {
            50.0
        };
        for pane in &mut self.panes {
            pane.camera.pitch_deg = pitch_deg;
        }
    }

    /// North at the top.
    pub fn north(&mut self) {
        for pane in &mut self.panes {
            pane.camera.bearing_deg = 0.0;
        }
    }

    /// True while the branches run.
    pub fn plays(&self) -> bool {
        self.clock.is_some_and(|c| c.playing)
    }
}

/// Takes what is said of forks in.
pub fn hear(
    mut words: MessageReader<WorldWord>,
    mut notices: MessageReader<ServerNotice>,
    mut st: ResMut<PanelState>,
) {
    for WorldWord(word) in words.read() {
        st.fork.take(word);
    }
    // A notice in place of the branches says why there are none.
    let refused = notices.read().count() > 0;
    let late = |(_, _, since): &(u32, About, Instant)| since.elapsed() > PATIENCE;
    if st.fork.asked.as_ref().is_some_and(|a| refused || late(a)) {
        st.fork.asked = None;
    }
}

/// Carries what was drawn to the maps, and what the maps tell to what will be drawn.
pub fn carry(
    mut panes: ResMut<Panes>,
    mut want: ResMut<Want>,
    mut st: ResMut<PanelState>,
    mut readiness: ResMut<Readiness>,
    camera: Res<MapCamera>,
    city: Res<City>,
) {
    let st = &mut *st;
    let Some(view) = &mut st.fork.view else {
        if want.branches.is_some() {
            *want = Want::default();
        }
        return;
    };
    let branches = Some([view.forked.actual, view.forked.other]);
    if want.branches != branches {
        // The case itself, where it is known here: the place may have been put right since.
        if let Some(place) = place_of(&city.mirror, view.selection) {
            view.about.place = place;
        }
        view.look_like(&camera);
        want.branches = branches;
        readiness.wait_for("fork");
    }
    want.selection = view.selection;
    for control in view.say.drain(..) {
        // Both branches have one clock: whoever is told drives both.
        want.say[0].push(ClientMessage::Time { control });
    }
    for (i, pane) in panes.list.iter_mut().enumerate().take(2) {
        let shown = &mut view.panes[i];
        want.cameras[i] = shown.camera.clone();
        want.click[i] = shown.click.take();
        shown.texture = pane.texture;
        shown.link.clone_from(&pane.told.link);
        if let Some(thing) = pane.told.clicked.take() {
            view.selection = thing;
        }
        for word in std::mem::take(&mut pane.told.words) {
            if let ServerMessage::ForkReport(report) = word {
                // Both lines are told the same; the later one is no older.
                if report.time >= view.report.time {
                    view.report = *report;
                }
            }
        }
        if pane.told.clock.is_some() && (i == 0 || view.clock.is_none()) {
            view.clock = pane.told.clock;
        }
    }
    let notice = panes
        .list
        .iter_mut()
        .flat_map(|p| std::mem::take(&mut p.told.notices));
    if let Some(text) = notice.last() {
        st.notice = Some((text, Instant::now() + Duration::from_secs(8)));
    }
    let compared = !view.report.differences.is_empty();
    readiness.set(
        "fork",
        compared && panes.are_ready() && panes.list.len() == 2,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::record::World;
    use chengtu_engine::time::Timestamp;

    fn about() -> About {
        About {
            case: Some(CaseId(7)),
            place: LonLat::new(118.78, 32.04),
            change: Change::Road,
        }
    }

    fn forked(request: u32) -> ServerMessage {
        ServerMessage::Forked(Forked {
            request,
            actual: World::Fork(1),
            other: World::Fork(2),
            at: Timestamp::from_seconds(100),
        })
    }

    #[test]
    fn only_the_fork_that_was_asked_for_is_opened() {
        let mut desk = Desk::default();
        desk.take(&forked(1));
        assert!(desk.view.is_none());
        desk.asked = Some((2, about(), Instant::now()));
        desk.take(&forked(1));
        assert!(desk.view.is_none() && desk.asked.is_some());
        desk.take(&forked(2));
        let view = desk.view.unwrap();
        assert_eq!(view.selection, Selection::Case(CaseId(7)));
        assert!(desk.asked.is_none() && view.together);
    }

    #[test]
    fn maps_go_together_until_they_are_parted() {
        let mut desk = Desk {
            asked: Some((1, about(), Instant::now())),
            ..Desk::default()
        };
        desk.take(&forked(1));
        let mut view = desk.view.unwrap();
        view.panes[1].camera.viewport = Vec2::new(900.0, 500.0);
        view.panes[0].camera.zoom = 17.5;
        view.moved(0);
        assert_eq!(view.panes[1].camera.zoom, 17.5);
        assert_eq!(view.panes[1].camera.viewport, Vec2::new(900.0, 500.0));
        view.together = false;
        view.panes[1].camera.zoom = 15.0;
        view.moved(1);
        assert_eq!(view.panes[0].camera.zoom, 17.5);
    }
}

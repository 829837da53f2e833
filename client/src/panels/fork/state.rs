use super::rules::AHEAD_S;
use crate::camera::MapCamera;
use crate::live::Selection;
use crate::net::LinkState;
use crate::panels::console::Pending;
use bevy::math::{DVec2, Vec2};
use bevy::prelude::{Message, Resource};
use bevy_egui::egui::TextureId;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::fork::{ForkReport, Forked, Intervention, Proposal};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::replay::{TimeControl, WorldClock};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use std::time::Instant;

/// Zoom that both maps begin at, at least.
const ZOOM: f64 = 16.0;

/// What is done otherwise, for people. Names in both languages, own first.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Another unit goes.
    Unit {
        /// Call sign of the unit sent in the other branch.
        goes: (String, String),
        /// Call sign of the unit it replaces; `None` if nobody had been sent.
        instead_of: Option<(String, String)>,
        /// Length of the way by road of who goes, metres.
        length_m: Option<f64>,
    },
    /// A road is closed.
    Road,
    /// One more unit like another.
    More {
        /// Call sign of the unit that the added unit copies.
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
    /// Up to where the log said what happened when the fork was asked for; after that both branches are simulated.
    pub recorded_until: Timestamp,
}

/// The list of who else could have gone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// To which case.
    pub case: CaseId,
    /// Unit of the line under the keyboard; none while nothing has been drawn of the list.
    pub cursor: Option<UnitId>,
}

/// What is asked about forks.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum ForkAct {
    /// Open the list that a fork about a case is begun from, or close it.
    ToggleStart(CaseId),
    /// Make two branches of a second: the one as it is, the other with what is done otherwise.
    Begin(Timestamp, Intervention, Box<About>),
    /// Do in the running city what a branch did.
    Give(CommandRequest),
}

/// A map of a branch on the screen.
#[derive(Debug, Default)]
pub struct PaneView {
    /// Where it looks; its viewport is the rectangle on the screen.
    pub camera: MapCamera,
    /// What is shown; `None` before its first frame.
    pub texture: Option<TextureId>,
    /// State of its line to the server; `None` before the map has reported.
    pub link: Option<LinkState>,
    /// The ground under a hand that drags.
    pub grip: Option<DVec2>,
    /// A click to be looked up.
    pub click: Option<Vec2>,
}

/// Two branches on the screen.
#[derive(Debug)]
pub struct Branches {
    /// The two worlds and the moment they branch at, as the server answered.
    pub forked: Forked,
    /// What they are about.
    pub about: About,
    /// How they compare.
    pub report: ForkReport,
    /// Clock that both branches share; `None` before either has reported it.
    pub clock: Option<WorldClock>,
    /// Left and right.
    pub panes: [PaneView; 2],
    /// Both maps look at the same.
    pub together: bool,
    /// What is chosen in both.
    pub selection: Selection,
    /// To be said to the branches.
    pub say: Vec<TimeControl>,
    /// Name of the road that is closed in the other branch, once it is known; empty if it has none.
    pub closed: Option<String>,
}

/// Forks: asked for, looked at, taken over.
#[derive(Resource, Debug, Default)]
pub struct ForkState {
    /// The open list that a fork is begun from; `None` while it is closed.
    pub start: Option<Start>,
    /// Asked for and not come yet: the client's number, and since when.
    pub asked: Option<(u32, About, Instant)>,
    /// The branches looked at.
    pub view: Option<Box<Branches>>,
    /// The first row is taken as soon as there is one: the command line asks for it.
    pub begin: bool,
    /// Commands of a branch that wait to be confirmed for the running city.
    pub proposals: Vec<Proposal>,
    /// Rows of proposals that were confirmed or left while a hand rests on the list.
    pub confirmed: Vec<usize>,
    /// Confirmed commands that are not answered yet.
    pub sending: Vec<Pending>,
}

impl ForkState {
    /// With a fork to be begun as soon as a case is chosen and its units are ranked, or without.
    pub fn new(begin: bool) -> Self {
        Self {
            begin,
            ..Self::default()
        }
    }

    /// True while two branches fill the screen.
    pub fn is_open(&self) -> bool {
        self.view.is_some()
    }

    /// Opens the list for a case, or closes it.
    pub fn toggle(&mut self, chosen: Option<CaseId>) {
        let open = chosen.filter(|_| self.start.is_none());
        self.start = open.map(|case| Start { case, cursor: None });
    }

    /// Takes over what the server says of it.
    pub fn apply(&mut self, message: &ServerMessage) {
        match message {
            ServerMessage::Forked(forked) => {
                if let Some((request, about, _)) = self.asked.take() {
                    if request == forked.request {
                        self.view = Some(Box::new(Branches::new(*forked, about)));
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

impl Branches {
    fn new(forked: Forked, about: About) -> Self {
        let selection = about.case.map_or(Selection::None, Selection::Case);
        Self {
            forked,
            about,
            report: ForkReport {
                at: forked.at,
                time: forked.at,
                until: forked.at.plus_seconds(i64::from(AHEAD_S)),
                ..ForkReport::default()
            },
            clock: None,
            panes: [PaneView::default(), PaneView::default()],
            together: true,
            selection,
            say: Vec::new(),
            closed: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::record::World;

    fn about() -> About {
        About {
            case: Some(CaseId(7)),
            place: LonLat::new(118.78, 32.04),
            change: Change::Road,
            recorded_until: Timestamp::from_seconds(100),
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
        let mut desk = ForkState::default();
        desk.apply(&forked(1));
        assert!(desk.view.is_none());
        desk.asked = Some((2, about(), Instant::now()));
        desk.apply(&forked(1));
        assert!(desk.view.is_none() && desk.asked.is_some());
        desk.apply(&forked(2));
        let view = desk.view.unwrap();
        assert_eq!(view.selection, Selection::Case(CaseId(7)));
        assert!(desk.asked.is_none() && view.together);
    }

    #[test]
    fn maps_go_together_until_they_are_parted() {
        let mut desk = ForkState {
            asked: Some((1, about(), Instant::now())),
            ..ForkState::default()
        };
        desk.apply(&forked(1));
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

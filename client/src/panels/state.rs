//! What the panels remember between frames, and what they ask for.

use super::model::figures::{Delays, Figures};
use super::model::histogram::Histogram;
use super::model::queue::{Filter, Sort, StableOrder};
use super::model::search::{Hit, Index};
use crate::camera::MapCamera;
use crate::i18n::{CityTime, Words};
use crate::input::Zone;
use crate::live::{Grid, LayerVisibility, Selection};
use crate::net::{Beside, Chronicle, Rankings, Routes};
use crate::panels::director::Desk;
use crate::panels::fork::About;
use crate::panels::icons::Icons;
use crate::panels::layout::Layout;
use crate::panels::skin::Skin;
use crate::panels::time::{TimeAct, TimeBar};
use crate::panels::worlds::Worlds;
use bevy::prelude::Resource;
use bevy_egui::egui::Pos2;
use chengtu_engine::command::CommandRequest;
use chengtu_engine::drill::{DirectorAct, GhostOf, Seat};
use chengtu_engine::fork::Intervention;
use chengtu_engine::geo::LonLat;
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, CommandId, UnitId};
use chengtu_engine::record::World;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::{Mirror, WorldChoice, WorldInfo};
use chengtu_engine::time::Timestamp;
use std::time::{Duration, Instant};

/// How the line to the server stands, for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Link {
    /// Never greeted yet.
    #[default]
    Connecting,
    /// Greeted; the time a message and its answer take.
    Live(Option<Duration>),
    /// Cut.
    Lost {
        /// For how long.
        since: Duration,
        /// Until the next attempt; none while one is under way.
        next_try: Option<Duration>,
        /// Why.
        reason: String,
    },
}

/// Everything a panel reads in a frame.
pub struct Scene<'a> {
    /// The city.
    pub mirror: &'a Mirror,
    /// Which world one is in.
    pub world: World,
    /// What is known of it; none in the running city.
    pub info: Option<&'a WorldInfo>,
    /// Its clock; none in the running city.
    pub clock: Option<&'a WorldClock>,
    /// Ghosts, and where officers were looking.
    pub beside: &'a Beside,
    /// What the server has told of the past.
    pub chronicle: &'a Chronicle,
    /// The time in the world one is in: the only now.
    pub now: Timestamp,
    /// When the server was last heard.
    pub last_word: Timestamp,
    /// The city's clock.
    pub time: CityTime,
    /// Language.
    pub words: &'a Words,
    /// Colours and type.
    pub skin: &'a Skin,
    /// Glyphs of the trades.
    pub icons: &'a Icons,
    /// Places.
    pub layout: Layout,
    /// What is chosen.
    pub selection: Selection,
    /// Units by arrival.
    pub rankings: &'a Rankings,
    /// Ways by road.
    pub routes: &'a Routes,
    /// What is shown.
    pub layers: &'a LayerVisibility,
    /// The line.
    pub link: Link,
    /// Where the map looks.
    pub camera: &'a MapCamera,
    /// The search's places.
    pub index: &'a Index,
    /// Figures strip.
    pub figures: Figures,
    /// Delay of positions, 99 of 100.
    pub delay_s: Option<f64>,
    /// Time strip.
    pub histogram: Histogram,
    /// Open cases per km² at the end of the density's ramp.
    pub density_per_km2: f64,
    /// Cells of the unit grid, where there is a map with one.
    pub grid: Option<&'a Grid>,
    /// A unit that the map follows.
    pub following: Option<UnitId>,
    /// No window: nothing can be pressed, the pointer is nowhere.
    pub picture: bool,
}

impl Scene<'_> {
    /// True where the user may give commands: to the running city, and in a drill from a seat that acts. What
    /// would reach another world is not there to be pressed.
    pub fn may_command(&self) -> bool {
        let operator = self
            .mirror
            .hello
            .as_ref()
            .is_some_and(|h| h.role == "operator");
        match self.world {
            World::Live => operator,
            World::Drill(_) => self.info.is_some_and(|i| i.seat != Seat::Viewer),
            World::Replay(_) | World::Fork(_) => false,
        }
    }

    /// True where the world's clock can be driven from this seat.
    pub fn may_drive(&self) -> bool {
        self.is_past() && self.info.is_some_and(|i| i.seat != Seat::Viewer)
    }

    /// True where the past is looked at.
    pub fn is_past(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_))
    }

    /// True while commands reach the server.
    pub fn is_live(&self) -> bool {
        matches!(self.link, Link::Live(_))
    }
}

/// What a panel asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Choose something; fly there where it is not in sight.
    Select(Selection),
    /// Choose something and fly there.
    SelectAndFly(Selection),
    /// The pointer is over something in a list.
    Hover(Selection),
    /// Fly to a place, with a zoom where one is wanted.
    Fly(LonLat, Option<f64>),
    /// Give a command; where its answer is shown.
    Command(CommandRequest),
    /// Switch a layer, by its place among the chips.
    Layer(usize),
    /// Turn north up.
    North,
    /// Flat or tilted.
    Tilt,
    /// So many levels nearer.
    Zoom(f64),
    /// The other language.
    Language,
    /// Follow a unit, or none.
    Follow(Option<UnitId>),
    /// Ask for the way of a unit to a place.
    Route(UnitId, LonLat),
    /// Make two branches of a second: the one as it is, the other with what is done otherwise.
    Fork(Timestamp, Intervention, Box<About>),
    /// Ask which worlds there are.
    AskWorlds,
    /// Go to another world.
    Enter(WorldChoice),
    /// Make a drill of a scenario.
    StartDrill(String),
    /// What the director of a drill does.
    Direct(DirectorAct),
    /// Let somebody else's units drive along, or none any more.
    Ghost(Option<GhostOf>),
    /// Open or close the list of ghosts.
    Ghosts,
    /// Open a page of the server, by its path, in the system's browser.
    OpenPage(String),
    /// Move in time, or between worlds.
    Time(TimeAct),
}

/// A command under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Sending {
    /// The client's name for it.
    pub id: CommandId,
    /// What.
    pub request: CommandRequest,
    /// Since when.
    pub since: Instant,
}

/// A refusal, shown where the command was given until something else is done there.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What was asked.
    pub request: CommandRequest,
    /// Stable number.
    pub code: u16,
    /// The server's words, in English.
    pub text: String,
    /// When.
    pub at: Instant,
}

/// The menu of a place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceMenu {
    /// Where on the ground.
    pub at: LonLat,
    /// Where on the screen.
    pub screen: Pos2,
    /// What was under the pointer.
    pub on: Selection,
    /// Address, to be put right by hand.
    pub address: String,
    /// Which part is open.
    pub page: MenuPage,
    /// Typed to find a class.
    pub query: String,
    /// Line chosen.
    pub cursor: usize,
    /// Class chosen.
    pub class: Option<ClassId>,
    /// What was seen, in words.
    pub note: String,
    /// A text field wants the keyboard.
    pub focus_text: bool,
    /// Units that could be sent here; their ways by road have been asked for.
    pub candidates: Vec<UnitId>,
}

/// Parts of the menu of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuPage {
    /// What can be done here.
    #[default]
    Actions,
    /// Report a case.
    Report,
    /// Send a unit.
    Send,
}

/// The search.
#[derive(Clone, Debug, Default)]
pub struct SearchState {
    /// Open.
    pub open: bool,
    /// What was typed.
    pub query: String,
    /// What it found.
    pub hits: Vec<Hit>,
    /// The query that `hits` answer.
    pub answered: String,
    /// Line chosen.
    pub cursor: usize,
    /// The field wants the keyboard.
    pub focus: bool,
}

/// Everything that the panels remember.
#[derive(Resource, Debug, Default)]
pub struct PanelState {
    /// Who has the keyboard.
    pub zone: Zone,
    /// Alarms and hotspots instead of what is chosen, where only one panel fits.
    pub overview: bool,
    /// The queue is narrowed to.
    pub filter: Filter,
    /// The queue's order.
    pub sort: Sort,
    /// The queue as shown.
    pub order: StableOrder,
    /// Groups shown whole.
    pub unfolded: [bool; 3],
    /// The pointer is over the list.
    pub over_queue: bool,
    /// The filter row is open.
    pub filter_open: bool,
    /// Case under the keyboard's cursor.
    pub cursor: Option<CaseId>,
    /// The cursor must be brought into sight.
    pub reveal: bool,
    /// Unit chosen in the table.
    pub unit: Option<UnitId>,
    /// Only units with the skill.
    pub only_skilled: bool,
    /// The officer wants another unit for a case that has one.
    pub reassign: bool,
    /// A command under way.
    pub sending: Option<Sending>,
    /// Refusals on show, newest last.
    pub refusals: Vec<Refusal>,
    /// Case that `unit`, `reassign` and the refusals belong to.
    pub case: Option<CaseId>,
    /// Search.
    pub search: SearchState,
    /// Help overlay.
    pub help: bool,
    /// Menu of a place.
    pub menu: Option<PlaceMenu>,
    /// Delays measured.
    pub delays: Delays,
    /// Alarm acknowledged here and not yet confirmed.
    pub acknowledging: Option<AlarmId>,
    /// Notice of the server and until when it is shown.
    pub notice: Option<(String, Instant)>,
    /// The notice of what is simulated is unfolded.
    pub about: bool,
    /// The drill one is in.
    pub drill: Desk,
    /// Forks.
    pub fork: super::fork::Desk,
    /// Where one can go.
    pub worlds: Worlds,
    /// The time bar.
    pub time: TimeBar,
}

impl PanelState {
    /// Called when another case (or none) is chosen: what belonged to the one before is forgotten.
    pub fn follow_case(&mut self, case: Option<CaseId>) {
        if self.case != case {
            self.case = case;
            self.unit = None;
            self.reassign = false;
            self.refusals.clear();
        }
    }

    /// Units refused for the case on show.
    pub fn refused_units(&self) -> Vec<UnitId> {
        self.refusals
            .iter()
            .filter_map(|r| sent_unit(&r.request))
            .collect()
    }
}

/// The unit that a command sends.
pub fn sent_unit(request: &CommandRequest) -> Option<UnitId> {
    match request {
        CommandRequest::DispatchUnit { unit, .. } => Some(*unit),
        CommandRequest::ReassignCase { to, .. } => Some(*to),
        _ => None,
    }
}

use super::{Focus, KeyOwner, KeyOwners, ListKeys};
use crate::account::{Account, Me};
use crate::i18n::{CityTime, Words};
use crate::input::Zone;
use crate::live::Selection;
use crate::net::{City, Desks};
use crate::panels::icons::Icons;
use crate::panels::layout::Layout;
use crate::panels::skin::Skin;
use crate::panels::world::WorldLook;
use bevy::ecs::system::SystemParam;
use bevy::prelude::{Res, Resource};
use bevy_egui::egui::Context;
use chengtu_engine::drill::Seat;
use chengtu_engine::permission::{Permission, Rights};
use chengtu_engine::record::World;
use chengtu_engine::replay::WorldClock;
use chengtu_engine::stream::{Mirror, WorldInfo};
use chengtu_engine::time::Timestamp;
use std::ops::Deref;
use std::time::Duration;

/// How the line to the server is, for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Link {
    /// Never greeted yet.
    #[default]
    Connecting,
    /// Greeted; the time a message and its answer take.
    Live(Option<Duration>),
    /// Cut, or never reached; also while a new attempt is under way.
    Lost {
        /// For how long.
        since: Duration,
        /// Until the next attempt; `None` while an attempt is under way.
        next_try: Option<Duration>,
        /// Why, in the words of the system.
        reason: String,
    },
}

/// What is the same for every panel in one frame.
#[derive(Resource, Clone, Debug)]
pub struct Frame {
    /// Counts the frames that were drawn.
    pub number: u64,
    /// What is drawn into.
    pub ctx: Context,
    /// Where everything is.
    pub layout: Layout,
    /// Colours and frame of the world.
    pub look: WorldLook,
    /// The current world.
    pub world: World,
    /// What is known of it; `None` in the running city.
    pub info: Option<WorldInfo>,
    /// Its clock; `None` in the running city.
    pub clock: Option<WorldClock>,
    /// The time in the current world: the only now.
    pub now: Timestamp,
    /// When the server was last heard.
    pub last_word: Timestamp,
    /// The city's clock.
    pub time: CityTime,
    /// The line to the server.
    pub link: Link,
    /// True while this console may give no command: it was to be in another world and has not come there.
    pub locked: bool,
    /// No window: nothing can be pressed, the pointer is nowhere.
    pub picture: bool,
}

/// Everything that any panel reads in a frame. A panel that reads more has a scene of its own around this one.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    frame: &'a Frame,
    /// State of the current world, as received so far.
    pub mirror: &'a Mirror,
    /// Who else is in this world.
    pub desks: &'a Desks,
    /// Who is at this console, where the server has said so.
    pub me: Option<&'a Me>,
    /// Words of the user's language.
    pub words: &'a Words,
    /// Colours and type.
    pub skin: &'a Skin,
    /// Glyphs of the trades.
    pub icons: &'a Icons,
    /// What is chosen.
    pub selection: Selection,
    /// Which part of the screen has the keyboard; the map while an open panel has the keys alone.
    pub zone: Zone,
    owner: Option<KeyOwner>,
    list: ListKeys,
}

impl Deref for Scene<'_> {
    type Target = Frame;

    fn deref(&self) -> &Frame {
        self.frame
    }
}

impl Scene<'_> {
    /// What the keys of this frame do in the list of a panel that has them alone; nothing where another has them.
    pub fn list_keys(&self, owner: KeyOwner) -> ListKeys {
        if self.owner == Some(owner) {
            self.list
        } else {
            ListKeys::default()
        }
    }

    /// True where an open panel has the keys alone, so that nothing else on the screen is what they are for.
    pub fn keys_are_owned(&self) -> bool {
        self.owner.is_some()
    }

    /// True where the user may do this, in the running city or in a drill, where the seat decides: what one may not do, and
    /// what would reach another world, is not drawn as a button.
    pub fn may(&self, permission: Permission) -> bool {
        self.is_commanded(self.rights().has(permission))
    }

    /// True in the running city where the user may not do this, whatever they are about: then it is said who may.
    pub fn lacks(&self, permission: Permission) -> bool {
        let known = self.mirror.hello.is_some() && !self.locked;
        known && self.world == World::Live && !self.rights().has(permission)
    }

    fn is_commanded(&self, in_city: bool) -> bool {
        if self.locked {
            return false;
        }
        match self.world {
            World::Live => in_city,
            World::Drill(_) => self.has_seat(),
            World::Replay(_) | World::Fork(_) => false,
        }
    }

    /// What the user may do, as the server says; as their role usually may where it says no more.
    pub fn rights(&self) -> Rights {
        let hello = self.mirror.hello.as_ref();
        let usual = || hello.map_or(Rights::NONE, |h| h.role.rights());
        self.me.map_or_else(usual, |me| me.rights)
    }

    /// True where the world's clock can be driven from this seat.
    pub fn may_drive(&self) -> bool {
        self.info.as_ref().is_some_and(WorldInfo::may_drive)
    }

    fn has_seat(&self) -> bool {
        self.info.as_ref().is_some_and(|i| i.seat != Seat::Viewer)
    }

    /// True where the past is looked at.
    pub fn is_past(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_))
    }

    /// True where the server was heard and is no longer: what is shown is as it was then.
    pub fn is_lost(&self) -> bool {
        matches!(self.link, Link::Lost { .. }) && self.last_word.0 > 0
    }

    /// True while commands reach the server.
    pub fn is_live(&self) -> bool {
        matches!(self.link, Link::Live(_))
    }
}

/// A panel's view of the frame that is drawn.
#[derive(SystemParam)]
pub struct View<'w> {
    frame: Res<'w, Frame>,
    city: Res<'w, City>,
    account: Res<'w, Account>,
    words: Res<'w, Words>,
    skin: Res<'w, Skin>,
    icons: Res<'w, Icons>,
    selection: Res<'w, Selection>,
    focus: Res<'w, Focus>,
    list: Res<'w, ListKeys>,
    owners: Res<'w, KeyOwners>,
}

impl View<'_> {
    /// What the panel reads.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            frame: &self.frame,
            mirror: &self.city.mirror,
            desks: self.city.desks(),
            me: self.account.me(),
            words: &self.words,
            skin: &self.skin,
            icons: &self.icons,
            selection: *self.selection,
            zone: match self.owners.current() {
                Some(_) => Zone::Map,
                None => self.focus.zone,
            },
            owner: self.owners.current(),
            list: *self.list,
        }
    }
}

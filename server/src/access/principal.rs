use super::Feed;
use crate::accounts::{Ended, Pass};
use crate::audit::{Name, Party, address};
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::permission::{Permission, Rights, Role};
use chengtu_engine::sight::{DataClass, DataClasses};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Who somebody is, whatever they are called: two people of one display name have two of these.
///
/// Stable over restarts, so that what is kept on disk (bookmarks) stays its owner's. See
/// [`UserConfig::id`](crate::config::UserConfig::id) for where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(Arc<str>);

impl PrincipalId {
    /// A person of the configuration, or an operator of a server that has none configured.
    pub fn user(id: &str) -> Self {
        Self(format!("user:{id}").into())
    }

    /// Somebody who looks on at a server without configured users.
    pub fn guest_viewer(name: &str) -> Self {
        Self(format!("viewer:{name}").into())
    }

    /// A unit's terminal.
    pub fn unit(call_sign: &str) -> Self {
        Self(format!("unit:{call_sign}").into())
    }

    /// A feed, by its name in the configuration.
    pub fn feed(name: &str) -> Self {
        Self(format!("feed:{name}").into())
    }

    /// One that was kept on disk.
    pub fn kept(id: &str) -> Self {
        Self(id.into())
    }

    /// As it is kept on disk.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a principal takes part as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A duty officer: sees and decides.
    Operator,
    /// Sees everything and changes nothing.
    Viewer,
    /// A unit's terminal: reports its own position and progress. Its call sign is the principal's name.
    Terminal,
    /// A source of data.
    Feed(Arc<Feed>),
}

impl Part {
    /// The role that it is in the engine's table of rights.
    pub fn role(&self) -> Role {
        match self {
            Self::Operator => Role::Operator,
            Self::Viewer => Role::Viewer,
            Self::Terminal => Role::Unit,
            Self::Feed(_) => Role::Feed,
        }
    }
}

/// Where somebody of an account stands; empty for tokens of the configuration and where the server is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Post {
    /// Words of the table of roles.
    pub roles: Vec<String>,
    /// Key of their department; empty: none.
    pub department: String,
    /// Prefixes of grid codes; none: the whole city.
    pub areas: Vec<String>,
}

/// What somebody may see, before it is known where they stand in a city.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sees {
    /// Everything: where the server is open, and tokens of the configuration.
    #[default]
    Everything,
    /// What these classes of data are, of their post's areas, and what their department holds.
    Classes {
        /// Beside what is public.
        classes: DataClasses,
        /// What their department holds alone.
        only_held: bool,
    },
    /// What their unit holds.
    OwnUnit,
}

/// Somebody who has shown a token that opens something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Identity: what ownership is decided by.
    pub id: PrincipalId,
    /// Display name, or call sign; for people and for the log. Not unique; of a session that may act it is the name of
    /// its desk, which no other connected session has.
    pub name: String,
    /// What they take part as.
    pub part: Part,
    /// What they may do: their role's usual rights, and what the configuration grants or withdraws.
    pub rights: Rights,
    /// Ends when they may not be here any more.
    pub pass: Pass,
    /// Roles, department and areas of their account.
    pub post: Arc<Post>,
    /// What they may see.
    pub sees: Sees,
}

impl Principal {
    /// A terminal of the unit with this call sign.
    pub fn terminal(call_sign: &str) -> Self {
        Self::with_usual_rights(PrincipalId::unit(call_sign), call_sign, Part::Terminal)
    }

    /// A principal for a feed, with the usual rights of feeds.
    pub fn of_feed(feed: Arc<Feed>) -> Self {
        let name = feed.name.clone();
        Self::with_usual_rights(PrincipalId::feed(&name), &name, Part::Feed(feed))
    }

    /// With the rights that come with a part.
    pub fn with_usual_rights(id: PrincipalId, name: &str, part: Part) -> Self {
        let rights = part.role().rights();
        Self {
            id,
            name: name.to_owned(),
            part,
            rights,
            pass: Pass::for_ever(),
            post: Arc::default(),
            sees: Sees::Everything,
        }
    }

    /// Refuses whoever sees a part of the city alone what counts all of it: the past as a whole, forks, drills and what is
    /// left of them. `sensitive`: there are cases of which some are not told at all.
    ///
    /// # Errors
    /// [`Code::NotForRole`].
    pub fn require_whole(&self, sensitive: bool) -> Result<(), Refusal> {
        let whole = match self.sees {
            Sees::Everything => true,
            Sees::OwnUnit => false,
            Sees::Classes { classes, only_held } => {
                let all = !sensitive || classes.has(DataClass::Sensitive);
                let ground = self.post.areas.is_empty() && !only_held;
                ground && all && classes.has(DataClass::Internal)
            }
        };
        let text = "this counts the whole city, and your account sees a part of it; replay it, which shows that part";
        whole
            .then_some(())
            .ok_or_else(|| Refusal::new(Code::NotForRole, text))
    }

    /// As what is kept of their acts says who they are; `from`: their network address.
    pub fn party(&self, from: Option<IpAddr>) -> Party {
        Party {
            id: self.id.as_str().to_owned(),
            name: match &self.part {
                Part::Operator => Name::Person(self.name.clone()),
                Part::Terminal => Name::Terminal(self.name.clone()),
                Part::Feed(feed) => Name::Feed(feed.name.clone()),
                Part::Viewer => Name::Nobody,
            },
            from: address(from),
        }
    }

    /// The role that belongs to their part.
    pub fn role(&self) -> Role {
        self.part.role()
    }

    /// True for people whose acts are signed: officers, and who may take part in drills.
    pub fn may_act(&self) -> bool {
        self.part == Part::Operator || self.rights.has(Permission::JoinDrills)
    }

    /// Why they may not be here any more; `None` while they may.
    pub fn ended(&self) -> Option<Ended> {
        self.pass.why()
    }

    /// Refuses anybody who lacks a permission, or may not be here any more.
    ///
    /// # Errors
    /// [`Code::NotForRole`] with [`Permission::refusal`]; [`Code::NoAccess`].
    pub fn require(&self, permission: Permission) -> Result<(), Refusal> {
        if let Some(why) = self.ended() {
            return Err(Refusal::new(Code::NoAccess, why.to_string()));
        }
        let lacking = |p: Permission| Refusal::new(Code::NotForRole, p.refusal());
        self.rights.require(permission).map_err(lacking)
    }
}

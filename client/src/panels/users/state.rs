use crate::account::{Ask, Call};
use bevy::prelude::{Message, Resource};
use serde_json::{Value, json};
use std::time::Instant;

/// What panels ask of the page.
#[derive(Message, Clone, Debug, PartialEq)]
pub enum UsersAct {
    /// Open it.
    Open,
    /// Change something at the server.
    Do(Ask),
}

/// What an account is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody who logs in.
    #[default]
    Person,
    /// A program that sends data.
    Feed,
    /// A unit's terminal.
    Terminal,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Person, Self::Feed, Self::Terminal];

    /// The server's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Feed => "feed",
            Self::Terminal => "terminal",
        }
    }

    /// Key of its words.
    pub fn key(self) -> &'static str {
        match self {
            Self::Person => "users.person",
            Self::Feed => "users.feed",
            Self::Terminal => "users.terminal",
        }
    }

    fn named(word: &str) -> Self {
        let found = Self::ALL.into_iter().find(|k| k.word() == word);
        found.unwrap_or_default()
    }
}

/// An account as the server tells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub display: String,
    pub roles: Vec<String>,
    pub department: String,
    pub areas: Vec<String>,
    pub speaks_for: String,
    pub disabled: bool,
    pub must_change: bool,
}

fn text(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap_or_default().to_owned()
}

fn texts(of: &Value, key: &str) -> Vec<String> {
    let list = of[key].as_array().map_or(&[][..], Vec::as_slice);
    let text = |v: &Value| Some(v.as_str()?.to_owned());
    list.iter().filter_map(text).collect()
}

impl Row {
    fn read(of: &Value) -> Self {
        Self {
            id: text(of, "id"),
            name: text(of, "name"),
            kind: Kind::named(of["kind"].as_str().unwrap_or_default()),
            display: text(of, "display"),
            roles: texts(of, "roles"),
            department: text(of, "department"),
            areas: texts(of, "areas"),
            speaks_for: text(of, "speaks_for"),
            disabled: of["disabled"] == true,
            must_change: of["must_change"] == true,
        }
    }

    /// Path of something that is done with it.
    fn path(&self, what: &str) -> String {
        format!("/v1/accounts/{}{what}", self.name)
    }

    /// Disables it, or enables it again.
    pub fn toggled(&self) -> Ask {
        let body = json!({"disabled": !self.disabled});
        Ask::post(&self.path(""), Some(body))
    }

    /// A new password for one use, or a new secret.
    pub fn renewed(&self) -> Ask {
        let what = match self.kind {
            Kind::Person => "/reset",
            Kind::Feed | Kind::Terminal => "/rotate",
        };
        Ask::post(&self.path(what), None)
    }
}

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SessionRow {
    pub id: String,
    pub name: String,
    pub current: bool,
    pub idle_s: i64,
    pub address: String,
    pub client: String,
}

/// What is being written of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub name: String,
    pub kind: Kind,
    pub display: String,
    pub roles: Vec<String>,
    pub department: String,
    /// Prefixes of grid codes with spaces between them.
    pub areas: String,
    pub speaks_for: String,
}

impl Draft {
    pub fn of(row: &Row) -> Self {
        Self {
            name: row.name.clone(),
            kind: row.kind,
            display: row.display.clone(),
            roles: row.roles.clone(),
            department: row.department.clone(),
            areas: row.areas.join(" "),
            speaks_for: row.speaks_for.clone(),
        }
    }

    fn areas(&self) -> Vec<&str> {
        let parts = self.areas.split([' ', ',', '，', '、', ';', '；']);
        parts.filter(|a| !a.is_empty()).collect()
    }

    /// Takes a role in, or out where it is there.
    pub fn toggle(&mut self, role: &str) {
        if self.roles.iter().any(|r| r == role) {
            self.roles.retain(|r| r != role);
        } else {
            self.roles.push(role.to_owned());
        }
    }

    /// True where there is enough to make an account of.
    pub fn is_whole(&self) -> bool {
        let named = !self.name.trim().is_empty();
        named
            && match self.kind {
                Kind::Person => !self.roles.is_empty(),
                Kind::Feed | Kind::Terminal => !self.speaks_for.trim().is_empty(),
            }
    }

    /// Makes the account.
    pub fn made(&self) -> Ask {
        let mut body = json!({"name": self.name.trim(), "kind": self.kind.word(), "display": self.display.trim()});
        if self.kind == Kind::Person {
            body["roles"] = self.roles.clone().into();
            body["department"] = self.department.clone().into();
            body["areas"] = self.areas().into();
        } else {
            body["speaks_for"] = self.speaks_for.trim().into();
        }
        Ask::post("/v1/accounts", Some(body))
    }

    /// Changes of an account what is written otherwise; `None` where nothing is.
    pub fn changes(&self, row: &Row) -> Option<Ask> {
        let before = Self::of(row);
        let mut body = json!({});
        if self.display.trim() != before.display {
            body["display"] = self.display.trim().into();
        }
        let sorted = |roles: &[String]| {
            let mut roles = roles.to_vec();
            roles.sort();
            roles
        };
        if sorted(&self.roles) != sorted(&before.roles) {
            body["roles"] = self.roles.clone().into();
        }
        if self.department != before.department {
            body["department"] = self.department.clone().into();
        }
        if self.areas() != before.areas() {
            body["areas"] = self.areas().into();
        }
        let changed = body.as_object().is_some_and(|b| !b.is_empty());
        changed.then(|| Ask::post(&row.path(""), Some(body)))
    }
}

/// What asks to be pressed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Armed {
    /// The account is disabled.
    Disable,
    /// Its password or secret is replaced.
    Renew,
}

/// The page.
#[derive(Resource, Debug, Default)]
pub struct UsersState {
    pub(super) open: bool,
    /// The server has told which accounts there are.
    pub(super) known: bool,
    pub(super) rows: Vec<Row>,
    /// Words of the server's table of roles.
    pub(super) roles: Vec<String>,
    pub(super) sessions: Vec<SessionRow>,
    /// The account under the keyboard, by its place.
    pub(super) cursor: usize,
    /// A new account is written.
    pub(super) making: bool,
    pub(super) draft: Draft,
    pub(super) armed: Option<Armed>,
    /// What the server shows once: whose, and the password or secret.
    pub(super) shown_once: Option<(String, String)>,
    /// Why something was not done, in the server's words.
    pub(super) fault: Option<String>,
    /// Accounts and sessions on their way.
    pub(super) asking: [Option<Call>; 2],
    pub(super) asked_at: Option<Instant>,
    pub(super) doing: Option<Call>,
}

impl UsersState {
    /// The account that is chosen; `None` while a new one is written.
    pub(super) fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor).filter(|_| !self.making)
    }

    /// Chooses an account by its place.
    pub(super) fn choose(&mut self, place: usize) {
        (self.cursor, self.making, self.armed) = (place, false, None);
        self.fault = None;
        self.draft = self.rows.get(place).map(Draft::of).unwrap_or_default();
    }

    /// Begins a new account.
    pub(super) fn begin(&mut self) {
        (self.making, self.armed, self.fault) = (true, None, None);
        self.draft = Draft::default();
    }

    /// One step back; true where there was one.
    pub(super) fn leave(&mut self) -> bool {
        if self.shown_once.take().is_some() {
            return true;
        }
        if self.making {
            self.choose(self.cursor);
            return true;
        }
        let was = self.open;
        *self = Self::default();
        was
    }

    /// Takes in which accounts there are; what is being written stays written.
    pub(super) fn take_accounts(&mut self, answer: &Value) {
        let list = answer["accounts"].as_array().map_or(&[][..], Vec::as_slice);
        let mut rows: Vec<Row> = list.iter().map(Row::read).collect();
        rows.sort_by(|a, b| {
            (a.kind.word() != "person", &a.name).cmp(&(b.kind.word() != "person", &b.name))
        });
        let chosen = self.rows.get(self.cursor).map(|r| r.id.clone());
        let before = self.row().cloned();
        self.rows = rows;
        self.roles = texts(answer, "roles");
        let place = chosen.and_then(|id| self.rows.iter().position(|r| r.id == id));
        self.cursor = place.unwrap_or(0);
        let untouched = before.is_none_or(|b| self.draft == Draft::of(&b));
        if !self.making && (untouched || !self.known) {
            self.draft = self.row().map(Draft::of).unwrap_or_default();
        }
        self.known = true;
    }

    /// Takes in who is logged in.
    pub(super) fn take_sessions(&mut self, answer: &Value) {
        let list = answer["sessions"].as_array().map_or(&[][..], Vec::as_slice);
        let row = |of: &Value| SessionRow {
            id: text(of, "id"),
            name: text(of, "name"),
            current: of["current"] == true,
            idle_s: of["idle_s"].as_i64().unwrap_or_default(),
            address: text(of, "address"),
            client: text(of, "client"),
        };
        self.sessions = list.iter().map(row).collect();
    }

    /// Takes in what has been done to an account.
    pub(super) fn take_done(&mut self, answer: &Value) {
        let account = Row::read(&answer["account"]);
        if let Some(shown) = answer["shown_once"].as_str() {
            self.shown_once = Some((account.name.clone(), shown.to_owned()));
        }
        (self.making, self.armed, self.fault, self.asked_at) = (false, None, None, None);
        // It has no place among the others yet where it is new.
        let place = self.rows.iter().position(|r| r.id == account.id);
        if account.id.is_empty() {
            return;
        }
        let place = place.unwrap_or_else(|| {
            self.rows.push(account.clone());
            self.rows.len() - 1
        });
        self.rows[place] = account;
        self.choose(place);
    }
}

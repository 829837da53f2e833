use crate::account::Call;
use crate::door::Door;
use crate::net::Connection;
use bevy::prelude::{Message, Resource};
use chengtu_trust::{Fingerprint, Refusal};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What panels ask of the card.
#[derive(Message, Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInAct {
    /// Log in again before the session ends.
    Again,
    /// End the session.
    LogOut,
}

/// Why the card is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Nobody has logged in yet.
    NotYet,
    /// What was shown opens nothing any more: why, in the server's words.
    Ended(String),
    /// Whoever was here has left.
    LoggedOut,
    /// The session will end, or somebody wants another one.
    Again,
}

/// A line to write on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Field {
    /// The server's address.
    Server,
    /// Log-in name.
    #[default]
    Name,
    /// Password.
    Password,
    /// The one to replace it.
    NewPassword,
    /// That one, once more.
    Repeated,
}

impl Field {
    /// Those on the card, from the top.
    pub fn on_card(must_change: bool) -> &'static [Self] {
        const ALL: [Field; 5] = [
            Field::Server,
            Field::Name,
            Field::Password,
            Field::NewPassword,
            Field::Repeated,
        ];
        if must_change { &ALL } else { &ALL[..3] }
    }

    /// True for what is not shown as it is typed.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::NewPassword | Self::Repeated)
    }
}

/// Why somebody has not come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// In the server's words.
    Said(String),
    /// The two new passwords are not the same.
    Differ,
    /// Nobody answers; why, in words.
    Unreachable(String),
}

/// What is pressed on the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Log in with what is written.
    LogIn,
    /// Go to the server that is written.
    Server,
    /// This is the server's certificate.
    Trust(Fingerprint),
    /// Log in at this page instead.
    SingleSignOn(String),
    /// Not now.
    Later,
    /// The other language.
    Language,
}

/// Another way in, which the server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SingleSignOn {
    /// What it is called.
    pub name: String,
    /// The page at which it begins.
    pub path: String,
}

impl SingleSignOn {
    /// Where it begins unless the server says otherwise.
    const PATH: &'static str = "/v1/login/sso";

    /// As the server tells it; `None` where it has none.
    pub fn read(means: &Value) -> Option<Self> {
        let sso = means.get("sso").filter(|s| s.is_object())?;
        let text = |key: &str| sso[key].as_str().map(str::to_owned);
        Some(Self {
            name: text("name").unwrap_or_default(),
            path: text("path").unwrap_or_else(|| Self::PATH.to_owned()),
        })
    }
}

/// How the line to the server is, as far as the card goes by it.
pub(super) struct Line {
    /// Address of the server.
    pub server: String,
    /// The server has answered: it opens to whoever logs in.
    pub answers: bool,
    /// Its certificate is not taken.
    pub untrusted: Option<Refusal>,
    /// What is said there is encrypted.
    pub secure: bool,
}

impl Line {
    pub fn of(connection: &Connection, door: &Door) -> Self {
        let server = door.server();
        let scheme = server.split("://").next().unwrap_or_default();
        Self {
            answers: connection.shut().is_some() || connection.is_live(),
            untrusted: connection.untrusted().cloned(),
            secure: ["wss", "https"]
                .iter()
                .any(|s| scheme.eq_ignore_ascii_case(s)),
            server,
        }
    }
}

/// What is on the card.
#[derive(Resource, Debug, Default)]
pub struct LogInState {
    pub(super) open: Option<Why>,
    pub(super) written: Written,
    /// The password is right, and must be changed.
    pub(super) must_change: bool,
    /// The line under the keyboard.
    pub(super) at: Field,
    /// It wants the keyboard.
    pub(super) focus: bool,
    pub(super) asking: Option<Call>,
    /// Somebody logs in elsewhere, in a browser; here they may still do so by password.
    pub(super) at_browser: bool,
    /// The password was taken; the server has not greeted yet.
    pub(super) entering: bool,
    pub(super) fault: Option<Fault>,
    /// The server looks at nothing before.
    pub(super) not_before: Option<Instant>,
    /// The server has been asked what else it takes.
    pub(super) means_asked: bool,
    pub(super) asking_means: Option<Call>,
    pub(super) single_sign_on: Option<SingleSignOn>,
}

/// What is written on the card.
#[derive(Default)]
pub(super) struct Written {
    pub server: String,
    pub name: String,
    pub password: String,
    pub new_password: String,
    pub repeated: String,
}

/// Passwords are written nowhere else.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.name, self.server)
    }
}

impl Written {
    pub fn of(&mut self, field: Field) -> &mut String {
        match field {
            Field::Server => &mut self.server,
            Field::Name => &mut self.name,
            Field::Password => &mut self.password,
            Field::NewPassword => &mut self.new_password,
            Field::Repeated => &mut self.repeated,
        }
    }
}

impl LogInState {
    /// True while the card is on the screen.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Opens the card; `name`: who is expected to log in.
    pub(super) fn open(&mut self, why: Why, server: &str, name: Option<String>) {
        *self = Self {
            open: Some(why),
            single_sign_on: self.single_sign_on.take(),
            ..Self::default()
        };
        server.clone_into(&mut self.written.server);
        self.written.name = name.unwrap_or_default();
        self.to(self.first_empty().unwrap_or(Field::Password));
    }

    /// Puts the card away, and what was written on it; true where it was open.
    pub(super) fn close(&mut self) -> bool {
        let was = self.open.is_some();
        *self = Self {
            single_sign_on: self.single_sign_on.take(),
            ..Self::default()
        };
        was
    }

    /// Gives a line the keyboard.
    pub(super) fn to(&mut self, field: Field) {
        self.at = field;
        self.focus = true;
    }

    /// The first line on which nothing is written.
    pub(super) fn first_empty(&self) -> Option<Field> {
        let w = &self.written;
        let empty = |f: &&Field| match f {
            Field::Server => w.server.trim().is_empty(),
            Field::Name => w.name.trim().is_empty(),
            Field::Password => w.password.is_empty(),
            Field::NewPassword => w.new_password.is_empty(),
            Field::Repeated => w.repeated.is_empty(),
        };
        Field::on_card(self.must_change).iter().find(empty).copied()
    }

    /// True while the server is asked, or lets somebody in.
    pub(super) fn is_busy(&self) -> bool {
        (self.asking.is_some() && !self.at_browser) || self.entering
    }

    /// How long the server looks at nothing yet.
    pub(super) fn wait(&self) -> Option<Duration> {
        let left = self.not_before?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

use super::{Api, Ask, Call};
use crate::net::Connection;
use bevy::prelude::{Res, ResMut, Resource};
use chengtu_engine::permission::{Permission, Rights};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Whoever is at this console, as the server knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    /// Log-in name; empty for who has no account.
    pub name: String,
    /// Name for people.
    pub display: String,
    /// Words of the server's table of roles.
    pub roles: Vec<String>,
    /// Key of their department; empty: none.
    pub department: String,
    /// Prefixes of grid codes; none: the whole city.
    pub areas: Vec<String>,
    /// What they may do.
    pub rights: Rights,
    /// When the session ends at the latest; `None` where nothing ends.
    pub ends: Option<Instant>,
}

impl Me {
    /// Reads what the server answers; what it does not say is empty.
    pub fn read(answer: &Value) -> Self {
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        let texts = |key: &str| -> Vec<String> {
            let list = answer[key].as_array().map_or(&[][..], Vec::as_slice);
            list.iter()
                .filter_map(|v| Some(v.as_str()?.to_owned()))
                .collect()
        };
        let rights = texts("rights");
        let rights = rights.iter().filter_map(|w| Permission::named(w));
        let rights = rights.fold(Rights::NONE, |all, p| all.with(p, true));
        let left = answer["left_s"].as_u64().map(Duration::from_secs);
        Self {
            name: text("name"),
            display: text("display"),
            roles: texts("roles"),
            department: text("department"),
            areas: texts("areas"),
            rights,
            ends: left.and_then(|left| Instant::now().checked_add(left)),
        }
    }

    /// How long the session lasts yet; `None` where it does not end.
    pub fn left(&self) -> Option<Duration> {
        let ends = self.ends?;
        Some(ends.saturating_duration_since(Instant::now()))
    }
}

/// What is known of whoever is at this console.
#[derive(Resource, Debug, Default)]
pub struct Account {
    me: Option<Me>,
    asking: Option<Call>,
    /// This greeting has been followed by the question who one is.
    asked: bool,
}

impl Account {
    /// Whoever has logged in; `None` before the server has said so, and of a server that does not say.
    pub fn me(&self) -> Option<&Me> {
        self.me.as_ref()
    }

    /// Nobody is logged in any more.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Somebody, for a picture.
    #[cfg(test)]
    pub fn of(me: Me) -> Self {
        Self {
            me: Some(me),
            asked: true,
            ..Self::default()
        }
    }
}

/// Asks who one is once the server has greeted, and takes the answer in.
pub(super) fn learn(connection: Res<Connection>, api: Res<Api>, mut account: ResMut<Account>) {
    if !connection.is_live() {
        if account.asked {
            account.asked = false;
            account.asking = None;
        }
        return;
    }
    if !account.asked && connection.is_of_server() {
        account.asked = true;
        account.asking = Some(api.ask(Ask::get("/v1/me")));
    }
    if account.asking.is_none() {
        return;
    }
    if let Some(answer) = account.asking.as_mut().and_then(Call::poll) {
        account.asking = None;
        // A server that does not know the question has told the role in its greeting.
        account.me = answer.ok().map(|a| Me::read(&a));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_says_of_one_is_read_and_what_it_leaves_out_is_empty() {
        let me = Me::read(&json!({
            "name": "li", "display": "李雪", "roles": ["dispatcher"], "department": "water",
            "areas": ["320102"], "rights": ["send_units", "of_the_future"], "left_s": 90,
        }));
        assert_eq!((me.name.as_str(), me.display.as_str()), ("li", "李雪"));
        assert!(me.rights.has(Permission::SendUnits) && !me.rights.has(Permission::CheckCases));
        assert!(me.left().is_some_and(|left| left.as_secs() >= 88));
        let nobody = Me::read(&json!({"name": null}));
        assert_eq!(nobody.left(), None);
        assert_eq!((nobody.rights, nobody.areas), (Rights::NONE, vec![]));
    }
}

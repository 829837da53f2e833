use super::OidcConfig;
use chengtu_engine::permission::{Permission, Rights, RoleGrant, RoleTable};
use chengtu_engine::sight::{DataClass, DataClasses};
use serde::{Deserialize, Serialize};

/// How accounts are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountsConfig {
    /// Memory that hashing a password takes (Argon2id), KiB; what was hashed otherwise is hashed anew at the next log-in.
    pub argon2_memory_kib: u32,
    /// Passes over that memory.
    pub argon2_passes: u32,
    /// Lanes of that memory.
    pub argon2_lanes: u32,
    /// A session that is not used for longer ends, seconds; an open connection is use.
    pub session_idle_s: u64,
    /// A session ends after so long in any case, seconds.
    pub session_max_s: u64,
    /// Single sign-on beside passwords.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcConfig>,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            argon2_memory_kib: 19_456,
            argon2_passes: 2,
            argon2_lanes: 1,
            session_idle_s: 3_600,
            session_max_s: 57_600,
            oidc: None,
        }
    }
}

/// A role of the city's people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleConfig {
    /// Its word, as accounts have it.
    pub name: String,
    /// What it may do, by words.
    pub permissions: Vec<Permission>,
    /// What it sees beside what is public, by words.
    #[serde(default = "internal")]
    pub sees: Vec<DataClass>,
    /// It sees what its department holds, and nothing else: an external company.
    #[serde(default)]
    pub only_held: bool,
}

fn internal() -> Vec<DataClass> {
    vec![DataClass::Internal]
}

/// The roles that ship.
const SHIPPED: &str = include_str!("roles.toml");

#[derive(Deserialize)]
struct Shipped {
    roles: Vec<RoleConfig>,
}

/// The table of roles: those of the configuration, or those that ship where it has none. Administrators there are in any
/// case: without them nobody could make an account but on the command line.
pub(super) fn table(configured: &[RoleConfig]) -> RoleTable {
    let shipped = toml::from_str::<Shipped>(SHIPPED).map_or_else(|_| Vec::new(), |s| s.roles);
    let in_any_case = |r: &RoleConfig| configured.is_empty() || r.name == "administrator";
    let roles = shipped.into_iter().filter(in_any_case);
    let roles = roles.chain(configured.iter().cloned());
    RoleTable::new(roles.map(|r| {
        let grant = RoleGrant {
            rights: Rights::of(&r.permissions),
            sees: DataClasses::of(r.sees),
            only_held: r.only_held,
        };
        (r.name, grant)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use chengtu_engine::permission::Role;
    use std::path::Path;

    #[test]
    fn the_shipped_roles_keep_supervision_and_command_apart() {
        let all = table(&[]);
        assert_eq!(all.words().count(), 14);
        assert_eq!(all.rights("operator"), Some(Role::Operator.rights()));
        assert_eq!(all.rights("viewer"), Some(Role::Viewer.rights()));
        for word in all.words().filter(|w| *w != "operator") {
            let rights = all.rights(word).unwrap();
            let both = rights.has(Permission::CheckCases) && rights.has(Permission::SendUnits);
            assert!(!both, "{word} sends and checks");
            let admin = rights.has(Permission::ManageAccounts);
            assert_eq!(admin, word == "administrator", "{word}");
        }
    }

    #[test]
    fn roles_are_data_and_a_permission_that_is_none_is_told_with_its_line() {
        let text = "[[roles]]\nname = 'night'\npermissions = ['send_units',\n 'check_cases']";
        let all = table(&Config::parse(text, Path::new("t")).unwrap().roles);
        assert!(all.words().eq(["administrator", "night"]));
        let wrong = text.replace("check_cases", "launch_rockets");
        let error = Config::parse(&wrong, Path::new("server.toml")).unwrap_err();
        let error = error.to_string();
        for words in ["server.toml", "line 4", "launch_rockets", "check_cases"] {
            assert!(error.contains(words), "{words}: {error}");
        }
        let twice =
            "[[roles]]\nname = 'a'\npermissions = []\n[[roles]]\nname = 'a'\npermissions = []";
        let error = Config::parse(twice, Path::new("t"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("roles[1].name"), "{error}");
        let words = "[[roles]]\nname = 'a b'\npermissions = []";
        assert!(Config::parse(words, Path::new("t")).is_err());
    }
}

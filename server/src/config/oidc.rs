use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Single sign-on with a provider of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The provider, as its tokens name it.
    pub issuer: String,
    /// What the provider calls this server.
    pub client_id: String,
    /// File with the secret that this server shows the provider, relative to the configuration's folder; empty: none.
    #[serde(default)]
    pub secret_file: PathBuf,
    /// Where browsers reach this server, without a path. The provider must know `ADDRESS/v1/login/sso/answer`.
    pub address: String,
    /// What stands on the button.
    pub name: String,
    /// What is asked for beside `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim that says who somebody is here; one within another is named with dots.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    /// Which of its values is which role.
    pub roles: BTreeMap<String, String>,
    /// The claim that says the key of the department; empty: administrators say it.
    #[serde(default)]
    pub department_claim: String,
    /// The claim that says the areas, prefixes of grid codes or `*` for the whole city; empty: administrators say them.
    #[serde(default)]
    pub areas_claim: String,
}

fn scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn roles_claim() -> String {
    "roles".to_owned()
}

impl OidcConfig {
    /// Counts a relative path from the folder of the configuration at `path`.
    pub(super) fn beside(&mut self, path: &Path) {
        let folder = path.parent().unwrap_or(Path::new(""));
        if !self.secret_file.as_os_str().is_empty() {
            self.secret_file = folder.join(&self.secret_file);
        }
    }

    /// What cannot be: the key, its value, and what would be right. `known`: true for the word of a role.
    pub(super) fn fault(
        &self,
        known: impl Fn(&str) -> bool,
    ) -> Option<(&'static str, String, String)> {
        let issuer_ends = self.issuer.contains(['?', '#', ' ']);
        if !is_web(&self.issuer) || issuer_ends {
            let text = "write the provider's issuer, as https://login.example/city; http:// only on this machine";
            return Some(("issuer", self.issuer.clone(), text.to_owned()));
        }
        let path = self.address.splitn(4, '/').nth(3);
        if !is_web(&self.address) || path.is_some() {
            let text = "write where browsers reach this server, as https://city.example, without a path; http:// only on this machine";
            return Some(("address", self.address.clone(), text.to_owned()));
        }
        for (key, value) in [
            ("client_id", &self.client_id),
            ("name", &self.name),
            ("roles_claim", &self.roles_claim),
        ] {
            let shown = value.trim() == value && !value.chars().any(char::is_control);
            if value.is_empty() || value.chars().count() > TEXT_CHARS_MAX || !shown {
                let text = format!("write 1 to {TEXT_CHARS_MAX} characters");
                return Some((key, value.clone(), text));
            }
        }
        if let Some(scope) = self.scopes.iter().find(|s| s.is_empty() || s.contains(' ')) {
            let text = "write each scope by itself, as [\"profile\", \"roles\"]";
            return Some(("scopes", scope.clone(), text.to_owned()));
        }
        if self.roles.is_empty() {
            let text =
                "say at least one value of the claim that is a role here; nobody could come in";
            return Some(("roles", String::new(), text.to_owned()));
        }
        let unknown = self.roles.values().find(|word| !known(word))?;
        let text = "is no role; name one of [[roles]], or of those that ship";
        Some(("roles", unknown.clone(), text.to_owned()))
    }
}

/// Longest of the short texts of a provider, characters.
const TEXT_CHARS_MAX: usize = 200;

/// True for an address over TLS, or one on this machine.
fn is_web(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("https://") {
        return !rest.is_empty() && !rest.starts_with('/') && !rest.contains('@');
    }
    let Some(rest) = text.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => &authority[..at],
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|a| a.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use std::path::Path;

    const GOOD: &str = "
[accounts.oidc]
issuer = 'https://login.example/city'
client_id = 'chengtu'
secret_file = 'oidc-secret'
address = 'https://city.example'
name = '市民中心'
roles = { 'city-dispatch' = 'dispatcher' }
";

    #[test]
    fn a_provider_is_read_and_what_is_wrong_is_told_with_file_line_and_remedy() {
        let config = Config::parse(GOOD, Path::new("/etc/chengtu/server.toml")).unwrap();
        assert!(!config.is_open(true), "whoever has a provider has people");
        let oidc = config.accounts.oidc.unwrap();
        assert_eq!(oidc.secret_file, Path::new("/etc/chengtu/oidc-secret"));
        assert_eq!(oidc.roles_claim, "roles");
        for (from, to, line, words) in [
            (
                "https://login.example/city",
                "http://login.example",
                3,
                "issuer",
            ),
            ("https://login.example/city", "login.example", 3, "issuer"),
            (
                "https://login.example/city",
                "https://a.example/?x",
                3,
                "issuer",
            ),
            (
                "https://city.example",
                "https://city.example/map",
                6,
                "address",
            ),
            ("https://city.example", "http://city.example", 6, "address"),
            ("'chengtu'", "''", 4, "client_id"),
            ("'市民中心'", "''", 7, "name"),
            ("'dispatcher'", "'boss'", 8, "is no role"),
            (
                "{ 'city-dispatch' = 'dispatcher' }",
                "{}",
                8,
                "at least one",
            ),
        ] {
            let text = GOOD.replace(from, to);
            let error = Config::parse(&text, Path::new("server.toml")).unwrap_err();
            let error = error.to_string();
            let at = format!("server.toml:{line}: accounts.oidc.");
            assert!(error.starts_with(&at) && error.contains(words), "{error}");
        }
        for (from, to, words) in [
            ("client_id", "clientid", "line 4"),
            ("name = '市民中心'", "", "missing field `name`"),
        ] {
            let text = GOOD.replace(from, to);
            let error = Config::parse(&text, Path::new("server.toml")).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        for local in [
            "http://127.0.0.1:7300",
            "http://localhost",
            "http://[::1]:80",
        ] {
            let text = GOOD.replace("https://city.example", local);
            assert!(Config::parse(&text, Path::new("t")).is_ok(), "{local}");
        }
    }
}

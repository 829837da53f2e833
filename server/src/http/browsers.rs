//! What browsers are kept from: a page from anywhere must not talk to the server through whoever looks at it, neither
//! from another origin nor by a name that leads here (DNS rebinding).

use crate::config::Config;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;

/// What the server goes by, and whose pages may talk to it.
#[derive(Clone, Debug)]
pub struct Names {
    hosts: Vec<String>,
    origins: Vec<String>,
    loopback: bool,
    /// It speaks TLS itself, so that a page without is not its own.
    secure: bool,
}

/// Why a request is not for this server, or not from whom it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Foreign {
    /// A name that is not the server's.
    #[error(
        "this server does not go by the name {0:?}; ask for its address or localhost, or put the name into `hosts` of its configuration"
    )]
    Host(String),
    /// A page from elsewhere.
    #[error(
        "a page of {0:?} may not talk to this server; put it into `origins` of the configuration if it should"
    )]
    Origin(String),
}

impl Names {
    /// Of a configuration; `loopback`: it listens where only this machine can connect; `secure`: it speaks TLS itself.
    pub fn new(config: &Config, loopback: bool, secure: bool) -> Self {
        let lower = |all: &[String]| all.iter().map(|n| n.to_ascii_lowercase()).collect();
        Self {
            hosts: lower(&config.hosts),
            origins: lower(&config.origins),
            loopback,
            secure,
        }
    }

    /// True for a name that the server goes by. An address, or a name without a dot, cannot be made to lead here by
    /// anybody elsewhere.
    fn knows(&self, host: &str) -> bool {
        let name = name_of(host);
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok()
            || (!name.is_empty() && !name.contains('.'))
            || self.hosts.contains(&name)
            || (self.hosts.is_empty() && !self.loopback)
    }

    fn admits(&self, origin: &str, host: Option<&str>) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.origins.contains(&origin) {
            return true;
        }
        let Some((scheme, theirs)) = origin.split_once("://") else {
            return false;
        };
        if self.secure && scheme != "https" {
            return false;
        }
        let plain = |authority: &str| {
            let usual = if scheme == "https" { ":443" } else { ":80" };
            let authority = authority.to_ascii_lowercase();
            authority
                .strip_suffix(usual)
                .unwrap_or(&authority)
                .to_owned()
        };
        host.is_some_and(|ours| plain(ours) == plain(theirs))
    }

    fn check(
        &self,
        method: &Method,
        asked: Option<&Authority>,
        headers: &HeaderMap,
    ) -> Result<(), Foreign> {
        let text = |v: &HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        let mut hosts: Vec<String> = headers.get_all(header::HOST).iter().map(text).collect();
        hosts.extend(asked.map(ToString::to_string));
        if let Some(foreign) = hosts.iter().find(|h| !self.knows(h)) {
            return Err(Foreign::Host(foreign.clone()));
        }
        let host = hosts.first().map(String::as_str);
        for origin in headers.get_all(header::ORIGIN).iter().map(text) {
            if !self.admits(&origin, host) {
                return Err(Foreign::Origin(origin));
            }
        }
        // Browsers name the origin of what changes something; those that hide it still say that it is another.
        let site = headers.get("sec-fetch-site").map(text);
        let elsewhere = site.is_some_and(|s| s == "cross-site" || s == "same-site");
        let changes = !method.is_safe() || headers.contains_key(header::UPGRADE);
        if elsewhere && changes && !headers.contains_key(header::ORIGIN) {
            return Err(Foreign::Origin("null".to_owned()));
        }
        Ok(())
    }
}

/// The name of a `Host` without its port, in lower case.
fn name_of(host: &str) -> String {
    let name = match host.rfind(':') {
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    };
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Lets through what is meant for this server and comes from nobody else's page.
pub(super) async fn keep_out(
    State(names): State<Arc<Names>>,
    request: Request,
    next: Next,
) -> Response {
    let asked = request.uri().authority();
    let Err(foreign) = names.check(request.method(), asked, request.headers()) else {
        return next.run(request).await;
    };
    let (status, why) = match &foreign {
        Foreign::Host(_) => (StatusCode::MISDIRECTED_REQUEST, "host"),
        Foreign::Origin(_) => (StatusCode::FORBIDDEN, "origin"),
    };
    metrics::counter!("chengtu_foreign_requests_total", "by" => why).increment(1);
    (status, Json(json!({"error": foreign.to_string()}))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn names(text: &str, loopback: bool) -> Names {
        Names::new(
            &Config::parse(text, Path::new("t")).unwrap(),
            loopback,
            false,
        )
    }

    #[test]
    fn a_name_that_somebody_else_made_lead_here_is_not_answered() {
        let own = names("", true);
        for host in [
            "127.0.0.1:7300",
            "localhost",
            "LocalHost:7300",
            "localhost.",
            "desk7:7300",
            "[::1]:7300",
            "10.0.0.7:80",
        ] {
            assert!(own.knows(host), "{host}");
        }
        for host in [
            "rebound.evil.example",
            "rebound.evil.example:7300",
            "localhost.evil.example",
            "",
            "127.0.0.1.evil.example",
        ] {
            assert!(!own.knows(host), "{host}");
        }
        let named = names("hosts = ['City.example']", true);
        assert!(
            named.knows("city.example:443")
                && named.knows("127.0.0.1")
                && !named.knows("x.city.example")
        );
        // On the network any name may lead here, until some are given.
        assert!(names("", false).knows("city.example"));
        let strict = names("hosts = ['city.example']", false);
        assert!(
            strict.knows("city.example")
                && !strict.knows("evil.example")
                && strict.knows("10.0.0.7")
        );
    }

    #[test]
    fn only_its_own_pages_and_the_configured_talk_to_a_server() {
        let own = names("origins = ['https://desk.example']", true);
        for (origin, host, expected) in [
            ("http://127.0.0.1:7300", "127.0.0.1:7300", true),
            ("http://localhost", "localhost:80", true),
            ("https://city.example", "city.example", true),
            ("https://city.example", "city.example:443", true),
            ("https://Desk.example", "127.0.0.1:7300", true),
            ("https://evil.example", "127.0.0.1:7300", false),
            ("http://localhost:8080", "localhost:7300", false),
            ("http://127.0.0.1:73000", "127.0.0.1:7300", false),
            ("null", "127.0.0.1:7300", false),
            ("file://", "127.0.0.1:7300", false),
            ("", "127.0.0.1:7300", false),
        ] {
            assert_eq!(own.admits(origin, Some(host)), expected, "{origin} {host}");
        }
        assert!(!own.admits("http://127.0.0.1:7300", None));
        let secure = Names::new(&Config::default(), false, true);
        let host = Some("city.example");
        assert!(secure.admits("https://city.example", host));
        assert!(
            !secure.admits("http://city.example", host),
            "anybody on the way can write a page of plain text"
        );
    }

    #[test]
    fn what_a_browser_hides_is_taken_for_another_page() {
        let own = names("", true);
        let check = |method: Method, said: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in said {
                headers.append(*name, HeaderValue::from_static(value));
            }
            own.check(&method, None, &headers)
        };
        let host = ("host", "127.0.0.1:7300");
        assert_eq!(check(Method::POST, &[host]), Ok(()));
        assert_eq!(check(Method::GET, &[]), Ok(()));
        assert_eq!(
            check(Method::GET, &[host, ("sec-fetch-site", "cross-site")]),
            Ok(())
        );
        let hidden = ("sec-fetch-site", "cross-site");
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            assert!(check(method.clone(), &[host, hidden]).is_err(), "{method}");
        }
        let socket = ("upgrade", "websocket");
        assert!(check(Method::GET, &[host, hidden, socket]).is_err());
        // The second of two counts as well.
        assert!(check(Method::GET, &[host, ("host", "evil.example")]).is_err());
        let two = [
            host,
            ("origin", "http://127.0.0.1:7300"),
            ("origin", "https://evil.example"),
        ];
        assert!(check(Method::GET, &two).is_err());
        let evil = Authority::from_static("evil.example");
        assert!(
            own.check(&Method::GET, Some(&evil), &HeaderMap::new())
                .is_err()
        );
    }
}

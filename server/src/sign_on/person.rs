//! Who a provider says somebody is, as an account here.

use super::SignOnError;
use crate::accounts::{Vouched, check_area};
use crate::config::OidcConfig;
use serde_json::{Map, Value};

/// The word for the whole city among areas: none said must never be taken for all.
const WHOLE_CITY: &str = "*";

/// Values of one claim that are looked at.
const VALUES_MAX: usize = 256;

/// Reads the claims of a token that was verified.
///
/// # Errors
/// [`SignOnError::NoRole`]; [`SignOnError::NotSaid`] where a configured claim is missing; [`SignOnError::Area`].
pub(super) fn person(
    config: &OidcConfig,
    claims: &Map<String, Value>,
) -> Result<Vouched, SignOnError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut roles = Vec::new();
    for value in values(claims, &config.roles_claim).unwrap_or_default() {
        if let Some(role) = config.roles.get(value)
            && !roles.contains(role)
        {
            roles.push(role.clone());
        }
    }
    if roles.is_empty() {
        return Err(SignOnError::NoRole);
    }
    let login = [text("preferred_username"), text("email"), text("sub")];
    let login = login.into_iter().find(|l| !l.is_empty());
    Ok(Vouched {
        issuer: config.issuer.clone(),
        subject: text("sub").to_owned(),
        login: login.unwrap_or_default().to_owned(),
        display: text("name").to_owned(),
        roles,
        department: department(config, claims)?,
        areas: areas(config, claims)?,
    })
}

fn department(
    config: &OidcConfig,
    claims: &Map<String, Value>,
) -> Result<Option<String>, SignOnError> {
    if config.department_claim.is_empty() {
        return Ok(None);
    }
    let said = values(claims, &config.department_claim);
    let said = said.ok_or(SignOnError::NotSaid("department"))?;
    Ok(Some(said.first().map_or("", |d| d.trim()).to_owned()))
}

fn areas(
    config: &OidcConfig,
    claims: &Map<String, Value>,
) -> Result<Option<Vec<String>>, SignOnError> {
    if config.areas_claim.is_empty() {
        return Ok(None);
    }
    let said = values(claims, &config.areas_claim).unwrap_or_default();
    if said.is_empty() {
        return Err(SignOnError::NotSaid("areas"));
    }
    if said.contains(&WHOLE_CITY) {
        return Ok(Some(Vec::new()));
    }
    if said.iter().any(|area| check_area(area).is_err()) {
        return Err(SignOnError::Area);
    }
    Ok(Some(said.into_iter().map(str::to_owned).collect()))
}

/// The texts of a claim: one, or a list. A name with dots is that of a claim, or of one within another.
fn values<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<Vec<&'a str>> {
    let within = || {
        let mut steps = name.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    };
    match claims.get(name).or_else(within)? {
        Value::String(one) => Some(vec![one]),
        Value::Array(all) => {
            let texts = all.iter().take(VALUES_MAX).filter_map(Value::as_str);
            Some(texts.collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(more: &str) -> OidcConfig {
        let text = format!(
            "issuer = 'https://login.example'\nclient_id = 'c'\naddress = 'https://city.example'\nname = 'x'
            roles = {{ out = 'dispatcher', boss = 'shift_lead' }}\n{more}"
        );
        toml::from_str(&text).unwrap()
    }

    fn read(more: &str, claims: Value) -> Result<Vouched, String> {
        let Value::Object(claims) = claims else {
            panic!("claims")
        };
        person(&config(more), &claims).map_err(|e| e.to_string())
    }

    #[test]
    fn roles_come_from_the_claim_wherever_it_lies_and_nobody_comes_in_without_one() {
        for (claim, claims) in [
            (
                "roles",
                json!({"sub": "u", "roles": ["x", "boss", "out", "boss"]}),
            ),
            ("roles", json!({"sub": "u", "roles": "boss"})),
            (
                "realm.roles",
                json!({"sub": "u", "realm": {"roles": ["boss"]}}),
            ),
            (
                "https://c.example/r",
                json!({"sub": "u", "https://c.example/r": ["boss"]}),
            ),
        ] {
            let read = read(&format!("roles_claim = '{claim}'"), claims).unwrap();
            assert_eq!(read.roles[0], "shift_lead", "{claim}");
        }
        for claims in [
            json!({"sub": "u"}),
            json!({"sub": "u", "roles": []}),
            json!({"sub": "u", "roles": ["dispatcher", "administrator"]}),
            json!({"sub": "u", "roles": {"boss": true}}),
            json!({"sub": "u", "roles": [["boss"]]}),
            json!({"sub": "u", "roles": "boss out"}),
        ] {
            let error = read("", claims.clone()).unwrap_err();
            assert!(error.contains("no role"), "{claims}: {error}");
        }
    }

    #[test]
    fn what_is_to_be_said_of_areas_and_departments_is_never_guessed() {
        let both = "areas_claim = 'areas'\ndepartment_claim = 'dept'";
        let with = |areas: Value, dept: Value| {
            read(
                both,
                json!({"sub": "u", "roles": "out", "areas": areas, "dept": dept}),
            )
        };
        let read_one = with(json!(["320102", "320104001"]), json!("drainage")).unwrap();
        assert_eq!(read_one.areas.unwrap(), ["320102", "320104001"]);
        assert_eq!(read_one.department.as_deref(), Some("drainage"));
        let all = with(json!("*"), json!("")).unwrap();
        assert_eq!(
            (all.areas, all.department.as_deref()),
            (Some(vec![]), Some(""))
        );
        for (areas, dept, words) in [
            (json!([]), json!("d"), "areas"),
            (json!(null), json!("d"), "areas"),
            (json!(["玄武"]), json!("d"), "area that is none"),
            (json!("*"), json!(null), "department"),
        ] {
            let error = with(areas, dept).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let left = read("", json!({"sub": "u", "roles": "out"})).unwrap();
        assert_eq!((left.areas, left.department), (None, None));
    }
}

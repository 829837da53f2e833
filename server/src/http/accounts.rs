//! Accounts over HTTP, for administrators: what `chengtu-server user` does on the command line.

use super::log_in::{Line, Refused, answered, asker, read, refused};
use crate::access::{Access, Principal};
use crate::accounts::{
    Account, AccountError, Accounts, Edit, Kind, ManageError, Managed, NewAccount,
};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chengtu_engine::permission::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// For how long the secrets before go on, seconds.
const OVERLAP_S: u32 = 86_400;

/// An account that is to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToMake {
    name: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    display: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    department: String,
    #[serde(default)]
    areas: Vec<String>,
    #[serde(default)]
    speaks_for: String,
    #[serde(default)]
    crs: Option<String>,
}

/// What of an account is to be another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToSet {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    display: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    areas: Option<Vec<String>>,
    #[serde(default)]
    disabled: Option<bool>,
}

fn told(a: &Account) -> Value {
    json!({
        "id": a.id,
        "name": a.name,
        "display": a.display,
        "kind": a.kind.as_str(),
        "roles": a.roles,
        "department": a.department,
        "areas": a.areas,
        "speaks_for": a.speaks_for,
        "disabled": a.disabled,
        "must_change": a.must_change,
    })
}

/// The accounts, and the administrator who asks.
async fn managed(
    access: &Arc<Access>,
    line: &Line,
    headers: &HeaderMap,
) -> Result<(Arc<Accounts>, Principal), Refused> {
    let principal = asker(access, line, headers).await?;
    if let Err(refusal) = principal.require(Permission::ManageAccounts) {
        return Err(refused(StatusCode::FORBIDDEN, refusal.text));
    }
    let accounts = access.accounts().cloned();
    let none = || refused(StatusCode::NOT_FOUND, "this server has no accounts");
    Ok((accounts.ok_or_else(none)?, principal))
}

/// Refuses a role that the configuration does not have.
fn check_roles(access: &Access, roles: &[String]) -> Result<(), Refused> {
    let table = access.role_table();
    let unknown = roles.iter().find(|w| table.rights(w).is_none());
    unknown.map_or(Ok(()), |word| {
        let known: Vec<&str> = table.words().collect();
        let error = AccountError::Role {
            word: word.clone(),
            known: known.join(", "),
        };
        Err(refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
    })
}

async fn done(accounts: &Arc<Accounts>, what: Managed, by: &Principal) -> Response {
    match accounts.manage(what, by.id.as_str().to_owned()).await {
        Ok(done) => {
            answered(json!({"account": told(&done.account), "shown_once": done.shown_once}))
        }
        Err(error) => {
            let status = match &error {
                ManageError::Busy => StatusCode::TOO_MANY_REQUESTS,
                ManageError::Broke => StatusCode::SERVICE_UNAVAILABLE,
                ManageError::Account(why) => status_of(why),
            };
            refused(status, error.to_string()).into_response()
        }
    }
}

fn status_of(error: &AccountError) -> StatusCode {
    match error {
        AccountError::NoAccount(_) => StatusCode::NOT_FOUND,
        AccountError::NameTaken(_) => StatusCode::CONFLICT,
        AccountError::Database { .. }
        | AccountError::Io { .. }
        | AccountError::Newer { .. }
        | AccountError::Random(_)
        | AccountError::Hash(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// `GET /v1/accounts`.
pub(super) async fn list(
    State(access): State<Arc<Access>>,
    line: Line,
    headers: HeaderMap,
) -> Response {
    match managed(&access, &line, &headers).await {
        Ok((accounts, _)) => {
            let rows: Vec<Value> = accounts.all().iter().map(|a| told(a)).collect();
            let roles: Vec<&str> = access.role_table().words().collect();
            answered(json!({"accounts": rows, "roles": roles}))
        }
        Err(why) => why.into_response(),
    }
}

/// `POST /v1/accounts`.
pub(super) async fn make(
    State(access): State<Arc<Access>>,
    line: Line,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = async {
        let (accounts, by) = managed(&access, &line, &headers).await?;
        let asked: ToMake = read(&headers, body).await?;
        check_roles(&access, &asked.roles)?;
        let (kind, new) = new_account(asked)?;
        Ok::<_, Refused>((accounts, by, Managed::Add(kind, new)))
    };
    match asked.await {
        Ok((accounts, by, what)) => done(&accounts, what, &by).await,
        Err(why) => why.into_response(),
    }
}

fn new_account(asked: ToMake) -> Result<(Kind, NewAccount), Refused> {
    let unfit = |text: String| refused(StatusCode::UNPROCESSABLE_ENTITY, text);
    let kind = asked.kind.as_deref().unwrap_or("person");
    let kind: Kind = kind.parse().map_err(unfit)?;
    let crs = match kind {
        Kind::Feed => asked.crs.unwrap_or_else(|| "wgs84".to_owned()),
        _ => String::new(),
    };
    let fits = match kind {
        Kind::Person => !asked.roles.is_empty() && asked.speaks_for.is_empty(),
        Kind::Feed => {
            asked.roles.is_empty()
                && crate::config::is_feed_name(&asked.speaks_for)
                && crs.parse::<crate::crs::Crs>().is_ok()
        }
        Kind::Terminal => asked.roles.is_empty() && !asked.speaks_for.is_empty(),
    };
    if !fits {
        let text = "a person needs roles; a feed `speaks_for` its name and has a `crs`; a terminal `speaks_for` its call sign or *";
        return Err(unfit(text.to_owned()));
    }
    let new = NewAccount {
        name: asked.name,
        display: asked.display,
        roles: asked.roles,
        department: asked.department,
        areas: asked.areas,
        speaks_for: asked.speaks_for,
        crs,
        ..NewAccount::default()
    };
    Ok((kind, new))
}

/// `POST /v1/accounts/{name}`: changes what is named.
pub(super) async fn set(
    State(access): State<Arc<Access>>,
    line: Line,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = async {
        let (accounts, by) = managed(&access, &line, &headers).await?;
        let asked: ToSet = read(&headers, body).await?;
        check_roles(&access, asked.roles.as_deref().unwrap_or_default())?;
        let own = accounts.all().iter().any(|a| {
            a.id == by.id.as_str()
                && crate::accounts::folded(&a.name) == crate::accounts::folded(&name)
        });
        if own && (asked.disabled == Some(true) || asked.roles.is_some()) {
            let text =
                "nobody takes their own account or roles away; have another administrator do it";
            return Err(refused(StatusCode::CONFLICT, text));
        }
        let edit = Edit {
            name: asked.name,
            display: asked.display,
            roles: asked.roles,
            department: asked.department,
            areas: asked.areas,
            disabled: asked.disabled,
        };
        Ok::<_, Refused>((accounts, by, Managed::Set(name, edit)))
    };
    match asked.await {
        Ok((accounts, by, what)) => done(&accounts, what, &by).await,
        Err(why) => why.into_response(),
    }
}

/// `POST /v1/accounts/{name}/reset`: a password for one use.
pub(super) async fn reset(
    State(access): State<Arc<Access>>,
    line: Line,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    match managed(&access, &line, &headers).await {
        Ok((accounts, by)) => done(&accounts, Managed::Reset(name), &by).await,
        Err(why) => why.into_response(),
    }
}

/// `POST /v1/accounts/{name}/rotate`: a new secret; those before open for a day yet.
pub(super) async fn rotate(
    State(access): State<Arc<Access>>,
    line: Line,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Response {
    match managed(&access, &line, &headers).await {
        Ok((accounts, by)) => done(&accounts, Managed::Rotate(name, OVERLAP_S), &by).await,
        Err(why) => why.into_response(),
    }
}

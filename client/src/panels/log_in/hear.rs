use super::state::{Fault, Field, LogInState, SingleSignOn, Why};
use crate::account::{Account, Api, Ask, Call, Failure};
use crate::door::Door;
use crate::net::Connection;
use crate::settings::Remembered;
use bevy::prelude::{Res, ResMut};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Opens the card where the server does not open, and closes it once it does.
pub(super) fn watch(
    connection: Res<Connection>,
    account: Res<Account>,
    (door, api): (Res<Door>, Res<Api>),
    remembered: Option<Res<Remembered>>,
    mut st: ResMut<LogInState>,
) {
    if connection.is_live() {
        let waits = st.open.as_ref().is_some_and(|why| *why != Why::Again);
        if waits || st.entering {
            st.close();
        }
        return;
    }
    let Some(why) = connection.shut() else {
        if !st.is_open() && connection.untrusted().is_some() {
            let server = door.server();
            let name = name_at(&server, None, remembered.as_deref());
            st.open(Why::NotYet, &server, name);
        }
        return;
    };
    if st.entering {
        // The token that has just been given opens nothing.
        st.entering = false;
        st.fault = Some(Fault::Said(why.to_owned()));
    }
    let was_here = account.me().map(|m| m.name.clone());
    match st.open {
        None => {
            let server = door.server();
            let first = door.key().token.is_empty() && was_here.is_none();
            let why = if first {
                Why::NotYet
            } else {
                Why::Ended(why.to_owned())
            };
            let name = name_at(&server, was_here, remembered.as_deref());
            st.open(why, &server, name);
        }
        // It has ended before somebody has logged in again.
        Some(Why::Again) => st.open = Some(Why::Ended(why.to_owned())),
        Some(_) => {}
    }
    if st.asking_means.is_none() && st.single_sign_on.is_none() && !st.means_asked {
        st.means_asked = true;
        st.asking_means = Some(api.ask_as_nobody(Ask::get("/v1/login/means")));
    }
}

fn name_at(
    server: &str,
    was_here: Option<String>,
    remembered: Option<&Remembered>,
) -> Option<String> {
    let was_here = was_here.filter(|n| !n.is_empty());
    was_here.or_else(|| Some(remembered?.name_at(server)?.to_owned()))
}

/// Takes in what the server says.
pub(super) fn answers(
    (mut connection, door): (ResMut<Connection>, Res<Door>),
    mut remembered: Option<ResMut<Remembered>>,
    mut st: ResMut<LogInState>,
) {
    if let Some(means) = st.asking_means.as_mut().and_then(Call::poll) {
        st.asking_means = None;
        // A server that does not know the question takes passwords.
        st.single_sign_on = means.ok().as_ref().and_then(SingleSignOn::read);
    }
    let Some(answer) = st.asking.as_mut().and_then(Call::poll) else {
        return;
    };
    let by_password = !std::mem::take(&mut st.at_browser);
    st.asking = None;
    match answer {
        Ok(let_in) => {
            // Whoever comes by another service has their name there.
            if let Some(r) = remembered.as_mut().filter(|_| by_password) {
                r.remember_name(&door.server(), st.written.name.trim());
            }
            come_in(&let_in, &mut connection, &door, &mut st);
        }
        Err(why) => kept_out(why, &mut st),
    }
}

fn come_in(let_in: &Value, connection: &mut Connection, door: &Door, st: &mut LogInState) {
    let Some(token) = let_in["token"].as_str().filter(|t| !t.is_empty()) else {
        st.fault = Some(Fault::Unreachable("no token in the answer".into()));
        return;
    };
    if st.open == Some(Why::Again) {
        st.close();
    } else {
        (st.entering, st.must_change) = (true, false);
        let w = &mut st.written;
        (w.password, w.new_password, w.repeated) = <(String, String, String)>::default();
    }
    connection.knocked();
    door.show(token);
}

fn kept_out(why: Failure, st: &mut LogInState) {
    let (status, text, must_change, retry_after_s) = match why {
        Failure::Refused {
            status,
            text,
            must_change,
            retry_after_s,
        } => (status, text, must_change, retry_after_s),
        Failure::Certificate(refusal) => {
            st.fault = Some(Fault::Unreachable(refusal.to_string()));
            return;
        }
        Failure::Unreachable(why) => {
            st.fault = Some(Fault::Unreachable(why));
            return;
        }
    };
    st.not_before = retry_after_s.map(|s| Instant::now() + Duration::from_secs(s.min(86_400)));
    let first = must_change && !st.must_change;
    // That it must be changed is said above the lines for it.
    st.fault = (!first).then_some(Fault::Said(text));
    match status {
        _ if first => {
            st.must_change = true;
            st.to(Field::NewPassword);
        }
        _ if must_change => {
            (st.written.new_password, st.written.repeated) = Default::default();
            st.to(Field::NewPassword);
        }
        401 => {
            st.written.password.clear();
            st.to(Field::Password);
        }
        _ => {}
    }
}

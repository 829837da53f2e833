use super::state::{Fault, Field, Line, LogInState, Why};
use crate::account::{Api, Ask};
use crate::door::Door;
use crate::settings::Remembered;
use serde_json::json;

/// Name of the program, as the list of sessions shows it.
const CLIENT: &str = concat!("chengtu ", env!("CARGO_PKG_VERSION"));

/// Asks the server to let somebody in with what is written, as far as it is all there.
pub(super) fn log_in(st: &mut LogInState, line: &Line, door: &Door, api: &Api) {
    if st.is_busy() || st.wait().is_some() {
        return;
    }
    if st.written.server.trim() != line.server {
        return go_to(st, door, None);
    }
    if let Some(empty) = st.first_empty() {
        return st.to(empty);
    }
    if st.must_change && st.written.new_password != st.written.repeated {
        st.fault = Some(Fault::Differ);
        st.written.repeated.clear();
        return st.to(Field::Repeated);
    }
    let w = &st.written;
    let mut body = json!({"name": w.name.trim(), "password": w.password, "client": CLIENT});
    if st.must_change {
        body["new_password"] = w.new_password.clone().into();
    }
    (st.fault, st.at_browser) = (None, false);
    st.asking = Some(api.ask_as_nobody(Ask::post("/v1/login", Some(body))));
}

/// Logs in at another service; the page to be opened for it.
pub(super) fn elsewhere(st: &mut LogInState, path: &str, api: &Api) -> Option<String> {
    st.fault = None;
    match api.sign_on(path, CLIENT) {
        Ok((page, call)) => {
            (st.asking, st.at_browser) = (Some(call), true);
            Some(page)
        }
        Err(why) => {
            st.fault = Some(Fault::Unreachable(why));
            None
        }
    }
}

/// Goes to the server that is written; it is asked what it takes once it answers.
pub(super) fn go_to(st: &mut LogInState, door: &Door, remembered: Option<&Remembered>) {
    let server = st.written.server.trim().to_owned();
    if server.is_empty() {
        return st.to(Field::Server);
    }
    door.lead_to(&server);
    let name = remembered.and_then(|r| r.name_at(&server));
    if let Some(name) = name {
        name.clone_into(&mut st.written.name);
    }
    (st.fault, st.single_sign_on, st.must_change) = (None, None, false);
    st.means_asked = false;
    st.to(st.first_empty().unwrap_or(Field::Password));
}

/// Ends the session. Nothing is shown at the door any more, whether or not the server has heard of it.
pub(super) fn log_out(st: &mut LogInState, door: &Door, api: &Api) {
    // Nobody waits for the answer: a session that the server does not end now, it ends when nobody uses it.
    drop(api.ask(Ask::post("/v1/logout", None)));
    door.show("");
    st.open(Why::LoggedOut, &door.server(), None);
}

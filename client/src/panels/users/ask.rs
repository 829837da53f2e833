use super::state::UsersState;
use crate::account::{Api, Ask, Call, Failure};
use bevy::prelude::{Res, ResMut};
use std::time::{Duration, Instant};

/// How often accounts and sessions are asked for anew.
const EVERY: Duration = Duration::from_secs(5);

/// Asks for accounts and sessions while the page is open, and takes in what the server says.
pub(super) fn follow(api: Res<Api>, mut state: ResMut<UsersState>) {
    if !state.open {
        return;
    }
    let due = state.asked_at.is_none_or(|at| at.elapsed() > EVERY);
    if due && state.asking[0].is_none() && state.asking[1].is_none() {
        state.asked_at = Some(Instant::now());
        state.asking = ["/v1/accounts", "/v1/sessions"].map(|p| Some(api.ask(Ask::get(p))));
    }
    if let Some(answer) = state.asking[0].as_mut().and_then(Call::poll) {
        state.asking[0] = None;
        match answer {
            Ok(answer) => state.take_accounts(&answer),
            Err(why) => state.fault = Some(words_of(why)),
        }
    }
    if let Some(answer) = state.asking[1].as_mut().and_then(Call::poll) {
        state.asking[1] = None;
        if let Ok(answer) = answer {
            state.take_sessions(&answer);
        }
    }
    let Some(done) = state.doing.as_mut().and_then(Call::poll) else {
        return;
    };
    state.doing = None;
    match done {
        Ok(answer) => state.take_done(&answer),
        Err(why) => state.fault = Some(words_of(why)),
    }
}

/// Why something was not done, in the words of whoever says so.
fn words_of(why: Failure) -> String {
    match why {
        Failure::Refused { text, .. } | Failure::Unreachable(text) => text,
        Failure::Certificate(refusal) => refusal.to_string(),
    }
}

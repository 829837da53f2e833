use crate::command::{SensorRegistration, UnitRegistration};
use crate::event::Event;
use crate::ids::{FeedId, MoverId, UnitId};
use crate::model::MoverKind;
use crate::rejection::Rejection;
use crate::state::State;
use std::collections::BTreeSet;

pub(super) fn feed(state: &State, name: &str) -> Vec<Event> {
    if name.is_empty() || state.feed(name).is_some() {
        return vec![];
    }
    let feed = state.next_feed();
    vec![Event::FeedRegistered {
        feed,
        name: name.to_owned(),
    }]
}

pub(super) fn movers(
    state: &State,
    feed: FeedId,
    movers: &[(String, MoverKind)],
) -> Result<Vec<Event>, Rejection> {
    known_feed(state, feed)?;
    let mut places = state.mover_places();
    let mut seen = BTreeSet::new();
    let mut events = Vec::new();
    for (key, kind) in movers {
        if state.mover_of(feed, key).is_none()
            && seen.insert(key)
            && let Some(mover) = places.next()
        {
            events.push(Event::MoverRegistered {
                mover,
                feed,
                key: key.clone(),
                kind: *kind,
            });
        } else if let Some(mover) = state.mover_of(feed, key)
            && let Some(known) = state.mover(mover)
            && known.unit.is_none()
            && known.kind != *kind
        {
            let kind = *kind;
            events.push(Event::MoverKindChanged { mover, kind });
        }
    }
    Ok(events)
}

pub(super) fn unit(state: &State, r: &UnitRegistration) -> Result<Vec<Event>, Rejection> {
    known_feed(state, r.feed)?;
    if let Some(id) = state.unit_called(&r.call_sign) {
        let u = state.unit(id).ok_or(Rejection::NoSuchUnit(id))?;
        if state.mover(u.mover).is_some_and(|m| m.feed != r.feed) {
            return Err(Rejection::CallSignTaken(r.call_sign.clone()));
        }
        let same = (&u.call_sign_en, &u.fleet, u.department, &u.skills)
            == (&r.call_sign_en, &r.fleet, r.department, &r.skills);
        let renewed = Event::UnitRegistered {
            unit: id,
            mover: u.mover,
            registration: r.clone(),
        };
        return Ok(if same { vec![] } else { vec![renewed] });
    }
    let unit = UnitId(state.units().len() as u32);
    let known = state.mover_of(r.feed, &r.call_sign);
    let mover = known.unwrap_or(MoverId(state.movers().len() as u32));
    let mut events = Vec::new();
    if known.is_none() {
        let key = r.call_sign.clone();
        events.push(Event::MoverRegistered {
            mover,
            feed: r.feed,
            key,
            kind: MoverKind::Unit,
        });
    }
    events.push(Event::UnitRegistered {
        unit,
        mover,
        registration: r.clone(),
    });
    Ok(events)
}

pub(super) fn sensor(state: &State, r: &SensorRegistration) -> Result<Vec<Event>, Rejection> {
    known_feed(state, r.feed)?;
    let known = state.sensor_of(r.feed, &r.key);
    if let Some(s) = known.and_then(|id| state.sensor(id)) {
        let same = (
            &s.name,
            s.phenomenon,
            &s.unit_of_measure,
            s.position,
            s.thresholds,
        ) == (
            &r.name,
            r.phenomenon,
            &r.unit_of_measure,
            r.position,
            r.thresholds,
        );
        if same {
            return Ok(vec![]);
        }
    }
    let sensor = known.unwrap_or(state.next_sensor());
    Ok(vec![Event::SensorRegistered {
        sensor,
        registration: r.clone(),
    }])
}

pub(super) fn known_feed(state: &State, feed: FeedId) -> Result<(), Rejection> {
    let name = state.feeds().get(usize::from(feed.0));
    if name.is_some_and(|name| !name.is_empty()) {
        Ok(())
    } else {
        Err(Rejection::NoSuchFeed(feed))
    }
}

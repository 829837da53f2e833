//! What each who looks may see, and the windows through which all look who see the same part of the city.

use super::{Audience, Viewer};
use crate::access::{Principal, Sees};
use crate::city::City;
use chengtu_engine::geo::LonLat;
use chengtu_engine::model::{Actor, AlarmSource};
use chengtu_engine::sight::{DataClass, Holds, Lens, Sight, masked_words};
use chengtu_engine::state::State;
use chengtu_engine::stream::{CityAlarm, HotspotWatch, ServerMessage, TILE_ZOOM, Window};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// The rule of what somebody sees who acts as `actor`; `None`: everything.
pub fn sight_of(city: &City, principal: &Principal, actor: Option<&Actor>) -> Option<Sight> {
    let sight = match principal.sees {
        Sees::Everything => return None,
        Sees::OwnUnit => Sight {
            areas: None,
            // Whoever is no unit of this city holds nothing, and sees nothing.
            holds: match actor {
                Some(Actor::Unit(unit)) => Holds::Unit(*unit),
                _ => Holds::Nothing,
            },
            only_held: true,
            classes: [DataClass::Internal].into_iter().collect(),
        },
        Sees::Classes { classes, only_held } => {
            let post = &principal.post;
            let department = city.department(&post.department);
            let areas = (!post.areas.is_empty()).then(|| post.areas.iter().cloned().collect());
            Sight {
                areas,
                holds: department.map_or(Holds::Nothing, Holds::Department),
                only_held,
                classes,
            }
        }
    };
    let sight = sight.simplified();
    (!sight.is_everything()).then_some(sight)
}

/// A rule over the city's grid.
pub fn lens_of(city: &City, sight: Sight) -> Lens {
    Lens::new(sight, city.cells.clone(), city.policy.clone(), TILE_ZOOM)
}

/// An alarm of the running city as it is seen in another world, where it is not known what the case behind it is: what may
/// be a person's is masked in any case.
fn city_alarm_seen(city: &City, lens: &Lens, alarm: &CityAlarm) -> Option<CityAlarm> {
    let place = LonLat::new(alarm.lon, alarm.lat).position().ok()?;
    let of_case = matches!(alarm.source, AlarmSource::Case(_));
    let told = city.policy.sensitive.is_empty() || lens.has(DataClass::Sensitive);
    if !lens.sees_place(place) || of_case && !told {
        return None;
    }
    let mut seen = alarm.clone();
    if of_case && !lens.has(DataClass::Personal) {
        let cell = city.cells.cell_point(place).lon_lat();
        (seen.lon, seen.lat) = (cell.lon_deg, cell.lat_deg);
        seen.address.clear();
        seen.words = masked_words(&alarm.words, &[]).into_owned();
    }
    if !lens.has(DataClass::Internal) {
        seen.words.clear();
        if let Some((by, _)) = &mut seen.acknowledged {
            *by = Actor::System;
        }
    }
    Some(seen)
}

/// The windows of those who look now.
#[derive(Default)]
pub(super) struct Windows {
    all: BTreeMap<Sight, Window>,
    /// Counts the windows that there were; the number of each is what its bytes are found by.
    made: u32,
}

impl Windows {
    pub fn get(&self, sight: &Sight) -> Option<&Window> {
        self.all.get(sight)
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Sight, &mut Window)> {
        self.all.iter_mut()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Makes one where nobody has looked so; `hotspots` as in [`Window::new`].
    pub fn open(
        &mut self,
        city: &City,
        sight: &Sight,
        (state, now): (&State, Timestamp),
        hotspots: &HotspotWatch,
    ) {
        if self.all.contains_key(sight) {
            return;
        }
        self.made += 1;
        let lens = lens_of(city, sight.clone());
        let window = Window::new(self.made, lens, state, now, hotspots.clone());
        self.all.insert(sight.clone(), window);
    }

    /// Closes those that nobody looks through.
    pub fn keep(&mut self, used: impl Fn(&Sight) -> bool) {
        self.all.retain(|sight, _| used(sight));
    }
}

impl Audience {
    /// Through what a session looks; `None` where it sees everything, or is not here.
    pub fn lens(&self, session: u64) -> Option<&Lens> {
        let sight = self.viewers.get(&session)?.sight.as_ref()?;
        self.windows.get(sight).map(Window::lens)
    }

    /// Tells of the running city's severe alarms whoever knows such messages, as far as they see them there.
    pub fn tell_city_alarms(&self, all: &ServerMessage) {
        let knows = |v: &Viewer| v.outbox.subprotocol.has_city_alarms();
        self.tell_those(all, |v| v.sight.is_none() && knows(v));
        for viewer in self
            .viewers
            .values()
            .filter(|v| v.sight.is_some() && knows(v))
        {
            self.tell_city_alarms_to(viewer, all);
        }
    }

    /// The same for one.
    pub fn tell_city_alarms_to(&self, viewer: &Viewer, all: &ServerMessage) {
        let window = viewer.sight.as_ref().and_then(|s| self.windows.get(s));
        match (window, all) {
            (Some(window), ServerMessage::CityAlarms { alarms, .. }) => {
                let lens = window.lens();
                let seen = alarms
                    .iter()
                    .filter_map(|a| city_alarm_seen(&self.city, lens, a));
                let (alarms, more) = (seen.collect(), 0);
                viewer.tell(&ServerMessage::CityAlarms { alarms, more });
            }
            _ => viewer.tell(all),
        }
    }

    /// The watch over a city's ground that windows begin with.
    pub(super) fn unseen_hotspots(&self) -> HotspotWatch {
        self.broadcast.hotspots.forgetful()
    }
}

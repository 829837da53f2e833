use crate::net::{City, CityChanged};
use crate::panels::console::Frame;
use crate::panels::model::figures::{Delays, Figures, figures};
use crate::panels::model::histogram::{Histogram, histogram};
use crate::panels::skin::Skin;
use bevy::prelude::*;
use chengtu_engine::record::World as CityWorld;
use std::time::Instant;

/// Seconds between two calculations of figures and histogram.
const EVERY_S: f32 = 0.5;

/// Figures of the whole city, calculated a few times a second.
#[derive(Resource, Debug, Default)]
pub struct Strip {
    /// Cases, units and alarms.
    pub figures: Figures,
    /// What came when over the last hours.
    pub histogram: Histogram,
    /// Delay of positions in the running city, 99 of 100, seconds.
    pub delay_s: Option<f64>,
    delays: Delays,
    at: Option<Instant>,
    /// The moment of another world that it was calculated for.
    of: (u64, Option<u64>),
}

/// How old positions are when they come.
pub(super) fn measure_delays(
    mut changed: MessageReader<CityChanged>,
    city: Res<City>,
    mut strip: ResMut<Strip>,
) {
    if city.world() != CityWorld::Live {
        return changed.clear();
    }
    for change in changed.read().filter(|c| !c.0.reset) {
        // A few thousand a second are enough for a percentile.
        let every = change.0.movers.len() / 512 + 1;
        for id in change.0.movers.iter().step_by(every) {
            if let Some(m) = city.mirror.mover(*id) {
                strip.delays.sample(m.fix_time, city.now());
            }
        }
    }
}

/// Counts cases and alarms in every frame, as the queue does. All other figures are calculated anew where it is time
/// to, or where another moment is looked at.
pub(super) fn count(frame: Res<Frame>, city: Res<City>, skin: Res<Skin>, mut strip: ResMut<Strip>) {
    let of = (city.discontinuities(), city.frozen_frame());
    let due = strip
        .at
        .is_none_or(|at| at.elapsed().as_secs_f32() > EVERY_S);
    let (mirror, now) = (&city.mirror, frame.now);
    strip.figures.recount(mirror, now);
    if strip.of == of && !due {
        return;
    }
    strip.figures = figures(mirror, &frame.time, now, skin.offline_s);
    strip.histogram = histogram(mirror, now);
    // How long word is under way is a figure of the running city only.
    strip.delay_s = strip
        .delays
        .p99_s()
        .filter(|_| frame.world == CityWorld::Live);
    strip.at = Some(Instant::now());
    strip.of = of;
}

#[cfg(test)]
impl Strip {
    /// The figures of a city as it is, for pictures.
    pub fn of(figures: Figures, histogram: Histogram, delay_s: Option<f64>, city: &City) -> Self {
        Self {
            figures,
            histogram,
            delay_s,
            at: Some(Instant::now() + std::time::Duration::from_hours(1)),
            of: (city.discontinuities(), city.frozen_frame()),
            ..Self::default()
        }
    }
}

use super::style::LiveStyle;
use crate::net::{City, Connection};
use crate::render::MapDimming;
use bevy::prelude::*;

/// Share of its colour the map keeps when the line is lost.
const LOST_SATURATION: f32 = 0.35;
/// Seconds in which the colour goes and comes back.
const FADE_S: f32 = 0.5;

/// The whole picture loses its colour while the line is lost or silent for too long.
pub(super) fn dim(
    connection: Res<Connection>,
    city: Res<City>,
    style: Res<LiveStyle>,
    time: Res<Time>,
    mut dimming: ResMut<MapDimming>,
) {
    let to = wanted(
        connection.is_attached() && city.is_ready(),
        connection.silent_for().as_secs_f32(),
        style.link_lost_s,
    );
    let step = time.delta_secs() / FADE_S;
    let saturation = dimming.saturation + (to - dimming.saturation).clamp(-step, step);
    if saturation != dimming.saturation {
        dimming.saturation = saturation;
    }
}

/// How much colour there should be after so much silence, seconds.
fn wanted(known: bool, silent_s: f32, lost_s: f32) -> f32 {
    if known && silent_s > lost_s {
        LOST_SATURATION
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_takes_the_colour_only_from_a_picture_that_was_live() {
        assert_eq!(
            [
                wanted(true, 2.9, 3.0),
                wanted(true, 3.1, 3.0),
                wanted(false, 99.0, 3.0)
            ],
            [1.0, 0.35, 1.0]
        );
    }
}

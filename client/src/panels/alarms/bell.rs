//! The sound of an alarm: the bell of the terminal that the program was started from. A drill has its own: two short
//! strokes, so that nobody in the room takes it for the real one. The program carries no audio; where there is no
//! terminal it is silent, and the list of alarms says so.

use crate::net::City;
use crate::output::Output;
use bevy::prelude::{App, Local, Plugin, Res, Update};
use chengtu_engine::ids::AlarmId;
use chengtu_engine::record::World;
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Between two strokes: terminals swallow a second one that comes at once.
const BETWEEN: Duration = Duration::from_millis(300);

/// Rings for new alarms.
pub struct BellPlugin;

impl Plugin for BellPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, ring);
    }
}

/// True where there is a terminal to ring.
pub fn can_ring() -> bool {
    std::io::stdout().is_terminal()
}

/// Rings once for every alarm that is new and waits for somebody. Alarms found at the start are shown, not rung.
fn ring(city: Res<City>, output: Res<Output>, mut last: Local<Option<Heard>>) {
    if !city.is_ready() || output.is_headless() {
        return;
    }
    let newest = city
        .mirror
        .alarms
        .keys()
        .next_back()
        .copied()
        .unwrap_or_default();
    let heard = Heard {
        newest,
        discontinuities: city.discontinuities(),
    };
    let before = last.replace(heard);
    let rings = before.is_some_and(|b| b.rings_for(heard.discontinuities, &city.mirror));
    if rings && can_ring() {
        ring_for(city.world());
    }
}

/// Up to where alarms have been rung for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Heard {
    newest: AlarmId,
    /// The course of moments that it belongs to, see [`City::breaks`].
    discontinuities: u64,
}

impl Heard {
    /// True when there is something to ring for. What a jump leapt over, and what another world holds, is shown and
    /// not rung.
    fn rings_for(self, discontinuities: u64, mirror: &chengtu_engine::stream::Mirror) -> bool {
        self.discontinuities == discontinuities && is_new(mirror, self.newest)
    }
}

/// How often the bell is struck for an alarm of a world.
fn strokes(world: World) -> u32 {
    match world {
        World::Drill(_) => 2,
        _ => 1,
    }
}

/// Rings once, as for an alarm of this world.
pub fn ring_for(world: World) {
    sound(strokes(world));
}

fn strike() {
    let mut out = std::io::stdout();
    // A terminal that has gone away cannot be rung, which is no reason to stop.
    let _ = out.write_all(b"\x07").and_then(|()| out.flush());
}

/// Strikes so often, without keeping anybody waiting.
fn sound(strokes: u32) {
    strike();
    if strokes > 1 {
        std::thread::spawn(move || {
            for _ in 1..strokes {
                std::thread::sleep(BETWEEN);
                strike();
            }
        });
    }
}

/// True when an alarm younger than `before` waits for somebody.
fn is_new(mirror: &chengtu_engine::stream::Mirror, before: AlarmId) -> bool {
    let after = (
        std::ops::Bound::Excluded(before),
        std::ops::Bound::Unbounded,
    );
    mirror
        .alarms
        .range(after)
        .any(|(_, a)| a.acknowledged.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn a_drill_sounds_otherwise_than_the_city() {
        assert_ne!(strokes(World::Drill(1)), strokes(World::Live));
    }

    #[test]
    fn a_jump_rings_for_nothing_that_it_leapt_over() {
        let city = sample::city();
        let before = Heard {
            newest: AlarmId(0),
            discontinuities: 7,
        };
        assert!(before.rings_for(7, &city));
        assert!(!before.rings_for(8, &city));
    }

    #[test]
    fn only_new_alarms_that_wait_are_rung() {
        let city = sample::city();
        assert!(is_new(&city, AlarmId(0)) && is_new(&city, AlarmId(1)));
        assert!(!is_new(&city, AlarmId(2)), "alarm 3 is acknowledged");
    }
}

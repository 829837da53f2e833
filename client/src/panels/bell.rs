//! The sound of an alarm: the bell of the terminal that the program was started from. The program carries no audio;
//! where there is no terminal it is silent, and the list of alarms says so.

use crate::cli::Cli;
use crate::net::City;
use bevy::prelude::*;
use chengtu_engine::ids::AlarmId;
use std::io::{IsTerminal, Write};

/// True where there is a terminal to ring.
pub fn can_ring() -> bool {
    std::io::stdout().is_terminal()
}

/// Rings once for every alarm that is new and waits for somebody. Alarms found at the start are shown, not rung.
pub fn ring(city: Res<City>, cli: Res<Cli>, mut last: Local<Option<AlarmId>>) {
    if !city.is_ready() || cli.is_headless() {
        return;
    }
    let newest = city
        .mirror
        .alarms
        .keys()
        .next_back()
        .copied()
        .unwrap_or_default();
    let before = last.replace(newest);
    let rings = before.is_some_and(|b| is_new(&city.mirror, b));
    if rings && can_ring() {
        let mut out = std::io::stdout();
        // A terminal that has gone away cannot be rung, which is no reason to stop.
        let _ = out.write_all(b"\x07").and_then(|()| out.flush());
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
    fn only_new_alarms_that_wait_are_rung() {
        let city = sample::city();
        assert!(is_new(&city, AlarmId(0)) && is_new(&city, AlarmId(1)));
        assert!(!is_new(&city, AlarmId(2)), "alarm 3 is acknowledged");
    }
}

//! What happens to the machine's clock, told to everybody who has to know.

use super::LiveCity;
use super::tick::TICKS_PER_SECOND;
use crate::audience::notice;
use crate::clock::ClockEvent;
use chengtu_engine::code::Code;

impl LiveCity {
    /// Tells what has happened to the clock, and looks whether a person has confirmed it where it is not followed.
    pub(super) fn look_at_clock(&mut self) {
        if self.clock.trouble().is_some()
            && self.ticks.is_multiple_of(TICKS_PER_SECOND)
            && let Some(shown) = self.store.aside().take_clock_confirmed()
            && !self.clock.confirm(shown)
        {
            tracing::warn!(
                "the clock was confirmed when it showed another time; that is not followed"
            );
        }
        for event in self.clock.take_events() {
            self.tell_of_clock(&event);
        }
        let trouble = self.clock.trouble();
        metrics::gauge!("chengtu_clock_off_seconds")
            .set(trouble.map_or(0.0, |t| t.by_us as f64 / 1e6));
        self.status
            .set_clock_trouble(trouble.map(|t| t.to_string()));
    }

    fn tell_of_clock(&mut self, event: &ClockEvent) {
        let words = event.to_string();
        tracing::warn!("{words}");
        metrics::counter!("chengtu_clock_events_total", "kind" => kind(event)).increment(1);
        // A step that is followed is for those who look after the machine.
        if !matches!(event, ClockEvent::Followed { .. }) {
            for v in self.audience.viewers() {
                notice(&v.outbox, Code::ServerClock, words.clone());
            }
        }
        self.status.set_clock_event(words);
    }
}

/// Under which name an event is counted.
fn kind(event: &ClockEvent) -> &'static str {
    match event {
        ClockEvent::Followed { .. } => "followed",
        ClockEvent::Refused { .. } => "refused",
        ClockEvent::Agrees => "agrees",
        ClockEvent::Confirmed { .. } => "confirmed",
        ClockEvent::Began { .. } => "began",
    }
}

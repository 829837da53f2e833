//! What is said about a drill: its phase, and the seats in it.

use chengtu_engine::drill::{DrillPhase, Seat};

/// Words of a phase, by their key.
pub fn phase_key(phase: DrillPhase) -> &'static str {
    match phase {
        DrillPhase::Preparing => "drill.preparing",
        DrillPhase::Running => "drill.running",
        DrillPhase::Paused => "drill.paused",
        DrillPhase::Ended => "drill.ended",
    }
}

/// Words of a seat, by their key.
pub fn seat_key(seat: Seat) -> &'static str {
    match seat {
        Seat::Director => "seat.director",
        Seat::Participant => "seat.participant",
        Seat::Viewer => "seat.viewer",
    }
}

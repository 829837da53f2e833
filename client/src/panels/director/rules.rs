/// Speeds that are offered, seconds of the drill a second.
pub const SPEEDS: [f32; 5] = [0.5, 1.0, 10.0, 60.0, 600.0];
/// By how much everything to come is put off with one press, seconds.
pub const POSTPONE_S: i32 = 300;
/// Height of the director's time bar, logical pixels: that of the tall bar, and room for goals that run beside one
/// another.
pub const BAR_H: f32 = 208.0;
/// Width of a drawer, logical pixels.
pub(super) const WIDTH: f32 = 380.0;

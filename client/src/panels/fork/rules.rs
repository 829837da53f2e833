use crate::panels::console::Scene;
use chengtu_engine::record::World;

/// How far both branches run ahead, seconds.
pub const AHEAD_S: u32 = 7_200;
/// Speeds that are offered.
pub const SPEEDS: [f32; 3] = [1.0, 60.0, 600.0];

/// True where a fork can be begun: a drill's future is nobody's to look at.
pub fn can_begin(s: &Scene<'_>) -> bool {
    matches!(s.world, World::Live | World::Replay(_)) && s.is_live()
}

use bevy::prelude::Resource;
use serde::{Deserialize, Serialize};

/// Which layers are shown; panels switch them. A selected thing is shown whatever its layer says.
#[derive(Resource, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerVisibility {
    /// 建筑: buildings in three dimensions.
    pub buildings: bool,
    /// 案件: cases and their clusters.
    pub cases: bool,
    /// 单元: units that can be sent.
    pub units: bool,
    /// 车流: the city's other traffic.
    pub traffic: bool,
    /// 密度: density of open cases.
    pub density: bool,
    /// 显著热点: significant areas.
    pub hotspots: bool,
    /// 传感器: sensors.
    pub sensors: bool,
    /// 网格: the unit grid.
    pub grid: bool,
}

impl Default for LayerVisibility {
    fn default() -> Self {
        Self {
            buildings: true,
            cases: true,
            units: true,
            traffic: true,
            density: true,
            hotspots: false,
            sensors: true,
            grid: false,
        }
    }
}

use bevy::prelude::Resource;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

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
    /// 视野: where officers were looking, in replays.
    pub views: bool,
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
            views: true,
        }
    }
}

impl FromStr for LayerVisibility {
    type Err = String;

    /// Exactly the layers named, separated by commas: `buildings,cases,hotspots`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut layers = Self {
            buildings: false,
            cases: false,
            units: false,
            traffic: false,
            density: false,
            hotspots: false,
            sensors: false,
            grid: false,
            views: false,
        };
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let layer = match name {
                "buildings" => &mut layers.buildings,
                "cases" => &mut layers.cases,
                "units" => &mut layers.units,
                "traffic" => &mut layers.traffic,
                "density" => &mut layers.density,
                "hotspots" => &mut layers.hotspots,
                "sensors" => &mut layers.sensors,
                "grid" => &mut layers.grid,
                "views" => &mut layers.views,
                _ => {
                    let known =
                        "buildings, cases, units, traffic, density, hotspots, sensors, grid, views";
                    return Err(format!("there is no layer {name:?}; known: {known}"));
                }
            };
            *layer = true;
        }
        Ok(layers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_by_name_and_an_unknown_one_is_explained() {
        let layers: LayerVisibility = "cases, hotspots".parse().unwrap();
        assert!(layers.cases && layers.hotspots && !layers.traffic && !layers.buildings);
        assert!(
            "cases,ghosts"
                .parse::<LayerVisibility>()
                .unwrap_err()
                .contains("ghosts")
        );
    }
}

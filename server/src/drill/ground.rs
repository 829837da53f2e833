//! A city to drill in: its names, its units' depots, its roads.

use super::calm::{Depots, calm_day, install_sensors};
use super::read::{ScenarioError, read};
use super::resolve::Gazetteer;
use crate::pack::Pack;
use chengtu_engine::drill::{Drill, Scenario, ScenarioInfo, Start};
use chengtu_engine::record::World;
use chengtu_engine::rejection::Rejection;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::SimConfig;
use chengtu_engine::state::State;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a pack keeps its scenarios.
pub const SCENARIOS: &str = "drills";

/// Why a drill does not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// The scenario has faults.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// No file of that name.
    #[error("there is no scenario {0:?}; ask for the list with `worlds`")]
    NoScenario(String),
    /// The city does not hold together.
    #[error("the city of the drill cannot be set up: {0}")]
    City(#[from] Rejection),
    /// It begins at a second of the log, and none was given.
    #[error(
        "the scenario begins at a second of the city's log; it can be drilled on a server that holds it"
    )]
    NeedsLog,
}

/// What drills need of a city.
#[derive(Debug)]
pub struct Ground {
    /// Names and rules.
    pub names: Gazetteer,
    /// Roads that crews drive on.
    pub roads: Arc<RoadGraph>,
    depots: Depots,
    scenarios: PathBuf,
}

impl Ground {
    /// Of a city pack.
    pub fn new(pack: &Pack) -> Self {
        Self {
            names: Gazetteer::new(pack),
            depots: Depots::new(pack),
            scenarios: pack.dir.join(SCENARIOS),
            roads: Arc::clone(&pack.roads),
        }
    }

    /// Where units have their round, and how fast they drive.
    pub fn depots(&self) -> &Depots {
        &self.depots
    }

    /// The scenarios that ship with the city, those that cannot be drilled with the reason.
    pub fn scenarios(&self) -> Vec<ScenarioInfo> {
        let found = std::fs::read_dir(&self.scenarios).into_iter().flatten();
        let mut files: Vec<PathBuf> = found
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
            .collect();
        files.sort();
        files.iter().map(|f| self.info(f)).collect()
    }

    fn info(&self, file: &Path) -> ScenarioInfo {
        let key = file.file_stem().unwrap_or_default().to_string_lossy();
        match read(file, &self.names) {
            Ok(s) => ScenarioInfo {
                key: s.key,
                title: s.title,
                title_en: s.title_en,
                summary: s.summary,
                summary_en: s.summary_en,
                duration_s: s.duration_s,
                injects: s.injects.len() as u32,
                problem: String::new(),
            },
            Err(e) => ScenarioInfo {
                key: key.clone().into_owned(),
                title: key.clone().into_owned(),
                title_en: key.into_owned(),
                summary: String::new(),
                summary_en: String::new(),
                duration_s: 0,
                injects: 0,
                problem: e.to_string(),
            },
        }
    }

    /// A scenario by its key.
    ///
    /// # Errors
    /// [`BeginError::NoScenario`], or what is wrong with it.
    pub fn scenario(&self, key: &str) -> Result<Scenario, BeginError> {
        // A key is a file's name and nothing else.
        let plain = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
        let file = self.scenarios.join(format!("{key}.toml"));
        if key.is_empty() || !key.chars().all(plain) || !file.is_file() {
            return Err(BeginError::NoScenario(key.to_owned()));
        }
        Ok(read(&file, &self.names)?)
    }

    /// A drill that has not begun.
    ///
    /// `from_log`: the city at the scenario's second, for one that begins there.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(
        &self,
        scenario: Scenario,
        director: &str,
        world: World,
        from_log: Option<State>,
    ) -> Result<Drill, BeginError> {
        let state = match (scenario.start, from_log) {
            (Start::Calm(_), _) => calm_day(
                &self.names.rules,
                &self.depots,
                &self.roads,
                &scenario,
                world,
            )?,
            (Start::Log(at), Some(mut state)) => {
                let now = state.known_at().min(at);
                install_sensors(&mut state, &scenario, world, now)?;
                state
            }
            (Start::Log(_), None) => return Err(BeginError::NeedsLog),
        };
        let config = SimConfig {
            language: self.depots.language,
            speed_factors: self.depots.speed_factors.clone(),
            homes: self.depots.homes(&state),
            ..SimConfig::new(world)
        };
        Ok(Drill::new(scenario, director, state, &self.roads, config))
    }
}

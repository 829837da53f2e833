//! A drill without people: a scripted team plays it as fast as the machine can.

use super::ground::{BeginError, Ground};
use super::store::{DrillWriter, StoreError};
use chengtu_engine::drill::{
    DirectorAct, Drill, DrillEntry, DrillPhase, Scenario, ScoreView, Team, score,
};
use chengtu_engine::record::World;
use std::path::Path;

/// What a drill without people has come to.
#[derive(Debug)]
pub struct Played {
    /// Score of the attempt.
    pub score: ScoreView,
    /// Everything that was logged, as in a drill's own log.
    pub entries: Vec<DrillEntry>,
    /// What the team tried in vain.
    pub refused: Vec<(chengtu_engine::time::Timestamp, String)>,
    /// Digest of the city at the end.
    pub digest: u64,
}

/// Why it could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// It does not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// Its log cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The director of a drill without people fires everything off the time line himself.
    #[error(transparent)]
    Direct(#[from] chengtu_engine::drill::DirectError),
}

/// Plays a scenario to its end. The log goes to `dir`, if given.
///
/// # Errors
/// [`PlayError`].
pub fn play(
    ground: &Ground,
    scenario: Scenario,
    team: &mut Team,
    dir: Option<&Path>,
) -> Result<Played, PlayError> {
    let mut drill = ground.begin(scenario, "", World::Drill(0), None)?;
    let mut writer = dir.map(DrillWriter::create_in).transpose()?;
    let mut entries = Vec::new();
    team.join(&mut drill);
    drill.direct(DirectorAct::Start)?;
    while drill.phase() == DrillPhase::Running {
        drill.step();
        team.act(&mut drill);
        keep(&mut drill, &mut entries, writer.as_mut())?;
    }
    keep(&mut drill, &mut entries, writer.as_mut())?;
    if let Some(w) = &mut writer {
        w.sync()?;
    }
    Ok(Played {
        score: score(drill.scenario(), drill.tally()),
        refused: std::mem::take(&mut team.refused),
        digest: drill.state().digest(),
        entries,
    })
}

fn keep(
    drill: &mut Drill,
    entries: &mut Vec<DrillEntry>,
    writer: Option<&mut DrillWriter>,
) -> Result<(), StoreError> {
    let fresh = drill.take_entries();
    if let Some(w) = writer
        && !fresh.is_empty()
    {
        w.write(&fresh)?;
    }
    entries.extend(fresh);
    Ok(())
}

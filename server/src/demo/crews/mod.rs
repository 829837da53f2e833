//! The crew simulator: every unit of the city as a terminal of its own, driving the roads and doing its work.

mod crew;
mod drive;
mod terminal;

#[cfg(test)]
mod tests;

pub use crew::{Crew, Say, Scales};
pub use drive::{Beat, Drive};
pub use terminal::{TerminalOptions, run};

use super::Chance;
use super::casebook::CaseBook;
use crate::pack::{CityConfig, Fleet};
use chengtu_engine::roads::RoadGraph;
use std::sync::Arc;

/// What crews of a fleet write when they are done.
fn note_of(fleet: &Fleet) -> &'static str {
    match fleet.key.as_str() {
        "sanitation" => "已清理清运，现场恢复整洁",
        "drainage" => "已疏通排查，水位恢复正常",
        "repair" => "已修复并设置警示，恢复使用",
        "chengguan" => "已现场劝导整改，秩序恢复",
        "patrol" => "已到场处置，交通恢复正常",
        _ => "已处置完毕",
    }
}

/// All crews of a city, each with its terminal. `token_of` gives a call sign's secret.
pub fn terminals(
    city: &CityConfig,
    graph: &Arc<RoadGraph>,
    server: &str,
    scales: Scales,
    seed: u64,
    token_of: impl Fn(&str) -> String,
) -> Vec<(TerminalOptions, Crew)> {
    let mut all = Vec::new();
    for fleet in &city.fleets {
        for number in 1..=fleet.count {
            let call_sign = format!("{} {number}", fleet.call_sign);
            let depot = &fleet.depots[(number as usize - 1) % fleet.depots.len().max(1)];
            let Some(home) = city
                .depots
                .iter()
                .find(|d| d.key == *depot)
                .and_then(crate::pack::Depot::position)
            else {
                continue;
            };
            let mut chance = Chance::of(seed, &call_sign);
            let options = TerminalOptions {
                server: server.to_owned(),
                token: token_of(&call_sign),
                note: note_of(fleet),
                phase: chance.unit(),
                call_sign,
            };
            let graph = Arc::clone(graph);
            let crew = Crew::new(graph, home, fleet.speed_factor, scales, chance);
            all.push((options, crew));
        }
    }
    all
}

/// Runs all crews until the program ends.
pub async fn run_all(terminals: Vec<(TerminalOptions, Crew)>, book: CaseBook) {
    let mut running = tokio::task::JoinSet::new();
    for (options, crew) in terminals {
        running.spawn(run(options, crew, book.clone()));
    }
    while let Some(ended) = running.join_next().await {
        if let Err(e) = ended {
            tracing::error!("a crew broke off: {e}");
        }
    }
}

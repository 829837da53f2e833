//! The crew simulator: every unit of the city as a terminal of its own, driving the roads and doing its work.

mod terminal;

pub use terminal::{TerminalOptions, run};

use super::Chance;
use super::casebook::CaseBook;
use crate::pack::CityConfig;
use crate::play::ServerAddress;
use chengtu_engine::geo::GeoBox;
use chengtu_engine::roads::RoadGraph;
use chengtu_engine::sim::{Crew, Scales, words};
use std::sync::Arc;

/// All crews of a city, each with its terminal. `token_of` gives a call sign's secret.
pub fn terminals(
    city: &CityConfig,
    graph: &RoadGraph,
    server: &ServerAddress,
    scales: Scales,
    seed: u64,
    token_of: impl Fn(&str) -> String,
) -> Vec<(TerminalOptions, Crew)> {
    let within = city.bounds.geo_box().unwrap_or(GeoBox::EARTH);
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
                server: server.clone(),
                token: token_of(&call_sign),
                note: words::done(&fleet.key, city.language()),
                phase: chance.unit(),
                call_sign,
            };
            let crew = Crew::new(graph, within, home, fleet.speed_factor, scales, chance);
            all.push((options, crew));
        }
    }
    all
}

/// Runs all crews until the program ends.
pub async fn run_all(
    terminals: Vec<(TerminalOptions, Crew)>,
    graph: Arc<RoadGraph>,
    book: CaseBook,
) {
    let mut running = tokio::task::JoinSet::new();
    for (options, crew) in terminals {
        let graph = Arc::clone(&graph);
        running.spawn(run(options, crew, graph, book.clone()));
    }
    while let Some(ended) = running.join_next().await {
        if let Err(e) = ended {
            tracing::error!("a crew broke off: {e}");
        }
    }
}

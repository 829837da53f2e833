use super::graph::RoadGraph;

/// What a place of the net is to whoever passes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// There is a choice, or there may be.
    Crossing,
    /// One goes on to where one has not come from, whichever of two neighbours that is.
    Through,
    /// One comes from and goes back to the same neighbour.
    End,
}

/// What every place is. Half of a city's are no crossings: its dead ends, and where a street's name, speed or level
/// changes.
pub(super) fn passages(graph: &RoadGraph) -> Vec<Passage> {
    (0..graph.place_count() as u32)
        .map(|place| {
            let (out, into) = (graph.ways_out().of(place), graph.ways_in().of(place));
            let Some(first) = into.first().or(out.first()) else {
                return Passage::End;
            };
            let loops = into.iter().chain(out).any(|a| a.node == place);
            let other = |a: &&super::edge::Arc| a.node != first.node;
            match into.iter().chain(out).find(other) {
                _ if loops => Passage::Crossing,
                None => Passage::End,
                Some(second) => {
                    let third =
                        |a: &super::edge::Arc| a.node != first.node && a.node != second.node;
                    let single = |node: u32| into.iter().filter(|a| a.node == node).count() <= 1;
                    let many = into.iter().chain(out).any(third);
                    if many || !single(first.node) || !single(second.node) {
                        Passage::Crossing
                    } else {
                        Passage::Through
                    }
                }
            }
        })
        .collect()
}

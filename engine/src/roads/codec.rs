use super::edge::{EdgeInput, RoadClass};
use super::error::RoadGraphError;
use super::graph::RoadGraph;
use super::surroundings::Surroundings;
use super::water::{Bank, BankKind};
use crate::geo::Position;
use serde::{Deserialize, Serialize};

/// The first eight bytes of a road file; the last is the version of the format.
pub const ROADS_MAGIC: [u8; 8] = *b"CTROADS\x02";
/// The first eight bytes of a road file without surroundings: version 1 of the format.
pub const ROADS_MAGIC_PLAIN: [u8; 8] = *b"CTROADS\x01";

/// What is written: the input of [`RoadGraph::build`], with the inner points of shapes as steps from the point
/// before, which take two or three bytes each instead of five.
#[derive(Serialize, Deserialize)]
struct Stored {
    nodes: Vec<Position>,
    names: Vec<String>,
    edges: Vec<StoredEdge>,
}

#[derive(Serialize, Deserialize)]
struct StoredEdge {
    from: u32,
    to: u32,
    length_m: f32,
    speed_mps: f32,
    oneway: bool,
    class: RoadClass,
    /// 0 = none, else index + 1.
    name: u32,
    steps: Vec<(i32, i32)>,
}

/// What version 2 holds after [`Stored`]. Banks begin at a place; further points are steps from the point before.
#[derive(Serialize, Deserialize)]
struct StoredSurroundings {
    turns: Vec<Vec<u32>>,
    /// Edge less the edge before, and level.
    levels: Vec<(u32, i8)>,
    banks: Vec<(BankKind, Vec<(i32, i32)>)>,
}

/// Banks are kept to 1e-6 degree, a tenth of a metre: half the bytes.
const BANK_STEP: i32 = 10;

impl RoadGraph {
    /// The graph as the bytes of a road file: [`ROADS_MAGIC`], or [`ROADS_MAGIC_PLAIN`] where it has no surroundings, then
    /// postcard. The same graph gives the same bytes; banks are rounded.
    pub fn encode(&self) -> Vec<u8> {
        let edges = (0..self.edges.len() as u32)
            .map(|i| self.stored_edge(i))
            .collect();
        let stored = Stored {
            nodes: self.nodes.clone(),
            names: self.names.clone(),
            edges,
        };
        let whole = "growing a vector in memory cannot fail, and every type here can be written";
        if self.surroundings.is_empty() {
            return postcard::to_extend(&stored, ROADS_MAGIC_PLAIN.to_vec()).expect(whole);
        }
        let plain = postcard::to_extend(&stored, ROADS_MAGIC.to_vec()).expect(whole);
        postcard::to_extend(&StoredSurroundings::of(&self.surroundings), plain).expect(whole)
    }

    /// Reads what [`encode`](Self::encode) wrote, checking everything.
    ///
    /// # Errors
    /// [`RoadGraphError`] for foreign, truncated or inconsistent bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, RoadGraphError> {
        let (plain, body) = match bytes.split_at_checked(8) {
            Some((magic, body)) if magic == ROADS_MAGIC_PLAIN => (true, body),
            Some((magic, body)) if magic == ROADS_MAGIC => (false, body),
            _ => {
                return Err(RoadGraphError::Magic {
                    found: bytes[..bytes.len().min(8)].to_vec(),
                });
            }
        };
        let (stored, mut rest): (Stored, &[u8]) = postcard::take_from_bytes(body)?;
        let mut surroundings = Surroundings::default();
        if !plain {
            let (around, after): (StoredSurroundings, &[u8]) = postcard::take_from_bytes(rest)?;
            surroundings = around.surroundings();
            rest = after;
        }
        if !rest.is_empty() {
            return Err(RoadGraphError::TrailingBytes(rest.len()));
        }
        let Stored {
            nodes,
            names,
            edges,
        } = stored;
        let mut inputs = Vec::with_capacity(edges.len());
        for (index, edge) in edges.into_iter().enumerate() {
            inputs.push(edge.input(index, &nodes)?);
        }
        Self::build_with(nodes, inputs, names, surroundings)
    }

    fn stored_edge(&self, index: u32) -> StoredEdge {
        let e = &self.edges[index as usize];
        let shape = self.shape(index);
        let steps = shape[..shape.len() - 1]
            .windows(2)
            .map(|w| {
                (
                    w[1].lon_e7.wrapping_sub(w[0].lon_e7),
                    w[1].lat_e7.wrapping_sub(w[0].lat_e7),
                )
            })
            .collect();
        StoredEdge {
            from: e.from,
            to: e.to,
            length_m: e.length_m,
            speed_mps: e.speed_mps,
            oneway: e.oneway,
            class: e.class,
            name: e.name.wrapping_add(1),
            steps,
        }
    }
}

impl StoredSurroundings {
    fn of(known: &Surroundings) -> Self {
        let mut before = 0;
        let levels = known.levels.iter().map(|(edge, level)| {
            let step = edge - before;
            before = *edge;
            (step, *level)
        });
        let round = |e7: i32| e7.div_euclid(BANK_STEP);
        let steps = |bank: &Bank| {
            let (mut lon, mut lat) = (0, 0);
            let step = |p: &Position| {
                let (east, north) = (round(p.lon_e7), round(p.lat_e7));
                let step = (east - lon, north - lat);
                (lon, lat) = (east, north);
                step
            };
            (bank.kind, bank.line.iter().map(step).collect())
        };
        Self {
            turns: known.turns.clone(),
            levels: levels.collect(),
            banks: known.banks.iter().map(steps).collect(),
        }
    }

    fn surroundings(self) -> Surroundings {
        let mut edge = 0u32;
        let levels = self.levels.into_iter().map(|(step, level)| {
            edge = edge.wrapping_add(step);
            (edge, level)
        });
        let bank = |(kind, steps): (BankKind, Vec<(i32, i32)>)| {
            let mut at = (0i32, 0i32);
            let point = |(lon, lat): (i32, i32)| {
                at = (at.0.wrapping_add(lon), at.1.wrapping_add(lat));
                let e7 = |v: i32| v.saturating_mul(BANK_STEP);
                Position::new(e7(at.0), e7(at.1))
            };
            Bank {
                kind,
                line: steps.into_iter().map(point).collect(),
            }
        };
        Surroundings {
            turns: self.turns,
            levels: levels.collect(),
            banks: self.banks.into_iter().map(bank).collect(),
        }
    }
}

impl StoredEdge {
    fn input(self, index: usize, nodes: &[Position]) -> Result<EdgeInput, RoadGraphError> {
        let end = |node: u32| {
            let missing = RoadGraphError::NoSuchNode {
                edge: index,
                node,
                nodes: nodes.len(),
            };
            nodes.get(node as usize).copied().ok_or(missing)
        };
        let (first, last) = (end(self.from)?, end(self.to)?);
        let mut shape = Vec::with_capacity(self.steps.len() + 2);
        let mut at = first;
        shape.push(at);
        for (lon, lat) in self.steps {
            at = Position::new(at.lon_e7.wrapping_add(lon), at.lat_e7.wrapping_add(lat));
            shape.push(at);
        }
        shape.push(last);
        Ok(EdgeInput {
            from: self.from,
            to: self.to,
            length_m: self.length_m,
            speed_mps: self.speed_mps,
            oneway: self.oneway,
            class: self.class,
            name: self.name.wrapping_sub(1),
            shape,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{Rng, random_grid, random_turns};
    use super::*;

    #[test]
    fn a_graph_comes_back_as_it_was_and_encodes_to_the_same_bytes() {
        let graph = random_grid(&mut Rng(5), 8, 8);
        let bytes = graph.encode();
        let back = RoadGraph::decode(&bytes).unwrap();
        assert_eq!(back.encode(), bytes);
        assert_eq!(
            (back.nodes, back.edges, back.shapes),
            (graph.nodes, graph.edges, graph.shapes)
        );
        assert_eq!(back.names, graph.names);
    }

    /// A grid with everything that only version 2 holds.
    fn surrounded(seed: u64) -> RoadGraph {
        let mut rng = Rng(seed);
        let graph = random_grid(&mut rng, 4, 4);
        let line = [(0, 0), (1_000, 10), (-50, -2_000)];
        let place = |(lon, lat)| Position::new(1_187_900_000 + lon, 320_500_000 + lat);
        let known = Surroundings {
            turns: random_turns(&mut rng, &graph, 5),
            levels: vec![(1, 1), (4, -2)],
            banks: vec![Bank {
                kind: BankKind::Pond,
                line: line.map(place).to_vec(),
            }],
        };
        graph.with(known).unwrap()
    }

    #[test]
    fn surroundings_come_back_as_they_were() {
        let graph = surrounded(9);
        let bytes = graph.encode();
        assert!(bytes.starts_with(&ROADS_MAGIC));
        let back = RoadGraph::decode(&bytes).unwrap();
        assert_eq!(back.encode(), bytes);
        assert_eq!(back.surroundings(), graph.surroundings());
        assert!(
            random_grid(&mut Rng(5), 4, 4)
                .encode()
                .starts_with(&ROADS_MAGIC_PLAIN)
        );
    }

    #[test]
    fn surroundings_that_make_no_sense_are_refused() {
        let refused = |known: Surroundings| random_grid(&mut Rng(9), 4, 4).with(known).unwrap_err();
        let turns = |turns| Surroundings {
            turns,
            ..Surroundings::default()
        };
        for way in [vec![], vec![0], vec![0, 9_999], vec![0, 0], vec![0; 9]] {
            let error = refused(turns(vec![way]));
            assert!(matches!(error, RoadGraphError::Turn { turn: 0 }), "{error}");
        }
        for levels in [vec![(0, 0)], vec![(999, 1)], vec![(2, 1), (1, 1)]] {
            let error = refused(Surroundings {
                levels,
                ..Surroundings::default()
            });
            assert!(matches!(error, RoadGraphError::Level { .. }), "{error}");
        }
        let bank = Bank {
            kind: BankKind::Wide,
            line: vec![Position::default()],
        };
        let error = refused(Surroundings {
            banks: vec![bank],
            ..Surroundings::default()
        });
        assert!(
            matches!(error, RoadGraphError::Bank { points: 1, .. }),
            "{error}"
        );
    }

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = surrounded(6).encode();
        for end in 0..bytes.len() {
            assert!(
                RoadGraph::decode(&bytes[..end]).is_err(),
                "{end} of {}",
                bytes.len()
            );
        }
        assert_eq!(
            RoadGraph::decode(&[&bytes[..], b"x"].concat()).unwrap_err(),
            RoadGraphError::TrailingBytes(1)
        );
    }

    #[test]
    fn damaged_bytes_never_panic() {
        let bytes = surrounded(7).encode();
        let mut rng = Rng(8);
        for _ in 0..3000 {
            let mut damaged = bytes.clone();
            for _ in 0..=rng.below(3) {
                let at = 8 + rng.below(bytes.len() as u64 - 8) as usize;
                damaged[at] = rng.next() as u8;
            }
            if let Ok(graph) = RoadGraph::decode(&damaged) {
                assert!(RoadGraph::decode(&graph.encode()).is_ok());
            }
        }
    }

    #[test]
    fn a_foreign_file_is_told_apart() {
        let error = RoadGraph::decode(b"PMTiles\x03....").unwrap_err();
        assert!(matches!(error, RoadGraphError::Magic { .. }), "{error}");
        assert!(error.to_string().contains("import osm"));
    }
}

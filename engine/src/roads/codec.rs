use super::edge::{EdgeInput, RoadClass};
use super::error::RoadGraphError;
use super::graph::RoadGraph;
use crate::geo::Position;
use serde::{Deserialize, Serialize};

/// The first eight bytes of a road file; the last is the version of the format.
pub const ROADS_MAGIC: [u8; 8] = *b"CTROADS\x01";

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

impl RoadGraph {
    /// The graph as the bytes of a road file: [`ROADS_MAGIC`], then postcard. The same graph gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        let edges = (0..self.edges.len() as u32)
            .map(|i| self.stored_edge(i))
            .collect();
        let stored = Stored {
            nodes: self.nodes.clone(),
            names: self.names.clone(),
            edges,
        };
        postcard::to_extend(&stored, ROADS_MAGIC.to_vec())
            .expect("growing a vector in memory cannot fail, and every type here can be written")
    }

    /// Reads what [`encode`](Self::encode) wrote, checking everything.
    ///
    /// # Errors
    /// [`RoadGraphError`] for foreign, truncated or inconsistent bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, RoadGraphError> {
        let Some(body) = bytes.strip_prefix(&ROADS_MAGIC) else {
            return Err(RoadGraphError::Magic {
                found: bytes[..bytes.len().min(8)].to_vec(),
            });
        };
        let (stored, rest): (Stored, &[u8]) = postcard::take_from_bytes(body)?;
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
        Self::build(nodes, inputs, names)
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
    use super::super::oracle::{Rng, random_grid};
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

    #[test]
    fn every_truncation_is_an_error() {
        let bytes = random_grid(&mut Rng(6), 4, 4).encode();
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
        let bytes = random_grid(&mut Rng(7), 4, 4).encode();
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

//! The names of a tile, gathered once, so that placing them each frame needs no tile.

use super::clip::{EXTENT, P, clip_line};
use chengtu_engine::geo::TileId;
use std::collections::HashMap;

/// A name to be written.
#[derive(Clone, Debug)]
pub struct Name {
    /// Index of the style's layer.
    pub layer: usize,
    /// In the city's own language.
    pub zh: String,
    /// In English; the same where there is none.
    pub en: String,
    /// Smaller comes first within the layer.
    pub rank: f32,
    /// Name of an icon beside it; empty for none.
    pub icon: String,
    /// The point or the line beside which it is written.
    pub shape: NameShape,
}

/// Where a name is written.
#[derive(Clone, Debug)]
pub enum NameShape {
    /// Mercator of its point.
    Point([f64; 2]),
    /// Mercator of the line it follows.
    Line(Vec<[f64; 2]>),
}

/// Lines shorter than this carry no name, tile units.
const LINE_MIN: f32 = 60.0;

/// Mercator of a point in tile units.
pub fn mercator(tile: TileId, p: P) -> [f64; 2] {
    let side = 1.0 / f64::from(1u32 << tile.z.min(24));
    let corner = tile.north_west_mercator();
    [
        corner[0] + f64::from(p[0] / EXTENT) * side,
        corner[1] + f64::from(p[1] / EXTENT) * side,
    ]
}

/// True where a point belongs to this tile and not to its neighbour, whose margin holds it too.
pub fn belongs(p: P) -> bool {
    p.iter().all(|v| (0.0..EXTENT).contains(v))
}

/// Joins the pieces of equally named lines that meet end to end, and cuts them to the tile.
pub fn joined(lines: Vec<Vec<P>>) -> Vec<Vec<P>> {
    let mut pieces: Vec<Vec<P>> = lines
        .iter()
        .flat_map(|l| clip_line(l, 0.0, EXTENT))
        .map(|(_, piece)| piece)
        .filter(|p| p.len() > 1)
        .collect();
    let key = |p: P| (p[0].round() as i32, p[1].round() as i32);
    loop {
        let mut ends: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
        for (i, piece) in pieces.iter().enumerate() {
            ends.entry(key(piece[0])).or_default().push(i);
            ends.entry(key(piece[piece.len() - 1])).or_default().push(i);
        }
        // Two pieces that meet where no third does; the smallest place first, so that the result never varies.
        let pair = ends
            .iter()
            .filter(|(_, who)| who.len() == 2 && who[0] != who[1])
            .min_by_key(|(place, _)| **place)
            .map(|(place, who)| (*place, who[0], who[1]));
        let Some((place, i, j)) = pair else { break };
        let second = pieces.swap_remove(i.max(j));
        let first = &mut pieces[i.min(j)];
        if key(first[0]) == place {
            first.reverse();
        }
        if key(second[0]) == place {
            first.extend(second.into_iter().skip(1));
        } else {
            first.extend(second.into_iter().rev().skip(1));
        }
    }
    pieces.retain(|p| length(p) >= LINE_MIN);
    pieces
}

fn length(line: &[P]) -> f32 {
    line.windows(2)
        .map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_road_become_one_line() {
        let a = vec![[0.0, 0.0], [100.0, 0.0]];
        let b = vec![[200.0, 0.0], [100.0, 0.0]];
        let c = vec![[200.0, 0.0], [300.0, 50.0]];
        let far = vec![[1000.0, 1000.0], [1200.0, 1000.0]];
        let out = joined(vec![a, b, c, far]);
        assert_eq!(out.len(), 2);
        let long = out.iter().find(|l| l.len() == 4).unwrap();
        assert!(long.contains(&[300.0, 50.0]) && long.contains(&[0.0, 0.0]));
    }

    #[test]
    fn a_crossing_of_three_is_not_joined() {
        let arms =
            [[200.0, 0.0], [0.0, 200.0], [200.0, 200.0]].map(|end| vec![[100.0, 100.0], end]);
        assert_eq!(joined(arms.to_vec()).len(), 3);
    }

    #[test]
    fn places_on_a_border_belong_to_one_tile() {
        assert!(belongs([0.0, 5.0]) && !belongs([4096.0, 5.0]) && !belongs([-1.0, 5.0]));
    }
}

//! A flat grid of squares with positions in them: the peer that is hard to beat.

use chengtu_engine::geo::{GeoBox, Position};

/// Side of a square in 1e-7 degree: about 250 m.
const SIDE_E7: i32 = 22_500;

/// Vehicles in squares; each square holds its vehicles' exact positions.
pub struct FlatGrid {
    min: Position,
    cols: usize,
    rows: usize,
    squares: Vec<Vec<(Position, u32)>>,
    places: Vec<(u32, u32)>,
}

impl FlatGrid {
    /// The vehicles 0, 1, 2 … at these positions.
    pub fn new(positions: &[Position]) -> Self {
        let lon = positions.iter().map(|p| p.lon_e7);
        let lat = positions.iter().map(|p| p.lat_e7);
        let room = SIDE_E7 * 40;
        let min = Position::new(
            lon.clone().min().unwrap_or(0) - room,
            lat.clone().min().unwrap_or(0) - room,
        );
        let cols = ((lon.max().unwrap_or(0) + room - min.lon_e7) / SIDE_E7 + 1) as usize;
        let rows = ((lat.max().unwrap_or(0) + room - min.lat_e7) / SIDE_E7 + 1) as usize;
        let mut grid = Self {
            min,
            cols,
            rows,
            squares: vec![Vec::new(); cols * rows],
            places: Vec::new(),
        };
        for (i, p) in positions.iter().enumerate() {
            let square = grid.square(*p);
            grid.places
                .push((square as u32, grid.squares[square].len() as u32));
            grid.squares[square].push((*p, i as u32));
        }
        grid
    }

    fn square(&self, p: Position) -> usize {
        let col = ((p.lon_e7 - self.min.lon_e7) / SIDE_E7).clamp(0, self.cols as i32 - 1) as usize;
        let row = ((p.lat_e7 - self.min.lat_e7) / SIDE_E7).clamp(0, self.rows as i32 - 1) as usize;
        row * self.cols + col
    }

    /// Moves a vehicle.
    pub fn move_to(&mut self, id: u32, p: Position) {
        let (from, at) = self.places[id as usize];
        let to = self.square(p);
        if to == from as usize {
            self.squares[to][at as usize].0 = p;
            return;
        }
        self.squares[from as usize].swap_remove(at as usize);
        if let Some((_, moved)) = self.squares[from as usize].get(at as usize) {
            self.places[*moved as usize].1 = at;
        }
        self.places[id as usize] = (to as u32, self.squares[to].len() as u32);
        self.squares[to].push((p, id));
    }

    /// Calls `visit` for every vehicle inside the box.
    pub fn visit_box(&self, b: &GeoBox, mut visit: impl FnMut(u32)) {
        let (low, high) = (self.square(b.min), self.square(b.max));
        for row in low / self.cols..=high / self.cols {
            for col in low % self.cols..=high % self.cols {
                for (p, id) in &self.squares[row * self.cols + col] {
                    if b.contains(*p) {
                        visit(*id);
                    }
                }
            }
        }
    }
}

//! Places labels along a time line in lanes when there are too many for one line, so that each is read whole.

/// A label that begins at its moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// Where it begins.
    pub x: f32,
    /// How wide its words are.
    pub width: f32,
    /// Where what it names ends: a bar that others may not lie on.
    pub end: f32,
}

/// Lane and width that a label gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its lane, from the top.
    pub lane: usize,
    /// How wide it may be.
    pub room: f32,
}

/// Lays labels, in the order of their beginnings, into as few lanes as leave each its width, and `most` at most; what
/// then still meets is cut where the next begins. `end` is where the line ends, `gap` stays free between two.
pub fn lay(wanted: &[Wanted], most: usize, end: f32, gap: f32) -> (usize, Vec<Place>) {
    for lanes in 1..most {
        let places = lay_in(wanted, lanes, end, gap);
        // What is cut by the end of the line is cut in any number of lanes.
        let whole = |(w, p): (&Wanted, &Place)| p.room >= w.width.min((end - w.x).max(0.0));
        if places.0 && wanted.iter().zip(&places.1).all(whole) {
            return (lanes, places.1);
        }
    }
    (most, lay_in(wanted, most, end, gap).1)
}

/// Lays labels into so many lanes; true where none lies on another's bar.
fn lay_in(wanted: &[Wanted], lanes: usize, end: f32, gap: f32) -> (bool, Vec<Place>) {
    let mut taken = vec![f32::MIN; lanes];
    let mut last: Vec<Option<usize>> = vec![None; lanes];
    let mut places: Vec<Place> = Vec::with_capacity(wanted.len());
    let mut free = true;
    for (i, w) in wanted.iter().enumerate() {
        let room = (end - w.x).max(0.0).min(w.width);
        let first = taken.iter().position(|t| *t + gap <= w.x);
        let lane = first.unwrap_or_else(|| {
            // The one that is free soonest; the label there gives way.
            let soonest = (0..lanes).min_by(|a, b| taken[*a].total_cmp(&taken[*b]));
            soonest.unwrap_or(0)
        });
        if first.is_none() {
            free = false;
            if let Some(before) = last[lane] {
                let left = (w.x - gap - wanted[before].x).max(0.0);
                places[before].room = places[before].room.min(left);
            }
        }
        places.push(Place { lane, room });
        taken[lane] = taken[lane].max(w.end).max(w.x + room);
        last[lane] = Some(i);
    }
    (free, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(x: f32, width: f32, end: f32) -> Wanted {
        Wanted { x, width, end }
    }

    #[test]
    fn one_lane_where_there_is_room() {
        let list = [wanted(0.0, 40.0, 10.0), wanted(50.0, 40.0, 90.0)];
        let (lanes, places) = lay(&list, 3, 200.0, 8.0);
        assert_eq!((lanes, places[1].lane, places[1].room), (1, 0, 40.0));
    }

    #[test]
    fn labels_that_would_meet_stand_below_one_another() {
        let list = [
            wanted(0.0, 90.0, 5.0),
            wanted(50.0, 90.0, 60.0),
            wanted(100.0, 30.0, 110.0),
        ];
        let (lanes, places) = lay(&list, 3, 300.0, 8.0);
        assert_eq!(lanes, 2);
        assert_eq!(places.iter().map(|p| p.lane).collect::<Vec<_>>(), [0, 1, 0]);
        assert!(list.iter().zip(&places).all(|(w, p)| p.room == w.width));
    }

    #[test]
    fn nothing_lies_on_a_bar_that_goes_on() {
        let list = [wanted(0.0, 40.0, 300.0), wanted(100.0, 40.0, 120.0)];
        assert_eq!(lay(&list, 3, 300.0, 8.0).1[1].lane, 1);
    }

    #[test]
    fn where_no_lane_is_left_the_earlier_one_is_cut_and_none_meet() {
        let list: Vec<Wanted> = (0..40)
            .map(|i| {
                let x = (i * i * 7 % 400) as f32;
                wanted(x, 120.0, x + 30.0)
            })
            .collect();
        let mut list = list;
        list.sort_by(|a, b| a.x.total_cmp(&b.x));
        let (lanes, places) = lay(&list, 3, 450.0, 8.0);
        assert_eq!(lanes, 3);
        for (i, (a, p)) in list.iter().zip(&places).enumerate() {
            assert!(a.x + p.room <= 450.0);
            for (b, q) in list.iter().zip(&places).skip(i + 1) {
                assert!(p.lane != q.lane || p.room == 0.0 || a.x + p.room <= b.x);
            }
        }
    }
}

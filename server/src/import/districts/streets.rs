//! Streets (street offices, 街道) within districts: the three middle digits of a cell's code.

use super::{District, codes};
use crate::import::admin::Area;
use crate::import::fill::{self, NONE};
use crate::import::grid::Raster;
use std::collections::{BTreeMap, BTreeSet};

/// Streets without an official number are numbered from here on.
const UNOFFICIAL: u32 = 901;
/// The last number of three digits.
const LAST: u32 = 999;

/// A street of a district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Street {
    /// Its name.
    pub name: String,
    /// 1 … 999 within its district.
    pub number: u32,
    /// Its district.
    pub district: usize,
}

/// Streets, and the one of each cell.
#[derive(Clone, Debug, Default)]
pub struct Streets {
    /// In the order of the areas they were made of.
    pub list: Vec<Street>,
    of_cell: Vec<u16>,
}

impl Streets {
    /// Makes streets of areas. Cells in a street go to its district: borders of both are the same line.
    pub fn new(
        areas: &[&Area<'_>],
        districts: &[District],
        raster: &Raster,
        district_of: &mut [u16],
    ) -> Self {
        let mut of_cell = vec![NONE; district_of.len()];
        let mut order: Vec<usize> = (0..areas.len()).collect();
        // The small last, so that one that was closed around too much does not swallow them.
        order.sort_by(|a, b| areas[*b].share.total_cmp(&areas[*a].share));
        for i in order {
            fill::inside(raster, &areas[i].polygons, i as u16, &mut of_cell);
        }
        let mut votes = vec![BTreeMap::<u16, u32>::new(); areas.len()];
        for (street, district) in of_cell.iter().zip(&*district_of) {
            if *street != NONE {
                *votes[usize::from(*street)].entry(*district).or_default() += 1;
            }
        }
        let district = |i: usize| {
            let code = codes::tagged(areas[i].tags).map(|c| &c[..6]);
            let by_code = districts.iter().position(|d| code == Some(d.code.as_str()));
            let by_place = votes[i]
                .iter()
                .max_by_key(|(d, n)| (**n, u16::MAX - **d))
                .map(|(d, _)| usize::from(*d));
            by_code.or(by_place)
        };
        let homes: Vec<Option<usize>> = (0..areas.len()).map(district).collect();
        let mut list = Vec::new();
        let mut new_index = vec![NONE; areas.len()];
        let mut taken: BTreeSet<(usize, u32)> = BTreeSet::new();
        let official = |i: usize| {
            let code = codes::tagged(areas[i].tags)?;
            let number: u32 = code.get(6..9)?.parse().ok()?;
            let own = homes[i].is_some_and(|d| code.starts_with(&districts[d].code));
            (own && number > 0).then_some(number)
        };
        // Those with a number of their own first, so that nobody takes it from them.
        let (first, then): (Vec<usize>, Vec<usize>) =
            (0..areas.len()).partition(|i| official(*i).is_some());
        for i in first.into_iter().chain(then) {
            let Some(district) = homes[i].filter(|_| !votes[i].is_empty()) else {
                continue;
            };
            let free = |n: &u32| !taken.contains(&(district, *n));
            let number = official(i)
                .filter(free)
                .or_else(|| (UNOFFICIAL..=LAST).chain(1..UNOFFICIAL).find(free));
            let Some(number) = number else { continue };
            taken.insert((district, number));
            new_index[i] = list.len() as u16;
            list.push(Street {
                name: areas[i].name().to_owned(),
                number,
                district,
            });
        }
        for (street, district) in of_cell.iter_mut().zip(district_of) {
            if *street != NONE {
                *street = new_index[usize::from(*street)];
                if let Some(s) = list.get(usize::from(*street)) {
                    *district = s.district as u16;
                }
            }
        }
        Self { list, of_cell }
    }

    /// The street of a cell.
    pub fn of_cell(&self, at: usize) -> Option<&Street> {
        self.list.get(usize::from(*self.of_cell.get(at)?))
    }
}

use crate::panels::console::Kept;
use crate::panels::model::queue::{Filter, Sort, StableOrder};
use bevy::prelude::Resource;
use chengtu_engine::ids::CaseId;

/// What the queue remembers.
#[derive(Resource, Debug, Default)]
pub struct QueueState {
    /// What it is narrowed to.
    pub filter: Filter,
    /// Order within the groups; remembered between starts.
    pub sort: Sort,
    /// Cases as shown.
    pub order: StableOrder,
    /// The pointer is over the list: rows keep their places.
    pub over_list: bool,
    /// The filter row is open.
    pub filter_open: bool,
    /// Case under the keyboard's cursor.
    pub cursor: Option<CaseId>,
    /// The cursor must be brought into sight.
    pub reveal: bool,
    /// The first row must be brought into sight.
    pub to_top: bool,
    /// Another case is the most urgent than the first row shows or showed.
    pub newer: bool,
    /// The list had the keyboard in the frame before.
    pub had_keyboard: bool,
}

/// What of the queue is found again in the running city.
#[derive(Clone, Debug)]
pub struct KeptQueue {
    filter: Filter,
    sort: Sort,
    filter_open: bool,
    cursor: Option<CaseId>,
}

impl Kept for QueueState {
    type Part = KeptQueue;

    fn put_away(&self) -> KeptQueue {
        KeptQueue {
            filter: self.filter.clone(),
            sort: self.sort,
            filter_open: self.filter_open,
            cursor: self.cursor,
        }
    }

    fn put_back(&mut self, part: KeptQueue) {
        self.filter = part.filter;
        self.sort = part.sort;
        self.filter_open = part.filter_open;
        self.cursor = part.cursor;
    }
}

impl QueueState {
    /// Moves the keyboard's cursor by so many of the listed cases. False where none is listed.
    pub fn step(&mut self, chosen: Option<CaseId>, by: isize) -> bool {
        let cases = &self.order.shown().cases;
        if cases.is_empty() {
            return false;
        }
        let here = self
            .cursor
            .or(chosen)
            .and_then(|c| cases.iter().position(|id| *id == c));
        let next = match here {
            Some(i) => i.saturating_add_signed(by).min(cases.len() - 1),
            None => 0,
        };
        self.cursor = Some(cases[next]);
        self.reveal = true;
        true
    }
}

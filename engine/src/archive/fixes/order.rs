use crate::archive::ArchiveError;
use crate::archive::bytes::{unzigzag, zigzag};
use crate::archive::guess::NONE;
use crate::record::FixBlock;
use crate::time::Timestamp;

/// For each row the one of the same mover before it, and for each mover its number in order.
pub(super) struct Order {
    pub ids: Vec<u32>,
    pub of_row: Vec<u32>,
    pub before: Vec<u32>,
}

pub(super) fn befores(of_row: &[u32], movers: usize) -> Vec<u32> {
    let mut last = vec![NONE; movers];
    (0..)
        .zip(of_row)
        .map(|(row, mover)| core::mem::replace(&mut last[*mover as usize], row))
        .collect()
}

pub(super) fn order(blocks: &[(&FixBlock, Timestamp)]) -> Order {
    let rows = blocks.iter().flat_map(|(b, _)| b.mover.iter().map(|m| m.0));
    let mut ids: Vec<u32> = rows.clone().collect();
    ids.sort_unstable();
    ids.dedup();
    let of_row: Vec<u32> = rows
        .map(|m| ids.partition_point(|id| *id < m) as u32)
        .collect();
    let before = befores(&of_row, ids.len());
    Order {
        ids,
        of_row,
        before,
    }
}

/// Who comes after whom: mostly the one that came after it the last time.
pub(super) struct Followers {
    after: Vec<u32>,
    last: u32,
}

impl Followers {
    pub(super) fn new(movers: usize) -> Self {
        Self {
            after: vec![NONE; movers],
            last: 0,
        }
    }

    pub(super) fn code(&mut self, next: u32) -> u64 {
        let code = if self.after.get(self.last as usize) == Some(&next) {
            0
        } else {
            1 + zigzag(i64::from(next) - i64::from(self.last) - 1)
        };
        self.step(next);
        code
    }

    pub(super) fn next(&mut self, code: u64) -> Result<u32, ArchiveError> {
        let movers = self.after.len() as i64;
        let next = match code {
            0 => i64::from(*self.after.get(self.last as usize).unwrap_or(&NONE)),
            c => unzigzag(c - 1)
                .wrapping_add(i64::from(self.last))
                .wrapping_add(1),
        };
        if !(0..movers).contains(&next) {
            let what = format!("mover {next} of {movers}");
            return Err(ArchiveError::Malformed(what));
        }
        self.step(next as u32);
        Ok(next as u32)
    }

    fn step(&mut self, next: u32) {
        if let Some(after) = self.after.get_mut(self.last as usize) {
            *after = next;
        }
        self.last = next;
    }
}

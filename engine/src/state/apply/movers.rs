use super::Fold;
use crate::event::Event;
use crate::ids::{FeedId, MoverId};
use crate::model::{Mover, MoverKind, NO_BEARING, NO_FEED, RecentFixes};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::BTreeSet;

impl State {
    pub(super) fn mover_registered(&mut self, event: &Event) {
        let Event::MoverRegistered {
            mover,
            feed,
            key,
            kind,
        } = event
        else {
            return;
        };
        if mover.0 as usize == self.registry.movers.len() {
            crate::growth::push(&mut self.registry.movers, unseen(*kind, *feed));
        } else if self.rebuilt.gone.movers.remove(mover)
            && let Some(m) = self.registry.movers.get_mut(mover.0 as usize)
        {
            *m = unseen(*kind, *feed);
        }
        if let Some(keys) = self.registry.mover_keys.get_mut(usize::from(feed.0)) {
            keys.insert(key, *mover);
        }
    }

    /// Movers of a feed give up their names and their places in the list.
    pub(super) fn movers_retired(&mut self, feed: FeedId, movers: &[MoverId], fold: &mut Fold<'_>) {
        let mut gone = BTreeSet::new();
        for id in movers {
            let mover = self.registry.movers.get_mut(id.0 as usize);
            let Some(m) = mover.filter(|m| m.feed == feed && m.unit.is_none()) else {
                continue;
            };
            *m = unseen(MoverKind::default(), NO_FEED);
            self.spatial.forget_mover(*id);
            gone.insert(*id);
            fold.changes.movers.push(*id);
        }
        if let Some(keys) = self.registry.mover_keys.get_mut(usize::from(feed.0)) {
            keys.give_up(&gone);
        }
        self.rebuilt.gone.movers.append(&mut gone);
    }

    /// Places whose movers have retired.
    pub(in crate::state) fn vacancies(&self) -> BTreeSet<MoverId> {
        let all = (0..).map(MoverId).zip(&self.registry.movers);
        all.filter(|(_, m)| m.has_retired())
            .map(|(id, _)| id)
            .collect()
    }
}

impl State {
    /// What moves is of another kind; what carries a unit stays what it is.
    pub(super) fn mover_kind_changed(
        &mut self,
        mover: MoverId,
        kind: MoverKind,
        fold: &mut Fold<'_>,
    ) {
        if let Some(m) = self.registry.movers.get_mut(mover.0 as usize)
            && m.unit.is_none()
        {
            m.kind = kind;
            fold.changes.movers_described.insert(mover);
        }
    }
}

/// A mover before its first fix.
fn unseen(kind: MoverKind, feed: FeedId) -> Mover {
    Mover {
        kind,
        feed,
        unit: None,
        position: None,
        bearing_cdeg: NO_BEARING,
        speed_cmps: 0,
        accuracy_dm: 0,
        fix_time: Timestamp::MIN,
        recent: RecentFixes::default(),
    }
}

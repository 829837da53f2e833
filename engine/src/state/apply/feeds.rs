use crate::ids::FeedId;
use crate::state::State;
use crate::state::keys::MoverKeys;

impl State {
    pub(super) fn feed_registered(&mut self, feed: FeedId, name: &str) {
        let feeds = &mut self.registry.feeds;
        if usize::from(feed.0) == feeds.len() {
            feeds.push(name.to_owned());
            self.registry.mover_keys.push(MoverKeys::default());
        } else if let Some(place) = feeds.get_mut(usize::from(feed.0))
            && place.is_empty()
        {
            name.clone_into(place);
        }
    }

    /// A feed gives up its name, and with it the keys of its cases that have left the live state.
    pub(super) fn feed_retired(&mut self, feed: FeedId) {
        if let Some(name) = self.registry.feeds.get_mut(usize::from(feed.0)) {
            name.clear();
        }
        let gone = &mut self.rebuilt.gone.keys;
        let case_keys = &mut self.case_keys;
        gone.retain(|_, key| {
            let stays = key.0 != feed;
            if !stays {
                case_keys.remove(key);
            }
            stays
        });
    }
}

use bevy::prelude::Resource;
use chengtu_engine::replay::{Bookmark, Moment, Timeline};
use chengtu_engine::stream::ServerMessage;
use std::collections::BTreeMap;

/// Answers kept for those who asked; older ones are forgotten.
const ANSWERS_MAX: usize = 16;

/// What the server has sent of the past: the stretch the time bar shows, events asked for, and
/// bookmarks.
#[derive(Resource, Clone, Debug, Default)]
pub struct Chronicle {
    /// The newest time line that came.
    pub timeline: Option<Timeline>,
    /// Bookmarks, oldest moment first.
    pub bookmarks: Vec<Bookmark>,
    moments: BTreeMap<u32, Vec<Moment>>,
}

impl Chronicle {
    /// Events of the log as answered to a request; `None` while it is under way.
    pub fn moments(&self, request: u32) -> Option<&[Moment]> {
        self.moments.get(&request).map(Vec::as_slice)
    }

    /// Takes a message in; true where it was one of these.
    pub fn take(&mut self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::Timeline(timeline) => {
                // Answers come in order, but one that was overtaken is not put back.
                if self
                    .timeline
                    .as_ref()
                    .is_none_or(|t| t.request <= timeline.request)
                {
                    self.bookmarks
                        .clone_from(&merged(&self.bookmarks, timeline));
                    self.timeline = Some((**timeline).clone());
                }
            }
            ServerMessage::Bookmarks { list } => self.bookmarks.clone_from(list),
            ServerMessage::Moments { request, moments } => {
                self.moments.insert(*request, moments.clone());
                while self.moments.len() > ANSWERS_MAX {
                    self.moments.pop_first();
                }
            }
            _ => return false,
        }
        true
    }
}

/// All bookmarks that are known, with those of a stretch put right.
fn merged(known: &[Bookmark], timeline: &Timeline) -> Vec<Bookmark> {
    let inside = |b: &&Bookmark| (timeline.from..=timeline.to).contains(&b.time);
    let mut all: Vec<Bookmark> = known.iter().filter(|b| !inside(b)).cloned().collect();
    all.extend(timeline.bookmarks.iter().cloned());
    all.sort_by_key(|b| (b.time, b.id));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::time::Timestamp;

    fn bookmark(id: u32, s: i64) -> Bookmark {
        Bookmark {
            id,
            time: Timestamp::from_seconds(s),
            note: format!("{id}"),
            by: "x".into(),
        }
    }

    fn timeline(request: u32, from: i64, to: i64, bookmarks: Vec<Bookmark>) -> ServerMessage {
        ServerMessage::Timeline(Box::new(Timeline {
            request,
            from: Timestamp::from_seconds(from),
            to: Timestamp::from_seconds(to),
            log_from: Timestamp(0),
            log_to: Timestamp::from_seconds(1_000),
            bars: vec![],
            marks: vec![],
            gaps: vec![],
            bookmarks,
        }))
    }

    #[test]
    fn bookmarks_of_a_stretch_are_put_right_and_the_others_stay() {
        let mut c = Chronicle::default();
        let list = vec![bookmark(1, 10), bookmark(2, 50)];
        assert!(c.take(&ServerMessage::Bookmarks { list }));
        assert!(c.take(&timeline(1, 40, 90, vec![bookmark(3, 60)])));
        let ids: Vec<u32> = c.bookmarks.iter().map(|b| b.id).collect();
        assert_eq!(ids, [1, 3]);
    }

    #[test]
    fn an_overtaken_time_line_is_not_put_back() {
        let mut c = Chronicle::default();
        c.take(&timeline(5, 0, 10, vec![]));
        c.take(&timeline(4, 0, 900, vec![]));
        assert_eq!(c.timeline.map(|t| t.request), Some(5));
    }

    #[test]
    fn old_answers_are_forgotten_and_other_messages_left_alone() {
        let mut c = Chronicle::default();
        for request in 0..40 {
            let moments = vec![];
            c.take(&ServerMessage::Moments { request, moments });
        }
        assert!(c.moments(39).is_some() && c.moments(3).is_none());
        let pong = ServerMessage::Pong {
            nonce: 0,
            time: Timestamp(0),
        };
        assert!(!c.take(&pong));
    }
}

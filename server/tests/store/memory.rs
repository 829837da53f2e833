//! A log in memory: what another store has to bring, and all that it has to bring.

use chengtu_engine::record::{LiveRecord, Record};
use chengtu_engine::replay::{Bookmark, History, MemoryHistory, OfficerView};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::log::{
    Aside, AsideError, BookmarkStore, DrillFiles, DurableWrite, Keyframe, Keyframes, LogError,
    LogStore, LogWriter, ViewStore,
};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    keyframes: BTreeMap<u64, Keyframe>,
    /// Bookmarks, each with its owner.
    bookmarks: Vec<(Bookmark, String)>,
    /// Views, each with its officer.
    views: Vec<(OfficerView, String)>,
    drills: BTreeMap<u32, (Vec<u8>, Option<Vec<u8>>)>,
    /// The last number that a world was given.
    world: u32,
}

/// Everything outlives its writers, nothing the store.
#[derive(Clone, Default)]
pub struct MemoryStore {
    kept: Arc<Mutex<Kept>>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("nobody panics while holding it")
    }

    /// Puts a keyframe that cannot be read in place of one.
    pub fn spoil_keyframe(&self, at: usize) -> u64 {
        let mut kept = self.kept();
        let (seq, keyframe) = kept.keyframes.iter_mut().nth(at).expect("a keyframe");
        keyframe.packed.truncate(20);
        *seq
    }
}

impl LogStore for MemoryStore {
    fn writer(&self, _now: Timestamp) -> Result<Box<dyn LogWriter>, LogError> {
        let last_seq = self.kept().records.last().map_or(0, |r| r.seq);
        Ok(Box::new(MemoryWriter {
            store: self.clone(),
            last_seq,
            fresh: Vec::new(),
        }))
    }

    fn history(&self) -> Result<Box<dyn History>, LogError> {
        let records = self.kept().records.clone();
        let history = MemoryHistory::new(State::new(), records, 1_000);
        Ok(Box::new(history.expect("they follow one another")))
    }

    fn keyframes(&self) -> Result<Box<dyn Keyframes>, LogError> {
        Ok(Box::new(self.clone()))
    }

    fn aside(&self) -> &dyn Aside {
        self
    }
}

impl Keyframes for MemoryStore {
    fn newest(&self, until: Timestamp, before_seq: u64) -> Result<Option<Keyframe>, LogError> {
        let kept = self.kept();
        let mut before = kept.keyframes.range(..before_seq).rev();
        Ok(before
            .find(|(_, k)| k.known_at <= until)
            .map(|(_, k)| k.clone()))
    }
}

/// What was appended and not committed is gone with it.
struct MemoryWriter {
    store: MemoryStore,
    last_seq: u64,
    fresh: Vec<Record>,
}

impl LogWriter for MemoryWriter {
    fn epoch(&self) -> u64 {
        1
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }

    fn roll_over(&mut self, _now: Timestamp, _state: &State) -> Result<bool, LogError> {
        Ok(false)
    }

    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError> {
        self.last_seq = record.seq;
        self.fresh.push(record.record().clone());
        Ok(())
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        let mut kept = self.store.kept();
        kept.keyframes.insert(keyframe.seq, keyframe.clone());
        Ok(())
    }

    fn commit(&mut self) -> Result<(), LogError> {
        self.store.kept().records.append(&mut self.fresh);
        Ok(())
    }

    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        let kept = self.store.kept();
        let all = kept.records.iter().filter(|r| r.seq >= seq);
        Ok(all.take(limit).cloned().collect())
    }
}

impl Aside for MemoryStore {
    fn bookmarks(&self) -> Result<Box<dyn BookmarkStore>, AsideError> {
        Ok(Box::new(self.clone()))
    }

    fn views(&self) -> Result<Box<dyn ViewStore>, AsideError> {
        Ok(Box::new(self.clone()))
    }

    fn recorded_views(&self) -> Option<Box<dyn ViewStore>> {
        let any = !self.kept().views.is_empty();
        any.then(|| Box::new(self.clone()) as Box<dyn ViewStore>)
    }

    fn drills(&self) -> &dyn DrillFiles {
        self
    }

    fn next_world(&self) -> Result<u32, AsideError> {
        let mut kept = self.kept();
        kept.world += 1;
        Ok(kept.world)
    }
}

impl BookmarkStore for MemoryStore {
    fn list(&self) -> Result<Vec<Bookmark>, AsideError> {
        let kept = self.kept();
        let mut all: Vec<Bookmark> = kept.bookmarks.iter().map(|b| b.0.clone()).collect();
        all.sort_by_key(|b| (b.time, b.id));
        Ok(all)
    }

    fn count(&self) -> Result<usize, AsideError> {
        Ok(self.kept().bookmarks.len())
    }

    fn add(
        &mut self,
        time: Timestamp,
        note: &str,
        by: &str,
        owner: &str,
    ) -> Result<(), AsideError> {
        let all = &mut self.kept().bookmarks;
        let id = all.iter().map(|b| b.0.id).max().unwrap_or(0) + 1;
        let (note, by) = (note.to_owned(), by.to_owned());
        all.push((Bookmark { id, time, note, by }, owner.to_owned()));
        Ok(())
    }

    fn remove(&mut self, id: u32, owner: &str) -> Result<bool, AsideError> {
        let all = &mut self.kept().bookmarks;
        let before = all.len();
        all.retain(|b| b.0.id != id || b.1 != owner);
        Ok(all.len() < before)
    }
}

impl ViewStore for MemoryStore {
    fn add(&mut self, view: &OfficerView, owner: &str) -> Result<(), AsideError> {
        self.kept().views.push((view.clone(), owner.to_owned()));
        Ok(())
    }

    fn newest(&self, after: Timestamp, until: Timestamp) -> Result<Vec<OfficerView>, AsideError> {
        let mut newest = BTreeMap::new();
        for (v, owner) in &self.kept().views {
            if v.time > after && v.time <= until {
                newest.insert((v.by.clone(), owner.clone()), v.clone());
            }
        }
        Ok(newest.into_values().collect())
    }
}

/// A drill's log that grows in memory.
struct MemoryDrill(MemoryStore, u32);

impl Write for MemoryDrill {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut kept = self.0.kept();
        kept.drills.entry(self.1).or_default().0.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl DurableWrite for MemoryDrill {
    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl DrillFiles for MemoryStore {
    fn ids(&self) -> Vec<u32> {
        self.kept().drills.keys().copied().collect()
    }

    fn create_log(&self, id: u32) -> Result<Box<dyn DurableWrite>, AsideError> {
        if self.kept().drills.contains_key(&id) {
            return Err(AsideError::at(self.place(Some(id)))("it is there already"));
        }
        Ok(Box::new(MemoryDrill(self.clone(), id)))
    }

    fn log(&self, id: u32) -> Result<Box<dyn Read>, AsideError> {
        match self.kept().drills.get(&id) {
            Some((log, _)) => Ok(Box::new(Cursor::new(log.clone()))),
            None => Err(AsideError::at(self.place(Some(id)))("there is none")),
        }
    }

    fn report(&self, id: u32) -> Result<Option<Vec<u8>>, AsideError> {
        Ok(self.kept().drills.get(&id).and_then(|d| d.1.clone()))
    }

    fn put_report(&self, id: u32, page: &[u8]) -> Result<(), AsideError> {
        self.kept().drills.entry(id).or_default().1 = Some(page.to_vec());
        Ok(())
    }

    fn place(&self, id: Option<u32>) -> String {
        id.map_or("memory".to_owned(), |id| format!("drill {id} in memory"))
    }
}

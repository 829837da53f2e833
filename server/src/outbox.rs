//! What waits for one client: filled by worlds without ever waiting, emptied by its session.

use crate::audit::{Auditor, Party};
use crate::refusal::Refusal;
use bytes::Bytes;
use chengtu_engine::audit::AuditAct;
use chengtu_engine::code::Code;
use chengtu_engine::ids::CaseId;
use chengtu_engine::stream::{Asked, Refused, Rejected, ServerMessage};
use chengtu_engine::time::Timestamp;
use chengtu_protocol::{Encoding, Subprotocol, codes, encode_server};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::Notify;

/// Answers that may wait for one client; one that reads none of them is closed.
const ANSWERS_MAX: usize = 4_096;

/// Something to be sent.
#[derive(Clone, Debug)]
pub enum Out {
    /// An answer or a notice: never dropped.
    Answer(Bytes),
    /// A snapshot, frame of hotspots or counts: replaced by the next snapshot.
    Picture(Bytes),
    /// A frame, still in shared parts.
    Frame {
        /// Last record included in the frame.
        seq: u64,
        /// Last record included in what was sent before.
        prev_seq: u64,
        /// Time of the world when it was made.
        time: Timestamp,
        /// Encoded changes of entities, shared with other clients.
        changes: Vec<Bytes>,
        /// Encoded tiles of movers, shared with other clients.
        tiles: Vec<Bytes>,
    },
    /// Pictures and frames that belong together and count as one: what is too large for a single message.
    Together(VecDeque<Self>),
}

impl Out {
    /// Several that count as one.
    pub fn together(mut all: Vec<Self>) -> Self {
        match all.pop() {
            Some(one) if all.is_empty() => one,
            last => Self::Together(all.into_iter().chain(last).collect()),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Answer(b) | Self::Picture(b) => b.len(),
            Self::Frame { changes, tiles, .. } => {
                changes.iter().chain(tiles).map(|b| b.len() + 4).sum()
            }
            Self::Together(all) => all.iter().map(Self::size).sum(),
        }
    }
}

/// What a message refuses or tells, if it does that.
fn refused_as(message: &ServerMessage) -> Option<Code> {
    match message {
        ServerMessage::Refused(r) => Some(r.code),
        ServerMessage::Rejected(r) => Some(r.code),
        ServerMessage::Notice { code, .. } => Some(*code),
        _ => None,
    }
}

/// The words of a refusal to somebody who may not do or have what they asked for.
fn not_permitted(message: &ServerMessage) -> Option<&str> {
    let (code, text) = match message {
        ServerMessage::Refused(r) => (r.code, &r.text),
        ServerMessage::Rejected(r) => (r.code, &r.text),
        ServerMessage::Notice { code, text } => (*code, text),
        _ => return None,
    };
    matches!(code, Code::NotPermitted | Code::NotForRole).then_some(text)
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The server is going away.
    GoingAway,
    /// The client has ended it; nothing more is said.
    HungUp,
    /// What comes is not the WebSocket protocol.
    Protocol,
    /// A text that is not UTF-8.
    NotText,
    /// A message far over the limit.
    TooLarge,
    /// Too many messages that cannot be read.
    Offences,
    /// Fell behind twice.
    Slow,
    /// Answers are not read.
    AnswersUnread,
    /// Silent for too long.
    Silent,
    /// The token opens nothing.
    NoAccess,
    /// No more connections.
    ServerFull,
    /// The session has ended, or its account opens nothing any more.
    Ended,
}

/// How a connection ends: reason and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Chooses the WebSocket close code.
    pub why: Close,
    /// Why, in words.
    pub text: String,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It waits for the client.
    Queued,
    /// The client is too slow: everything but answers was dropped.
    Lagged,
}

/// The bytes that wait for all clients of a server together.
#[derive(Debug)]
pub struct Waiting {
    max: usize,
    bytes: AtomicUsize,
}

impl Waiting {
    /// Nothing waits yet; beyond `max` bytes whoever has not read what it was sent counts as slow.
    pub fn new(max: usize) -> Self {
        Self {
            max,
            bytes: AtomicUsize::new(0),
        }
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn changed(&self, before: usize, now: usize) {
        if now >= before {
            self.bytes.fetch_add(now - before, Ordering::Relaxed);
        } else {
            self.bytes.fetch_sub(before - now, Ordering::Relaxed);
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.bytes().saturating_add(bytes) <= self.max
    }
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Out>,
    /// What is left of several that belong together, once the first of them was taken. They count no more, as one large
    /// message would not that is on its way.
    begun: VecDeque<Out>,
    pictures: usize,
    /// Of everything that waits.
    bytes: usize,
    /// Of answers alone.
    answer_bytes: usize,
    closing: Option<Closing>,
    gone: bool,
    /// Counts the worlds that the session has come to.
    stay: u64,
    /// The case on its screen, as the client said it during this stay.
    open_case: Option<CaseId>,
}

impl Queue {
    /// The next thing to send. Of several that belong together one after the other; answers go in between.
    fn take(&mut self) -> Option<Out> {
        let answers_first = matches!(self.items.front(), Some(Out::Answer(_)));
        if !answers_first && let Some(next) = self.begun.pop_front() {
            return Some(next);
        }
        let out = self.items.pop_front()?;
        let n = out.size();
        self.bytes -= n;
        match out {
            Out::Answer(_) => self.answer_bytes -= n,
            _ => self.pictures -= 1,
        }
        match out {
            Out::Together(all) => {
                self.begun = all;
                self.begun.pop_front()
            }
            one => Some(one),
        }
    }
}

/// What waits for one client. The world fills it without ever waiting; the session empties it.
#[derive(Debug)]
pub struct Outbox {
    /// Number of its session, unique while the server runs.
    pub id: u64,
    /// How it is written to.
    pub subprotocol: Subprotocol,
    frames_max: usize,
    bytes_max: usize,
    queue: Mutex<Queue>,
    waiting: Arc<Waiting>,
    wake: Notify,
    /// Whose session it is and where is noted what is refused to them; set with hello.
    watched: OnceLock<(Arc<Auditor>, Party)>,
}

impl Queue {
    /// Drops every picture.
    fn keep_answers(&mut self) {
        self.items.retain(|o| matches!(o, Out::Answer(_)));
        self.pictures = 0;
        self.bytes = self.answer_bytes;
    }

    fn clear(&mut self) {
        self.items.clear();
        self.begun.clear();
        (self.pictures, self.bytes, self.answer_bytes) = (0, 0, 0);
    }
}

impl Outbox {
    /// An empty outbox; more frames or bytes than the limits count as falling behind.
    pub fn new(id: u64, subprotocol: Subprotocol, frames_max: usize, bytes_max: usize) -> Self {
        Self {
            id,
            subprotocol,
            frames_max,
            bytes_max,
            queue: Mutex::default(),
            waiting: Arc::new(Waiting::new(usize::MAX)),
            wake: Notify::new(),
            watched: OnceLock::new(),
        }
    }

    /// As one of those who share what may wait.
    #[must_use]
    pub fn within(self, waiting: Arc<Waiting>) -> Self {
        Self { waiting, ..self }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is noted what is refused to whoever this is.
    pub fn watch(&self, auditor: Arc<Auditor>, party: Party) {
        let _ = self.watched.set((auditor, party));
    }

    /// Whose session it is, once that is known.
    pub fn party(&self) -> Option<&Party> {
        self.watched.get().map(|(_, party)| party)
    }

    /// Notes that the session has ended, and why where the server ended it.
    pub fn note_end(&self, why: Option<&str>) {
        if let Some((auditor, party)) = self.watched.get() {
            let why = why.unwrap_or_default().to_owned();
            auditor.note(party, &AuditAct::LoggedOut { why, count: 1 });
        }
    }

    /// How messages are encoded.
    pub fn encoding(&self) -> Encoding {
        self.subprotocol.encoding
    }

    /// Refuses what was asked: by a message that says so where the client knows it, else by a rejection or a notice.
    pub fn refuse(&self, asked: Option<Asked>, refusal: Refusal) {
        let Refusal { code, text, data } = refusal;
        self.answer(&match asked {
            Some(asked) if self.subprotocol.has_refusals() => ServerMessage::Refused(Refused {
                asked,
                code,
                text,
                data,
            }),
            Some(Asked::Command(id)) => ServerMessage::Rejected(Rejected { id, code, text }),
            _ => ServerMessage::Notice { code, text },
        });
    }

    /// Queues an answer; a client that lets too many of them wait is closed.
    pub fn answer(&self, message: &ServerMessage) {
        if let Some(code) = refused_as(message) {
            let code = codes::number(code).to_string();
            metrics::counter!("chengtu_refusals_total", "code" => code).increment(1);
        }
        if let (Some((auditor, party)), Some(what)) = (self.watched.get(), not_permitted(message)) {
            let what = what.to_owned();
            auditor.note(party, &AuditAct::PermissionRefused { what, count: 1 });
        }
        let older = self.subprotocol.older_form(message);
        let message = older.as_ref().unwrap_or(message);
        let bytes = encode_server(self.encoding(), message).into();
        self.put(&mut self.lock(), bytes);
        self.wake.notify_one();
    }

    /// Adds an answer. One is taken however large; of those that nobody reads, no more than so many and so much.
    fn put(&self, q: &mut Queue, bytes: Bytes) {
        let answers = q.items.len() - q.pictures;
        let n = bytes.len();
        let much = q.answer_bytes + n > self.bytes_max || !self.waiting.has_room(n);
        if answers >= ANSWERS_MAX || (answers > 0 && much) {
            q.closing.get_or_insert(Closing {
                why: Close::AnswersUnread,
                text: "answers are not read".to_owned(),
            });
            return;
        }
        if q.gone {
            return;
        }
        q.bytes += n;
        q.answer_bytes += n;
        self.waiting.changed(0, n);
        q.items.push_back(Out::Answer(bytes));
    }

    /// The session goes on to another world: pictures of the one before are dropped, now and whenever they still
    /// come. Gives the number of the new stay.
    pub fn move_on(&self) -> u64 {
        let mut q = self.lock();
        let before = q.bytes;
        q.keep_answers();
        q.begun.clear();
        self.waiting.changed(before, q.bytes);
        q.stay += 1;
        q.open_case = None;
        q.stay
    }

    /// The client has opened a case on its screen, or none, in the world that it is in.
    pub fn set_open_case(&self, case: Option<CaseId>) {
        self.lock().open_case = case;
    }

    /// The case on the client's screen in one stay; none where the session has gone on or has ended.
    pub fn open_case(&self, stay: u64) -> Option<CaseId> {
        let q = self.lock();
        q.open_case.filter(|_| q.stay == stay && !q.gone)
    }

    /// Adds a message that belongs to one stay; dropped when the session has gone on.
    pub fn tell(&self, stay: u64, bytes: Bytes) {
        let mut q = self.lock();
        if q.stay == stay {
            self.put(&mut q, bytes);
            drop(q);
            self.wake.notify_one();
        }
    }

    /// Adds a frame or picture of one stay, or drops all of them when the client is too slow for it.
    pub fn push(&self, stay: u64, out: Out) -> Pushed {
        let mut q = self.lock();
        if stay != q.stay || q.gone {
            return Pushed::Queued;
        }
        let (before, n) = (q.bytes, out.size());
        let full = q.pictures >= self.frames_max
            || q.bytes + n > self.bytes_max
            || !self.waiting.has_room(n);
        // One message is taken however large: a snapshot must get through.
        if q.pictures > 0 && full {
            q.keep_answers();
            self.waiting.changed(before, q.bytes);
            return Pushed::Lagged;
        }
        q.bytes += n;
        self.waiting.changed(0, n);
        q.pictures += 1;
        q.items.push_back(out);
        drop(q);
        self.wake.notify_one();
        Pushed::Queued
    }

    /// True where everything has been handed to the socket.
    pub fn is_empty(&self) -> bool {
        let q = self.lock();
        q.items.is_empty() && q.begun.is_empty()
    }

    /// Asks the session to end after what waits.
    pub fn close(&self, why: Close, text: &str) {
        self.lock().closing.get_or_insert(Closing {
            why,
            text: text.to_owned(),
        });
        self.wake.notify_one();
    }

    /// The client has ended the connection: nothing that waits is sent any more.
    pub fn hang_up(&self) {
        let mut q = self.lock();
        self.waiting.changed(q.bytes, 0);
        q.clear();
        q.closing = Some(Closing {
            why: Close::HungUp,
            text: String::new(),
        });
        drop(q);
        self.wake.notify_one();
    }

    /// Why the server ends the connection, in words, once it does.
    pub fn closing(&self) -> Option<String> {
        self.lock().closing.as_ref().map(|c| c.text.clone())
    }

    /// Says that the session has ended; the world forgets it.
    pub fn set_gone(&self) {
        let mut q = self.lock();
        q.gone = true;
        self.waiting.changed(q.bytes, 0);
        q.clear();
    }

    /// True once the session has ended.
    pub fn is_gone(&self) -> bool {
        self.lock().gone
    }

    /// The next thing to send, or how to end when nothing is left to send.
    pub async fn next(&self) -> Result<Out, Closing> {
        loop {
            {
                let mut q = self.lock();
                let before = q.bytes;
                if let Some(out) = q.take() {
                    self.waiting.changed(before, q.bytes);
                    return Ok(out);
                }
                if let Some(closing) = q.closing.clone() {
                    return Err(closing);
                }
            }
            self.wake.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pong(nonce: u64) -> ServerMessage {
        let time = Timestamp(0);
        ServerMessage::Pong { nonce, time }
    }

    fn picture(n: usize) -> Out {
        Out::Picture(vec![0; n].into())
    }

    #[tokio::test]
    async fn a_slow_client_loses_pictures_and_keeps_answers() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 3, 1_000);
        o.answer(&pong(1));
        for _ in 0..3 {
            assert_eq!(o.push(0, picture(10)), Pushed::Queued);
        }
        assert_eq!(o.push(0, picture(10)), Pushed::Lagged);
        assert!(matches!(o.next().await, Ok(Out::Answer(_))));
        assert!(o.is_empty());
        // A snapshot larger than the limit still goes out, alone.
        assert_eq!(o.push(0, picture(5_000)), Pushed::Queued);
        assert_eq!(o.push(0, picture(1)), Pushed::Lagged);
    }

    #[tokio::test]
    async fn a_client_that_reads_no_answers_holds_no_more_than_its_bytes() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 3, 1_000);
        o.tell(0, vec![0; 5_000].into());
        assert_eq!(o.waiting.bytes(), 5_000);
        for _ in 0..1_000 {
            o.tell(0, vec![0; 5_000].into());
        }
        assert_eq!(o.waiting.bytes(), 5_000, "one however large, and no more");
        assert!(o.next().await.is_ok());
        assert_eq!(o.next().await.unwrap_err().why, Close::AnswersUnread);
        assert_eq!(o.waiting.bytes(), 0);
    }

    #[tokio::test]
    async fn what_waits_for_all_is_bounded_and_costs_only_those_who_do_not_read() {
        let waiting = Arc::new(Waiting::new(10_000));
        let made = |id| {
            let o = Outbox::new(id, Subprotocol::BINARY_1_0, 64, 1 << 20);
            o.within(waiting.clone())
        };
        let slow: Vec<Outbox> = (0..9).map(made).collect();
        let mut lagged = 0;
        for round in 0..20 {
            for o in &slow {
                lagged += usize::from(o.push(0, picture(100 + round)) == Pushed::Lagged);
            }
        }
        assert!(
            lagged > 0 && waiting.bytes() <= 10_000,
            "{}",
            waiting.bytes()
        );
        let reads = made(99);
        for _ in 0..50 {
            assert_eq!(reads.push(0, picture(2_000)), Pushed::Queued);
            assert!(reads.next().await.is_ok());
        }
        slow.iter().for_each(Outbox::set_gone);
        assert_eq!(slow[0].push(0, picture(9)), Pushed::Queued);
        slow[0].tell(0, Bytes::from_static(b"late"));
        assert_eq!(waiting.bytes(), 0);
        drop(reads);
    }

    #[tokio::test]
    async fn who_has_hung_up_is_sent_nothing_more() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 3, 1_000);
        o.answer(&pong(1));
        o.push(0, picture(9));
        o.close(Close::GoingAway, "stopping");
        o.hang_up();
        assert_eq!(o.next().await.unwrap_err().why, Close::HungUp);
        assert_eq!(o.waiting.bytes(), 0);
    }

    #[tokio::test]
    async fn nothing_of_the_world_before_comes_after_the_session_has_gone_on() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 3, 1_000);
        o.push(0, picture(10));
        o.answer(&pong(7));
        let stay = o.move_on();
        o.push(0, picture(10));
        o.tell(0, Bytes::from_static(b"the old clock"));
        o.tell(stay, Bytes::from_static(b"entered"));
        o.push(stay, picture(20));
        assert!(
            matches!(o.next().await, Ok(Out::Answer(b)) if b == encode_server(o.encoding(), &pong(7)))
        );
        assert!(matches!(o.next().await, Ok(Out::Answer(b)) if b == "entered"));
        assert!(matches!(o.next().await, Ok(Out::Picture(b)) if b.len() == 20));
        assert!(o.is_empty());
    }

    #[tokio::test]
    async fn what_belongs_together_counts_as_one_and_answers_go_in_between() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 2, 1_000);
        o.push(
            0,
            Out::together((1..=9).map(|n| picture(n * 1_000)).collect()),
        );
        let size = |out| match out {
            Ok(Out::Picture(b)) => b.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(size(o.next().await), 1_000);
        assert_eq!(o.push(0, picture(10)), Pushed::Queued);
        assert_eq!(o.push(0, picture(20)), Pushed::Queued);
        assert_eq!(o.push(0, picture(30)), Pushed::Lagged);
        o.answer(&pong(7));
        assert!(matches!(o.next().await, Ok(Out::Answer(_))));
        for n in 2..=9 {
            assert!(!o.is_empty());
            assert_eq!(size(o.next().await), n * 1_000);
        }
        assert!(o.is_empty());
        o.push(0, Out::together(vec![picture(1), picture(2)]));
        assert_eq!(size(o.next().await), 1);
        o.move_on();
        assert!(o.is_empty(), "the rest is of the world before");
    }

    #[tokio::test]
    async fn closing_comes_after_what_waits() {
        let o = Outbox::new(1, Subprotocol::BINARY_1_0, 3, 1_000);
        o.answer(&pong(1));
        o.close(Close::Slow, "slow");
        o.close(Close::GoingAway, "later");
        assert!(o.next().await.is_ok());
        assert_eq!(o.next().await.unwrap_err().why, Close::Slow);
    }
}

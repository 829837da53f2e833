//! A replay shows what was known at a moment, whatever way it came there.

mod city;
mod past;
mod rng;

use chengtu_engine::ids::ThingId;
use chengtu_engine::replay::{Edge, Gap, History, MomentKind, Player, TimeBasis, TimeControl};
use chengtu_engine::stream::ServerMessage;
use chengtu_engine::time::Timestamp;
use past::{Past, play, recorded, snapshot};
use rng::Rng;
use std::collections::BTreeMap;

fn digest_at(past: &Past, time: Timestamp) -> u64 {
    let at = past.noted.partition_point(|(t, _)| *t <= time);
    past.noted[at - 1].1
}

#[test]
fn random_seeks_give_the_digests_noted_live() {
    let past = recorded(1, 1_500);
    let mut player = past.player(past.begin);
    let mut rng = Rng(2);
    let length = (past.end().0 - past.begin.0) as u64;
    for _ in 0..300 {
        let at = Timestamp(past.begin.0 + rng.below(length) as i64);
        player.control(TimeControl::Seek(at)).unwrap();
        assert_eq!(player.time(), at);
        assert_eq!(player.state().digest(), digest_at(&past, at), "at {at:?}");
    }
}

#[test]
fn forward_backward_and_random_ways_show_the_same() {
    let past = recorded(3, 700);
    let mut forward = past.player(past.begin);
    forward.control(TimeControl::Speed(50.0)).unwrap();
    forward.control(TimeControl::Play).unwrap();
    let mut seen: BTreeMap<Timestamp, (u64, ServerMessage)> = BTreeMap::new();
    while forward.clock().playing {
        play(&mut forward, 1);
        let (state, time) = (forward.state(), forward.time());
        seen.insert(time, (state.digest(), snapshot(state, time)));
    }
    assert!(seen.len() > 500 && forward.time() == past.end());
    let mut backward = past.player(past.end());
    backward.control(TimeControl::Speed(-50.0)).unwrap();
    backward.control(TimeControl::Play).unwrap();
    let mut met = 0;
    while backward.clock().playing {
        play(&mut backward, 1);
        if let Some((digest, bytes)) = seen.get(&backward.time()) {
            met += 1;
            assert_eq!(backward.state().digest(), *digest);
            assert!(snapshot(backward.state(), backward.time()) == *bytes);
        }
    }
    assert_eq!(backward.time(), past.player(Timestamp(0)).time());
    assert!(met > 300, "the same instants were met {met} times");
    let mut random = past.player(past.begin);
    let instants: Vec<Timestamp> = seen.keys().copied().collect();
    let mut rng = Rng(5);
    for _ in 0..200 {
        let at = instants[rng.below(instants.len() as u64) as usize];
        random.control(TimeControl::Seek(at)).unwrap();
        let (digest, bytes) = &seen[&at];
        assert_eq!(random.state().digest(), *digest);
        assert!(snapshot(random.state(), at) == *bytes);
    }
}

#[test]
fn steps_go_by_seconds_and_by_events_of_anything_or_of_one_thing() {
    let past = recorded(7, 600);
    let mut player = past.player(past.begin);
    let all = player
        .history()
        .moments(None, past.begin, past.end(), usize::MAX, false)
        .unwrap();
    let forward = |of| TimeControl::StepEvent { forward: true, of };
    let back = |of| TimeControl::StepEvent { forward: false, of };
    player.control(TimeControl::Play).unwrap();
    player.control(TimeControl::StepSeconds(7)).unwrap();
    assert_eq!(player.time(), past.begin.plus_seconds(7));
    assert!(!player.clock().playing, "a step stands still");
    player.control(TimeControl::Seek(past.begin)).unwrap();
    let later: Vec<_> = all.iter().filter(|m| m.time > past.begin).collect();
    player.control(forward(None)).unwrap();
    assert_eq!(player.time(), later[0].time);
    // All moments of one case, there and back.
    let case = later
        .iter()
        .find(|m| m.kind == MomentKind::Handled)
        .expect("a handled case")
        .thing;
    let mut times: Vec<Timestamp> = all
        .iter()
        .filter(|m| m.thing == case || m.other == Some(case))
        .map(|m| m.time)
        .collect();
    times.dedup();
    assert!(times.len() >= 4, "reported, dispatched, arrived, handled");
    player.control(TimeControl::Seek(past.begin)).unwrap();
    for t in &times {
        player.control(forward(Some(case))).unwrap();
        assert_eq!(player.time(), *t);
        assert_eq!(player.state().digest(), digest_at(&past, *t));
    }
    let end = player.control(forward(Some(case))).unwrap();
    assert_eq!(end.edge, Some(Edge::NoLater));
    for t in times.iter().rev().skip(1) {
        player.control(back(Some(case))).unwrap();
        assert_eq!(player.time(), *t);
    }
    let end = player.control(back(Some(case))).unwrap();
    assert_eq!(end.edge, Some(Edge::NoEarlier));
    let nobody = ThingId::Case(chengtu_engine::ids::CaseId(999_999));
    assert_eq!(
        player.control(forward(Some(nobody))).unwrap().edge,
        Some(Edge::NoLater)
    );
}

#[test]
fn a_clock_that_cannot_keep_up_leaps_by_keyframes_and_says_so() {
    let past = recorded(9, 1_200);
    let (mut player, _) =
        Player::new(past.history(400), past.begin, 3_600.0, TimeBasis::Known).unwrap();
    let mut leaps = 0;
    let mut most = 0;
    for _ in 0..2_000 {
        let before = player.state().seq();
        let step = player.advance(0.1, 300).unwrap();
        leaps += u32::from(step.jumped);
        if !step.jumped {
            let rows: usize = step.changes.movers.len();
            most = most.max(rows);
        }
        assert!(player.state().seq() >= before, "time does not run back");
        assert_eq!(
            player.state().digest(),
            digest_at(&past, player.time()),
            "complete at {:?}",
            player.time()
        );
        if !player.clock().playing {
            break;
        }
    }
    assert!(leaps > 3, "{leaps} leaps");
    assert!(most < 3_000, "{most} fixes in one tick");
    assert_eq!(player.time(), past.end());
    assert_eq!(player.clock().jumps, leaps);
}

#[test]
fn a_lost_stretch_is_shown_as_lost_and_stepped_over() {
    let past = recorded(11, 600);
    let (from, to) = (past.begin.plus_seconds(500), past.begin.plus_seconds(1_500));
    let history = Holed {
        whole: past.history(100),
        from,
        to,
    };
    let (mut player, _) = Player::new(
        history,
        past.begin.plus_seconds(490),
        10.0,
        TimeBasis::Known,
    )
    .unwrap();
    let mut stepped = None;
    for _ in 0..40 {
        let step = player.advance(0.1, usize::MAX).unwrap();
        if let Some(Edge::Gap(gap)) = step.edge {
            assert!(step.jumped);
            stepped = Some(gap);
            break;
        }
    }
    assert_eq!(
        stepped.expect("the gap was met").words,
        "the day's file is missing"
    );
    assert_eq!(player.time(), to);
    assert_eq!(player.state().digest(), digest_at(&past, to));
    // During the gap the picture is what was known when it began.
    player
        .control(TimeControl::Seek(from.plus_seconds(300)))
        .unwrap();
    assert_eq!(player.state().digest(), digest_at(&past, from));
    player
        .control(TimeControl::Seek(to.plus_seconds(3)))
        .unwrap();
    assert_eq!(
        player.state().digest(),
        digest_at(&past, to.plus_seconds(3))
    );
}

/// A history that has lost a stretch.
struct Holed {
    whole: chengtu_engine::replay::MemoryHistory,
    from: Timestamp,
    to: Timestamp,
}

type Read<T> = Result<T, chengtu_engine::replay::HistoryError>;

impl History for Holed {
    fn span(&self) -> Read<Option<(Timestamp, Timestamp)>> {
        self.whole.span()
    }

    fn state_before(&self, time: Timestamp) -> Read<chengtu_engine::state::State> {
        if time < self.to {
            return self.whole.state_before(time.min(self.from));
        }
        // What comes after a lost stretch begins at a keyframe of its own.
        let state = self.whole.state_before(time)?;
        if state.known_at() >= self.to {
            return Ok(state);
        }
        let records = self.whole.records(state.seq(), self.to, usize::MAX)?;
        let mut state = state;
        for r in &records {
            state.apply(r);
        }
        Ok(state)
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Read<Vec<chengtu_engine::record::Record>> {
        let mut records = self.whole.records(after_seq, until, limit)?;
        if let Some(first) = records.first()
            && first.known_at <= self.to
        {
            records.retain(|r| r.known_at <= self.from);
        }
        Ok(records)
    }

    fn late(&self, a: Timestamp, b: Timestamp) -> Read<Vec<chengtu_engine::record::Record>> {
        self.whole.late(a, b)
    }

    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Read<Vec<chengtu_engine::replay::Moment>> {
        self.whole.moments(of, from, to, limit, newest_first)
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Read<(
        Vec<chengtu_engine::replay::TimelineBar>,
        Vec<chengtu_engine::replay::TimelineMark>,
    )> {
        self.whole.bars(from, to, bars)
    }

    fn gaps(&self) -> Vec<Gap> {
        vec![Gap {
            from: self.from,
            to: self.to,
            words: "the day's file is missing".to_owned(),
        }]
    }
}

#[test]
fn a_position_that_came_late_is_absent_as_known_and_there_as_it_was() {
    let mut live = city::Live::new();
    let first = past::traffic(&mut live);
    let begin = live.now;
    let mut rng = Rng(13);
    let mut fix = |at: Timestamp| chengtu_engine::model::Fix {
        mover: chengtu_engine::ids::MoverId(first),
        position: rng::place(&mut rng),
        bearing_cdeg: 0,
        speed_cmps: 0,
        accuracy_dm: 0,
        fix_time: at,
    };
    live.now = begin.plus_seconds(10);
    let prompt = fix(live.now);
    past::take_fixes(&mut live, &[prompt]);
    // Seen at 60 s, reported at 660 s.
    live.now = begin.plus_seconds(660);
    let late = fix(begin.plus_seconds(60));
    past::take_fixes(&mut live, &[late]);
    live.now = begin.plus_seconds(700);
    let last = fix(live.now);
    past::take_fixes(&mut live, &[last]);
    let history = chengtu_engine::replay::MemoryHistory::new(
        chengtu_engine::state::State::new(),
        live.log.clone(),
        5,
    )
    .unwrap();
    let at = |p: &Player<chengtu_engine::replay::MemoryHistory>| {
        let m = p.state().mover(chengtu_engine::ids::MoverId(first));
        m.and_then(|m| m.position)
    };
    let (mut player, _) =
        Player::new(history, begin.plus_seconds(300), 1.0, TimeBasis::Known).unwrap();
    assert_eq!(at(&player), Some(prompt.position));
    let known = player.state().digest();
    player
        .control(TimeControl::Basis(TimeBasis::Occurred))
        .unwrap();
    assert_eq!(at(&player), Some(late.position));
    assert_eq!(player.time(), begin.plus_seconds(300), "the clock stayed");
    player
        .control(TimeControl::Basis(TimeBasis::Known))
        .unwrap();
    assert_eq!(player.state().digest(), known, "nothing of it is left");
    // Played through, it turns up at its own second, and is not taken back when its word comes.
    player
        .control(TimeControl::Basis(TimeBasis::Occurred))
        .unwrap();
    player
        .control(TimeControl::Seek(begin.plus_seconds(58)))
        .unwrap();
    assert_eq!(at(&player), Some(prompt.position));
    let steps = play(&mut player, 30);
    assert_eq!(
        steps
            .iter()
            .filter(|s| !s.changes.movers.is_empty())
            .count(),
        1
    );
    assert_eq!(at(&player), Some(late.position));
    player.control(TimeControl::Speed(100.0)).unwrap();
    play(&mut player, 62);
    assert_eq!(at(&player), Some(late.position), "at {:?}", player.time());
    play(&mut player, 10);
    assert_eq!(at(&player), Some(last.position));
    // And backwards it goes again.
    player.control(TimeControl::Speed(-60.0)).unwrap();
    player.control(TimeControl::Play).unwrap();
    play(&mut player, 200);
    assert_eq!(at(&player), None, "before anything was known of it");
}

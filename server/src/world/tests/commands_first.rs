//! Whoever commands waits neither behind data nor behind those who look.

use super::*;
use crate::request::ViewRequest;
use crate::world::tick::Tick;
use chengtu_engine::stream::{Layer, Mirror, Subscription};
use chengtu_protocol::{FrameHeader, encode_frame};
use futures_util::FutureExt;
use std::time::Instant;

/// Sends positions of so many vehicles without waiting for the answer.
fn send_fixes(s: &Stepped, count: u32) {
    let batch = batch_of((0..count).map(|n| format!("v{n}")));
    let (request, _) = posted("many", "fixes", FeedData::Fixes(batch));
    s.live.data.try_send(request).unwrap();
}

#[test]
fn a_command_is_answered_before_the_data_of_its_tick_are_taken() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    // How threads take turns is not ours to say: of five times one must do.
    let early = (0..5).any(|_| {
        s.report();
        send_fixes(&s, 60_000);
        let outbox = s.outbox.clone();
        let hears = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap();
            let answer = runtime.block_on(outbox.next());
            assert!(matches!(answer, Ok(Out::Answer(_))), "{answer:?}");
            Instant::now()
        });
        s.tick();
        let ended = Instant::now();
        let answered = hears.join().unwrap();
        assert!(!s.city.pending.data.is_empty() || s.city.state.movers_known() > 1_000);
        while !s.city.pending.data.is_empty() {
            s.tick();
        }
        answered < ended
    });
    assert!(early, "the answer waits for the end of the tick");
    assert_eq!(s.city.state.check(), Ok(()));
}

#[test]
fn what_a_tick_does_not_show_the_next_one_does() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    let subscription = Subscription {
        viewport: None,
        layers: vec![Layer::Cases],
        rate_hz: 10.0,
    };
    let look = ViewRequest::Subscribe {
        session: 7,
        subscription,
    };
    s.send(AnyRequest::View(look).into());
    s.tick();
    s.said();
    s.report();
    let mut tick = Tick::new(s.city.now());
    tick.shows = false;
    assert!(s.city.do_tick(&mut s.doors, tick).is_continue());
    assert_eq!(accepted(&s.said()), 1, "it is durable, and said to be");
    let seq = s.city.state.seq();
    let mut out = Vec::new();
    s.report();
    s.tick();
    while let Some(Ok(o)) = s.outbox.next().now_or_never() {
        out.push(o);
    }
    let frames: Vec<_> = out
        .iter()
        .filter_map(|o| match o {
            Out::Frame { prev_seq, seq, .. } => Some((*prev_seq, *seq)),
            _ => None,
        })
        .collect();
    assert_eq!(frames.len(), 1, "{out:?}");
    assert!(
        frames[0].0 < seq && frames[0].1 > seq,
        "both cases: {frames:?}, {seq}"
    );
}

/// What an outbox hands out, as a client reads it.
fn read(outbox: &Outbox) -> Vec<ServerMessage> {
    let mut all = Vec::new();
    while let Some(Ok(out)) = outbox.next().now_or_never() {
        let bytes = match out {
            Out::Answer(bytes) | Out::Picture(bytes) => bytes.to_vec(),
            Out::Frame {
                seq,
                prev_seq,
                time,
                changes,
                tiles,
            } => {
                let header = FrameHeader {
                    seq,
                    prev_seq,
                    time,
                };
                encode_frame(Encoding::Binary, header, &changes, &tiles)
            }
            Out::Together(_) => panic!("one at a time"),
        };
        all.push(decode_server(Encoding::Binary, &bytes).unwrap());
    }
    all
}

#[test]
fn a_large_city_is_told_to_a_newcomer_in_portions_until_nothing_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    for _ in 0..22 {
        (0..100).for_each(|_| s.report());
        while s.city.state.cases().len() < s.asked as usize {
            s.tick();
        }
        s.said();
    }
    let subscription = Subscription {
        viewport: None,
        layers: vec![Layer::Cases, Layer::Units],
        rate_hz: 10.0,
    };
    let look = ViewRequest::Subscribe {
        session: 7,
        subscription,
    };
    s.send(AnyRequest::View(look).into());
    let (mut mirror, mut parts) = (Mirror::new(), 0);
    for tick in 0.. {
        assert!(tick < 60, "it is never told whole");
        // The city goes on meanwhile.
        s.report();
        s.tick();
        for m in read(&s.outbox) {
            mirror.apply(&m).unwrap();
        }
        assert!(tick > 0 || mirror.is_ready() && mirror.cases.len() < 1_500);
        parts += 1;
        if mirror.seq > 0 {
            break;
        }
    }
    assert!(parts > 2, "{parts}");
    let state = &s.city.state;
    assert_eq!(mirror.seq, state.seq());
    let cases = state.cases().iter().map(|(id, c)| (*id, c.into()));
    assert_eq!(mirror.cases, cases.collect());
    let units = state.units().iter().map(|u| (u.id, u.into()));
    assert_eq!(mirror.units, units.collect());
}

//! A log that a newer program has written: what cannot be read is named, what can be done without costs only time.

mod store;

use chengtu_engine::replay::History;
use chengtu_engine::state::{STATE_VERSION, State};
use chengtu_engine::time::Timestamp;
use chengtu_server::log::cli::LogArgs;
use chengtu_server::log::{EmbeddedStore, Finding, LogStore, Verified, recover};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use store::{BEGIN, Writer};

/// A log over midnight, and the digest at its end.
fn written(dir: &Path) -> u64 {
    let mut w = Writer::new(dir, 20);
    w.live(1_550);
    w.state.digest()
}

fn days(dir: &Path) -> [PathBuf; 2] {
    ["log-2026-11-22.sqlite", "log-2026-11-23.sqlite"].map(|name| dir.join(name))
}

/// Digest of the state that a log folds to, and the keyframe that folding began at.
fn recovered(dir: &Path) -> Result<(u64, u64), String> {
    let store = EmbeddedStore::at(dir);
    let log = store.writer(BEGIN).map_err(|e| e.to_string())?;
    let found = recover(&store, &*log).map_err(|e| e.to_string())?;
    Ok((found.state.digest(), found.keyframe_seq))
}

/// A keyframe as version 9 would write it, in place of each that `among` names; the last of those.
fn keyframes_of_tomorrow(path: &Path, among: &str) -> i64 {
    let state = [&b"CTSTATE\n"[..], &9u32.to_le_bytes(), b"something else"].concat();
    let mut packed = (state.len() as u64).to_le_bytes().to_vec();
    packed.extend(zstd::encode_all(&state[..], 1).expect("packed"));
    let conn = Connection::open(path).expect("a file");
    let sql = format!("SELECT seq FROM keyframes WHERE {among} ORDER BY seq");
    let mut found = conn.prepare(&sql).expect("keyframes");
    let seqs: Vec<i64> = found
        .query_map([], |r| r.get(0))
        .and_then(Iterator::collect)
        .expect("their numbers");
    for seq in &seqs {
        let crc = crc32c::crc32c_append(crc32c::crc32c(&seq.to_le_bytes()), &packed);
        conn.execute(
            "UPDATE keyframes SET state=?2, crc=?3 WHERE seq=?1",
            params![seq, packed, crc],
        )
        .expect("written");
    }
    *seqs.last().expect("some")
}

/// Findings beyond those that say what this test does: it puts keyframes in the place of others.
fn damaged(done: &Verified) -> usize {
    let put_here = |f: &&Finding| !f.words.contains("not the keyframe that was kept here");
    done.findings.iter().filter(put_here).count()
}

#[test]
fn keyframes_of_tomorrow_are_passed_over_and_told_of() {
    let dir = tempfile::tempdir().expect("a directory");
    let digest = written(dir.path());
    let [first, second] = days(dir.path());
    let (_, newest) = recovered(dir.path()).expect("it folds");
    let seq = keyframes_of_tomorrow(&second, "seq=(SELECT max(seq) FROM keyframes)");
    assert_eq!(seq as u64, newest);
    let (found, older) = recovered(dir.path()).expect("it folds");
    assert_eq!(found, digest);
    assert!((1..newest).contains(&older), "{older}");
    // A replay finds its way as well.
    let history = EmbeddedStore::at(dir.path()).history().expect("its past");
    let state = history.state_before(Timestamp(i64::MAX)).expect("a state");
    assert_eq!(state.seq(), older);
    assert!(history.gaps().is_empty(), "{:?}", history.gaps());

    let done = EmbeddedStore::at(dir.path()).verify().expect("looked at");
    assert_eq!(damaged(&done), 0, "nothing is damaged: {:?}", done.findings);
    let [told] = &done.unreadable[..] else {
        panic!("{:?}", done.unreadable)
    };
    for words in [
        &format!("keyframe at record {newest}"),
        "version 9",
        &format!("up to {STATE_VERSION}"),
        "only takes longer",
    ] {
        assert!(told.words.contains(words), "{words}: {}", told.words);
    }

    keyframes_of_tomorrow(&first, "true");
    keyframes_of_tomorrow(&second, "true");
    assert_eq!(recovered(dir.path()), Ok((digest, 0)));
    let done = EmbeddedStore::at(dir.path()).verify().expect("looked at");
    assert_eq!(damaged(&done), 0, "nothing is damaged: {:?}", done.findings);
    let history = EmbeddedStore::at(dir.path()).history().expect("its past");
    let moments = |h: &dyn History| h.moments(None, BEGIN, Timestamp(i64::MAX), 1_000, false);
    assert!(moments(&*history).expect("moments").len() > 100);

    // Where the first records are gone as well there is nothing to begin at.
    std::fs::remove_file(first).expect("a day taken away");
    let told = recovered(dir.path()).expect_err("nothing to begin at");
    for words in [
        "keyframes cannot be read",
        "version 9",
        "record 1 is missing",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_record_of_tomorrow_is_named_by_all_that_read_it() {
    let dir = tempfile::tempdir().expect("a directory");
    written(dir.path());
    let [_, path] = days(dir.path());
    let conn = Connection::open(&path).expect("a file");
    let sql = "SELECT seq,known_at,kind,head FROM records WHERE kind=0 ORDER BY seq DESC LIMIT 1";
    let (seq, known_at, kind, head): (i64, i64, u8, Vec<u8>) = conn
        .query_row(sql, [], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })
        .expect("a record of events");
    // One event in the envelope of later forms: kind 3, version 2, a payload of one byte.
    let body = [0u8, 1, 25, 3, 2, 1, 0];
    let crc = [
        &seq.to_le_bytes()[..],
        &known_at.to_le_bytes(),
        &[kind],
        &head,
        &body,
    ]
    .iter()
    .fold(0, |crc, part| crc32c::crc32c_append(crc, part));
    conn.execute(
        "UPDATE records SET body=?2, crc=?3 WHERE seq=?1",
        params![seq, body, crc],
    )
    .expect("written");
    drop(conn);

    let told = recovered(dir.path()).expect_err("it is refused");
    let form = format!(
        "record {seq} holds an event \"unit_registered\" in version 2; this program knows it up to version 1"
    );
    for words in [&form, "log-2026-11-23.sqlite", "update this program"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!told.contains("damaged"), "{told}");
    let store = EmbeddedStore::at(dir.path());
    let found = store.verify().expect("looked at").findings;
    assert!(found[0].words.contains(&form), "{found:?}");
    // What comes before it is shown, and in its place there is a gap with those words.
    let history = store.history().expect("its past");
    let mut state = State::new();
    loop {
        let some = history
            .records(state.seq(), Timestamp(i64::MAX), 500)
            .expect("records");
        if some.is_empty() {
            break;
        }
        for record in &some {
            state.apply(record);
        }
    }
    assert_eq!(state.seq() as i64, seq - 1);
    assert!(
        history.gaps()[0].words.contains(&form),
        "{:?}",
        history.gaps()
    );
    let args = LogArgs {
        data: dir.path().to_owned(),
        case: None,
        from: None,
        to: None,
        json: false,
        fixes: false,
    };
    let mut out = Vec::new();
    let told = args.print(&mut out).expect_err("it ends there").to_string();
    assert!(told.contains(&form), "{told}");
    assert!(
        String::from_utf8(out)
            .expect("text")
            .contains("case 1 reported")
    );
    // Sealing leaves it as it is.
    store.compact(|_| {}).expect("it is made small");
    let found = store.verify().expect("looked at").findings;
    assert!(found.iter().any(|f| f.words.contains(&form)), "{found:?}");
}

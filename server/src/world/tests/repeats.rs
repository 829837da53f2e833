//! Commands whose ids come again so late that the log alone knows what was done under them.

use super::{Stepped, accepted, codes, still};
use crate::request::Given;
use chengtu_engine::code::Code;
use chengtu_engine::stream::ServerMessage;

/// The first command of an officer, said again under the same id after whoever remembers it has gone; `damaged`: and the
/// record that it became cannot be read any more.
fn said_again(damaged: bool) -> Vec<ServerMessage> {
    let dir = tempfile::tempdir().unwrap();
    let mut s = Stepped::on(dir.path(), still());
    s.report();
    s.tick();
    let said = s.said();
    let Some(ServerMessage::Accepted(first)) = said.first() else {
        panic!("{said:?}");
    };
    if damaged {
        let shell = rusqlite::Connection::open(Stepped::data_file(dir.path())).unwrap();
        let spoil = "UPDATE records SET body = zeroblob(length(body)) WHERE seq = ?1";
        assert_eq!(shell.execute(spoil, [first.seq as i64]).unwrap(), 1);
    }
    s.city.pending.given = Given::default();
    s.asked -= 1;
    s.report();
    s.tick();
    s.tick();
    let again = s.said();
    assert_eq!(s.city.state.cases().len(), 1, "nothing is done twice");
    if let Some(ServerMessage::Accepted(a)) = again.first() {
        assert_eq!((a.seq, a.case), (first.seq, first.case));
    }
    again
}

#[test]
fn a_repeat_is_answered_from_the_log_as_it_was_answered_before() {
    assert_eq!(accepted(&said_again(false)), 1);
}

#[test]
fn a_repeat_whose_record_cannot_be_read_is_not_known_and_not_accepted() {
    let again = said_again(true);
    assert_eq!(accepted(&again), 0, "{again:?}");
    assert_eq!(codes(&again), [Code::NotKnown], "{again:?}");
}

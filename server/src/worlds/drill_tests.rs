use super::*;
use crate::access::{Part, PrincipalId};
use crate::audience::Continue;
use crate::city::City;
use crate::config::Config;
use crate::log::{AsideError, DrillFiles, DurableWrite, EmbeddedStore};
use crate::outbox::{Out, Outbox};
use crate::pack::Pack;
use crate::request::Arrival;
use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::ids::{ClassId, CommandId};
use chengtu_engine::record::World;
use chengtu_protocol::{Encoding, Subprotocol, decode_server};
use futures_util::FutureExt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Mutex;

/// A disk that says what it has been told to keep for good.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<OnDisk>>);

#[derive(Default)]
struct OnDisk {
    written: usize,
    synced: usize,
    broken: bool,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().written += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DurableWrite for Disk {
    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if disk.broken {
            return Err(io::Error::other("the disk is broken"));
        }
        disk.synced = disk.written;
        Ok(())
    }
}

impl DrillFiles for Disk {
    fn ids(&self) -> Vec<u32> {
        Vec::new()
    }

    fn create_log(&self, _: u32) -> Result<Box<dyn DurableWrite>, AsideError> {
        Ok(Box::new(self.clone()))
    }

    fn log(&self, _: u32) -> Result<Box<dyn Read>, AsideError> {
        Ok(Box::new(io::empty()))
    }

    fn report(&self, _: u32) -> Result<Option<Vec<u8>>, AsideError> {
        Ok(None)
    }

    fn put_report(&self, _: u32, _: &[u8]) -> Result<(), AsideError> {
        Ok(())
    }

    fn place(&self, _: Option<u32>) -> String {
        "a disk".to_owned()
    }
}

fn said(outbox: &Outbox) -> Vec<ServerMessage> {
    let mut all = Vec::new();
    while let Some(Ok(out)) = outbox.next().now_or_never() {
        if let Out::Answer(bytes) = out {
            all.push(decode_server(Encoding::Binary, &bytes).unwrap());
        }
    }
    all
}

#[test]
fn what_a_drill_accepts_outlives_the_machine_and_what_it_cannot_keep_is_not_accepted() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing");
    let city = Arc::new(City::new(Pack::open(&pack).unwrap(), "", ""));
    let ground = city.ground.clone();
    let key = ground.scenarios().remove(0).key;
    let drill = ground
        .begin(ground.scenario(&key).unwrap(), "x", World::Drill(1), None)
        .unwrap();
    let id = PrincipalId::user("x");
    let officer = Arc::new(Principal::with_usual_rights(id, "x", Part::Operator));
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(EmbeddedStore::at(dir.path()));
    let owner = Owner::from(&*officer);
    let mut world = DrillWorld::new(drill, ground, 1, store, (owner, Training::default())).unwrap();
    let disk = Disk::default();
    world.writer = DrillWriter::create(&disk, 1).unwrap();
    world.drill.direct(DirectorAct::Start).unwrap();
    let mut audience = Audience::new(city.clone(), &Config::default(), world.state());
    let outbox = Arc::new(Outbox::new(7, Subprotocol::BINARY_1_0, 99, 99_999));
    let arrival = Arrival {
        outbox: outbox.clone(),
        stay: 0,
        principal: officer,
        seat: Seat::Director,
        subscription: None,
    };
    let actor = Some(Actor::Operator("x".to_owned()));
    let next = Continue::Afresh(SnapshotReason::Subscribed);
    let at = (world.state(), world.clock().time);
    audience.join(arrival, actor, next, at);
    let mut report = |world: &mut DrillWorld, n| {
        let (lon, lat) = city.info.centre;
        let command = CommandRequest::ReportCase {
            class: ClassId(0),
            severity: None,
            lon,
            lat,
            address: "x".to_owned(),
            note: String::new(),
        };
        let decision = Decision {
            command,
            basis: Basis::default(),
        };
        let reply = CommandReply::new(outbox.clone(), CommandId(1, n));
        world.command(7, decision, reply, &mut audience);
        said(&outbox)
    };
    for n in 1..=2 {
        let told = report(&mut world, n);
        assert!(matches!(told[..], [ServerMessage::Accepted(_)]), "{told:?}");
        let disk = disk.0.lock().unwrap();
        assert!(disk.written > 0 && disk.synced == disk.written);
    }
    disk.0.lock().unwrap().broken = true;
    let told = report(&mut world, 3);
    let refused = told.iter().any(|m| {
        matches!(m, ServerMessage::Rejected(r) if r.code == Code::NotKnown && r.text.contains("broken"))
    });
    assert!(refused, "{told:?}");
    assert!(!told.iter().any(|m| matches!(m, ServerMessage::Accepted(_))));
    assert_ne!(world.drill.phase(), DrillPhase::Running);
}

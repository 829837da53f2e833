//! Another seat at the same server: a plain session over its own socket, for colleagues, callers and directors.

use chengtu_engine::city::Severity;
use chengtu_engine::command::{Basis, CommandRequest};
use chengtu_engine::drill::{DirectorAct, DrillView};
use chengtu_engine::geo::Viewport;
use chengtu_engine::ids::{CaseId, ClassId, CommandId};
use chengtu_engine::record::World;
use chengtu_engine::stream::{Asked, ClientMessage, Layer, Mirror, ServerMessage, WorldInfo};
use chengtu_protocol::{Encoding, Subprotocol, decode_server, encode_client};
use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// Longest that anything asked of the server takes.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// What hears each message of the world.
type Watch = Box<dyn FnMut(&Mirror) + Send>;

/// What a seat knows.
#[derive(Default)]
pub struct Known {
    /// The world it is in.
    pub mirror: Mirror,
    /// The world it has entered beside the running city.
    pub world: Option<WorldInfo>,
    /// The drill it is in.
    pub drill: Option<DrillView>,
    /// Answers: the case that was made, or why not.
    answers: BTreeMap<u64, Result<Option<CaseId>, String>>,
    /// Called with the mirror after each message.
    watch: Option<Watch>,
}

/// A session with a name.
pub struct Seat {
    name: &'static str,
    say: UnboundedSender<ClientMessage>,
    known: Arc<Mutex<Known>>,
    acts: u64,
}

impl Seat {
    /// Connects, and looks at the whole city.
    pub fn at(port: u16, name: &'static str) -> Self {
        let (say, to_say) = unbounded_channel();
        let known = Arc::new(Mutex::new(Known::default()));
        let heard = Arc::clone(&known);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("a runtime")
                .block_on(serve(port, name, to_say, heard));
        });
        let seat = Self {
            name,
            say,
            known,
            acts: 0,
        };
        let bounds = seat.until("the greeting", |k| {
            k.mirror.hello.as_ref().map(|h| h.city.bounds)
        });
        let (west, south, east, north) = bounds;
        seat.say(ClientMessage::Subscribe {
            viewport: Some(Viewport {
                west,
                south,
                east,
                north,
                zoom: 14.0,
            }),
            layers: vec![Layer::Units, Layer::Cases, Layer::Sensors],
            rate_hz: 10.0,
        });
        seat.until("a snapshot", |k| k.mirror.is_ready().then_some(()));
        seat
    }

    /// Its name, as other desks read it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Says something to the server.
    pub fn say(&self, message: ClientMessage) {
        // A server that was cut hears nothing, which whoever waits for an answer finds out.
        drop(self.say.send(message));
    }

    /// What it knows now.
    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("nobody panics with it")
    }

    /// Hears each message of the world with what is known after it.
    pub fn watch(&self, watch: impl FnMut(&Mirror) + Send + 'static) {
        self.known().watch = Some(Box::new(watch));
    }

    /// Waits until it knows something.
    pub fn until<T>(&self, what: &str, mut pick: impl FnMut(&Known) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = pick(&self.known()) {
                return found;
            }
            assert!(
                begun.elapsed() < WAIT_MAX,
                "{} waits in vain for {what}",
                self.name
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Gives a command, and waits for its answer: the case it was about, or why not.
    pub fn command(&mut self, command: CommandRequest) -> Result<Option<CaseId>, String> {
        self.acts += 1;
        let own = self.acts;
        let id = CommandId(own, u64::from(std::process::id()));
        let world = self.known().world.as_ref().map_or(World::Live, |w| w.world);
        self.say(ClientMessage::Act {
            world,
            id,
            command,
            basis: Basis {
                seen: Vec::new(),
                age_ms: 0,
            },
        });
        self.until("an answer", |k| k.answers.get(&own).cloned())
    }

    /// Reports a case.
    pub fn report(&mut self, report: &Report<'_>) -> CaseId {
        let class = self.until("the classes", |k| {
            let city = &k.mirror.hello.as_ref()?.city;
            let found = city.classes.iter().position(|c| c.code == report.code);
            found.map(|i| ClassId(i as u16))
        });
        let command = CommandRequest::ReportCase {
            class,
            severity: Some(report.severity),
            lon: report.at.0,
            lat: report.at.1,
            address: report.address.into(),
            note: report.note.into(),
        };
        self.command(command)
            .expect("a report is taken")
            .expect("a case")
    }

    /// Directs the drill it is in.
    pub fn direct(&self, act: DirectorAct) {
        self.say(ClientMessage::Direct { act });
    }
}

/// What somebody calls in.
pub struct Report<'a> {
    /// Code of the class.
    pub code: &'a str,
    pub severity: Severity,
    /// Longitude, latitude.
    pub at: (f64, f64),
    pub address: &'a str,
    pub note: &'a str,
}

async fn serve(
    port: u16,
    name: &'static str,
    mut to_say: UnboundedReceiver<ClientMessage>,
    known: Arc<Mutex<Known>>,
) {
    let url = format!("ws://127.0.0.1:{port}/v1/ws");
    let mut request = url.into_client_request().expect("an address");
    let newest = Subprotocol::BINARY_1_2.name().parse().expect("a header");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", newest);
    let (mut socket, _) = tokio_tungstenite::connect_async(request)
        .await
        .expect("a server that answers");
    let bytes = |m: &ClientMessage| Message::Binary(encode_client(Encoding::Binary, m).into());
    let hello = ClientMessage::Hello {
        token: format!("operator:{name}"),
        client: "a colleague".to_owned(),
        resume: None,
    };
    socket
        .send(bytes(&hello))
        .await
        .expect("a server that listens");
    loop {
        tokio::select! {
            said = to_say.recv() => {
                let Some(message) = said else { return };
                if socket.send(bytes(&message)).await.is_err() {
                    return;
                }
            }
            heard = socket.next() => {
                let Some(Ok(message)) = heard else { return };
                if let Message::Binary(read) = message {
                    let message = decode_server(Encoding::Binary, &read).expect("a message");
                    known.lock().expect("nobody panics with it").take(&message);
                }
            }
        }
    }
}

impl Known {
    fn take(&mut self, message: &ServerMessage) {
        // A gap is mended by the next snapshot, which a test of a few minutes does not need.
        self.mirror
            .apply(message)
            .expect("nothing is missed on one machine");
        match message {
            ServerMessage::Accepted(a) => {
                self.answers.insert(a.id.0, Ok(a.case));
            }
            ServerMessage::Rejected(r) => {
                self.answers
                    .insert(r.id.0, Err(format!("{:?} {}", r.code, r.text)));
            }
            ServerMessage::Refused(r) => {
                if let Asked::Command(id) = r.asked {
                    self.answers.insert(id.0, Err(format!("{:?}", r.code)));
                }
            }
            ServerMessage::Entered(info) => self.world = Some((**info).clone()),
            ServerMessage::Drill(view) => self.drill = Some((**view).clone()),
            _ => {}
        }
        if let Some(watch) = &mut self.watch {
            watch(&self.mirror);
        }
    }
}

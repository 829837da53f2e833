use chengtu_engine::code::RefusalData;
use chengtu_engine::replay::{Moment, MomentKind};
use chengtu_engine::stream::{Refused, ServerMessage};

/// How a session writes its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// Postcard, and frames of blobs.
    Binary,
    /// JSON text; tiles as rows.
    Json,
}

impl Encoding {
    /// Both, in the order of the arrays that hold what is shared.
    pub const ALL: [Self; 2] = [Self::Binary, Self::Json];
}

/// What a WebSocket subprotocol names: an encoding, and a minor version of protocol 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subprotocol {
    /// How messages are written.
    pub encoding: Encoding,
    /// 0: what is refused is answered by rejections and notices. 1: asks have numbers, and refusals repeat them. 2:
    /// cases have histories, acts say what they were decided upon, and alarms of the running city come to other worlds.
    /// 3: desks say which case they have open, and are told of the others. 4: hotspots say how sure they are.
    /// 5: what is masked of a case is shown for a purpose, and who saw it is told. 6: a session may begin with name and
    /// password; the persons behind cases are told as far as they may be seen, and units that go out of sight.
    pub minor: u8,
}

impl Subprotocol {
    /// `chengtu.v1`.
    pub const BINARY_1_0: Self = Self::new(Encoding::Binary, 0);
    /// `chengtu.v1.json`.
    pub const JSON_1_0: Self = Self::new(Encoding::Json, 0);
    /// `chengtu.v1.1`.
    pub const BINARY_1_1: Self = Self::new(Encoding::Binary, 1);
    /// `chengtu.v1.1.json`.
    pub const JSON_1_1: Self = Self::new(Encoding::Json, 1);

    /// `chengtu.v1.6`.
    pub const BINARY_1_6: Self = Self::new(Encoding::Binary, 6);
    /// `chengtu.v1.6.json`.
    pub const JSON_1_6: Self = Self::new(Encoding::Json, 6);

    /// `chengtu.v1.5`.
    pub const BINARY_1_5: Self = Self::new(Encoding::Binary, 5);
    /// `chengtu.v1.5.json`.
    pub const JSON_1_5: Self = Self::new(Encoding::Json, 5);

    /// `chengtu.v1.4`.
    pub const BINARY_1_4: Self = Self::new(Encoding::Binary, 4);
    /// `chengtu.v1.4.json`.
    pub const JSON_1_4: Self = Self::new(Encoding::Json, 4);

    /// `chengtu.v1.3`.
    pub const BINARY_1_3: Self = Self::new(Encoding::Binary, 3);
    /// `chengtu.v1.3.json`.
    pub const JSON_1_3: Self = Self::new(Encoding::Json, 3);

    /// `chengtu.v1.2`.
    pub const BINARY_1_2: Self = Self::new(Encoding::Binary, 2);
    /// `chengtu.v1.2.json`.
    pub const JSON_1_2: Self = Self::new(Encoding::Json, 2);

    /// All, the best first.
    pub const ALL: [Self; 14] = [
        Self::BINARY_1_6,
        Self::JSON_1_6,
        Self::BINARY_1_5,
        Self::JSON_1_5,
        Self::BINARY_1_4,
        Self::JSON_1_4,
        Self::BINARY_1_3,
        Self::JSON_1_3,
        Self::BINARY_1_2,
        Self::JSON_1_2,
        Self::BINARY_1_1,
        Self::JSON_1_1,
        Self::BINARY_1_0,
        Self::JSON_1_0,
    ];

    const fn new(encoding: Encoding, minor: u8) -> Self {
        Self { encoding, minor }
    }

    /// Its name in the WebSocket's handshake.
    pub const fn name(self) -> &'static str {
        match (self.encoding, self.minor) {
            (Encoding::Binary, 0) => "chengtu.v1",
            (Encoding::Json, 0) => "chengtu.v1.json",
            (Encoding::Binary, 1) => "chengtu.v1.1",
            (Encoding::Json, 1) => "chengtu.v1.1.json",
            (Encoding::Binary, 2) => "chengtu.v1.2",
            (Encoding::Json, 2) => "chengtu.v1.2.json",
            (Encoding::Binary, 3) => "chengtu.v1.3",
            (Encoding::Json, 3) => "chengtu.v1.3.json",
            (Encoding::Binary, 4) => "chengtu.v1.4",
            (Encoding::Json, 4) => "chengtu.v1.4.json",
            (Encoding::Binary, 5) => "chengtu.v1.5",
            (Encoding::Json, 5) => "chengtu.v1.5.json",
            (Encoding::Binary, _) => "chengtu.v1.6",
            (Encoding::Json, _) => "chengtu.v1.6.json",
        }
    }

    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// True where a refusal is a message of its own, with the number of what was asked.
    pub fn has_refusals(self) -> bool {
        self.minor >= 1
    }

    /// True where cases come with their histories.
    pub fn has_histories(self) -> bool {
        self.minor >= 2
    }

    /// True where alarms of the running city come to other worlds.
    pub fn has_city_alarms(self) -> bool {
        self.minor >= 2
    }

    /// True where desks are told which cases others have open.
    pub fn has_desks(self) -> bool {
        self.minor >= 3
    }

    /// True where it is told which roads are closed.
    pub fn has_closed_roads(self) -> bool {
        self.minor >= 3
    }

    /// True where hotspots come with how sure they are.
    pub fn has_chances(self) -> bool {
        self.minor >= 4
    }

    /// True where what is masked of a case is shown for a purpose, and it is told who saw it.
    pub fn has_unmasking(self) -> bool {
        self.minor >= 5
    }

    /// True where the persons behind cases are told, and units that go out of sight.
    pub fn has_persons(self) -> bool {
        self.minor >= 6
    }

    /// A message as this version knows it, where it differs from what newer ones know; none where it is sent as it is.
    ///
    /// Whole messages that a version does not know are not sent to it in the first place.
    pub fn older_form(self, message: &ServerMessage) -> Option<ServerMessage> {
        match message {
            ServerMessage::Refused(refused) if self.minor < 2 => {
                let data = match &refused.data {
                    RefusalData::Taken { by, .. } => RefusalData::TakenBy(by.clone()),
                    RefusalData::Changed(_) => RefusalData::None,
                    RefusalData::None | RefusalData::TakenBy(_) => return None,
                };
                let refused = refused.clone();
                Some(ServerMessage::Refused(Refused { data, ..refused }))
            }
            ServerMessage::Moments { request, moments } if self.minor < 2 => {
                let is_new = |m: &Moment| m.kind == MomentKind::Restored;
                if !moments.iter().any(is_new) {
                    return None;
                }
                let mut moments = moments.clone();
                for m in moments.iter_mut().filter(|m| is_new(m)) {
                    // It is filed once more.
                    m.kind = MomentKind::Filed;
                }
                let request = *request;
                Some(ServerMessage::Moments { request, moments })
            }
            ServerMessage::HotspotsWithChance { time, areas } if !self.has_chances() => {
                let (time, mut areas) = (*time, areas.clone());
                for area in &mut areas {
                    area.chance = None;
                }
                Some(ServerMessage::Hotspots { time, areas })
            }
            _ => None,
        }
    }
}

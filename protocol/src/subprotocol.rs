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
    /// 0: what is refused is answered by rejections and notices. 1: asks have numbers, and refusals repeat them.
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

    /// All, the best first.
    pub const ALL: [Self; 4] = [
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
            (Encoding::Binary, _) => "chengtu.v1.1",
            (Encoding::Json, _) => "chengtu.v1.1.json",
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
}

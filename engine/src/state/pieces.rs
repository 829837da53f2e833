use postcard::ser_flavors::Flavor;

const PIECE_BYTES: usize = 65_536;

/// Collects encoded bytes and hands them on piece by piece.
pub(super) struct Pieces<F> {
    bytes: Vec<u8>,
    piece: F,
}

impl<F: FnMut(Vec<u8>)> Pieces<F> {
    /// `begin`: bytes that come before the first encoded byte.
    pub(super) fn begun(begin: Vec<u8>, piece: F) -> Self {
        let mut bytes = Vec::with_capacity(PIECE_BYTES);
        bytes.extend(begin);
        Self { bytes, piece }
    }

    fn hand_on_when_full(&mut self) {
        if self.bytes.len() >= PIECE_BYTES {
            let next = Vec::with_capacity(PIECE_BYTES);
            (self.piece)(core::mem::replace(&mut self.bytes, next));
        }
    }
}

impl<F: FnMut(Vec<u8>)> Flavor for Pieces<F> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.bytes.push(byte);
        self.hand_on_when_full();
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.bytes.extend_from_slice(bytes);
        self.hand_on_when_full();
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<()> {
        (self.piece)(self.bytes);
        Ok(())
    }
}

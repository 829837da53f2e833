use super::State;
use postcard::ser_flavors::Flavor;

/// FNV-1a over the bytes of the canonical encoding, 64 bits.
struct Fnv(u64);

impl Flavor for Fnv {
    type Output = u64;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u64> {
        Ok(self.0)
    }
}

/// A number of anything that can be encoded, as [`State::digest`].
pub(crate) fn fingerprint<T: serde::Serialize>(of: &T) -> u64 {
    // Encoding into a number cannot run out of room.
    postcard::serialize_with_flavor(of, Fnv(0xcbf2_9ce4_8422_2325)).unwrap_or(0)
}

impl State {
    /// Two states with the same number are the same, except with probability 2⁻⁶⁴.
    ///
    /// FNV-1a over the canonical encoding, without the cases' histories. Cost: the size of the state, about 1 ns a byte.
    pub fn digest(&self) -> u64 {
        fingerprint(self)
    }
}

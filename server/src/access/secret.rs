use subtle::ConstantTimeEq;

/// A token, kept as its BLAKE3 hash: comparing two takes the same time wherever they differ and however long they
/// are, and a printed structure shows no secret.
#[derive(Clone, Debug)]
pub(super) struct Secret(blake3::Hash);

impl Secret {
    pub fn new(token: &str) -> Self {
        Self(blake3::hash(token.as_bytes()))
    }

    /// True where `token` is this secret.
    pub fn is(&self, token: &str) -> bool {
        let other = blake3::hash(token.as_bytes());
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

/// 64 bits of a token's hash in hexadecimal, of no use for guessing the token's hash in [`Secret`].
pub(super) fn fingerprint(token: &str) -> String {
    let key = blake3::derive_key("chengtu 2026-11 principal of a namesake", token.as_bytes());
    let first = [0, 1, 2, 3, 4, 5, 6, 7].map(|i| key[i]);
    format!("{:016x}", u64::from_be_bytes(first))
}

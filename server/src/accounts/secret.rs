//! Secrets that nobody chooses: random, shown once, and kept as a hash.

use super::AccountError;
use std::fmt::Write;

/// Bytes of a secret: 256 bits, which nobody guesses, so that a plain hash keeps it.
const SECRET_BYTES: usize = 32;

/// What is typed from paper, without letters that look alike (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn random<const N: usize>() -> Result<[u8; N], AccountError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| AccountError::Random(e.to_string()))?;
    Ok(bytes)
}

/// How a secret is kept.
pub(super) type SecretHash = [u8; 32];

/// The hash of a secret.
pub(super) fn hash(secret: &str) -> SecretHash {
    *blake3::hash(secret.as_bytes()).as_bytes()
}

/// True where two hashes are one; takes the same time wherever they differ.
pub(super) fn same(a: &SecretHash, b: &SecretHash) -> bool {
    use subtle::ConstantTimeEq;
    a.ct_eq(b).into()
}

/// A new secret of 256 bits in hexadecimal; `mark` says what it opens, so that it is recognised where it does not belong.
pub(super) fn secret(mark: &str) -> Result<String, AccountError> {
    let bytes: [u8; SECRET_BYTES] = random()?;
    let mut text = format!("{mark}_");
    for b in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{b:02x}");
    }
    Ok(text)
}

/// A short random id, of no use to whoever has it.
pub(super) fn handle() -> Result<String, AccountError> {
    let bytes: [u8; 8] = random()?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}

/// A password for one use: 100 bits in four groups, to be typed from paper.
pub(super) fn one_time_password() -> Result<String, AccountError> {
    let bytes: [u8; 20] = random()?;
    let letter = |b: &u8| char::from(LETTERS[usize::from(*b) % LETTERS.len()]);
    let groups: Vec<String> = bytes
        .chunks(5)
        .map(|group| group.iter().map(letter).collect())
        .collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_no_two_are_one() {
        let (a, b) = (secret("cts").unwrap(), secret("cts").unwrap());
        assert_eq!(a.len(), 4 + 64);
        assert!(a != b && !same(&hash(&a), &hash(&b)) && same(&hash(&a), &hash(&a)));
        let typed = one_time_password().unwrap();
        assert_eq!((typed.len(), typed.split('-').count()), (23, 4));
        assert_ne!(typed, one_time_password().unwrap());
    }
}

use super::ArchiveError;

/// Appends a number, seven bits a byte, the low ones first.
pub(super) fn put_number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends bytes with their length before them.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads what the functions above wrote.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn byte(&mut self) -> Result<u8, ArchiveError> {
        let (first, rest) = self.0.split_first().ok_or_else(cut)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self) -> Result<u64, ArchiveError> {
        let mut n = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(ArchiveError::Malformed("a number without end".to_owned()))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], ArchiveError> {
        let length = self.number()?;
        if length > self.0.len() as u64 {
            return Err(cut());
        }
        let (these, rest) = self.0.split_at(length as usize);
        self.0 = rest;
        Ok(these)
    }
}

fn cut() -> ArchiveError {
    ArchiveError::Malformed("it ends too early".to_owned())
}

/// Small numbers of either sign as small ones without.
pub(super) fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

/// The number that [`zigzag`] made this of.
pub(super) fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_cuts_are_noticed() {
        let mut out = Vec::new();
        let all = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        for n in all {
            put_number(&mut out, n);
        }
        put_bytes(&mut out, b"abc");
        let mut r = Reader(&out);
        for n in all {
            assert_eq!(r.number(), Ok(n));
        }
        assert_eq!(r.bytes(), Ok(&b"abc"[..]));
        assert!(r.byte().is_err());
        assert!(Reader(&[5, 1, 2]).bytes().is_err());
        assert!(Reader(&[0xff; 11]).number().is_err());
        for v in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unzigzag(zigzag(v)), v);
        }
        assert_eq!((zigzag(-1), zigzag(1)), (1, 2));
    }
}

//! Text in the encoding that it comes in: UTF-8, UTF-16, GBK or Big5 by itself, others where they are named.

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{self, BufRead, Read};
use std::sync::{Arc, OnceLock};

/// So much of a text is looked at, from its first letter beyond ASCII on, to tell its encoding.
const SAMPLE_BYTES: usize = 1 << 16;
/// Of the letters beyond ASCII so many must be common ones of an encoding for it to be believed.
const COMMON: f64 = 0.8;
/// From so many different letters on it is no chance that all lie where Korean ones do, or so many where Japanese do.
const DIFFERENT: usize = 8;
/// Of the letters of Japanese so many and more are syllables.
const SYLLABLES: f64 = 0.3;
/// Text of which so much is UTF-8 is UTF-8 with a few broken letters.
const MOSTLY: f64 = 0.9;

/// The encoding of a name, as browsers know it: `gbk`, `big5`, `utf-16le`, `windows-1252`, `shift_jis` …
///
/// # Errors
/// In words, for a name that stands for none.
pub fn named(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(name.trim().as_bytes()).ok_or_else(|| {
        format!(
            "--encoding {name:?}: no such encoding; write one like utf-8, utf-16le, gbk, big5, shift_jis or windows-1252"
        )
    })
}

/// The encoding that a [`Decoded`] text has turned out to be in; empty until a letter beyond ASCII has come.
pub type Found = Arc<OnceLock<&'static Encoding>>;

/// How the next bytes are taken.
enum Mode {
    /// Nothing has been read yet.
    Begin,
    /// All was ASCII so far.
    Ascii,
    /// UTF-8, or nothing that is known: passed on as it is.
    AsItIs,
    /// Turned into UTF-8.
    Decoded(Decoder),
}

/// Text turned into UTF-8 as it is read. Bytes of no known encoding are passed on as they are.
pub struct Decoded<R> {
    inner: R,
    mode: Mode,
    /// Read and not yet taken.
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
    found: Found,
}

impl<R: Read> Decoded<R> {
    /// Reads `inner` in the encoding `given`, or in the one that its bytes tell. The second part says which.
    pub fn new(inner: R, given: Option<&'static Encoding>) -> (Self, Found) {
        let found = Found::default();
        let mode = match given {
            None => Mode::Begin,
            Some(encoding) => {
                let _ = found.set(encoding);
                // A mark of the byte order tells more than a name.
                Mode::Decoded(encoding.new_decoder())
            }
        };
        let decoded = Self {
            inner,
            mode,
            raw: Vec::new(),
            text: Vec::new(),
            at: 0,
            ended: false,
            found: Arc::clone(&found),
        };
        (decoded, found)
    }

    /// Reads until so many bytes wait, or the input ends.
    fn read_up_to(&mut self, bytes: usize) -> io::Result<()> {
        let missing = bytes.saturating_sub(self.raw.len()) as u64;
        if missing > 0 && !self.ended {
            let read = self
                .inner
                .by_ref()
                .take(missing)
                .read_to_end(&mut self.raw)?;
            self.ended = (read as u64) < missing;
        }
        Ok(())
    }

    /// Decides how what waits is taken.
    fn decide(&mut self) -> io::Result<()> {
        if matches!(self.mode, Mode::Begin) {
            self.mode = match encoding_at_start(&self.raw) {
                Some(encoding) => self.take_for(encoding),
                None => Mode::Ascii,
            };
        }
        if matches!(self.mode, Mode::Ascii)
            && let Some(first) = self.raw.iter().position(|b| !b.is_ascii())
        {
            self.read_up_to(first + SAMPLE_BYTES)?;
            self.mode = match guess(&self.raw[first..]) {
                Some(encoding) => self.take_for(encoding),
                None => Mode::AsItIs,
            };
        }
        Ok(())
    }

    fn take_for(&self, encoding: &'static Encoding) -> Mode {
        let _ = self.found.set(encoding);
        if encoding == UTF_8 {
            Mode::AsItIs
        } else {
            Mode::Decoded(encoding.new_decoder())
        }
    }

    fn more(&mut self) -> io::Result<()> {
        self.read_up_to(SAMPLE_BYTES)?;
        self.decide()?;
        self.text.clear();
        self.at = 0;
        match &mut self.mode {
            Mode::Decoded(decoder) => {
                let mut text = String::new();
                let room = decoder.max_utf8_buffer_length(self.raw.len());
                text.reserve(room.unwrap_or(self.raw.len() * 3));
                let _ = decoder.decode_to_string(&self.raw, &mut text, self.ended);
                self.text = text.into_bytes();
            }
            _ => std::mem::swap(&mut self.text, &mut self.raw),
        }
        self.raw.clear();
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(out.len());
        out[..n].copy_from_slice(&ready[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at >= self.text.len() && !(self.ended && self.raw.is_empty()) {
            self.more()?;
            if self.ended && self.text.is_empty() {
                break;
            }
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.text.len());
    }
}

/// What the first bytes say: a mark of the byte order, or every second byte a zero.
fn encoding_at_start(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let head = &bytes[..bytes.len().min(4_096)];
    let zeros = |odd: usize| {
        head.iter()
            .skip(odd)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 8;
    if odd > many && even == 0 {
        Some(UTF_16LE)
    } else if even > many && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of text that begins with a letter beyond ASCII; `None` where its letters tell none.
///
/// GBK and Big5 give most pairs of bytes a meaning; but of a text in the one nearly all letters are among the few thousand
/// that people use, and of the same bytes read as the other few are.
fn guess(sample: &[u8]) -> Option<&'static Encoding> {
    let utf8 = share_of_utf8(sample);
    if utf8 >= MOSTLY {
        return Some(UTF_8);
    }
    let gbk = share(sample, |lead, trail| match lead {
        0xa1..=0xa3 | 0xb0..=0xd7 => trail >= 0xa1,
        _ => false,
    });
    let big5 = share(sample, |lead, trail| match lead {
        0xa1..=0xc6 => matches!(trail, 0x40..=0x7e | 0xa1..=0xfe),
        _ => false,
    });
    let korean = gbk >= big5 && is_korean(sample);
    if gbk.max(big5) < COMMON || utf8 > gbk.max(big5) || korean || is_japanese(sample) {
        return None;
    }
    Some(if gbk >= big5 {
        encoding_rs::GBK
    } else {
        encoding_rs::BIG5
    })
}

/// True where all letters lie among the Hangul of EUC-KR: of Chinese ones two in five lie beyond.
fn is_korean(sample: &[u8]) -> bool {
    let mut different = std::collections::BTreeSet::new();
    share(sample, |lead, trail| {
        different.extend((lead >= 0xb0).then_some((lead, trail)));
        true
    });
    different.len() >= DIFFERENT && different.iter().all(|(lead, _)| *lead <= 0xc8)
}

/// True where many letters lie among the syllables of EUC-JP.
fn is_japanese(sample: &[u8]) -> bool {
    let mut different = std::collections::BTreeSet::new();
    let syllables = share(sample, |lead, trail| {
        let syllable = matches!(lead, 0xa4 | 0xa5) && trail >= 0xa1;
        different.extend(syllable.then_some((lead, trail)));
        syllable
    });
    syllables >= SYLLABLES && different.len() * 2 >= DIFFERENT
}

/// Which part of the bytes beyond ASCII belongs to letters of UTF-8.
fn share_of_utf8(sample: &[u8]) -> f64 {
    let beyond = |bytes: &[u8]| bytes.iter().filter(|b| !b.is_ascii()).count();
    let (mut good, mut all) = (0, 0);
    let mut rest = sample;
    while !rest.is_empty() {
        let Err(e) = std::str::from_utf8(rest) else {
            good += beyond(rest);
            all += beyond(rest);
            break;
        };
        let (valid, bad) = rest.split_at(e.valid_up_to());
        good += beyond(valid);
        all += beyond(valid);
        // The sample may end within a letter.
        let Some(length) = e.error_len() else { break };
        all += beyond(&bad[..length]);
        rest = &bad[length..];
    }
    good as f64 / all.max(1) as f64
}

/// Which part of the pairs that begin beyond ASCII is common in an encoding.
fn share(sample: &[u8], mut common: impl FnMut(u8, u8) -> bool) -> f64 {
    let (mut pairs, mut good) = (0_u32, 0_u32);
    let mut bytes = sample.iter();
    while let Some(lead) = bytes.find(|b| !b.is_ascii()) {
        let Some(trail) = bytes.next() else { break };
        pairs += 1;
        good += u32::from(common(*lead, *trail));
    }
    f64::from(good) / f64::from(pairs.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIMPLIFIED: &str = "编号,时间,类别\n1,2026-03-01 08:00:00,上水井盖（破损）\n";
    const TRADITIONAL: &str = "編號,時間,類別\n1,2026-03-01 08:00:00,道路積水，請速處理\n";

    fn decoded(bytes: &[u8], given: Option<&'static Encoding>) -> (Vec<u8>, Option<&'static str>) {
        let (mut reader, found) = Decoded::new(bytes, given);
        let mut text = Vec::new();
        reader.read_to_end(&mut text).unwrap();
        (text, found.get().map(|e| e.name()))
    }

    fn check(text: &str, bytes: &[u8], expected: &str) {
        let (read, found) = decoded(bytes, None);
        let read = String::from_utf8(read).unwrap();
        assert_eq!(read.trim_start_matches('\u{feff}'), text, "{expected}");
        assert_eq!(found, Some(expected));
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn tables_of_both_chinas_are_read_in_the_encoding_they_are_in() {
        for text in [SIMPLIFIED, TRADITIONAL] {
            check(text, text.as_bytes(), "UTF-8");
            check(text, format!("\u{feff}{text}").as_bytes(), "UTF-8");
            check(
                text,
                &utf16(&format!("\u{feff}{text}"), u16::to_le_bytes),
                "UTF-16LE",
            );
            check(
                text,
                &utf16(&format!("\u{feff}{text}"), u16::to_be_bytes),
                "UTF-16BE",
            );
            check(text, &utf16(text, u16::to_le_bytes), "UTF-16LE");
        }
        check(SIMPLIFIED, &encoding_rs::GBK.encode(SIMPLIFIED).0, "GBK");
        check(
            TRADITIONAL,
            &encoding_rs::BIG5.encode(TRADITIONAL).0,
            "Big5",
        );
    }

    #[test]
    fn a_letter_far_down_or_cut_in_two_by_a_block_is_read_as_well() {
        for before in [SAMPLE_BYTES - 1, SAMPLE_BYTES, 3 * SAMPLE_BYTES - 1] {
            let text = format!("{}{}", "x".repeat(before), SIMPLIFIED.repeat(5_000));
            check(&text, &encoding_rs::GBK.encode(&text).0, "GBK");
            check(&text, text.as_bytes(), "UTF-8");
        }
    }

    #[test]
    fn what_tells_no_encoding_is_passed_on_and_one_that_is_named_is_taken() {
        let (street, umlauts) = ("Straße 5, Köln", encoding_rs::WINDOWS_1252);
        let bytes = umlauts.encode(street).0;
        assert_eq!(decoded(&bytes, None), (bytes.to_vec(), None));
        let read = decoded(&bytes, Some(named("windows-1252").unwrap()));
        assert_eq!(read, (street.as_bytes().to_vec(), Some("windows-1252")));
        // Nor is one guessed at that is not of China.
        for (text, encoding) in [
            (
                "서울특별시 종로구 세종대로 도로 침수 신고",
                encoding_rs::EUC_KR,
            ),
            ("東京都渋谷区の道路が陥没しています", encoding_rs::EUC_JP),
            ("東京都渋谷区の道路が陥没しています", encoding_rs::SHIFT_JIS),
            (
                "Москва, улица Тверская, яма на дороге",
                encoding_rs::WINDOWS_1251,
            ),
        ] {
            let bytes = encoding.encode(text).0;
            assert_eq!(decoded(&bytes, None), (bytes.to_vec(), None), "{text}");
        }
        assert_eq!(decoded(b"plain", None), (b"plain".to_vec(), None));
        assert_eq!(decoded(b"", None), (Vec::new(), None));
        // One broken letter does not make it another encoding.
        let mut broken = SIMPLIFIED.repeat(4).into_bytes();
        broken[3] = b'x';
        assert_eq!(decoded(&broken, None).0, broken);
        assert!(named("klingon").unwrap_err().contains("gbk"));
    }
}

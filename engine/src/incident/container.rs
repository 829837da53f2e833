//! The file around an incident: sections with checksums, and an end mark that proves that the file is complete.

use super::error::IncidentError;

/// What an incident file begins with.
pub const MAGIC: [u8; 8] = *b"CTINCID\n";
/// The version that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;

// Names of the sections of an incident.
pub(super) const MANIFEST: &[u8; 4] = b"MANI";
pub(super) const STATE: &[u8; 4] = b"STAT";
pub(super) const RECORDS: &[u8; 4] = b"RECS";
// The city behind a gap and the records that follow it; programs of before there were any pass them over.
pub(super) const LATER_STATE: &[u8; 4] = b"STA2";
pub(super) const LATER_RECORDS: &[u8; 4] = b"REC2";
pub(super) const FILE: &[u8; 4] = b"FILE";

/// Name, length, checksum.
const HEAD: usize = 4 + 8 + 4;
const END: [u8; 4] = *b"END.";

/// A section: four letters and bytes.
pub type Section<'a> = ([u8; 4], &'a [u8]);

/// Writes a file of sections.
#[derive(Debug)]
pub struct FileWriter {
    bytes: Vec<u8>,
    sections: u32,
    chain: u32,
}

impl Default for FileWriter {
    fn default() -> Self {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        Self {
            bytes,
            sections: 0,
            chain: 0,
        }
    }
}

fn checksum(name: [u8; 4], bytes: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&name);
    let crc = crc32c::crc32c_append(crc, &(bytes.len() as u64).to_le_bytes());
    crc32c::crc32c_append(crc, bytes)
}

impl FileWriter {
    /// Adds a section.
    pub fn section(&mut self, name: [u8; 4], bytes: &[u8]) {
        let crc = checksum(name, bytes);
        self.bytes.extend(name);
        self.bytes.extend((bytes.len() as u64).to_le_bytes());
        self.bytes.extend(crc.to_le_bytes());
        self.bytes.extend(bytes);
        self.sections += 1;
        self.chain = crc32c::crc32c_append(self.chain, &crc.to_le_bytes());
    }

    /// The file, ended.
    pub fn finish(mut self) -> Vec<u8> {
        let mut end = self.sections.to_le_bytes().to_vec();
        end.extend(self.chain.to_le_bytes());
        self.section(END, &end);
        self.bytes
    }
}

/// The sections of a file, each compared with its checksum, in their order.
///
/// # Errors
/// [`IncidentError`]: another kind of file, a newer version, cut, damaged.
pub fn sections(bytes: &[u8]) -> Result<Vec<Section<'_>>, IncidentError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        return Err(if MAGIC.starts_with(bytes) && !bytes.is_empty() {
            cut(bytes.len(), "its head")
        } else {
            IncidentError::Foreign
        });
    };
    let Some((version, mut rest)) = rest.split_first_chunk::<4>() else {
        return Err(cut(bytes.len(), "its head"));
    };
    let version = u32::from_le_bytes(*version);
    if version > VERSION {
        return Err(IncidentError::Newer {
            found: version,
            known: VERSION,
        });
    }
    if version == 0 {
        return Err(damaged("its version", bytes.len() - rest.len()));
    }
    let (mut found, mut chain) = (Vec::new(), 0);
    loop {
        let at = bytes.len() - rest.len();
        let Some((head, after)) = rest.split_first_chunk::<HEAD>() else {
            return Err(cut(bytes.len(), "a section's head"));
        };
        let (name, length, crc) = read_head(head);
        let printable = name.iter().all(u8::is_ascii_graphic);
        if length > after.len() as u64 {
            // A flipped length looks like a file that was cut; a printable name distinguishes the two.
            return Err(if printable && length < 1 << 40 {
                cut(bytes.len(), &words(name))
            } else {
                damaged("a section's head", at)
            });
        }
        let (body, after) = after.split_at(length as usize);
        if checksum(name, body) != crc {
            return Err(damaged(&words(name), at));
        }
        rest = after;
        if name == END {
            let mut end = (found.len() as u32).to_le_bytes().to_vec();
            end.extend(u32::to_le_bytes(chain));
            if body != end {
                return Err(damaged("its list of sections", at));
            }
            if !rest.is_empty() {
                return Err(damaged("what follows its end", bytes.len() - rest.len()));
            }
            return Ok(found);
        }
        chain = crc32c::crc32c_append(chain, &crc.to_le_bytes());
        found.push((name, body));
    }
}

fn read_head(head: &[u8; HEAD]) -> ([u8; 4], u64, u32) {
    let mut name = [0; 4];
    let mut length = [0; 8];
    let mut crc = [0; 4];
    name.copy_from_slice(&head[..4]);
    length.copy_from_slice(&head[4..12]);
    crc.copy_from_slice(&head[12..]);
    (name, u64::from_le_bytes(length), u32::from_le_bytes(crc))
}

fn words(name: [u8; 4]) -> String {
    match &name {
        MANIFEST => "the manifest".into(),
        STATE => "the city at the beginning".into(),
        RECORDS => "the records".into(),
        FILE => "a file of the city pack".into(),
        &END => "its end".into(),
        other => format!("section {:?}", other.escape_ascii().to_string()),
    }
}

fn cut(length: usize, within: &str) -> IncidentError {
    IncidentError::Cut {
        length,
        within: within.to_owned(),
    }
}

fn damaged(what: &str, at: usize) -> IncidentError {
    IncidentError::Damaged {
        what: what.to_owned(),
        at,
    }
}

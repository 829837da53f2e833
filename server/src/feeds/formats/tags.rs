//! XML as it streams by, tag by tag. A tag that is broken does not take the next with it.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// No tag, and no comment, is longer than this.
const TAG_BYTES_MAX: usize = 1 << 20;

/// What a reader finds next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// Line that it begins at, from 1.
    pub line: u64,
    /// What it is.
    pub what: What,
}

/// What a tag is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `<name …>` or `<name …/>`: what is between the brackets.
    Open(String),
    /// `</name>`
    Close(String),
    /// What is none.
    Broken {
        /// Why, in words.
        why: &'static str,
        /// Name of the element that it would be; empty where it would be none.
        name: String,
    },
}

/// Reads tags; memory: one tag.
pub(super) struct Tags<R> {
    input: R,
    line: u64,
    /// Read, and not yet looked at.
    rest: Vec<u8>,
    /// Found, and not yet given out.
    ready: VecDeque<Tag>,
}

const NOT_CLOSED: &str = "a quote or a bracket of the element is not closed";

/// How a tag ends in what was read of it.
enum End {
    /// Before this byte.
    At(usize),
    /// Before this byte, with a line's end within a value: its quotes are of two tags.
    Torn(usize),
    /// Another begins at this byte.
    Another(usize),
    /// Further on.
    Open,
}

impl<R: BufRead> Tags<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 1,
            rest: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    /// The line that was read last.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next tag; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Tag>> {
        loop {
            if let Some(tag) = self.ready.pop_front() {
                return Ok(Some(tag));
            }
            if self.rest.is_empty() && !self.more()? {
                return Ok(None);
            }
            self.look()?;
        }
    }

    /// Reads up to the next `>`; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut some = (&mut self.input).take(TAG_BYTES_MAX as u64);
        Ok(some.read_until(b'>', &mut self.rest)? > 0)
    }

    /// Takes so many bytes out of what was read, and counts their lines.
    fn take(&mut self, bytes: usize) -> Vec<u8> {
        let rest = self.rest.split_off(bytes);
        let taken = std::mem::replace(&mut self.rest, rest);
        self.line += taken.split(|b| *b == b'\n').count() as u64 - 1;
        taken
    }

    /// Looks at what was read up to the end of a tag.
    fn look(&mut self) -> io::Result<()> {
        let begin = self.rest.iter().position(|b| *b == b'<');
        self.text(begin.unwrap_or(self.rest.len()));
        if begin.is_none() {
            return Ok(());
        }
        for (begin, end) in [("<!--", "-->"), ("<?xml", "?>"), ("<!DOCTYPE", ">")] {
            if self.rest.starts_with(begin.as_bytes()) {
                return self.skip(begin.len(), end.as_bytes());
            }
        }
        let line = self.line;
        loop {
            match end_of(&self.rest) {
                End::At(end) => {
                    let tag = self.take(end + 1);
                    self.push(line, &tag);
                    return Ok(());
                }
                End::Torn(end) => {
                    let tag = self.take(end + 1);
                    self.broken(line, &tag, NOT_CLOSED);
                    return Ok(());
                }
                End::Another(at) => {
                    let tag = self.take(at);
                    self.broken(line, &tag, NOT_CLOSED);
                    return Ok(());
                }
                End::Open if self.rest.len() < TAG_BYTES_MAX && self.more()? => {}
                End::Open => {
                    let tag = self.take(self.rest.len());
                    self.broken(line, &tag, "the element is not closed");
                    return Ok(());
                }
            }
        }
    }

    /// What stands between tags: white space, or it is told by line.
    fn text(&mut self, bytes: usize) {
        let first = self.line;
        let text = self.take(bytes);
        for (i, line) in text.split(|b| *b == b'\n').enumerate() {
            let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
            if !line.trim_ascii().is_empty() {
                self.ready.push_back(Tag {
                    line: first + i as u64,
                    what: What::Broken {
                        why: "text between elements",
                        name: String::new(),
                    },
                });
            }
        }
    }

    /// Skips to the end of a comment, or of what is like one.
    fn skip(&mut self, from: usize, end: &[u8]) -> io::Result<()> {
        let line = self.line;
        let mut looked = from;
        loop {
            let found = self.rest[looked..]
                .windows(end.len())
                .position(|w| w == end);
            if let Some(at) = found {
                self.take(looked + at + end.len());
                return Ok(());
            }
            looked = self.rest.len().saturating_sub(end.len()).max(from);
            if self.rest.len() >= TAG_BYTES_MAX || !self.more()? {
                self.take(self.rest.len());
                let what = What::Broken {
                    why: "a comment is not closed",
                    name: String::new(),
                };
                self.ready.push_back(Tag { line, what });
                return Ok(());
            }
        }
    }

    fn push(&mut self, line: u64, tag: &[u8]) {
        let inner = &tag[1..tag.len() - 1];
        let what = match std::str::from_utf8(inner) {
            Err(_) => return self.broken(line, tag, "has letters that are not UTF-8"),
            Ok(text) => match text.strip_prefix('/') {
                Some(name) => What::Close(name.trim().to_owned()),
                None => What::Open(text.strip_suffix('/').unwrap_or(text).to_owned()),
            },
        };
        self.ready.push_back(Tag { line, what });
    }

    /// A broken tag; where it goes over lines, each of them was something.
    fn broken(&mut self, line: u64, tag: &[u8], why: &'static str) {
        let lines = tag.split(|b| *b == b'\n').enumerate();
        for (i, text) in lines.filter(|(_, l)| !l.trim_ascii().is_empty()) {
            let open = text.strip_prefix(b"<").filter(|_| i == 0);
            let name = open.and_then(|t| t.split(u8::is_ascii_whitespace).next());
            let name = String::from_utf8_lossy(name.unwrap_or_default()).into_owned();
            self.ready.push_back(Tag {
                line: line + i as u64,
                what: What::Broken { why, name },
            });
        }
    }
}

/// Where the tag at the beginning of these bytes ends.
fn end_of(tag: &[u8]) -> End {
    let (mut quote, mut torn) = (None, false);
    for (at, byte) in tag.iter().enumerate().skip(1) {
        match (quote, *byte) {
            // Neither in a tag nor in a value of one may this stand.
            (_, b'<') => return End::Another(at),
            (None, b'>') if torn => return End::Torn(at),
            (None, b'>') => return End::At(at),
            (Some(_), b'\n') => torn = true,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    End::Open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut tags = Tags::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(tag) = tags.next().unwrap() {
            let what = match tag.what {
                What::Open(text) => text,
                What::Close(name) => format!("/{name}"),
                What::Broken { name, .. } => format!("!{name}"),
            };
            found.push(format!("{} {what}", tag.line));
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn tags_are_found_and_a_broken_one_spoils_no_other() {
        check(
            "<?xml version=\"1.0\"?>\n<!-- <a> -->\n<a b='>'>\n</a>\n",
            &["3 a b='>'", "4 /a"],
        );
        check(
            "<a b=\"x>\n<c d=\"y\"/>\n<e/>",
            &["1 !a", "2 c d=\"y\"", "3 e"],
        );
        check("<a b=\"x\"\n<c/>", &["1 !a", "2 c"]);
        check("<a b=\"x>\na b=\"y>\n<c/>", &["1 !a", "2 !", "3 c"]);
        check("<a\n  b=\"x\"/>\n<c/>", &["1 a\n  b=\"x\"", "3 c"]);
        check("<a>\nxb/>\n<c/>", &["1 a", "2 !", "3 c"]);
        check("<a", &["1 !a"]);
        check("<!-- never\nclosed <a/>", &["1 !"]);
        check("", &[]);
    }
}

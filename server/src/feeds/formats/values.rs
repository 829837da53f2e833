//! Where the values of a JSON text begin and end: rows one after the other, a list of rows, a collection of features,
//! however they are broken into lines. A value that is broken does not take the next with it.

use std::ops::Range;

/// More brackets within each other are none of a row's.
const DEPTH_MAX: usize = 64;

/// What the members of a value say that it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// It has `features`.
    pub collection: bool,
    /// It has `geometry` or `properties`.
    pub feature: bool,
    /// It has `type`.
    pub typed: bool,
    /// It has a name or a place of its own.
    pub keyed: bool,
}

/// A value that is to be a row, or where there should be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// Where it is in the text.
    pub at: Range<usize>,
    /// What it looks like.
    pub shape: Shape,
    /// Its place in its list, from 1; `None` for a value that stands for itself.
    pub place: Option<u64>,
    /// Why it cannot be read.
    pub fault: Option<&'static str>,
}

const NO_OBJECT: &str = "is no JSON object; a row is one, as {\"key\": …, \"lon\": …, \"lat\": …}";
const QUOTE: &str = "breaks off: a quote is not closed";
const CUT: &str = "breaks off: a bracket is not closed";
const BRACKETS: &str =
    "is no JSON: a quote, a comma or a bracket is missing, or there is one too many";
const DEEP: &str = "is nested too deeply";
/// Why a list is broken that goes on to the end of the text.
pub(super) const OPEN_LIST: &str = "breaks off: the list is not closed";

/// The values of a text, in their order; where there are more than `most` of them, the first of them and one more.
pub(super) fn elements(text: &[u8], most: usize) -> Vec<Element> {
    let mut scan = Scan {
        text,
        most,
        at: 0,
        found: Vec::new(),
        list: None,
        line: None,
    };
    scan.run();
    scan.found
}

/// The values of a JSON text, features of a collection one by one; of a broken one why it is.
pub fn json_values(text: &[u8]) -> Vec<Result<&[u8], &'static str>> {
    let found = elements(text, usize::MAX).into_iter();
    found
        .map(|e| match e.fault {
            Some(why) => Err(why),
            None => Ok(&text[e.at]),
        })
        .collect()
}

/// True for what stands between values: white space, and the mark before each text of a sequence (RFC 7464).
pub(super) fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x1e
}

struct Scan<'t> {
    text: &'t [u8],
    most: usize,
    at: usize,
    found: Vec<Element>,
    /// Within a list: how many of its values were found.
    list: Option<u64>,
    /// The line that was looked for last.
    line: Option<NextLine>,
}

/// The next line that begins like a value.
#[derive(Clone, Copy)]
struct NextLine {
    /// Looked for from here on.
    from: usize,
    /// Within a list, which the line may end.
    in_list: bool,
    /// Where it begins to say something; `None` where there is no such line.
    at: Option<usize>,
}

impl Scan<'_> {
    fn peek(&mut self, skip_commas: bool) -> Option<u8> {
        while let Some(byte) = self.text.get(self.at) {
            let skipped = is_blank(*byte) || skip_commas && *byte == b',';
            if !skipped {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// True once more was found than is asked for.
    fn is_enough(&self) -> bool {
        self.found.len() > self.most
    }

    fn run(&mut self) {
        while !self.is_enough()
            && let Some(byte) = self.peek(true)
        {
            match byte {
                b'[' => {
                    self.at += 1;
                    self.list_of_values();
                }
                b'{' => self.object(),
                _ => self.junk(),
            }
        }
    }

    fn push(&mut self, at: Range<usize>, shape: Shape, fault: Option<&'static str>) {
        if let Some(count) = &mut self.list {
            *count += 1;
        }
        self.found.push(Element {
            at,
            shape,
            place: self.list,
            fault,
        });
    }

    /// Values up to the list's end.
    fn list_of_values(&mut self) {
        self.list = Some(0);
        while !self.is_enough() {
            match self.peek(true) {
                None => {
                    let end = self.text.len();
                    self.push(end..end, Shape::default(), Some(OPEN_LIST));
                    break;
                }
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b'{') => self.value(),
                Some(_) => self.junk(),
            }
        }
        self.list = None;
    }

    /// An object that stands for itself: a row, a feature, or a collection.
    fn object(&mut self) {
        let begin = self.at;
        let (Ok((_, shape)) | Err((_, _, shape))) = end_of(self.text, begin);
        if !(shape.collection && self.collection(begin)) {
            self.at = begin;
            self.value();
        }
    }

    /// The features of a collection; false, and nothing done, where `features` is no list.
    fn collection(&mut self, begin: usize) -> bool {
        self.at = begin + 1;
        let mut listed = false;
        while !self.is_enough()
            && let Some(byte) = self.peek(true)
        {
            if byte == b'}' {
                self.at += 1;
                break;
            }
            let Some(name) = self.member() else { break };
            match self.peek(false) {
                Some(b'[') if &self.text[name] == b"features" => {
                    self.at += 1;
                    self.list_of_values();
                    listed = true;
                }
                Some(b'[' | b'{') => match end_of(self.text, self.at) {
                    Ok((end, _)) => self.at = end,
                    Err(_) => break,
                },
                Some(b'"') => match end_of_text(self.text, self.at) {
                    Ok(end) => self.at = end,
                    Err(_) => break,
                },
                _ => self.at = end_of_word(self.text, self.at),
            }
        }
        listed
    }

    /// The name of a member, up to behind its colon.
    fn member(&mut self) -> Option<Range<usize>> {
        if self.peek(true) != Some(b'"') {
            return None;
        }
        let begin = self.at;
        self.at = end_of_text(self.text, begin).ok()?;
        let name = begin + 1..self.at - 1;
        if self.peek(false) != Some(b':') {
            return None;
        }
        self.at += 1;
        Some(name)
    }

    /// One object that is no collection.
    fn value(&mut self) {
        let begin = self.at;
        match end_of(self.text, begin) {
            Ok((end, shape)) => {
                self.at = end;
                let alone = match self.peek(false) {
                    None | Some(b',' | b'{') => true,
                    Some(b']') => self.list.is_some(),
                    Some(b'[') => self.list.is_none(),
                    Some(_) => false,
                };
                if alone {
                    self.push(begin..end, shape, None);
                } else {
                    self.at = self.next_begin(begin, end);
                    self.push(begin..end, shape, Some(BRACKETS));
                }
            }
            Err((at, why, shape)) => {
                self.at = self.next_begin(begin, at);
                self.push(begin..at.min(self.at).max(begin), shape, Some(why));
            }
        }
    }

    /// What is no object, up to the next comma, bracket or line.
    fn junk(&mut self) {
        let begin = self.at;
        let ends = |b: &u8| matches!(b, b',' | b']' | b'{' | b'\n');
        let rest = &self.text[begin + 1..];
        self.at = begin + 1 + rest.iter().position(ends).unwrap_or(rest.len());
        if self.text.get(self.at) == Some(&b']') && self.list.is_none() {
            self.at += 1;
        }
        self.push(begin..self.at, Shape::default(), Some(NO_OBJECT));
    }

    /// Where the value after a broken one begins, which was found to be broken at `fault`: at the next line that begins
    /// like one, or behind the next bracket that closes one.
    fn next_begin(&mut self, begin: usize, fault: usize) -> usize {
        // Where a name or a comma should stand, an object can only be the next.
        if self.text.get(fault) == Some(&b'{') {
            return fault;
        }
        let line = self.next_line(fault);
        let behind = || {
            let mut closed = false;
            (begin + 1..self.text.len()).find(|at| match self.text[*at] {
                b'{' => closed,
                b',' => false,
                b if is_blank(b) => false,
                b => {
                    closed = b == b'}';
                    false
                }
            })
        };
        line.or_else(behind).unwrap_or(self.text.len())
    }

    /// Where the next line begins that begins like a value. It is remembered: a text of broken values that is one line
    /// would be looked through once for each of them.
    fn next_line(&mut self, from: usize) -> Option<usize> {
        let in_list = self.list.is_some();
        let still = |l: &NextLine| {
            l.in_list == in_list && l.from <= from && l.at.is_none_or(|at| from <= at)
        };
        if let Some(line) = self.line.filter(still) {
            return line.at;
        }
        let starts = |at: usize| {
            let before = self.text[..at]
                .iter()
                .rposition(|b| !is_blank(*b) || *b == b'\n');
            before.is_none_or(|b| self.text[b] == b'\n')
        };
        let at = (from..self.text.len()).find(|at| {
            let byte = self.text[*at];
            (byte == b'{' || byte == b']' && in_list) && starts(*at)
        });
        self.line = Some(NextLine { from, in_list, at });
        at
    }
}

/// What comes next within a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    Name,
    Colon,
    CommaOrEnd,
}

/// Where the text that begins here ends.
fn end_of_text(text: &[u8], begin: usize) -> Result<usize, (usize, &'static str)> {
    let mut at = begin + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\\' => at += 2,
            b'\n' => return Err((at, QUOTE)),
            _ => at += 1,
        }
    }
    Err((text.len(), QUOTE))
}

/// Where a number or a word ends.
fn end_of_word(text: &[u8], begin: usize) -> usize {
    let ends = |b: &u8| is_blank(*b) || matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"');
    let rest = &text[(begin + 1).min(text.len())..];
    begin + 1 + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Where the object or list that begins here ends, and what it looks like; or where and why it has no end.
fn end_of(text: &[u8], begin: usize) -> Result<(usize, Shape), (usize, &'static str, Shape)> {
    let mut shape = Shape::default();
    // For each bracket that is open, whether it is an object's.
    let mut open: Vec<bool> = Vec::with_capacity(8);
    let mut want = Want::Value;
    let mut at = begin;
    while let Some(byte) = text.get(at).copied() {
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let objects = open.last().copied();
        match (want, byte) {
            (Want::Value, b'{' | b'[') => {
                if open.len() >= DEPTH_MAX {
                    return Err((at, DEEP, shape));
                }
                open.push(byte == b'{');
                want = if byte == b'{' {
                    Want::Name
                } else {
                    Want::Value
                };
                at += 1;
            }
            (Want::Value | Want::Name | Want::CommaOrEnd, b'}' | b']') => {
                if objects != Some(byte == b'}') || (want == Want::Value && byte == b'}') {
                    return Err((at, BRACKETS, shape));
                }
                open.pop();
                at += 1;
                if open.is_empty() {
                    return Ok((at, shape));
                }
                want = Want::CommaOrEnd;
            }
            (Want::Value, b'"') => {
                at = end_of_text(text, at).map_err(|(at, why)| (at, why, shape))?;
                want = Want::CommaOrEnd;
            }
            (Want::Value, b',' | b':') => return Err((at, BRACKETS, shape)),
            (Want::Value, _) => {
                at = end_of_word(text, at);
                want = Want::CommaOrEnd;
            }
            (Want::Name, b'"') => {
                let end = end_of_text(text, at).map_err(|(at, why)| (at, why, shape))?;
                if open.len() == 1 {
                    shape.see(&text[at + 1..end - 1]);
                }
                at = end;
                want = Want::Colon;
            }
            (Want::Colon, b':') => {
                want = Want::Value;
                at += 1;
            }
            (Want::CommaOrEnd, b',') => {
                want = if objects == Some(true) {
                    Want::Name
                } else {
                    Want::Value
                };
                at += 1;
            }
            _ => return Err((at, BRACKETS, shape)),
        }
    }
    Err((text.len(), CUT, shape))
}

impl Shape {
    fn see(&mut self, name: &[u8]) {
        match name {
            b"features" => self.collection = true,
            b"geometry" | b"properties" => self.feature = true,
            b"type" => self.typed = true,
            b"key" | b"lon" | b"x" => self.keyed = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a text; `!` for one that is broken, `*` for one out of a list.
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = elements(text.as_bytes(), 100)
            .into_iter()
            .map(|e| {
                let list = if e.place.is_some() { "*" } else { "" };
                match e.fault {
                    Some(_) => format!("{list}!"),
                    None => format!("{list}{}", &text[e.at]),
                }
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn values_are_found_however_they_are_put_together() {
        check("", &[]);
        check("{\"a\":1}", &["{\"a\":1}"]);
        check(
            "{\"a\":1}{\"a\":2} {\"a\":[3,{}]},",
            &["{\"a\":1}", "{\"a\":2}", "{\"a\":[3,{}]}"],
        );
        check(
            "\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n",
            &["{\"a\":1}", "{\"a\":2}"],
        );
        check(
            "[{\"a\":1},\n{\"a\":\"]}\\\"{\"}]",
            &["*{\"a\":1}", "*{\"a\":\"]}\\\"{\"}"],
        );
        check(
            "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}",
            &["{\n  \"a\": 1\n}", "{\n  \"a\": 2\n}"],
        );
        let late =
            "{\"bbox\":[1,2],\"features\":[{\"id\":1},{\"id\":2}],\"type\":\"FeatureCollection\"}";
        check(late, &["*{\"id\":1}", "*{\"id\":2}"]);
        check("{\"features\":3}", &["{\"features\":3}"]);
    }

    #[test]
    fn a_broken_value_does_not_take_the_next_with_it() {
        // An unclosed quote, bracket or object, a bracket too many; in one line and in many.
        for broken in [
            "{\"a\":\"x}",
            "{\"a\":[1}",
            "{\"a\":1",
            "{\"a\":1}}",
            "{\"a\" 1}",
            "{\"a\":1,,}",
            "7",
        ] {
            let one = "{\"b\":2}";
            check(
                &format!("[{broken},{one},{one}]"),
                &["*!", &format!("*{one}"), &format!("*{one}")],
            );
            check(
                &format!("[\n{one},\n{broken},\n{one}\n]"),
                &[&format!("*{one}"), "*!", &format!("*{one}")],
            );
            check(&format!("{broken}\n{one}\n"), &["!", one]);
        }
        check("[{\"a\":1},{\"a\":2}", &["*{\"a\":1}", "*{\"a\":2}", "*!"]);
        check("garbage", &["!"]);
        check("]", &["!"]);
        let deep = format!("{{\"a\":{}}}", "[".repeat(100));
        check(&deep, &["!"]);
    }

    #[test]
    fn no_more_is_found_than_is_asked_for_and_broken_values_in_one_line_take_no_time() {
        for text in [
            "{}".repeat(9),
            "[7,7,7,7,7,7]".to_owned(),
            "{\"features\":[{},{},{},{}]}".to_owned(),
            "{x}".repeat(9),
        ] {
            assert_eq!(elements(text.as_bytes(), 3).len(), 4, "{text}");
            assert!(elements(text.as_bytes(), 100).len() < 10, "{text}");
        }
        let begin = std::time::Instant::now();
        for text in [
            "{x}".repeat(200_000),
            format!("[{}", "{x},".repeat(200_000)),
        ] {
            let found = elements(text.as_bytes(), usize::MAX);
            assert!(found.len() >= 200_000 && found.iter().all(|e| e.fault.is_some()));
        }
        let took = begin.elapsed();
        assert!(took.as_secs() < 10, "{took:?}");
    }

    #[test]
    fn no_bytes_make_it_panic_or_turn_in_circles() {
        let alphabet = b"{}[]\",:\\\n\x1e a1";
        let mut seed = 7_u64;
        for _ in 0..20_000 {
            let text: Vec<u8> = (0..24)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    alphabet[(seed >> 33) as usize % alphabet.len()]
                })
                .collect();
            let found = elements(&text, 100);
            assert!(found.iter().all(|e| e.at.end <= text.len()), "{text:?}");
        }
    }
}

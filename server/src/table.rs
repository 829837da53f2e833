//! Tables of text: rows of fields, of which some stand in quotes. A quote that is never closed spoils its own row alone.

use csv::ByteRecord;
use std::collections::VecDeque;
use std::io::{self, BufRead};

/// A field in quotes goes over so many lines at most; one that goes on is taken for one whose quote is not closed.
const FIELD_LINES_MAX: usize = 256;
/// And it is so many bytes long at most.
const FIELD_BYTES_MAX: usize = 64 << 10;
/// From so many columns on, a line within quotes that has exactly as many is taken for the next row.
const COLUMNS_TELLING: usize = 3;

/// Reads a table row by row.
pub struct TableReader<R> {
    input: R,
    delimiter: u8,
    /// Columns of the header; 0 before it is read.
    columns: usize,
    /// Number of the line that was read last.
    line: u64,
    /// Read, and not yet taken.
    ahead: VecDeque<(u64, Vec<u8>)>,
    /// What lines end with.
    end: u8,
}

/// A row that was found: the line that it begins at, and why its record is not whole. A broken row's record holds its line
/// as one field.
pub struct RowFound {
    /// Line of the file, from 1.
    pub line: u64,
    /// Why the row is none, in words.
    pub fault: Option<String>,
}

impl<R: BufRead> TableReader<R> {
    /// Begins to read fields with `delimiter` between them.
    ///
    /// # Errors
    /// What the input says.
    pub fn new(mut input: R, delimiter: u8) -> io::Result<Self> {
        let head = input.fill_buf()?;
        // As programs on old Macintoshes wrote lines.
        let end = if head.contains(&b'\r') && !head.contains(&b'\n') {
            b'\r'
        } else {
            b'\n'
        };
        Ok(Self {
            input,
            delimiter,
            columns: 0,
            line: 0,
            ahead: VecDeque::new(),
            end,
        })
    }

    /// The first row, which names the columns; empty for an empty table.
    ///
    /// # Errors
    /// What the input says.
    pub fn header(&mut self) -> io::Result<ByteRecord> {
        let mut record = ByteRecord::new();
        self.read(&mut record)?;
        self.columns = record.len();
        Ok(record)
    }

    /// Number of the line that was read last.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next row; `None` at the end. Blank lines are none.
    ///
    /// # Errors
    /// What the input says.
    pub fn read(&mut self, record: &mut ByteRecord) -> io::Result<Option<RowFound>> {
        let Some((line, text)) = self.next_line()? else {
            return Ok(None);
        };
        let whole = |fault| Ok(Some(RowFound { line, fault }));
        record.clear();
        let Split::Open(open) = split(&text, self.delimiter, record) else {
            return whole(None);
        };
        // A quote is open at the end of the line: the field goes on, or the quote is none of a field's.
        let mut taken = Vec::new();
        let mut joined = text.clone();
        while taken.len() < FIELD_LINES_MAX && joined.len() < FIELD_BYTES_MAX {
            let Some(next) = self.raw_line()? else { break };
            joined.push(b'\n');
            joined.extend_from_slice(&next.1);
            record.clear();
            let ends = match split(&joined, self.delimiter, record) {
                Split::Open(_) => self.is_whole_row(&next.1),
                Split::Whole if [0, record.len()].contains(&self.columns) => return whole(None),
                Split::Whole | Split::Odd => true,
            };
            taken.push(next);
            if ends {
                break;
            }
        }
        for line in taken.into_iter().rev() {
            self.ahead.push_front(line);
        }
        record.clear();
        record.push_field(&text);
        whole(Some(format!(
            "a quote is opened in column {} and not closed in its row",
            open + 1
        )))
    }

    /// True for a line that has exactly the columns of the table, taken by itself.
    fn is_whole_row(&self, line: &[u8]) -> bool {
        if self.columns < COLUMNS_TELLING {
            return false;
        }
        let mut record = ByteRecord::new();
        let plain = line.split(|b| *b == self.delimiter).count();
        let split = split(line, self.delimiter, &mut record);
        plain == self.columns || split == Split::Whole && record.len() == self.columns
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            match self.raw_line()? {
                Some((_, text)) if text.trim_ascii().is_empty() => {}
                found => return Ok(found),
            }
        }
    }

    /// The next line without its end.
    fn raw_line(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let mut text = Vec::new();
        if self.input.read_until(self.end, &mut text)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        while matches!(text.last(), Some(b'\n' | b'\r')) {
            text.pop();
        }
        let mark = "\u{feff}".as_bytes();
        if self.line == 1 && text.starts_with(mark) {
            text.drain(..mark.len());
        }
        Ok(Some((self.line, text)))
    }
}

/// How a row's text is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    /// Into whole fields.
    Whole,
    /// Something stands behind a quote that ends a field.
    Odd,
    /// The quote of the field of this number is still open at the end.
    Open(usize),
}

/// Splits a row into its fields.
///
/// A field that begins with a quote ends at the next single one; two stand for one. Of what follows behind it up to the
/// delimiter nothing is lost.
fn split(text: &[u8], delimiter: u8, record: &mut ByteRecord) -> Split {
    let mut field = Vec::new();
    let mut at = 0;
    let mut found = Split::Whole;
    loop {
        field.clear();
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match text.get(at) {
                    None => {
                        let open = record.len();
                        record.push_field(&field);
                        return Split::Open(open);
                    }
                    Some(b'"') if text.get(at + 1) == Some(&b'"') => {
                        field.push(b'"');
                        at += 2;
                    }
                    Some(b'"') => {
                        at += 1;
                        if text.get(at).is_some_and(|b| *b != delimiter) {
                            found = Split::Odd;
                        }
                        break;
                    }
                    Some(byte) => {
                        field.push(*byte);
                        at += 1;
                    }
                }
            }
        }
        let rest = &text[at..];
        let end = rest.iter().position(|b| *b == delimiter);
        field.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
        record.push_field(&field);
        match end {
            Some(end) => at += end + 1,
            None => return found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `line: field|field`; broken ones as `line! field`.
    fn check(text: &str, expected: &[&str]) {
        let mut table = TableReader::new(text.as_bytes(), b',').unwrap();
        let mut record = table.header().unwrap();
        let mut found = Vec::new();
        while let Some(row) = table.read(&mut record).unwrap() {
            let fields: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
            let mark = if row.fault.is_some() { '!' } else { ':' };
            found.push(format!("{}{mark} {}", row.line, fields.join("|")));
        }
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn quotes_hold_what_they_hold_and_one_that_never_closes_spoils_its_row_alone() {
        check(
            "a,b,c\n1,\"x, \"\"y\"\"\",3\n\n4,5,6",
            &["2: 1|x, \"y\"|3", "4: 4|5|6"],
        );
        check(
            "a,b,c\r\n1,\"one\r\ntwo, three\",3\r\n",
            &["2: 1|one\ntwo, three|3"],
        );
        check(
            "a,b,c\n1,2,\"x\n3,4,5\n6,7,8\n",
            &["2! 1,2,\"x", "3: 3|4|5", "4: 6|7|8"],
        );
        // Two that are open do not close each other.
        check(
            "a,b,c\n1,2,\"x\n3,4,\"y\n6,7,8\n",
            &["2! 1,2,\"x", "3! 3,4,\"y", "4: 6|7|8"],
        );
        check("a,b,c\n1,2,\"x", &["2! 1,2,\"x"]);
        check("a,b,c\n1,5\" pipe,3\n", &["2: 1|5\" pipe|3"]);
        check("a,b,c\n1,\"Rue \"X\" 5\",3\n", &["2: 1|Rue X\" 5\"|3"]);
        check("\u{feff}\"a\",b,c\r1,2,3\r4,5,6", &["2: 1|2|3", "3: 4|5|6"]);
        check("", &[]);
        // Of two columns nothing tells but the length.
        let long = format!("a,b\n1,\"x\n{}", "y\n".repeat(2_000));
        let mut table = TableReader::new(long.as_bytes(), b',').unwrap();
        let mut record = table.header().unwrap();
        assert!(table.read(&mut record).unwrap().unwrap().fault.is_some());
        let mut rest = 0;
        while table.read(&mut record).unwrap().is_some() {
            rest += 1;
        }
        assert_eq!(rest, 2_000);
    }
}

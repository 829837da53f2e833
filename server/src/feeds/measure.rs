//! How many rows a body has, and how large the largest is: told from the bytes as they come by, before anything is made
//! of them, whatever the format.

/// Largest row, or line of one, bytes: beyond, no row is meant.
pub(super) const ROW_BYTES_MAX: usize = 1 << 20;
/// Values within rows, as a multiple of the rows that a body may have.
const VALUES_A_ROW: u64 = 16;
/// A list within an object may be part of a row, up to so many values; of more its values are rows.
const LIST_IN_ROW_MAX: u32 = 1_000;
/// Lists at most so deep hold rows: a list of rows, or the features of a collection.
const ROWS_DEPTH: u32 = 2;

/// What is too much of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooMuch {
    /// More rows, or values in them, than a body may have.
    Rows,
    /// A row of more than [`ROW_BYTES_MAX`].
    Row,
}

/// What kind of text it is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Unknown,
    /// Rows are values, values of a list, or of a list in an object.
    Json,
    /// Rows end with a line or an element.
    Lines,
    /// Characters of two bytes: where rows end is not looked for.
    Wide,
}

/// Watches the bytes of a body.
#[derive(Debug)]
pub(super) struct Measure {
    rows_max: u64,
    kind: Kind,
    rows: u64,
    values: u64,
    /// Values of lists right within the present object.
    listed: u32,
    row_bytes: usize,
    in_text: bool,
    escaped: bool,
    depth: u32,
    /// One bit a level of depth, the lowest for the outermost: a list.
    lists: u64,
}

impl Measure {
    pub fn new(rows_max: u64) -> Self {
        Self {
            rows_max,
            kind: Kind::Unknown,
            rows: 0,
            values: 0,
            listed: 0,
            row_bytes: 0,
            in_text: false,
            escaped: false,
            depth: 0,
            lists: 0,
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`TooMuch`]: reading has to end.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), TooMuch> {
        for byte in bytes {
            self.row_bytes += 1;
            match self.kind {
                Kind::Unknown => self.recognise(*byte),
                Kind::Json if *byte == 0 && self.is_at_begin() => self.kind = Kind::Wide,
                Kind::Json => self.json(*byte),
                Kind::Lines if matches!(byte, b'\n' | b'\r' | b'>') => self.row_bytes = 0,
                Kind::Lines => {}
                Kind::Wide => {
                    // Nothing is known of its rows, so it is bounded as a whole, and generously.
                    if self.row_bytes > 16 * ROW_BYTES_MAX {
                        return Err(TooMuch::Row);
                    }
                    continue;
                }
            }
            if self.row_bytes > ROW_BYTES_MAX {
                return Err(TooMuch::Row);
            }
            if self.rows > self.rows_max || self.values > self.rows_max * VALUES_A_ROW {
                return Err(TooMuch::Rows);
            }
        }
        Ok(())
    }

    fn recognise(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => {
                self.kind = Kind::Json;
                self.json(byte);
            }
            0 | 0xfe | 0xff => self.kind = Kind::Wide,
            // A mark of the encoding, of a record, or nothing.
            0xef | 0xbb | 0xbf | 0x1e | b' ' | b'\t' | b'\r' | b'\n' | 0x0c => {}
            _ => self.kind = Kind::Lines,
        }
    }

    /// True where nothing but one bracket has come.
    fn is_at_begin(&self) -> bool {
        self.depth == 1 && self.rows + self.values == 0 && self.row_bytes <= 2
    }

    fn in_list(&self) -> bool {
        self.depth > 0 && self.depth <= 64 && self.lists >> (self.depth - 1) & 1 == 1
    }

    fn json(&mut self, byte: u8) {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                // A quote that is not closed spoils its own line.
                b'\n' => {
                    self.in_text = false;
                    self.row_bytes = 0;
                }
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => {
                self.depth = self.depth.saturating_add(1);
                if self.depth <= 64 {
                    let bit = 1 << (self.depth - 1);
                    self.lists = if byte == b'[' {
                        self.lists | bit
                    } else {
                        self.lists & !bit
                    };
                }
                if byte == b'[' && self.depth <= ROWS_DEPTH {
                    self.row_bytes = 0;
                }
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.row_ends();
                }
            }
            b',' if self.in_list() => {
                if self.depth <= ROWS_DEPTH {
                    self.list_goes_on();
                } else {
                    self.values += 1;
                }
            }
            b',' => self.values += 1,
            // Of a row in several lines, and after a bracket that is not closed, each line counts for itself.
            b'\n' => self.row_bytes = 0,
            _ => {}
        }
    }

    fn row_ends(&mut self) {
        self.rows += 1;
        self.row_bytes = 0;
        self.listed = 0;
    }

    /// A value of a list of rows ends, or one of a list that a row has: of a collection that holds the list it is told
    /// by how long it is.
    fn list_goes_on(&mut self) {
        let of_object = self.depth == ROWS_DEPTH && self.lists & 1 == 0;
        if !of_object {
            return self.row_ends();
        }
        self.row_bytes = 0;
        self.listed += 1;
        if self.listed > LIST_IN_ROW_MAX {
            self.rows += 1;
        } else {
            self.values += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(text: &str, rows_max: u64) -> Result<(), TooMuch> {
        let whole = Measure::new(rows_max).take(text.as_bytes());
        let mut by_one = Measure::new(rows_max);
        let apart = text.bytes().try_for_each(|b| by_one.take(&[b]));
        assert_eq!(whole, apart);
        whole
    }

    #[test]
    fn rows_are_counted_however_they_are_written() {
        let row = r#"{"key":"a,]}\"","at":[1,2],"more":{"x":[1,2]}}"#;
        let feature = format!(
            r#"{{"type":"Feature","geometry":{{"coordinates":[1,2]}},"properties":{row}}}"#
        );
        let many = 2_000;
        for (many, few) in [
            (
                format!("{row}\n").repeat(many),
                format!("{row}\n").repeat(900),
            ),
            (
                format!("[{}{row}]", format!("{row},").repeat(many)),
                format!("[{row},{row}]"),
            ),
            (
                format!(
                    r#"{{"type":"FeatureCollection","features":[{}{row}]}}"#,
                    format!("{feature},\n").repeat(many)
                ),
                format!(r#"{{"features":[{feature},{feature}],"type":"FeatureCollection"}}"#),
            ),
            (format!("[{}0]", "0,".repeat(many)), "[0,0]".to_owned()),
        ] {
            assert_eq!(measured(&many, 900), Err(TooMuch::Rows), "{}", &many[..60]);
            assert_eq!(measured(&few, 900), Ok(()), "{}", &few[..5]);
        }
        // One row of very many values is as much.
        let nested = format!("{{\"a\":{{\"b\":[{}0]}}}}", "0,".repeat(200));
        assert_eq!(measured(&nested, 7), Err(TooMuch::Rows));
    }

    #[test]
    fn a_broken_row_makes_no_large_one_of_those_behind_it() {
        let row = "{\"key\":\"a\",\"lon\":118.1,\"lat\":32.1}";
        let (lines, listed) = (
            format!("{row}\n").repeat(40_000),
            format!("{row},\n").repeat(40_000),
        );
        for broken in [
            "{\"key\":\"x}",
            "{\"key\":\"x\"",
            "{\"key\":[1}",
            "{\"key\":[1,",
            "{\"key\":",
        ] {
            for text in [
                format!("{broken}\n{lines}"),
                format!("[\n{row},\n{broken},\n{listed}{row}]"),
            ] {
                assert_eq!(measured(&text, 1_000_000), Ok(()), "{broken}");
            }
            let many = format!("{broken}\n{lines}");
            assert_eq!(measured(&many, 900), Err(TooMuch::Rows), "{broken}");
        }
        let wide: Vec<u8> = format!("[{listed}{row}]")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(Measure::new(1).take(&wide), Ok(()));
    }

    #[test]
    fn no_row_is_larger_than_a_row_can_be_and_a_body_may_be() {
        let long = "x".repeat(ROW_BYTES_MAX + 1);
        for text in [
            format!("{{\"note\":\"{long}\"}}"),
            format!("[{{\"note\":\"{long}\"}}]"),
            format!(
                "{{\"type\":\"FeatureCollection\",\"features\":[{{\"properties\":{{\"note\":\"{long}\"}}}}]}}"
            ),
            " ".repeat(ROW_BYTES_MAX + 1),
            long.clone(),
            format!("key,lon,lat\n{long}"),
        ] {
            assert_eq!(
                measured(&text, 1_000_000),
                Err(TooMuch::Row),
                "{}",
                &text[..20]
            );
        }
        let row = "{\"key\":\"a\",\"lon\":118.1,\"lat\":32.1}";
        let many = format!("{row}\n").repeat(80_000);
        assert!(many.len() > 2 * ROW_BYTES_MAX);
        assert_eq!(measured(&many, 1_000_000), Ok(()));
        let list = format!(
            "{{\"features\":[\n{}{row}\n]}}",
            format!("{row},\n").repeat(80_000)
        );
        assert_eq!(measured(&list, 1_000_000), Ok(()));
        let table = "a,118.1,32.1,2026-11-22\n".repeat(100_000);
        assert_eq!(measured(&table, 1_000_000), Ok(()));
        let xml = "<vehicle id=\"a\" x=\"1\" y=\"2\"/>".repeat(80_000);
        assert_eq!(measured(&format!("<x>{xml}"), 1_000_000), Ok(()));
    }
}

//! Rows that were damaged on their way, by the thousand: nothing panics, and of each batch as many rows are answered as were
//! sent. `CHENGTU_ROWS`: how many of each format (`make campaign`: 1,000,000).

use anyhow::{Context, Result, ensure};
use chengtu_engine::sim::Chance;
use chengtu_server::play::{Item, TableArgs};
use chengtu_tests::support::Server;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// Rows of a batch of a short run.
const BATCH: usize = 500;
/// A long run has about so many batches to a door.
const BATCHES: usize = 400;

fn rows_wanted() -> usize {
    let said = std::env::var("CHENGTU_ROWS")
        .ok()
        .and_then(|n| n.parse().ok());
    said.unwrap_or(5_000)
}

/// What is put in the place of a value.
const NASTY: [&str; 24] = [
    "NaN",
    "-Infinity",
    "1e999",
    "-1e-400",
    "99999999999999999999",
    "null",
    "true",
    "\"NULL\"",
    "\"\"",
    "[[[]]]",
    "{\"a\":[]}",
    "-1",
    "0",
    "\"2026-13-45T99:99:99Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"0115-03-01T00:00:00Z\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"南京\"",
    "118.79,118.79",
    "511",
    "\"N/A\"",
    "1.5",
    "\"\u{feff}\"",
];

/// Marks that formats are made of.
const MARKS: &[u8] = b"{}[]\",:\\<>/='&;#0123456789.-+eE \t";

/// Damages rows, the same for the same seed.
struct Damage {
    chance: Chance,
    /// Bytes that are not put in, since they would make two rows of one.
    never: &'static [u8],
}

impl Damage {
    fn byte(&mut self) -> u8 {
        loop {
            let byte = match self.chance.below(3) {
                0 => self.chance.below(256) as u8,
                1 => MARKS[self.chance.below(MARKS.len())],
                _ => b'a' + self.chance.below(26) as u8,
            };
            if !self.never.contains(&byte) {
                return byte;
            }
        }
    }

    /// A row, with nothing to five things done to it.
    fn row(&mut self, row: &[u8], other: &[u8]) -> Vec<u8> {
        let mut out = row.to_vec();
        if self.chance.below(3) == 0 {
            return out;
        }
        if self.chance.below(20) == 0 {
            out.truncate(self.chance.below(out.len() + 1));
            out.extend_from_slice(&other[self.chance.below(other.len())..]);
            return out;
        }
        for _ in 0..=self.chance.below(5) {
            self.once(&mut out);
        }
        out
    }

    fn once(&mut self, out: &mut Vec<u8>) {
        let at = self.chance.below(out.len() + 1);
        match self.chance.below(7) {
            0 if at < out.len() => out[at] = self.byte(),
            1 if at < out.len() => {
                out.remove(at);
            }
            2 => out.insert(at, self.byte()),
            3 => out.truncate(at),
            4 if at < out.len() => {
                let end = (at + self.chance.below(9)).min(out.len());
                let part = out[at..end].to_vec();
                out.splice(at..at, part);
            }
            _ => {
                // In the place of what stands behind some colon, equals sign or comma.
                let marks: Vec<usize> = (0..out.len())
                    .filter(|i| b":=,".contains(&out[*i]))
                    .collect();
                if marks.is_empty() {
                    return;
                }
                let begin = marks[self.chance.below(marks.len())] + 1;
                let ends = |b: &u8| b",}>".contains(b);
                let end = out[begin..]
                    .iter()
                    .position(ends)
                    .map_or(out.len(), |n| begin + n);
                let nasty = NASTY[self.chance.below(NASTY.len())].bytes();
                let never = self.never;
                out.splice(begin..end, nasty.filter(|b| !never.contains(b)));
            }
        }
    }
}

/// A line of JSON of which only the marks are left: every text is `"s"`, every other word `0`, no comma stands before the
/// end of a list or an object. `None` where a text has no end.
fn marks_of(line: &[u8]) -> Option<String> {
    let mut marks = String::new();
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => loop {
                match bytes.next()? {
                    b'"' => break marks.push_str("\"s\""),
                    b'\\' => drop(bytes.next()?),
                    _ => {}
                }
            },
            b'}' | b']' => {
                let kept = marks.trim_end_matches([' ', ',']).len();
                if marks[kept..].matches(',').count() == 1 {
                    marks.truncate(kept);
                }
                marks.push(byte as char);
            }
            b'{' | b'[' | b',' | b':' => marks.push(byte as char),
            _ if byte.is_ascii_whitespace() => marks.push(' '),
            _ => {
                let ends = |b: &u8| b.is_ascii_whitespace() || b"{}[],:\"".contains(b);
                while bytes.next_if(|b| !ends(b)).is_some() {}
                marks.push('0');
            }
        }
    }
    Some(marks)
}

/// How many rows a line of JSON is: the objects that its marks make, with commas between them or without; where they do
/// not make objects it is one that cannot be read.
fn rows_of_json(line: &[u8]) -> u64 {
    let Some(marks) = marks_of(line) else {
        return 1;
    };
    let (mut rest, mut rows) = (&marks[..], 0);
    loop {
        // Commas stand between rows, and are none.
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            return rows;
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) if value.is_object() => rows += 1,
            _ => return 1,
        }
        rest = &rest[values.byte_offset()..];
    }
}

fn fix(chance: &mut Chance, now_ms: i64) -> String {
    let time = match chance.below(10) {
        0 => now_ms + 3_600_000,
        1 => 0,
        _ => now_ms - chance.below(60_000) as i64,
    };
    let (lon, lat) = (118.7 + chance.unit() * 0.2, 31.9 + chance.unit() * 0.3);
    format!(
        "{{\"key\":\"v{}\",\"lon\":{lon:.6},\"lat\":{lat:.6},\"bearing_deg\":{},\"speed_mps\":{:.1},\"kind\":\"taxi\",\"time_ms\":{time}}}",
        chance.below(50),
        chance.below(360),
        chance.unit() * 20.0
    )
}

fn feature(chance: &mut Chance, now_ms: i64) -> String {
    let (lon, lat) = (118.7 + chance.unit() * 0.2, 31.9 + chance.unit() * 0.3);
    format!(
        "{{\"type\":\"Feature\",\"id\":\"g{}\",\"properties\":{{\"speed_mps\":3,\"time_ms\":{}}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{lon:.6},{lat:.6}]}}}}",
        chance.below(50),
        now_ms - chance.below(60_000) as i64
    )
}

fn sensor(chance: &mut Chance, now_ms: i64) -> String {
    let key = chance.below(30);
    match chance.below(3) {
        0 => format!(
            "{{\"key\":\"w{key}\",\"name\":\"水位\",\"phenomenon\":\"water_level\",\"unit\":\"m\",\"lon\":118.79,\"lat\":32.05,\"warning\":0.5,\"alarm\":0.9}}"
        ),
        _ => format!(
            "{{\"key\":\"w{key}\",\"value\":{:.2},\"time_ms\":{}}}",
            chance.unit(),
            now_ms - chance.below(60_000) as i64
        ),
    }
}

fn case(chance: &mut Chance, _: i64) -> String {
    format!(
        "{{\"key\":\"c{}\",\"class\":\"E0101\",\"lon\":118.79,\"lat\":32.05,\"severity\":\"normal\",\"note\":\"破损\"}}",
        chance.below(1_000_000)
    )
}

/// How rows are put into one body.
#[derive(Clone, Copy)]
struct Shape {
    begin: &'static str,
    before: &'static str,
    between: &'static str,
    end: &'static str,
}

const LINES: Shape = Shape {
    begin: "",
    before: "",
    between: "\n",
    end: "\n",
};
const LIST: Shape = Shape {
    begin: "[\n",
    before: "",
    between: ",\n",
    end: "\n]\n",
};
const COLLECTION: Shape = Shape {
    begin: "{\"type\":\"FeatureCollection\",\"features\":[\n",
    before: "",
    between: ",\n",
    end: "\n]}\n",
};
const SEQUENCE: Shape = Shape {
    begin: "",
    before: "\u{1e}",
    between: "\n",
    end: "\n",
};

/// What became of rows: each is counted once.
#[derive(Debug, Default)]
struct Became {
    accepted: u64,
    outside: u64,
    refused: u64,
    quarantined: u64,
    /// Codes of the refused rows that were listed.
    codes: BTreeMap<u64, u64>,
}

impl Became {
    fn sum(&self) -> u64 {
        self.accepted + self.outside + self.refused + self.quarantined
    }

    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.outside += other.outside;
        self.refused += other.refused;
        self.quarantined += other.quarantined;
        for (code, rows) in &other.codes {
            *self.codes.entry(*code).or_default() += rows;
        }
    }
}

/// What a server answers to a body.
async fn answered(server: &Server, door: &str, body: Vec<u8>) -> Result<Became> {
    let answer = reqwest::Client::new()
        .post(server.http(&format!("/v1/feeds/f/{door}")))
        .header("Content-Type", "application/json")
        .body(body)
        .send()
        .await?;
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await?;
    if status == 422 && answer["error"].is_string() {
        let text = answer["error"].as_str().unwrap_or_default();
        ensure!(text.contains("no rows"), "{answer}");
        return Ok(Became::default());
    }
    ensure!(status == 200 || status == 422, "{status} {answer}");
    let count = |name: &'static str| answer[name].as_u64().context(name);
    let (taken, outside) = (count("accepted")?, count("outside")?);
    let (rejected, quarantined) = (count("rejected")?, count("quarantined")?);
    ensure!(outside <= taken && quarantined <= rejected, "{answer}");
    let mut codes = BTreeMap::new();
    for problem in answer["problems"].as_array().context("problems")? {
        *codes
            .entry(problem["code"].as_u64().context("code")?)
            .or_default() += 1;
        let text = problem["text"].as_str().context("words")?;
        ensure!(!text.is_empty(), "{problem}");
        for word in ["untagged", "variant", "serde", "column 1", "invalid type"] {
            ensure!(!text.contains(word), "words of a library: {text}");
        }
    }
    Ok(Became {
        accepted: taken - outside,
        outside,
        refused: rejected - quarantined,
        quarantined,
        codes,
    })
}

async fn campaign(
    door: &str,
    seed: &str,
    shape: Shape,
    make: fn(&mut Chance, i64) -> String,
) -> Result<()> {
    let server = Server::start("").await?;
    let mut damage = Damage {
        chance: Chance::of(2_026, seed),
        never: b"\n\r\x1e",
    };
    let (mut done, mut all) = (0, Became::default());
    let batch = (rows_wanted() / BATCHES).max(BATCH);
    while done < rows_wanted() {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        let (mut body, mut sent) = (shape.begin.as_bytes().to_vec(), 0);
        for i in 0..batch {
            let row = make(&mut damage.chance, now_ms);
            let other = make(&mut damage.chance, now_ms);
            let row = damage.row(row.as_bytes(), other.as_bytes());
            sent += rows_of_json(&row);
            let between = if i > 0 { shape.between } else { "" };
            body.extend_from_slice(between.as_bytes());
            body.extend_from_slice(shape.before.as_bytes());
            body.extend_from_slice(&row);
        }
        body.extend_from_slice(shape.end.as_bytes());
        let got = answered(&server, door, body.clone()).await?;
        if got.sum() != sent {
            let path = std::env::temp_dir().join(format!("batch-{seed}-{done}"));
            std::fs::write(&path, &body)?;
            anyhow::bail!(
                "{seed}: {sent} rows sent, {} answered: {}",
                got.sum(),
                path.display()
            );
        }
        done += batch;
        all.add(&got);
    }
    println!("{seed}: {} rows sent, {all:?}", all.sum());
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_rows_of_every_door_and_shape_are_each_answered() -> Result<()> {
    campaign("fixes", "lines", LINES, fix).await?;
    campaign("fixes", "list", LIST, fix).await?;
    campaign("fixes", "collection", COLLECTION, feature).await?;
    campaign("fixes", "sequence", SEQUENCE, feature).await?;
    campaign("observations", "readings", LINES, sensor).await?;
    campaign("cases", "cases", LINES, case).await
}

/// Lines of a file, and how often each was told.
type Lines = BTreeMap<u64, u64>;

/// Rows of a file, those that can be used and those that cannot, by their lines.
fn read(path: &Path) -> Result<Lines> {
    let items = TableArgs::default().recording(path)?.items()?;
    let mut lines = Lines::new();
    for item in items {
        let line = match &item {
            Item::Fix { line, .. } => line,
            Item::Bad { line, why } | Item::CutOff { line, why } => {
                ensure!(!why.is_empty());
                line
            }
        };
        *lines.entry(*line).or_default() += 1;
    }
    Ok(lines)
}

/// Reads what was written to `path`, of which so many rows are told by each line; gives the number of them.
fn check(path: &Path, sent: &Lines) -> Result<u64> {
    let got = read(path)?;
    let all: BTreeSet<&u64> = sent.keys().chain(got.keys()).collect();
    if let Some(line) = all.into_iter().find(|l| sent.get(l) != got.get(l)) {
        let kept = std::env::temp_dir().join(path.file_name().context("a name")?);
        std::fs::copy(path, &kept)?;
        let (sent, got) = (sent.get(line), got.get(line));
        anyhow::bail!(
            "line {line}: {sent:?} sent, {got:?} told: {}",
            kept.display()
        );
    }
    Ok(sent.values().sum())
}

#[test]
fn damaged_rows_of_tables_are_each_told() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("t.csv");
    let mut damage = Damage {
        chance: Chance::of(2_026, "csv"),
        never: b"\n\r\"",
    };
    let mut all = 0;
    while all < rows_wanted() as u64 {
        let (mut body, mut sent) = (b"key,lon,lat,time,speed,bearing\n".to_vec(), Lines::new());
        let mut open = false;
        for second in 0..BATCH {
            let make = |c: &mut Chance| {
                let time = format!("2026-03-01 08:{:02}:{:02}", second / 60, second % 60);
                format!(
                    "v{},118.7{},32.0{},{time},{},{}",
                    c.below(50),
                    c.below(999),
                    c.below(999),
                    c.below(20),
                    c.below(360)
                )
            };
            let (row, other) = (make(&mut damage.chance), make(&mut damage.chance));
            // After a quote that is not closed stands a whole row: of two that are broken nobody can say where they part.
            let row = if open {
                open = false;
                row.into_bytes()
            } else if damage.chance.below(30) == 0 {
                open = true;
                row.replacen(",118", ",\"118", 1).into_bytes()
            } else {
                damage.row(row.as_bytes(), other.as_bytes())
            };
            if !row.trim_ascii().is_empty() {
                sent.insert(second as u64 + 2, 1);
            }
            body.extend_from_slice(&row);
            body.push(b'\n');
        }
        std::fs::write(&path, &body)?;
        all += check(&path, &sent)?;
    }
    println!("csv: {all} rows told");
    Ok(())
}

/// How many vehicles a line of XML is: those that begin in it, and what stands before the first of them.
fn vehicles_of(line: &[u8]) -> u64 {
    let begin = b"<vehicle";
    let begins = (0..line.len()).filter(|at| {
        let rest = line[*at..].strip_prefix(begin);
        rest.is_some_and(|rest| match rest {
            [] | [b'>' | b'<', ..] | [b'/', b'>', ..] => true,
            [byte, ..] => byte.is_ascii_whitespace(),
        })
    });
    let begins: Vec<usize> = begins.collect();
    let before = &line[..*begins.first().unwrap_or(&line.len())];
    begins.len() as u64 + u64::from(!before.trim_ascii().is_empty())
}

#[test]
fn damaged_vehicles_of_sumo_are_each_told() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("t.fcd.xml");
    let mut damage = Damage {
        chance: Chance::of(2_026, "sumo"),
        never: b"\n\r",
    };
    let mut all = 0;
    while all < rows_wanted() as u64 {
        let (mut body, mut sent) = (
            b"<?xml version=\"1.0\"?>\n<fcd-export>\n".to_vec(),
            Lines::new(),
        );
        let mut line = 2;
        let mut open = false;
        for second in 0..BATCH / 10 {
            let mut begin = String::new();
            writeln!(begin, "  <timestep time=\"{second}.00\">")?;
            body.extend_from_slice(begin.as_bytes());
            line += 1;
            for _ in 0..10 {
                line += 1;
                let make = |c: &mut Chance| {
                    format!(
                        "<vehicle id=\"v{}\" x=\"118.7{}\" y=\"32.0{}\" angle=\"{}\" type=\"bus\" speed=\"{}\"/>",
                        c.below(50),
                        c.below(999),
                        c.below(999),
                        c.below(360),
                        c.below(20)
                    )
                };
                let (row, other) = (make(&mut damage.chance), make(&mut damage.chance));
                // After an element that is not closed stands a whole one: of two that are broken nobody can say where
                // they part.
                let row = if open {
                    row.into_bytes()
                } else {
                    damage.row(row.as_bytes(), other.as_bytes())
                };
                open = !row.ends_with(b"/>") || row.split(|b| *b == b'"').count() % 2 == 0;
                let vehicles = vehicles_of(&row);
                if vehicles > 0 {
                    sent.insert(line, vehicles);
                }
                body.extend_from_slice(&row);
                body.push(b'\n');
            }
            body.extend_from_slice(b"  </timestep>\n");
            line += 1;
        }
        body.extend_from_slice(b"</fcd-export>\n");
        std::fs::write(&path, &body)?;
        all += check(&path, &sent)?;
    }
    println!("sumo: {all} vehicles told");
    Ok(())
}

#[test]
fn of_a_damaged_compact_recording_what_is_missing_is_told() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("t.ctr");
    let fixes: Vec<String> = (0..400)
        .map(|s| {
            format!(
                "{{\"key\":\"v{}\",\"lon\":118.78,\"lat\":32.0{s},\"time_ms\":{}}}",
                s % 7,
                s * 1_000
            )
        })
        .collect();
    let source = dir.path().join("s.ndjson");
    std::fs::write(&source, fixes.join("\n"))?;
    let args = chengtu_server::play::RecordArgs {
        file: source,
        out: path.clone(),
        out_args: chengtu_server::out::OutArgs::default(),
        provenance: String::new(),
        kinds: String::new(),
        bad_max: 20.0,
        table: TableArgs::default(),
    };
    args.run()?;
    let whole = std::fs::read(&path)?;
    let mut chance = Chance::of(2_026, "compact");
    let head_bytes = 60;
    for _ in 0..rows_wanted() / 10 {
        let mut bytes = whole.clone();
        let at = head_bytes + chance.below(bytes.len() - head_bytes);
        match chance.below(3) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << chance.below(8),
            _ => {
                bytes.remove(at);
            }
        }
        std::fs::write(&path, &bytes)?;
        let Ok(items) = TableArgs::default().recording(&path)?.items() else {
            continue;
        };
        let (mut read, mut missing) = (0, None);
        for item in items {
            match item {
                Item::Fix { .. } => read += 1,
                Item::Bad { why, .. } => anyhow::bail!("{why}"),
                Item::CutOff { why, .. } => {
                    let words: Vec<&str> = why.split(' ').collect();
                    let at = words.len().checked_sub(4).context("words")?;
                    missing = Some(words[at].parse::<u64>().context(why.clone())?);
                }
            }
        }
        ensure!(
            read + missing.unwrap_or(0) == 400,
            "byte {at}: {read} and {missing:?}"
        );
    }
    Ok(())
}

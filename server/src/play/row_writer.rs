use chengtu_engine::model::MoverKind;

/// Rows of fixes as NDJSON, written without detours: a load test writes a hundred thousand a second.
#[derive(Debug, Default)]
pub struct RowWriter {
    out: Vec<u8>,
    rows: usize,
}

/// One row to be written.
#[derive(Clone, Copy, Debug)]
pub struct RowOut<'a> {
    /// The feed's name for the vehicle.
    pub key: &'a str,
    /// Longitude or easting.
    pub lon: f64,
    /// Latitude or northing.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: Option<f32>,
    /// Metres a second.
    pub speed_mps: Option<f32>,
    /// Radius within which it lies, metres.
    pub accuracy_m: Option<f32>,
    /// What kind of thing moves.
    pub kind: MoverKind,
    /// Microseconds since 1970.
    pub time_us: i64,
}

impl RowWriter {
    /// How many rows wait.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the rows out.
    pub fn take(&mut self) -> Vec<u8> {
        self.rows = 0;
        let room = self.out.len();
        std::mem::replace(&mut self.out, Vec::with_capacity(room))
    }

    /// Adds a row.
    pub fn push(&mut self, row: &RowOut<'_>) {
        let out = &mut self.out;
        out.extend_from_slice(b"{\"key\":");
        string(out, row.key);
        out.extend_from_slice(b",\"lon\":");
        fixed(out, row.lon, 7);
        out.extend_from_slice(b",\"lat\":");
        fixed(out, row.lat, 7);
        let optional: [(&[u8], Option<f32>, u32); 3] = [
            (b",\"bearing_deg\":", row.bearing_deg, 1),
            (b",\"speed_mps\":", row.speed_mps, 2),
            (b",\"accuracy_m\":", row.accuracy_m, 1),
        ];
        for (name, value, decimals) in optional {
            if let Some(v) = value.filter(|v| v.is_finite()) {
                out.extend_from_slice(name);
                fixed(out, f64::from(v), decimals);
            }
        }
        out.extend_from_slice(b",\"kind\":\"");
        out.extend_from_slice(kind_word(row.kind));
        out.extend_from_slice(b"\",\"time_us\":");
        integer(out, row.time_us);
        out.extend_from_slice(b"}\n");
        self.rows += 1;
    }
}

fn kind_word(kind: MoverKind) -> &'static [u8] {
    match kind {
        MoverKind::Car => b"car",
        MoverKind::Taxi => b"taxi",
        MoverKind::Bus => b"bus",
        MoverKind::Van => b"van",
        MoverKind::Unit => b"unit",
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    digits(out, value.unsigned_abs(), 1);
}

/// Decimal digits, at least `least` of them.
fn digits(out: &mut Vec<u8>, mut value: u64, least: usize) {
    let mut buffer = [b'0'; 20];
    let mut at = buffer.len();
    while value > 0 {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    let begin = at.min(buffer.len() - least);
    out.extend_from_slice(&buffer[begin..]);
}

/// A number with so many decimals. What is not finite becomes `null`, for the server to name.
fn fixed(out: &mut Vec<u8>, value: f64, decimals: u32) {
    if !value.is_finite() || value.abs() > 1e11 {
        out.extend_from_slice(b"null");
        return;
    }
    let unit = 10u64.pow(decimals);
    let scaled = (value * unit as f64).round() as i64;
    if scaled < 0 {
        out.push(b'-');
    }
    let scaled = scaled.unsigned_abs();
    digits(out, scaled / unit, 1);
    out.push(b'.');
    digits(out, scaled % unit, decimals as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_json_and_say_what_they_were_given() {
        let mut writer = RowWriter::default();
        let row = RowOut {
            key: "苏A\"1",
            lon: -118.776_955_04,
            lat: 0.000_000_5,
            bearing_deg: Some(5.25),
            speed_mps: None,
            accuracy_m: Some(0.0),
            kind: MoverKind::Bus,
            time_us: 1_609_430_580_000_000,
        };
        writer.push(&row);
        writer.push(&RowOut {
            lon: f64::NAN,
            ..row
        });
        assert_eq!(writer.rows(), 2);
        let text = String::from_utf8(writer.take()).unwrap();
        let rows: Vec<serde_json::Value> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(rows[0]["key"], "苏A\"1");
        assert_eq!(rows[0]["lon"], -118.776_955_0);
        assert_eq!(rows[0]["lat"], 0.000_000_5);
        assert_eq!(
            (&rows[0]["kind"], &rows[0]["accuracy_m"]),
            (&"bus".into(), &0.0.into())
        );
        assert_eq!(rows[0]["time_us"], 1_609_430_580_000_000_i64);
        assert!(rows[0].get("speed_mps").is_none() && rows[1]["lon"].is_null());
        assert_eq!(writer.rows(), 0);
    }
}

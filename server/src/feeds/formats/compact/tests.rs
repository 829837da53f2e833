use super::*;
use crate::feeds::formats::{Format, FormatError, FormatOptions, Found, RecordedFix, Told};
use crate::out::Place;
use crate::times::{TimeFormat, TimeReader};
use chengtu_engine::model::MoverKind;

fn sample() -> Vec<RecordedFix> {
    let fix = |key: &str, s: i64, lon: f64| RecordedFix {
        time_us: 7_000_000 + s * 1_000_000,
        key: key.to_owned(),
        lon,
        lat: 32.048_156 - s as f64 * 1e-5,
        bearing_deg: (s % 3 != 0).then_some(189.9),
        speed_mps: Some(s as f32 / 10.0),
        accuracy_m: None,
        kind: Some(MoverKind::Taxi),
    };
    (0..200)
        .flat_map(|s| {
            [
                fix("a", s, 118.776_955 + s as f64 * 3e-6),
                fix("b", s, -0.5),
            ]
        })
        .collect()
}

/// A fix, or the block that is wrong and why.
type Read = Result<RecordedFix, (u64, String)>;

fn read(bytes: &[u8]) -> Result<Vec<Read>, FormatError> {
    let times = TimeReader::new(TimeFormat::Auto, "UTC").unwrap();
    let mut rows = Compact.rows(Box::new(bytes), &FormatOptions::default())?;
    let mut all = Vec::new();
    while let Some(found) = rows.next() {
        all.push(match found {
            Found::Row { row, .. } => {
                Ok(RecordedFix::of(&row, &times, |_| None, &mut Told::default()).unwrap())
            }
            Found::Bad { number, why } | Found::CutOff { number, why } => Err((number, why)),
        });
    }
    Ok(all)
}

#[test]
fn what_is_written_is_read_again_and_a_cut_plays_up_to_its_last_block() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.ctr");
    let mut fixes = sample();
    let head = write(
        &Place::file(&path, false).unwrap(),
        "made for a test",
        &mut fixes,
    )
    .unwrap();
    assert_eq!((head.vehicles, head.fixes), (2, 400));
    assert_eq!(head.duration_us, 199_000_000);
    let bytes = std::fs::read(&path).unwrap();
    let items = read(&bytes).unwrap();
    assert_eq!(items.len(), 400);
    for (item, fix) in items.iter().zip(&fixes) {
        let got = item.as_ref().unwrap();
        assert_eq!(got.time_us, fix.time_us - 7_000_000);
        assert!((got.lon - fix.lon).abs() < 6e-7 && (got.lat - fix.lat).abs() < 6e-7);
        assert_eq!((got.bearing_deg, &got.key), (fix.bearing_deg, &fix.key));
        assert_eq!((got.kind, got.speed_mps), (fix.kind, fix.speed_mps));
    }
    for cut in 1..bytes.len() {
        match read(&bytes[..cut]) {
            Err(FormatError::Syntax(why)) => assert!(!why.is_empty()),
            Err(other) => panic!("{other}"),
            Ok(items) => {
                let whole = items.iter().filter(|i| i.is_ok()).count();
                assert!(whole % 120 == 0, "{cut}: {whole}");
                // Wherever it is cut, also between two blocks: what is missing is told.
                let told = format!("{} positions are missing", 400 - whole);
                let last = items.last();
                assert!(
                    matches!(last, Some(Err((_, why))) if why.ends_with(&told)),
                    "{cut}: {last:?}"
                );
            }
        }
    }
    let mut damaged = bytes.clone();
    let last = damaged.len() - 5;
    damaged[last] ^= 1;
    let items = read(&damaged).unwrap();
    assert!(
        matches!(items.last(), Some(Err((4, why))) if why.contains("damaged")),
        "{:?}",
        items.last()
    );
}

#[test]
fn foreign_files_later_versions_and_projected_places_are_refused() {
    assert!(read(b"hello").is_err() && read(b"").is_err());
    let mut later = MAGIC.to_vec();
    later.extend(9u16.to_le_bytes());
    let error = read(&later).unwrap_err().to_string();
    assert!(error.contains("version 9"), "{error}");
    let mut fixes = sample();
    fixes[3].lon = 664_000.0;
    let dir = tempfile::tempdir().unwrap();
    let error = write(
        &Place::file(&dir.path().join("y.ctr"), false).unwrap(),
        "",
        &mut fixes,
    )
    .unwrap_err();
    assert!(error.to_string().contains("WGS 84"), "{error}");
}

//! Old cases from tables: what becomes of them in a log, and of rows that are no cases.

use anyhow::{Context, Result};
use chengtu_engine::event::Event;
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_server::import::cases::{
    AreaNames, CasesError, CasesOptions, CasesReport, Mapping, Repeated, Skipped, Spread,
    import_cases,
};
use chengtu_server::log::{EmbeddedStore, LogStore};
use chengtu_server::pack::Pack;
use chengtu_server::times::TimeFormat;
use std::io::Write;
use std::path::{Path, PathBuf};

const AREAS: &str = r#"{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"CODE":"A1","NAME":"东里","TOWN":"南区"},"geometry":{"type":"Polygon","coordinates":[[[10.0,50.0],[10.02,50.0],[10.02,50.02],[10.0,50.02],[10.0,50.0]]]}},
 {"type":"Feature","properties":{"CODE":"A2","NAME":"西里","TOWN":"南区"},"geometry":{"type":"Polygon","coordinates":[[[10.02,50.0],[10.04,50.0],[10.04,50.02],[10.02,50.02],[10.02,50.0]]]}},
 {"type":"Feature","properties":{"CODE":"B1","NAME":"北里","TOWN":"北区"},"geometry":{"type":"Polygon","coordinates":[[[10.0,50.02],[10.04,50.02],[10.04,50.04],[10.0,50.04],[10.0,50.02]]]}}]}"#;

/// Berlin time: one row in the hour that was twice, one in the hour that never was.
const TABLE: &str = "\
opened,closed,what,where,road
2021-03-28 02:30:00,,噪音,A1,一路
2021-03-28 12:00:00,2021-03-28 13:00:00,垃圾,A2,二路
2021-10-31 02:30:00,,噪音,B1,三路
2021-10-31 02:30:00,,噪音,B1,三路
2021-06-01 09:00:00,,噪音,A1,四路
2021-06-01 09:00:00,2021-05-31 09:00:00,噪音,A1,closed too early
2021-06-02 09:00:00,,噪音,Z9,nowhere
someday,,噪音,A1,x
2021-06-03 09:00:00,,,A1,no class
2021-06-04 09:00:00,,噪音
2999-01-01 00:00:00,,噪音,A1,future
";

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("areas.geojson"), AREAS)?;
        Ok(Self { dir })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn options(&self, table: &str) -> Result<CasesOptions> {
        self.options_of(table.as_bytes())
    }

    fn options_of(&self, table: &[u8]) -> Result<CasesOptions> {
        let file = self.path("cases.csv.gz");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(table)?;
        std::fs::write(&file, packed.finish()?)?;
        Ok(CasesOptions {
            files: vec![file],
            mapping: Mapping::parse(
                "opened=opened,closed=closed,class=what,area=where,address=road",
            )
            .map_err(anyhow::Error::msg)?,
            delimiter: b',',
            encoding: None,
            data: self.path("data"),
            city: None,
            make_city: Some(self.path("city")),
            name: Some("测试".into()),
            name_en: Some("Testville".into()),
            language: None,
            attribution: None,
            time_zone: "Europe/Berlin".into(),
            time_format: TimeFormat::Auto,
            repeated: Repeated::Earlier,
            skipped: Skipped::Forward,
            crs: chengtu_server::crs::Crs::Wgs84,
            layer: Some((
                self.path("areas.geojson"),
                AreaNames {
                    code: "CODE".into(),
                    name: Some("NAME".into()),
                    name_en: None,
                    group: Some("TOWN".into()),
                },
            )),
            area_called: ("里".into(), "village".into()),
            spread: Spread::Spread,
            classes: None,
            ends_after_s: 4 * 3_600,
            errors: Some(self.path("errors.csv")),
            source: "hotline".into(),
            now: time("2022-01-01T00:00:00Z")?,
        })
    }

    fn import(&self, table: &str) -> Result<CasesReport> {
        Ok(import_cases(&self.options(table)?)?)
    }

    fn records(&self) -> Result<Vec<Record>> {
        let history = EmbeddedStore::at(&self.path("data")).history()?;
        Ok(history.records(0, Timestamp(i64::MAX), usize::MAX)?)
    }

    fn state_at(&self, t: &str) -> Result<State> {
        let t = time(t)?;
        let mut state = State::new();
        for r in self.records()?.iter().filter(|r| r.known_at <= t) {
            state.apply(r);
        }
        Ok(state)
    }
}

fn time(text: &str) -> Result<Timestamp> {
    let t: jiff::Timestamp = text.parse()?;
    Ok(Timestamp(t.as_microsecond()))
}

/// Every file below a folder with its bytes, without what SQLite keeps beside a file that somebody reads.
fn bytes(dir: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if !path.to_string_lossy().ends_with("-shm") {
            all.push((path.clone(), std::fs::read(&path)?));
        }
    }
    // An empty one holds nothing that was written.
    all.retain(|(path, bytes)| !(path.to_string_lossy().ends_with("-wal") && bytes.is_empty()));
    all.sort();
    Ok(all)
}

#[test]
fn a_year_of_cases_becomes_a_world_that_can_be_replayed() -> Result<()> {
    let place = Place::new()?;
    let report = place.import(TABLE)?;
    assert_eq!((report.rows, report.written, report.known), (11, 5, 0));
    assert_eq!(
        (report.ends.recorded, report.ends.by_rule, report.ends.open),
        (1, 4, 0)
    );
    assert_eq!((report.clock.repeated, report.clock.skipped), (2, 1));

    // Half past two was skipped: half past three, summer time.
    let opened: Vec<Timestamp> = place
        .records()?
        .iter()
        .filter(|r| matches!(&r.body, Body::Events(e) if e.iter().any(|e| matches!(e, Event::CaseReported{..}))))
        .map(|r| r.known_at)
        .collect();
    assert_eq!(opened[0], time("2021-03-28T01:30:00Z")?);
    assert_eq!(opened[4], time("2021-10-31T00:30:00Z")?);

    let pack = Pack::open(&place.path("city"))?;
    assert!(
        pack.city.notice.contains("里内部的点"),
        "{}",
        pack.city.notice
    );
    assert!(
        pack.city.notice_en.contains("inside their village"),
        "{}",
        pack.city.notice_en
    );
    assert_eq!(pack.city.districts.len(), 2);
    assert_eq!(pack.classes.classes[0].name, "噪音");

    // Ends: as recorded after one hour, by rule after four, and the case says which.
    let noon = place.state_at("2021-03-28T10:30:00Z")?;
    let open: Vec<_> = noon
        .cases()
        .values()
        .filter(|c| c.stage.is_open())
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].address.as_str(), open[0].note.as_str()),
        ("二路", "")
    );
    let ruled = noon
        .cases()
        .values()
        .find(|c| !c.stage.is_open())
        .context("ended")?;
    assert_eq!(ruled.note, "记录中无结案时间，4 小时后按规则移出");
    assert_eq!(ruled.since(), time("2021-03-28T05:30:00Z")?);
    let after = place.state_at("2021-03-28T11:00:00Z")?;
    assert_eq!(
        after.cases().values().filter(|c| c.stage.is_open()).count(),
        0
    );
    // Nothing piles up: a day after its end a case has left.
    assert!(place.state_at("2021-05-01T00:00:00Z")?.cases().is_empty());

    // Two rows alike are two cases, at two places inside their village, and no proposed duplicates.
    let twice = place.state_at("2021-10-31T01:00:00Z")?;
    let both: Vec<_> = twice.cases().values().collect();
    assert_eq!(both.len(), 2);
    assert_ne!(both[0].position, both[1].position);
    for c in both {
        let p = c.position.lon_lat();
        assert!((10.0..10.04).contains(&p.lon_deg) && (50.02..50.04).contains(&p.lat_deg));
        assert_eq!(c.maybe_same_as, None);
    }
    Ok(())
}

#[test]
fn rows_that_cannot_be_read_are_told_with_line_and_reason() -> Result<()> {
    let place = Place::new()?;
    place.import(TABLE)?;
    let mut errors = csv::Reader::from_path(place.path("errors.csv"))?;
    let told: Vec<(u64, String)> = errors
        .records()
        .map(|r| {
            let r = r?;
            Ok((r[1].parse()?, r[2].to_owned()))
        })
        .collect::<Result<_>>()?;
    let expected = [
        (7, "closed before"),
        (8, "no area \"Z9\""),
        (9, "time \"someday\""),
        (10, "no class"),
        (11, "3 columns; the header has 5"),
        (12, "in the future"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((line, reason), (at, word)) in told.iter().zip(expected) {
        assert_eq!(*line, at, "{reason}");
        assert!(reason.contains(word), "line {line}: {reason}");
    }
    Ok(())
}

#[test]
fn a_second_import_of_the_same_file_changes_nothing() -> Result<()> {
    let place = Place::new()?;
    place.import(TABLE)?;
    let before = (bytes(&place.path("data"))?, bytes(&place.path("city"))?);
    let again = place.import(TABLE)?;
    assert_eq!((again.written, again.known, again.records), (0, 5, 0));
    let after = (bytes(&place.path("data"))?, bytes(&place.path("city"))?);
    assert!(before == after, "files have changed");
    Ok(())
}

#[test]
fn later_rows_are_added_and_earlier_ones_refused_whole() -> Result<()> {
    let place = Place::new()?;
    place.import(TABLE)?;
    let later = format!("{TABLE}2021-12-01 08:00:00,,垃圾,A1,五路\n");
    let report = place.import(&later)?;
    assert_eq!((report.written, report.known), (1, 5));
    let state = place.state_at("2021-12-01T08:00:00Z")?;
    assert_eq!(
        state.cases().values().filter(|c| c.stage.is_open()).count(),
        1
    );

    let before = bytes(&place.path("data"))?;
    let earlier = format!("{later}2021-01-01 08:00:00,,垃圾,A1,六路\n");
    let error = import_cases(&place.options(&earlier)?)
        .err()
        .context("refused")?;
    assert!(
        matches!(error, CasesError::Earlier { line: 14, .. }),
        "{error}"
    );
    assert!(
        before == bytes(&place.path("data"))?,
        "a refused import left something"
    );
    Ok(())
}

#[test]
fn classes_of_a_city_that_is_there_are_found_by_list_code_or_name() -> Result<()> {
    let place = Place::new()?;
    let list = place.path("classes.toml");
    std::fs::write(
        &list,
        "[[class]]\nvalue = \"噪音\"\nname = \"吵闹\"\nname_en = \"Noise\"\ncode = \"E0128\"\n",
    )?;
    let mut options = place.options(TABLE)?;
    options.classes = Some(list.clone());
    import_cases(&options)?;
    let pack = Pack::open(&place.path("city"))?;
    let class = &pack.classes.classes[0];
    assert_eq!(
        (class.code.as_str(), class.name_en.as_str()),
        ("E0128", "Noise")
    );

    // The same data into that city, as one that is there; a word that it does not know is put aside.
    let table = TABLE.replace("垃圾", "树木");
    let mut options = place.options(&table)?;
    (options.city, options.make_city) = (Some(place.path("city")), None);
    (options.data, options.classes) = (place.path("other"), Some(list));
    let report = import_cases(&options)?;
    assert_eq!(report.written, 4);
    assert!(
        report.bad.keys().any(|k| k.contains("none of the city's")),
        "{:?}",
        report.bad
    );
    Ok(())
}

#[test]
fn what_cannot_be_done_at_all_is_refused_in_words() -> Result<()> {
    let place = Place::new()?;
    let refused = |options: &CasesOptions, word: &str| {
        let text = import_cases(options)
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default();
        assert!(text.contains(word), "{word}: {text}");
    };
    let mut o = place.options(TABLE)?;
    o.mapping = Mapping::parse("opened=when,area=where").map_err(anyhow::Error::msg)?;
    refused(
        &o,
        "there is no column \"when\" for opened; its columns are: opened, closed",
    );
    o.mapping = Mapping::parse("class=what,area=where").map_err(anyhow::Error::msg)?;
    refused(&o, "opened=COLUMN");
    let mut o = place.options(TABLE)?;
    o.files = vec![place.path("missing.csv")];
    refused(&o, "missing.csv");
    let mut o = place.options("opened,closed,what,where,road\nnever,,a,A1,b\n")?;
    refused(&o, "not one row can be used (1 are wrong");
    o.time_zone = "Mars/Olympus".into();
    refused(&o, "no such zone");
    let o = place.options(TABLE)?;
    std::fs::create_dir(place.path("data"))?;
    std::fs::write(place.path("data/thesis.doc"), "x")?;
    refused(&o, "holds no log");
    Ok(())
}

#[test]
fn tables_in_the_encodings_of_offices_are_read_as_if_they_were_utf_8() -> Result<()> {
    let simplified = "opened,closed,what,where,road\n2021-06-01 09:00:00,,噪音扰民,A1,中山路\n\
                      2021-06-02 09:00:00,,垃圾堆积,A2,解放路\n";
    let traditional = simplified
        .replace("噪音扰民", "噪音擾民")
        .replace("垃圾堆积", "垃圾堆積");
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(simplified.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&[u8], &str, &str); 4] = [
        (&encoding_rs::GBK.encode(simplified).0, "GBK", "噪音扰民"),
        (
            &encoding_rs::BIG5.encode(&traditional).0,
            "Big5",
            "噪音擾民",
        ),
        (&utf16, "UTF-16LE", "噪音扰民"),
        (simplified.as_bytes(), "", "噪音扰民"),
    ];
    for (bytes, encoding, class) in cases {
        let place = Place::new()?;
        let report = import_cases(&place.options_of(bytes)?)?;
        assert_eq!((report.written, report.bad.len()), (2, 0), "{encoding}");
        assert_eq!(report.inputs.encodings.join(","), encoding);
        assert_eq!(report.classes[0].0, class);
        let said = report.to_string();
        assert_eq!(said.contains("--encoding"), !encoding.is_empty(), "{said}");
    }
    Ok(())
}

#[test]
fn letters_of_no_known_encoding_are_put_aside_until_it_is_named() -> Result<()> {
    let table = "opened,closed,what,where,road\n2021-06-01 09:00:00,,Lärm,A1,Straße 5\n2021-06-02 09:00:00,,Noise,A2,x\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(table).0;
    let place = Place::new()?;
    let mut options = place.options_of(&bytes)?;
    let report = import_cases(&options)?;
    assert_eq!((report.written, report.bad.len()), (1, 1));
    assert!(
        report.bad.keys().all(|k| k.contains("--encoding")),
        "{:?}",
        report.bad
    );
    (options.data, options.make_city) = (place.path("named"), Some(place.path("other city")));
    options.encoding = Some(encoding_rs::WINDOWS_1252);
    let report = import_cases(&options)?;
    assert_eq!((report.written, report.bad.len()), (2, 0));
    assert!(report.classes.iter().any(|(c, _)| c == "Lärm"));
    Ok(())
}

#[test]
fn days_of_spreadsheets_and_years_of_the_republic_are_dates() -> Result<()> {
    let place = Place::new()?;
    let table = "opened,closed,what,where,road\n\
        44197.5,44198,a,A1,spreadsheet\n\
        110/01/01 12:00,110/01/02,a,A1,republic\n\
        民國110年1月1日 12時0分,,a,A1,republic\n\
        2021/1/1 12:00,2021/1/2,a,A1,unpadded\n\
        20210101120000,0,a,A1,digits\n\
        99/01/01 12:00,,a,A1,which century\n";
    let mut options = place.options(table)?;
    options.time_zone = "Asia/Taipei".into();
    let report = import_cases(&options)?;
    assert_eq!((report.written, report.ends.recorded), (5, 3));
    let noon = time("2021-01-01T04:00:00Z")?;
    assert_eq!(report.span, Some((noon, noon)));
    assert!(
        report.bad.keys().any(|k| k.contains("roc")),
        "{:?}",
        report.bad
    );
    Ok(())
}

#[test]
fn an_area_without_a_code_is_drawn_and_told() -> Result<()> {
    let place = Place::new()?;
    let layer = AREAS.replace("\"CODE\":\"B1\"", "\"CODE\":null");
    std::fs::write(place.path("areas.geojson"), layer)?;
    let report = place.import(TABLE)?;
    assert_eq!(report.inputs.areas_without_code, ["北里"]);
    assert!(report.to_string().contains("北里"), "{report}");
    let pack = Pack::open(&place.path("city"))?;
    assert!(pack.places.iter().any(|p| p.name == "北里"));
    assert!(
        report.bad.keys().any(|k| k.contains("no area")),
        "{:?}",
        report.bad
    );
    Ok(())
}

#[test]
fn a_city_that_is_made_speaks_the_language_of_its_areas_or_the_one_that_is_named() -> Result<()> {
    let english = AREAS
        .replace("东里", "Eastwick")
        .replace("西里", "Westwick")
        .replace("北里", "Northwick")
        .replace("南区", "South")
        .replace("北区", "North");
    let table = "opened,closed,what,where,road\n2021-06-01 09:00:00,,Noise,A1,High Street\n";
    let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let made = |language| -> Result<(Pack, CasesReport)> {
        let place = Place::new()?;
        std::fs::write(place.path("areas.geojson"), &english)?;
        let mut options = place.options(table)?;
        (options.name, options.name_en) = (Some("Testville".into()), None);
        (options.language, options.area_called.0) = (language, "里".into());
        options.time_zone = "Europe/London".into();
        let report = import_cases(&options)?;
        Ok((Pack::open(&place.path("city"))?, report))
    };
    let (pack, report) = made(None)?;
    let city = &pack.city;
    let said = (
        city.name.as_str(),
        city.name_en.as_str(),
        city.language.as_str(),
    );
    assert_eq!(said, ("Testville", "Testville", "en"));
    assert_eq!(city.time_zone, "Europe/London");
    let words = [
        &city.notice,
        &city.notice_en,
        &city.departments[0].name,
        &pack.classes.classes[0].group,
    ];
    assert!(words.iter().all(|w| !han(w)), "{words:?}");
    assert!(!han(&report.to_string()), "{report}");
    let (pack, _) = made(Some(chengtu_server::import::cases::Language::Zh))?;
    assert_eq!(pack.city.language, "zh");
    assert!(han(&pack.city.notice) && !han(&pack.city.notice_en));
    Ok(())
}
